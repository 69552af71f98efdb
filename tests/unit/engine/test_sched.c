/* Proves: the scheduler gives every request the answer it would get alone, whatever runs beside it,
 * however little memory there is, whoever cancels.
 *
 * The device is pretended: its cache keeps token ids, and the logits of a position are a hash of
 * all ids that the page table leads to. A wrong page, a page written while shared, a missing copy
 * or a wrong position changes the answer. Its recurrent state is the same hash, kept along the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/num.h"
#include "engine/seq_int.h"
#include "os/sys.h"
#include "os/thread.h"
#include "support/fixtures.h"

#define N_VOCAB   50U
#define PAGES_CAP 64U
#define BATCH_CAP 96U
#define SEQS_CAP  8U
#define SLOTS_CAP 40U
#define N_REQUEST 24U
#define TOK_CAP   1024U

static uint64_t seed = 3;

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(test_random(&seed) % n);
}

/* ---- the pretended device ---- */

struct kv_store {
    int32_t token[PAGES_CAP][KV_PAGE_TOK];
    uint64_t state[SLOTS_CAP]; /* the hash of all tokens so far */
};

struct program {
    struct kv_store kv;
    float rows[BATCH_CAP][N_VOCAB];
    void (*in_the_middle)(void *arg); /* called inside some batches: another thread's moment */
    void *arg;
    enum err_code fail_with; /* the next run fails */
    uint64_t n_row;
    bool has_states;
    uint32_t n_spin; /* looks at the cancel flag that often a row, to be slow */
};

static uint64_t hash_step(uint64_t h, int32_t token)
{
    h = (h ^ (uint64_t)(uint32_t)token) * 0x9E3779B97F4A7C15U;
    return h ^ h >> 29;
}

static uint64_t hash_history(const struct kv_store *kv, const struct batch_seq *q, uint32_t pos)
{
    uint64_t h = 1;

    for (uint32_t i = 0; i <= pos; i++)
        h = hash_step(h, kv->token[q->pages[i / KV_PAGE_TOK]][i % KV_PAGE_TOK]);
    return h;
}

/* The state walks on by one token of the batch; it must agree with what the pages say. */
static void step_state(struct kv_store *kv, const struct batch *b, uint32_t i)
{
    const struct batch_seq *q = &b->seqs[b->seq[i]];
    bool is_first = i == 0 || b->seq[i] != b->seq[i - 1];

    assert_true(q->state_out < SLOTS_CAP && q->state_out != q->state_in);
    if (is_first) {
        assert_true((b->pos[i] == 0) == (q->state_in == STATE_NONE));
        kv->state[q->state_out] = q->state_in == STATE_NONE ? 1 : kv->state[q->state_in];
    }
    kv->state[q->state_out] = hash_step(kv->state[q->state_out], b->token[i]);
    assert_true(kv->state[q->state_out] == hash_history(kv, q, b->pos[i]));
}

static void fill_logits(float *row, uint64_t h)
{
    for (uint32_t i = 0; i < N_VOCAB; i++)
        row[i] = 3.0f * test_uniform(&h);
}

static enum err_code fake_run(struct program *p, struct kv_store *kv, const struct batch *b,
                              struct err *e)
{
    assert_true(b->n_tok >= 1 && b->n_tok <= BATCH_CAP);
    if (p->fail_with) {
        enum err_code rc = p->fail_with;

        p->fail_with = ERR_OK;
        return err_set(e, rc, "the pretended device failed");
    }
    for (uint32_t i = 0; i < b->n_tok; i++) {
        const struct batch_seq *q = &b->seqs[b->seq[i]];

        if (p->in_the_middle && rnd(b->n_tok * 2) == 0)
            p->in_the_middle(p->arg);
        for (uint32_t k = 0; k <= p->n_spin; k++)
            if (b->cancel && atomic_load(b->cancel))
                return err_set(e, ERR_CANCELLED, "cancelled");
        assert_true(b->pos[i] < q->n_kv);
        assert_true(i == 0 || b->seq[i] != b->seq[i - 1] || b->pos[i] == b->pos[i - 1] + 1);
        assert_true(q->pages[b->pos[i] / KV_PAGE_TOK] < PAGES_CAP);
        kv->token[q->pages[b->pos[i] / KV_PAGE_TOK]][b->pos[i] % KV_PAGE_TOK] = b->token[i];
        if (p->has_states)
            step_state(kv, b, i);
    }
    for (uint32_t k = 0; k < b->n_out; k++) {
        uint32_t i = b->out[k];

        assert_true(i < b->n_tok && (k == 0 || i > b->out[k - 1]));
        fill_logits(p->rows[k], hash_history(kv, &b->seqs[b->seq[i]], b->pos[i]));
        p->n_row++;
    }
    return ERR_OK;
}

