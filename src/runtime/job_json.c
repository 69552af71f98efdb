/* Jobs as JSON text. A table of members serves both ways; lists have code of their own. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/attr.h"
#include "base/jsonw.h"
#include "runtime/job.h"

enum field_kind { FIELD_STR, FIELD_BOOL, FIELD_U32, FIELD_I32, FIELD_U64, FIELD_F64 };

/* Members that are zero, false or absent are not written. Enums are FIELD_U32: all of ours are
 * unsigned and as wide, which job_fields_fit holds. */
struct field {
    const char *name;
    enum field_kind kind;
    uint32_t offset;
    uint32_t max; /* FIELD_U32 */
};

_Static_assert(sizeof(enum job_kind) == sizeof(uint32_t), "enums travel as 32 bits");
_Static_assert(sizeof(unsigned) == sizeof(uint32_t), "flags travel as 32 bits");

#define FIELD(name, kind, max)                                                                     \
    {                                                                                              \
#name, kind, (uint32_t)offsetof(struct job, name), max                                     \
    }
#define SAMPLING(name, kind)                                                                       \
    {                                                                                              \
#name, kind, (uint32_t)offsetof(struct job, sampling.name), UINT32_MAX                     \
    }

static const struct field fields[] = {
    FIELD(tenant, FIELD_U64, 0), /* first: job_tenant_of */
    FIELD(kind, FIELD_U32, JOB_KIND_COUNT - 1),
    FIELD(messages, FIELD_STR, 0),
    FIELD(tools, FIELD_STR, 0),
    FIELD(tool_choice, FIELD_U32, JOB_TOOLS_NAMED),
    FIELD(tool_name, FIELD_STR, 0),
    FIELD(no_parallel_calls, FIELD_BOOL, 0),
    FIELD(template_kwargs, FIELD_STR, 0),
    FIELD(reasoning, FIELD_U32, REASONING_OFF),
    FIELD(effort, FIELD_STR, 0),
    FIELD(reasoning_budget, FIELD_U32, UINT32_MAX),
    FIELD(continue_last, FIELD_BOOL, 0),
    FIELD(keep_reasoning, FIELD_BOOL, 0),
    FIELD(query, FIELD_STR, 0),
    FIELD(add_special, FIELD_BOOL, 0),
    FIELD(parse_special, FIELD_BOOL, 0),
    FIELD(raw_vectors, FIELD_BOOL, 0),
    FIELD(n_dimension, FIELD_U32, UINT32_MAX),
    FIELD(echo, FIELD_BOOL, 0),
    FIELD(schema, FIELD_STR, 0),
    FIELD(schema_strict, FIELD_BOOL, 0),
    FIELD(json_object, FIELD_BOOL, 0),
    FIELD(grammar, FIELD_STR, 0),
    SAMPLING(given, FIELD_U32),
    SAMPLING(temperature, FIELD_F64),
    SAMPLING(top_p, FIELD_F64),
    SAMPLING(min_p, FIELD_F64),
    SAMPLING(typical, FIELD_F64),
    SAMPLING(repeat, FIELD_F64),
    SAMPLING(presence, FIELD_F64),
    SAMPLING(frequency, FIELD_F64),
    SAMPLING(top_k, FIELD_I32),
    SAMPLING(seed, FIELD_U64),
    FIELD(n_predict, FIELD_U32, UINT32_MAX),
    FIELD(n_choice, FIELD_U32, JOB_CHOICES_MAX),
    FIELD(logprobs, FIELD_BOOL, 0),
    FIELD(n_top, FIELD_U32, JOB_TOP_MAX),
    FIELD(overflow, FIELD_U32, JOB_OVERFLOW_ROLLING_WINDOW),
    FIELD(no_cache, FIELD_BOOL, 0),
    FIELD(report_miss, FIELD_BOOL, 0),
    FIELD(want_prompt, FIELD_BOOL, 0),
};

/* ---- writing ---- */

