/* {% for %}, the loop object, and macros. */
#include "text/jinja_int.h"

#include <string.h>

/* ---- the loop object ---- */

/* Looks one item ahead. */
static bool peek(struct jrun *r, struct jloop *l)
{
    if (!l->has_next && !l->is_ended) {
        l->has_next = jiter_next(r, &l->it, &l->next);
        l->is_ended = !l->has_next;
    }
    return l->has_next;
}

bool jloop_next(struct jrun *r, struct jloop *l, struct jval *out)
{
    if (!peek(r, l) || r->rc)
        return false;
    l->has_next = false;
    l->prev = l->cur;
    l->cur = *out = l->next;
    l->i++;
    return true;
}

/* The number of items. Reads a generator to its end, as jinja2 does. */
size_t jloop_length(struct jrun *r, struct jloop *l)
{
    struct jvec rest = { 0 };
    struct jval x;
    size_t n;

    if (l->is_counted)
        return l->n;
    l->is_counted = true;
    if (l->it.src.kind != JV_GEN && jv_len(&l->it.src, &n)) {
        l->n = n;
        return n;
    }
    l->n = l->i + l->has_next;
    while (!l->is_ended && jiter_next(r, &l->it, &x)) {
        if (!jvec_add(r, &rest, x))
            break;
    }
    l->n += rest.n;
    (void)jiter_open(r, &l->it, jvec_list(r, &rest));
    return l->n;
}

static int64_t from_end(struct jrun *r, struct jloop *l)
{
    return (int64_t)jloop_length(r, l) - (int64_t)l->i;
}

/* UNSET: there is no such attribute. */
struct jval jloop_attr(struct jrun *r, struct jloop *l, const struct jval *name)
{
    if (jv_is(name, "index"))
        return jv_int((int64_t)l->i);
    if (jv_is(name, "index0"))
        return jv_int((int64_t)l->i - 1);
    if (jv_is(name, "first"))
        return jv_bool(l->i == 1);
    if (jv_is(name, "last"))
        return jv_bool(!peek(r, l));
    if (jv_is(name, "length"))
        return jv_int((int64_t)jloop_length(r, l));
    if (jv_is(name, "revindex"))
        return jv_int(from_end(r, l) + 1);
    if (jv_is(name, "revindex0"))
        return jv_int(from_end(r, l));
    if (jv_is(name, "depth"))
        return jv_int((int64_t)l->depth + 1);
    if (jv_is(name, "depth0"))
        return jv_int((int64_t)l->depth);
    if (jv_is(name, "previtem"))
        return l->i <= 1 ? jv_undef_text(r, jv_lit("there is no previous item")) : l->prev;
    if (jv_is(name, "nextitem"))
        return peek(r, l) ? l->next : jv_undef_text(r, jv_lit("there is no next item"));
    if (jv_is(name, "cycle") || jv_is(name, "changed")) {
        struct jval self = { .kind = JV_LOOP, .u.loop = l };
        struct jmethod *m = jr_new(r, 1, sizeof(*m));
        bool is_unsafe;

        if (!m)
            return jv_none();
        m->self = self;
        m->def = jmethod_find(&self, name, &is_unsafe);
        return (struct jval){ .kind = JV_METHOD, .u.method = m };
    }
    return jv_unset();
}

struct jval jloop_method(struct jrun *r, struct jloop *l, const char *name, const struct jargs *a)
{
    struct jval *copy, now;

    if (strcmp(name, "cycle") == 0) {
        if (a->n_pos == 0) {
            jr_fail(r, "no items for cycling given");
            return jv_none();
        }
        return a->pos[(l->i - 1) % a->n_pos];
    }
    copy = jr_new(r, a->n_pos, sizeof(*copy));
    if (!copy)
        return jv_none();
    if (a->n_pos)
        memcpy(copy, a->pos, a->n_pos * sizeof(*copy));
    now = jv_list(r, copy, a->n_pos, JV_TUPLE);
    if (r->rc || (l->has_changed && jv_eq(r, &l->changed, &now)))
        return jv_bool(false);
    l->has_changed = true;
    l->changed = now;
    return jv_bool(true);
}

/* ---- {% for %} ---- */

