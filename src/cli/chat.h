/* A conversation with an engine: messages, prompts, answers on a terminal or a pipe. */
#ifndef CLI_CHAT_H
#define CLI_CHAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/open.h"
#include "engine/engine.h"
#include "text/prompt.h"

#define CHAT_TEXT_BYTES_MAX (64U << 20)
#define CHAT_SYSTEM         "You are a helpful, concise assistant in a terminal."

struct message {
    const char *role; /* "system", "user", "assistant": constants */
    char *text;
};

struct chat_opts {
    const char *model, *prompt, *system, *template_path, *color, *reasoning;
    const char *schema_path, *grammar_path; /* at most one */
    struct opt_list stops;
    bool stats, json, no_system;
    uint32_t n_predict;
    struct sampling sampling; /* only what was given counts: the file may recommend the rest */
    struct {
        bool temp, top_k, top_p, min_p, repeat;
    } given;
    struct engine_opts engine;
};

struct chat {
    const struct chat_opts *o;
    struct engine *g;
    struct sampling sampling;  /* in use */
    struct tmpl *own_template; /* --template; NULL: none */
    struct prompt_format format;
    struct grammar *grammar; /* NULL: free answers */
    char *system;            /* NULL: none */
    struct message *messages;
    uint32_t n_message, cap;
    bool color;       /* escape codes on standard output */
    bool to_terminal; /* control characters of the answer are made visible */

    /* the last answer */
    struct buf answer;
    enum finish finish;
    struct engine_timing timing;
    bool has_timing;
};

/* ---- chat.c: the conversation ---- */
enum err_code chat_open(struct chat *c, const struct chat_opts *o, struct err *e);
void chat_close(struct chat *c);
enum err_code chat_add(struct chat *c, const char *role, const char *text, size_t len,
                       struct err *e);
void chat_drop_last(struct chat *c);
void chat_clear(struct chat *c); /* keeps the system prompt */
enum err_code chat_set_system(struct chat *c, const char *text,
                              struct err *e); /* NULL or "": none */

/* ---- chat_prompt.c: messages to tokens ---- */
/* The template's text for the conversation so far, ready for an answer. */
enum err_code chat_render(const struct chat *c, struct buf *out, struct err *e);
enum err_code chat_tokens(const struct chat *c, struct ids *out, struct err *e);
enum err_code chat_pick_template(struct chat *c, struct err *e);

/* ---- chat_grammar.c ---- */
/* Compiles --schema or --grammar; ERR_FORMAT, ERR_UNSUPPORTED … name file and place. */
enum err_code chat_load_grammar(struct chat *c, struct err *e);

/* ---- chat_answer.c ---- */
/* Answers the conversation: streams to standard output, appends the answer as a message (also what
 * was said before an interruption). Failures leave the conversation as it was. */
enum err_code chat_answer(struct chat *c, struct err *e);
void chat_print_stats(const struct chat *c, FILE *to);
/* Copies text for a terminal: control characters that could move the cursor, set colours or talk to
 * the terminal become visible. */
void chat_safe_text(const char *text, size_t len, struct buf *out);

/* ---- chat_repl.c ---- */
int chat_repl(struct chat *c);

#endif