static void write_field(const struct field *f, const void *at, struct jsonw *w)
{
    struct job_str s;
    uint64_t u = 0;
    int32_t i = 0;
    double d = 0;
    bool b = false;

    switch (f->kind) {
    case FIELD_STR:
        memcpy(&s, at, sizeof(s));
        if (s.s) {
            jsonw_key(w, f->name);
            jsonw_strn(w, s.s, s.len);
        }
        return;
    case FIELD_BOOL:
        memcpy(&b, at, sizeof(b));
        u = b;
        break;
    case FIELD_U32:
        memcpy(&i, at, sizeof(i));
        u = (uint32_t)i;
        break;
    case FIELD_I32:
        memcpy(&i, at, sizeof(i));
        u = (uint64_t)(int64_t)i;
        break;
    case FIELD_U64:
        memcpy(&u, at, sizeof(u));
        break;
    case FIELD_F64:
        memcpy(&d, at, sizeof(d));
        if (d == 0)
            return;
        jsonw_key(w, f->name);
        jsonw_num(w, d);
        return;
    }
    if (!u)
        return;
    jsonw_key(w, f->name);
    jsonw_int(w, (int64_t)u); /* 64 bits travel signed: what JSON readers can hold */
}

static void write_inputs(const struct job *job, struct jsonw *w)
{
    jsonw_key(w, "inputs");
    jsonw_arr(w);
    for (uint32_t i = 0; i < job->n_input; i++) {
        const struct job_input *in = &job->inputs[i];

        if (in->text.s) {
            jsonw_strn(w, in->text.s, in->text.len);
            continue;
        }
        jsonw_arr(w);
        for (uint32_t k = 0; k < in->n_tok; k++)
            jsonw_int(w, in->tokens[k]);
        jsonw_arr_end(w);
    }
    jsonw_arr_end(w);
}

static void write_bias(const struct job_sampling *s, struct jsonw *w)
{
    jsonw_key(w, "bias");
    jsonw_arr(w);
    for (uint32_t i = 0; i < s->n_bias; i++) {
        float bias = s->bias[i].bias;

        jsonw_int(w, s->bias[i].id);
        /* Minus infinity, which forbids a token, is null. */
        jsonw_num(w, bias > FLT_MAX ? (double)FLT_MAX : (double)bias);
    }
    jsonw_arr_end(w);
}

bool job_write(const struct job *job, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        write_field(&fields[i], (const char *)job + fields[i].offset, &w);
    if (job->n_input)
        write_inputs(job, &w);
    if (job->sampling.n_bias)
        write_bias(&job->sampling, &w);
    if (job->n_stop) {
        jsonw_key(&w, "stops");
        jsonw_arr(&w);
        for (uint32_t i = 0; i < job->n_stop; i++)
            jsonw_strn(&w, job->stops[i].s ? job->stops[i].s : "", job->stops[i].len);
        jsonw_arr_end(&w);
    }
    jsonw_obj_end(&w);
    return !out->failed;
}

/* ---- reading ---- */

struct reading {
    struct job *job;
    struct arena *a;
    struct err *e;
};

static enum err_code bad(const struct reading *r, const char *member, const char *expected,
                         const struct js *found)
{
    return err_set(r->e, ERR_FORMAT, "job: %.60s: expected %s, found %s", member, expected,
                   js_kind_name(js_kind(found)));
}

static enum err_code no_memory(const struct reading *r)
{
    return err_set(r->e, ERR_OOM, "no memory for a job");
}