static const float *fake_output(struct program *p)
{
    return p->rows[0];
}

static void fake_copy_page(struct kv_store *kv, uint32_t src, uint32_t dst, uint32_t n_tok)
{
    memcpy(kv->token[dst], kv->token[src], n_tok * sizeof(kv->token[0][0]));
}

static const struct device_ops fake_ops = {
    .name = "fake", .run = fake_run, .output = fake_output, .kv_copy_page = fake_copy_page
};

static struct sched_params params(struct program *prog, uint32_t n_page, uint32_t n_seq,
                                  uint32_t n_batch)
{
    return (struct sched_params){ .ops = &fake_ops,
                                  .program = prog,
                                  .kv = &prog->kv,
                                  .n_ctx = 500,
                                  .n_batch = n_batch,
                                  .n_seq = n_seq,
                                  .n_page = n_page,
                                  .n_out_max = BATCH_CAP,
                                  .n_vocab = N_VOCAB,
                                  .n_sample = N_VOCAB,
                                  .is_causal = true,
                                  .row_width = N_VOCAB,
                                  .has_logits = true };
}

/* ---- requests and their answers ---- */

struct asked {
    int32_t token[TOK_CAP];
    struct engine_request r;
    struct sampling sampling;
    int32_t answer[TOK_CAP];
    float score[TOK_CAP];
    uint32_t n_answer, n_done_seen, n_prompt_event, n_last_prompt, n_score;
    enum finish finish;
    enum err_code err;
    struct engine_timing timing;
    uint64_t id;
};

static void on_event(void *arg, const struct engine_event *ev)
{
    struct asked *a = arg;

    assert_true(ev->request == a->id || a->id == 0);
    assert_int_equal(a->n_done_seen, 0);
    switch (ev->kind) {
    case EV_PROMPT:
        assert_true(ev->n_total == a->r.n_tok && ev->n_done <= ev->n_total);
        a->n_prompt_event++;
        break;
    case EV_SCORE:
        assert_true(a->r.score_prompt && a->n_answer == 0 && a->n_score + 1 < a->r.n_tok);
        assert_int_equal(ev->n_top, a->r.n_top);
        a->score[a->n_score++] = ev->logprob;
        assert_int_equal(ev->token, a->token[a->n_score]);
        break;
    case EV_TOKEN:
        assert_true(a->n_answer < TOK_CAP);
        a->answer[a->n_answer++] = ev->token;
        if (a->r.n_top) {
            assert_int_equal(ev->n_top, a->r.n_top);
            assert_true(ev->top[0].logprob >= ev->logprob && ev->logprob <= 0);
        }
        break;
    case EV_DONE:
        a->n_done_seen++;
        a->finish = ev->finish;
        a->timing = *ev->timing;
        a->err = ev->err ? ev->err->code : ERR_OK;
        assert_int_equal(ev->timing->n_generated, a->n_answer);
        break;
    }
}

static void invent(struct asked *a, uint32_t n_max)
{
    uint32_t kind = rnd(3), fork = rnd(300);

    *a = (struct asked){ .sampling = sampling_defaults() };
    a->r.n_tok = 1 + rnd(n_max);
    for (uint32_t i = 0; i < a->r.n_tok; i++)
        a->token[i] = (int32_t)(i < fork ? i % 11 : (i * 5 + kind) % N_VOCAB);
    a->sampling.has_seed = true;
    a->sampling.seed = test_random(&seed);
    a->sampling.repeat_penalty = rnd(2) ? 1.2f : 1.0f;
    a->r.tokens = a->token;
    a->r.n_predict = rnd(8) ? 1 + rnd(200) : 0;
    a->r.no_cache = rnd(6) == 0;
    a->r.n_top = rnd(4) ? 0 : 1 + rnd(20);
    a->r.sampling = &a->sampling;
    a->r.on_event = on_event;
    a->r.arg = a;
}

