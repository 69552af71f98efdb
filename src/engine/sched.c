/* Continuous batching: every step packs one token of each running answer and chunks of waiting
 * prompts into one batch.
 *
 * Admission is in order of arrival and takes all pages of the prompt at once, so that a prompt that
 * has begun always gets through. When an answer needs a page and none is left, idle prefixes go
 * first, then the youngest sequence is put back to wait: it computes its tokens again later, and
 * law 4 makes its answer the same. How tokens are cut into batches changes no result either, so
 * the packing is free to look at speed and fairness alone. */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "engine/seq_int.h"
#include "os/sys.h"

/* ---- creation ---- */

static bool alloc_batch(struct sched *s)
{
    const struct sched_params *p = &s->p;
    size_t n_out = max_u32(p->n_out_max, p->n_batch);

    s->running = mem_alloc_n(MEM_SCRATCH, p->n_seq, sizeof(struct seq *));
    s->member = mem_alloc_n(MEM_SCRATCH, p->n_seq, sizeof(struct seq *));
    s->batch_seqs = mem_alloc_n(MEM_SCRATCH, p->n_seq, sizeof(*s->batch_seqs));
    s->token = mem_alloc_n(MEM_SCRATCH, p->n_batch, sizeof(*s->token));
    s->pos = mem_alloc_n(MEM_SCRATCH, p->n_batch, sizeof(*s->pos));
    s->row_seq = mem_alloc_n(MEM_SCRATCH, p->n_batch, sizeof(*s->row_seq));
    s->out_row = mem_alloc_n(MEM_SCRATCH, n_out, sizeof(*s->out_row));
    return s->running && s->member && s->batch_seqs && s->token && s->pos && s->row_seq &&
           s->out_row;
}

enum err_code sched_init(struct sched *s, const struct sched_params *p, struct err *e)
{
    enum err_code rc = ERR_OK;

    CHECK(p->n_state_slot == 0 || p->n_state_slot >= SCHED_SLOTS_MIN(p->n_seq));
    CHECK(p->n_seq >= 1 && p->n_seq <= ENGINE_SEQS_MAX && p->n_batch >= p->n_seq);
    *s = (struct sched){ .p = *p };
    s->p.n_ctx = min_u32(p->n_ctx, p->n_page * KV_PAGE_TOK);
    atomic_store(&s->serial, 1);
    if (!alloc_batch(s))
        rc = err_set(e, ERR_OOM, "no memory for batches of %u tokens", p->n_batch);
    if (!rc)
        rc = pages_init(&s->pages, p->n_page, e);
    if (!rc && p->n_state_slot)
        rc = pages_init(&s->states, p->n_state_slot, e);
    if (!rc)
        rc = prefix_init(&s->prefix, &s->pages, p->n_state_slot ? &s->states : NULL, e);
    if (rc)
        sched_finish(s);
    return rc;
}

void sched_finish(struct sched *s)
{
    for (uint32_t i = 0; i < SCHED_LIVE_MAX; i++) {
        if (!s->live[i])
            continue;
        sched_release(s, &s->live[i]->pages, NULL, 0, false);
        seq_destroy(s->live[i]);
        s->live[i] = NULL;
    }
    prefix_finish(&s->prefix);
    pages_finish(&s->pages);
    pages_finish(&s->states);
    mem_free((void *)s->running);
    mem_free((void *)s->member);
    mem_free(s->batch_seqs);
    mem_free(s->token);
    mem_free(s->pos);
    mem_free(s->row_seq);
    mem_free(s->out_row);
    s->running = s->member = NULL;
    s->batch_seqs = NULL;
    s->token = NULL;
    s->pos = s->row_seq = s->out_row = NULL;
    s->n_running = s->n_waiting = 0;
    s->waiting = s->waiting_last = NULL;
}

/* ---- lists ---- */

static void wait_last(struct sched *s, struct seq *q)
{
    q->next = NULL;
    if (s->waiting_last)
        s->waiting_last->next = q;
    else
        s->waiting = q;
    s->waiting_last = q;
    s->n_waiting++;
}

