/* Streams read side by side, and TAP. */
#include "e2e/streams.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536U

void stream_open(struct stream *s, const struct home *h, const char *body, const char *key)
{
    struct buf b;

    *s = (struct stream){ .fd = client_tcp(h->port) };
    buf_init(&s->text, MEM_OTHER, STREAM_MAX);
    buf_init(&b, MEM_OTHER, STREAM_MAX);
    (void)buf_addf(&b,
                   "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                   "%s%s%sContent-Length: %zu\r\n\r\n%s",
                   key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "",
                   strlen(body), body);
    client_send(s->fd, b.data, b.len);
    buf_finish(&b);
}

void stream_close(struct stream *s)
{
    if (s->fd >= 0)
        client_close(s->fd);
    s->fd = -1;
    buf_finish(&s->text);
}

static void look_at(struct stream *s)
{
    const char *p = buf_str(&s->text);

    s->is_whole = strstr(p, "data: [DONE]") != NULL;
    for (s->n_content = 0; (p = strstr(p, "\"content\":\"")) != NULL; p++)
        s->n_content++;
}

bool streams_read(struct stream *s, unsigned n)
{
    static char piece[READ_BYTES];
    struct pollfd p[STREAMS_MAX];

    for (unsigned i = 0; i < n; i++)
        p[i] = (struct pollfd){ .fd = s[i].has_ended ? -1 : s[i].fd, .events = POLLIN };
    if (poll(p, n, HOME_WAIT_S * 1000) <= 0)
        return false;
    for (unsigned i = 0; i < n; i++) {
        ssize_t got = p[i].revents ? read(p[i].fd, piece, sizeof(piece)) : -1;

        if (!p[i].revents)
            continue;
        if (got > 0)
            (void)buf_add(&s[i].text, piece, (size_t)got);
        s[i].has_ended = got <= 0;
        look_at(&s[i]);
    }
    return true;
}

unsigned n_ended(const struct stream *s, unsigned n)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += s[i].has_ended;
    return sum;
}

bool stream_has(const struct stream *s, const char *word)
{
    return strstr(buf_str(&s->text), word) != NULL;
}

void stream_content(const struct stream *s, struct buf *out)
{
    static const char key[] = "\"content\":\"";

    buf_init(out, MEM_OTHER, STREAM_MAX);
    for (const char *p = buf_str(&s->text); (p = strstr(p, key)) != NULL;) {
        p += sizeof(key) - 1;
        for (; *p && *p != '"'; p++) {
            if (*p == '\\' && p[1])
                (void)buf_addc(out, *p++);
            (void)buf_addc(out, *p);
        }
    }
}

bool streams_end(struct stream *s, unsigned n)
{
    while (n_ended(s, n) < n) {
        if (!streams_read(s, n))
            return false;
    }
    return true;
}

/* ---- TAP ---- */

static unsigned n_test, n_bad;

void check(bool good, const char *what)
{
    (void)printf("%s %u - %s\n", good ? "ok" : "not ok", ++n_test, what);
    n_bad += !good;
}

int checks_end(void)
{
    (void)printf("1..%u\n", n_test);
    return n_test == 0 || n_bad > 0;
}
