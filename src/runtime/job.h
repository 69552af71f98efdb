/* A job: what one request wants from a model, in no dialect's words.
 *
 * The HTTP dialects fill a struct job and read its events; the worker that holds the model does the
 * work: template, tokens, grammar, generation, parsing of thoughts and calls. Between them a job
 * travels as one JSON text (job_write, job_read), events as frames (runtime/wire.h). */
#ifndef RUNTIME_JOB_H
#define RUNTIME_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "text/reasoning.h"

#define JOB_BYTES_MAX      (128U << 20) /* a job as JSON text         */
#define JOB_CHOICES_MAX    16U
#define JOB_INPUTS_MAX     4096U /* texts of one embedding or ranking */
#define JOB_LOGIT_BIAS_MAX 4096U
#define JOB_TOP_MAX        20U

enum job_kind {
    JOB_CHAT,       /* messages -> an answer                                     */
    JOB_TEXT,       /* prompt (text or tokens) -> its continuation, no template  */
    JOB_EMBED,      /* inputs -> one vector each                                 */
    JOB_RERANK,     /* query and inputs -> one score each                        */
    JOB_TOKENIZE,   /* prompt -> token ids                                       */
    JOB_DETOKENIZE, /* tokens -> text                                            */
    JOB_COUNT,      /* messages -> number of prompt tokens, nothing is generated */
    JOB_KIND_COUNT
};

/* Bytes with a length, not always NUL-terminated; s == NULL: absent. */
struct job_str {
    const char *s;
    size_t len;
};

struct job_input { /* of an embedding, ranking or completion: a text, or tokens */
    struct job_str text;
    const int32_t *tokens;
    uint32_t n_tok;
};

enum job_tool_choice { JOB_TOOLS_AUTO, JOB_TOOLS_NONE, JOB_TOOLS_REQUIRED, JOB_TOOLS_NAMED };

/* When the prompt and the answer do not fit into the context. */
enum job_overflow {
    JOB_OVERFLOW_ERROR,           /* refuse; an answer ends where the context is full */
    JOB_OVERFLOW_TRUNCATE_MIDDLE, /* keep the system message and the newest; drop the oldest turns,
                                     then the middle of what is left */
    JOB_OVERFLOW_ROLLING_WINDOW,  /* the same, and again while the answer grows */
};

enum job_given { /* sampling fields that the request set; others are the model's own */
                 JOB_HAS_TEMPERATURE = 1U,
                 JOB_HAS_TOP_K = 2U,
                 JOB_HAS_TOP_P = 4U,
                 JOB_HAS_MIN_P = 8U,
                 JOB_HAS_REPEAT = 16U,
                 JOB_HAS_PRESENCE = 32U,
                 JOB_HAS_FREQUENCY = 64U,
                 JOB_HAS_SEED = 128U,
                 JOB_HAS_TYPICAL = 256U,
};

struct job_sampling {
    unsigned given; /* enum job_given */
    double temperature, top_p, min_p, typical, repeat, presence, frequency;
    int32_t top_k; /* <= 0: off */
    uint64_t seed;
    const struct logit_bias *bias; /* token ids of the loaded model */
    uint32_t n_bias;
};

struct job {
    enum job_kind kind;

    /* ---- JOB_CHAT, JOB_COUNT ---- */
    /* A JSON list of messages in the shape that templates know: role ("system", "user",
     * "assistant", "tool"), content (string, null, or a list of {"type":"text","text"}),
     * tool_calls [{"id","type":"function","function":{"name","arguments": JSON text}}],
     * tool_call_id, name, reasoning_content. */
    struct job_str messages;
    struct job_str tools; /* a JSON list as in an OpenAI request; absent: none */
    enum job_tool_choice tool_choice;
    struct job_str tool_name; /* JOB_TOOLS_NAMED */
    bool no_parallel_calls;
    struct job_str template_kwargs; /* a JSON object of further template variables */
    enum reasoning_mode reasoning;
    struct job_str
        effort; /* "minimal", "low", "medium", "high", "xhigh"; absent: the model's own */
    uint32_t reasoning_budget; /* tokens, 0 = none */
    bool continue_last;        /* the last message is the assistant's, to be continued */
    bool keep_reasoning;       /* thoughts stay in the text, marks too */

