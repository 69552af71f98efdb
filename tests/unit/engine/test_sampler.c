/* Proves: every operator of the sampler does what the stored cases say, choices follow the
 * probabilities, and hostile settings are refused or bounded. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/sampler_int.h"
#include "support/fixtures.h"

#define VOCAB_BIG 151936U

static uint64_t rnd_state = 1;

static uint32_t rnd(uint32_t n)
{
    rnd_state = rnd_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(rnd_state >> 33) % n;
}

static float rnd_float(void)
{
    return (float)rnd(1U << 24) / (float)(1U << 24);
}

/* ---- the stored cases ---- */

struct case_memory {
    struct token_seq breakers[DRY_BREAKERS_MAX];
    int32_t tokens[1024];
    size_t n_token;
};

static float num(const struct js *op, size_t i)
{
    return (float)js_num(js_at(op, i));
}

static void read_breakers(const struct js *list, struct case_memory *m, struct sampler_op *op)
{
    op->dry.breakers = m->breakers;
    op->dry.n_breaker = js_len(list);
    for (size_t i = 0; i < js_len(list); i++) {
        const struct js *seq = js_at(list, i);

        m->breakers[i] = (struct token_seq){ m->tokens + m->n_token, js_len(seq) };
        for (size_t k = 0; k < js_len(seq); k++)
            m->tokens[m->n_token++] = (int32_t)js_int(js_at(seq, k));
    }
}

static struct sampler_op read_op(const struct js *op, struct case_memory *m)
{
    const char *name = js_str(js_at(op, 0), NULL);
    struct sampler_op o = { 0 };

    if (strcmp(name, "temp") == 0) {
        o = (struct sampler_op){ SMP_TEMP, .temp = { .t = num(op, 1) } };
    } else if (strcmp(name, "temp_ext") == 0) {
        o = (struct sampler_op){ SMP_TEMP_EXT, .temp = { num(op, 1), num(op, 2), num(op, 3) } };
    } else if (strcmp(name, "top_k") == 0) {
        o = (struct sampler_op){ SMP_TOP_K, .top_k = { (int32_t)js_int(js_at(op, 1)) } };
    } else if (strcmp(name, "top_p") == 0 || strcmp(name, "min_p") == 0 ||
               strcmp(name, "typical") == 0) {
        o.kind = name[0] == 'm' ? SMP_MIN_P : name[1] == 'y' ? SMP_TYPICAL : SMP_TOP_P;
        o.p.p = num(op, 1);
        o.p.min_keep = (size_t)js_int(js_at(op, 2));
    } else if (strcmp(name, "xtc") == 0) {
        o = (struct sampler_op){ SMP_XTC,
                                 .xtc = { num(op, 1), num(op, 2), (size_t)js_int(js_at(op, 3)) } };
    } else if (strcmp(name, "top_n_sigma") == 0) {
        o = (struct sampler_op){ SMP_TOP_N_SIGMA, .sigma = { num(op, 1) } };
    } else if (strcmp(name, "penalties") == 0) {
        o = (struct sampler_op){ SMP_PENALTIES,
                                 .penalties = { (int32_t)js_int(js_at(op, 1)), num(op, 2),
                                                num(op, 3), num(op, 4) } };
    } else {
        assert_string_equal(name, "dry");
        o.kind = SMP_DRY;
        o.dry.multiplier = num(op, 1);
        o.dry.base = num(op, 2);
        o.dry.allowed_length = (int32_t)js_int(js_at(op, 3));
        o.dry.last_n = (int32_t)js_int(js_at(op, 4));
        read_breakers(js_at(op, 5), m, &o);
    }
    return o;
}

static bool survivors_are(const struct cands *c, const struct js *expected)
{
    if (c->n != js_len(expected))
        return false;
    for (size_t i = 0; i < js_len(expected); i++) {
        const struct js *pair = js_at(expected, i);
        bool found = false;

        for (size_t k = 0; k < c->n && !found; k++)
            found = c->at[k].id == js_int(js_at(pair, 0)) &&
                    fabs((double)c->at[k].p - js_num(js_at(pair, 1))) <= 1e-5;
        if (!found)
            return false;
    }
    return true;
}

