/* Clients of a server, for bench/server: many at once, in one thread, over loopback.
 *
 *   load stream PORT CLIENTS MAX_TOKENS PROMPT_WORDS MODEL [KEY]   streaming chats, one a client
 *   load fair PORT SECONDS MODEL MAX_TOKENS KEY_A CLIENTS_A KEY_B CLIENTS_B
 *                                                                  two keys that ask without end
 *   load admit PORT MODEL STREAMS PROMPT_WORDS                     a long prompt beside streams
 *   load health PORT CONNECTIONS SECONDS                           requests for /health
 *   load idle PORT CONNECTIONS SECONDS                             keep-alive connections at rest
 *
 * Prints one JSON object. A client counts pieces of text as they arrive. All answers say the same
 * word over and over (by logit_bias): random tokens are often parts of characters, which come in
 * pieces of two and more. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 4096
#define GAPS_MAX    200000
#define TEXT_BYTES  (4U << 20)
#define LIMIT_S     900.0

struct client {
    int fd;
    double begun, first, last;
    uint32_t n_piece, n_token, n_prompt;
    size_t matched; /* of the mark that is looked for */
    bool done, failed;
    uint32_t group;
};

static struct client clients[CLIENTS_MAX];
static struct pollfd polls[CLIENTS_MAX];
static double gaps[GAPS_MAX];
static uint32_t n_gap;
static double pieces[GAPS_MAX]; /* when each came */
static uint32_t n_piece_all;

static long number(const char *s)
{
    return strtol(s, NULL, 10);
}

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n <= 0) {
            perror("write");
            exit(1);
        }
        data += n;
        len -= (size_t)n;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(double *v, uint32_t n, double q)
{
    if (n == 0)
        return 0.0;
    qsort(v, n, sizeof(*v), by_value);
    return v[(uint32_t)(q * (n - 1))];
}

/* ---- streaming chats ---- */

static long word_id; /* the token that all answers consist of */

static void find_word(uint16_t port, const char *model, const char *key)
{
    static char data[65536];
    char body[512], request[2048];
    size_t n = 0;
    int fd = dial(port), len;
    const char *at;

    len = snprintf(body, sizeof(body), "{\"model\":\"%s\",\"content\":\" a\"}", model);
    len =
        snprintf(request, sizeof(request),
                 "POST /tokenize HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                 "Content-Type: application/json\r\n%s%s%sContent-Length: %d\r\n\r\n%s",
                 key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "", len, body);
    send_all(fd, request, (size_t)len);
    for (ssize_t got = 1; got > 0; n += got > 0 ? (size_t)got : 0)
        got = read(fd, data + n, sizeof(data) - 1 - n);
    (void)close(fd);
    data[n] = '\0';
    at = strstr(data, "\"tokens\":[");
    if (!at) {
        (void)fprintf(stderr, "%s\n", data);
        exit(1);
    }
    word_id = number(at + strlen("\"tokens\":["));
}

/* The prompt's words differ from client to client from the `salt`-th word on. */
static size_t write_chat(char *out, size_t cap, const char *model, const char *key, uint32_t n_word,
                         uint32_t n_predict, uint32_t salt)
{
    static char body[TEXT_BYTES];
    size_t n = (size_t)snprintf(
        body, sizeof(body),
        "{\"model\":\"%s\",\"stream\":true,\"max_tokens\":%u,"
        "\"temperature\":0,\"seed\":1,\"stream_options\":{\"include_"
        "usage\":true},\"logit_bias\":{\"%ld\":100},\"messages\":[{\"role\":\"user\","
        "\"content\":\"Client %u:",
        model, n_predict, word_id, salt);

    for (uint32_t i = 0; i < n_word && n + 64 < sizeof(body); i++)
        n += (size_t)snprintf(body + n, sizeof(body) - n, " w%u", (i * 7 + salt * 13) % 997);
    n += (size_t)snprintf(body + n, sizeof(body) - n, "\"}]}");
    return (size_t)snprintf(out, cap,
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Type: application/json\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
                            key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "",
                            n, body);
}

