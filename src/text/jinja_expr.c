/* Expressions of the template language: tokens to nodes, by recursive descent with jinja2's order
 * of precedence (filters and tests bind tighter than arithmetic; ** is left-associative; - binds
 * tighter than **). Chains of one level become one node with many children, so that long sums and
 * concatenations need no depth. */
#include "text/jinja_parse_int.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "text/jinja_int.h"

static struct jnode *unary(struct jparse *p, bool with_filter);
static struct jnode *call_of(struct jparse *p, struct jnode *callee);

/* ---- constants ---- */

struct unescape {
    struct jparse *p;
    char *out;
    size_t n;
};

static void put(struct unescape *u, uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = UTF8_REPLACEMENT;
    u->n += utf8_encode(c, u->out + u->n);
}

static size_t hex(const char *s, size_t len, size_t n, uint32_t *c)
{
    *c = 0;
    for (size_t i = 0; i < n; i++) {
        char d = i < len ? s[i] : 0;

        if (d >= '0' && d <= '9')
            *c = *c * 16 + (uint32_t)(d - '0');
        else if ((d | 32) >= 'a' && (d | 32) <= 'f')
            *c = *c * 16 + (uint32_t)((d | 32) - 'a' + 10);
        else
            return 0;
    }
    return n;
}

/* The escape behind a backslash at s[i]; returns how many bytes it takes. */
static size_t escape(struct unescape *u, const char *s, size_t len)
{
    static const char from[] = "abfnrtv\\'\"", to[] = "\a\b\f\n\r\t\v\\'\"";
    const char *known = s[0] ? strchr(from, s[0]) : NULL;
    uint32_t c = 0;
    size_t n;

    if (known) {
        put(u, (unsigned char)to[known - from]);
        return 1;
    }
    if (s[0] == '\n')
        return 1;
    if (s[0] >= '0' && s[0] <= '7') {
        for (n = 0; n < 3 && n < len && s[n] >= '0' && s[n] <= '7'; n++)
            c = c * 8 + (uint32_t)(s[n] - '0');
        put(u, c);
        return n;
    }
    if (s[0] == 'x' || s[0] == 'u' || s[0] == 'U') {
        n = hex(s + 1, len - 1, s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : 8, &c);
        if (n == 0)
            jp_fail(u->p, "truncated \\%c escape in a string", s[0]);
        put(u, c);
        return n + 1;
    }
    if (s[0] == 'N')
        jp_fail(u->p, "\\N{...} escapes are not supported");
    put(u, '\\');
    return 0;
}

/* The text of a string token. An escape never grows: \x80 takes 4 bytes and gives 2. */
static void add_string(struct unescape *u, const struct jtok *t)
{
    for (size_t i = 0; i < t->len;) {
        if (t->s[i] == '\\' && i + 1 < t->len) {
            i++;
            i += escape(u, t->s + i, t->len - i);
        } else {
            u->out[u->n++] = t->s[i++];
        }
    }
}

static struct jnode *string(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_CONST);
    struct unescape u = { .p = p };
    size_t len = 0;

    for (const struct jtok *t = p->tok; t->kind == JT_STRING; t++)
        len += t->len;
    u.out = jp_new(p, len + 4, 1);
    if (!n || !u.out)
        return NULL;
    for (; p->tok->kind == JT_STRING; p->tok++)
        add_string(&u, p->tok);
    n->val = jv_strn(u.out, u.n);
    return n;
}

static struct jnode *number(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_CONST);
    char *s = jp_new(p, p->tok->len + 1, 1);
    size_t len = 0, skip = 0;
    unsigned base = 10;

    if (!n || !s)
        return NULL;
    for (size_t i = 0; i < p->tok->len; i++) {
        if (p->tok->s[i] != '_')
            s[len++] = p->tok->s[i];
    }
    if (p->tok->kind == JT_FLOAT) {
        n->val = jv_float(strtod(s, NULL));
    } else {
        if (len > 2 && s[0] == '0' && (s[1] | 32) > '9') {
            base = (s[1] | 32) == 'x' ? 16 : (s[1] | 32) == 'o' ? 8 : 2;
            skip = 2;
        }
        if (!jbig_parse(&p->t->arena, s + skip, len - skip, base, false, &n->val))
            jp_fail(p, "integer with too many digits");
    }
    p->tok++;
    return n;
}