static void wait_first(struct sched *s, struct seq *q)
{
    q->next = s->waiting;
    s->waiting = q;
    if (!s->waiting_last)
        s->waiting_last = q;
    s->n_waiting++;
}

/* Takes q out of the waiting list; false when it is not there. */
static bool wait_remove(struct sched *s, struct seq *q)
{
    struct seq *before = NULL, *at = s->waiting;

    while (at && at != q) {
        before = at;
        at = at->next;
    }
    if (!at)
        return false;
    if (before)
        before->next = q->next;
    else
        s->waiting = q->next;
    if (s->waiting_last == q)
        s->waiting_last = before;
    s->n_waiting--;
    return true;
}

static void run_remove(struct sched *s, struct seq *q)
{
    uint32_t i = 0;

    while (i < s->n_running && s->running[i] != q)
        i++;
    CHECK(i < s->n_running);
    for (s->n_running--; i < s->n_running; i++)
        s->running[i] = s->running[i + 1];
}

static void keep_cache_small(struct sched *s)
{
    while (s->p.n_idle_max && prefix_n_idle(&s->prefix) > s->p.n_idle_max)
        if (!prefix_evict(&s->prefix))
            return;
}

/* Ends a request: pages, slot, last event, memory. */
static void finish(struct sched *s, struct seq *q, const struct seq_drawn *d, const struct err *err)
{
    if (!wait_remove(s, q))
        run_remove(s, q);
    sched_release(s, &q->pages, q->token, q->n_past, !q->no_cache);
    s->live[q->slot] = NULL;
    fair_leave(&s->fair, q->tenant);
    keep_cache_small(s);
    atomic_store(&s->in_batch[q->slot], false);
    seq_tell_done(q, d->finish, d->token, err);
    seq_destroy(q);
}

static void finish_error(struct sched *s, struct seq *q, const struct err *err)
{
    finish(s, q, &(struct seq_drawn){ .is_over = true, .finish = FINISH_ERROR, .token = TOK_NONE },
           err);
}

/* ---- requests ---- */

enum err_code sched_submit(struct sched *s, const struct engine_request *r, uint64_t *id,
                           struct err *e)
{
    struct seq *q;
    uint32_t slot = 0;
    enum err_code rc;

    *id = 0;
    while (slot < SCHED_LIVE_MAX && s->live[slot])
        slot++;
    if (slot == SCHED_LIVE_MAX)
        return err_set(e, ERR_LIMIT, "%u requests run or wait already", SCHED_LIVE_MAX);
    rc = seq_create(&q, &s->p, r, e);
    if (rc)
        return rc;
    q->slot = slot;
    q->tenant = fair_enter(&s->fair, r->tenant);
    q->id = atomic_fetch_add(&s->serial, 1) * SCHED_LIVE_MAX + slot;
    s->live[slot] = q;
    wait_last(s, q);
    *id = q->id;
    return ERR_OK;
}

void sched_cancel(struct sched *s, uint64_t id)
{
    uint32_t slot = (uint32_t)(id % SCHED_LIVE_MAX);
    unsigned long long old = atomic_load(&s->cancel_id[slot]);

    /* Ids of a slot grow: a late call for an ended request must not undo one for its follower. */
    while (old < id && !atomic_compare_exchange_weak(&s->cancel_id[slot], &old, id))
        ;
    if (atomic_load(&s->in_batch[slot]))
        atomic_store(&s->interrupt, true);
}

void sched_stop(struct sched *s)
{
    atomic_store(&s->stop_serial, atomic_load(&s->serial));
    atomic_store(&s->interrupt, true);
}

static bool is_cancelled(struct sched *s, const struct seq *q)
{
    return atomic_load(&s->cancel_id[q->slot]) == q->id ||
           q->id / SCHED_LIVE_MAX < atomic_load(&s->stop_serial);
}

static void reap(struct sched *s)
{
    for (uint32_t i = 0; i < SCHED_LIVE_MAX; i++)
        if (s->live[i] && is_cancelled(s, s->live[i]))
            finish(s, s->live[i],
                   &(struct seq_drawn){
                       .is_over = true, .finish = FINISH_CANCELLED, .token = TOK_NONE },
                   NULL);
}

