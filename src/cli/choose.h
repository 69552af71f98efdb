/* Which of the models a person means. */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/client.h"

#define CHOICE_BYTES_MAX 1024U

struct choosing {
    const char *word;           /* what was typed; NULL: any model */
    const struct client *there; /* of a server elsewhere; NULL: of this machine */
    const char *current;        /* key of the one in use: first in the list; may be NULL */
    bool take_first;            /* of several: with a warning on standard error */
    bool exact;                 /* word is a file's path below its models folder */
};

struct chosen {
    char key[CHOICE_BYTES_MAX]; /* key, or key@variant */
    uint32_t n_ctx_max;         /* tokens of context that the model was made for; 0: unknown */
    bool is_llm;
};

/* A name that the list knows, a part of a key or its letters in order become the whole key. Several
 * that match are asked about at a terminal. ERR_NOT_FOUND: nothing matches, or several do and
 * nobody can be asked, or the question was left. Others as of the list. */
enum err_code choose_model(struct chosen *out, const struct choosing *p, struct err *e);

#endif