static struct jnode *constant(struct jparse *p, struct jval v)
{
    struct jnode *n = jp_node(p, JN_CONST);

    if (n)
        n->val = v;
    p->tok++;
    return n;
}

/* ---- primary expressions ---- */

static struct jnode *name(struct jparse *p)
{
    struct jnode *n;

    if (jp_is_name(p, "true") || jp_is_name(p, "True"))
        return constant(p, jv_bool(true));
    if (jp_is_name(p, "false") || jp_is_name(p, "False"))
        return constant(p, jv_bool(false));
    if (jp_is_name(p, "none") || jp_is_name(p, "None"))
        return constant(p, jv_none());
    n = jp_node(p, JN_NAME);
    if (!n)
        return NULL;
    n->sym = jp_sym(p, p->tok->s, p->tok->len);
    for (struct jmacro_frame *m = p->macro; m; m = m->outer) {
        m->sig->uses_caller = m->sig->uses_caller || n->sym == JSYM_CALLER;
        m->sig->uses_kwargs = m->sig->uses_kwargs || n->sym == JSYM_KWARGS;
        m->sig->uses_varargs = m->sig->uses_varargs || n->sym == JSYM_VARARGS;
    }
    p->tok++;
    return n;
}

static struct jnode *list(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_LIST);
    struct jnode_list l = { 0 };

    p->tok++;
    while (!p->rc && !jp_is_op(p, "]")) {
        if (l.n && !jp_need_op(p, ","))
            return NULL;
        if (jp_is_op(p, "]"))
            break;
        (void)jp_add(p, &l, jp_expr(p, true));
    }
    (void)jp_need_op(p, "]");
    return jp_list(p, n, &l);
}

static struct jnode *dict(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_DICT);
    struct jnode_list l = { 0 };

    p->tok++;
    while (!p->rc && !jp_is_op(p, "}")) {
        if (l.n && !jp_need_op(p, ","))
            return NULL;
        if (jp_is_op(p, "}"))
            break;
        if (!jp_add(p, &l, jp_expr(p, true)) || !jp_need_op(p, ":"))
            return NULL;
        (void)jp_add(p, &l, jp_expr(p, true));
    }
    (void)jp_need_op(p, "}");
    return jp_list(p, n, &l);
}

static bool tuple_ends(const struct jparse *p, const char *end_name)
{
    return p->tok->kind == JT_VAR_END || p->tok->kind == JT_BLOCK_END || jp_is_op(p, ")") ||
           (end_name && jp_is_name(p, end_name));
}

static struct jnode *tuple(struct jparse *p, bool with_cond, const char *end_name, bool is_explicit)
{
    struct jnode *n = jp_node(p, JN_TUPLE);
    struct jnode_list l = { 0 };
    bool is_tuple = false;

    while (!p->rc && !tuple_ends(p, end_name)) {
        if (!jp_add(p, &l, jp_expr(p, with_cond)))
            return NULL;
        if (!jp_skip_op(p, ","))
            break;
        is_tuple = true;
    }
    if (p->rc)
        return NULL;
    if (!is_tuple && l.n)
        return l.at[0];
    if (!is_tuple && !is_explicit) {
        jp_unexpected(p, "an expression");
        return NULL;
    }
    return jp_list(p, n, &l);
}

struct jnode *jp_tuple(struct jparse *p, bool with_cond, const char *end_name)
{
    return tuple(p, with_cond, end_name, false);
}

struct jnode *jp_primary(struct jparse *p)
{
    struct jnode *n = NULL;

