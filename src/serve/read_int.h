/* Inside serve/ only: fields of a request's JSON body, read into typed values.
 *
 * The first thing that is wrong is kept with its place ("messages[2].content"); every function does
 * nothing afterwards, so that a handler reads all its fields and looks once at the end. A field
 * that is null counts as absent. */
#ifndef SERVE_READ_INT_H
#define SERVE_READ_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/json.h"
#include "runtime/job.h"
#include "serve/http.h"

#define READ_PATH_BYTES 256U

enum read_need { READ_OPTIONAL, READ_REQUIRED };

struct reader {
    struct arena *arena;     /* borrowed: what is kept of the request */
    struct http_error error; /* status 0: all is well */
    char path[READ_PATH_BYTES];
    size_t path_len;
    char param[READ_PATH_BYTES], text[ERR_TEXT_BYTES]; /* what error points to */
};

void read_init(struct reader *r, struct arena *a);
bool read_ok(const struct reader *r);

/* Refuses with 400; key: the field below the present path, NULL: the path itself. */
void read_fail(struct reader *r, const char *code, const char *key, const char *fmt, ...)
    ATTR_PRINTF(4, 5);
/* Out of memory: 500. */
void read_fail_memory(struct reader *r);

/* The path while something within is read; each returns what read_leave takes. */
size_t read_enter(struct reader *r, const char *key);
size_t read_enter_at(struct reader *r, size_t i);
void read_leave(struct reader *r, size_t mark);

/* Values of one kind; NULL or false: absent, or wrong and refused. *out stays as it is then. */
const struct js *read_any(struct reader *r, const struct js *obj, const char *key,
                          enum read_need need);
const struct js *read_list(struct reader *r, const struct js *obj, const char *key,
                           enum read_need need);
const struct js *read_object(struct reader *r, const struct js *obj, const char *key,
                             enum read_need need);
bool read_str(struct reader *r, const struct js *obj, const char *key, enum read_need need,
              struct job_str *out);
/* A text that names something of ours: at most n_max bytes, none of them a control character, which
 * would end it early, or move the cursor of whoever lists the names. */
bool read_name(struct reader *r, const struct js *obj, const char *key, enum read_need need,
               size_t n_max, struct job_str *out);
bool read_num(struct reader *r, const struct js *obj, const char *key, double lo, double hi,
              double *out);
bool read_int(struct reader *r, const struct js *obj, const char *key, int64_t lo, int64_t hi,
              int64_t *out);
bool read_bool(struct reader *r, const struct js *obj, const char *key, bool *out);
/* Index of the text among n names; -1. */
int read_choice(struct reader *r, const struct js *obj, const char *key, enum read_need need,
                const char *const *names, uint32_t n);
/* v itself, an element of a list whose place was entered. */
int read_one_of(struct reader *r, const struct js *v, const char *const *names, uint32_t n);
bool read_is(struct reader *r, const struct js *v, enum js_kind kind);

/* Native manners: members of obj beyond n names are refused. */
void read_keys(struct reader *r, const struct js *obj, const char *const *names, uint32_t n);

/* Copies into the arena; {NULL, 0} and an error when memory is out. */
struct job_str read_json(struct reader *r, const struct js *v); /* as JSON text */
struct job_str read_keep(struct reader *r, const char *s, size_t len);

bool job_str_is(struct job_str s, const char *text);

#endif
