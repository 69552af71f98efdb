/* Statements of the template language: tokens to nodes. The grammar is that of jinja2 3.1, with its
 * built-in tags, break and continue, and {% generation %}. Tags that would load other templates
 * are accepted and refuse to run. */
#include "text/jinja_parse_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "text/jinja_int.h"

static struct jnode *body(struct jparse *p, const char *const *end);
static struct jnode *filtered_body(struct jparse *p, const char *end);

/* ---- shared with the expression parser ---- */

void jp_fail(struct jparse *p, const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list ap;

    if (p->rc)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    p->rc = err_set(p->e, ERR_TEMPLATE, "line %u: %s: %s", p->tok->line,
                    p->construct ? p->construct : "template", text);
}

void jp_unexpected(struct jparse *p, const char *expected)
{
    const struct jtok *t = p->tok;
    int n = (int)utf8_whole_bytes(t->s, min_size(t->len, 60));

    if (t->kind == JT_EOF)
        jp_fail(p, "expected %s, found the end of the template", expected);
    else if (t->kind == JT_VAR_END || t->kind == JT_BLOCK_END)
        jp_fail(p, "expected %s, found the end of the tag", expected);
    else
        jp_fail(p, "expected %s, found '%.*s'", expected, n, t->s);
}

void *jp_new(struct jparse *p, size_t n, size_t size)
{
    void *m = arena_new_n(&p->t->arena, n, size);

    if (!m && !p->rc)
        p->rc = arena_starved(&p->t->arena)
                    ? err_set(p->e, ERR_OOM, "line %u: no memory for the template", p->tok->line)
                    : err_set(p->e, ERR_LIMIT, "line %u: the template needs too much memory",
                              p->tok->line);
    return m;
}

struct jnode *jp_node(struct jparse *p, enum jnode_kind kind)
{
    struct jnode *n = jp_new(p, 1, sizeof(*n));

    if (n) {
        n->kind = (uint8_t)kind;
        n->line = p->tok->line;
    }
    return n;
}

bool jp_add(struct jparse *p, struct jnode_list *l, struct jnode *n)
{
    if (!n)
        return false;
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 4;
        struct jnode **grown = jp_new(p, cap, sizeof(*grown));

        if (!grown)
            return false;
        if (l->n)
            memcpy(grown, l->at, l->n * sizeof(struct jnode *));
        l->at = grown;
        l->cap = cap;
    }
    l->at[l->n++] = n;
    return true;
}

struct jnode *jp_list(struct jparse *p, struct jnode *n, const struct jnode_list *l)
{
    if (p->rc || !n)
        return NULL;
    n->kid = l->at;
    n->n = l->n;
    return n;
}

static uint32_t name_hash(const char *s, size_t len)
{
    uint32_t h = 2166136261U;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619U;
    return h;
}

static bool grow_syms(struct jparse *p)
{
    size_t n = p->n_sym_slot ? p->n_sym_slot * 2 : 64;
    uint32_t *slot = jp_new(p, n, sizeof(*slot));
    struct jval *sym = jp_new(p, n, sizeof(*sym));

    if (!slot || !sym)
        return false;
    for (uint32_t i = 0; i < p->t->n_sym; i++) {
        size_t k = name_hash(p->t->sym[i].u.s, p->t->sym[i].len) & (n - 1);

        while (slot[k])
            k = (k + 1) & (n - 1);
        slot[k] = i + 1;
        sym[i] = p->t->sym[i];
    }
    p->sym_slot = slot;
    p->n_sym_slot = n;
    p->t->sym = sym;
    return true;
}

uint32_t jp_sym(struct jparse *p, const char *s, size_t len)
{
    size_t k;

    if (p->t->n_sym * 2 >= p->n_sym_slot && !grow_syms(p))
        return 0;
    k = name_hash(s, len) & (p->n_sym_slot - 1);
    for (; p->sym_slot[k]; k = (k + 1) & (p->n_sym_slot - 1)) {
        const struct jval *v = &p->t->sym[p->sym_slot[k] - 1];

        if (v->len == len && memcmp(v->u.s, s, len) == 0)
            return p->sym_slot[k] - 1;
    }
    p->t->sym[p->t->n_sym] = jv_strn(s, len);
    p->sym_slot[k] = ++p->t->n_sym;
    return p->t->n_sym - 1;
}