/* ---- admission ---- */

/* Somebody is computing pages that q could share soon: more of its beginning than is known now. */
static bool has_forerunner(const struct sched *s, const struct seq *q)
{
    for (uint32_t i = 0; i < s->n_running; i++) {
        const struct seq *r = s->running[i];
        uint32_t n = min_u32(min_u32(q->n_tok - 1, r->n_tok), r->n_prompt) / KV_PAGE_TOK;

        n *= KV_PAGE_TOK;
        /* States are kept at one place only. */
        if (s->p.n_state_slot && n != sched_keep_at(s, r->n_prompt))
            continue;
        if (!r->no_cache && r->n_past < n &&
            memcmp(q->token, r->token,
                   (r->n_past / KV_PAGE_TOK + 1) * KV_PAGE_TOK * sizeof(*q->token)) == 0)
            return true;
    }
    return false;
}

static bool admit_one(struct sched *s, struct seq *q)
{
    struct hold_params h = { .token = q->token,
                             .n_tok = q->n_tok,
                             .n_want = pages_for(q->n_tok),
                             .n_spare = s->n_running ? s->n_running + 1 : 0,
                             .use_cache = !q->no_cache && !seq_scores(q) };

    if (!sched_hold(s, &q->pages, &h, &q->n_past))
        return false;
    CHECK(wait_remove(s, q));
    s->running[s->n_running++] = q;
    if (!q->was_admitted) {
        q->was_admitted = true;
        q->t_admit = clock_s();
        q->timing.queue_s = q->t_admit - q->t_submit;
        q->timing.n_cached = q->n_past;
        s->stats.n_tok_cached += q->n_past;
        seq_tell_prompt(q);
    }
    return true;
}

/* The oldest request that can start, of the tenant that has been served least. */
static struct seq *next_to_admit(const struct sched *s)
{
    struct seq *best = NULL;

    for (struct seq *q = s->waiting; q; q = q->next) {
        if (best && fair_balance(&s->fair, q->tenant) <= fair_balance(&s->fair, best->tenant))
            continue;
        if (q->no_cache || seq_scores(q) || !has_forerunner(s, q))
            best = q;
    }
    return best;
}

static void admit(struct sched *s)
{
    while (s->n_running < s->p.n_seq) {
        struct seq *q = next_to_admit(s);

        if (!q || !admit_one(s, q))
            break;
    }
}

/* ---- memory for the answers ---- */

static struct seq *youngest(const struct sched *s)
{
    struct seq *q = s->running[0];

    for (uint32_t i = 1; i < s->n_running; i++)
        if (s->running[i]->id / SCHED_LIVE_MAX > q->id / SCHED_LIVE_MAX)
            q = s->running[i];
    return q;
}

static void put_back(struct sched *s, struct seq *q)
{
    run_remove(s, q);
    sched_release(s, &q->pages, q->token, q->n_past, !q->no_cache);
    q->n_past = 0;
    wait_first(s, q);
}

/* The oldest that has no page for its next token. */
static struct seq *next_without_page(const struct sched *s)
{
    struct seq *q = NULL;

    for (uint32_t i = 0; i < s->n_running; i++) {
        struct seq *r = s->running[i];

        if (r->pages.n < pages_for(r->n_tok) && (!q || r->id < q->id))
            q = r;
    }
    return q;
}

static void grow(struct sched *s)
{
    for (struct seq *q = next_without_page(s); q; q = next_without_page(s)) {
        uint32_t page = sched_page_take(s);

        if (page != PAGE_NONE) {
            CHECK(q->pages.n < q->pages.cap);
            q->pages.at[q->pages.n++] = page;
        } else {
            put_back(s, youngest(s));
        }
    }
}

/* ---- the batch ---- */

static bool wants_more(const struct seq *q)
{
    return !seq_answers(q) && q->n_batch < seq_n_left(q);
}

/* Running prompts of a tenant that could take more; 0 when q is not the first of them. */
static uint32_t n_prompt_of(const struct sched *s, uint32_t at)
{
    const struct seq *q = s->running[at];
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->n_running; i++) {
        if (s->running[i]->tenant != q->tenant || !wants_more(s->running[i]))
            continue;
        if (i < at)
            return 0;
        n++;
    }
    return n;
}

