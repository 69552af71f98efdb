/* The engine: one loaded model at work.
 *
 * An engine owns file, tokenizer, template, model, device, compiled plan and KV cache, and
 * schedules requests over them by continuous batching: every step packs one token of each running
 * answer and chunks of waiting prompts into one batch. It knows nothing of processes, sockets or
 * terminals.
 *
 * One owner thread calls everything here, except engine_cancel, engine_stop and
 * engine_learn_grammar, which any thread
 * may call. Events are delivered by callback on the owner thread, from inside engine_step, between
 * batches; a callback may submit and cancel requests but not call engine_step or engine_close.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "compute/device.h"
#include "engine/sampler.h"
#include "formats/gguf.h"
#include "model/model.h"
#include "text/dialect.h"
#include "text/grammar.h"
#include "text/prompt.h"
#include "text/template.h"
#include "text/tok.h"

#define ENGINE_SEQS_MAX       256U
#define ENGINE_BATCH_MAX      4096U
#define ENGINE_STOPS_MAX      64U
#define ENGINE_STOP_BYTES_MAX 1024U

struct engine;

/* An adapter (LoRA, GGUF) laid over the model while it runs; its weights are not changed. */
struct engine_lora {
    const char *path;
    float scale; /* 1 = as trained */
};
#define ENGINE_LORAS_MAX 16U

/* Defaults of engine_params. */
#define ENGINE_CTX_DEFAULT   8192U
#define ENGINE_BATCH_DEFAULT 512U
#define ENGINE_SEQS_DEFAULT  4U

/* Tokens that the cache of n_seq sequences of up to n_ctx tokens holds by default: four full
 * contexts, and a kibi-token for each sequence, so that all of many can run at once. */
uint64_t engine_cache_tokens(uint32_t n_ctx, uint32_t n_seq);

struct engine_params {  /* zero = default */
    const char *device; /* "cpu" */
    uint32_t n_thread;  /* physical cores this process may use */
    uint32_t n_ctx;     /* tokens one sequence may hold, at most the model's n_ctx_max; default:
                           min(trained context, 8192), and less     when memory does not suffice */
    uint32_t n_batch;   /* tokens a step, default 512 */
    uint32_t n_seq;     /* sequences that run at once, default 4 */
    uint32_t n_page;    /* cache pages in sum, for sequences and cached prefixes; default: room for
                           engine_cache_tokens, less when memory does not suffice */
    enum kv_type type_k, type_v; /* default f16 */
    uint32_t n_expert_used;      /* of models with experts: how many a token uses; 0 = as trained */
    const struct engine_lora *loras; /* n_lora of them; read during engine_open only */
    uint32_t n_lora;
    /* Cached prefixes that no request uses keep at most so many bytes, least recently used out
     * first; 0 = all pages that are free. */
    uint64_t cache_bytes_max;
    bool embeddings; /* hidden states instead of logits; always so for models without a head */
    uint32_t cpu_features_off;
};

/* Loading, 0..1; returns false to cancel. */
typedef bool (*engine_progress_fn)(void *arg, float share);

/* ERR_LIMIT: a context or number of pages that was asked for does not fit into memory. Others as of
 * gguf_open, model_open and tok_open; ERR_CANCELLED. */

/* Opens the model at path; with data != NULL from memory instead (path is then only its name). */
struct engine_source {
    const char *path;
    const void *data;
    size_t size;
};
enum err_code engine_open(struct engine **out, const struct engine_source *src,
                          const struct engine_params *p, engine_progress_fn progress, void *arg,
                          struct err *e);
void engine_close(struct engine *g); /* ends all requests without events; NULL is fine */

/* ---- facts ---- */
const struct gguf *engine_gguf(const struct engine *g);
const struct model_info *engine_model(const struct engine *g);
const struct model *engine_loaded(const struct engine *g);  /* for pooling (model/pool.h) */
const struct tok *engine_tok(const struct engine *g);       /* NULL: the file says it has none */
const struct err *engine_tok_error(const struct engine *g); /* why there is none */
const struct tmpl *engine_template(const struct engine *g); /* NULL: none, or not compilable */
const struct err *engine_template_error(const struct engine *g); /* why there is none */
/* How the model writes conversations: by `own` (whose source is own_text), else by the file's
 * template, else by one of ours.
 * dialect: its name instead of looking, or NULL. Lives as long as the engine and `own`; to be
 * closed with prompt_format_close. The model must have a tokenizer. Errors as of
 * prompt_format_open. */
