/* Proves: the engine gives the stored logits, and law 4 holds through all of it: a token's logits
 * and an answer's tokens are the same bytes whatever batch, cache, thread count or company. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "os/sys.h"
#include "os/thread.h"
#include "support/fixtures.h"

#define ANSWER_CAP 400U

/* ---- helpers ---- */

static struct engine *open_model(const char *gguf, const struct engine_params *p)
{
    char path[FIXTURE_PATH_BYTES];
    struct engine *g;
    struct err e = { 0 };

    if (engine_open(&g, &(struct engine_source){ .path = fixture_path(path, "archs", gguf) }, p,
                    NULL, NULL, &e))
        fail_msg("%s: %s", gguf, e.text);
    return g;
}

struct rows {
    float *at;
    uint32_t first, n, width;
};

static bool take_row(void *arg, uint32_t i, const float *row)
{
    struct rows *r = arg;

    if (r->n == 0)
        r->first = i;
    assert_int_equal(i, r->first + r->n);
    memcpy(r->at + (size_t)i * r->width, row, r->width * sizeof(*row));
    r->n++;
    return true;
}

/* All rows of a text, to be freed by the caller. */
static struct rows score(struct engine *g, const struct score_params *p)
{
    struct rows r = { .width = engine_n_row(g) };
    struct err e = { 0 };

    r.at = mem_alloc_n(MEM_OTHER, (size_t)p->n_tok * r.width, sizeof(*r.at));
    assert_non_null(r.at);
    if (engine_score(g, p, take_row, &r, &e))
        fail_msg("%s", e.text);
    return r;
}

static void assert_same_rows(const struct rows *a, const struct rows *b, const char *what)
{
    size_t first = (size_t)(a->first > b->first ? a->first : b->first) * a->width;
    size_t end = (size_t)(a->first + a->n) * a->width;

    assert_int_equal(a->first + a->n, b->first + b->n);
    if (memcmp(a->at + first, b->at + first, (end - first) * sizeof(*a->at)) != 0)
        fail_msg("logits differ: %s", what);
}

static void random_tokens(int32_t *token, uint32_t n, uint32_t n_vocab, uint64_t seed)
{
    for (uint32_t i = 0; i < n; i++)
        token[i] = (int32_t)(test_random(&seed) % n_vocab);
}

/* Models of different kinds of attention, caches and feed-forwards. */
static const char *const kinds[] = { "llama.gguf",     "gemma2.gguf",    "gemma3.gguf",
                                     "gpt-oss.gguf",   "glm4moe.gguf",   "qwen2moe.gguf",
                                     "falcon.gguf",    "phi3.gguf",      "mamba.gguf",
                                     "mamba2.gguf",    "lfm2.gguf",      "qwen35.gguf",
                                     "qwen35moe.gguf", "deepseek2.gguf", "gemma4.gguf" };
static bool has_state(const char *kind)
{
    return strncmp(kind, "mamba", 5) == 0 || strncmp(kind, "lfm2", 4) == 0 ||
           strncmp(kind, "qwen35", 6) == 0;
}

/* Of them: those whose answers to a crowd are compared, with recurrent states and without. */
static const char *const crowded[] = { "llama.gguf",  "gemma2.gguf", "gemma3.gguf",
                                       "mamba2.gguf", "lfm2.gguf",   "qwen35.gguf" };

/* ---- stored logits ---- */

