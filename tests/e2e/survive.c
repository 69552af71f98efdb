/* Proves: what the server as a whole outlives, and how it shares a model.
 *
 *   survive HEARTH SOURCE-ROOT clients|limits|store|home|shares     (TAP)
 *
 * clients: who leaves, floods or never reads. limits: queues, files and memory at their end.
 * store: a full disk, a damaged database. home: it may not be written, or is gone. shares: parallel
 * answers, keys, idle models. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "e2e/home.h"
#include "e2e/streams.h"
#include "os/sys.h"

#define BODY_BYTES 2048U
#define MIB        (1024U * 1024U)

static const char *program, *source;

/* ---- requests ---- */

/* An answer of about n * 7 tokens, however fast the machine. */
static const char *long_chat(char out[BODY_BYTES], const char *model, unsigned n, bool streamed)
{
    (void)snprintf(
        out, BODY_BYTES,
        "{\"model\":\"%s\",\"temperature\":0,\"max_tokens\":1000,\"stream\":%s,\"ttl\":1,"
        "\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],\"response_format\":{"
        "\"type\":\"json_schema\",\"json_schema\":{\"name\":\"l\",\"schema\":{\"type\":"
        "\"array\",\"items\":{\"type\":\"boolean\"},\"minItems\":%u,\"maxItems\":%u}}}}",
        model, streamed ? "true" : "false", n, n);
    return out;
}

static const char chat[] = "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":12,"
                           "\"messages\":[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]}";

static bool same_answer(const struct home *h, const char *expected)
{
    struct answer a;
    bool same;

    home_ask(h, "POST", "/v1/chat/completions", chat, NULL, &a);
    same = a.status == 200 && answer_has(&a, expected);
    answer_finish(&a);
    return same;
}

/* The text of the answer, to compare others with. */
static bool first_answer(const struct home *h, char *out, size_t cap)
{
    struct answer a;
    const char *p;

    home_ask(h, "POST", "/v1/chat/completions", chat, NULL, &a);
    p = a.status == 200 ? strstr(buf_str(&a.body), "\"content\":\"") : NULL;
    (void)snprintf(out, cap, "%.*s", p ? (int)strcspn(p + 11, "\"") + 11 : 0, p ? p : "");
    answer_finish(&a);
    return p != NULL;
}

/* ---- clients ---- */

static void leave_at_any_byte(const struct home *h)
{
    char body[BODY_BYTES], request[BODY_BYTES + 256];
    char byte[64];
    int len;

    (void)long_chat(body, "hearth-guide", 8, true);
    len = snprintf(request, sizeof(request),
                   "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu"
                   "\r\n\r\n%s",
                   strlen(body), body);
    for (size_t cut = 0; cut < (size_t)len; cut += 13) {
        int fd = client_tcp(h->port);

        client_send(fd, request, cut);
        client_close(fd);
    }
    for (size_t cut = 0; cut < 4000; cut += 125) {
        int fd = client_tcp(h->port);

        client_send(fd, request, (size_t)len);
        for (size_t got = 0; got < cut; got += sizeof(byte)) {
            if (recv(fd, byte, sizeof(byte), 0) <= 0)
                break;
        }
        client_close(fd);
    }
}

static void never_read(const struct home *h, const char *expected)
{
    struct stream s[8];
    char body[BODY_BYTES];

    for (unsigned i = 0; i < 8; i++)
        stream_open(&s[i], h, long_chat(body, "hearth-guide", 40, true), NULL);
    check(same_answer(h, expected), "clients that never read hold up nobody");
    for (unsigned i = 0; i < 8; i++)
        stream_close(&s[i]);
    check(home_until(h, "/hearth/ps", "\"queued\":0", true), "and nothing of them goes on");
}