/* Some roll, and some have their prompts scored. */
static void invent_more(struct asked *a)
{
    a->r.score_prompt = a->r.n_top && rnd(2);
    a->r.rolls = rnd(4) == 0;
    a->r.n_keep = rnd(300);
    if (a->r.rolls)
        a->r.n_predict = 1 + rnd(TOK_CAP);
}

static void submit(struct sched *s, struct asked *a)
{
    struct err e = { 0 };

    if (sched_submit(s, &a->r, &a->id, &e))
        fail_msg("%s", e.text);
}

static void run_all(struct sched *s)
{
    bool busy = true;

    for (unsigned n = 0; busy; n++) {
        assert_true(n < 1000000);
        assert_int_equal(sched_step(s, &busy, NULL), ERR_OK);
    }
}

/* Nobody runs: every page is free or idle. */
static void assert_all_given_back(struct sched *s)
{
    struct engine_stats st;

    sched_stats(s, &st);
    assert_int_equal(st.n_page_used, 0);
    assert_int_equal(st.n_seq_running + st.n_seq_waiting, 0);
    sched_cache_clear(s);
    assert_int_equal(s->pages.n_free, s->pages.n);
    assert_int_equal(s->states.n_free, s->states.n);
}

/* The answer in an empty scheduler with all the memory, one token a batch. */
static void answer_alone(const struct asked *a, struct asked *alone, uint32_t n_page)
{
    static struct program prog;
    struct sched_params p = params(&prog, n_page, 1, 1);
    struct sched s;

    memset(&prog, 0, sizeof(prog));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    *alone = *a;
    alone->n_answer = alone->n_done_seen = alone->n_prompt_event = alone->n_score = 0;
    alone->id = 0;
    alone->r.arg = alone;
    alone->r.sampling = &alone->sampling;
    alone->r.tokens = alone->token;
    alone->r.no_cache = true;
    submit(&s, alone);
    run_all(&s);
    sched_finish(&s);
}

struct crowd {
    struct sched *s;
    struct asked *asked;
    uint32_t n;
};

/* Some have recurrent states, with few or many slots to keep them. */
static void add_states(struct sched_params *p, struct program *prog)
{
    prog->has_states = rnd(2);
    if (prog->has_states)
        p->n_state_slot =
            SCHED_SLOTS_MIN(p->n_seq) + rnd(SLOTS_CAP + 1 - SCHED_SLOTS_MIN(p->n_seq));
}

static void cancel_somebody(void *arg)
{
    struct crowd *c = arg;

    if (c->n && rnd(4) == 0)
        sched_cancel(c->s, c->asked[rnd(c->n)].id);
}

static void check_answers(struct crowd *c, uint32_t n_page)
{
    static struct asked alone;

    for (uint32_t i = 0; i < c->n; i++) {
        struct asked *a = &c->asked[i];

        assert_int_equal(a->n_done_seen, 1);
        answer_alone(a, &alone, n_page);
        assert_true(a->n_answer <= alone.n_answer);
        assert_memory_equal(a->answer, alone.answer, a->n_answer * sizeof(a->answer[0]));
        assert_memory_equal(a->score, alone.score, a->n_score * sizeof(a->score[0]));
        if (a->n_answer)
            assert_int_equal(a->n_score, a->r.score_prompt ? a->r.n_tok - 1 : 0);
        if (a->finish == FINISH_CANCELLED)
            continue;
        assert_int_equal(a->finish, alone.finish);
        assert_int_equal(a->n_answer, alone.n_answer);
    }
}

/* Proves: with little and with much memory, small and large batches, shared beginnings, putting
 * back, rolling and cancelling, each answer is a beginning of the one it would get alone, and all
 * of it unless it was cancelled. */