    if (!jp_enter(p))
        return NULL;
    if (p->tok->kind == JT_NAME) {
        n = name(p);
    } else if (p->tok->kind == JT_STRING) {
        n = string(p);
    } else if (p->tok->kind == JT_INT || p->tok->kind == JT_FLOAT) {
        n = number(p);
    } else if (jp_skip_op(p, "(")) {
        n = tuple(p, true, NULL, true);
        (void)jp_need_op(p, ")");
    } else if (jp_is_op(p, "[")) {
        n = list(p);
    } else if (jp_is_op(p, "{")) {
        n = dict(p);
    } else {
        jp_unexpected(p, "an expression");
    }
    jp_leave(p);
    return p->rc ? NULL : n;
}

/* ---- what follows a primary ---- */

static struct jnode *bound(struct jparse *p)
{
    if (jp_is_op(p, ":") || jp_is_op(p, "]") || jp_is_op(p, ","))
        return NULL;
    return jp_expr(p, true);
}

static struct jnode *subscript(struct jparse *p)
{
    struct jnode *start = bound(p), *n;

    if (p->rc)
        return NULL;
    if (!jp_is_op(p, ":")) {
        if (!start)
            jp_unexpected(p, "an expression");
        return start;
    }
    n = jp_node(p, JN_SLICE);
    if (!n)
        return NULL;
    p->tok++;
    n->a = start;
    n->b = bound(p);
    if (jp_skip_op(p, ":"))
        n->c = bound(p);
    return n;
}

static struct jnode *item_of(struct jparse *p, struct jnode *obj)
{
    struct jnode *n = jp_node(p, JN_ITEM), *key = jp_node(p, JN_TUPLE);
    struct jnode_list l = { 0 };

    p->tok++;
    while (!p->rc && !jp_is_op(p, "]")) {
        if (l.n && !jp_need_op(p, ","))
            return NULL;
        (void)jp_add(p, &l, subscript(p));
    }
    if (!jp_need_op(p, "]") || !n)
        return NULL;
    n->a = obj;
    n->b = l.n == 1 ? l.at[0] : jp_list(p, key, &l);
    return n;
}

static struct jnode *attr_of(struct jparse *p, struct jnode *obj)
{
    struct jnode *n = jp_node(p, JN_ATTR);

    p->tok++;
    if (!n)
        return NULL;
    n->a = obj;
    if (p->tok->kind == JT_NAME) {
        n->val = jv_strn(p->tok->s, p->tok->len);
        p->tok++;
    } else if (p->tok->kind == JT_INT) {
        n->kind = JN_ITEM;
        n->b = number(p);
    } else {
        jp_unexpected(p, "a name or a number");
    }
    return n;
}

/* One more postfix may follow: chains are deep on the left, so each costs a level. */
static bool chain_enter(struct jparse *p, uint32_t *n)
{
    if (!jp_enter(p))
        return false;
    ++*n;
    return true;
}

static void chain_leave(struct jparse *p, uint32_t n)
{
    p->depth -= n;
}

static struct jnode *postfix(struct jparse *p, struct jnode *n)
{
    uint32_t depth = 0;

    while (!p->rc) {
        if (!jp_is_op(p, ".") && !jp_is_op(p, "[") && !jp_is_op(p, "("))
            break;
        if (!chain_enter(p, &depth))
            break;
        if (jp_is_op(p, "."))
            n = attr_of(p, n);
        else if (jp_is_op(p, "["))
            n = item_of(p, n);
        else
            n = call_of(p, n);
    }
    chain_leave(p, depth);
    return p->rc ? NULL : n;
}

struct call_args {
    struct jnode_list pos, value;
    struct jnode_list key; /* JN_CONST */
};

static void keyword(struct jparse *p, struct call_args *c)
{
    struct jnode *key = jp_node(p, JN_CONST);

    if (!key)
        return;
    key->val = jv_strn(p->tok->s, p->tok->len);
    p->tok += 2;
    (void)jp_add(p, &c->key, key);
    (void)jp_add(p, &c->value, jp_expr(p, true));
}

