/* A conversation with an engine: messages, prompts, answers on a terminal or a pipe. */
#ifndef CLI_CHAT_H
#define CLI_CHAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jsonw.h"
#include "cli/open.h"
#include "engine/engine.h"
#include "text/prompt.h"
#include "text/shape.h"

#define CHAT_TEXT_BYTES_MAX (64U << 20)
#define CHAT_MODEL_BYTES    1024U
#define CHAT_SYSTEM         "You are a helpful, concise assistant in a terminal."

struct message {
    const char *role; /* "system", "user", "assistant", "tool": constants */
    char *text;
    char *calls;     /* assistant: JSON list of what it called, or NULL */
    char *name, *id; /* tool: the tool and the call */
};

/* A call in the last answer. */
#define CHAT_CALLS_MAX 64U
struct chat_call {
    char name[DIALECT_NAME_MAX + 1], id[DIALECT_NAME_MAX + 1];
    struct buf args; /* JSON */
};

struct client;

struct chat_opts {
    const struct client *server; /* NULL: the engine of this process answers */
    uint32_t ttl_s;              /* of a model that is loaded into the server; 0: the usual */
    const char *model, *prompt, *system, *template_path, *color, *reasoning;
    const char *schema_path, *grammar_path; /* at most one */
    const char *tools_path, *tool_choice, *dialect;
    struct opt_list stops, tool_commands;
    bool stats, json, no_system, one_call, yes;
    uint32_t n_predict, reasoning_budget, mirostat;
    struct sampling sampling; /* only what was given counts: the file may recommend the rest */
    struct {
        bool temp, top_k, top_p, min_p, repeat;
    } given;
    struct engine_opts engine;
};

struct chat {
    const struct chat_opts *o;
    const struct client *server; /* answers, or NULL: g does */
    struct engine *g;
    char model[CHAT_MODEL_BYTES]; /* in use: a file, a key, or an identifier of the server's */
    char key[CHAT_MODEL_BYTES];   /* of what a server has loaded under that identifier */
    uint32_t n_ctx;               /* tokens of its context, 0: unknown */
    const char *reasoning;        /* "auto", "on", "off" */
    struct sampling sampling;     /* in use */
    struct tmpl *own_template;    /* --template; NULL: none */
    struct buf template_text;     /* of it */
    struct prompt_format format;
    struct js *schema; /* --schema; NULL: none */
    struct buf gbnf;   /* --grammar; empty: none */
    struct js *tools;  /* --tools; NULL: none */
    struct buf tools_text;
    char *system; /* NULL: none */
    struct message *messages;
    uint32_t n_message, cap;
    bool color;       /* escape codes on standard output */
    bool to_terminal; /* control characters of the answer are made visible, lines end at blanks */
    bool has_warned;  /* that the history cannot be kept */
    bool is_once;     /* one answer and no conversation */

    /* the last answer */
    struct buf answer;
    struct chat_call calls[CHAT_CALLS_MAX];
    uint32_t n_call, n_call_ever;
    bool skips_call; /* the call at hand is one too many */
    uint32_t round;  /* of answers to one question: only the first one may have to be a call */
    enum finish finish;
    struct engine_timing timing;
    bool has_timing;
};

/* ---- chat.c: the conversation ---- */
enum err_code chat_open(struct chat *c, const struct chat_opts *o, struct err *e);
void chat_close(struct chat *c);
/* Goes on with another model, in the same place and with the same messages. Failures leave the one
 * that was in use, or, when that cannot be loaded again, none: then c->model is "". */
enum err_code chat_use(struct chat *c, const char *model, struct err *e);
enum err_code chat_add(struct chat *c, const char *role, const char *text, size_t len,
                       struct err *e);
void chat_cut(struct chat *c, uint32_t n_message); /* drops all behind the first ones */
void chat_clear(struct chat *c);                   /* keeps the system prompt */
enum err_code chat_set_system(struct chat *c, const char *text,
                              struct err *e); /* NULL or "": none */

/* ---- chat_prompt.c: messages to tokens ---- */
void chat_write_messages(const struct chat *c, struct jsonw *w); /* as a list of the APIs' */
/* The template's text for the conversation so far, ready for an answer; bars as of prompt_render.
 */
enum err_code chat_render(const struct chat *c, struct buf *out, struct prompt_bars *bars,
                          struct err *e);
enum err_code chat_tokens(const struct chat *c, struct ids *out, struct err *e);
/* auto, on or off as asked for; for the template and for the parser. */
struct reasoning_request chat_reasoning(const struct chat *c);
enum err_code chat_pick_template(struct chat *c, struct err *e);

/* ---- chat_grammar.c ---- */
/* Reads --schema, --grammar and --tools; ERR_FORMAT, ERR_UNSUPPORTED … name file and place. */
enum err_code chat_load_shapes(struct chat *c, struct err *e);
void chat_free_shapes(struct chat *c);
/* What the next answer is held to behind this prompt; NULL: nothing. */
enum err_code chat_shape(const struct chat *c, const struct buf *prompt, struct shape **out,
                         struct err *e);
bool chat_offers_tools(const struct chat *c);

/* ---- chat_tools.c ---- */
/* chat_answer; then the tools it called are run, if they may be, and it is answered again, until an
 * answer calls none. Failures leave the conversation as it was. */
enum err_code chat_reply(struct chat *c, struct err *e);
/* The calls of the last answer as a list; for messages: with ids, as templates want them. */
void chat_write_calls(struct chat *c, struct jsonw *w);
void chat_on_call(struct chat *c, const struct dialect_event *ev);

/* ---- chat_answer.c ---- */
/* Answers the conversation: streams to standard output, appends the answer as a message (also what
 * was said before an interruption). Failures leave the conversation as it was. */
enum err_code chat_answer(struct chat *c, struct err *e);
void chat_print_stats(const struct chat *c, FILE *to);

/* ---- chat_out.c ---- */
/* Copies text for a terminal: control characters that could move the cursor, set colours or talk to
 * the terminal become visible. */
void chat_safe_text(const char *text, size_t len, struct buf *out);

/* ---- chat_repl.c ---- */
int chat_repl(struct chat *c);

#endif