static void crowds_get_the_answers_of_single_ones(void **state)
{
    static struct program prog;
    static struct asked asked[N_REQUEST];
    uint32_t n_rolled = 0;

    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        uint32_t n_page = 3 + rnd(round % 3 ? 8 : PAGES_CAP - 3), n_seq = 1 + rnd(SEQS_CAP);
        uint32_t n_batch = n_seq + rnd(BATCH_CAP - n_seq);
        struct sched_params p = params(&prog, n_page, n_seq, n_batch);
        struct sched s;
        struct crowd c = { &s, asked, 0 };
        bool busy = true;

        memset(&prog, 0, sizeof(prog));
        add_states(&p, &prog);
        p.n_out_max = n_seq + rnd(BATCH_CAP - n_seq);
        assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
        if (round % 2) {
            prog.in_the_middle = cancel_somebody;
            prog.arg = &c;
        }
        while (busy || c.n < N_REQUEST) {
            if (c.n < N_REQUEST && rnd(6) == 0) {
                invent(&asked[c.n], min_u32(s.p.n_ctx - 1, round % 2 ? 400 : 60));
                invent_more(&asked[c.n]);
                submit(&s, &asked[c.n++]);
            }
            assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
        }
        check_answers(&c, n_page);
        for (uint32_t i = 0; i < c.n; i++)
            n_rolled += asked[i].r.n_tok + asked[i].n_answer > s.p.n_ctx;
        assert_all_given_back(&s);
        sched_finish(&s);
    }
    assert_true(n_rolled > 20);
}

/* Proves: a prompt that was answered before is taken from the cache but for its last token, and
 * requests with the same beginning that arrive together compute it once. */
static void beginnings_are_computed_once(void **state)
{
    static struct program prog;
    static struct asked a, b[4];
    struct sched_params p = params(&prog, PAGES_CAP, 8, 64);
    struct engine_stats st;
    struct sched s;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    invent(&a, 400);
    a.r.n_tok = 300;
    for (uint32_t i = 0; i < 300; i++)
        a.token[i] = (int32_t)(i % 13);
    a.r.n_predict = 2;
    a.r.no_cache = false;
    for (uint32_t i = 0; i < 4; i++) {
        b[i] = a;
        b[i].r.arg = &b[i];
        b[i].r.tokens = b[i].token;
        submit(&s, &b[i]);
    }
    run_all(&s);
    sched_stats(&s, &st);
    assert_int_equal(st.n_tok_prompt, 300 + 3 * (300 - 256));
    submit(&s, &a);
    run_all(&s);
    assert_int_equal(a.timing.n_cached, 299);
    a.token[100] = 40; /* in the second page: 64 shared and 36 copied */
    a.n_answer = a.n_done_seen = 0;
    submit(&s, &a);
    run_all(&s);
    assert_int_equal(a.timing.n_cached, 100);
    assert_all_given_back(&s);
    sched_finish(&s);
}

/* Proves: with recurrent states, an answered prompt is known up to its last border between pages,
 * and a conversation that goes on is known as a whole. */
static void states_are_kept_where_they_help(void **state)
{
    static struct program prog;
    static struct asked a, b;
    struct sched_params p = params(&prog, PAGES_CAP, 2, 64);
    struct sched s;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    prog.has_states = true;
    p.n_state_slot = 12;
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    invent(&a, 10);
    a.r.n_tok = 200;
    for (int32_t i = 0; i < 200; i++)
        a.token[i] = i % 13;
    a.r.n_predict = 10;
    a.r.no_cache = false;
    submit(&s, &a);
    run_all(&s);
    b = a;
    b.r.arg = &b;
    b.r.tokens = b.token;
    b.n_answer = b.n_done_seen = 0;
    b.token[199] = 20;
    submit(&s, &b);
    run_all(&s);
    assert_int_equal(b.timing.n_cached, 192);
    memcpy(b.token, a.token, 200 * sizeof(int32_t));
    memcpy(b.token + 200, a.answer, 10 * sizeof(int32_t));
    b.r.n_tok = 230;
    b.n_answer = b.n_done_seen = 0;
    submit(&s, &b);
    run_all(&s);
    assert_int_equal(b.timing.n_cached, 209);
    assert_all_given_back(&s);
    sched_finish(&s);
}