/* Proves: every row that engine_score gives is the stored one, for all models of the list. */
static void scores_are_the_stored_logits(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char name[64], json[80], logits[80];
        const char *dot = strchr(kinds[i], '.');
        struct js *facts;
        struct engine *g;
        size_t n_ref, at = 0;
        float *ref;

        if (strcmp(kinds[i], "phi3.gguf") == 0)
            continue; /* has two sets of logits */
        memcpy(name, kinds[i], (size_t)(dot - kinds[i]));
        name[dot - kinds[i]] = '\0';
        (void)snprintf(json, sizeof(json), "%s.json", name);
        (void)snprintf(logits, sizeof(logits), "%s.logits.f32", name);
        facts = fixture_json("archs", json);
        ref = fixture_f32("archs", logits, &n_ref);
        g = open_model(kinds[i],
                       &(struct engine_params){ .n_ctx = (uint32_t)js_int(js_get(facts, "n_ctx")),
                                                .type_k = KV_F32,
                                                .type_v = KV_F32 });
        for (size_t s = 0; s < js_len(js_get(facts, "sequences")); s++) {
            const struct js *seq = js_at(js_get(facts, "sequences"), s);
            int32_t token[1024];
            struct rows r;
            size_t n;

            for (size_t k = 0; k < js_len(seq); k++)
                token[k] = (int32_t)js_int(js_at(seq, k));
            r = score(g, &(struct score_params){ .tokens = token, .n_tok = (uint32_t)js_len(seq) });
            n = (size_t)r.n * r.width;
            assert_true(at + n <= n_ref);
            if (nmse(r.at, ref + at, n) > js_num(js_get(facts, "tolerance_nmse")))
                fail_msg("%s: nmse %g", name, nmse(r.at, ref + at, n));
            at += n;
            mem_free(r.at);
        }
        assert_int_equal(at, n_ref);
        engine_close(g);
        js_close(facts);
        mem_free(ref);
    }
}

/* ---- law 4, scores ---- */

/* Proves: for each kind of model, logits are the same bytes in batches of 1, 7 and 512, with one
 * thread and two, from a cached prefix and from none. */
static void logits_do_not_depend_on_the_way(void **state)
{
    enum { N = 150 };
    int32_t token[N];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct engine_params p = { .n_ctx = 256, .n_thread = 1 };
        struct engine *one = open_model(kinds[i], &p), *two;
        struct score_params sp = { .tokens = token, .n_tok = N };
        struct rows whole, r;

        p.n_thread = 2;
        two = open_model(kinds[i], &p);
        random_tokens(token, N, engine_model(one)->n_vocab, i);
        whole = score(one, &sp);
        sp.n_batch = 1;
        r = score(one, &sp);
        assert_same_rows(&whole, &r, "batch 1 against 512");
        mem_free(r.at);
        sp.n_batch = 7;
        r = score(two, &sp);
        assert_same_rows(&whole, &r, "two threads and batches of 7");
        mem_free(r.at);
        sp.n_batch = 0;
        sp.use_cache = true;
        sp.n_tok = 100;
        r = score(two, &sp);
        mem_free(r.at);
        sp.n_tok = N;
        r = score(two, &sp);
        /* Keys and values are kept for every token, a recurrent state at the borders of pages. */
        assert_true(r.first == 100 || (has_state(kinds[i]) && r.first == 64));
        assert_same_rows(&whole, &r, "cached prefix against none");
        mem_free(r.at);
        mem_free(whole.at);
        engine_close(one);
        engine_close(two);
    }
}

/* Proves: the same for every type of cache. */
static void logits_do_not_depend_on_the_cut_for_any_cache_type(void **state)
{
    static const enum kv_type types[] = { KV_F16, KV_F32, KV_BF16, KV_Q8_0, KV_Q4_0 };
    enum { N = 150 };
    int32_t token[N];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct engine *g = open_model(
            "../models-quant/Q4_K_M.gguf",
            &(struct engine_params){ .n_ctx = 200, .type_k = types[i], .type_v = types[i] });
        struct score_params sp = { .tokens = token, .n_tok = N };
        struct rows whole, cut;

        random_tokens(token, N, engine_model(g)->n_vocab, i);
        whole = score(g, &sp);
        sp.n_batch = 1;
        cut = score(g, &sp);
        assert_same_rows(&whole, &cut, kv_type_name(types[i]));
        mem_free(whole.at);
        mem_free(cut.at);
        engine_close(g);
    }
}

/* ---- law 4, requests ---- */

struct answer {
    int32_t token[ANSWER_CAP];
    uint32_t n;
    char text[8192];
    size_t len;
    enum finish finish;
    struct engine_timing timing;
    unsigned n_done;
};

