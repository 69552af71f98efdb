/* Proves: a wall clock that jumps, by a day or by decades, forth and back, while the server works,
 * cuts no answer, unloads no model, loses no stored response and no key; what is dated carries the
 * new date, well formed; the server ends as it should.
 *
 *   clock HEARTH SHIM      (TAP); SHIM: clock_shim.c as a library to preload */
#include <fcntl.h>
#include <inttypes.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "e2e/home.h"
#include "e2e/streams.h"
#include "os/file.h"

#define N_STREAM 3U
#define N_STORED 32U
#define DAY_S    86400
#define YEAR_S   (INT64_C(365) * DAY_S + DAY_S / 4)
#define HOUR_S   3600 /* between our look at the clock and the server's: no measure of speed */
#define SAID_MAX (16U << 20)

static volatile int64_t *offset_s; /* what the shim of all processes of the server adds */

static int64_t now(void)
{
    return (int64_t)time(NULL) + *offset_s;
}

/* The server's clock shows `at` from now on. */
static void jump_to(int64_t at)
{
    *offset_s = at - (int64_t)time(NULL);
}

static bool is_about_now(int64_t at)
{
    return at >= now() - HOUR_S && at <= now() + HOUR_S;
}

/* ---- requests ---- */

static const char array[] =
    "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":1000,\"stream\":true,\"ttl\":"
    "3600,"
    "\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],\"response_format\":{\"type\":"
    "\"json_schema\",\"json_schema\":{\"name\":\"l\",\"schema\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"boolean\"},\"minItems\":40,\"maxItems\":40}}}}";
static const char respond[] =
    "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_output_tokens\":4,\"input\":\"Hi\"}";

static int64_t number_of(const struct answer *a, const char *key)
{
    const char *p = strstr(buf_str(&a->body), key);

    return p ? strtoll(p + strlen(key), NULL, 10) : INT64_MIN;
}

static void text_of(const struct answer *a, const char *key, char *out, size_t cap)
{
    const char *p = strstr(buf_str(&a->body), key);

    (void)snprintf(out, cap, "%.*s", p ? (int)strcspn(p + strlen(key), "\"") : 0,
                   p ? p + strlen(key) : "");
}

/* The head's date as RFC 9110 wants it. */
static bool is_dated(const struct answer *a)
{
    const char *date = answer_header(a, "Date"), *end;
    struct tm tm = { 0 };

    end = date ? strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm) : NULL;
    return end && *end == '\0' && is_about_now((int64_t)timegm(&tm));
}

static char door[96]; /* the first key, made before the jumps; once there is one it takes one */
static char stored[N_STORED][96];
static unsigned n_stored;

static bool store_one(const struct home *h)
{
    struct answer a;
    bool good;

    home_ask(h, "POST", "/v1/responses", respond, door, &a);
    good = a.status == 200 && is_dated(&a) && is_about_now(number_of(&a, "\"created_at\":"));
    text_of(&a, "\"id\":\"", stored[n_stored++], sizeof(stored[0]));
    answer_finish(&a);
    return good;
}

static bool all_are_stored(const struct home *h)
{
    bool good = n_stored > 0;

    for (unsigned i = 0; i < n_stored; i++) {
        char path[128];
        struct answer a;

        (void)snprintf(path, sizeof(path), "/v1/responses/%s", stored[i]);
        home_ask(h, "GET", path, NULL, door, &a);
        good = a.status == 200 && answer_has(&a, stored[i]) && good;
        answer_finish(&a);
    }
    return good;
}

/* A new key opens the door, with the date of its making. */
static bool keys_work(const struct home *h)
{
    char key[96];
    struct answer a;
    bool good;

    home_control(h, "POST", "/hearth/keys", "{\"name\":\"k\",\"scopes\":[\"inference\"]}", &a);
    text_of(&a, "\"key\":\"", key, sizeof(key));
    good = key[0] && is_about_now(number_of(&a, "\"createdUnixSeconds\":"));
    if (!good)
        (void)printf("# %.400s\n", buf_str(&a.body));
    answer_finish(&a);
    home_ask(h, "GET", "/v1/responses/resp_0", NULL, key, &a); /* who may ask is told: no such */
    good = a.status == 404 && is_dated(&a) && good;
    answer_finish(&a);
    if (!door[0])
        (void)snprintf(door, sizeof(door), "%s", key);
    return good;
}

static int64_t worker_of(const struct home *h)
{
    struct answer a;
    int64_t pid;

    home_control(h, "GET", "/hearth/ps", NULL, &a);
    pid = number_of(&a, "\"pid\":");
    answer_finish(&a);
    return pid;
}

/* ---- jumps ---- */

struct jump {
    const char *name;
    int64_t at, by; /* to this moment, or from the present one by so much */
};

static struct buf right; /* what a stream says */

static bool streams_are_whole(struct stream *s)
{
    bool good = true;

    for (unsigned i = 0; i < N_STREAM; i++) {
        struct buf text;

        stream_content(&s[i], &text);
        good = s[i].is_whole && text.len == right.len &&
               memcmp(buf_str(&text), buf_str(&right), text.len) == 0 && good;
        buf_finish(&text);
        stream_close(&s[i]);
    }
    return good;
}