static bool run_case(const struct js *c)
{
    const struct js *ops = js_get(c, "ops"), *in = js_get(c, "logits"), *prev = js_get(c, "prev");
    static struct case_memory m;
    struct sampler_op op[SAMPLER_OPS_MAX];
    float logits[4096];
    struct sampler *s;
    struct cands left;
    struct err e;
    bool good;

    m.n_token = 0;
    assert_true(js_len(ops) <= SAMPLER_OPS_MAX && js_len(in) <= COUNT_OF(logits));
    for (size_t i = 0; i < js_len(ops); i++)
        op[i] = read_op(js_at(ops, i), &m);
    for (size_t i = 0; i < js_len(in); i++)
        logits[i] = (float)js_num(js_at(in, i));
    assert_int_equal(sampler_create(&s,
                                    &(struct sampler_params){ .ops = op,
                                                              .n_op = js_len(ops),
                                                              .n_vocab = (uint32_t)js_len(in) },
                                    &e),
                     ERR_OK);
    for (size_t i = 0; i < js_len(prev); i++)
        sampler_accept(s, (int32_t)js_int(js_at(prev, i)));
    assert_int_equal(sampler_run(s, logits, NULL, &left, &e), ERR_OK);
    good = survivors_are(&left, js_get(c, "expected"));
    sampler_destroy(s);
    return good;
}

/* Proves: all stored cases come out within 1e-5. */
static void stored_cases_agree(void **state)
{
    struct js *root;
    size_t n_bad = 0;

    (void)state;
    root = fixture_json("sampling", "sampling.json");
    for (size_t i = 0; i < js_len(root); i++) {
        if (!run_case(js_at(root, i))) {
            print_error("sampling case %lld differs\n",
                        (long long)js_int(js_get(js_at(root, i), "id")));
            n_bad++;
        }
    }
    print_message("%zu of %zu sampling cases agree\n", js_len(root) - n_bad, js_len(root));
    assert_int_equal(n_bad, 0);
    js_close(root);
}

/* ---- properties ---- */

static struct sampler *make(const struct sampler_op *ops, size_t n_op, uint32_t n_vocab,
                            uint64_t seed)
{
    struct sampler *s;

    assert_int_equal(sampler_create(&s, &(struct sampler_params){ ops, n_op, seed, n_vocab }, NULL),
                     ERR_OK);
    return s;
}

static int by_logit(const void *a, const void *b)
{
    const struct cand *x = a, *y = b;

    if (x->logit != y->logit)
        return x->logit > y->logit ? -1 : 1;
    return x->id < y->id ? -1 : 1;
}

/* Proves: partial selection gives the beginning of the full sort, ties included, whatever the
 * order of the logits. */
static void selection_is_the_sorts_beginning(void **state)
{
    static float logits[3000];
    static struct cand all[3000], top[3000], grown[3000];

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        size_t n = 1 + rnd(COUNT_OF(logits)), k = 1 + rnd((uint32_t)n + 10), n_top;

        for (size_t i = 0; i < n; i++) {
            switch (round % 5) {
            case 0:
                logits[i] = (float)i;
                break;
            case 1:
                logits[i] = -(float)i;
                break;
            case 2:
                logits[i] = (float)rnd(5);
                break;
            case 3:
                logits[i] = (float)(i < n / 2 ? i : n - i);
                break;
            default:
                logits[i] = rnd_float();
            }
            all[i] = grown[i] = (struct cand){ (int32_t)i, logits[i], 0 };
        }
        qsort(all, n, sizeof(*all), by_logit);
        n_top = cands_top_of(logits, n, k, top);
        assert_int_equal(n_top, k < n ? k : n);
        assert_memory_equal(top, all, n_top * sizeof(*all));
        cands_sort_top(grown, n, 0, n_top / 3);
        cands_sort_top(grown, n, n_top / 3, n_top);
        assert_memory_equal(grown, all, n_top * sizeof(*all));
    }
}

