/* Proves: jobs survive their way as JSON, whatever is in them; what is no job is refused by name.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "runtime/job.h"
#include "runtime/worker.h"
#include "support/fixtures.h"

static uint64_t seed = 11;

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(test_random(&seed) % n);
}

static struct job_str random_str(struct arena *a)
{
    static const char *const pieces[] = { "plain",    "\"quoted\"",       "\\",          "\n\t\x01",
                                          "\xC3\xA4", "\xF0\x9F\x94\xA5", "{\"a\":1.0}", "" };
    struct buf b;
    struct job_str s = { 0 };
    uint32_t n = rnd(6);

    if (rnd(3) == 0)
        return s;
    buf_init(&b, MEM_OTHER, 4096);
    for (uint32_t i = 0; i < n; i++)
        (void)buf_adds(&b, pieces[rnd(8)]);
    if (rnd(4) == 0)
        (void)buf_add(&b, "a\0b", 3);
    s.s = arena_strndup(a, buf_str(&b), b.len);
    s.len = b.len;
    buf_finish(&b);
    return s;
}

static void random_inputs(struct job *job, struct arena *a)
{
    uint32_t n = rnd(4);
    struct job_input *in = arena_new_n(a, n, sizeof(*in));

    for (uint32_t i = 0; i < n; i++) {
        int32_t *ids;

        in[i].text = random_str(a);
        if (in[i].text.s)
            continue;
        in[i].n_tok = rnd(5);
        ids = arena_new_n(a, in[i].n_tok, sizeof(*ids));
        for (uint32_t k = 0; k < in[i].n_tok; k++)
            ids[k] = (int32_t)test_random(&seed);
        in[i].tokens = ids;
    }
    job->inputs = in;
    job->n_input = n;
}

static void random_sampling(struct job_sampling *s, struct arena *a)
{
    struct logit_bias *bias;

    s->given = rnd(512);
    s->temperature = rnd(3) ? (double)test_uniform(&seed) : 0;
    s->top_p = (double)test_uniform(&seed) * 1e-30;
    s->frequency = -2;
    s->top_k = (int32_t)rnd(7) - 3;
    s->seed = test_random(&seed);
    s->n_bias = rnd(4);
    bias = arena_new_n(a, s->n_bias, sizeof(*bias));
    for (uint32_t i = 0; i < s->n_bias; i++)
        bias[i] = (struct logit_bias){ (int32_t)rnd(1000),
                                       rnd(3) ? test_uniform(&seed) * 100 : -INFINITY };
    s->bias = bias;
}

static void random_job(struct job *job, struct arena *a)
{
    struct job_str *stops;

    *job = (struct job){ .kind = (enum job_kind)rnd(JOB_KIND_COUNT),
                         .messages = random_str(a),
                         .tools = random_str(a),
                         .tool_choice = (enum job_tool_choice)rnd(4),
                         .tool_name = random_str(a),
                         .no_parallel_calls = rnd(2),
                         .template_kwargs = random_str(a),
                         .reasoning = (enum reasoning_mode)rnd(3),
                         .effort = random_str(a),
                         .reasoning_budget = rnd(3) ? 0 : UINT32_MAX,
                         .continue_last = rnd(2),
                         .keep_reasoning = rnd(2),
                         .query = random_str(a),
                         .add_special = rnd(2),
                         .parse_special = rnd(2),
                         .raw_vectors = rnd(2),
                         .n_dimension = rnd(3),
                         .echo = rnd(2),
                         .schema = random_str(a),
                         .schema_strict = rnd(2),
                         .json_object = rnd(2),
                         .grammar = random_str(a),
                         .n_predict = rnd(1000),
                         .n_choice = rnd(JOB_CHOICES_MAX + 1),
                         .logprobs = rnd(2),
                         .n_top = rnd(JOB_TOP_MAX + 1),
                         .overflow = (enum job_overflow)rnd(3),
                         .no_cache = rnd(2),
                         .report_miss = rnd(2),
                         .want_prompt = rnd(2),
                         .tenant = test_random(&seed) };
    random_inputs(job, a);
    random_sampling(&job->sampling, a);
    job->n_stop = rnd(4);
    stops = arena_new_n(a, job->n_stop, sizeof(*stops));
    for (uint32_t i = 0; i < job->n_stop; i++) {
        stops[i] = random_str(a);
        if (!stops[i].s)
            stops[i] = (struct job_str){ "", 0 };
    }
    job->stops = stops;
}

static void assert_str(struct job_str a, struct job_str b)
{
    assert_int_equal(a.s != NULL, b.s != NULL);
    assert_int_equal(a.len, b.len);
    if (a.s)
        assert_memory_equal(a.s, b.s, a.len);
}

static void assert_same(const struct job *a, const struct job *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_str(a->messages, b->messages);
    assert_str(a->tools, b->tools);
    assert_str(a->effort, b->effort);
    assert_str(a->grammar, b->grammar);
    assert_int_equal(a->tool_choice, b->tool_choice);
    assert_int_equal(a->reasoning_budget, b->reasoning_budget);
    assert_int_equal(a->echo, b->echo);
    assert_int_equal(a->tenant, b->tenant);
    assert_int_equal(a->overflow, b->overflow);
    assert_int_equal(a->n_input, b->n_input);
    for (uint32_t i = 0; i < a->n_input; i++) {
        assert_str(a->inputs[i].text, b->inputs[i].text);
        assert_int_equal(a->inputs[i].n_tok, b->inputs[i].n_tok);
        if (a->inputs[i].n_tok)
            assert_memory_equal(a->inputs[i].tokens, b->inputs[i].tokens, a->inputs[i].n_tok * 4);
    }
    assert_int_equal(a->n_stop, b->n_stop);
    for (uint32_t i = 0; i < a->n_stop; i++)
        assert_str(a->stops[i], b->stops[i]);
    assert_int_equal(a->sampling.given, b->sampling.given);
    assert_true(a->sampling.temperature == b->sampling.temperature);
    assert_true(a->sampling.top_p == b->sampling.top_p);
    assert_int_equal(a->sampling.top_k, b->sampling.top_k);
    assert_int_equal(a->sampling.seed, b->sampling.seed);
    assert_int_equal(a->sampling.n_bias, b->sampling.n_bias);
    for (uint32_t i = 0; i < a->sampling.n_bias; i++) {
        assert_int_equal(a->sampling.bias[i].id, b->sampling.bias[i].id);
        assert_true(a->sampling.bias[i].bias == b->sampling.bias[i].bias);
    }
}

/* Proves: written, read and written again a job is the same, member for member and byte for byte.
 */
