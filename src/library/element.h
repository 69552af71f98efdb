/* A model as one JSON object, in the words of `hearth ls --json` (cli.md 2.5). */
#ifndef LIBRARY_ELEMENT_H
#define LIBRARY_ELEMENT_H

#include "base/jsonw.h"
#include "library/library.h"

/* Writes the members into the open object of w, so that callers may add theirs. library (may be
 * NULL) tells the variants of the model's key. */
void library_element_write(struct jsonw *w, const struct library *library,
                           const struct library_model *m);

#endif