/* Slow and obvious: length of the agreement before position i, breakers looked up by hand. */
static void dry_naive(const int32_t *text, uint32_t n_all, const struct sampler_op *op,
                      uint32_t *longest)
{
    uint32_t n =
        op->dry.last_n < 0 || (uint32_t)op->dry.last_n > n_all ? n_all : (uint32_t)op->dry.last_n;
    const int32_t *end = text + n_all;
    uint32_t limit = n;

    for (uint32_t age = 0; age < n && limit == n; age++) {
        uint32_t best = 0;

        for (size_t b = 0; b < op->dry.n_breaker; b++) {
            const struct token_seq *q = &op->dry.breakers[b];

            if (q->n <= age + 1 && q->n > best &&
                memcmp(end - age - 1, q->at, q->n * sizeof(*q->at)) == 0)
                best = (uint32_t)q->n;
        }
        if (best)
            limit = age + 1 - best;
        if (best && limit == n)
            break;
    }
    for (uint32_t k = 1; k < n && n > (uint32_t)op->dry.allowed_length; k++) {
        uint32_t len = 0;

        while (len < limit && k + len < n && end[-1 - (int)len] == end[-1 - (int)(k + len)])
            len++;
        if (len >= (uint32_t)op->dry.allowed_length && len > longest[end[-(int)k]])
            longest[end[-(int)k]] = len;
    }
    for (size_t b = 0; b < op->dry.n_breaker; b++)
        if (op->dry.breakers[b].n == 1)
            longest[op->dry.breakers[b].at[0]] = 0;
}

/* Proves: the linear-time DRY agrees with the obvious one on random small alphabets, windows and
 * breakers, before and after the candidates became a list. */
static void dry_agrees_with_the_obvious_way(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        int32_t text[80], b[3][3];
        struct token_seq breakers[3];
        uint32_t n_vocab = 2 + rnd(4), n = rnd(COUNT_OF(text)), longest[8] = { 0 };
        struct sampler_op op[2] = { { SMP_TEMP, .temp = { .t = 1 } }, { .kind = SMP_DRY } };
        struct sampler *s;
        struct cands c;
        float logits[8] = { 0 }, sum = 0, p[8];

        op[1].dry.multiplier = 0.5f;
        op[1].dry.base = 1.2f;
        op[1].dry.allowed_length = (int32_t)(1 + rnd(3));
        op[1].dry.last_n = (int32_t)rnd(60) - 1;
        op[1].dry.breakers = breakers;
        op[1].dry.n_breaker = rnd(4);
        if (op[1].dry.last_n == 0)
            op[1].dry.last_n = 5;
        for (size_t i = 0; i < op[1].dry.n_breaker; i++) {
            breakers[i] = (struct token_seq){ b[i], 1 + rnd(3) };
            for (size_t k = 0; k < breakers[i].n; k++)
                b[i][k] = (int32_t)rnd(n_vocab);
        }
        if (round % 2)
            op[0] = (struct sampler_op){ SMP_TOP_P, .p = { 0.99999f, n_vocab } };
        s = make(op, 2, n_vocab, 0);
        for (uint32_t i = 0; i < n; i++) {
            text[i] = (int32_t)rnd(n_vocab);
            sampler_accept(s, text[i]);
        }
        dry_naive(text, n, &op[1], longest);
        for (uint32_t i = 0; i < n_vocab; i++) {
            p[i] =
                longest[i]
                    ? expf(-0.5f * powf(1.2f, (float)longest[i] - (float)op[1].dry.allowed_length))
                    : 1.0f;
            sum += p[i];
        }
        assert_int_equal(sampler_run(s, logits, NULL, &c, NULL), ERR_OK);
        assert_int_equal(c.n, n_vocab);
        for (size_t i = 0; i < c.n; i++)
            assert_true(fabsf(c.at[i].p - p[c.at[i].id] / sum) < 1e-5f);
        sampler_destroy(s);
    }
}

