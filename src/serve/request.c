/* Fields that requests of several dialects share: model, sampling, limits, manners. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "serve/request_int.h"

void request_init(struct request *q)
{
    memset(q, 0, sizeof(*q));
    buf_init(&q->messages, MEM_REQUEST, JOB_BYTES_MAX);
}

void request_finish(struct request *q)
{
    buf_finish(&q->messages);
}

static void refuse_given(struct reader *r, const struct js *body, const char *key)
{
    struct job_str s = { NULL, 0 };

    if (read_str(r, body, key, READ_OPTIONAL, &s) && s.len)
        read_fail(r, "unsupported_parameter", key, "'%s' is not supported", key);
}

void request_model(struct reader *r, const struct js *body, struct request *q)
{
    struct job_str s = { NULL, 0 };
    int64_t ttl;

    if (read_name(r, body, "model", READ_OPTIONAL, RUNTIME_ID_BYTES - 1, &s))
        q->target.model = read_keep(r, s.s, s.len).s;
    if (read_int(r, body, "ttl", 1, REQUEST_TTL_MAX_S, &ttl))
        q->target.ttl_s = (double)ttl;
    refuse_given(r, body, "draft_model");
    refuse_given(r, body, "preset");
}

static const struct sampling_field {
    const char *name;
    unsigned given;
    size_t at; /* of a double in struct job_sampling */
    double lo, hi;
} sampling_fields[] = {
    { "top_p", JOB_HAS_TOP_P, offsetof(struct job_sampling, top_p), 0, 1 },
    { "min_p", JOB_HAS_MIN_P, offsetof(struct job_sampling, min_p), 0, 1 },
    { "typical_p", JOB_HAS_TYPICAL, offsetof(struct job_sampling, typical), 0, 1 },
    { "repeat_penalty", JOB_HAS_REPEAT, offsetof(struct job_sampling, repeat), 0.01, 100 },
    { "presence_penalty", JOB_HAS_PRESENCE, offsetof(struct job_sampling, presence), -2, 2 },
    { "frequency_penalty", JOB_HAS_FREQUENCY, offsetof(struct job_sampling, frequency), -2, 2 },
};

static void read_bias(struct reader *r, const struct js *obj, struct job_sampling *s)
{
    struct logit_bias *bias;
    size_t mark;
    uint32_t n = 0;

    if (!obj || !js_len(obj))
        return;
    mark = read_enter(r, "logit_bias");
    if (js_len(obj) > JOB_LOGIT_BIAS_MAX)
        read_fail(r, "invalid_value", NULL, "'logit_bias': more than %u tokens",
                  JOB_LOGIT_BIAS_MAX);
    bias = arena_new_n(r->arena, js_len(obj), sizeof(*bias));
    if (!bias)
        read_fail_memory(r);
    for (void *it = js_first(obj); it && read_ok(r); it = js_next(obj, it)) {
        const char *key = js_key(it, NULL);
        char *end = NULL;
        long id = strtol(key, &end, 10);
        double value = 0;

        /* "+1", " 1" and "01" would be further names of the same token */
        if (key[strspn(key, "0123456789")] || !*key || (key[0] == '0' && key[1]) || *end ||
            id > INT32_MAX)
            read_fail(r, "invalid_value", key, "'logit_bias': '%.40s' is no token id", key);
        if (read_num(r, obj, key, -100, 100, &value))
            /* -100 is how callers forbid a token */
            bias[n++] =
                (struct logit_bias){ (int32_t)id, value <= -100 ? -INFINITY : (float)value };
    }
    read_leave(r, mark);
    s->bias = bias;
    s->n_bias = n;
}

static void read_sampling(struct reader *r, const struct js *body, double temperature_max,
                          struct request *q)
{
    struct job_sampling *s = &q->job.sampling;
    int64_t x;

    if (read_num(r, body, "temperature", 0, temperature_max, &s->temperature))
        s->given |= JOB_HAS_TEMPERATURE;
    for (size_t i = 0; i < COUNT_OF(sampling_fields); i++) {
        const struct sampling_field *f = &sampling_fields[i];
        double value;

        if (read_num(r, body, f->name, f->lo, f->hi, &value)) {
            memcpy((char *)s + f->at, &value, sizeof(value));
            s->given |= f->given;
        }
    }
    if (read_int(r, body, "top_k", -1, INT32_MAX, &x)) {
        s->top_k = (int32_t)x;
        s->given |= JOB_HAS_TOP_K;
    }
    /* -1 is the common way to ask for a random one */
    if (read_int(r, body, "seed", INT64_MIN, INT64_MAX, &x) && x != -1) {
        s->seed = (uint64_t)x;
        s->given |= JOB_HAS_SEED;
    }
    read_bias(r, read_object(r, body, "logit_bias", READ_OPTIONAL), s);
}

