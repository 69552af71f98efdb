/* Raw sockets against 127.0.0.1, with a limit on every wait. */
#include "support/http_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"

#define ANSWER_MAX (256U << 20)

static void limit_waits(int fd)
{
    const struct timeval limit = { .tv_sec = CLIENT_WAIT_S };

    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0);
}

int client_tcp(uint16_t port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    limit_waits(fd);
    CHECK(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
    return fd;
}

int client_unix(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0 && strlen(path) < sizeof(at.sun_path));
    memcpy(at.sun_path, path, strlen(path) + 1);
    limit_waits(fd);
    CHECK(connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
    return fd;
}

void client_close(int fd)
{
    (void)close(fd);
}

bool client_try_send(int fd, const void *data, size_t len)
{
    const char *from = data;

    while (len > 0) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

void client_send(int fd, const void *data, size_t len)
{
    CHECK(client_try_send(fd, data, len));
}

void client_sends(int fd, const char *text)
{
    client_send(fd, text, strlen(text));
}

void client_half_close(int fd)
{
    CHECK(shutdown(fd, SHUT_WR) == 0);
}

void client_begin(struct client *c, int fd)
{
    c->fd = fd;
    buf_init(&c->in, MEM_OTHER, ANSWER_MAX);
}

void client_end(struct client *c)
{
    buf_finish(&c->in);
    client_close(c->fd);
}

/* false: the server has closed. A wait that is too long ends the test. */
static bool more(struct client *c)
{
    char piece[65536];
    ssize_t n;

    do {
        n = recv(c->fd, piece, sizeof(piece), 0);
    } while (n < 0 && errno == EINTR);
    CHECK(n >= 0 || errno == ECONNRESET || errno == EPIPE);
    if (n <= 0)
        return false;
    CHECK(buf_add(&c->in, piece, (size_t)n));
    return true;
}

size_t client_drain(struct client *c)
{
    size_t n = c->in.len;

    do {
        n += c->in.len;
        buf_clear(&c->in);
    } while (more(c));
    return n;
}

const char *answer_header(const struct answer *a, const char *name)
{
    static char value[2048];
    const size_t n = strlen(name);

    for (const char *line = strchr(buf_str(&a->head), '\n'); line; line = strchr(line, '\n')) {
        size_t len;

        line++;
        if (strncasecmp(line, name, n) != 0 || line[n] != ':')
            continue;
        line += n + 1;
        line += strspn(line, " ");
        len = strcspn(line, "\r\n");
        CHECK(len < sizeof(value));
        memcpy(value, line, len);
        value[len] = '\0';
        return value;
    }
    return NULL;
}

/* Moves n bytes of what came in to the body. */
static bool take(struct client *c, struct answer *a, size_t n)
{
    while (c->in.len < n) {
        if (!more(c))
            return false;
    }
    CHECK(buf_add(&a->body, c->in.data, n));
    buf_drop_front(&c->in, n);
    return true;
}

static bool take_line(struct client *c, char *line, size_t cap)
{
    for (;;) {
        const char *end = c->in.len ? memchr(c->in.data, '\n', c->in.len) : NULL;
        size_t len;

        if (end) {
            len = (size_t)(end - c->in.data) + 1;
            CHECK(len < cap);
            memcpy(line, c->in.data, len);
            line[len] = '\0';
            buf_drop_front(&c->in, len);
            return true;
        }
        if (!more(c))
            return false;
    }
}

static bool take_chunks(struct client *c, struct answer *a)
{
    char line[256];

    for (;;) {
        size_t n;

        if (!take_line(c, line, sizeof(line)))
            return false;
        n = strtoul(line, NULL, 16);
        if (n > 0 && !take(c, a, n))
            return false;
        if (!take_line(c, line, sizeof(line)))
            return false;
        if (n == 0)
            return true;
    }
}

static bool take_body(struct client *c, struct answer *a)
{
    const char *length = answer_header(a, "Content-Length");

    if (a->status / 100 == 1 || a->status == 204 || a->status == 304)
        return true;
    if (length)
        return take(c, a, strtoul(length, NULL, 10));
    if (answer_header(a, "Transfer-Encoding"))
        return take_chunks(c, a);
    while (more(c)) {
    }
    return take(c, a, c->in.len);
}

void client_answer(struct client *c, struct answer *a)
{
    char line[8192];

    memset(a, 0, sizeof(*a));
    buf_init(&a->head, MEM_OTHER, ANSWER_MAX);
    buf_init(&a->body, MEM_OTHER, ANSWER_MAX);
    do {
        if (!take_line(c, line, sizeof(line))) {
            a->is_closed = true;
            return;
        }
        CHECK(buf_adds(&a->head, line));
    } while (strcmp(line, "\r\n") != 0);
    CHECK(sscanf(buf_str(&a->head), "HTTP/1.%*1[01] %d", &a->status) == 1);
    a->is_closed = !take_body(c, a);
}

void answer_finish(struct answer *a)
{
    buf_finish(&a->head);
    buf_finish(&a->body);
}

void client_ask(uint16_t port, const char *head, const char *body, struct answer *a)
{
    struct client c;
    struct buf text;

    /* in one piece: this client is not slow, however busy the machine is */
    buf_init(&text, MEM_OTHER, ANSWER_MAX);
    (void)buf_adds(&text, head);
    if (!strstr(head, "\r\nHost:"))
        (void)buf_adds(&text, "Host: localhost\r\n");
    if (body)
        (void)buf_addf(&text, "Content-Length: %zu\r\n", strlen(body));
    (void)buf_addf(&text, "\r\n%s", body ? body : "");
    CHECK(!text.failed);
    client_begin(&c, client_tcp(port));
    client_send(c.fd, text.data, text.len);
    client_answer(&c, a);
    client_end(&c);
    buf_finish(&text);
}