/* `for x in xs if test`: the items that pass, one at a time. */
static bool next_filtered(struct jrun *r, struct jgen *g, struct jval *out)
{
    const struct jnode *n = g->node;
    struct jscope *outer = r->scope;
    bool ok = false;

    if (!g->is_started && !jiter_open(r, &g->src, g->in))
        return false;
    g->is_started = true;
    r->scope = g->scope;
    while (!ok && jiter_next(r, &g->src, out)) {
        struct jval test;

        if (!jscope_push(r))
            break;
        jassign(r, n->a, *out);
        test = r->rc ? jv_none() : jeval(r, n->c);
        ok = jv_truth(&test) && !r->rc;
        r->scope = g->scope;
    }
    r->scope = outer;
    return ok;
}

static struct jval filtered(struct jrun *r, const struct jnode *n, struct jval in)
{
    struct jgen *g;
    struct jval out = jv_gen(r, &g, in);

    if (g) {
        g->next = next_filtered;
        g->node = n;
        g->scope = r->scope;
        (void)jiter_open(r, &g->src, in);
        g->is_started = true;
    }
    return out;
}

/* One scope serves all rounds, emptied in between, unless a macro may refer to it. */
static bool new_round(struct jrun *r, const struct jnode *n, struct jscope **s)
{
    if (*s && !n->is_closure) {
        (*s)->n = 0;
        return true;
    }
    r->scope = *s ? (*s)->parent : r->scope;
    *s = jscope_push(r);
    return *s != NULL;
}

static void run_loop(struct jrun *r, const struct jnode *n, struct jval in, size_t depth)
{
    struct jscope *outer = r->scope, *s = NULL;
    struct jloop *l = jr_new(r, 1, sizeof(*l));
    struct jval x, self = { .kind = JV_LOOP, .u.loop = l };
    enum jsignal sig;
    bool is_done = false; /* some round ran to its end: what jinja2 asks before it runs else */

    if (!l)
        return;
    if (n->c)
        in = filtered(r, n, in);
    *l = (struct jloop){ .node = n, .scope = outer, .depth = depth };
    if (r->rc || !jiter_open(r, &l->it, in))
        return;
    while (jloop_next(r, l, &x) && new_round(r, n, &s)) {
        jassign(r, n->a, x);
        jscope_set(r, JSYM_LOOP, self);
        if (!r->rc)
            jexec(r, n->kid[0]);
        sig = r->sig;
        r->sig = JSIG_NONE;
        is_done = is_done || !sig;
        if (sig == JSIG_BREAK)
            break;
    }
    jscope_pop(r, outer);
    if (!is_done && n->n > 1 && !r->rc && jscope_push(r)) {
        jexec(r, n->kid[1]);
        jscope_pop(r, outer);
    }
}

void jexec_for(struct jrun *r, const struct jnode *n)
{
    struct jval in = jeval(r, n->b);

    if (!r->rc)
        run_loop(r, n, in, 0);
}

static bool enter_call(struct jrun *r)
{
    if (r->rc)
        return false;
    if (r->n_call == r->n_call_max) {
        jr_limit(r, "calls nested more than %u deep", r->n_call_max);
        return false;
    }
    r->n_call++;
    return true;
}

/* loop(items) in a recursive loop: the loop once more, one level deeper. */
struct jval jloop_call(struct jrun *r, struct jloop *l, const struct jargs *a)
{
    struct jscope *outer = r->scope;
    const struct jnode *at = r->at;
    size_t mark = r->out->len;

    if (!l->node->is_recursive) {
        jr_fail(r, "the loop must have the 'recursive' marker to be called recursively");
        return jv_none();
    }
    if (a->n_pos != 1 || a->n_key) {
        jr_fail(r, "loop() takes one argument");
        return jv_none();
    }
    if (!enter_call(r))
        return jv_none();
    r->scope = l->scope;
    run_loop(r, l->node, a->pos[0], l->depth + 1);
    r->scope = outer;
    r->at = at;
    r->n_call--;
    return jr_take(r, mark);
}

/* ---- macros ---- */

struct jval jmacro_make(struct jrun *r, const struct jnode *n, struct jval name)
{
    struct jmacro *m = jr_new(r, 1, sizeof(*m));

    if (!m)
        return jv_none();
    *m = (struct jmacro){ .node = n, .name = name, .scope = r->scope };
    return (struct jval){ .kind = JV_MACRO, .u.macro = m };
}

struct jval jmacro_attr(struct jrun *r, const struct jmacro *m, const struct jval *name)
{
    const struct jsig *sig = m->node->sig;
    struct jval *at;

