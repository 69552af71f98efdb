/* Thoughts: the marks around them, and how templates are told to have some or none. */
#ifndef TEXT_REASONING_H
#define TEXT_REASONING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jsonw.h"

/* A family's marks. */
struct reasoning_row {
    const char *name;
    const char *open, *close;
    const char *skip[2];  /* marks around the answer that are layout; or NULL */
    const char *source;   /* tells it from others in a template's text; NULL: the opening mark */
    const char *end_text; /* what closes a thought that has used up its budget */
    bool harmony;         /* channels: the dialect's header decides */
};

enum reasoning_mode { REASONING_AUTO, REASONING_ON, REASONING_OFF };

/* Variables by which templates switch thoughts. */
enum reasoning_var {
    REASONING_ENABLE_THINKING = 1U, /* bool              */
    REASONING_THINKING = 2U,        /* bool              */
    REASONING_EFFORT = 4U,          /* reasoning_effort  */
    REASONING_BUDGET = 8U,          /* thinking_budget   */
};

struct reasoning {
    const struct reasoning_row *row; /* NULL: the model does not think aloud */
    unsigned vars;                   /* enum reasoning_var: what the template reacts to */
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
