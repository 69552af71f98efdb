/* Proves: workers that are killed at random moments under load cost only the requests in them:
 * every answer is right or a typed error, no stored response is lost, nobody waits for ever, the
 * daemon neither dies nor grows.
 *
 *   chaos HEARTH SECONDS      starts `HEARTH serve` on a free port with a home of its own (TAP) */
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "e2e/home.h"
#include "store/store.h"

#define N_CLIENT     8
#define ANSWER_BYTES (1U << 20)
#define IDS_MAX      20000
#define WAIT_S       60
#define CHAIN_MAX    4
#define LOOK_MS      200
#define LOOKS_MAX    1000
#define LONG_S       180 /* runs from here on are held to 2 % between minutes */

static struct home home;
static atomic_bool stop;
static atomic_uint n_right, n_error, n_wrong, n_stuck, n_kill;
static char expected[4096];

static pthread_mutex_t ids_lock = PTHREAD_MUTEX_INITIALIZER;
static char ids[IDS_MAX][64]; /* the newest */
static unsigned n_id;

static const char question[] = "How do I download a model?";

static void sleep_a_bit(long ms)
{
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

    (void)nanosleep(&t, NULL);
}

/* ---- a client that is good enough ---- */

struct reply {
    int status; /* 0: no answer */
    bool stuck;
    char *text; /* body, chunks joined */
    size_t len;
};

/* Removes the framing of a chunked body in place. */
static size_t join_chunks(char *body, size_t len)
{
    size_t from = 0, to = 0;

    while (from < len) {
        char *end;
        unsigned long n = strtoul(body + from, &end, 16);
        size_t at = (size_t)(end - body) + 2;

        if (n == 0 || at + n > len)
            break;
        memmove(body + to, body + at, n);
        to += n;
        from = at + n + 2;
    }
    body[to] = '\0';
    return to;
}

static void read_answer(int fd, struct reply *a)
{
    size_t n = 0;
    char *head;

    for (;;) {
        ssize_t got = read(fd, a->text + n, ANSWER_BYTES - 1 - n);

        if (got < 0)
            a->stuck = true;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    a->text[n] = '\0';
    head = strstr(a->text, "\r\n\r\n");
    if (!head || sscanf(a->text, "HTTP/1.1 %d", &a->status) != 1)
        return;
    *head = '\0';
    head += 4;
    a->len = n - (size_t)(head - a->text);
    if (strcasestr(a->text, "transfer-encoding: chunked"))
        a->len = join_chunks(head, a->len);
    memmove(a->text, head, a->len + 1);
}

static void ask(const char *method, const char *path, const char *body, struct reply *a)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(home.port) };
    struct timeval limit = { .tv_sec = WAIT_S };
    char head[512];
    int fd = socket(AF_INET, SOCK_STREAM, 0), n;

    a->status = 0;
    a->stuck = false;
    a->len = 0;
    a->text[0] = '\0';
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    n = snprintf(head, sizeof(head),
                 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                 "application/json\r\nContent-Length: %zu\r\n\r\n",
                 method, path, strlen(body));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && write(fd, head, (size_t)n) == n &&
        write(fd, body, strlen(body)) == (ssize_t)strlen(body))
        read_answer(fd, a);
    (void)close(fd);
}

/* ---- what comes back ---- */

/* The first string behind "key":" with simple escapes undone; the answers hold no others. */
static bool string_of(const char *text, const char *key, char *out, size_t cap)
{
    const char *p = strstr(text, key);
    size_t n = 0;

    if (!p)
        return false;
    for (p += strlen(key); *p && *p != '"' && n + 1 < cap; p++) {
        if (*p == '\\')
            p++;
        out[n++] = *p == 'n' && p[-1] == '\\' ? '\n' : *p;
    }
    out[n] = '\0';
    return true;
}

static void join_deltas(const char *text, char *out, size_t cap)
{
    size_t n = 0;

    out[0] = '\0';
    for (const char *p = text; (p = strstr(p, "\"content\":\"")) != NULL; p++) {
        (void)string_of(p, "\"content\":\"", out + n, cap - n);
        n += strlen(out + n);
    }
}

static void judge(bool right, bool is_typed_error, const struct reply *a)
{
    if (a->stuck)
        atomic_fetch_add(&n_stuck, 1);
    else if (right)
        atomic_fetch_add(&n_right, 1);
    else if (is_typed_error)
        atomic_fetch_add(&n_error, 1);
    else if (atomic_fetch_add(&n_wrong, 1) < 5)
        (void)printf("# status %d, %zu bytes: %.600s\n", a->status, a->len, a->text);
}

