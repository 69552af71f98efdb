/* A client of raw bytes for tests of the HTTP server: blocking, but never for longer than
 * CLIENT_WAIT_S. Failures end the test. */
#ifndef SUPPORT_HTTP_CLIENT_H
#define SUPPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define CLIENT_WAIT_S 60

int client_tcp(uint16_t port);
int client_unix(const char *path);
void client_close(int fd);
void client_send(int fd, const void *data, size_t len); /* all of it */
void client_sends(int fd, const char *text);
/* The same, but the server may have closed: false. */
bool client_try_send(int fd, const void *data, size_t len);
void client_half_close(int fd);

struct answer {
    int status;
    struct buf head, body; /* a chunked body is put together */
    bool is_closed;        /* the server closed before a whole answer had come; status 0: at once */
};

/* Reads one answer; what came behind it waits for the next call (same fd, same struct). */
struct client {
    int fd;
    struct buf in;
};
void client_begin(struct client *c, int fd);
void client_end(struct client *c); /* closes */
void client_answer(struct client *c, struct answer *a);
void answer_finish(struct answer *a);
/* Value of a header in the head, or NULL; the text is overwritten by the next call. */
const char *answer_header(const struct answer *a, const char *name);
/* Reads until the server closes; bytes that came. */
size_t client_drain(struct client *c);

/* One request on a connection of its own; head ends without the empty line. */
void client_ask(uint16_t port, const char *head, const char *body, struct answer *a);

#endif