    if (jv_is(name, "name"))
        return m->name;
    if (jv_is(name, "catch_kwargs"))
        return jv_bool(sig->uses_kwargs);
    if (jv_is(name, "catch_varargs"))
        return jv_bool(sig->uses_varargs);
    if (jv_is(name, "caller"))
        return jv_bool(sig->uses_caller);
    if (!jv_is(name, "arguments"))
        return jv_unset();
    at = jr_new(r, sig->n, sizeof(*at));
    if (at && sig->n)
        memcpy(at, sig->name, sig->n * sizeof(*at));
    return jv_list(r, at, at ? sig->n : 0, JV_TUPLE);
}

/* The keyword arguments that are no parameters, for `kwargs`, or a refusal. */
static struct jval extra_keys(struct jrun *r, const struct jmacro *m, const struct jargs *a)
{
    const struct jsig *sig = m->node->sig;
    struct jdict *d;
    struct jval v = jv_dict(r, &d);

    for (size_t k = 0; d && k < a->n_key && !r->rc; k++) {
        const struct jval *key = &a->key[k].key;
        bool is_param = sig->uses_caller && jv_eq(r, key, &r->t->sym[JSYM_CALLER]);

        for (uint32_t i = 0; i < sig->n && !is_param; i++)
            is_param = jv_eq(r, key, &sig->name[i]);
        if (is_param)
            continue;
        if (!sig->uses_kwargs)
            jr_fail(r, "macro '%.*s' takes no keyword argument '%.*s'", jr_cut(&m->name),
                    m->name.u.s, jr_cut(key), key->u.s);
        (void)jdict_set(r, d, *key, a->key[k].value);
    }
    return v;
}

static const struct jval *key_arg(struct jrun *r, const struct jargs *a, const struct jval *name)
{
    for (size_t k = 0; k < a->n_key; k++) {
        if (jv_eq(r, &a->key[k].key, name))
            return &a->key[k].value;
    }
    return NULL;
}

static void bind_one(struct jrun *r, const struct jmacro *m, const struct jargs *a, uint32_t i)
{
    const struct jsig *sig = m->node->sig;
    const struct jval *given = key_arg(r, a, &sig->name[i]);
    struct jval v, text;
    size_t mark = r->out->len;

    if (i < a->n_pos) {
        if (given)
            jr_fail(r, "macro '%.*s' got two values for argument '%.*s'", jr_cut(&m->name),
                    m->name.u.s, jr_cut(&sig->name[i]), sig->name[i].u.s);
        v = a->pos[i];
    } else if (given) {
        v = *given;
    } else if (sig->preset[i]) {
        v = jeval(r, sig->preset[i]);
    } else {
        jr_write(r, "parameter '", 11);
        jr_write(r, sig->name[i].u.s, sig->name[i].len);
        jr_write(r, "' was not provided", 18);
        text = jr_take(r, mark);
        v = jv_undef_text(r, text);
    }
    jscope_set(r, sig->sym[i], v);
}

static void bind(struct jrun *r, const struct jmacro *m, const struct jargs *a)
{
    const struct jsig *sig = m->node->sig;
    struct jval extra = extra_keys(r, m, a);
    struct jvec rest = { 0 };

    if (a->n_pos > sig->n && !sig->uses_varargs)
        jr_fail(r, "macro '%.*s' takes not more than %u argument(s)", jr_cut(&m->name), m->name.u.s,
                sig->n);
    for (size_t i = sig->n; i < a->n_pos && !r->rc; i++)
        (void)jvec_add(r, &rest, a->pos[i]);
    if (sig->uses_varargs)
        jscope_set(r, JSYM_VARARGS, jv_list(r, rest.at, rest.n, JV_TUPLE));
    if (sig->uses_kwargs)
        jscope_set(r, JSYM_KWARGS, extra);
    if (sig->uses_caller && !r->rc) {
        const struct jval *caller = key_arg(r, a, &r->t->sym[JSYM_CALLER]);

        jscope_set(r, JSYM_CALLER,
                   caller ? *caller : jv_undef_text(r, jv_lit("No caller defined")));
    }
    for (uint32_t i = 0; i < sig->n && !r->rc; i++)
        bind_one(r, m, a, i);
}

struct jval jmacro_call(struct jrun *r, struct jmacro *m, const struct jargs *a)
{
    struct jscope *outer = r->scope;
    const struct jnode *at = r->at;
    enum jsignal sig = r->sig;
    size_t mark = r->out->len;

    if (!enter_call(r))
        return jv_none();
    r->scope = m->scope;
    if (jscope_push(r)) {
        bind(r, m, a);
        if (!r->rc)
            jexec(r, m->node->c);
    }
    r->scope = outer;
    r->at = at;
    r->sig = sig;
    r->n_call--;
    return jr_take(r, mark);
}