static bool is_typed(const struct reply *a)
{
    return a->status >= 429 && strstr(a->text, "\"error\"") && strstr(a->text, "\"message\"");
}

static void chat(struct reply *a, bool streamed)
{
    char body[512], text[4096];

    (void)snprintf(body, sizeof(body),
                   "{\"model\":\"hearth/hearth-guide\",\"temperature\":0,\"stream\":%s,"
                   "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
                   streamed ? "true" : "false", question);
    ask("POST", "/v1/chat/completions", body, a);
    if (!streamed) {
        bool found = string_of(a->text, "\"content\":\"", text, sizeof(text));

        judge(a->status == 200 && found && strcmp(text, expected) == 0, is_typed(a), a);
        return;
    }
    join_deltas(a->text, text, sizeof(text));
    judge(a->status == 200 && strstr(a->text, "data: [DONE]") && strcmp(text, expected) == 0,
          is_typed(a) || (a->status == 200 && strstr(a->text, "data: {\"error\"") &&
                          strncmp(text, expected, strlen(text)) == 0),
          a);
}

/* A conversation of stored responses: whoever was told an id must find it again. */
static void converse(struct reply *a)
{
    char body[640], previous[96] = "", id[64];

    for (int turn = 0; turn < CHAIN_MAX; turn++) {
        bool kept;

        (void)snprintf(
            body, sizeof(body),
            "{\"model\":\"hearth/hearth-guide\",\"temperature\":0,\"input\":\"%s\"%s%s%s}",
            question, previous[0] ? ",\"previous_response_id\":\"" : "", previous,
            previous[0] ? "\"" : "");
        ask("POST", "/v1/responses", body, a);
        kept = a->status == 200 && strstr(a->text, "\"status\":\"completed\"") &&
               string_of(a->text, "\"id\":\"", id, sizeof(id));
        judge(kept, is_typed(a) || (a->status == 200 && strstr(a->text, "\"status\":\"failed\"")),
              a);
        if (!kept)
            return;
        (void)snprintf(previous, sizeof(previous), "%s", id);
        (void)pthread_mutex_lock(&ids_lock);
        (void)snprintf(ids[n_id++ % IDS_MAX], sizeof(ids[0]), "%s", id);
        (void)pthread_mutex_unlock(&ids_lock);
    }
}

static void *client(void *arg)
{
    struct reply a = { .text = malloc(ANSWER_BYTES) };
    unsigned n = (unsigned)(uintptr_t)arg;

    while (!atomic_load(&stop)) {
        if (n % 4 == 3)
            converse(&a);
        else
            chat(&a, n % 2);
        n++;
    }
    free(a.text);
    return NULL;
}

/* ---- the killer ---- */

static pid_t parent_of(pid_t pid)
{
    char path[64], line[512];
    pid_t parent = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if (!f)
        return 0;
    if (fgets(line, sizeof(line), f)) {
        char *p = strrchr(line, ')');

        if (p && sscanf(p + 1, " %*c %d", &parent) != 1)
            parent = 0;
    }
    (void)fclose(f);
    return parent;
}

static void kill_workers(void)
{
    DIR *d = opendir("/proc");
    struct dirent *e;

    while (d && (e = readdir(d)) != NULL) {
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

        if (pid > 1 && parent_of(pid) == home.pid && kill(pid, SIGKILL) == 0)
            atomic_fetch_add(&n_kill, 1);
    }
    if (d)
        (void)closedir(d);
}

static void *killer(void *arg)
{
    unsigned seed = *(unsigned *)arg;

    while (!atomic_load(&stop)) {
        sleep_a_bit(100 + rand_r(&seed) % 1200);
        kill_workers();
    }
    return NULL;
}

/* ---- the end ---- */

/* The store lets the oldest go, and failed responses that nobody asks for take places in it, too.
 */
#define KEPT (STORE_RESPONSES_MAX / 10 * 9)

static unsigned n_lost(struct reply *a)
{
    unsigned n = 0;
    char path[128];

    for (unsigned i = n_id > KEPT ? n_id - KEPT : 0; i < n_id; i++) {
        const char *id = ids[i % IDS_MAX];

        (void)snprintf(path, sizeof(path), "/v1/responses/%s", id);
        ask("GET", path, "", a);
        n += a->status != 200 || !strstr(a->text, id);
    }
    return n;
}