/* 100 MB in a body that says so, and in one that does not. */
static bool is_refused(const struct home *h, bool says_so)
{
    static char piece[MIB];
    struct client c;
    struct answer a;
    bool refused;

    memset(piece, 'x', sizeof(piece));
    client_begin(&c, client_tcp(h->port));
    client_sends(c.fd, "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n");
    client_sends(c.fd, says_so ? "Content-Length: 104857600\r\n\r\n"
                               : "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; i++) {
        if ((!says_so && !client_try_send(c.fd, "100000\r\n", 8)) ||
            !client_try_send(c.fd, piece, sizeof(piece)) ||
            (!says_so && !client_try_send(c.fd, "\r\n", 2)))
            break;
    }
    client_answer(&c, &a);
    refused = a.status == 413 || a.status == 0; /* 0: closed while we were still sending */
    answer_finish(&a);
    client_end(&c);
    return refused;
}

static void send_too_much(const struct home *h)
{
    long before = home_memory_kib(h), after;
    unsigned n = 0;

    for (int i = 0; i < 8; i++)
        n += is_refused(h, i % 2);
    after = home_memory_kib(h);
    (void)printf("# daemon: %ld KiB, after 800 MB of bodies %ld KiB\n", before, after);
    check(n == 8, "bodies of 100 MB are refused");
    check(after <= before + HOME_SLACK_KIB, "and do not stay in memory");
}