static void jobs_survive_the_way(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 500; round++) {
        struct job job, back;
        struct arena a;
        struct buf text, again;
        struct js *j = NULL;
        struct err e = { 0 };

        arena_init(&a, MEM_OTHER, 4096, 1U << 24);
        buf_init(&text, MEM_OTHER, 1U << 24);
        buf_init(&again, MEM_OTHER, 1U << 24);
        random_job(&job, &a);
        assert_true(job_write(&job, &text));
        assert_true(job_tenant_of(text.data, text.len) == job.tenant);
        assert_int_equal(js_parse(&j, text.data, text.len, &e), ERR_OK);
        if (job_read(&back, j, &a, &e))
            fail_msg("%s", e.text);
        assert_same(&job, &back);
        assert_true(job_write(&back, &again));
        assert_string_equal(text.data, again.data);
        js_close(j);
        buf_finish(&text);
        buf_finish(&again);
        arena_finish(&a);
    }
}

struct refusal {
    const char *text, *why;
    enum err_code code;
};

/* Proves: each kind of nonsense is refused, and the sentence names the member. */
static void nonsense_is_refused(void **state)
{
    static const struct refusal cases[] = {
        { "[]", "an object", ERR_FORMAT },
        { "{\"kind\":7}", "kind", ERR_LIMIT },
        { "{\"kind\":-1}", "kind", ERR_LIMIT },
        { "{\"kind\":1.0}", "kind", ERR_FORMAT },
        { "{\"messages\":[]}", "messages", ERR_FORMAT },
        { "{\"colour\":1}", "colour", ERR_FORMAT },
        { "{\"echo\":true}", "echo", ERR_FORMAT },
        { "{\"echo\":2}", "echo", ERR_FORMAT },
        { "{\"top_k\":4294967296}", "top_k", ERR_FORMAT },
        { "{\"temperature\":null}", "temperature", ERR_FORMAT },
        { "{\"n_choice\":17}", "n_choice", ERR_LIMIT },
        { "{\"n_top\":21}", "n_top", ERR_LIMIT },
        { "{\"inputs\":{}}", "inputs", ERR_FORMAT },
        { "{\"inputs\":[1]}", "inputs", ERR_FORMAT },
        { "{\"inputs\":[[\"a\"]]}", "inputs", ERR_FORMAT },
        { "{\"inputs\":[[2147483648]]}", "inputs", ERR_FORMAT },
        { "{\"stops\":[1]}", "stops", ERR_FORMAT },
        { "{\"bias\":[1]}", "bias", ERR_FORMAT },
        { "{\"bias\":[\"a\",1]}", "bias", ERR_FORMAT },
        { "{\"bias\":[1,1e300]}", "bias", ERR_FORMAT },
        { "{\"tenant\":\"me\"}", "tenant", ERR_FORMAT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err e = { 0 };
        struct js *j = NULL;
        struct job job;
        struct arena a;

        arena_init(&a, MEM_OTHER, 4096, 1U << 20);
        assert_int_equal(js_parse(&j, cases[i].text, strlen(cases[i].text), &e), ERR_OK);
        assert_int_equal(job_read(&job, j, &a, &e), cases[i].code);
        if (!strstr(e.text, cases[i].why))
            fail_msg("%s: %s", cases[i].text, e.text);
        js_close(j);
        arena_finish(&a);
    }
}

/* Proves: lists that are too long are refused before memory is asked for. */
static void lists_have_limits(void **state)
{
    static const struct {
        const char *name;
        uint32_t n;
    } lists[] = { { "inputs", JOB_INPUTS_MAX }, { "stops", ENGINE_STOPS_MAX } };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t more = 0; more < 2; more++) {
            struct js *j = NULL;
            struct buf text;
            struct job job;
            struct arena a;

            arena_init(&a, MEM_OTHER, 4096, 1U << 24);
            buf_init(&text, MEM_OTHER, 1U << 24);
            (void)buf_addf(&text, "{\"%s\":[", lists[i].name);
            for (uint32_t k = 0; k < lists[i].n + more; k++)
                (void)buf_adds(&text, k ? ",\"x\"" : "\"x\"");
            (void)buf_adds(&text, "]}");
            assert_int_equal(js_parse(&j, text.data, text.len, NULL), ERR_OK);
            assert_int_equal(job_read(&job, j, &a, NULL), more ? ERR_LIMIT : ERR_OK);
            js_close(j);
            buf_finish(&text);
            arena_finish(&a);
        }
    }
}