enum err_code engine_format(const struct engine *g, const struct tmpl *own,
                            const struct buf *own_text, const char *dialect,
                            struct prompt_format *out, struct err *e);
/* sampling_defaults() with what the file recommends (general.sampling.temp, top_k, top_p, min_p,
 * penalty_repeat, penalty_last_n); values that make no sense are passed over. */
struct sampling engine_sampling(const struct engine *g);
uint32_t engine_n_ctx(const struct engine *g);
uint32_t engine_n_batch(const struct engine *g);
uint32_t engine_n_seq(const struct engine *g); /* sequences that run at once */
uint32_t engine_n_row(const struct engine *g); /* elements of a row that engine_score gives */
void engine_device(const struct engine *g, struct device_info *out);

struct engine_stats {
    uint32_t n_seq_running, n_seq_waiting;
    uint32_t n_page, n_page_used,
        n_page_cached; /* used by sequences; kept only for later prefixes */
    size_t kv_bytes, scratch_bytes;
    uint64_t n_step, n_tok_prompt, n_tok_cached, n_tok_generated;
};
void engine_stats(const struct engine *g, struct engine_stats *out);

/* ---- requests ---- */
enum finish {
    FINISH_EOS,       /* an end-of-answer token            */
    FINISH_STOP,      /* one of the stop strings           */
    FINISH_LENGTH,    /* n_predict reached                 */
    FINISH_CONTEXT,   /* the context is full               */
    FINISH_CANCELLED, /* somebody asked                    */
    FINISH_ERROR,
};
const char *
finish_name(enum finish f); /* "eosFound", "stopStringFound", "maxPredictedTokensReached",
                               "contextLengthReached", "userStopped", "failed" */

struct token_prob {
    int32_t id;
    float logprob;
};

struct engine_timing {
    uint32_t n_prompt;    /* tokens of the prompt            */
    uint32_t n_cached;    /* of them taken from the cache    */
    uint32_t n_generated; /* tokens sampled, the end token too */
    uint32_t n_thought;   /* of them those of thoughts and their marks */
    double queue_s, prompt_s, generate_s;
    double first_token_s; /* from submission to the first token */
    double grammar_s;     /* making masks and following the grammar, all tokens together */
};

enum engine_event_kind {
    EV_PROMPT, /* progress of the prompt: n_done of n_total tokens; first with those cached */
    EV_SCORE,  /* with score_prompt: a token of the prompt with its log probabilities, in order; the
                  first token has none, nothing stands before it */
    EV_TOKEN,  /* one token: its id, the text that became whole (may be empty) */
    EV_DONE,   /* last event of a request: text that was still held back; with FINISH_EOS the end
                  token, which has no EV_TOKEN and no text, else TOK_NONE */
};

/* Log probabilities of the model itself, before bias, penalties and temperature: of one token and
 * of the n_top <= 20 most likely ones, best first, of n_vocab logits. Returns how many top has. */
uint32_t engine_chances(const float *logits, uint32_t n_vocab, int32_t token, uint32_t n_top,
                        float *logprob, struct token_prob *top);

struct engine_event {
    enum engine_event_kind kind;
    uint64_t request;
    void *arg; /* of the request */
    uint32_t n_done, n_total;
    int32_t token;
    const char *text; /* whole UTF-8 characters; never part of a stop string */
    size_t len;
    float logprob;                /* of the model itself, before the sampler; only with n_top */
    const struct token_prob *top; /* n_top most likely, best first */
    uint32_t n_top;
    enum finish finish;
    uint32_t stop;                      /* FINISH_STOP: index of the stop string */
    const struct err *err;              /* FINISH_ERROR */
    const struct engine_timing *timing; /* EV_DONE */
};

typedef void (*engine_event_fn)(void *arg, const struct engine_event *ev);

/* How the thoughts of a model are told from its answer, and cut off. */
struct engine_thought {
    const struct dialect *dialect; /* NULL: nobody asks; else it outlives the request */
    bool is_open;                  /* the prompt ends within a thought: reasoning_is_open() */
    uint32_t budget; /* a thought of so many tokens is closed with its end mark, which the model
                        then reads as if it had written it; 0 = no limit */
};