static void on_event(void *arg, const struct engine_event *ev)
{
    struct answer *a = arg;

    assert_int_equal(a->n_done, 0);
    assert_true(a->len + ev->len < sizeof(a->text));
    if (ev->len)
        memcpy(a->text + a->len, ev->text, ev->len);
    a->len += ev->len;
    a->text[a->len] = '\0';
    if (ev->kind == EV_TOKEN) {
        assert_true(a->n < ANSWER_CAP);
        a->token[a->n++] = ev->token;
    } else if (ev->kind == EV_DONE) {
        a->finish = ev->finish;
        a->timing = *ev->timing;
        a->n_done++;
    }
}

/* Proves: models that see both ways, and hidden states of those that do not, are the same bytes
 * with one thread and two; a text that does not fit into a batch is refused, and so is a question.
 */
static void hidden_states_are_rows_too(void **state)
{
    static const char *const names[] = { "bert.gguf", "nomic-bert.gguf", "qwen3-embedding.gguf" };
    enum { N = 90 };
    int32_t token[N];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct engine_params p = {
            .n_ctx = 100, .n_thread = 1, .n_batch = 16, .embeddings = i == 2
        };
        struct engine *one = open_model(names[i], &p), *two;
        struct score_params sp = { .tokens = token, .n_tok = N };
        struct engine_request r = { .tokens = token, .n_tok = 3, .on_event = on_event };
        struct rows a, b;
        uint64_t id;

        p.n_thread = 2;
        two = open_model(names[i], &p);
        random_tokens(token, N, engine_model(one)->n_vocab, i);
        a = score(one, &sp);
        sp.n_batch = 5;
        b = score(two, &sp);
        assert_int_equal(a.n, N);
        assert_int_equal(a.width, engine_model(one)->n_embd);
        assert_same_rows(&a, &b, names[i]);
        assert_int_equal(engine_submit(one, &r, &id, NULL), ERR_UNSUPPORTED);
        mem_free(a.at);
        mem_free(b.at);
        engine_close(one);
        engine_close(two);
    }
}

#define N_TEXT 9U

struct texts {
    struct score_text at[N_TEXT];
    float *rows[N_TEXT];
    uint32_t n_row[N_TEXT], width, first; /* first: the text that the callback counts from */
};

static bool take_text_row(void *arg, uint32_t text, uint32_t i, const float *row)
{
    struct texts *t = arg;
    uint32_t k = t->first + text;

    assert_true(k < N_TEXT);
    assert_int_equal(i, t->n_row[k]++);
    memcpy(t->rows[k] + (size_t)i * t->width, row, t->width * sizeof(*row));
    return true;
}

/* Proves: texts of all lengths that are scored together, some longer than a batch, give the bytes
 * that each gives alone, with one row more for nobody. */
static void texts_together_are_texts_alone(void **state)
{
    static const char *const names[] = { "bert.gguf", "nomic-bert.gguf", "qwen3-embedding.gguf",
                                         "llama.gguf", "mamba2.gguf" };
    static const uint32_t lengths[N_TEXT] = { 7, 1, 64, 65, 30, 2, 90, 12, 5 };
    static int32_t token[N_TEXT][100];

    (void)state;
    for (size_t m = 0; m < COUNT_OF(names); m++) {
        struct engine_params p = {
            .n_ctx = 100, .n_seq = 4, .n_batch = 80, .n_thread = 2, .embeddings = m == 2
        };
        struct engine *g = open_model(names[m], &p);
        struct texts t = { .width = engine_n_row(g) };
        uint32_t n_round = 0;

        for (uint32_t k = 0; k < N_TEXT; k++) {
            random_tokens(token[k], lengths[k], engine_model(g)->n_vocab, m * 100 + k);
            t.at[k] = (struct score_text){ token[k], lengths[k] };
            t.rows[k] = mem_alloc_n(MEM_OTHER, (size_t)lengths[k] * t.width, sizeof(float));
            assert_non_null(t.rows[k]);
        }
        for (uint32_t n; t.first < N_TEXT; t.first += n, n_round++) {
            struct err e = { 0 };

            if (engine_score_texts(g, t.at + t.first, N_TEXT - t.first, take_text_row, &t, &n, &e))
                fail_msg("%s: %s", names[m], e.text);
            assert_true(n >= 1);
        }
        assert_true(n_round < N_TEXT);
        for (uint32_t k = 0; k < N_TEXT; k++) {
            struct rows alone =
                score(g, &(struct score_params){ .tokens = token[k], .n_tok = lengths[k] });

            assert_int_equal(t.n_row[k], lengths[k]);
            if (memcmp(alone.at, t.rows[k], (size_t)lengths[k] * t.width * sizeof(float)) != 0)
                fail_msg("%s: text %u differs", names[m], k);
            mem_free(alone.at);
            mem_free(t.rows[k]);
        }
        engine_close(g);
    }
}