bool jp_enter(struct jparse *p)
{
    if (p->rc)
        return false;
    if (p->depth == JINJA_PARSE_DEPTH_MAX) {
        p->rc = err_set(p->e, ERR_LIMIT, "line %u: %s: nested more than %u deep", p->tok->line,
                        p->construct ? p->construct : "template", JINJA_PARSE_DEPTH_MAX);
        return false;
    }
    p->depth++;
    return true;
}

void jp_leave(struct jparse *p)
{
    p->depth--;
}

bool jtok_is(const struct jtok *t, enum jtok_kind kind, const char *text)
{
    return t->kind == kind && t->len == strlen(text) && memcmp(t->s, text, t->len) == 0;
}

bool jp_is_op(const struct jparse *p, const char *op)
{
    return jtok_is(p->tok, JT_OP, op);
}

bool jp_is_name(const struct jparse *p, const char *name)
{
    return jtok_is(p->tok, JT_NAME, name);
}

bool jp_skip_op(struct jparse *p, const char *op)
{
    if (p->rc || !jp_is_op(p, op))
        return false;
    p->tok++;
    return true;
}

bool jp_skip_name(struct jparse *p, const char *name)
{
    if (p->rc || !jp_is_name(p, name))
        return false;
    p->tok++;
    return true;
}

bool jp_need_op(struct jparse *p, const char *op)
{
    char quoted[16];

    if (jp_skip_op(p, op))
        return true;
    (void)snprintf(quoted, sizeof(quoted), "'%s'", op);
    jp_unexpected(p, quoted);
    return false;
}

/* ---- targets of assignments ---- */

static bool is_reserved(const struct jtok *t)
{
    static const char *const names[] = { "true", "false", "none", "True", "False", "None" };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (jtok_is(t, JT_NAME, names[i]))
            return true;
    }
    return false;
}

static struct jnode *target_name(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_NAME);

    if (!n || p->rc)
        return NULL;
    if (p->tok->kind != JT_NAME) {
        jp_unexpected(p, "a name");
        return NULL;
    }
    if (is_reserved(p->tok)) {
        jp_fail(p, "can't assign to '%.*s'", (int)p->tok->len, p->tok->s);
        return NULL;
    }
    n->sym = jp_sym(p, p->tok->s, p->tok->len);
    p->tok++;
    return n;
}

static struct jnode *target(struct jparse *p, const char *end_name);

static struct jnode *target_part(struct jparse *p)
{
    struct jnode *n;
    const char *close = jp_is_op(p, "(") ? ")" : "]";

    if (!jp_is_op(p, "("))
        return target_name(p);
    if (!jp_enter(p))
        return NULL;
    p->tok++;
    n = target(p, NULL);
    (void)jp_need_op(p, close);
    jp_leave(p);
    return n;
}

/* Names separated by commas, brackets allowed. */
static struct jnode *target(struct jparse *p, const char *end_name)
{
    struct jnode *tuple = jp_node(p, JN_TUPLE);
    struct jnode_list l = { 0 };
    bool is_tuple = false;

    do {
        if (l.n && (jp_is_op(p, ")") || jp_is_op(p, "=") || (end_name && jp_is_name(p, end_name))))
            break;
        if (!jp_add(p, &l, target_part(p)))
            return NULL;
        is_tuple = is_tuple || jp_is_op(p, ",");
    } while (jp_skip_op(p, ","));
    return is_tuple ? jp_list(p, tuple, &l) : l.at[0];
}

/* ---- the statements ---- */

static bool at_tag(const struct jparse *p, const char *const *names)
{
    for (; *names; names++) {
        if (jp_is_name(p, *names))
            return true;
    }
    return false;
}

static bool end_tag(struct jparse *p)
{
    if (p->rc)
        return false;
    if (p->tok->kind != JT_BLOCK_END) {
        jp_unexpected(p, "the end of the tag");
        return false;
    }
    p->tok++;
    return true;
}

#define ENDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Body up to one of the end tags; the end tag's name is the current token then. */
static struct jnode *block_body(struct jparse *p, const char *const *ends)
{
    (void)jp_skip_op(p, ":");
    return end_tag(p) ? body(p, ends) : NULL;
}

/* The same, with the end tag left behind. */
static struct jnode *whole_body(struct jparse *p, const char *const *ends)
{
    struct jnode *n = block_body(p, ends);