static void pipeline(const struct home *h)
{
    struct client c;
    unsigned n = 0;
    struct buf b;

    buf_init(&b, MEM_OTHER, STREAM_MAX);
    for (int i = 0; i < 16; i++) {
        if (i % 2)
            (void)buf_adds(&b, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        else
            (void)buf_addf(&b,
                           "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: %zu\r\n\r\n%s",
                           strlen(chat), chat);
    }
    client_begin(&c, client_tcp(h->port));
    client_send(c.fd, b.data, b.len);
    for (int i = 0; i < 16; i++) {
        struct answer a;

        client_answer(&c, &a);
        n += a.status == 200 && answer_has(&a, i % 2 ? "\"status\"" : "\"content\"");
        answer_finish(&a);
    }
    client_end(&c);
    buf_finish(&b);
    check(n == 16, "sixteen requests in one go get their answers in order");
}

static void idle_thousand(const struct home *h)
{
    static int fd[1000];
    long before = home_memory_kib(h), after;
    struct answer a;

    if (file_limit_raise() < 1100) {
        check(true, "a thousand idle connections # SKIP too few files");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        fd[i] = client_tcp(h->port);
    home_ask(h, "GET", "/health", NULL, NULL, &a);
    after = home_memory_kib(h);
    (void)printf("# daemon: %ld KiB, with 1000 idle connections %ld KiB\n", before, after);
    check(a.status == 200 && after - before <= 40 * 1024 + HOME_SLACK_KIB,
          "a thousand idle connections");
    answer_finish(&a);
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        client_close(fd[i]);
}

static void clients(void)
{
    struct home h;
    char expected[512];

    check(home_make(&h, NULL) && home_start(&h, program, NULL), "the daemon starts");
    check(first_answer(&h, expected, sizeof(expected)), "it answers");
    leave_at_any_byte(&h);
    check(home_until(&h, "/hearth/ps", "\"queued\":0", true), "who leaves leaves no work behind");
    check(same_answer(&h, expected), "and the answer is the same as before");
    never_read(&h, expected);
    send_too_much(&h);
    pipeline(&h);
    idle_thousand(&h);
    check(same_answer(&h, expected), "the answer is still the same");
    check(home_stop(&h), "the daemon ends well");
    home_remove(&h);
}

/* ---- limits ---- */

static void queue_full(void)
{
    struct stream s[6];
    char body[BODY_BYTES];
    unsigned n_full = 0, n_whole = 0;
    struct home h;
    bool told = true;

    check(home_make(&h, "{\"models\":{\"queueMax\":3}}") && home_start(&h, program, NULL),
          "a daemon with short queues");
    for (unsigned i = 0; i < 6; i++)
        stream_open(&s[i], &h, long_chat(body, "hearth-guide", 60, true), NULL);
    while (n_ended(s, 6) < 6 && streams_read(s, 6)) {
    }
    for (unsigned i = 0; i < 6; i++) {
        bool full = stream_has(&s[i], "HTTP/1.1 429");

        n_full += full;
        n_whole += s[i].is_whole;
        told = told &&
               (!full || (stream_has(&s[i], "Retry-After: ") && stream_has(&s[i], "\"error\"")));
        stream_close(&s[i]);
    }
    check(n_full >= 1 && n_whole >= 3 && n_full + n_whole == 6, "those beyond the queue get 429");
    check(told, "with Retry-After");
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}

static void few_files(void)
{
    const struct home_limits limits = { .n_file = 160 };
    int fd[300];
    struct answer a;
    struct home h;
    unsigned n = 0;

    check(home_make(&h, NULL) && home_start(&h, program, &limits), "a daemon with few files");
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        fd[i] = client_tcp(h.port);
    for (int i = 0; i < 3; i++) {
        home_ask(&h, "POST", "/v1/chat/completions", chat, NULL, &a);
        n += a.status == 200;
        answer_finish(&a);
    }
    check(n == 3, "more connections than files: new ones are answered, and models load");
    for (size_t i = 0; i < COUNT_OF(fd); i++)
        client_close(fd[i]);
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}

#if !HOME_IS_WATCHED
static void little_memory(void)
{
    const struct home_limits limits = { .memory_bytes = 160ULL * MIB };
    unsigned n_typed = 0, n_whole = 0;
    char load[256];
    struct stream s[24];
    char body[BODY_BYTES];
    struct home h;
    struct answer a;

    check(home_make(&h, "{\"models\":{\"guardrail\":\"off\"}}") && home_start(&h, program, &limits),
          "a daemon whose workers get little memory");
    (void)snprintf(load, sizeof(load),
                   "{\"model\":\"hearth-guide\",\"identifier\":\"large\","
                   "\"parallel\":256,\"threads\":256}");
    home_control(&h, "POST", "/hearth/load", load, &a);
    check(answer_has(&a, "\"error\":\""), "a load that needs more says so");
    (void)printf("# %s\n", strstr(buf_str(&a.body), "\"error\"")
                               ? strstr(buf_str(&a.body), "\"error\"")
                               : "");
    answer_finish(&a);
    for (unsigned i = 0; i < COUNT_OF(s); i++)
        stream_open(&s[i], &h, long_chat(body, "hearth-guide", 20, true), NULL);
    while (n_ended(s, COUNT_OF(s)) < COUNT_OF(s) && streams_read(s, COUNT_OF(s))) {
    }
    for (unsigned i = 0; i < COUNT_OF(s); i++) {
        n_whole += s[i].is_whole;
        n_typed += !s[i].is_whole && stream_has(&s[i], "\"error\"");
        stream_close(&s[i]);
    }
    (void)printf("# %u answers, %u typed errors\n", n_whole, n_typed);
    check(n_whole + n_typed == COUNT_OF(s), "requests are answered or get a typed error");
    check(home_is_up(&h), "the daemon is there");
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}
#endif

static void limits(void)
{
    queue_full();
    few_files();
#if !HOME_IS_WATCHED
    little_memory(); /* sanitizers need address space without end */
#endif
}

/* ---- the store ---- */

/* Several KiB to be stored, at the price of few tokens. */
static const char *respond(char out[BODY_BYTES * 4])
{
    size_t n = (size_t)snprintf(out, BODY_BYTES * 4,
                                "{\"model\":\"hearth-guide\",\"max_output_tokens\":2,\"input\":"
                                "\"What is Hearth?\",\"metadata\":{");

    for (int i = 0; i < 10; i++)
        n += (size_t)snprintf(out + n, BODY_BYTES * 4 - n, "%s\"k%d\":\"%0500d\"", i ? "," : "", i,
                              i);
    (void)snprintf(out + n, BODY_BYTES * 4 - n, "}}");
    return out;
}

/* *is_told: the answer says that it could not be stored. */
static int store_one(const struct home *h, char id[96], bool *is_told)
{
    char body[BODY_BYTES * 4];
    struct answer a;
    const char *p;
    int status;

    home_ask(h, "POST", "/v1/responses", respond(body), NULL, &a);
    p = strstr(buf_str(&a.body), "\"id\":\"resp");
    status = a.status;
    *is_told = answer_has(&a, "\"store\":false");
    (void)snprintf(id, 96, "%.*s", p ? (int)strcspn(p + 6, "\"") : 0, p ? p + 6 : "");
    answer_finish(&a);
    return status;
}

static bool is_stored(const struct home *h, const char *id)
{
    char path[160];
    struct answer a;
    bool there;

    (void)snprintf(path, sizeof(path), "/v1/responses/%s", id);
    home_ask(h, "GET", path, NULL, NULL, &a);
    there = a.status == 200 && answer_has(&a, id);
    answer_finish(&a);
    return there;
}

static void disk_full(void)
{
    const struct home_limits limits = { .file_bytes = 200U << 10 };
    char id[96], first[96] = "";
    bool told, full = false, good = true;
    unsigned n_stored = 0;
    struct home h;
    struct answer a;

    check(home_make(&h, NULL) && home_start(&h, program, &limits), "a daemon on a small disk");
    for (int i = 0; i < 200 && !full; i++) {
        good = store_one(&h, id, &told) == 200 && good && home_is_up(&h);
        full = told;
        good = good && is_stored(&h, id) == !told;
        n_stored += !told;
        if (!first[0])
            (void)snprintf(first, sizeof(first), "%s", id);
    }
    (void)printf("# %u were stored\n", n_stored);
    check(full, "when no more can be stored, the answer comes and says so");
    check(good, "and no other one is lost");
    check(first[0] && is_stored(&h, first), "what was stored before is still there");
    home_ask(&h, "POST", "/v1/chat/completions", chat, NULL, &a);
    check(a.status == 200, "what needs no disk goes on");
    answer_finish(&a);
    check(home_stop(&h), "it ends well");
    check(home_start(&h, program, NULL), "with room again");
    check(is_stored(&h, first), "the stored one is there");
    check(store_one(&h, id, &told) == 200 && !told && is_stored(&h, id), "and new ones are stored");
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}

/* Writes nonsense over the file and its log, from the first byte or behind the first page. */
static void damage(const struct home *h, long from)
{
    static const char *const tails[] = { "", "-wal" };
    static char nonsense[65536];

    memset(nonsense, 0xA5, sizeof(nonsense));
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        char path[128];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/hearth.db%s", h->path, tails[i]);
        f = fopen(path, "r+");
        if (!f)
            continue;
        (void)(fseek(f, from, SEEK_SET) == 0 && fwrite(nonsense, sizeof(nonsense), 1, f) == 1);
        (void)fclose(f);
    }
}

static bool is_set_aside(const struct home *h)
{
    char command[160];

    (void)snprintf(command, sizeof(command), "ls '%s'/hearth.db.damaged-* >/dev/null 2>&1",
                   h->path);
    return system(command) == 0;
}

/* Keys that were lost keep the port closed until one is made; without it the port is open again. */
static void open_again(const struct home *h)
{
    struct answer a;
    char path[64] = "/hearth/keys/";
    const char *id;

    home_ask(h, "GET", "/v1/models", NULL, NULL, &a);
    check(a.status == 401, "nobody is answered while it is not known who may ask");
    answer_finish(&a);
    home_control(h, "POST", "/hearth/keys", "{\"scopes\":[\"inference\"]}", &a);
    id = strstr(buf_str(&a.body), "\"id\":\"");
    check(a.status == 200 && id, "a key is made");
    if (id)
        (void)snprintf(path, sizeof(path), "/hearth/keys/%.8s", id + 6);
    answer_finish(&a);
    home_control(h, "DELETE", path, NULL, &a);
    check(a.status == 200, "and deleted");
    answer_finish(&a);
}

static void damaged(void)
{
    char id[96], lost[96];
    bool told, ok = false;
    struct home h;

    check(home_make(&h, NULL) && home_start(&h, program, NULL), "a daemon with a store");
    check(store_one(&h, lost, &told) == 200 && home_stop(&h), "stores something, ends");
    damage(&h, 0);
    check(home_start(&h, program, NULL), "starts with a damaged store");
    check(is_set_aside(&h), "which was set aside");
    open_again(&h);
    check(!is_stored(&h, lost), "what was in it is gone");
    check(store_one(&h, id, &told) == 200 && is_stored(&h, id), "a new one works");
    damage(&h, 0);
    for (int i = 0; i < 20 && !ok; i++)
        ok = store_one(&h, id, &told) == 200 && !told && is_stored(&h, id);
    check(ok && home_is_up(&h), "damaged while it runs, it heals within some requests");
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}

/* A command of the shell in which $H is the home. */
static bool in_home(const struct home *h, const char *command)
{
    return setenv("H", h->path, 1) == 0 && system(command) == 0;
}

/* What a disk makes of a file when the machine loses its power, and what people do. */
static void damaged_at_start(void)
{
    static const struct {
        const char *name, *command;
    } ways[] = {
        { "cut in the middle", "truncate -s 9000 $H/hearth.db && rm -f $H/hearth.db-*" },
        { "empty", "truncate -s 0 $H/hearth.db && rm -f $H/hearth.db-*" },
        { "a few letters", "echo nonsense >$H/hearth.db && rm -f $H/hearth.db-*" },
        { "all zeros", "n=$(stat -c %s $H/hearth.db) && truncate -s 0 $H/hearth.db && "
                       "truncate -s $n $H/hearth.db" },
        { "without its log", "rm -f $H/hearth.db-*" },
    };

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        char id[96], line[96];
        bool told, good;
        struct home h;

        good = home_make(&h, NULL) && home_start(&h, program, NULL);
        for (int k = 0; k < 4; k++)
            good = store_one(&h, id, &told) == 200 && !told && good;
        good = home_stop(&h) && good;
        good = in_home(&h, ways[i].command) && home_start(&h, program, NULL) && good;
        if (is_set_aside(&h)) /* it does not tell whether there were keys */
            open_again(&h);
        good = store_one(&h, id, &told) == 200 && !told && is_stored(&h, id) && good;
        good = home_stop(&h) && good;
        (void)snprintf(line, sizeof(line), "a store that is %s is no obstacle", ways[i].name);
        check(good, line);
        home_remove(&h);
    }
}

