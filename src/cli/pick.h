/* One of several, chosen at a terminal: a list that typing narrows and arrows walk through. */
#ifndef CLI_PICK_H
#define CLI_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PICK_ITEMS_MAX 4096U

struct pick_item {
    const char *name; /* what typing is compared with */
    const char *note; /* dimmed behind it: a size; may be NULL */
};

/* How well a word fits a name, whatever the case of its letters: as a part of it, or by its letters
 * in their order. */
enum fit { FIT_NONE, FIT_LETTERS, FIT_PART };
enum fit fit_of(const char *name, const char *word);

/* Whether somebody can be asked: standard input and standard error are a terminal. */
bool pick_can_ask(void);

/* Asks; *which is the item's index. Standard output stays clean. ERR_NOT_FOUND: none was chosen
 * (Escape, Ctrl-C, Ctrl-D). On terminals that cannot move the cursor a number is asked for. */
enum err_code pick_one(const char *question, const struct pick_item *items, uint32_t n,
                       uint32_t *which, struct err *e);

/* A question to be answered with y, yes, n or no, until it is. False also after Ctrl-C, Ctrl-D, or
 * when nobody can be asked. */
bool pick_yes(const char *question);

#endif