    if (!n)
        return NULL;
    p->tok++;
    return n;
}

static struct jnode *parse_for(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_FOR), *part;
    struct jnode_list l = { 0 };
    uint32_t n_macro = p->n_macro;

    if (!n)
        return NULL;
    n->a = target(p, "in");
    if (!p->rc && !jp_skip_name(p, "in"))
        jp_unexpected(p, "'in'");
    n->b = jp_tuple(p, false, "recursive");
    if (jp_skip_name(p, "if"))
        n->c = jp_expr(p, true);
    n->is_recursive = jp_skip_name(p, "recursive");
    p->n_loop++;
    part = block_body(p, ENDS("endfor", "else"));
    p->n_loop--;
    if (!jp_add(p, &l, part))
        return NULL;
    if (jp_is_name(p, "else")) {
        p->tok++;
        if (!jp_add(p, &l, block_body(p, ENDS("endfor"))))
            return NULL;
    }
    p->tok++;
    n->is_closure = p->n_macro > n_macro;
    return jp_list(p, n, &l);
}

static struct jnode *parse_if(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_IF), *unknown = p->unknown;
    struct jnode_list l = { 0 };

    if (!n)
        return NULL;
    for (;;) {
        if (!jp_add(p, &l, jp_tuple(p, false, NULL)) ||
            !jp_add(p, &l, block_body(p, ENDS("elif", "else", "endif"))))
            return NULL;
        if (jp_skip_name(p, "elif"))
            continue;
        if (jp_skip_name(p, "else"))
            n->c = block_body(p, ENDS("endif"));
        break;
    }
    if (p->rc)
        return NULL;
    p->tok++;
    p->unknown = unknown;
    return jp_list(p, n, &l);
}

static struct jnode *parse_set(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_SET);

    if (!n)
        return NULL;
    if (p->tok->kind == JT_NAME && jtok_is(p->tok + 1, JT_OP, ".")) {
        n->a = jp_node(p, JN_NSREF);
        if (!n->a)
            return NULL;
        n->a->sym = jp_sym(p, p->tok->s, p->tok->len);
        p->tok += 2;
        if (p->tok->kind != JT_NAME) {
            jp_unexpected(p, "a name");
            return NULL;
        }
        n->a->val = jv_strn(p->tok->s, p->tok->len);
        p->tok++;
    } else {
        n->a = target(p, NULL);
    }
    if (jp_skip_op(p, "=")) {
        n->b = jp_tuple(p, true, NULL);
        return n;
    }
    n->kind = JN_SETBLOCK;
    if (jp_is_op(p, "|"))
        n->b = jp_filters(p, NULL, false);
    p->construct = "{% set %}";
    n->c = whole_body(p, ENDS("endset"));
    return n;
}

static struct jnode *parse_with(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_WITH);
    struct jnode_list l = { 0 };

    while (!p->rc && p->tok->kind != JT_BLOCK_END) {
        if (l.n && !jp_need_op(p, ","))
            return NULL;
        if (!jp_add(p, &l, target(p, NULL)) || !jp_need_op(p, "=") ||
            !jp_add(p, &l, jp_expr(p, true)))
            return NULL;
    }
    if (!n || p->rc)
        return NULL;
    n->c = whole_body(p, ENDS("endwith"));
    return jp_list(p, n, &l);
}

/* (a, b=1): up to 2^16 parameters. */
static bool signature(struct jparse *p, struct jsig *sig)
{
    struct jnode_list name = { 0 }, preset = { 0 };
    struct jnode *none = jp_node(p, JN_BODY); /* stands for "no default" */

    if (!jp_need_op(p, "("))
        return false;
    while (!p->rc && !jp_is_op(p, ")")) {
        if (name.n && !jp_need_op(p, ","))
            return false;
        if (!jp_add(p, &name, target_name(p)))
            return false;
        if (jp_skip_op(p, "=")) {
            if (!jp_add(p, &preset, jp_expr(p, true)))
                return false;
        } else if (preset.n && preset.at[preset.n - 1] != none) {
            jp_fail(p, "non-default argument follows default argument");
        } else if (!jp_add(p, &preset, none)) {
            return false;
        }
    }
    if (!jp_need_op(p, ")"))
        return false;
    sig->n = name.n;
    sig->preset = preset.at;
    sig->sym = jp_new(p, name.n, sizeof(*sig->sym));
    sig->name = jp_new(p, name.n, sizeof(*sig->name));
    for (uint32_t i = 0; !p->rc && i < name.n; i++) {
        sig->sym[i] = name.at[i]->sym;
        sig->name[i] = p->t->sym[name.at[i]->sym];
        if (preset.at[i] == none)
            preset.at[i] = NULL;
    }
    return !p->rc;
}