/* Proves: no allocation that fails does more harm than ERR_OOM. */
static void memory_may_run_out(void **state)
{
    static const char text[] = "{\"inputs\":[[1,2,3],\"x\"],\"stops\":[\"a\"],\"bias\":[1,2]}";
    enum err_code rc = ERR_OOM;
    struct js *j = NULL;

    (void)state;
    assert_int_equal(js_parse(&j, text, strlen(text), NULL), ERR_OK);
    for (uint64_t n = 1; rc; n++) {
        struct job job;
        struct arena a;

        arena_init(&a, MEM_OTHER, 1, 1U << 20);
        (void)mem_fail_at(n, 1);
        rc = job_read(&job, j, &a, NULL);
        (void)mem_fail_at(0, 0);
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        arena_finish(&a);
    }
    js_close(j);
}

/* Proves: what daemon and worker tell each other at the opening survives the way, and nonsense in
 * it is refused. */
static void openings_survive_the_way(void **state)
{
    static const char *const bad[] = { "[]",
                                       "{\"path\":1}",
                                       "{\"nothing\":1}",
                                       "{\"type_k\":9}",
                                       "{\"n_ctx\":-1}",
                                       "{\"is_asset\":1}",
                                       "{\"path\":\"a\\u0000b\"}" };
    struct worker_open o = { .path = "/a \"b\"",
                             .is_asset = true,
                             .n_ctx = 7,
                             .type_v = KV_Q4_0,
                             .cache_bytes_max = 1ULL << 40,
                             .volatile_lines = "Date:\nId:" };
    struct worker_ready r = {
        .n_ctx = 5, .can_rank = true, .arch = "llama", .kv_bytes = 1ULL << 50, .landlock_abi = 4
    };
    struct worker_open o2;
    struct worker_ready r2;
    struct js *j = NULL;
    struct buf text;

    (void)state;
    buf_init(&text, MEM_OTHER, 65536);
    assert_true(worker_open_write(&o, &text));
    assert_int_equal(js_parse(&j, text.data, text.len, NULL), ERR_OK);
    assert_int_equal(worker_open_read(&o2, j, NULL), ERR_OK);
    assert_memory_equal(&o, &o2, sizeof(o));
    js_close(j);
    buf_clear(&text);
    assert_true(worker_ready_write(&r, &text));
    assert_int_equal(js_parse(&j, text.data, text.len, NULL), ERR_OK);
    assert_int_equal(worker_ready_read(&r2, j, NULL), ERR_OK);
    assert_string_equal(r.arch, r2.arch);
    assert_true(r2.can_rank && r2.kv_bytes == r.kv_bytes && r2.landlock_abi == 4);
    js_close(j);
    buf_finish(&text);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(js_parse(&j, bad[i], strlen(bad[i]), NULL), ERR_OK);
        assert_int_not_equal(worker_open_read(&o2, j, NULL), ERR_OK);
        js_close(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_survive_the_way),     cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(lists_have_limits),        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(openings_survive_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