/* One round: equal shares for the tenants, and for the prompts of each. */
static uint32_t share_round(struct sched *s, uint32_t budget)
{
    uint32_t first = (uint32_t)(s->stats.n_step % s->n_running), n_tenant = 0, given = 0;

    for (uint32_t i = 0; i < s->n_running; i++)
        n_tenant += wants_more(s->running[i]) && n_prompt_of(s, i);
    for (uint32_t i = 0; i < s->n_running && given < budget; i++) {
        uint32_t at = (first + i) % s->n_running, n = 0, share;
        struct seq *q = s->running[at];

        if (!wants_more(q))
            continue;
        for (uint32_t k = 0; k < s->n_running; k++)
            n += s->running[k]->tenant == q->tenant && wants_more(s->running[k]);
        share = max_u32(budget / n_tenant / n, 1);
        n = min_u32(min_u32(share, budget - given), seq_n_left(q) - q->n_batch);
        q->n_batch += n;
        given += n;
    }
    return given;
}

/* Decides how many tokens of each running sequence go into the batch. */
static void share_out(struct sched *s)
{
    uint32_t n_answer = 0, budget, given;

    for (uint32_t i = 0; i < s->n_running; i++) {
        struct seq *q = s->running[i];

        q->n_batch = seq_answers(q);
        n_answer += q->n_batch;
    }
    budget = s->p.n_batch - n_answer;
    if (n_answer)
        budget =
            min_u32(budget, pace_budget(&s->pace, n_answer, s->n_running - n_answer, s->p.n_batch));
    do {
        given = budget ? share_round(s, budget) : 0;
        budget -= given;
    } while (given);
    s->n_answer = n_answer;
}

/* Asks for the rows of the prompt that are to be scored; as many tokens take part as there is room
 * for their rows beside one for each of the others. */
static void pack_scores(struct sched *s, struct seq *q)
{
    struct batch *b = &s->batch;
    uint32_t n_room = s->p.n_out_max - b->n_out - (s->n_running - 1 - b->n_seq);

    q->score_row = b->n_out;
    q->n_score_row = 0;
    if (!seq_scores(q))
        return;
    q->n_batch = min_u32(q->n_batch, n_room);
    for (uint32_t i = max_u32(q->n_past, q->n_scored);
         i < min_u32(q->n_past + q->n_batch, q->n_score); i++) {
        s->out_row[b->n_out++] = b->n_tok + i - q->n_past;
        q->n_score_row++;
    }
}

static void pack_one(struct sched *s, struct seq *q)
{
    uint32_t keep_at = q->no_cache ? 0 : sched_keep_at(s, q->n_tok);
    struct batch *b = &s->batch;

    if (!seq_answers(q) && q->n_past < keep_at)
        q->n_batch = min_u32(q->n_batch, keep_at - q->n_past);
    pack_scores(s, q);
    for (uint32_t i = 0; i < q->n_batch; i++) {
        s->token[b->n_tok + i] = q->token[q->n_past + i];
        s->pos[b->n_tok + i] = q->n_past + i;
        s->row_seq[b->n_tok + i] = b->n_seq;
    }
    s->batch_seqs[b->n_seq] = sched_batch_seq(s, &q->pages, q->n_past + q->n_batch);
    s->member[b->n_seq++] = q;
    b->n_tok += q->n_batch;
    q->out_row = UINT32_MAX;
    if (q->n_batch == seq_n_left(q)) {
        q->out_row = b->n_out;
        s->out_row[b->n_out++] = b->n_tok - 1;
    }
}

static void pack(struct sched *s)
{
    s->batch = (struct batch){ .token = s->token,
                               .pos = s->pos,
                               .seq = s->row_seq,
                               .seqs = s->batch_seqs,
                               .out = s->out_row,
                               .cancel = &s->interrupt };
    share_out(s);
    for (uint32_t i = 0; i < s->n_running; i++)
        if (seq_answers(s->running[i]))
            pack_one(s, s->running[i]);
    for (uint32_t i = 0; i < s->n_running; i++)
        if (!seq_answers(s->running[i]) && s->running[i]->n_batch)
            pack_one(s, s->running[i]);
    s->n_member = s->batch.n_seq;
}