static int by_size(const void *a, const void *b)
{
    long x = *(const long *)a, y = *(const long *)b;

    return (x > y) - (x < y);
}

/* What the daemon holds at work goes up and down with the requests: the middle of many looks. */
static long median(long *looks, unsigned n)
{
    qsort(looks, n, sizeof(*looks), by_size);
    return n ? looks[n / 2] : 0;
}

/* Returns how much the daemon held meanwhile. */
static long storm(unsigned seconds)
{
    static long looks[LOOKS_MAX];
    pthread_t threads[N_CLIENT], shooter;
    unsigned seed = 7, n = 0;

    atomic_store(&stop, false);
    for (uintptr_t i = 0; i < N_CLIENT; i++)
        (void)pthread_create(&threads[i], NULL, client, (void *)i);
    (void)pthread_create(&shooter, NULL, killer, &seed);
    for (long ms = 0; ms < (long)seconds * 1000; ms += LOOK_MS) {
        sleep_a_bit(LOOK_MS);
        looks[n++ % LOOKS_MAX] = home_memory_kib(&home);
    }
    atomic_store(&stop, true);
    (void)pthread_join(shooter, NULL);
    for (int i = 0; i < N_CLIENT; i++)
        (void)pthread_join(threads[i], NULL);
    return median(looks, n < LOOKS_MAX ? n : LOOKS_MAX);
}

static unsigned n_test;
static int n_bad;

static void check(bool good, const char *what)
{
    (void)printf("%s %u - %s\n", good ? "ok" : "not ok", ++n_test, what);
    n_bad += !good;
}

/* A long run compares its second minute with its last one, under the same load. A short one, which
 * sees pages touched for the first time all along, looks at the daemon at rest, with some slack. */
static bool does_not_grow(unsigned seconds)
{
    long before, after;

    if (seconds < LONG_S) {
        (void)storm(8); /* caches fill first */
        before = home_memory_kib(&home);
        (void)storm(seconds);
        after = home_memory_kib(&home);
        (void)printf("# daemon at rest: %ld KiB, then %ld KiB\n", before, after);
        return after <= before + before / 50 + HOME_SLACK_KIB;
    }
    (void)storm(60); /* caches, buffers and tables reach their size */
    before = storm(60);
    (void)storm(seconds - LONG_S);
    after = storm(60);
    (void)printf("# daemon at work: %ld KiB in the second minute, %ld KiB in the last\n", before,
                 after);
    return after <= before + before / 50 + (HOME_IS_WATCHED ? HOME_SLACK_KIB : 0);
}

static void report(struct reply *a, unsigned seconds)
{
    bool is_flat = does_not_grow(seconds);

    ask("GET", "/health", "", a);
    check(a->status == 200, "the daemon is there");
    (void)printf("# %u right, %u typed errors, %u kills, %u stored\n", n_right, n_error, n_kill,
                 n_id);
    check(n_kill >= seconds / 2, "workers were killed");
    check(n_right > 10, "most requests were answered");
    check(n_wrong == 0, "every answer is right or a typed error");
    check(n_stuck == 0, "nobody waited for ever");
    check(n_lost(a) == 0, "no stored response is lost");
    check(is_flat, "the daemon does not grow");
    check(home_stop(&home), "the daemon ends when it is told to");
    home_remove(&home);
}

int main(int argc, char **argv)
{
    struct reply a = { .text = malloc(ANSWER_BYTES) };

    if (argc != 3 || !a.text)
        return 2;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    check(home_make(&home, NULL) && home_start(&home, argv[1], NULL), "the daemon starts");
    if (n_bad)
        return 1;
    for (int i = 0; i < 2 && !expected[0]; i++) {
        char body[512];

        (void)snprintf(body, sizeof(body),
                       "{\"model\":\"hearth/hearth-guide\",\"temperature\":0,"
                       "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
                       question);
        ask("POST", "/v1/chat/completions", body, &a);
        (void)string_of(a.text, "\"content\":\"", expected, sizeof(expected));
    }
    check(strlen(expected) > 10, "there is an answer to compare with");
    report(&a, (unsigned)strtoul(argv[2], NULL, 10));
    (void)printf("1..%u\n", n_test);
    free(a.text);
    return n_bad ? 1 : 0;
}
