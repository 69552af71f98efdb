/* Explicit loads: who asked for one and waits to hear of it. */
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "runtime/runtime_int.h"

static struct rt_load *load_new(struct runtime *r, load_event_fn on_event, void *arg)
{
    struct rt_load *l;
    uint32_t n = 0;

    for (l = r->loads; l; l = l->next)
        n++;
    l = n < RT_LOADS_MAX ? mem_alloc_zero(MEM_OTHER, sizeof(*l)) : NULL;
    if (!l)
        return NULL;
    l->id = r->serial++;
    l->on_event = on_event;
    l->arg = arg;
    l->next = r->loads;
    r->loads = l;
    return l;
}

static void load_free(struct runtime *r, struct rt_load *gone)
{
    struct rt_load **at = &r->loads;

    while (*at && *at != gone)
        at = &(*at)->next;
    if (*at)
        *at = gone->next;
    mem_free(gone->model);
    mem_free(gone->identifier);
    mem_free(gone);
}

static struct rt_load *load_find(struct runtime *r, uint64_t id)
{
    struct rt_load *l = r->loads;

    while (l && l->id != id)
        l = l->next;
    return l;
}

static void fail(struct runtime *r, struct rt_load *l, enum job_error error, const char *why,
                 const char *detail)
{
    struct err cut;

    (void)err_set(&cut, ERR_ARG, "%s", why);
    memcpy(l->why, cut.text, sizeof(l->why));
    (void)err_set(&cut, ERR_ARG, "%s", detail);
    memcpy(l->detail, cut.text, sizeof(l->detail));
    l->in = NULL;
    l->error = error;
    rt_soon(r);
}

bool rt_loads_wait_for(const struct instance *in)
{
    for (const struct rt_load *l = in->r->loads; l; l = l->next) {
        if (l->in == in)
            return true;
    }
    return false;
}

/* Calls back each waiter of in; a callback may take any of them away. */
static void each(struct instance *in, const struct load_event *ev, bool ends)
{
    uint64_t ids[RT_LOADS_MAX];
    struct runtime *r = in->r;
    uint32_t n = 0;

    for (struct rt_load *l = r->loads; l && n < RT_LOADS_MAX; l = l->next) {
        if (l->in == in)
            ids[n++] = l->id;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct rt_load *l = load_find(r, ids[i]);
        load_event_fn fn = l ? l->on_event : NULL;
        void *arg = l ? l->arg : NULL;

        if (!l)
            continue;
        if (ends)
            load_free(r, l);
        fn(arg, ev);
    }
}

void rt_loads_progress(struct instance *in)
{
    each(in, &(struct load_event){ .kind = LOAD_PROGRESS, .share = in->share }, false);
}

void rt_loads_ready(struct instance *in)
{
    struct instance_info info;

    if (runtime_find(in->r, in->id, &info))
        each(in, &(struct load_event){ .kind = LOAD_READY, .share = 1.0F, .info = &info }, true);
}

void rt_loads_fail(struct instance *in, enum job_error error, const char *why, const char *detail)
{
    for (struct rt_load *l = in->r->loads; l; l = l->next) {
        if (l->in == in)
            fail(in->r, l, error, why, detail);
    }
}

void rt_loads_deliver(struct runtime *r)
{
    struct rt_load *l = r->loads;

    while (l) {
        struct load_event ev = { .kind = LOAD_FAILED, .error = l->error };

        if (l->in || l->model) {
            l = l->next;
            continue;
        }
        {
            struct rt_load gone = *l;

            ev.text = gone.why;
            ev.detail = gone.detail;
            load_free(r, l);
            gone.on_event(gone.arg, &ev);
        }
        l = r->loads; /* the callback may have changed the list */
    }
}

void rt_loads_close(struct runtime *r)
{
    while (r->loads)
        load_free(r, r->loads);
}

/* ---- the interface ---- */

/* shown: *e for anybody. */
static enum err_code unusable(const struct library_model *m, char shown[ERR_TEXT_BYTES],
                              struct err *e)
{
    (void)err_set(e, ERR_UNSUPPORTED, "%.200s cannot be loaded: %.250s", m->key, m->why);
    rt_shown(shown, e->text, m);
    return ERR_UNSUPPORTED;
}