    /* ---- JOB_TEXT, JOB_EMBED, JOB_RERANK, JOB_TOKENIZE, JOB_DETOKENIZE ---- */
    const struct job_input *inputs; /* JOB_TEXT, JOB_TOKENIZE, JOB_DETOKENIZE: exactly one */
    uint32_t n_input;
    struct job_str query; /* JOB_RERANK */
    bool add_special;     /* JOB_TOKENIZE: BOS and the like */
    bool parse_special;   /* JOB_TOKENIZE, JOB_TEXT: spellings of control tokens become those */
    bool raw_vectors;     /* JOB_EMBED: do not normalise */
    uint32_t n_dimension; /* JOB_EMBED: keep the first, normalise again; 0 = all */
    bool echo;            /* JOB_TEXT: the prompt comes first */

    /* ---- shape of the answer ---- */
    struct job_str schema;  /* a JSON Schema */
    bool schema_strict;     /* keywords that cannot be enforced are refused, else passed over */
    bool json_object;       /* any JSON object */
    struct job_str grammar; /* GBNF */

    /* ---- generation ---- */
    struct job_sampling sampling;
    uint32_t n_predict; /* 0 = until the context is full */
    const struct job_str *stops;
    uint32_t n_stop;
    uint32_t n_choice; /* answers to the same prompt, 0 = 1 */
    bool logprobs;     /* with echo, of the prompt too; its first token has none: NAN */
    uint32_t n_top;    /* alternatives a token */
    enum job_overflow overflow;
    bool no_cache;
    bool report_miss; /* tell the first differing token of the nearest cached prefix */
    bool want_prompt; /* JOB_EV_BEGIN carries the rendered prompt (for logs) */
    uint64_t tenant;  /* whose it is: equal shares go to each tenant, not to each request */
};

/* As JSON text, and back: strings of *out point into js or the arena, whose lives it shares.
 * ERR_FORMAT names the member; ERR_LIMIT. */
bool job_write(const struct job *job, struct buf *out);
enum err_code job_read(struct job *out, const struct js *text, struct arena *a, struct err *e);

/* The tenant of a text that job_write gave, which begins with it; 0: none. Nothing is parsed. */
uint64_t job_tenant_of(const char *text, size_t len);

/* ---- what comes back ---- */
enum job_finish {
    JOB_END_EOS,
    JOB_END_STOP,
    JOB_END_TOOL_CALLS,
    JOB_END_LENGTH,
    JOB_END_CONTEXT,
    JOB_END_CANCELLED,
};
const char *job_finish_name(enum job_finish f); /* "eosFound", "stopStringFound", "toolCalls",
              "maxPredictedTokensReached", "contextLengthReached", "userStopped" */

struct job_prob {
    int32_t id;
    float logprob;
    const char *text; /* the token's bytes, perhaps not whole UTF-8 */
    uint32_t len;
};

struct job_token {
    struct job_prob self;
    const struct job_prob *top; /* best first */
    uint32_t n_top;
};

#define JOB_MISS_NONE UINT32_MAX

struct job_done { /* of one choice */
    enum job_finish finish;
    struct job_str stop; /* JOB_END_STOP: which one */
    uint32_t n_prompt, n_cached, n_generated, n_reasoning;
    uint32_t miss_at; /* first token that differs from the nearest cached prefix */
    double queue_s, prompt_s, generate_s, first_token_s;
};