static struct jarg_node *finish_args(struct jparse *p, struct jarg_node *arg,
                                     const struct call_args *c)
{
    arg->pos = c->pos.at;
    arg->n_pos = c->pos.n;
    arg->value = c->value.at;
    arg->n_key = c->value.n;
    arg->key = jp_new(p, c->key.n, sizeof(*arg->key));
    for (uint32_t i = 0; !p->rc && i < c->key.n; i++)
        arg->key[i] = c->key.at[i]->val;
    return p->rc ? NULL : arg;
}

/* ( ... ) of a call, filter or test. */
static struct jarg_node *arguments(struct jparse *p)
{
    struct jarg_node *arg = jp_new(p, 1, sizeof(*arg));
    struct call_args c = { 0 };
    bool is_first = true;

    if (!arg)
        return NULL;
    p->tok++;
    while (!p->rc && !jp_is_op(p, ")")) {
        if (!is_first && !jp_need_op(p, ","))
            return NULL;
        if (jp_is_op(p, ")"))
            break;
        is_first = false;
        if (arg->star2 || (arg->star && jp_is_op(p, "*"))) {
            jp_fail(p, "invalid syntax for function call expression");
        } else if (jp_skip_op(p, "*")) {
            arg->star = jp_expr(p, true);
        } else if (jp_skip_op(p, "**")) {
            arg->star2 = jp_expr(p, true);
        } else if (p->tok->kind == JT_NAME && jtok_is(p->tok + 1, JT_OP, "=")) {
            keyword(p, &c);
        } else if (arg->star || c.key.n) {
            jp_fail(p, "invalid syntax for function call expression");
        } else {
            (void)jp_add(p, &c.pos, jp_expr(p, true));
        }
    }
    (void)jp_need_op(p, ")");
    return finish_args(p, arg, &c);
}

static struct jnode *call_of(struct jparse *p, struct jnode *callee)
{
    struct jnode *n = jp_node(p, JN_CALL);

    if (!n)
        return NULL;
    n->a = callee;
    n->arg = arguments(p);
    return n;
}

/* A name with dots, as filters and tests may have. */
static struct jval dotted_name(struct jparse *p)
{
    const char *s = p->tok->s;
    size_t len = p->tok->len;

    if (p->tok->kind != JT_NAME) {
        jp_unexpected(p, "a name");
        return jv_lit("");
    }
    p->tok++;
    while (jp_skip_op(p, ".")) {
        if (p->tok->kind != JT_NAME) {
            jp_unexpected(p, "a name");
            break;
        }
        len = (size_t)(p->tok->s + p->tok->len - s);
        p->tok++;
    }
    return jv_strn(s, len);
}

static struct jnode *filter_of(struct jparse *p, struct jnode *in)
{
    struct jnode *n = jp_node(p, JN_FILTER);

    if (!n)
        return NULL;
    n->a = in;
    n->val = dotted_name(p);
    n->filter = jfilter_find(n->val.u.s, n->val.len);
    if (!n->filter && !p->unknown)
        p->unknown = n;
    if (!p->rc && jp_is_op(p, "("))
        n->arg = arguments(p);
    return n;
}

struct jnode *jp_filters(struct jparse *p, struct jnode *in, bool start_inline)
{
    uint32_t depth = 0;

    while (!p->rc && (start_inline || jp_is_op(p, "|"))) {
        if (!chain_enter(p, &depth))
            break;
        if (!start_inline)
            p->tok++;
        start_inline = false;
        in = filter_of(p, in);
    }
    chain_leave(p, depth);
    return p->rc ? NULL : in;
}