static void store(void)
{
    disk_full();
    damaged();
    damaged_at_start();
}

/* ---- home ---- */

/* Each response is stored, or its answer says that it is not. */
static bool tells_the_truth(const struct home *h, unsigned *n_told)
{
    bool good = true, told;
    char id[96];

    for (int i = 0; i < 3; i++) {
        good = store_one(h, id, &told) == 200 && is_stored(h, id) == !told && good;
        *n_told += told;
    }
    return good;
}

static bool models_load(const struct home *h)
{
    struct answer a;
    bool good;

    home_ask(h, "POST", "/v1/chat/completions",
             "{\"model\":\"hearth-guide-draft\",\"max_tokens\":2,\"messages\":[{\"role\":"
             "\"user\",\"content\":\"Hi\"}]}",
             NULL, &a);
    good = a.status == 200;
    answer_finish(&a);
    return good;
}

static void read_only(void)
{
    const struct home_limits limits = { .is_held = true };
    unsigned n_told = 0;
    char expected[512];
    struct home h;

    check(home_make(&h, NULL) && home_start(&h, program, &limits), "a daemon at home");
    check(first_answer(&h, expected, sizeof(expected)), "answers");
    check(in_home(&h, "find $H -type d -exec chmod a-w {} + && chmod a-w $H/hearth.db*"),
          "its home may only be read from now on");
    check(same_answer(&h, expected) && models_load(&h), "it answers, and models load");
    check(tells_the_truth(&h, &n_told), "what is not stored is told");
    check(home_stop(&h), "it ends well");
    check(in_home(&h, "chmod u+w $H/run && rm -f $H/run/server.json && chmod a-w $H/run") &&
              !home_start(&h, program, &limits) && !home_is_up(&h),
          "started again, it says that it cannot write, and ends");
    check(in_home(&h, "chmod -R u+w $H") && home_start(&h, program, &limits) &&
              first_answer(&h, expected, sizeof(expected)) && home_stop(&h),
          "where it may write again it works");
    home_remove(&h);
}