static void run_beside_long_prompts(bool scored)
{
    static struct program prog;
    static struct asked a, b, c;
    struct sched_params p = params(&prog, PAGES_CAP, 4, 64);
    struct sched s;
    bool busy;

    memset(&prog, 0, sizeof(prog));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    invent(&a, 10);
    a.r.n_tok = 3;
    a.r.n_predict = 100;
    invent(&b, 10);
    b.r.n_tok = 400;
    b.r.n_predict = 1;
    b.r.score_prompt = scored;
    b.r.n_top = scored;
    c = b;
    b.token[0] = 20;
    c.r.arg = &c;
    c.r.tokens = c.token;
    submit(&s, &a);
    assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
    submit(&s, &b);
    submit(&s, &c);
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t before = a.n_answer;

        assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
        assert_int_equal(a.n_answer, before + 1);
        assert_int_equal(s.running[1]->n_past, s.running[2]->n_past);
    }
    run_all(&s);
    assert_int_equal(b.n_score + c.n_score, scored ? 2 * 399 : 0);
    sched_finish(&s);
}

/* Proves: a long prompt does not hold up a running answer, also when all of its tokens are scored,
 * and prompts get equal shares. */
static void long_prompts_let_answers_through(void **state)
{
    (void)state;
    run_beside_long_prompts(false);
    run_beside_long_prompts(true);
}

/* Keeps n requests of a tenant going; counts what it got. */
struct demand {
    struct asked a[12];
    uint32_t n;
    uint64_t n_served, n_prompt, tenant;
};

static void keep_asking(struct sched *s, struct demand *d, uint32_t n_tok, uint32_t n_predict)
{
    for (uint32_t i = 0; i < d->n; i++) {
        struct asked *a = &d->a[i];

        if (a->id && !a->n_done_seen)
            continue;
        if (a->id)
            d->n_served += a->n_answer + n_tok - a->timing.n_cached;
        invent(a, 10);
        for (uint32_t k = 0; k < 40; k++)
            a->token[k] = (int32_t)rnd(N_VOCAB); /* nothing to share */
        a->r.n_tok = n_tok;
        a->r.n_predict = n_predict;
        a->r.ignore_eos = true;
        a->r.tenant = d->tenant;
        submit(s, a);
    }
}

/* Proves: two tenants get equal shares although one asks for six times as much, with longer
 * prompts and answers: Jain's index of what they got is 0.95 at least. */
static void tenants_are_served_equally(void **state)
{
    static struct program prog;
    static struct demand big = { .n = 12, .tenant = 1 }, small = { .n = 4, .tenant = 2 };
    struct sched_params p = params(&prog, PAGES_CAP, 4, 64);
    struct sched s;
    double x, y;
    bool busy;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    for (uint32_t i = 0; i < 4000; i++) {
        keep_asking(&s, &big, 60, 40);
        keep_asking(&s, &small, 20, 15);
        assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
    }
    x = (double)big.n_served;
    y = (double)small.n_served;
    assert_true(y > 0.0 && (x + y) * (x + y) / (2.0 * (x * x + y * y)) >= 0.95);
    sched_finish(&s);
}

/* Proves: cached prefixes that nobody uses stay within their limit. */
static void idle_prefixes_stay_within_their_limit(void **state)
{
    static struct program prog;
    static struct asked a;
    struct sched_params p = params(&prog, PAGES_CAP, 2, 64);
    struct engine_stats stats;
    struct sched s;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    p.n_idle_max = 3;
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    for (uint32_t i = 0; i < 8; i++) {
        invent(&a, 10);
        a.token[0] = (int32_t)i;
        a.r.n_tok = 250;
        a.r.no_cache = false;
        a.r.n_predict = 3;
        submit(&s, &a);
        run_all(&s);
        sched_stats(&s, &stats);
        assert_int_equal(stats.n_page_cached, 3);
        assert_int_equal(stats.n_page_used, 0);
    }
    sched_finish(&s);
}