static enum err_code read_field(const struct reading *r, const struct field *f, const struct js *v,
                                void *at)
{
    int64_t i = js_int(v);
    int32_t i32 = (int32_t)i;
    double d = js_num(v);
    bool b = i == 1;
    struct job_str s;

    switch (f->kind) {
    case FIELD_STR:
        s.s = js_str(v, &s.len);
        if (!s.s)
            return bad(r, f->name, "a string", v);
        memcpy(at, &s, sizeof(s));
        return ERR_OK;
    case FIELD_BOOL:
        if (js_kind(v) != JS_INT || (i != 0 && i != 1))
            return bad(r, f->name, "0 or 1", v);
        memcpy(at, &b, sizeof(b));
        return ERR_OK;
    case FIELD_U32:
        if (js_kind(v) != JS_INT)
            return bad(r, f->name, "an integer", v);
        if (i < 0 || i > (int64_t)f->max)
            return err_set(r->e, ERR_LIMIT, "job: %s is %lld, expected 0 to %u", f->name,
                           (long long)i, f->max);
        memcpy(at, &(uint32_t){ (uint32_t)i }, sizeof(uint32_t));
        return ERR_OK;
    case FIELD_I32:
        if (js_kind(v) != JS_INT || i < INT32_MIN || i > INT32_MAX)
            return bad(r, f->name, "an integer of 32 bits", v);
        memcpy(at, &i32, sizeof(i32));
        return ERR_OK;
    case FIELD_U64:
        if (js_kind(v) != JS_INT)
            return bad(r, f->name, "an integer", v);
        memcpy(at, &i, sizeof(i));
        return ERR_OK;
    case FIELD_F64:
        if (!js_is_num(v) || !isfinite(d))
            return bad(r, f->name, "a number", v);
        memcpy(at, &d, sizeof(d));
        return ERR_OK;
    }
    return bad(r, f->name, "something known", v);
}

static enum err_code check_list(const struct reading *r, const char *name, const struct js *v,
                                size_t n_max)
{
    if (js_kind(v) != JS_ARR)
        return bad(r, name, "an array", v);
    if (js_len(v) > n_max)
        return err_set(r->e, ERR_LIMIT, "job: %s has %zu elements, limit %zu", name, js_len(v),
                       n_max);
    return ERR_OK;
}

static bool is_id(const struct js *v)
{
    return js_kind(v) == JS_INT && js_int(v) >= INT32_MIN && js_int(v) <= INT32_MAX;
}

static enum err_code read_input(const struct reading *r, const struct js *v, struct job_input *out)
{
    size_t n = js_len(v);
    int32_t *ids;

    out->text.s = js_str(v, &out->text.len);
    if (out->text.s)
        return ERR_OK;
    out->text.len = 0;
    if (js_kind(v) != JS_ARR || n > UINT32_MAX)
        return bad(r, "inputs", "strings or lists of token ids", v);
    ids = arena_new_n(r->a, n, sizeof(*ids));
    if (!ids)
        return no_memory(r);
    for (size_t i = 0; i < n; i++) {
        if (!is_id(js_at(v, i)))
            return bad(r, "inputs", "token ids", js_at(v, i));
        ids[i] = (int32_t)js_int(js_at(v, i));
    }
    out->tokens = ids;
    out->n_tok = (uint32_t)n;
    return ERR_OK;
}

static enum err_code read_inputs(const struct reading *r, const struct js *v)
{
    enum err_code rc = check_list(r, "inputs", v, JOB_INPUTS_MAX);
    struct job_input *in;

    if (rc)
        return rc;
    in = arena_new_n(r->a, js_len(v), sizeof(*in));
    if (!in)
        return no_memory(r);
    for (size_t i = 0; !rc && i < js_len(v); i++)
        rc = read_input(r, js_at(v, i), &in[i]);
    r->job->inputs = in;
    r->job->n_input = (uint32_t)js_len(v);
    return rc;
}

static enum err_code read_stops(const struct reading *r, const struct js *v)
{
    enum err_code rc = check_list(r, "stops", v, ENGINE_STOPS_MAX);
    struct job_str *stops;

    if (rc)
        return rc;
    stops = arena_new_n(r->a, js_len(v), sizeof(*stops));
    if (!stops)
        return no_memory(r);
    for (size_t i = 0; i < js_len(v); i++) {
        stops[i].s = js_str(js_at(v, i), &stops[i].len);
        if (!stops[i].s)
            return bad(r, "stops", "strings", js_at(v, i));
    }
    r->job->stops = stops;
    r->job->n_stop = (uint32_t)js_len(v);
    return ERR_OK;
}

/* [id, bias, id, bias, …] */
static enum err_code read_bias(const struct reading *r, const struct js *v)
{
    enum err_code rc = check_list(r, "bias", v, 2 * (size_t)JOB_LOGIT_BIAS_MAX);
    struct logit_bias *bias;