/* Why a job failed: decides the HTTP status. */
enum job_error {
    JOB_ERR_INVALID,   /* the request contradicts the model (template, ids, schema): 400   */
    JOB_ERR_CONTEXT,   /* the prompt does not fit: 400 context_length_exceeded             */
    JOB_ERR_NOT_FOUND, /* no such model: 404                                               */
    JOB_ERR_LOAD,      /* the model cannot be loaded: 500 model_load_failed                */
    JOB_ERR_MEMORY,    /* refused by the guardrail, before loading: 400 insufficient_memory */
    JOB_ERR_BUSY,      /* queues are full: 429, with retry_after_s                          */
    JOB_ERR_WORKER,    /* the worker ended while it worked on this: 500                     */
    JOB_ERR_CLOSING,   /* shutting down, or the model was unloaded: 503                     */
    JOB_ERR_INTERNAL,  /* 500                                                               */
    JOB_ERR_COUNT
};
const char *job_error_name(enum job_error error); /* "invalid", "context", … */

/* What of the request a failure is about; each dialect has its own name for it. */
enum job_part {
    JOB_PART_NONE,
    JOB_PART_MODEL,
    JOB_PART_PROMPT, /* messages, texts, tokens */
    JOB_PART_VARIABLES,
    JOB_PART_TOOLS,
    JOB_PART_SHAPE, /* schema, grammar */
    JOB_PART_BIAS,
    JOB_PART_STOPS,
    JOB_PART_DIMENSION,
    JOB_PART_COUNT
};

enum job_event_kind {
    JOB_EV_LOADING, /* share 0..1; only when this job waits for a model to load; first 0, last 1 */
    JOB_EV_BEGIN,   /* the worker took it: instance; text = the prompt with want_prompt    */
    JOB_EV_PROMPT,  /* n_done of n_total prompt tokens; first with those cached             */
    JOB_EV_REASONING,  /* text                                                             */
    JOB_EV_CONTENT,    /* text                                                             */
    JOB_EV_CALL_BEGIN, /* call, name, id ("" unless the model gave one)                    */
    JOB_EV_CALL_ARGS,  /* call, text: a piece of the arguments' JSON text                  */
    JOB_EV_CALL_END,   /* call                                                             */
    JOB_EV_CALL_CUT,   /* call: the answer ended within it                                 */
    JOB_EV_CALL_DROP,  /* call: it was none; its text follows as content                   */
    JOB_EV_TOKENS,     /* tokens: log probabilities of what was generated since the last one;
                          comes before the text that they became                           */
    JOB_EV_VECTOR,     /* input, vector: one embedding, or a single score of JOB_RERANK    */
    JOB_EV_IDS,        /* ids: JOB_TOKENIZE                                                 */
    JOB_EV_TEXT,       /* text: JOB_DETOKENIZE                                              */
    JOB_EV_DONE,       /* of one choice; other kinds have one. After the last nothing comes */
    JOB_EV_FAILED,     /* the whole job: error, text (one sentence), retry_after_s. The last */
};

struct job_event {
    enum job_event_kind kind;
    uint32_t choice;
    const char *instance; /* JOB_EV_LOADING, JOB_EV_BEGIN, JOB_EV_IDS, JOB_EV_TEXT */
    float share;
    double load_s; /* JOB_EV_BEGIN: time that this job waited for loading, 0 = it was loaded */
    uint32_t n_done, n_total;
    uint32_t call;
    const char *name, *id;
    const char *text;
    size_t len;
    const struct job_token *tokens;
    uint32_t n_token;
    uint32_t input;
    uint32_t n_input_tok; /* JOB_EV_VECTOR: tokens of that input */
    const float *vector;
    uint32_t n_vector;
    const int32_t *ids;
    uint32_t n_id;
    const struct job_done *done;
    bool is_last; /* JOB_EV_DONE, JOB_EV_FAILED: the job is over */
    enum job_error error;
    enum job_part part; /* JOB_EV_FAILED */
    uint32_t retry_after_s;
};

/* On the loop's thread. Pointers are valid during the call. May submit and cancel jobs. */
typedef void (*job_event_fn)(void *arg, const struct job_event *ev);

#endif