/* Proves: refusals name their reason, a full queue is one, and a failing device ends the requests
 * of the batch but not the scheduler. */
static void refusals_and_failures_are_told(void **state)
{
    static struct program prog;
    static struct asked a;
    struct sched_params p = params(&prog, 4, 2, 32);
    struct sched s;
    struct err e;
    uint64_t id;
    bool busy;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    invent(&a, 10);
    a.r.rolls = false;
    a.r.n_tok = 0;
    assert_int_equal(sched_submit(&s, &a.r, &id, &e), ERR_ARG);
    a.r.n_tok = 256;
    assert_int_equal(sched_submit(&s, &a.r, &id, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "256"));
    a.r.n_tok = 255;
    a.token[7] = N_VOCAB;
    assert_int_equal(sched_submit(&s, &a.r, &id, &e), ERR_ARG);
    a.token[7] = 0;
    a.r.n_predict = 0;
    submit(&s, &a);
    run_all(&s);
    assert_int_equal(a.finish, FINISH_CONTEXT);
    assert_int_equal(a.n_answer, 1);
    a.n_answer = a.n_done_seen = 0;
    submit(&s, &a);
    prog.fail_with = ERR_DEVICE;
    assert_int_equal(sched_step(&s, &busy, &e), ERR_DEVICE);
    assert_int_equal(a.finish, FINISH_ERROR);
    assert_int_equal(a.err, ERR_DEVICE);
    assert_false(busy);
    for (uint32_t i = 0; i < SCHED_LIVE_MAX; i++)
        assert_int_equal(sched_submit(&s, &a.r, &id, &e), ERR_OK);
    assert_int_equal(sched_submit(&s, &a.r, &id, &e), ERR_LIMIT);
    sched_finish(&s);
}

/* Proves: failing memory while a request is made leaves nothing behind. */
static void failing_memory_leaves_nothing(void **state)
{
    static struct program prog;
    static struct asked a;
    struct sched_params p = params(&prog, 8, 2, 32);
    size_t before[MEM_KIND_COUNT];
    bool done = false;

    (void)state;
    for (int k = 0; k < MEM_KIND_COUNT; k++)
        before[k] = mem_in_use((enum mem_kind)k);
    for (uint64_t n = 1; !done; n++) {
        struct sched s = { 0 };
        enum err_code rc;

        invent(&a, 100);
        memset(&prog, 0, sizeof(prog));
        assert_true(n < 200);
        mem_fail_at(n, 1);
        rc = sched_init(&s, &p, NULL);
        if (!rc)
            rc = sched_submit(&s, &a.r, &a.id, NULL);
        if (!rc)
            run_all(&s);
        mem_fail_at(0, 0);
        sched_finish(&s);
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        done = rc == ERR_OK && a.finish != FINISH_ERROR;
        for (int k = 0; k < MEM_KIND_COUNT; k++)
            assert_int_equal(mem_in_use((enum mem_kind)k), before[k]);
    }
}

/* ---- another thread ---- */

struct canceller {
    struct sched *s;
    atomic_ullong id;
    atomic_bool is_over;
    unsigned n;
};

static void cancel_again_and_again(void *arg)
{
    struct canceller *c = arg;
    unsigned i = 0;

    while (!atomic_load(&c->is_over)) {
        uint64_t id = atomic_load(&c->id);

        if (id && ++i % 7 == 0)
            sched_stop(c->s);
        else if (id)
            sched_cancel(c->s, id);
    }
}

/* Proves: cancelling and stopping from another thread end what they mean, never something newer,
 * and nothing is lost. */