/* Proves: draws follow the probabilities and a seed decides them. */
static void draws_follow_the_probabilities(void **state)
{
    const float logits[4] = { 0.0f, 1.0f, 2.0f, -INFINITY };
    const double p[4] = { 0.09003057, 0.24472847, 0.66524096, 0 };
    unsigned seen[4] = { 0 }, n = 100000;
    struct sampler *s = make(NULL, 0, 4, 42), *same = make(NULL, 0, 4, 42);

    (void)state;
    for (unsigned i = 0; i < n; i++) {
        int32_t id, again;

        assert_int_equal(sampler_sample(s, logits, NULL, &id, NULL), ERR_OK);
        assert_int_equal(sampler_sample(same, logits, NULL, &again, NULL), ERR_OK);
        assert_int_equal(id, again);
        seen[id]++;
    }
    /* Five standard deviations of a binomial with p = 1/2, the widest. */
    for (unsigned i = 0; i < 4; i++)
        assert_true(fabs(seen[i] - p[i] * n) < 5 * sqrt(n * 0.25));
    assert_int_equal(seen[3], 0);
    sampler_destroy(s);
    sampler_destroy(same);
}

/* Proves: a mask and a bias of minus infinity forbid; nothing allowed and NaN are errors. */
static void forbidden_tokens_stay_out(void **state)
{
    const struct logit_bias bias[] = { { 1, -INFINITY }, { 2, 100.0f } };
    const struct sampler_op ops[] = { { SMP_LOGIT_BIAS, .bias = { bias, 2 } },
                                      { SMP_TOP_P, .p = { 0.5f, 0 } } };
    float logits[3] = { 1, 9, 0 };
    uint64_t mask = 1;
    struct sampler *s = make(ops, 2, 3, 0);
    struct err e;
    int32_t id;

    (void)state;
    assert_int_equal(sampler_sample(s, logits, NULL, &id, &e), ERR_OK);
    assert_int_equal(id, 2);
    assert_int_equal(sampler_sample(s, logits, &mask, &id, &e), ERR_OK);
    assert_int_equal(id, 0);
    mask = 2;
    assert_int_equal(sampler_sample(s, logits, &mask, &id, &e), ERR_ARG);
    logits[0] = NAN;
    assert_int_equal(sampler_sample(s, logits, NULL, &id, &e), ERR_ARG);
    sampler_destroy(s);
}

/* Proves: mirostat steers the mean surprise of what is drawn to its target. */
static void mirostat_reaches_its_target(void **state)
{
    const struct sampler_op op = { SMP_MIROSTAT2, .mirostat = { 3.0f, 0.1f } };
    enum { N = 200 };
    float logits[N];
    double surprise = 0;
    struct sampler *s = make(&op, 1, N, 7);

    (void)state;
    for (unsigned i = 0; i < N; i++)
        logits[i] = -0.05f * (float)i;
    for (unsigned i = 0; i < 4000; i++) {
        struct cands c;
        int32_t id;

        assert_int_equal(sampler_sample(s, logits, NULL, &id, NULL), ERR_OK);
        c = s->list;
        for (size_t k = 0; i >= 2000 && k < c.n; k++)
            if (c.at[k].id == id)
                surprise += -log2((double)c.at[k].p);
    }
    assert_true(fabs(surprise / 2000 - 3.0) < 0.15);
    sampler_destroy(s);
}

/* Proves: no order of random operators and extreme values crashes, hangs or gives probabilities
 * that do not add up. */