static void add_stop(struct reader *r, const struct js *v, struct request *q, struct job_str *stops)
{
    size_t len;
    const char *s;

    if (!read_is(r, v, JS_STR))
        return;
    s = js_str(v, &len);
    if (len == 0 || len > ENGINE_STOP_BYTES_MAX || memchr(s, '\0', len)) {
        read_fail(r, "invalid_value", NULL, "'%s': a stop text has 1 to %u bytes and no NUL",
                  r->path, ENGINE_STOP_BYTES_MAX);
        return;
    }
    stops[q->job.n_stop] = read_keep(r, s, len);
    q->job.n_stop++;
}

void request_stops(struct reader *r, const struct js *body, const char *key, struct request *q)
{
    const struct js *v = read_any(r, body, key, READ_OPTIONAL);
    struct job_str *stops;
    size_t mark, n;

    if (!v)
        return;
    mark = read_enter(r, key);
    n = js_kind(v) == JS_ARR ? js_len(v) : 1;
    stops = arena_new_n(r->arena, n + 1, sizeof(*stops));
    if (!stops)
        read_fail_memory(r);
    else if (n > ENGINE_STOPS_MAX)
        read_fail(r, "invalid_value", NULL, "'%s': more than %u stop texts", key, ENGINE_STOPS_MAX);
    else if (js_kind(v) != JS_ARR)
        add_stop(r, v, q, stops);
    for (size_t i = 0; js_kind(v) == JS_ARR && i < n && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);

        add_stop(r, js_at(v, i), q, stops);
        read_leave(r, in);
    }
    q->job.stops = stops;
    read_leave(r, mark);
}

void request_limit(struct reader *r, const struct js *body, const char *key, struct request *q)
{
    int64_t n;

    if (!read_int(r, body, key, -1, INT32_MAX, &n))
        return;
    if (n == 0)
        read_fail(r, "invalid_value", key, "'%s': expected at least 1, or -1 for no limit", key);
    q->job.n_predict = n > 0 ? (uint32_t)n : 0;
}

static void read_manners(struct reader *r, const struct js *body, struct request *q)
{
    static const char *const policies[] = { "error", "truncateMiddle", "rollingWindow" };
    const struct js *options = read_object(r, body, "stream_options", READ_OPTIONAL);
    int policy =
        read_choice(r, body, "context_overflow", READ_OPTIONAL, policies, COUNT_OF(policies));

    (void)read_bool(r, body, "stream", &q->stream);
    (void)read_bool(r, body, "cache_debug", &q->cache_debug);
    q->job.report_miss = q->cache_debug;
    if (policy >= 0)
        q->job.overflow = (enum job_overflow)policy;
    if (options) {
        size_t mark = read_enter(r, "stream_options");

        (void)read_bool(r, options, "include_usage", &q->include_usage);
        read_leave(r, mark);
    }
}

void request_generation(struct reader *r, const struct js *body, double temperature_max,
                        struct request *q)
{
    request_model(r, body, q);
    read_manners(r, body, q);
    read_sampling(r, body, temperature_max, q);
}

void request_effort(struct reader *r, const struct js *obj, const char *key, struct request *q)
{
    static const char *const names[] = { "none", "minimal", "low", "medium", "high", "xhigh" };
    int effort = read_choice(r, obj, key, READ_OPTIONAL, names, COUNT_OF(names));

    if (effort < 0)
        return;
    q->job.reasoning = effort == 0 ? REASONING_OFF : REASONING_ON;
    if (effort > 0)
        q->job.effort = (struct job_str){ names[effort], strlen(names[effort]) };
}

static void schema_format(struct reader *r, const struct js *from, struct request *q)
{
    const struct js *schema = read_any(r, from, "schema", READ_REQUIRED);
    const struct js *strict = read_any(r, from, "strict", READ_OPTIONAL);
    struct job_str s = { NULL, 0 };

    (void)read_str(r, from, "name", READ_OPTIONAL, &s);

    if (schema && js_kind(schema) != JS_OBJ && js_kind(schema) != JS_BOOL)
        (void)read_object(r, from, "schema", READ_REQUIRED);
    if (strict && js_kind(strict) == JS_STR) { /* "true": as some documents write it */
        (void)read_str(r, from, "strict", READ_OPTIONAL, &s);
        q->job.schema_strict = job_str_is(s, "true");
        if (!q->job.schema_strict && !job_str_is(s, "false"))
            read_fail(r, "invalid_value", "strict", "'strict': expected true or false");
    } else {
        (void)read_bool(r, from, "strict", &q->job.schema_strict);
    }
    q->job.schema = read_json(r, schema);
}

void request_format(struct reader *r, const struct js *format, bool flat, struct request *q)
{
    static const char *const types[] = { "text", "json_object", "json_schema" };
    int type = read_choice(r, format, "type", READ_REQUIRED, types, COUNT_OF(types));

    if (type == 1)
        q->job.json_object = true;
    if (type != 2)
        return;
    if (flat) {
        schema_format(r, format, q);
    } else {
        const struct js *from = read_object(r, format, "json_schema", READ_REQUIRED);
        size_t mark = read_enter(r, "json_schema");

        schema_format(r, from, q);
        read_leave(r, mark);
    }
}
