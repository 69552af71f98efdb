/* Running another program: its input, its output, its end. */
#ifndef OS_RUN_H
#define OS_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct run_call {
    const char *program; /* a path, or a name that is looked for in PATH; no shell reads it */
    const char *input;   /* n_input bytes for its standard input, which is then closed */
    size_t n_input;
    uint32_t timeout_ms; /* it is killed then; 0 = no limit */
};

/* Runs it to its end. Its standard output is appended to out; beyond out's maximum it is read and
 * thrown away (out->failed). Standard error stays this process's. *exit_code: 0 .. 255, or 128 and
 * the number of the signal that ended it. An interrupt (Ctrl-C, see interrupt_watch) kills it. One
 * that does not read all of its input is no error; SIGPIPE must be ignored for that (os_init).
 *
 * ERR_NOT_FOUND, ERR_IO: it could not be started; ERR_LIMIT: killed after timeout_ms;
 * ERR_CANCELLED. Any thread. */
enum err_code run_program(const struct run_call *call, struct buf *out, int *exit_code,
                          struct err *e);

#endif
