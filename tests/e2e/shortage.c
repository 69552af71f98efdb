/* Proves: a worker that gets no more memory in the middle of its work, from the system itself,
 * loses the requests that need some and no others: each ends with the bytes of an undisturbed run
 * or with a typed error, nobody waits for ever, and with memory again all is as before.
 *
 *   shortage HEARTH      (TAP) */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "e2e/home.h"
#include "e2e/streams.h"
#include "os/sys.h"

#define N_GROWING  4U /* answers that grow when memory runs out */
#define N_ROUND    4U
#define STEP_BYTES (96U << 10) /* more each round: other allocations are the first to fail */

/* ---- requests ---- */

static void body_array(struct buf *b)
{
    (void)buf_adds(b, "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":1000,"
                      "\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],"
                      "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                      "\"l\",\"schema\":{\"type\":\"array\",\"items\":{\"type\":\"boolean\"},"
                      "\"minItems\":30,\"maxItems\":30}}}}");
}

static void body_long_prompt(struct buf *b)
{
    (void)buf_adds(b, "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":8,\"stream\":"
                      "true,\"messages\":[{\"role\":\"user\",\"content\":\"");
    for (int i = 0; i < 150; i++)
        (void)buf_addf(b, "word %d ", i);
    (void)buf_adds(b, "What is Hearth?\"}]}");
}

static void body_choices(struct buf *b)
{
    (void)buf_adds(b, "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":6,\"n\":12,"
                      "\"logprobs\":true,\"top_logprobs\":5,"
                      "\"messages\":[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]}");
}

/* A grammar of some MiB. */
static void body_schema(struct buf *b)
{
    (void)buf_adds(b, "{\"model\":\"hearth-guide\",\"temperature\":0,\"max_tokens\":12,\"stream\":"
                      "true,\"messages\":[{\"role\":\"user\",\"content\":\"?\"}],"
                      "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                      "\"o\",\"schema\":{\"type\":\"object\",\"additionalProperties\":false,"
                      "\"properties\":{");
    for (int i = 0; i < 60; i++)
        (void)buf_addf(b, "%s\"p%d\":{\"type\":\"string\",\"pattern\":\"^[a-z]{%d,%d}[0-9]+$\"}",
                       i ? "," : "", i, i + 1, 2 * i + 9);
    (void)buf_adds(b, "},\"required\":[\"p0\",\"p59\"]}}}}");
}

static void body_refused(struct buf *b) /* 4 MiB that nobody answers */
{
    (void)buf_adds(b,
                   "{\"model\":\"hearth-guide\",\"stream\":true,\"messages\":[{\"role\":\"user\","
                   "\"content\":\"");
    for (int i = 0; i < (4 << 20) / 8; i++)
        (void)buf_adds(b, "longer, ");
    (void)buf_adds(b, "\"}]}");
}

static void (*const bodies[])(struct buf *b) = { body_array,  body_array,       body_array,
                                                 body_array,  body_long_prompt, body_choices,
                                                 body_schema, body_refused };
#define N_REQUEST COUNT_OF(bodies)

static void ask(struct stream *s, const struct home *h, size_t i)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, STREAM_MAX);
    bodies[i](&b);
    stream_open(s, h, buf_str(&b), NULL);
    buf_finish(&b);
}

static struct buf right[N_REQUEST];

/* Undisturbed. */
static bool learn(const struct home *h)
{
    bool good = true;

    for (size_t i = 0; i < N_REQUEST; i++) {
        struct stream s;

        ask(&s, h, i);
        good = streams_end(&s, 1) && good;
        stream_content(&s, &right[i]);
        good = good && (right[i].len > 0) == (bodies[i] != body_refused);
        stream_close(&s);
    }
    return good;
}

enum verdict { RIGHT, TYPED, WRONG };

static enum verdict judge(const struct stream *s, size_t i)
{
    bool is_error = stream_has(s, "\"error\"") && stream_has(s, "\"message\"");
    bool is_whole = s->is_whole || stream_has(s, "\"chat.completion\"");
    enum verdict v = WRONG;
    struct buf got;

    stream_content(s, &got);
    if (is_whole && !is_error && got.len == right[i].len &&
        memcmp(buf_str(&got), buf_str(&right[i]), got.len) == 0)
        v = RIGHT;
    else if (is_error && got.len <= right[i].len &&
             memcmp(buf_str(&got), buf_str(&right[i]), got.len) == 0)
        v = TYPED;
    else
        (void)printf("# request %zu: %.600s\n", i, buf_str(&s->text));
    buf_finish(&got);
    return v;
}

/* ---- the worker ---- */