/* Declares who is in the batch, then looks once more whether somebody should not be. */
static enum err_code run_batch(struct sched *s, struct err *e)
{
    bool none_cancelled = true;
    enum err_code rc = ERR_CANCELLED;

    for (uint32_t i = 0; i < s->n_member; i++)
        atomic_store(&s->in_batch[s->member[i]->slot], true);
    for (uint32_t i = 0; i < s->n_member; i++)
        none_cancelled = none_cancelled && !is_cancelled(s, s->member[i]);
    if (none_cancelled)
        rc = s->p.ops->run(s->p.program, s->p.kv, &s->batch, e);
    for (uint32_t i = 0; i < s->n_member; i++) {
        atomic_store(&s->in_batch[s->member[i]->slot], false);
        sched_batch_done(s, &s->member[i]->pages, rc == ERR_OK);
    }
    return rc;
}

/* Its place is the first in the queue: it computes what is left of its tokens as a prompt. */
static void roll(struct sched *s, struct seq *q)
{
    put_back(s, q);
    seq_roll(q, &s->p);
}

static void draw(struct sched *s, struct seq *q, const float *logits)
{
    struct seq_drawn d;
    struct err err = { 0 };
    enum err_code rc = seq_draw(q, &s->p, logits, &d, &err);

    s->stats.n_tok_generated += rc == ERR_OK;
    if (rc)
        finish_error(s, q, &err);
    else if (d.is_over)
        finish(s, q, &d, NULL);
    else if (d.is_full)
        roll(s, q);
}

/* All members have come forward: their pages become known, their outputs are drawn from. */
static void harvest(struct sched *s)
{
    const float *rows = s->p.ops->output(s->p.program);

    s->stats.n_step++;
    for (uint32_t i = 0; i < s->n_member; i++) {
        struct seq *q = s->member[i];

        q->n_past += q->n_batch;
        fair_charge(&s->fair, q->tenant, q->n_batch);
        if (!q->no_cache)
            sched_publish(s, &q->pages, q->token, q->n_past);
    }
    for (uint32_t i = 0; i < s->n_member; i++) {
        struct seq *q = s->member[i];

        seq_tell_scores(q, &s->p, rows);
        if (q->t_first == 0) {
            s->stats.n_tok_prompt += q->n_batch;
            seq_tell_prompt(q);
        }
        if (q->out_row != UINT32_MAX)
            draw(s, q, rows + (size_t)q->out_row * s->p.row_width);
    }
}

enum err_code sched_step(struct sched *s, bool *busy, struct err *e)
{
    struct err local = { 0 };
    enum err_code rc = ERR_OK;

    atomic_store(&s->interrupt, false);
    reap(s);
    admit(s);
    grow(s);
    if (s->n_running) {
        double start;

        pack(s);
        start = clock_s();
        rc = run_batch(s, &local);
        if (rc == ERR_OK) {
            pace_note(&s->pace, s->n_answer, s->batch.n_tok - s->n_answer, clock_s() - start);
            harvest(s);
        }
    }
    if (rc && rc != ERR_CANCELLED) {
        for (uint32_t i = 0; i < s->n_member; i++)
            finish_error(s, s->member[i], &local);
    }
    *busy = s->n_running || s->n_waiting;
    if (rc != ERR_DEVICE)
        return ERR_OK;
    if (e)
        *e = local;
    return rc;
}

void sched_cache_clear(struct sched *s)
{
    while (prefix_evict(&s->prefix))
        ;
}

void sched_stats(const struct sched *s, struct engine_stats *out)
{
    *out = s->stats;
    out->n_seq_running = s->n_running;
    out->n_seq_waiting = s->n_waiting;
    out->n_page = s->pages.n;
    out->n_page_cached = prefix_n_idle(&s->prefix);
    out->n_page_used = s->pages.n - s->pages.n_free - out->n_page_cached;
}