static void taken_away(void)
{
    unsigned n_told = 0;
    char expected[512];
    struct home h;

    check(home_make(&h, NULL) && home_start(&h, program, NULL), "a daemon at home");
    check(first_answer(&h, expected, sizeof(expected)) && tells_the_truth(&h, &n_told), "works");
    check(n_told == 0 && in_home(&h, "rm -rf $H"), "its home is removed");
    check(same_answer(&h, expected) && models_load(&h), "it answers, and models load");
    check(tells_the_truth(&h, &n_told) && n_told == 3, "that nothing is stored is told");
    check(in_home(&h, "mkdir -m 700 $H") && tells_the_truth(&h, &n_told) && n_told == 3,
          "with a home again it is stored");
    check(home_is_up(&h) && home_stop(&h), "it ends well");
    home_remove(&h);
}

static void home(void)
{
    read_only();
    taken_away();
}

/* ---- shares ---- */

static void parallel_answers(const struct home *h)
{
    struct stream s[5];
    char body[BODY_BYTES];
    unsigned n_going = 0, n_whole = 0, n_none = 0;

    for (unsigned i = 0; i < 5; i++) {
        stream_open(&s[i], h, long_chat(body, "hearth-guide", 200, true), NULL);
        sleep_ms(5); /* the order in which they come */
    }
    while (n_going < 4 && n_ended(s, 5) == 0 && streams_read(s, 5)) {
        n_going = n_none = 0;
        for (unsigned i = 0; i < 5; i++) {
            n_going += s[i].n_content >= 2;
            n_none += s[i].n_content == 0;
        }
    }
    check(n_going == 4 && n_ended(s, 5) == 0, "four answers grow side by side");
    check(n_none == 1, "while a fifth waits");
    while (n_ended(s, 5) < 5 && streams_read(s, 5)) {
    }
    for (unsigned i = 0; i < 5; i++) {
        n_whole += s[i].is_whole;
        stream_close(&s[i]);
    }
    check(n_whole == 5, "and has its turn");
}