struct question {
    int32_t token[200];
    struct sampling sampling;
    struct engine_request r;
};

static void invent(struct question *q, uint32_t i, uint32_t n_vocab)
{
    q->sampling = sampling_defaults();
    q->sampling.temperature = i % 3 ? 1.5f : 0.0f;
    q->sampling.has_seed = true;
    q->sampling.seed = i;
    q->r = (struct engine_request){ .tokens = q->token,
                                    .n_tok = 1 + i * 37 % 180,
                                    .n_predict = 20 + i * 11 % 60,
                                    .sampling = &q->sampling,
                                    .ignore_eos = true,
                                    .on_event = on_event };
    /* Half of them share a long beginning. */
    random_tokens(q->token, COUNT_OF(q->token), n_vocab, i % 2 ? 99 : i);
}

static void ask(struct engine *g, struct question *q, struct answer *a)
{
    struct err e = { 0 };
    uint64_t id;

    memset(a, 0, sizeof(*a));
    q->r.arg = a;
    if (engine_submit(g, &q->r, &id, &e))
        fail_msg("%s", e.text);
}

/* Proves: answers of many requests at once, with little memory and any batch size, are those of
 * single ones, token for token. */
static void company_changes_no_answer(void **state)
{
    enum { N = 12 };
    static struct question q[N];
    static struct answer alone[N], together[N];
    static const struct engine_params crowds[] = {
        { .n_ctx = 300, .n_seq = 8, .n_thread = 2 },
        { .n_ctx = 300, .n_seq = 5, .n_page = 6, .n_batch = 16, .n_thread = 1 },
        { .n_ctx = 300, .n_seq = 12, .n_page = 9, .n_batch = 64, .n_thread = 2 },
    };

    (void)state;
    for (size_t m = 0; m < COUNT_OF(crowded); m++) {
        struct engine *g =
            open_model(crowded[m], &(struct engine_params){ .n_ctx = 300, .n_thread = 1 });

        for (uint32_t i = 0; i < N; i++) {
            invent(&q[i], i, engine_model(g)->n_vocab);
            q[i].r.no_cache = true;
            ask(g, &q[i], &alone[i]);
            assert_int_equal(engine_run(g, NULL), ERR_OK);
            assert_int_equal(alone[i].n, q[i].r.n_predict);
        }
        engine_close(g);
        for (size_t c = 0; c < COUNT_OF(crowds); c++) {
            g = open_model(crowded[m], &crowds[c]);
            for (uint32_t i = 0; i < N; i++) {
                q[i].r.no_cache = false;
                ask(g, &q[i], &together[i]);
            }
            assert_int_equal(engine_run(g, NULL), ERR_OK);
            for (uint32_t i = 0; i < N; i++) {
                assert_int_equal(together[i].finish, FINISH_LENGTH);
                assert_int_equal(together[i].n, alone[i].n);
                assert_memory_equal(together[i].token, alone[i].token,
                                    alone[i].n * sizeof(int32_t));
                assert_string_equal(together[i].text, alone[i].text);
            }
            engine_close(g);
        }
    }
}

/* ---- text ---- */