struct engine_request {
    const int32_t *tokens; /* the whole prompt; copied */
    uint32_t n_tok;
    uint32_t n_predict; /* 0 = until the context is full */
    /* Where the context is full the answer goes on behind the first n_keep tokens of the prompt (of
     * half a context at most) and the newest ones. What sampler, grammar, thoughts and stop strings
     * have seen is not forgotten. Such an answer never ends with FINISH_CONTEXT. */
    bool rolls;
    uint32_t n_keep;
    const struct sampling *sampling; /* NULL = defaults; copied */
    const char *const *stops;        /* n_stop NUL-terminated UTF-8 strings; copied. The one that
                                        is complete first ends the text where it begins */
    uint32_t n_stop;
    /* The answer, thoughts and control tokens included, is a sentence of this grammar, unless it is
     * cut short; NULL: free text. It must outlive the request. A grammar of the answer alone comes
     * from grammar.h, one for thoughts, tool calls and structured output from shape.h. */
    const struct grammar *grammar;
    struct engine_thought thought;
    uint32_t n_top;    /* alternatives a token with log probabilities, 0 = none, <= 20 */
    bool score_prompt; /* with n_top: those of the prompt's tokens too, as EV_SCORE; nothing of it
                          is taken from the cache */
    bool ignore_eos;   /* measurements */
    bool no_cache;     /* neither read nor leave cached prefixes */
    /* Whose request this is: slots and prompt tokens are shared equally between tenants, however
     * many requests each of them has. */
    uint64_t tenant;
    bool special; /* write control tokens into the text */
    engine_event_fn on_event;
    void *arg;
};

/* Any thread, before engine_submit: makes what masks of this grammar need of the vocabulary (some
 * 150 ms for the first grammar, a few for others), which otherwise the first request pays for while
 * all others wait. ERR_OOM. */
enum err_code engine_learn_grammar(struct engine *g, const struct grammar *grammar, struct err *e);

/* Queues a request. ERR_ARG (empty prompt, id out of range, …), ERR_LIMIT (the prompt does not fit
 * into the context: numbers in the text; queue full), ERR_OOM. *id is never 0. */
enum err_code engine_submit(struct engine *g, const struct engine_request *r, uint64_t *id,
                            struct err *e);

/* Any thread: the request ends with FINISH_CANCELLED in the next step; a batch that it takes part
 * in ends within one layer's time. Ids of ended requests do nothing. */
void engine_cancel(struct engine *g, uint64_t id);

/* Any thread: cancels everything that runs, as fast. */
void engine_stop(struct engine *g);

/* One batch. *busy: work is left. Errors of one request come as its EV_DONE; what is returned
 * concerns the engine as a whole (ERR_DEVICE). */
enum err_code engine_step(struct engine *g, bool *busy, struct err *e);

/* Steps until nothing is left to do. */
enum err_code engine_run(struct engine *g, struct err *e);

/* ---- scores: every position's logits, for inspection, tests and measurements ---- */
struct score_params {
    const int32_t *tokens;
    uint32_t n_tok;
    uint32_t n_batch; /* tokens a step at most; 0 = the engine's */
    bool use_cache;   /* start from the longest cached prefix and leave the prompt in the cache */
    bool last_only;   /* only the last position's row */
    uint32_t n_past;  /* bench: pretend that many positions are already there (their contents are
                         whatever the pages hold, zeros when fresh) */
};
/* row(arg, i, row[engine_n_row]) for each position asked for, in order; returning false cancels.
 * Positions taken from the cache (use_cache) have no row, the last one always has. ERR_ARG,
 * ERR_LIMIT (context, or running requests leave too few pages), ERR_CANCELLED (row, or
 * engine_stop), ERR_DEVICE.
 */
enum err_code engine_score(struct engine *g, const struct score_params *p,
                           bool (*row)(void *arg, uint32_t i, const float *logits), void *arg,
                           struct err *e);

/* Several texts: all rows of as many of the first ones as one batch holds (at most n_seq), and of
 * at least one, come as row(arg, text, i, row); *n_done of them. Nothing is taken from the cache or
 * left there. Each text's rows are those that engine_score gives. Errors as of engine_score: then
 * *n_done is 0. */
struct score_text {
    const int32_t *tokens;
    uint32_t n_tok;
};
typedef bool (*score_row_fn)(void *arg, uint32_t text, uint32_t i, const float *row);
enum err_code engine_score_texts(struct engine *g, const struct score_text *texts, uint32_t n_text,
                                 score_row_fn row, void *arg, uint32_t *n_done, struct err *e);

#define ENGINE_NO_MISS UINT32_MAX
/* The first token in which a prompt differs from the cached prefix that is nearest to it;
 * ENGINE_NO_MISS when it only goes on where that ends, or nothing is cached. */
uint32_t engine_cache_miss(const struct engine *g, const int32_t *tokens, uint32_t n_tok);

/* Drops all cached prefixes that no running sequence uses. */
void engine_cache_clear(struct engine *g);

#endif
