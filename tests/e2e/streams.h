/* Answers that are read side by side as they come, and TAP lines, for tests from outside. */
#ifndef E2E_STREAMS_H
#define E2E_STREAMS_H

#include "e2e/home.h"

#define STREAMS_MAX 64U
#define STREAM_MAX  (8U << 20) /* bytes of one */

struct stream {
    int fd; /* -1: none */
    struct buf text;
    unsigned n_content;
    bool has_ended, is_whole;
};

/* Posts body to /v1/chat/completions; key may be NULL. */
void stream_open(struct stream *s, const struct home *h, const char *body, const char *key);
void stream_close(struct stream *s);
bool stream_has(const struct stream *s, const char *word);
/* The pieces of its content put together; out is initialised here. */
void stream_content(const struct stream *s, struct buf *out);

/* Reads what has come on any of them; false: nothing came for too long. */
bool streams_read(struct stream *s, unsigned n);
unsigned n_ended(const struct stream *s, unsigned n);
/* Reads until all have ended; false: one is stuck. */
bool streams_end(struct stream *s, unsigned n);

/* One line of TAP. */
void check(bool good, const char *what);
/* The last one; what main returns. */
int checks_end(void);

#endif
