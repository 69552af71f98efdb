/* Running statements; scopes and assignments.
 *
 * Scopes are looked up when a name is used, from the inside out; loops, macros, with, call and
 * block assignments open one each, {% if %} does not. That gives the same results as jinja2's
 * names, which it binds when it compiles. */
#include "text/jinja_int.h"

#include <string.h>

/* ---- scopes ---- */

struct jscope *jscope_push(struct jrun *r)
{
    struct jscope *s = jr_new(r, 1, sizeof(*s));

    if (s) {
        s->parent = r->scope;
        r->scope = s;
    }
    return s;
}

void jscope_pop(struct jrun *r, struct jscope *parent)
{
    r->scope = parent;
}

static struct jval *find(struct jrun *r, struct jscope *s, uint32_t sym)
{
    if (!s)
        return &r->global[sym];
    for (uint32_t i = s->n; i-- > 0;) {
        if (s->at[i].sym == sym)
            return &s->at[i].value;
    }
    return NULL;
}

struct jval jscope_get(struct jrun *r, uint32_t sym)
{
    for (struct jscope *s = r->scope; s; s = s->parent) {
        const struct jval *v = find(r, s, sym);

        if (v)
            return *v;
    }
    return r->global[sym];
}

void jscope_set(struct jrun *r, uint32_t sym, struct jval v)
{
    struct jscope *s = r->scope;
    struct jval *old = find(r, s, sym);

    if (old) {
        *old = v;
        return;
    }
    if (s->n == s->cap) {
        uint32_t cap = s->cap ? s->cap * 2 : 4;
        struct jbinding *grown = jr_new(r, cap, sizeof(*grown));

        if (!grown)
            return;
        if (s->n)
            memcpy(grown, s->at, s->n * sizeof(*grown));
        s->at = grown;
        s->cap = cap;
    }
    s->at[s->n++] = (struct jbinding){ .sym = sym, .value = v };
}

static void unpack(struct jrun *r, const struct jnode *target, struct jval v)
{
    struct jval list = jv_to_list(r, v, JV_LIST);

    if (r->rc)
        return;
    if (list.u.list->n < target->n)
        jr_fail(r, "not enough values to unpack (expected %u, got %zu)", target->n, list.u.list->n);
    else if (list.u.list->n > target->n)
        jr_fail(r, "too many values to unpack (expected %u)", target->n);
    for (uint32_t i = 0; i < target->n && !r->rc; i++)
        jassign(r, target->kid[i], list.u.list->at[i]);
}

static void set_attr(struct jrun *r, const struct jnode *target, struct jval v)
{
    struct jval ns = jscope_get(r, target->sym);

    if (ns.kind == JV_NS)
        (void)jdict_set(r, &ns.u.ns->d, target->val, v);
    else if (ns.kind == JV_UNSET)
        jr_fail(r, "'%.*s' is undefined", jr_cut(&r->t->sym[target->sym]),
                r->t->sym[target->sym].u.s);
    else
        jr_fail(r, "cannot assign attribute on non-namespace object");
}

void jassign(struct jrun *r, const struct jnode *target, struct jval v)
{
    if (r->rc)
        return;
    if (target->kind == JN_NAME)
        jscope_set(r, target->sym, v);
    else if (target->kind == JN_NSREF)
        set_attr(r, target, v);
    else if (jr_nest(r)) {
        unpack(r, target, v);
        jr_unnest(r);
    }
}

/* ---- statements ---- */

static void output(struct jrun *r, const struct jnode *n)
{
    for (uint32_t i = 0; i < n->n && !r->rc; i++) {
        struct jval v = jeval(r, n->kid[i]);

        if (!r->rc)
            jv_write_str(r, &v);
    }
}

static void body(struct jrun *r, const struct jnode *n)
{
    for (uint32_t i = 0; i < n->n && !r->rc && !r->sig; i++)
        jexec(r, n->kid[i]);
}

static void if_stmt(struct jrun *r, const struct jnode *n)
{
    for (uint32_t i = 0; i + 1 < n->n; i += 2) {
        struct jval test = jeval(r, n->kid[i]);

        if (r->rc)
            return;
        if (jv_truth(&test)) {
            jexec(r, n->kid[i + 1]);
            return;
        }
        r->at = n;
    }
    if (n->c)
        jexec(r, n->c);
}

/* Runs body in a scope of its own; what it writes becomes a string. A break or continue that leaves
 * the body drops the text. */
static struct jval captured(struct jrun *r, const struct jnode *n)
{
    struct jscope *outer = r->scope;
    size_t mark = r->out->len;

    if (jscope_push(r))
        jexec(r, n);
    jscope_pop(r, outer);
    return jr_take(r, mark);
}