    if (rc)
        return rc;
    if (js_len(v) % 2)
        return bad(r, "bias", "pairs of id and number", v);
    bias = arena_new_n(r->a, js_len(v) / 2, sizeof(*bias));
    if (!bias)
        return no_memory(r);
    for (size_t i = 0; i < js_len(v) / 2; i++) {
        const struct js *id = js_at(v, 2 * i), *by = js_at(v, 2 * i + 1);
        double d = js_num(by);

        if (!is_id(id))
            return bad(r, "bias", "token ids", id);
        if (js_kind(by) != JS_NULL && (!js_is_num(by) || fabs(d) > (double)FLT_MAX))
            return bad(r, "bias", "numbers", by);
        bias[i].id = (int32_t)js_int(id);
        bias[i].bias = js_kind(by) == JS_NULL ? -INFINITY : (float)d;
    }
    r->job->sampling.bias = bias;
    r->job->sampling.n_bias = (uint32_t)(js_len(v) / 2);
    return ERR_OK;
}

static enum err_code read_member(const struct reading *r, const char *name, size_t len,
                                 const struct js *v)
{
    if (strlen(name) == len) {
        for (size_t i = 0; i < COUNT_OF(fields); i++)
            if (strcmp(fields[i].name, name) == 0)
                return read_field(r, &fields[i], v, (char *)r->job + fields[i].offset);
        if (strcmp(name, "inputs") == 0)
            return read_inputs(r, v);
        if (strcmp(name, "stops") == 0)
            return read_stops(r, v);
        if (strcmp(name, "bias") == 0)
            return read_bias(r, v);
    }
    return err_set(r->e, ERR_FORMAT, "job: there is no member '%.60s'", name);
}

enum err_code job_read(struct job *out, const struct js *text, struct arena *a, struct err *e)
{
    const struct reading r = { out, a, e };

    *out = (struct job){ 0 };
    if (js_kind(text) != JS_OBJ)
        return err_set(e, ERR_FORMAT, "job: expected an object, found %s",
                       js_kind_name(js_kind(text)));
    for (void *it = js_first(text); it; it = js_next(text, it)) {
        size_t len;
        const char *name = js_key(it, &len);
        enum err_code rc = read_member(&r, name, len, js_value(it));

        if (rc)
            return rc;
    }
    return ERR_OK;
}

uint64_t job_tenant_of(const char *text, size_t len)
{
    static const char head[] = "{\"tenant\":";
    size_t i = sizeof(head) - 1;
    const bool is_negative = len > i && text[i] == '-'; /* 64 bits travel signed */
    uint64_t n = 0;

    if (len <= i || memcmp(text, head, i) != 0)
        return 0;
    for (i += is_negative; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        n = n * 10 + (uint64_t)(text[i] - '0');
    return is_negative ? 0 - n : n;
}

/* ---- names ---- */

const char *job_finish_name(enum job_finish f)
{
    static const char *const names[] = {
        [JOB_END_EOS] = "eosFound",
        [JOB_END_STOP] = "stopStringFound",
        [JOB_END_TOOL_CALLS] = "toolCalls",
        [JOB_END_LENGTH] = "maxPredictedTokensReached",
        [JOB_END_CONTEXT] = "contextLengthReached",
        [JOB_END_CANCELLED] = "userStopped",
    };

    return (unsigned)f < COUNT_OF(names) ? names[f] : "failed";
}

const char *job_error_name(enum job_error error)
{
    static const char *const names[JOB_ERR_COUNT] = {
        [JOB_ERR_INVALID] = "invalid",     [JOB_ERR_CONTEXT] = "context",
        [JOB_ERR_NOT_FOUND] = "not found", [JOB_ERR_LOAD] = "load",
        [JOB_ERR_MEMORY] = "memory",       [JOB_ERR_BUSY] = "busy",
        [JOB_ERR_WORKER] = "worker",       [JOB_ERR_CLOSING] = "closing",
        [JOB_ERR_INTERNAL] = "internal",
    };

    return (unsigned)error < JOB_ERR_COUNT ? names[error] : "internal";
}