/* Proves: with each piece of an answer as a stop string, the text ends right before it. */
static void stop_strings_end_the_text(void **state)
{
    static struct question q;
    static struct answer whole, cut;
    struct engine *g = open_model("llama.gguf", NULL);

    (void)state;
    assert_non_null(engine_tok(g));
    invent(&q, 4, engine_model(g)->n_vocab);
    q.r.n_predict = 30;
    ask(g, &q, &whole);
    assert_int_equal(engine_run(g, NULL), ERR_OK);
    assert_int_equal(whole.n, 30);
    for (size_t at = 0; at < whole.len; at++) {
        char stop[8] = "";
        const char *stops[2] = { "never seen in any answer", stop };
        size_t end = at + 1;

        if (((unsigned char)whole.text[at] & 0xC0) == 0x80)
            continue;
        while (end - at < 5 && end < whole.len)
            end++;
        while (((unsigned char)whole.text[end] & 0xC0) == 0x80)
            end--;
        if (end <= at)
            continue;
        memcpy(stop, whole.text + at, end - at);
        q.r.stops = stops;
        q.r.n_stop = 2;
        ask(g, &q, &cut);
        assert_int_equal(engine_run(g, NULL), ERR_OK);
        assert_int_equal(cut.finish, FINISH_STOP);
        assert_int_equal(cut.len, strstr(whole.text, stop) - whole.text);
        assert_memory_equal(cut.text, whole.text, cut.len);
    }
    engine_close(g);
}

/* Proves: an end token ends the answer, is counted and leaves no text. */
static void end_tokens_end_the_answer(void **state)
{
    static struct question q;
    static struct answer a;
    struct engine *g = open_model("llama.gguf", NULL);
    struct logit_bias bias = { .bias = 1000.0f };

    (void)state;
    bias.id = tok_eos(engine_tok(g));
    invent(&q, 1, engine_model(g)->n_vocab);
    q.r.ignore_eos = false;
    q.sampling.bias = &bias;
    q.sampling.n_bias = 1;
    ask(g, &q, &a);
    assert_int_equal(engine_run(g, NULL), ERR_OK);
    assert_int_equal(a.finish, FINISH_EOS);
    assert_int_equal(a.n, 0);
    assert_int_equal(a.len, 0);
    assert_int_equal(a.timing.n_generated, 1);
    engine_close(g);
}

/* ---- sizes, failures ---- */

/* Proves: a context that cannot fit is refused when asked for, with numbers. */
static void impossible_sizes_are_refused(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct engine_source src = { .path = fixture_path(path, "archs", "llama.gguf") };
    struct engine *g;
    struct err e = { 0 };

    (void)state;
    assert_int_equal(
        engine_open(&g, &src, &(struct engine_params){ .n_ctx = MODEL_CTX_MAX }, NULL, NULL, &e),
        ERR_LIMIT);
    assert_non_null(strstr(e.text, "MiB"));
    assert_int_equal(engine_open(&g, &src, &(struct engine_params){ .n_seq = ENGINE_SEQS_MAX + 1 },
                                 NULL, NULL, &e),
                     ERR_ARG);
    assert_int_equal(
        engine_open(&g, &src, &(struct engine_params){ .device = "abacus" }, NULL, NULL, &e),
        ERR_NOT_FOUND);
    assert_int_equal(
        engine_open(&g, &(struct engine_source){ .path = "/nowhere.gguf" }, NULL, NULL, NULL, &e),
        ERR_NOT_FOUND);
}

static bool give_up_at(void *arg, float share)
{
    return share < *(float *)arg;
}

/* Proves: loading can be given up at every report, and nothing stays behind. */
static void loading_can_be_given_up(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct engine_source src = { .path = fixture_path(path, "archs", "llama.gguf") };
    size_t before = mem_in_use(MEM_MODEL);

    (void)state;
    for (float at = 0; at <= 1.0f; at += 0.05f) {
        struct engine *g;

        assert_int_equal(engine_open(&g, &src, NULL, give_up_at, &at, NULL), ERR_CANCELLED);
        assert_null(g);
        assert_int_equal(mem_in_use(MEM_MODEL), before);
    }
}

/* Proves: whichever allocation of loading and answering fails, the result is a typed error or an
 * answer, and every byte comes back. */
