/* The door of the template engine: compiling, and rendering with a JSON object as variables. */
#include "text/template.h"

#include "base/mem.h"
#include "text/jinja_int.h"

#define STEPS_DEFAULT   50000000ULL
#define BYTES_DEFAULT   ((size_t)256 << 20)
#define DEPTH_DEFAULT   200U
#define DEPTH_MAX       500U
#define NODES_PER_DEPTH 8U /* a call goes through about so many nested nodes */
#define BLOCK_BYTES     (64U * 1024U)

void tmpl_close(struct tmpl *t)
{
    if (!t)
        return;
    arena_finish(&t->arena);
    mem_free(t);
}

enum err_code tmpl_open(struct tmpl **out, const char *source, size_t len, struct err *e)
{
    struct tmpl *t;
    struct jtok *tok;
    enum err_code rc;

    *out = NULL;
    if (len > TMPL_SOURCE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "template: %zu bytes, at most %u are allowed", len,
                       TMPL_SOURCE_BYTES_MAX);
    t = mem_alloc_zero(MEM_MODEL, sizeof(*t));
    if (!t)
        return err_set(e, ERR_OOM, "template: no memory");
    arena_init(&t->arena, MEM_MODEL, BLOCK_BYTES, JINJA_TEMPLATE_BYTES);
    rc = jlex_run(&t->arena, source, len, &tok, e);
    if (!rc)
        rc = jparse_run(t, tok, e);
    if (rc) {
        tmpl_close(t);
        return rc;
    }
    *out = t;
    return ERR_OK;
}

/* ---- the context ---- */

static struct jval from_json(struct jrun *r, const struct js *v);

static struct jval from_array(struct jrun *r, const struct js *v)
{
    size_t n = js_len(v);
    struct jval *at = jr_new(r, n, sizeof(*at));

    for (size_t i = 0; at && i < n && !r->rc; i++)
        at[i] = from_json(r, js_at(v, i));
    return jv_list(r, at, at ? n : 0, JV_LIST);
}

static struct jval key_of(void *it)
{
    size_t len;
    const char *s = js_key(it, &len);

    return jv_strn(s, len);
}

static struct jval from_object(struct jrun *r, const struct js *v)
{
    struct jdict *d;
    struct jval out = jv_dict(r, &d);

    for (void *it = js_first(v); d && it && !r->rc; it = js_next(v, it))
        (void)jdict_set(r, d, key_of(it), from_json(r, js_value(it)));
    return out;
}

static struct jval from_json(struct jrun *r, const struct js *v)
{
    struct jval out = jv_none();
    size_t len;
    const char *s;

    if (!jr_step(r, 0) || !jr_nest(r))
        return out;
    switch (js_kind(v)) {
    case JS_NULL:
        break;
    case JS_BOOL:
        out = jv_bool(js_bool(v));
        break;
    case JS_INT:
        out = jv_int(js_int(v));
        break;
    case JS_REAL:
        out = jv_float(js_num(v));
        break;
    case JS_STR:
        s = js_str(v, &len);
        out = jv_strn(s, len);
        break;
    case JS_ARR:
        out = from_array(r, v);
        break;
    case JS_OBJ:
        out = from_object(r, v);
        break;
    }
    jr_unnest(r);
    return out;
}

/* Only the variables that the template names. */
static void load_context(struct jrun *r, const struct js *context)
{
    struct jdict *names;
    struct jval ignored = jv_dict(r, &names);

    (void)ignored;
    for (uint32_t i = 0; names && i < r->t->n_sym && !r->rc; i++)
        (void)jdict_set(r, names, r->t->sym[i], jv_int(i));
    for (void *it = js_first(context); it && !r->rc; it = js_next(context, it)) {
        struct jval key = key_of(it);
        const struct jval *sym = jdict_get(r, names, &key);

        if (sym)
            r->global[sym->u.i] = from_json(r, js_value(it));
    }
}

enum err_code tmpl_render(const struct tmpl *t, const struct js *context, int64_t now_unix_s,
                          int32_t zone_s, const struct tmpl_limits *limits, struct buf *out,
                          struct err *e)
{
    struct tmpl_limits lim = limits ? *limits : (struct tmpl_limits){ 0 };
    struct jrun r = { .t = t, .out = out, .out_base = out->len, .e = e, .line = 1 };

    r.now = now_unix_s;
    r.zone = zone_s;
    r.n_step_max = r.n_step_left = lim.n_step ? lim.n_step : STEPS_DEFAULT;
    r.ask_at = r.n_step_left;
    r.stop = lim.stop;
    r.bytes_max = lim.bytes ? lim.bytes : BYTES_DEFAULT;
    r.n_call_max = lim.n_depth ? lim.n_depth : DEPTH_DEFAULT;
    if (r.n_call_max > DEPTH_MAX)
        r.n_call_max = DEPTH_MAX;
    r.n_nest_max = r.n_call_max * NODES_PER_DEPTH;
    arena_init(&r.arena, MEM_REQUEST, BLOCK_BYTES, r.bytes_max);
    r.global = jr_new(&r, t->n_sym, sizeof(*r.global));
    if (r.global)
        load_context(&r, context);
    if (!r.rc)
        jexec(&r, t->root);
    arena_finish(&r.arena);
    if (r.rc && out->len > r.out_base) {
        out->len = r.out_base;
        out->data[out->len] = '\0';
    }
    return r.rc;
}
