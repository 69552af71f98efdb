/* Which of the models on disk a person means. */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include <stdbool.h>

#include "base/err.h"

#define CHOICE_BYTES_MAX 1024U

/* Turns what was typed into a model's key: a name that the library knows stays as it is, a part of
 * a key (or its letters in order) becomes the key. word may be NULL: any model. Several that match
 * are asked about at a terminal; take_first takes the first one with a warning on standard error.
 * ERR_NOT_FOUND: nothing matches, or several do and nobody can be asked. The same after Ctrl-C
 * and without an answer. */
enum err_code choose_model(char key[CHOICE_BYTES_MAX], const char *word, bool take_first,
                           struct err *e);

#endif