static void cut(const struct home *h)
{
    struct stream s;
    char body[BODY_BYTES];

    stream_open(&s, h, long_chat(body, "hearth-guide", 120, true), NULL);
    while (s.n_content == 0 && !s.has_ended && streams_read(&s, 1)) {
    }
    check(home_until(h, "/hearth/ps", "\"status\":\"generating\"", true), "ps shows the work");
    stream_close(&s);
    check(home_until(h, "/hearth/ps", "\"status\":\"idle\"", true), "which ends with its client");
}

/* ttl of the request: 1 s; the answer is longer than that on slow machines. */
static void leaves_when_idle(const struct home *h)
{
    struct stream s;
    char body[BODY_BYTES];

    stream_open(&s, h, long_chat(body, "hearth-guide", 120, true), NULL);
    while (!s.has_ended && streams_read(&s, 1)) {
    }
    check(s.is_whole && stream_has(&s, "\"finish_reason\":\"stop\""),
          "a model with a short ttl ends its answer");
    stream_close(&s);
    check(home_until(h, "/hearth/ps", "\"identifier\"", false), "and leaves when idle");
}

static void ask_model(const struct home *h, const char *model, int *status)
{
    char body[BODY_BYTES];
    struct answer a;

    (void)snprintf(body, sizeof(body),
                   "{\"model\":\"%s\",\"max_tokens\":2,\"ttl\":600,\"messages\":[{\"role\":"
                   "\"user\",\"content\":\"Hi\"}]}",
                   model);
    home_ask(h, "POST", "/v1/chat/completions", body, NULL, &a);
    *status = a.status;
    answer_finish(&a);
}