/* The body of a macro or call block, whose loops and special names are its own. */
static struct jnode *macro_body(struct jparse *p, struct jsig *sig, const char *end)
{
    struct jmacro_frame frame = { .outer = p->macro, .sig = sig };
    uint32_t n_loop = p->n_loop;
    struct jnode *n;

    p->macro = &frame;
    p->n_loop = 0;
    p->n_macro++;
    n = whole_body(p, ENDS(end));
    p->n_loop = n_loop;
    p->macro = frame.outer;
    return n;
}

static struct jnode *parse_macro(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_MACRO), *name = target_name(p);

    if (!n || !name)
        return NULL;
    n->sym = name->sym;
    n->val = p->t->sym[name->sym];
    n->sig = jp_new(p, 1, sizeof(*n->sig));
    if (!n->sig || !signature(p, n->sig))
        return NULL;
    n->c = macro_body(p, n->sig, "endmacro");
    return n;
}

static struct jnode *parse_call(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_CALLBLK);

    if (!n)
        return NULL;
    n->sig = jp_new(p, 1, sizeof(*n->sig));
    if (!n->sig || (jp_is_op(p, "(") && !signature(p, n->sig)))
        return NULL;
    n->val = jv_lit("caller");
    n->a = jp_expr(p, true);
    if (n->a && n->a->kind != JN_CALL)
        jp_fail(p, "expected call");
    if (p->rc)
        return NULL;
    n->c = macro_body(p, n->sig, "endcall");
    return n;
}

static struct jnode *parse_filter_block(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_FILTERBLK);

    if (!n)
        return NULL;
    n->b = jp_filters(p, NULL, true);
    if (p->rc)
        return NULL;
    n->c = whole_body(p, ENDS("endfilter"));
    return n;
}

static struct jnode *parse_generation(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_GENERATE);

    if (!n)
        return NULL;
    n->c = filtered_body(p, "endgeneration");
    return n;
}

static struct jnode *filtered_body(struct jparse *p, const char *end)
{
    struct jsig ignored = { 0 };

    return macro_body(p, &ignored, end);
}

static struct jnode *parse_block(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_BLOCK);

    if (!n || !target_name(p))
        return NULL;
    n->is_scoped = jp_skip_name(p, "scoped");
    (void)jp_skip_name(p, "required");
    n->c = block_body(p, ENDS("endblock"));
    if (p->rc)
        return NULL;
    p->tok++;
    if (p->tok->kind == JT_NAME)
        p->tok++;
    return n;
}

static struct jnode *parse_autoescape(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_SCOPE), *how = jp_expr(p, true);

    if (!n || !how)
        return NULL;
    if (how->kind != JN_CONST || jv_truth(&how->val)) {
        jp_fail(p, "only {%% autoescape false %%} is supported");
        return NULL;
    }
    n->c = whole_body(p, ENDS("endautoescape"));
    return n;
}

static struct jnode *parse_print(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_OUTPUT);
    struct jnode_list l = { 0 };

    while (!p->rc && p->tok->kind != JT_BLOCK_END) {
        if (l.n && !jp_need_op(p, ","))
            return NULL;
        if (!jp_add(p, &l, jp_expr(p, true)))
            return NULL;
    }
    return jp_list(p, n, &l);
}

/* Tags that load other templates: there are none to load, so they only fail when they run. */
static struct jnode *parse_refused(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_REFUSE);

    while (p->tok->kind != JT_BLOCK_END && p->tok->kind != JT_EOF)
        p->tok++;
    if (n)
        n->val = jv_lit("a chat template cannot load other templates");
    return n;
}

static struct jnode *parse_jump(struct jparse *p, enum jnode_kind kind)
{
    if (p->n_loop == 0)
        jp_fail(p, "outside of a loop");
    return p->rc ? NULL : jp_node(p, kind);
}

