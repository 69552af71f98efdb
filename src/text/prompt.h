/* Prompts: from a conversation to the text that a model answers, and to its tokens.
 *
 * A struct prompt_format is what is known about how a model writes conversations: its template (or
 * one of ours for files without), its dialect, and what the template cannot do. It is immutable
 * after prompt_format_open: any thread may render with it. */
#ifndef TEXT_PROMPT_H
#define TEXT_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "text/dialect.h"
#include "text/template.h"
#include "text/tok.h"

#define PROMPT_TEXT_BYTES_MAX (128U << 20)
#define PROMPT_MESSAGES_MAX   65536U

struct prompt_source {       /* zero-initialise */
    const struct tok *tok;   /* never NULL; outlives the format */
    const struct tmpl *tmpl; /* outlives the format; NULL: the file has none that can be used */
    const char *source;      /* the template's own text, for finding the dialect; NULL: not known */
    size_t source_len;
    const char *dialect; /* its name, instead of looking; NULL or "": look */
};

struct prompt_format {
    const struct tok *tok;
    const struct tmpl *tmpl;
    struct tmpl *_own;
    struct dialect dialect;
    bool is_fallback;   /* the template is one of ours: ChatML, or a dialogue in plain words */
    bool is_plain;      /* the latter: the vocabulary knows no roles, perhaps a base model */
    bool typed_content; /* the template reads content only as a list of parts */
    bool no_system;     /* it leaves system messages out, or refuses them */
};

/* ERR_ARG: no dialect of that name; ERR_OOM. */
enum err_code prompt_format_open(struct prompt_format *f, const struct prompt_source *s,
                                 struct err *e);
void prompt_format_close(struct prompt_format *f); /* zeroed is fine */

/* What is left out of a conversation that does not fit. */
struct prompt_cut {
    uint32_t from, n; /* messages [from, from + n) are left out */
    bool in_text;     /* of message `text` only `keep` bytes stay, half from each end */
    uint32_t text;
    size_t keep;
};

struct prompt_params {         /* zero-initialise */
    const struct js *messages; /* as in runtime/job.h: a list in the shape that templates know */
    const struct js *tools;    /* a list as in an OpenAI request; NULL: none */
    const struct js *kwargs;   /* an object of further variables; NULL: none */
    struct reasoning_request reasoning;
    bool continue_last; /* the last message is the assistant's: the prompt ends with its text */
    /* Lines of the first message, when it is the system's, that begin with one of these (separated
     * by line breaks) lose the rest of the line; NULL or "": none. */
    const char *volatile_lines;
    struct prompt_cut cut;
    const struct stop_ask *stop; /* NULL: never */
    int64_t unix_s;              /* the clock that the template sees */
    int32_t zone_s;
};

/* Where a rendered text must not be read as a control token: offsets into it, ascending.
 * Zero-initialise. */
struct prompt_bars {
    size_t *at;
    size_t n, cap;
};
void prompt_bars_finish(struct prompt_bars *b);

/* Whether a request may set these variables (NULL: none). ERR_FORMAT: they are no object; ERR_ARG:
 * one is not the request's to set. */
enum err_code prompt_check_variables(const struct js *kwargs, struct err *e);

/* Appends the prompt, ready for an answer. What the template refuses is tried again in a form that
 * most accept: all system messages as one at the beginning, neighbours of one role joined; then the
 * system's text as the beginning of the first user message. Templates without tools see calls and
 * results as text (dialect_generic_prompt).
 *
 * bars takes the places, offsets into out, where messages, tools and variables spell control tokens
 * (tok_control_next): only what the template writes itself becomes such tokens, or begins one. The
 * marks of thoughts may stand in the assistant's own texts. While rendering, a noncharacter that is
 * in none of these texts (U+FDD0 to U+FDEF) stands in each such spelling, so that a template's
 * questions about them are answered with no; everything else is rendered as it would be. What a
 * template itself puts together from inner parts of a text is the template's. NULL: the prompt will
 * not be tokenised.
 *
 * ERR_FORMAT: messages or variables of a wrong shape (which, and where); ERR_ARG: a variable that
 * is not the request's to set, nothing to continue, spellings beside all 32 noncharacters;
 * ERR_TEMPLATE: the template refuses, in its own words; ERR_LIMIT, ERR_CANCELLED, ERR_OOM. */
enum err_code prompt_render(const struct prompt_format *f, const struct prompt_params *p,
                            struct buf *out, struct prompt_bars *bars, struct err *e);

/* Appends the ids of a rendered prompt: spellings of control tokens become those but where bars
 * stand, and the vocabulary's first token comes once. n_max as of tok_params; stop may be NULL.
 * ERR_LIMIT, ERR_CANCELLED, ERR_OOM. */
enum err_code prompt_tokens(const struct prompt_format *f, const char *text, size_t len,
                            const struct prompt_bars *bars, size_t n_max,
                            const struct stop_ask *stop, struct ids *out, struct err *e);

#endif