static void set_stmt(struct jrun *r, const struct jnode *n)
{
    jassign(r, n->a, jeval(r, n->b));
}

/* Applies the filters of a block, innermost first: the innermost has no operand. */
static struct jval apply(struct jrun *r, const struct jnode *filter, struct jval text)
{
    if (!filter || r->rc || !jr_nest(r))
        return text;
    text = apply(r, filter->a, text);
    if (!r->rc)
        text = jeval_filter(r, filter, text);
    jr_unnest(r);
    return text;
}

static void set_block(struct jrun *r, const struct jnode *n)
{
    struct jval text = captured(r, n->c);

    r->at = n;
    if (!r->sig)
        jassign(r, n->a, apply(r, n->b, text));
}

static void filter_block(struct jrun *r, const struct jnode *n)
{
    struct jval text = captured(r, n->c);

    r->at = n;
    if (r->sig)
        return;
    text = apply(r, n->b, text);
    if (!r->rc)
        jv_write_str(r, &text);
}

static void with_stmt(struct jrun *r, const struct jnode *n)
{
    struct jscope *outer = r->scope, *inner;
    struct jval *v = jr_new(r, n->n / 2, sizeof(*v));

    for (uint32_t i = 0; v && i < n->n / 2 && !r->rc; i++)
        v[i] = jeval(r, n->kid[2 * i + 1]);
    inner = jscope_push(r);
    for (uint32_t i = 0; inner && v && i < n->n / 2 && !r->rc; i++)
        jassign(r, n->kid[2 * i], v[i]);
    if (!r->rc)
        jexec(r, n->c);
    jscope_pop(r, outer);
}

static void scope_stmt(struct jrun *r, const struct jnode *n)
{
    struct jscope *outer = r->scope;

    if (jscope_push(r))
        jexec(r, n->c);
    jscope_pop(r, outer);
}

/* A block sees the variables of the template, not those of the loops around it. */
static void block_stmt(struct jrun *r, const struct jnode *n)
{
    struct jscope *outer = r->scope;

    if (!n->is_scoped)
        r->scope = NULL;
    scope_stmt(r, n);
    r->scope = outer;
}

static void macro_stmt(struct jrun *r, const struct jnode *n)
{
    jscope_set(r, n->sym, jmacro_make(r, n, n->val));
}

/* {% call(x) f() %}: the body becomes the keyword argument `caller`. */
static void call_stmt(struct jrun *r, const struct jnode *n)
{
    struct jval f = jeval(r, n->a->a), out;
    struct jargs a;
    struct jpair *key;

    if (!jeval_args(r, n->a->arg, &a))
        return;
    key = jr_new(r, a.n_key + 1, sizeof(*key));
    if (!key)
        return;
    if (a.n_key)
        memcpy(key, a.key, a.n_key * sizeof(*key));
    key[a.n_key++] =
        (struct jpair){ .key = r->t->sym[JSYM_CALLER], .value = jmacro_make(r, n, n->val) };
    a.key = key;
    out = jcall(r, f, &a);
    if (!r->rc)
        jv_write_str(r, &out);
}

static void text_stmt(struct jrun *r, const struct jnode *n)
{
    jr_write(r, n->val.u.s, n->val.len);
}

static void refuse_stmt(struct jrun *r, const struct jnode *n)
{
    jr_fail(r, "%.*s", jr_cut(&n->val), n->val.u.s);
}

static void break_stmt(struct jrun *r, const struct jnode *n)
{
    r->sig = n->kind == JN_BREAK ? JSIG_BREAK : JSIG_CONTINUE;
}

void jexec(struct jrun *r, const struct jnode *n)
{
    static void (*const run[])(struct jrun *, const struct jnode *) = {
        [JN_TEXT] = text_stmt,     [JN_OUTPUT] = output,
        [JN_BODY] = body,          [JN_IF] = if_stmt,
        [JN_FOR] = jexec_for,      [JN_SET] = set_stmt,
        [JN_SETBLOCK] = set_block, [JN_MACRO] = macro_stmt,
        [JN_CALLBLK] = call_stmt,  [JN_FILTERBLK] = filter_block,
        [JN_WITH] = with_stmt,     [JN_SCOPE] = scope_stmt,
        [JN_BLOCK] = block_stmt,   [JN_GENERATE] = scope_stmt,
        [JN_BREAK] = break_stmt,   [JN_CONTINUE] = break_stmt,
        [JN_REFUSE] = refuse_stmt,
    };
    const struct jnode *around = r->at;

    if (!jr_step(r, 0) || !jr_nest(r))
        return;
    if (n->kind != JN_BODY) {
        r->at = n;
        r->line = n->line;
    }
    run[n->kind](r, n);
    r->at = around;
    jr_unnest(r);
}
