/* A conversation on its way into a template. */
#ifndef TEXT_PROMPT_INT_H
#define TEXT_PROMPT_INT_H

#include "base/arena.h"
#include "text/prompt.h"

struct turn {
    const char *role;
    const char *text; /* never NULL; in the arena or the messages */
    size_t len;
    const char *thought; /* NULL: none */
    size_t thought_len;
    const char *name, *call_id; /* NULL: none */
    const struct js *calls;     /* NULL: none */
    size_t i_call, n_call;      /* which of them */
    const struct js *tools;     /* that this message offers; NULL: none */
    const char *metadata;       /* the function that its text calls; NULL: none */
};

/* What else is changed: only what some templates ask for in so many words. */
enum prompt_detail {
    DETAIL_NONE,
    DETAIL_WORDS,    /* ids of nine letters and digits; tools and parameters have descriptions */
    DETAIL_ONE_CALL, /* and each call is a turn of its own, with its result */
};

struct turns {
    struct arena arena;
    struct turn *at;
    uint32_t n;
    enum prompt_detail detail;
};

/* How much is changed to please a template. */
enum prompt_form {
    FORM_AS_IS,
    FORM_TIDY,      /* one system message, at the beginning; neighbours of a role joined */
    FORM_NO_SYSTEM, /* and its text begins the first user message */
};

/* turns_finish also after a failure. */
enum err_code turns_read(struct turns *t, const struct prompt_format *f,
                         const struct prompt_params *p, enum prompt_form form,
                         enum prompt_detail detail, struct err *e);
void turns_finish(struct turns *t);

/* Adds text to a turn; false: out of memory. */
bool turn_append(struct turns *t, struct turn *turn, const char *text, size_t len);

/* prompt_guard.c: a context whose texts from outside spell control tokens is written again with a
 * noncharacter in each spelling; mark says which, "" when there is none. ERR_ARG, ERR_LIMIT,
 * ERR_CANCELLED, ERR_OOM. */
#define GUARD_BYTES 4U
enum err_code guard_context(const struct prompt_format *f, struct js **context,
                            const struct stop_ask *stop, char mark[GUARD_BYTES], struct err *e);
/* Takes the marks out of out[from, len) again and notes where they were. ERR_OOM. */
enum err_code guard_lift(struct buf *out, size_t from, const char mark[GUARD_BYTES],
                         struct prompt_bars *bars, struct err *e);

/* Writes the list of messages. */
void turns_write(const struct turns *t, const struct prompt_format *f, struct jsonw *w);

#endif