/* Counts "content":" of deltas, across the borders of reads; the stream ends with [DONE]. */
static void take(struct client *c, const char *data, size_t len)
{
    static const char mark[] = "\"content\":\"", end[] = "data: [DONE]";
    static const char usage[] = "\"completion_tokens\":", prompt[] = "\"prompt_tokens\":";
    const char *used;
    double now = now_s();

    for (size_t i = 0; i < len; i++) {
        c->matched = data[i] == mark[c->matched] ? c->matched + 1 : data[i] == mark[0];
        if (mark[c->matched])
            continue;
        c->matched = 0;
        if (c->n_piece == 0)
            c->first = now;
        else if (c->group == 0 && n_gap < GAPS_MAX)
            gaps[n_gap++] = now - c->last;
        c->last = now;
        c->n_piece++;
        if (n_piece_all < GAPS_MAX)
            pieces[n_piece_all++] = now;
    }
    used = memmem(data, len, usage, sizeof(usage) - 1);
    if (used)
        c->n_token = (uint32_t)number(used + sizeof(usage) - 1);
    used = memmem(data, len, prompt, sizeof(prompt) - 1);
    if (used)
        c->n_prompt = (uint32_t)number(used + sizeof(prompt) - 1);
    if (memmem(data, len, end, sizeof(end) - 1))
        c->done = true;
    if (c->n_piece == 0 && memmem(data, len, "\"error\"", 7)) {
        (void)fprintf(stderr, "%.*s\n", (int)len, data);
        c->failed = c->done = true;
    }
}

static uint32_t read_all(uint32_t n)
{
    static char data[65536];
    uint32_t n_open = 0;

    (void)poll(polls, n, 1000);
    for (uint32_t i = 0; i < n; i++) {
        struct client *c = &clients[i];
        ssize_t got;

        if (c->done)
            continue;
        n_open++;
        if (!polls[i].revents)
            continue;
        got = read(c->fd, data, sizeof(data));
        if (got > 0)
            take(c, data, (size_t)got);
        else
            c->failed = c->done = true;
        if (c->done) {
            (void)close(c->fd);
            polls[i].fd = -1;
        }
    }
    return n_open;
}