static void failing_memory_is_an_error(void **state)
{
    static struct question q;
    static struct answer a;
    char path[FIXTURE_PATH_BYTES];
    struct engine_source src = { .path = fixture_path(path, "archs", "llama.gguf") };
    size_t before[MEM_KIND_COUNT];
    const char *one[] = { "stop" };
    unsigned n_fine = 0;

    (void)state;
    for (int k = 0; k < MEM_KIND_COUNT; k++)
        before[k] = mem_in_use((enum mem_kind)k);
    invent(&q, 1, 100);
    q.r.stops = one;
    q.r.n_stop = 1;
    q.r.arg = &a;
    for (uint64_t n = 1; n_fine < 3; n++) {
        struct engine *g;
        struct err e = { 0 };
        enum err_code rc;
        uint64_t id;

        assert_true(n < 20000);
        memset(&a, 0, sizeof(a));
        mem_fail_at(n, 0);
        rc = engine_open(&g, &src, &(struct engine_params){ .n_ctx = 256, .n_thread = 1 }, NULL,
                         NULL, &e);
        if (!rc)
            rc = engine_submit(g, &q.r, &id, &e);
        if (!rc)
            rc = engine_run(g, &e);
        mem_fail_at(0, 0);
        if (rc && rc != ERR_OOM)
            fail_msg("allocation %llu: %s", (unsigned long long)n, e.text);
        assert_true(rc || a.n_done == 1);
        engine_close(g);
        for (int k = 0; k < MEM_KIND_COUNT; k++)
            assert_int_equal(mem_in_use((enum mem_kind)k), before[k]);
        n_fine = !rc && a.finish == FINISH_LENGTH ? n_fine + 1 : 0;
    }
}

/* ---- cancelling ---- */

struct canceller {
    struct engine *g;
    uint64_t id;
};

static void cancel_soon(void *arg)
{
    struct canceller *c = arg;

    engine_cancel(c->g, c->id);
}

/* Proves: cancelling from another thread ends one answer and leaves its neighbour unharmed. */
static void neighbours_survive_a_cancel(void **state)
{
    static struct question q, r;
    static struct answer alone, a, b;
    struct engine *g = open_model("llama.gguf", &(struct engine_params){ .n_thread = 2 });

    (void)state;
    invent(&q, 7, engine_model(g)->n_vocab);
    invent(&r, 8, engine_model(g)->n_vocab);
    r.r.n_predict = 0;
    ask(g, &q, &alone);
    assert_int_equal(engine_run(g, NULL), ERR_OK);
    for (unsigned round = 0; round < 20; round++) {
        struct canceller c = { .g = g };
        struct thread t = { 0 };
        bool busy;

        engine_cache_clear(g);
        memset(&b, 0, sizeof(b));
        r.r.arg = &b;
        assert_int_equal(engine_submit(g, &r.r, &c.id, NULL), ERR_OK);
        ask(g, &q, &a);
        for (unsigned i = 0; i < round; i++)
            assert_int_equal(engine_step(g, &busy, NULL), ERR_OK);
        assert_int_equal(thread_start(&t, "cancel", cancel_soon, &c, NULL), ERR_OK);
        assert_int_equal(engine_run(g, NULL), ERR_OK);
        thread_join(&t);
        assert_int_equal(b.n_done, 1);
        assert_true(b.finish == FINISH_CANCELLED || b.finish == FINISH_CONTEXT);
        assert_int_equal(a.n, alone.n);
        assert_memory_equal(a.token, alone.token, a.n * sizeof(a.token[0]));
    }
    engine_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_stored_logits),
        cmocka_unit_test(logits_do_not_depend_on_the_way),
        cmocka_unit_test(logits_do_not_depend_on_the_cut_for_any_cache_type),
        cmocka_unit_test(hidden_states_are_rows_too),
        cmocka_unit_test(texts_together_are_texts_alone),
        cmocka_unit_test(company_changes_no_answer),
        cmocka_unit_test(stop_strings_end_the_text),
        cmocka_unit_test(end_tokens_end_the_answer),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(loading_can_be_given_up),
        cmocka_unit_test(failing_memory_is_an_error),
        cmocka_unit_test(neighbours_survive_a_cancel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
