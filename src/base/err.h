/* Errors: one enum and one sentence for the whole tree.
 *
 * A function that can fail returns `enum err_code` and takes `struct err *e` last. The place of
 * failure writes one sentence (what, where, expected, found; no full stop, no line break); callers
 * pass it on unchanged. `e` may be NULL when the caller only wants the code.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

enum err_code {
    ERR_OK = 0,
    ERR_ARG,         /* the caller's or the user's argument is out of range          */
    ERR_FORMAT,      /* bytes from outside contradict their format                   */
    ERR_UNSUPPORTED, /* well-formed, but something this program cannot do            */
    ERR_LIMIT,       /* a named limit would be exceeded                              */
    ERR_OOM,         /* the system has no memory left                                */
    ERR_IO,          /* reading or writing failed; the text carries the system's why */
    ERR_NOT_FOUND,   /* a file, model or name does not exist                         */
    ERR_DEVICE,      /* a compute device failed or was lost                          */
    ERR_CANCELLED,   /* somebody asked to stop                                       */
    ERR_TEMPLATE,    /* a chat template refused or failed to render                  */
};

#define ERR_TEXT_BYTES 512U

struct err {
    enum err_code code;
    char text[ERR_TEXT_BYTES]; /* NUL-terminated; cut at a character when longer */
};

/* Writes code and sentence into e (unless NULL) and returns code. Any thread, own e. */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Short constant name of a code for logs and JSON, e.g. "format". */
const char *err_name(enum err_code code);

#endif
