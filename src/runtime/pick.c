/* Which model a name means, and room in memory for it. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "os/cpu.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

/* ---- names ---- */

struct instance *rt_instance_named(const struct runtime *r, const char *id)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i]->state != INSTANCE_CLOSING && strcmp(r->at[i]->id, id) == 0)
            return r->at[i];
    }
    return NULL;
}

void rt_unique_id(const struct runtime *r, const char *key, char out[RUNTIME_ID_BYTES])
{
    (void)snprintf(out, RUNTIME_ID_BYTES, "%s", key);
    for (uint32_t n = 2; rt_instance_named(r, out) && n <= RUNTIME_INSTANCES_MAX + 1; n++)
        (void)snprintf(out, RUNTIME_ID_BYTES, "%.*s:%u", (int)RUNTIME_ID_BYTES - 8, key, n);
}

static bool right_type(const struct job_target *t, enum model_type type)
{
    if (t->wants_ranking)
        return type == MODEL_RERANKER;
    if (t->wants_embeddings)
        return type == MODEL_EMBEDDING;
    return type == MODEL_LLM;
}

static enum err_code check_type(const struct job_target *t, const struct library_model *m,
                                struct err *e)
{
    if (m->type == MODEL_UNUSABLE) {
        char why[ERR_TEXT_BYTES];

        rt_shown(why, m->why, m);
        return err_set(e, ERR_UNSUPPORTED, "%.200s cannot be loaded: %.250s", m->key, why);
    }
    if (t->any_type || right_type(t, m->type))
        return ERR_OK;
    if (t->wants_ranking)
        return err_set(e, ERR_ARG, "%.200s is no reranker", m->key);
    if (t->wants_embeddings)
        return err_set(e, ERR_ARG, "%.200s is no embedding model", m->key);
    return err_set(e, ERR_ARG, "%.200s generates no text: it is %s", m->key,
                   m->type == MODEL_EMBEDDING ? "an embedding model" : "a reranker");
}

static bool has_context(const struct instance *in, uint32_t n_ctx)
{
    if (!n_ctx)
        return true;
    return (in->state == INSTANCE_READY ? in->ready.n_ctx : in->opts.n_ctx) >= n_ctx;
}

/* No name: the one loaded model of the right kind. */
static enum err_code pick_only(struct runtime *r, const struct job_target *t, struct instance **out,
                               struct err *e)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < r->n; i++) {
        struct instance *in = r->at[i];

        if (in->state == INSTANCE_CLOSING || (!t->any_type && !right_type(t, in->model.type)))
            continue;
        *out = in;
        n++;
    }
    if (n == 1)
        return ERR_OK;
    *out = NULL;
    if (n)
        return err_set(e, ERR_NOT_FOUND, "no model was named and %u are loaded; name one", n);
    return err_set(e, ERR_NOT_FOUND, "no model was named and none is loaded");
}

/* The least busy instance of a model. */
static struct instance *instance_of(struct runtime *r, const struct library_model *m,
                                    bool this_variant, uint32_t n_ctx)
{
    struct instance *best = NULL;

    for (uint32_t i = 0; i < r->n; i++) {
        struct instance *in = r->at[i];

        if (in->state == INSTANCE_CLOSING || strcmp(in->model.key, m->key) != 0 ||
            (this_variant && strcmp(in->model.variant, m->variant) != 0) || !has_context(in, n_ctx))
            continue;
        if (!best || in->n_job < best->n_job)
            best = in;
    }
    return best;
}

static enum err_code not_there(const struct runtime *r, const char *name, struct err *e)
{
    const char *near = library_near(r->library, name);

    if (near)
        return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'; did you mean '%.200s'?", name,
                       near);
    return err_set(e, ERR_NOT_FOUND, "there is no model '%.200s'; `hearth ls` lists those at hand",
                   name);
}

enum err_code rt_pick(struct runtime *r, const struct job_target *t, struct instance **in,
                      const struct library_model **m, struct err *e)
{
    enum err_code rc;

    *in = NULL;
    *m = NULL;
    if (!t->model || !t->model[0])
        return pick_only(r, t, in, e);
    *in = rt_instance_named(r, t->model);
    if (*in && has_context(*in, t->n_ctx))
        return check_type(t, &(*in)->model, e);
    *m = *in ? &(*in)->model : library_find(r->library, t->model);
    *in = NULL;
    if (!*m)
        return not_there(r, t->model, e);
    rc = check_type(t, *m, e);
    if (rc)
        return rc;
    *in = instance_of(r, *m, strchr(t->model, '@') != NULL, t->n_ctx);
    if (!*in && !r->settings.jit)
        return err_set(e, ERR_NOT_FOUND,
                       "'%.200s' is not loaded, and loading on demand is switched off; "
                       "`hearth load %.200s` loads it",
                       t->model, (*m)->key);
    return ERR_OK;
}

/* ---- room ---- */

static double reserve(enum guardrail g)
{
    return g == GUARD_STRICT ? 0.25 : g == GUARD_BALANCED ? 0.10 : 0.02;
}

/* Memory for one more model: what is free, less what must stay free, less what the others will
 * take while they load, less the weights that they have only mapped: the system counts those as
 * free. */
