/* The library as this home's configuration has it, for commands that need no daemon. */
#ifndef SERVE_FOLDERS_H
#define SERVE_FOLDERS_H

#include "base/err.h"
#include "library/library.h"

/* Opens and scans, waiting for it; library_close by the caller. */
enum err_code library_here(struct library **out, struct err *e);

#endif