static struct jnode *parse_break(struct jparse *p)
{
    return parse_jump(p, JN_BREAK);
}

static struct jnode *parse_continue(struct jparse *p)
{
    return parse_jump(p, JN_CONTINUE);
}

static const struct statement {
    const char *name;
    struct jnode *(*parse)(struct jparse *p);
} statements[] = {
    { "for", parse_for },
    { "if", parse_if },
    { "set", parse_set },
    { "macro", parse_macro },
    { "call", parse_call },
    { "filter", parse_filter_block },
    { "with", parse_with },
    { "block", parse_block },
    { "autoescape", parse_autoescape },
    { "generation", parse_generation },
    { "print", parse_print },
    { "break", parse_break },
    { "continue", parse_continue },
    { "include", parse_refused },
    { "import", parse_refused },
    { "from", parse_refused },
    { "extends", parse_refused },
};

/* One statement, from its name to the end of its (last) tag. */
static struct jnode *statement(struct jparse *p)
{
    char around[sizeof(p->construct_text)];
    const char *construct = p->construct;

    (void)snprintf(around, sizeof(around), "%s", p->construct_text);
    if (p->tok->kind != JT_NAME) {
        jp_fail(p, "tag name expected");
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        struct jnode *n;

        if (!jp_is_name(p, statements[i].name))
            continue;
        (void)snprintf(p->construct_text, sizeof(p->construct_text), "{%% %s %%}",
                       statements[i].name);
        p->construct = p->construct_text;
        if (!jp_enter(p))
            return NULL;
        p->tok++;
        n = statements[i].parse(p);
        jp_leave(p);
        if (!end_tag(p))
            return NULL;
        (void)snprintf(p->construct_text, sizeof(p->construct_text), "%s", around);
        p->construct = construct;
        return n;
    }
    jp_fail(p, "encountered unknown tag '%.*s'",
            (int)utf8_whole_bytes(p->tok->s, min_size(p->tok->len, 60)), p->tok->s);
    return NULL;
}

static struct jnode *output(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_OUTPUT);
    struct jnode_list l = { 0 };
    const char *construct = p->construct;

    p->construct = "{{ }}";
    p->tok++;
    if (!n || !jp_add(p, &l, jp_tuple(p, true, NULL)))
        return NULL;
    if (p->tok->kind != JT_VAR_END) {
        jp_unexpected(p, "'}}'");
        return NULL;
    }
    p->tok++;
    p->construct = construct;
    return jp_list(p, n, &l);
}

static struct jnode *text(struct jparse *p)
{
    struct jnode *n = jp_node(p, JN_TEXT);

    if (n)
        n->val = jv_strn(p->tok->s, p->tok->len);
    p->tok++;
    return n;
}

static void missing_end(struct jparse *p, const char *const *end)
{
    if (!end)
        return;
    jp_fail(p, "unexpected end of the template, '%s' is missing", end[0]);
}

/* Statements up to an end tag (its name is current then), or to the end of the template. */
static struct jnode *body(struct jparse *p, const char *const *end)
{
    struct jnode *n = jp_node(p, JN_BODY);
    struct jnode_list l = { 0 };

    while (!p->rc) {
        if (p->tok->kind == JT_EOF) {
            missing_end(p, end);
            break;
        }
        if (p->tok->kind == JT_BLOCK_BEGIN) {
            p->tok++;
            if (end && at_tag(p, end))
                break;
            (void)jp_add(p, &l, statement(p));
        } else {
            (void)jp_add(p, &l, p->tok->kind == JT_DATA ? text(p) : output(p));
        }
    }
    return jp_list(p, n, &l);
}

enum err_code jparse_run(struct tmpl *t, const struct jtok *tok, struct err *e)
{
    static const char *const fixed[] = { "loop", "caller", "kwargs", "varargs" };
    struct jparse p = { .t = t, .tok = tok, .e = e };

    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        (void)jp_sym(&p, fixed[i], strlen(fixed[i]));
    if (!p.rc)
        t->root = body(&p, NULL);
    if (!p.rc && p.unknown)
        p.rc = err_set(e, ERR_TEMPLATE, "line %u: no %s named '%.*s'", p.unknown->line,
                       p.unknown->kind == JN_FILTER ? "filter" : "test", jr_cut(&p.unknown->val),
                       p.unknown->val.u.s);
    return p.rc;
}