uint64_t rt_room(const struct runtime *r, const struct instance *whom)
{
    uint64_t room = ram_available_now();
    uint64_t keep = (uint64_t)(reserve(r->settings.guardrail) * (double)cpu_info()->ram_bytes);

    for (uint32_t i = 0; i < r->n; i++) {
        const struct instance *in = r->at[i];
        struct load_estimate its;

        if (in == whom || in->waits)
            continue;
        if (in->state == INSTANCE_LOADING) {
            rt_estimate(&in->model, &in->opts, &its);
            keep += its.total_bytes;
        } else {
            keep += process_file_bytes(in->process.pid);
        }
    }
    if (!room)
        return UINT64_MAX;
    return room > keep ? room - keep : 0;
}

/* The instance that nobody has used for longest, of those that may be taken away. has_memory: not
 * those whose worker died, which gain nothing. */
static struct instance *idlest(const struct runtime *r, const struct instance *for_whom,
                               bool has_memory)
{
    struct instance *best = NULL;

    for (uint32_t i = 0; i < r->n; i++) {
        struct instance *in = r->at[i];

        if (in == for_whom || !in->is_jit || in->n_job ||
            (in->state != INSTANCE_READY && (has_memory || in->state != INSTANCE_DOWN)))
            continue;
        if (!best || in->t_idle < best->t_idle)
            best = in;
    }
    return best;
}

/* Each of these comes to rt_room_made. One that waits itself gives nothing back. */
static bool somebody_leaves(const struct runtime *r, const struct instance *for_whom)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const struct instance *in = r->at[i];

        if (in == for_whom || in->waits)
            continue;
        if (in->state == INSTANCE_CLOSING || (in->leaves && in->n_job) ||
            (in->state == INSTANCE_LOADING && in->is_jit && in->process.pid))
            return true;
    }
    return r->graves != NULL;
}

/* Busy JIT models leave as soon as they have nothing to do; answers are never cut off. */
static bool ask_busy_to_leave(struct runtime *r, const struct instance *for_whom)
{
    bool any = false;

    for (uint32_t i = 0; i < r->n; i++) {
        struct instance *in = r->at[i];

        if (in == for_whom || !in->is_jit || in->state != INSTANCE_READY || !in->n_job)
            continue;
        in->leaves = true;
        any = true;
    }
    return any;
}

void rt_evict_for(struct instance *in)
{
    struct runtime *r = in->r;
    struct instance *other;

    if (!r->settings.jit_keep_last)
        return;
    while ((other = idlest(r, in, false)) != NULL)
        instance_close(other, "replaced");
    (void)ask_busy_to_leave(r, in);
}

void rt_try_start(struct instance *in)
{
    struct runtime *r = in->r;
    struct load_estimate need;
    struct instance *other;
    struct err e;
    uint64_t room;

    rt_estimate(&in->model, &in->opts, &need);
    room = rt_room(r, in);
    in->waits = false;
    if (r->settings.guardrail == GUARD_OFF || need.total_bytes <= room) {
        instance_start(in);
        return;
    }
    other = idlest(r, in, true);
    if (other || somebody_leaves(r, in) || ask_busy_to_leave(r, in)) {
        log_info("runtime", "%s waits for memory: %llu MiB needed, %llu MiB free", in->id,
                 (unsigned long long)(need.total_bytes >> 20), (unsigned long long)(room >> 20));
        in->waits = true;
        if (other)
            instance_close(other, "replaced"); /* may come back here at once */
        return;
    }
    (void)err_set(&e, ERR_LIMIT,
                  "loading '%.200s' takes about %llu MiB and %llu MiB are free: choose a smaller "
                  "model or context, unload another, or relax the guardrail",
                  in->model.key, (unsigned long long)(need.total_bytes >> 20),
                  (unsigned long long)(room >> 20));
    instance_fail(in, JOB_ERR_MEMORY, e.text);
}

bool rt_is_forsaken(const struct instance *in)
{
    return in->waits && in->is_jit && !in->n_job && !rt_loads_wait_for(in);
}

bool rt_somebody_waits(const struct runtime *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i]->waits && !rt_is_forsaken(r->at[i]))
            return true;
    }
    return false;
}

/* Instances stand in the order of their making. */
static bool has_successor(const struct instance *in)
{
    const struct runtime *r = in->r;
    bool is_later = false;

    for (uint32_t i = 0; i < r->n; i++) {
        const struct instance *other = r->at[i];

        if (is_later && other->is_jit && !other->doomed && !rt_is_forsaken(other) &&
            (other->state == INSTANCE_LOADING || other->state == INSTANCE_READY))
            return true;
        is_later = is_later || other == in;
    }
    return false;
}

bool rt_must_leave(const struct instance *in)
{
    return in->leaves &&
           (rt_somebody_waits(in->r) || (in->r->settings.jit_keep_last && has_successor(in)));
}

void rt_let_stay(struct runtime *r)
{
    for (uint32_t i = 0; i < r->n;) {
        struct instance *in = r->at[i];

        if (in->leaves && !rt_must_leave(in)) {
            in->leaves = false;
            rt_jobs_send(in);
            i = 0; /* the list may have changed */
        } else {
            i++;
        }
    }
}

/* In order of arrival. */
void rt_room_made(struct runtime *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->at[i]->waits && !rt_is_forsaken(r->at[i])) {
            rt_try_start(r->at[i]);
            return; /* the list may have changed; its own start or end comes back here */
        }
    }
}