static void swaps(const struct home *h)
{
    char command[512];
    struct answer a;
    int status;

    home_control(h, "POST", "/hearth/load",
                 "{\"model\":\"hearth-guide-draft\",\"identifier\":\"mine\"}", &a);
    check(answer_has(&a, "\"identifier\":\"mine\""), "a model is loaded to stay");
    answer_finish(&a);
    ask_model(h, "hearth/hearth-guide", &status);
    check(status == 200, "another one on demand");
    (void)snprintf(command, sizeof(command),
                   "mkdir -p '%s/models/me/tiny' && cp '%s/assets/hearth-guide.gguf' "
                   "'%s/models/me/tiny/tiny.gguf'",
                   h->path, source, h->path);
    home_ask(h, "GET", "/v1/models", NULL, NULL, &a);
    check(a.status == 200 && !answer_has(&a, "me/tiny"), "of a third one nothing is known");
    answer_finish(&a);
    check(system(command) == 0, "it is put into its folder");
    ask_model(h, "me/tiny", &status);
    check(status == 200, "is found without further ado");
    home_control(h, "GET", "/hearth/ps", NULL, &a);
    check(answer_has(&a, "\"identifier\":\"me/tiny\"") &&
              !answer_has(&a, "\"identifier\":\"hearth/hearth-guide\""),
          "and takes the place of the one that came on demand");
    check(answer_has(&a, "\"identifier\":\"mine\""), "not of the one that is to stay");
    answer_finish(&a);
}

static void key_of(const struct home *h, char out[96])
{
    struct answer a;
    const char *p;

    home_control(h, "POST", "/hearth/keys", "{\"name\":\"k\",\"scopes\":[\"inference\"]}", &a);
    p = strstr(buf_str(&a.body), "\"key\":\"");
    (void)snprintf(out, 96, "%.*s", p ? (int)strcspn(p + 7, "\"") : 0, p ? p + 7 : "");
    answer_finish(&a);
}

#define N_MANY 16U
#define N_FEW  4U

/* One key asks for much, then another for little: nobody waits for the other's whole heap. */
static void two_keys(const struct home *h)
{
    struct stream s[N_MANY + N_FEW];
    char one[96], other[96], body[BODY_BYTES];
    unsigned n_before = 0, n_whole = 0;

    key_of(h, one);
    key_of(h, other);
    for (unsigned i = 0; i < N_MANY + N_FEW; i++)
        stream_open(&s[i], h, long_chat(body, "me/tiny", 20, true), i < N_MANY ? one : other);
    while (n_ended(s, N_MANY + N_FEW) < N_MANY + N_FEW && streams_read(s, N_MANY + N_FEW)) {
        if (n_ended(s + N_MANY, N_FEW) < N_FEW)
            n_before = n_ended(s, N_MANY);
    }
    for (unsigned i = 0; i < N_MANY + N_FEW; i++) {
        n_whole += s[i].is_whole;
        stream_close(&s[i]);
    }
    (void)printf("# %u of %u answers of the first key before the last of %u of the second\n",
                 n_before, N_MANY, N_FEW);
    check(n_whole == N_MANY + N_FEW, "all are answered");
    check(n_before <= N_FEW + 6, "two keys get equal shares"); /* 4 ran when the second came */
}

static void shares(void)
{
    struct home h;

    check(home_make(&h, NULL) && home_start(&h, program, NULL), "the daemon starts");
    leaves_when_idle(&h);
    parallel_answers(&h);
    cut(&h);
    swaps(&h);
    two_keys(&h);
    check(home_stop(&h), "it ends well");
    home_remove(&h);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } sections[] = { { "clients", clients },
                     { "limits", limits },
                     { "store", store },
                     { "home", home },
                     { "shares", shares } };

    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; argc == 4 && i < COUNT_OF(sections); i++) {
        program = argv[1];
        source = argv[2];
        if (strcmp(argv[3], sections[i].name) == 0)
            sections[i].run();
    }
    return checks_end();
}