static enum err_code new_for_load(struct runtime *r, const char *model,
                                  const struct load_options *asked, struct instance **out,
                                  char shown[ERR_TEXT_BYTES], struct err *e)
{
    const struct library_model *m = library_find(r->library, model);
    struct load_options o = *asked;
    char id[RUNTIME_ID_BYTES];

    if (r->closing)
        return err_set(e, ERR_CANCELLED, "the server is shutting down");
    if (!m) {
        const char *near = library_near(r->library, model);

        return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'%s%.200s%s", model,
                       near ? "; did you mean '" : "; `hearth ls` lists those at hand",
                       near ? near : "", near ? "'?" : "");
    }
    if (m->type == MODEL_UNUSABLE)
        return unusable(m, shown, e);
    if (r->defaults)
        r->defaults(r->arg, m->key, &o, NULL);
    if (o.identifier && strlen(o.identifier) >= RUNTIME_ID_BYTES)
        return err_set(e, ERR_ARG, "the identifier has %zu bytes, limit %u", strlen(o.identifier),
                       RUNTIME_ID_BYTES - 1);
    if (o.identifier && utf8_has_control(o.identifier, strlen(o.identifier)))
        return err_set(e, ERR_ARG, "the identifier contains control characters");
    if (o.identifier && o.identifier[0] && rt_instance_named(r, o.identifier))
        return err_set(e, ERR_ARG, "the identifier '%.200s' is in use", o.identifier);
    if (o.identifier && o.identifier[0])
        memcpy(id, o.identifier, strlen(o.identifier) + 1);
    else
        rt_unique_id(r, m->key, id);
    *out = instance_new(r, m, &o, id, false, e);
    return *out ? ERR_OK : ERR_LIMIT;
}

static enum job_error error_of(enum err_code rc)
{
    if (rc == ERR_NOT_FOUND)
        return JOB_ERR_NOT_FOUND;
    if (rc == ERR_ARG)
        return JOB_ERR_INVALID;
    return rc == ERR_CANCELLED ? JOB_ERR_CLOSING : JOB_ERR_LOAD;
}

static void begin(struct runtime *r, struct rt_load *l, const char *model,
                  const struct load_options *o)
{
    struct instance *in = NULL;
    char shown[ERR_TEXT_BYTES] = "";
    struct err why = { 0 };
    enum err_code rc = new_for_load(r, model, o, &in, shown, &why);

    if (rc) {
        fail(r, l, error_of(rc), shown[0] ? shown : why.text, why.text);
        return;
    }
    l->in = in;
    rt_try_start(in);
}

static bool keep_asked(struct rt_load *l, const char *model, const struct load_options *o)
{
    l->options = *o;
    l->model = mem_strndup(MEM_OTHER, model, strlen(model));
    if (o->identifier)
        l->identifier = mem_strndup(MEM_OTHER, o->identifier, strlen(o->identifier));
    l->options.identifier = l->identifier;
    if (l->model && (l->identifier || !o->identifier))
        return true;
    mem_free(l->model);
    l->model = NULL;
    return false;
}

/* Beginning one may end others: the list is looked through anew each time. */
bool rt_loads_sought(struct runtime *r, uint64_t serial)
{
    struct rt_load *l = r->loads;
    bool any = false;

    while (l) {
        char *model = l->model;

        if (!model) {
            l = l->next;
        } else if (!r->closing && l->id >= serial && rt_is_unknown(r, model)) {
            any = true;
            l = l->next;
        } else {
            l->model = NULL;
            begin(r, l, model, &l->options);
            mem_free(model);
            any = false;
            l = r->loads;
        }
    }
    return any;
}

enum err_code runtime_load(struct runtime *r, const char *model, const struct load_options *o,
                           load_event_fn on_event, void *arg, uint64_t *id, struct err *e)
{
    static const struct load_options none = { 0 };
    struct rt_load *l = load_new(r, on_event, arg);

    *id = 0;
    if (!l)
        return err_set(e, ERR_OOM, "too many models are being loaded (limit %u)", RT_LOADS_MAX);
    *id = l->id;
    if (!r->closing && rt_is_unknown(r, model) && keep_asked(l, model, o ? o : &none))
        rt_seek(r);
    else
        begin(r, l, model, o ? o : &none);
    return ERR_OK;
}

void runtime_load_cancel(struct runtime *r, uint64_t id)
{
    struct rt_load *l = load_find(r, id);
    struct instance *in = l ? l->in : NULL;

    if (!l)
        return;
    load_free(r, l);
    if (in && in->state == INSTANCE_LOADING && !in->n_job && !rt_loads_wait_for(in))
        in->doomed = "loading was cancelled";
    rt_soon(r);
}