/* An argument without brackets, as in "is divisibleby 3". */
static bool starts_argument(const struct jparse *p)
{
    switch (p->tok->kind) {
    case JT_NAME:
        return !jp_is_name(p, "else") && !jp_is_name(p, "or") && !jp_is_name(p, "and");
    case JT_STRING:
    case JT_INT:
    case JT_FLOAT:
        return true;
    default:
        return jp_is_op(p, "(") || jp_is_op(p, "[") || jp_is_op(p, "{");
    }
}

static struct jarg_node *test_argument(struct jparse *p)
{
    struct call_args c = { 0 };
    struct jarg_node *arg = jp_new(p, 1, sizeof(*arg));

    if (jp_is_op(p, "("))
        return arguments(p);
    if (!arg || !starts_argument(p))
        return arg;
    if (jp_is_name(p, "is"))
        jp_fail(p, "tests cannot be chained with 'is'");
    (void)jp_add(p, &c.pos, postfix(p, jp_primary(p)));
    return finish_args(p, arg, &c);
}

static struct jnode *test_of(struct jparse *p, struct jnode *in)
{
    struct jnode *n = jp_node(p, JN_TEST), *neg;
    bool is_negated;

    if (!n)
        return NULL;
    p->tok++;
    is_negated = jp_skip_name(p, "not");
    n->a = in;
    n->val = dotted_name(p);
    n->test = jtest_find(n->val.u.s, n->val.len);
    if (!n->test && !p->unknown)
        p->unknown = n;
    if (!p->rc)
        n->arg = test_argument(p);
    if (!is_negated || p->rc)
        return n;
    neg = jp_node(p, JN_NOT);
    if (neg)
        neg->a = n;
    return neg;
}

/* Filters, tests and calls of their results. */
static struct jnode *filter_expr(struct jparse *p, struct jnode *n)
{
    uint32_t depth = 0;

    while (!p->rc) {
        if (jp_is_op(p, "|")) {
            if (!chain_enter(p, &depth))
                break;
            p->tok++;
            n = filter_of(p, n);
        } else if (jp_is_name(p, "is") || jp_is_op(p, "(")) {
            if (!chain_enter(p, &depth))
                break;
            n = jp_is_op(p, "(") ? call_of(p, n) : test_of(p, n);
        } else {
            break;
        }
    }
    chain_leave(p, depth);
    return p->rc ? NULL : n;
}

/* ---- operators ---- */

static struct jnode *unary(struct jparse *p, bool with_filter)
{
    struct jnode *n;

    if (!jp_enter(p))
        return NULL;
    if (jp_is_op(p, "-") || jp_is_op(p, "+")) {
        n = jp_node(p, jp_is_op(p, "-") ? JN_NEG : JN_POS);
        p->tok++;
        if (n)
            n->a = unary(p, false);
    } else {
        n = jp_primary(p);
    }
    n = postfix(p, n);
    if (with_filter)
        n = filter_expr(p, n);
    jp_leave(p);
    return p->rc ? NULL : n;
}

struct level {
    const char *op[4];
    uint8_t code[4];
    enum jnode_kind kind;
};

static const struct level levels[] = {
    { { "+", "-" }, { JO_ADD, JO_SUB }, JN_MATH },
    { { "~" }, { 0 }, JN_CONCAT },
    { { "*", "/", "//", "%" }, { JO_MUL, JO_DIV, JO_FLOORDIV, JO_MOD }, JN_MATH },
    { { "**" }, { JO_POW }, JN_MATH },
};

static int match_level(const struct jparse *p, const struct level *l)
{
    for (int i = 0; i < 4 && l->op[i]; i++) {
        if (jp_is_op(p, l->op[i]))
            return i;
    }
    return -1;
}

struct op_list {
    uint8_t *at;
    uint32_t n, cap;
};

static bool add_op(struct jparse *p, struct op_list *o, uint8_t op)
{
    if (o->n == o->cap) {
        uint32_t cap = o->cap ? o->cap * 2 : 4;
        uint8_t *grown = jp_new(p, cap, 1);

        if (!grown)
            return false;
        if (o->n)
            memcpy(grown, o->at, o->n);
        o->at = grown;
        o->cap = cap;
    }
    o->at[o->n++] = op;
    return true;
}