static void open_chat(uint32_t i, uint16_t port, const char *model, const char *key,
                      uint32_t n_word, uint32_t n_predict, uint32_t salt)
{
    static char request[TEXT_BYTES + 4096];
    uint32_t group = clients[i].group;
    size_t len = write_chat(request, sizeof(request), model, key, n_word, n_predict, salt);

    clients[i] = (struct client){ .fd = dial(port), .begun = now_s(), .group = group };
    polls[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
    send_all(clients[i].fd, request, len);
}

/* Pieces a second while all clients are being answered: from the last one's first piece to the
 * first one's last. */
static double steady_rate(uint32_t n)
{
    double from = 0.0, to = 0.0;
    uint32_t n_in = 0;

    for (uint32_t i = 0; i < n; i++) {
        from = clients[i].first > from ? clients[i].first : from;
        to = i == 0 || clients[i].last < to ? clients[i].last : to;
    }
    for (uint32_t i = 0; i < n_piece_all; i++)
        n_in += pieces[i] > from && pieces[i] <= to;
    return to > from ? n_in / (to - from) : 0.0;
}

static int stream(char **argv, int argc)
{
    static double firsts[CLIENTS_MAX];
    uint16_t port = (uint16_t)number(argv[2]);
    uint32_t n = (uint32_t)number(argv[3]), n_predict = (uint32_t)number(argv[4]);
    uint32_t n_word = (uint32_t)number(argv[5]), n_token = 0, n_failed = 0;
    const char *key = argc > 7 ? argv[7] : NULL;
    double begun = now_s(), first = 0.0, last = 0.0;

    if (n < 1 || n > CLIENTS_MAX)
        return 2;
    find_word(port, argv[6], key);
    for (uint32_t i = 0; i < n; i++)
        open_chat(i, port, argv[6], key, n_word, n_predict, i);
    while (read_all(n) && now_s() - begun < LIMIT_S)
        ;
    for (uint32_t i = 0; i < n; i++) {
        firsts[i] = clients[i].first - clients[i].begun;
        if (i == 0 || clients[i].first < first)
            first = clients[i].first;
        if (clients[i].last > last)
            last = clients[i].last;
        n_token += clients[i].n_token;
        n_failed += clients[i].failed;
    }
    (void)printf(
        "{\"clients\":%u,\"failed\":%u,\"prompt_tokens\":%u,\"tokens\":%u,\"seconds\":%.3f,"
        "\"tokens_per_second\":%.2f,\"steady_per_second\":%.2f,\"first_ms\":%.2f,\"gap_ms_"
        "p50\":%.3f,"
        "\"gap_ms_p99\":%.3f}\n",
        n, n_failed, clients[0].n_prompt, n_token, last - begun,
        n_token / (last > first ? last - first : 1.0), steady_rate(n),
        quantile(firsts, n, 0.5) * 1e3, quantile(gaps, n_gap, 0.5) * 1e3,
        quantile(gaps, n_gap, 0.99) * 1e3);
    return n_failed ? 1 : 0;
}

/* ---- two keys ---- */

/* What each key was served: tokens of finished answers and pieces of those that run. */
static int fair(char **argv)
{
    uint16_t port = (uint16_t)number(argv[2]);
    double seconds = (double)number(argv[3]), begun = now_s(), served[2] = { 0, 0 }, both;
    uint32_t n[2] = { (uint32_t)number(argv[7]), (uint32_t)number(argv[9]) }, salt = 0;
    const char *keys[2] = { argv[6], argv[8] };

    if (n[0] + n[1] < 2 || n[0] + n[1] > CLIENTS_MAX)
        return 2;
    find_word(port, argv[4], keys[0]);
    for (uint32_t i = 0; i < n[0] + n[1]; i++)
        clients[i] = (struct client){ .done = true, .group = i >= n[0] };
    while (now_s() - begun < seconds) {
        for (uint32_t i = 0; i < n[0] + n[1]; i++) {
            struct client *c = &clients[i];

            if (!c->done)
                continue;
            if (c->failed)
                return 1;
            served[c->group] += c->n_piece;
            open_chat(i, port, argv[4], keys[c->group], 30, (uint32_t)number(argv[5]), salt++);
        }
        (void)read_all(n[0] + n[1]);
    }
    for (uint32_t i = 0; i < n[0] + n[1]; i++)
        served[clients[i].group] += clients[i].n_piece;
    both = served[0] + served[1];
    (void)printf("{\"clients\":[%u,%u],\"pieces\":[%.0f,%.0f],\"jain\":%.4f}\n", n[0], n[1],
                 served[0], served[1],
                 both * both / (2.0 * (served[0] * served[0] + served[1] * served[1])));
    return 0;
}

/* ---- a long prompt beside streams ---- */

static int admit(char **argv)
{
    uint16_t port = (uint16_t)number(argv[2]);
    uint32_t n = (uint32_t)number(argv[4]), n_alone;
    double begun, alone_p50, sent;

    if (n < 1 || n >= CLIENTS_MAX)
        return 2;
    find_word(port, argv[3], NULL);
    for (uint32_t i = 0; i < n; i++)
        open_chat(i, port, argv[3], NULL, 10, 100000, i);
    clients[n] = (struct client){ .done = true, .group = 1 };
    polls[n].fd = -1;
    begun = now_s();
    while (n_gap < 40 * n && now_s() - begun < 120.0)
        (void)read_all(n);
    alone_p50 = quantile(gaps, n_gap, 0.5);
    n_alone = n_gap;
    n_gap = 0;
    sent = now_s();
    open_chat(n, port, argv[3], NULL, (uint32_t)number(argv[5]), 1, 4711);
    while (!clients[n].done && now_s() - sent < LIMIT_S)
        (void)read_all(n + 1);
    (void)printf("{\"streams\":%u,\"prompt_tokens\":%u,\"gaps_alone\":%u,\"gaps_beside\":%u,"
                 "\"alone_ms_p50\":%.2f,"
                 "\"beside_ms_p50\":%.2f,\"beside_ms_p99\":%.2f,\"prompt_s\":%.2f}\n",
                 n, clients[n].n_prompt, n_alone, n_gap, alone_p50 * 1e3,
                 quantile(gaps, n_gap, 0.5) * 1e3, quantile(gaps, n_gap, 0.99) * 1e3,
                 now_s() - sent);
    return clients[n].failed;
}

/* ---- small requests ---- */

static int health(char **argv)
{
    static const char request[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static char data[65536];
    uint16_t port = (uint16_t)number(argv[2]);
    uint32_t n = (uint32_t)number(argv[3]), n_answer = 0;
    double seconds = (double)number(argv[4]), begun;

    if (n < 1 || n > CLIENTS_MAX)
        return 2;
    for (uint32_t i = 0; i < n; i++) {
        polls[i] = (struct pollfd){ .fd = dial(port), .events = POLLIN };
        send_all(polls[i].fd, request, sizeof(request) - 1);
    }
    begun = now_s();
    while (now_s() - begun < seconds) {
        (void)poll(polls, n, 1000);
        for (uint32_t i = 0; i < n; i++) {
            if (!polls[i].revents)
                continue;
            if (read(polls[i].fd, data, sizeof(data)) <= 0 || memcmp(data, "HTTP/1.1 200", 12) != 0)
                return 1;
            n_answer++;
            send_all(polls[i].fd, request, sizeof(request) - 1);
        }
    }
    (void)printf("{\"connections\":%u,\"requests_per_second\":%.0f}\n", n,
                 n_answer / (now_s() - begun));
    return 0;
}

/* Connections that have had one answer and ask for nothing more. */
static int idle(char **argv)
{
    static const char request[] = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static char data[4096];
    uint16_t port = (uint16_t)number(argv[2]);
    uint32_t n = (uint32_t)number(argv[3]);

    for (uint32_t i = 0; i < n && i < CLIENTS_MAX; i++) {
        int fd = dial(port);

        send_all(fd, request, sizeof(request) - 1);
        if (read(fd, data, sizeof(data)) <= 0)
            return 1;
    }
    (void)puts("{\"open\":true}");
    (void)fflush(stdout);
    (void)sleep((unsigned)number(argv[4]));
    return 0;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc >= 7 && strcmp(argv[1], "stream") == 0)
        return stream(argv, argc);
    if (argc == 10 && strcmp(argv[1], "fair") == 0)
        return fair(argv);
    if (argc == 6 && strcmp(argv[1], "admit") == 0)
        return admit(argv);
    if (argc == 5 && strcmp(argv[1], "health") == 0)
        return health(argv);
    if (argc == 5 && strcmp(argv[1], "idle") == 0)
        return idle(argv);
    (void)fputs("usage: load stream PORT CLIENTS MAX_TOKENS PROMPT_WORDS MODEL [KEY]\n"
                "       load fair PORT SECONDS MODEL MAX_TOKENS KEY_A CLIENTS_A KEY_B CLIENTS_B\n"
                "       load admit PORT MODEL STREAMS PROMPT_WORDS\n"
                "       load health PORT CONNECTIONS SECONDS\n"
                "       load idle PORT CONNECTIONS SECONDS\n",
                stderr);
    return 2;
}