static void another_thread_may_cancel(void **state)
{
    static struct program prog;
    static struct asked a[3];
    struct sched_params p = params(&prog, 30, 3, 32);
    struct sched s;
    struct canceller c = { .s = &s };
    struct thread t = { 0 };

    (void)state;
    memset(&prog, 0, sizeof(prog));
    prog.n_spin = 50;
    add_states(&p, &prog);
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    assert_int_equal(thread_start(&t, "cancel", cancel_again_and_again, &c, NULL), ERR_OK);
    for (unsigned round = 0; round < 20; round++) {
        bool busy = true;

        for (unsigned i = 0; i < 3; i++) {
            invent(&a[i], 300);
            a[i].r.n_predict = 0;
            submit(&s, &a[i]);
        }
        for (unsigned n = 0; busy; n++) {
            assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
            if (n == round % 5)
                atomic_store(&c.id, a[n % 3].id);
        }
        atomic_store(&c.id, 0);
        for (unsigned i = 0; i < 3; i++)
            assert_int_equal(a[i].n_done_seen, 1);
        assert_true(a[0].finish == FINISH_CANCELLED || a[0].finish == FINISH_CONTEXT);
    }
    atomic_store(&c.is_over, true);
    thread_join(&t);
    assert_all_given_back(&s);
    sched_finish(&s);
}

/* ---- scores ---- */

struct rows {
    float at[TOK_CAP][N_VOCAB];
    uint32_t first, n;
};

static bool take_row(void *arg, uint32_t i, const float *logits)
{
    struct rows *r = arg;

    if (r->n == 0)
        r->first = i;
    assert_int_equal(i, r->first + r->n);
    memcpy(r->at[i], logits, sizeof(r->at[i]));
    r->n++;
    return true;
}

/* Proves: scores do not depend on the batch or the cache and leave running requests alone. */
static void scores_do_not_depend_on_the_cut(void **state)
{
    static struct program prog;
    static struct rows whole, cut;
    static struct asked a, alone;
    struct sched_params p = params(&prog, 20, 2, 64);
    struct score_params sp = { .n_tok = 300 };
    struct sched s;
    bool busy;

    (void)state;
    memset(&prog, 0, sizeof(prog));
    memset(&whole, 0, sizeof(whole));
    assert_int_equal(sched_init(&s, &p, NULL), ERR_OK);
    invent(&a, 400);
    a.r.n_predict = 60;
    submit(&s, &a);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sched_step(&s, &busy, NULL), ERR_OK);
    invent(&alone, 10);
    for (int i = 0; i < 300; i++)
        alone.token[i] = i % 9;
    sp.tokens = alone.token;
    assert_int_equal(sched_score(&s, &sp, take_row, &whole, NULL), ERR_OK);
    assert_int_equal(whole.n, 300);
    sp.n_batch = 1;
    memset(&cut, 0, sizeof(cut));
    assert_int_equal(sched_score(&s, &sp, take_row, &cut, NULL), ERR_OK);
    assert_memory_equal(&whole, &cut, sizeof(whole));
    sp.n_batch = 0;
    sp.use_cache = true;
    sp.last_only = true;
    for (int i = 0; i < 2; i++) {
        memset(&cut, 0, sizeof(cut));
        assert_int_equal(sched_score(&s, &sp, take_row, &cut, NULL), ERR_OK);
        assert_int_equal(cut.n, 1);
        assert_memory_equal(whole.at[299], cut.at[299], sizeof(cut.at[0]));
    }
    sp.n_tok = 501;
    assert_int_equal(sched_score(&s, &sp, take_row, &cut, NULL), ERR_LIMIT);
    run_all(&s);
    answer_alone(&a, &alone, 20);
    assert_int_equal(a.n_answer, alone.n_answer);
    assert_memory_equal(a.answer, alone.answer, a.n_answer * sizeof(a.answer[0]));
    assert_all_given_back(&s);
    sched_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowds_get_the_answers_of_single_ones),
        cmocka_unit_test(beginnings_are_computed_once),
        cmocka_unit_test(states_are_kept_where_they_help),
        cmocka_unit_test(long_prompts_let_answers_through),
        cmocka_unit_test(tenants_are_served_equally),
        cmocka_unit_test(idle_prefixes_stay_within_their_limit),
        cmocka_unit_test(refusals_and_failures_are_told),
        cmocka_unit_test(failing_memory_leaves_nothing),
        cmocka_unit_test(another_thread_may_cancel),
        cmocka_unit_test(scores_do_not_depend_on_the_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