static void say(bool good, const struct jump *j, const char *what)
{
    char line[160];

    (void)snprintf(line, sizeof(line), "%s: %s", j->name, what);
    check(good, line);
}

static void jump(const struct home *h, const struct jump *j)
{
    struct stream s[N_STREAM];
    int64_t pid = worker_of(h);
    bool good;

    for (unsigned i = 0; i < N_STREAM; i++)
        stream_open(&s[i], h, array, door);
    while (s[0].n_content < 2 && !s[0].has_ended && streams_read(s, N_STREAM)) {
    }
    jump_to(j->at ? j->at : now() + j->by);
    good = streams_end(s, N_STREAM);
    good = streams_are_whole(s) && good;
    say(good, j, "answers that grow meanwhile are whole");
    good = store_one(h);
    say(good && all_are_stored(h), j, "what was stored is there, and what is new has its date");
    say(keys_work(h), j, "keys work");
    say(worker_of(h) == pid, j, "the model stays loaded");
}

/* Its time to live is a second of quiet, whatever the wall clock says. */
static void leaves_in_time(const struct home *h)
{
    struct answer a;

    home_control(h, "POST", "/hearth/load",
                 "{\"model\":\"hearth-guide\",\"identifier\":\"brief\",\"ttlSeconds\":1}", &a);
    answer_finish(&a);
    jump_to(now() - 10 * YEAR_S);
    check(home_until(h, "/hearth/ps", "\"brief\"", false),
          "a model with a short time to live leaves although the clock went back");
}

/* ---- the log ---- */

/* Each line of the log has a date; those of the decades that were jumped to are there. */
static bool log_is_well_formed(const struct home *h)
{
    static const char pattern[] = "^\\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\]"
                                  "\\[(ERROR|WARN|INFO|DEBUG)\\]\\[[a-z]+\\] .+$";
    char path[128], *line, *rest;
    bool good = true, is_late = false;
    unsigned n = 0;
    struct buf text;
    regex_t re;

    (void)snprintf(path, sizeof(path), "%s/said", h->path);
    buf_init(&text, MEM_OTHER, SAID_MAX);
    (void)file_read(&text, path, NULL);
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0 || !text.len)
        return false;
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '[')
            continue; /* what the program says to a person */
        n++;
        is_late = is_late || strncmp(line, "[2106-", 6) == 0;
        if (regexec(&re, line, 0, NULL, 0) != 0) {
            (void)printf("# %.200s\n", line);
            good = false;
        }
    }
    regfree(&re);
    buf_finish(&text);
    (void)printf("# %u lines\n", n);
    return good && is_late;
}

/* ---- all ---- */

static bool prepare(const struct home *h, const char *shim)
{
    const char *asan = getenv("ASAN_OPTIONS");
    const int64_t zero = 0;
    char path[128], options[512];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/clock", h->path);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0 || write(fd, &zero, sizeof(zero)) != (ssize_t)sizeof(zero))
        return false;
    offset_s = mmap(NULL, sizeof(*offset_s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    /* its runtime likes to be the first library; the shim asks nothing of it */
    (void)snprintf(options, sizeof(options), "%s%sverify_asan_link_order=0", asan ? asan : "",
                   asan ? ":" : "");
    return offset_s != MAP_FAILED && setenv("ASAN_OPTIONS", options, 1) == 0 &&
           setenv("LD_CLOCK_SHIM", path, 1) == 0 && setenv("LD_PRELOAD", shim, 1) == 0;
}

static void run(struct home *h, const char *program)
{
    static const struct jump jumps[] = {
        { .name = "ten years back", .by = -10 * YEAR_S },
        { .name = "a day on", .by = DAY_S },
        { .name = "fifty years on", .by = 50 * YEAR_S },
        { .name = "the end of 31 bits", .at = INT64_C(0x7FFFFFFF) - 1 },
        { .name = "the end of 32 bits", .at = INT64_C(0xFFFFFFFF) - 1 },
        { .name = "the beginning of time", .at = 1000 },
    };
    struct stream s;

    check(home_start(h, program, NULL), "the daemon starts");
    check(keys_work(h), "a key is made");
    stream_open(&s, h, array, door);
    check(streams_end(&s, 1) && s.is_whole, "it answers");
    stream_content(&s, &right);
    stream_close(&s);
    check(store_one(h), "what is dated shows the wall clock");
    for (size_t i = 0; i < COUNT_OF(jumps); i++)
        jump(h, &jumps[i]);
    jump_to((int64_t)time(NULL));
    leaves_in_time(h);
    check(home_stop(h), "the daemon ends well");
    check(log_is_well_formed(h), "each line of the log is dated");
    jump_to((int64_t)time(NULL) - 10 * YEAR_S);
    check(home_start(h, program, NULL) && all_are_stored(h) && store_one(h),
          "started ten years before, it has what was stored");
    check(home_stop(h), "the daemon ends well");
}

int main(int argc, char **argv)
{
    struct home h;

    if (argc != 3)
        return 2;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    check(home_make(&h, NULL) && prepare(&h, argv[2]), "a clock that can jump");
    run(&h, argv[1]);
    (void)unsetenv("LD_PRELOAD");
    home_remove(&h);
    buf_finish(&right);
    return checks_end();
}
