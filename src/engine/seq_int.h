/* One request on its way: waiting, in the prompt, answering. */
#ifndef ENGINE_SEQ_INT_H
#define ENGINE_SEQ_INT_H

#include "engine/sched_int.h"

#define SEQ_TOP_MAX 20U

/* Where an answer's thoughts are; all zero when nobody asked. */
struct seq_thought {
    const struct reasoning_row *row;
    struct dialect_stream *stream;
    struct reasoning_budget budget;
    struct ids forced; /* what is written instead of drawn, from i_forced on */
    size_t i_forced;
};

struct seq {
    struct seq *next; /* in the waiting list */
    uint64_t id;
    uint32_t slot;
    uint32_t tenant; /* its place in struct fair */

    uint32_t n_predict, n_top;
    bool ignore_eos, no_cache, special;
    bool rolls; /* when the context is full */
    uint32_t n_keep;
    engine_event_fn on_event;
    void *arg;

    int32_t *token;                /* [cap] prompt, then answer */
    uint32_t n_tok, cap, n_prompt; /* n_prompt: tokens when it began, or rolled last */
    uint32_t n_past;               /* tokens whose keys and values are in the pages */
    struct pages_held pages;

    struct sampler *sampler;
    struct gmatch *match; /* NULL: free text */
    uint32_t match_at;
    uint64_t *mask; /* of the tokens that the grammar allows */
    struct seq_thought thought;
    struct stops *stops; /* NULL: none */
    uint32_t stop;       /* the one that was found */
    struct tok_stream stream;
    struct buf text;

    /* Rows whose next token of the prompt is to be scored: those before n_scored were. */
    uint32_t n_scored, n_score;

    uint32_t n_batch;                /* tokens in the batch at hand */
    uint32_t out_row;                /* its output row there, UINT32_MAX: none */
    uint32_t score_row, n_score_row; /* rows there that are scores */
    bool was_admitted;               /* before it was put back */
    struct engine_timing timing;
    double t_submit, t_admit, t_first;
};

/* The request's memory; its prompt is checked and copied. */
enum err_code seq_create(struct seq **out, const struct sched_params *p,
                         const struct engine_request *r, struct err *e);
void seq_destroy(struct seq *q); /* NULL is fine; holds no pages any more */

/* Tokens still to be computed: 1 while answering, more in the prompt. */
static inline uint32_t seq_n_left(const struct seq *q)
{
    return q->n_tok - q->n_past;
}

static inline bool seq_answers(const struct seq *q)
{
    return seq_n_left(q) == 1;
}

static inline bool seq_scores(const struct seq *q)
{
    return q->n_scored < q->n_score;
}

void seq_tell_prompt(struct seq *q);
/* Tells of the batch's scores; rows: its output. */
void seq_tell_scores(struct seq *q, const struct sched_params *p, const float *rows);
void seq_tell_done(struct seq *q, enum finish finish, int32_t token, const struct err *err);

/* Draws the next token from its logits and tells of it. *is_over: the answer has ended, for reason
 * *finish; *token is the end token then, TOK_NONE when it is part of the text. *is_full: it goes on
 * when it has rolled. */
struct seq_drawn {
    bool is_over;
    enum finish finish;
    int32_t token;
    bool is_full;
};
enum err_code seq_draw(struct seq *q, const struct sched_params *p, const float *logits,
                       struct seq_drawn *out, struct err *e);

/* Forgets the tokens between its first n_keep and the newest. It holds no pages any more. */
void seq_roll(struct seq *q, const struct sched_params *p);

/* seq_grammar.c; all do nothing without a grammar. *must_end: only the end can follow. */
enum err_code seq_grammar_open(struct seq *q, const struct sched_params *p, const struct grammar *g,
                               struct err *e);
void seq_grammar_close(struct seq *q);
/* Draws a token that the grammar allows, or takes one that is to be written. */
enum err_code seq_sample(struct seq *q, const struct sched_params *p, const float *logits,
                         int32_t *token, struct err *e);
enum err_code seq_grammar_accept(struct seq *q, const struct sched_params *p, int32_t token,
                                 bool *must_end, struct err *e);

/* seq_thought.c; all do nothing when nobody asked for thoughts. */
enum err_code seq_thought_open(struct seq *q, const struct sched_params *p,
                               const struct engine_thought *t, struct err *e);
void seq_thought_close(struct seq *q);
/* The next token that is written instead of drawn, or TOK_NONE; no more of them. */
int32_t seq_thought_forced(struct seq *q);
void seq_thought_unforce(struct seq *q);
enum err_code seq_thought_accept(struct seq *q, const struct sched_params *p, int32_t token,
                                 struct err *e);

#endif