static void random_chains_keep_their_promises(void **state)
{
    static const float extreme[] = { 0, 1e-30f, 1e-6f, 0.1f, 0.5f, 0.999f, 1, 2, 1e6f, 3e38f };
    float logits[97];

    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        struct sampler_op ops[6];
        uint32_t n_vocab = 1 + rnd(COUNT_OF(logits));
        struct sampler *s;
        struct cands c;
        enum err_code rc;
        double sum = 0;

        for (unsigned i = 0; i < 6; i++) {
            float a = extreme[rnd(COUNT_OF(extreme))], b = extreme[rnd(COUNT_OF(extreme))];

            ops[i] =
                (struct sampler_op){ .kind = (enum sampler_kind)(1 + rnd(SMP_KIND_COUNT - 1)) };
            switch (ops[i].kind) {
            case SMP_PENALTIES:
                ops[i].penalties.last_n = (int32_t)rnd(30);
                ops[i].penalties.repeat = a > 0 ? a : 1;
                ops[i].penalties.frequency = b;
                break;
            case SMP_DRY:
                ops[i].dry.multiplier = a;
                ops[i].dry.base = b;
                ops[i].dry.last_n = -1;
                break;
            case SMP_TOP_K:
                ops[i].top_k.k = (int32_t)rnd(200) - 50;
                break;
            case SMP_TEMP_EXT:
                ops[i].temp.exponent = b;
                ops[i].temp.delta = extreme[rnd(COUNT_OF(extreme))];
                ops[i].temp.t = a;
                break;
            case SMP_XTC:
                ops[i].xtc.probability = a > 1 ? 1 : a;
                ops[i].xtc.threshold = b;
                break;
            case SMP_MIROSTAT2:
                ops[i].mirostat.tau = a;
                ops[i].mirostat.eta = b;
                break;
            default:
                ops[i].p.p = a;
                ops[i].p.min_keep = rnd(5);
            }
        }
        s = make(ops, 6, n_vocab, round);
        for (unsigned i = 0; i < 40; i++)
            sampler_accept(s, (int32_t)rnd(n_vocab));
        for (uint32_t i = 0; i < n_vocab; i++)
            logits[i] = (rnd_float() - 0.5f) * extreme[rnd(COUNT_OF(extreme) - 1)];
        rc = sampler_run(s, logits, NULL, &c, NULL);
        assert_int_equal(rc, ERR_OK);
        for (size_t i = 0; i < c.n; i++) {
            sum += (double)c.at[i].p;
            assert_true(c.at[i].id >= 0 && (uint32_t)c.at[i].id < n_vocab);
            assert_true(i == 0 || !c.is_sorted || by_logit(&c.at[i - 1], &c.at[i]) < 0);
        }
        assert_true(fabs(sum - 1) < 1e-4);
        sampler_destroy(s);
    }
}

/* Proves: values out of range are refused by name, and failing memory is an error without leak. */
static void bad_settings_are_refused(void **state)
{
    struct sampling s = sampling_defaults();
    struct token_seq seq = { NULL, 0 };
    struct sampler *out;
    struct err e;
    size_t before = mem_in_use(MEM_REQUEST);

    (void)state;
    s.top_p = 1.5f;
    assert_int_equal(sampler_for(&out, &s, 10, &e), ERR_ARG);
    assert_non_null(strstr(e.text, "top_p"));
    s = sampling_defaults();
    s.temperature = NAN;
    assert_int_equal(sampler_for(&out, &s, 10, &e), ERR_ARG);
    s = sampling_defaults();
    s.dry_multiplier = 1;
    s.dry_breakers = &seq;
    s.n_dry_breaker = 1;
    assert_int_equal(sampler_for(&out, &s, 10, &e), ERR_ARG);
    s = sampling_defaults();
    s.bias = &(struct logit_bias){ 10, 1 };
    s.n_bias = 1;
    assert_int_equal(sampler_for(&out, &s, 10, &e), ERR_ARG);
    s.n_bias = 0;
    s.dry_multiplier = 1;
    for (uint64_t n = 1; n < 100; n++) {
        enum err_code rc;

        mem_fail_at(n, 1);
        rc = sampler_for(&out, &s, VOCAB_BIG, &e);
        mem_fail_at(0, 0);
        if (rc == ERR_OK) {
            sampler_destroy(out);
            break;
        }
        assert_int_equal(rc, ERR_OOM);
        assert_int_equal(mem_in_use(MEM_REQUEST), before);
    }
    assert_int_equal(mem_in_use(MEM_REQUEST), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_cases_agree),
        cmocka_unit_test(selection_is_the_sorts_beginning),
        cmocka_unit_test(dry_agrees_with_the_obvious_way),
        cmocka_unit_test(draws_follow_the_probabilities),
        cmocka_unit_test(forbidden_tokens_stay_out),
        cmocka_unit_test(mirostat_reaches_its_target),
        cmocka_unit_test(random_chains_keep_their_promises),
        cmocka_unit_test(bad_settings_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