/* operand (op operand)*: one node for the whole chain. */
static struct jnode *math(struct jparse *p, size_t il)
{
    struct jnode *first, *n;
    struct jnode_list l = { 0 };
    struct op_list o = { 0 };
    int k;

    if (il == COUNT_OF(levels))
        return unary(p, true);
    first = math(p, il + 1);
    if (p->rc || match_level(p, &levels[il]) < 0)
        return first;
    n = jp_node(p, levels[il].kind);
    (void)jp_add(p, &l, first);
    while (!p->rc && (k = match_level(p, &levels[il])) >= 0) {
        p->tok++;
        if (!add_op(p, &o, levels[il].code[k]) || !jp_add(p, &l, math(p, il + 1)))
            return NULL;
    }
    if (n)
        n->op = o.at;
    return jp_list(p, n, &l);
}

static int compare_op(struct jparse *p)
{
    static const char *const ops[] = { "==", "!=", "<", "<=", ">", ">=" };

    for (int i = 0; i < (int)COUNT_OF(ops); i++) {
        if (jp_skip_op(p, ops[i]))
            return JO_EQ + i;
    }
    if (jp_skip_name(p, "in"))
        return JO_IN;
    if (jp_is_name(p, "not") && jtok_is(p->tok + 1, JT_NAME, "in")) {
        p->tok += 2;
        return JO_NOTIN;
    }
    return -1;
}

static struct jnode *compare(struct jparse *p)
{
    struct jnode *first = math(p, 0), *n;
    struct jnode_list l = { 0 };
    struct op_list o = { 0 };
    int op = p->rc ? -1 : compare_op(p);

    if (op < 0)
        return first;
    n = jp_node(p, JN_COMPARE);
    (void)jp_add(p, &l, first);
    while (!p->rc && op >= 0) {
        if (!add_op(p, &o, (uint8_t)op) || !jp_add(p, &l, math(p, 0)))
            return NULL;
        op = compare_op(p);
    }
    if (n)
        n->op = o.at;
    return jp_list(p, n, &l);
}

static struct jnode *not_expr(struct jparse *p)
{
    struct jnode *n;

    if (!jp_is_name(p, "not"))
        return compare(p);
    if (!jp_enter(p))
        return NULL;
    n = jp_node(p, JN_NOT);
    p->tok++;
    if (n)
        n->a = not_expr(p);
    jp_leave(p);
    return n;
}

static struct jnode *logic(struct jparse *p, bool is_or)
{
    struct jnode *first = is_or ? logic(p, false) : not_expr(p), *n;
    struct jnode_list l = { 0 };
    const char *word = is_or ? "or" : "and";

    if (p->rc || !jp_is_name(p, word))
        return first;
    n = jp_node(p, is_or ? JN_OR : JN_AND);
    (void)jp_add(p, &l, first);
    while (jp_skip_name(p, word)) {
        if (!jp_add(p, &l, is_or ? logic(p, false) : not_expr(p)))
            return NULL;
    }
    return jp_list(p, n, &l);
}

struct jnode *jp_expr(struct jparse *p, bool with_cond)
{
    struct jnode *unknown = p->unknown, *n;
    uint32_t depth = 0;

    if (!jp_enter(p))
        return NULL;
    n = logic(p, true);
    while (with_cond && !p->rc && jp_is_name(p, "if")) {
        struct jnode *cond = jp_node(p, JN_COND);

        if (!cond || !chain_enter(p, &depth))
            break;
        p->tok++;
        cond->a = n;
        cond->b = logic(p, true);
        if (jp_skip_name(p, "else"))
            cond->c = jp_expr(p, true);
        n = cond;
        p->unknown = unknown; /* branches that never run may name filters that do not exist */
    }
    chain_leave(p, depth);
    jp_leave(p);
    return p->rc ? NULL : n;
}
