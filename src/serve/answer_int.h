/* Inside serve/ only: an answer as it grows, out of a job's events.
 *
 * Every choice is a list of items in order of production: thoughts, text, calls. A dialect is told
 * when an item begins, grows and ends; what it gets in pieces is, joined, what stands in the item
 * at the end. Pieces end at characters' borders. */
#ifndef SERVE_ANSWER_INT_H
#define SERVE_ANSWER_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/jsonw.h"
#include "runtime/job.h"
#include "serve/request_int.h"

#define ANSWER_ITEM_BYTES_MAX (64U << 20)  /* of one item */
#define ANSWER_BYTES_MAX      (128U << 20) /* of all choices together */
#define ANSWER_ITEMS_MAX      8192U        /* of one choice */
#define ANSWER_ID_BYTES       64U

enum item_kind { ITEM_REASONING, ITEM_TEXT, ITEM_CALL };
enum item_step { ITEM_BEGIN, ITEM_DELTA, ITEM_END };

struct answer_item {
    enum item_kind kind;
    uint32_t index;  /* among the choice's items */
    uint32_t i_call; /* among its calls */
    bool is_open;
    bool is_cut;                   /* the answer ended within it */
    bool is_dropped;               /* ITEM_CALL: it was none after all, its text followed as text */
    struct buf text;               /* of a call: its arguments' JSON text */
    const char *name;              /* the tool's, as the model wrote it */
    char id[ANSWER_ID_BYTES];      /* of a call: the model's, or "" */
    char item_id[ANSWER_ID_BYTES]; /* for dialects that name their items */
    size_t prob_from, prob_end;    /* for dialects: its tokens' entries */
    uint32_t _call;                /* the worker's number */
    size_t _n_told;
    struct answer_item *next;
};

/* One token, or one of its alternatives, which follow it. */
struct answer_prob {
    int32_t id;
    float logprob;
    uint32_t text_at, len; /* in struct answer_choice's prob_text */
    uint32_t n_top;
};

struct answer_choice {
    uint32_t index;
    struct answer_item *first, *last;
    uint32_t n_item, n_call;
    struct buf probs, prob_text; /* struct answer_prob; those of thoughts are left out */
    size_t n_prob_told;          /* for dialects: how many entries were sent */
    size_t _n_prob_sure;
    struct job_done done; /* finish: corrected by what calls there really are */
    char *stop;           /* JOB_END_STOP: which; never NULL after the end */
    bool is_done;
};

struct answer;
struct answer_listener {
    void (*item)(void *arg, struct answer_choice *c, struct answer_item *it, enum item_step step,
                 const char *text, size_t len); /* text: ITEM_DELTA */
    void *arg;
};

struct answer {
    struct arena *arena; /* borrowed */
    struct answer_choice *choices;
    uint32_t n_choice;
    size_t n_byte; /* of texts and probabilities */
    struct answer_listener listener;
    bool failed; /* out of memory, or larger than the limits */
};

bool answer_init(struct answer *a, struct arena *arena, uint32_t n_choice);
void answer_finish(struct answer *a);

/* Takes an event of text, calls, tokens or JOB_EV_DONE for a choice. */
void answer_feed(struct answer *a, struct answer_choice *c, const struct job_event *ev);

/* Ends the items that are open: the answer breaks off. */
void answer_break(struct answer *a);

/* All items of a kind, joined. */
bool answer_has(const struct answer_choice *c, enum item_kind kind);
void answer_join(const struct answer_choice *c, enum item_kind kind, struct buf *out);

/* Has an earlier item of the choice the same id? */
bool answer_id_is_taken(const struct answer_choice *c, const struct answer_item *it);

/* Sums: of the prompts, each counted once for n_per_prompt choices, and of all choices. */
struct answer_usage {
    uint64_t n_prompt, n_cached, n_generated, n_reasoning;
    uint32_t miss_at;
    double first_token_s, generate_s, tokens_per_s;
};
void answer_usage(const struct answer *a, uint32_t n_per_prompt, struct answer_usage *out);

/* Entries from..end of a choice's tokens in OpenAI's form: [{"token","logprob","bytes",
 * "top_logprobs"}]. */
void answer_write_probs(struct jsonw *w, const struct answer_choice *c, size_t from, size_t end);
size_t answer_n_prob(const struct answer_choice *c);
const struct answer_prob *answer_prob(const struct answer_choice *c, size_t i);

#endif
