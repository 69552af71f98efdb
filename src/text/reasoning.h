/* Thoughts: the marks around them, and how templates are told to have some or none. */
#ifndef TEXT_REASONING_H
#define TEXT_REASONING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonw.h"

#define REASONING_SKIPS 4U

/* A family's marks. */
struct reasoning_row {
    const char *name;
    const char *open, *close;
    const char *skip[REASONING_SKIPS]; /* marks around the answer that are layout; or NULL */
    /* Messages with a header: what begins one (the second: behind a prompt that has begun it), what
     * ends it, and what it says where the message is a thought; or NULL. */
    const char *head[2], *head_end, *inner;
    const char *source;   /* tells it from others in a template's text; NULL: the opening mark */
    const char *end_text; /* what closes a thought that has used up its budget */
    bool harmony;         /* channels: the dialect's header decides */
    bool skip_ends;       /* the first mark of skip ends a thought, too */
    bool bare_close;      /* answers without a thought begin with its closing mark */
};

enum reasoning_mode { REASONING_AUTO, REASONING_ON, REASONING_OFF };

/* Variables by which templates switch thoughts. */
enum reasoning_var {
    REASONING_ENABLE_THINKING = 1U,  /* bool              */
    REASONING_THINKING = 2U,         /* bool              */
    REASONING_EFFORT = 4U,           /* reasoning_effort  */
    REASONING_BUDGET = 8U,           /* thinking_budget   */
    REASONING_MODE = 16U,            /* thinking_mode: "enabled", "disabled" */
    REASONING_THINKING_EFFORT = 32U, /* thinking_effort     */
    REASONING_STRENGTH = 64U,        /* reasoning_strength  */
    REASONING_EFFORT_OFF = 128U,     /* reasoning_effort, its word for none alone */
};
#define REASONING_SWITCHES                                                                         \
    (REASONING_ENABLE_THINKING | REASONING_THINKING | REASONING_MODE | REASONING_EFFORT_OFF)
#define REASONING_LEVELS (REASONING_EFFORT | REASONING_THINKING_EFFORT | REASONING_STRENGTH)

struct reasoning {
    const struct reasoning_row *row; /* NULL: the model does not think aloud */
    unsigned vars;                   /* enum reasoning_var: what the template reacts to */
    const char *key;                 /* a past thought's member of its message; NULL: the usual
                                        reasoning_content */
    const char *off;                 /* its word for no effort at all; NULL: it has none */
    bool no_medium;                  /* it refuses "medium" */
};

const struct reasoning_row *reasoning_rows(size_t *n);
const struct reasoning_row *reasoning_named(const char *name); /* NULL: no such */

struct reasoning_request {
    enum reasoning_mode mode;
    const char *effort; /* NULL, "low", "medium", "high"; "none" is REASONING_OFF */
    uint32_t budget;    /* tokens, 0 = no limit */
};

/* Writes the variables the template knows as members of the context's open object. */
void reasoning_write(const struct reasoning *r, const struct reasoning_request *q, struct jsonw *w);

/* The prompt ends with an opened thought (blanks aside). */
bool reasoning_is_open(const struct reasoning *r, const char *prompt, size_t len);

/* Counts the tokens of a thought. */
struct reasoning_budget {
    uint32_t n_max; /* 0 = no limit */
    uint32_t n;
};

/* After each token; thinking: dialect_is_thinking. True once, when the thought has to be closed
 * now: the answer goes on behind the row's end_text, which is fed to model and parser alike. */
bool reasoning_budget_spent(struct reasoning_budget *b, bool thinking);

#endif
