/* HTTP requests to a server on this machine: libcurl, opened at run time.
 *
 * Blocking, for commands; the library's downloads will stand on it too. One thread per call. */
#ifndef OS_FETCH_H
#define OS_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct fetch {
    const char *method;      /* "GET", "POST", "DELETE" */
    const char *unix_socket; /* path, or NULL for TCP */
    const char *url;         /* "http://localhost/api/v1/models" */
    const char *body;        /* JSON text, or NULL */
    size_t body_len;
    const char *bearer; /* API key, or NULL */
    double connect_s;   /* longest time to connect; 0 = 5 s */
    double total_s;     /* longest time for everything; 0 = no limit */
    /* Pieces of a streamed answer as they come; false stops (ERR_CANCELLED). NULL: into answer. */
    bool (*on_data)(void *arg, const char *data, size_t len);
    /* Asked about once a second, also while nothing comes: false stops. May be NULL. */
    bool (*goes_on)(void *arg);
    void *arg;          /* of both */
    struct buf *answer; /* borrowed; NULL with on_data */
    int status;         /* out: HTTP status */
};

/* ERR_NOT_FOUND: nobody listens there; ERR_UNSUPPORTED: libcurl is not installed (the sentence
 * names the package); ERR_LIMIT: too late or too long; ERR_ARG, ERR_IO, ERR_CANCELLED. An HTTP
 * status of 400 and more is ERR_OK. No proxy is used and no redirection followed. */
enum err_code fetch_run(struct fetch *f, struct err *e);

#endif