static pid_t worker_of(const struct home *h)
{
    struct answer a;
    const char *p;
    pid_t pid;

    home_control(h, "GET", "/hearth/ps", NULL, &a);
    p = strstr(buf_str(&a.body), "\"pid\":");
    pid = p ? (pid_t)strtol(p + 6, NULL, 10) : 0;
    answer_finish(&a);
    return pid;
}

static uint64_t status_kib(pid_t pid, const char *key)
{
    char path[64], line[256];
    uint64_t kib = 0;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtoull(line + strlen(key), NULL, 10);
    }
    if (f)
        (void)fclose(f);
    return kib;
}

static void limit(pid_t pid, int what, uint64_t bytes)
{
    struct rlimit l;

    if (prlimit(pid, what, NULL, &l) != 0)
        return; /* it has ended */
    l.rlim_cur = bytes < l.rlim_max ? bytes : l.rlim_max;
    (void)prlimit(pid, what, &l, NULL);
}

/* What it has now, and `more`. */
static void starve(pid_t pid, uint64_t more)
{
    limit(pid, RLIMIT_AS, (status_kib(pid, "VmSize:") << 10) + more);
    limit(pid, RLIMIT_DATA, (status_kib(pid, "VmData:") << 10) + more);
}

static void feed(pid_t pid)
{
    limit(pid, RLIMIT_AS, RLIM_INFINITY);
    limit(pid, RLIMIT_DATA, RLIM_INFINITY);
}

/* ---- rounds ---- */

struct sums {
    unsigned n[3];                 /* by verdict, while memory was short */
    unsigned n_stuck, n_not_right; /* not right although there was memory */
    unsigned n_ended;
};

/* A worker that was never asked anything: later ones have room in what was given back to them. */
static pid_t fresh_worker(const struct home *h)
{
    struct stream s;
    pid_t pid = worker_of(h);

    if (pid > 0)
        (void)kill(pid, SIGKILL);
    do { /* a request may still come to the one that ends */
        ask(&s, h, 0);
        (void)streams_end(&s, 1);
        stream_close(&s);
    } while (worker_of(h) == pid);
    return worker_of(h);
}

static void round_of(const struct home *h, unsigned round, struct sums *sum)
{
    struct stream s[N_REQUEST];
    pid_t pid = fresh_worker(h);

    for (size_t i = 0; i < N_GROWING; i++)
        ask(&s[i], h, i);
    while (s[0].n_content < 2 && n_ended(s, N_GROWING) == 0 && streams_read(s, N_GROWING)) {
    }
    starve(pid, (uint64_t)round * STEP_BYTES);
    for (size_t i = N_GROWING; i < N_REQUEST; i++)
        ask(&s[i], h, i);
    sum->n_stuck += !streams_end(s, N_REQUEST);
    feed(pid);
    for (size_t i = 0; i < N_REQUEST; i++) {
        sum->n[judge(&s[i], i)]++;
        stream_close(&s[i]);
    }
    for (size_t i = N_GROWING; i < N_REQUEST; i++) {
        enum verdict v;

        ask(&s[0], h, i);
        sum->n_stuck += !streams_end(s, 1);
        v = judge(&s[0], i);
        sum->n_not_right += v != (bodies[i] == body_refused ? TYPED : RIGHT);
        stream_close(&s[0]);
    }
    sum->n_ended += worker_of(h) != pid;
}

int main(int argc, char **argv)
{
    struct sums sum = { 0 };
    struct home h;

    if (argc != 2)
        return 2;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    check(home_make(&h, NULL) && home_start(&h, argv[1], NULL), "the daemon starts");
    check(learn(&h), "undisturbed, all is answered");
    for (unsigned i = 0; i < N_ROUND; i++)
        round_of(&h, i, &sum);
    (void)printf("# with little memory: %u right, %u typed errors, %u wrong; %u workers ended\n",
                 sum.n[RIGHT], sum.n[TYPED], sum.n[WRONG], sum.n_ended);
    check(sum.n[WRONG] == 0, "without memory each answer is right or a typed error");
    check(sum.n[TYPED] > N_ROUND, "some requests could not be done"); /* one each has no answer */
    check(sum.n_stuck == 0, "nobody waits for ever");
    check(sum.n_not_right == 0, "with memory again all is answered");
    check(home_until(&h, "/hearth/ps", "\"queued\":0", true), "nothing is left of the requests");
    check(home_is_up(&h) && home_stop(&h), "the daemon ends well");
    home_remove(&h);
    for (size_t i = 0; i < N_REQUEST; i++)
        buf_finish(&right[i]);
    return checks_end();
}
