/* Proves: in a worker, whichever allocation is refused, once or from then on, costs its own job at
 * most: that one ends with a right answer or a typed error, the worker goes on, nothing stays.
 *
 * The worker is a process of its own, so that only its memory is refused. A thread of it takes
 * orders over a socket of the test's. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/net.h"
#include "os/process.h"
#include "os/sys.h"
#include "rig.h"
#include "support/fixtures.h"

#define WAIT_MS      20000U
#define JOB_STEP(n)  ((n) < 400 ? 1 : (n) / 32)
#define OPEN_STEP(n) (1 + (n) / 12) /* each costs a process */

/* ---- the orders ---- */

struct order {
    uint64_t n;
    int32_t all_after;
};
struct report {
    uint64_t n_made;
    uint64_t bytes; /* of jobs and the like */
};

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };

    (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
    return to;
}

static bool obey_one(int fd)
{
    struct report r = { 0 };
    struct order o;

    if (read(fd, &o, sizeof(o)) != (ssize_t)sizeof(o))
        return false;
    r.n_made = mem_fail_at(o.n, o.all_after);
    r.bytes = mem_in_use(MEM_REQUEST) + mem_in_use(MEM_OTHER) + mem_in_use(MEM_MODEL);
    return write(fd, &r, sizeof(r)) == (ssize_t)sizeof(r);
}

static void *obey(void *arg)
{
    while (obey_one(*(int *)arg)) {
    }
    return NULL;
}

static int worker(const char *path)
{
    const struct sockaddr_un to = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), exit_code;
    pthread_t t;

    js_init();
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 || !obey_one(fd) ||
        pthread_create(&t, NULL, obey, &fd) != 0)
        return 90;
    exit_code = worker_main(3);
    (void)shutdown(fd, SHUT_RDWR);
    (void)pthread_join(t, NULL);
    (void)close(fd);
    (void)mem_fail_at(0, 0);
    for (int k = 0; k < MEM_KIND_COUNT && !exit_code; k++)
        exit_code = mem_in_use((enum mem_kind)k) ? 91 : 0;
    return exit_code;
}

/* ---- a worker that takes orders ---- */

struct bench {
    struct rig r;
    struct process p;
    int listener, orders;
    char path[64];
};

/* Nothing is reported when the worker has ended. */
static struct report order(struct bench *b, uint64_t n, int all_after)
{
    const struct order o = { .n = n, .all_after = all_after };
    struct report r = { 0 };

    if (send(b->orders, &o, sizeof(o), MSG_NOSIGNAL) == (ssize_t)sizeof(o))
        (void)read(b->orders, &r, sizeof(r));
    return r;
}

/* The n-th allocation after its start fails, and if all_after those behind; 0: none. */
static void start(struct bench *b, uint64_t n, int all_after)
{
    const char *const argv[] = { "hearth", "worker", b->path, NULL };
    struct process_params params = { .argv = argv, .fd_err = 2 };
    struct sockaddr_un at;
    struct err e = { 0 };
    int fds[2];

    (void)snprintf(b->path, sizeof(b->path), "/tmp/hearth-oom-%d", (int)getpid());
    (void)unlink(b->path);
    at = address_of(b->path);
    b->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(b->listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(b->listener, 1), 0);
    assert_int_equal(net_pair(fds, NULL), ERR_OK);
    params.fd = fds[1];
    if (process_start(&b->p, &params, &e))
        fail_msg("%s", e.text);
    net_close(&fds[1]);
    b->orders = accept(b->listener, NULL, NULL);
    assert_true(b->orders >= 0);
    (void)order(b, n, all_after);
    b->r.fd = fds[0];
}

/* The worker has nothing left and says so with its exit code. */
static void stop(struct bench *b, int expected)
{
    struct process_end end;

    (void)rig_stop(&b->r);
    assert_true(process_wait(&b->p, WAIT_MS, &end));
    assert_false(end.signalled);
    assert_int_equal(end.code, expected);
    (void)close(b->orders);
    (void)close(b->listener);
    (void)unlink(b->path);
}

/* What it holds when it has put all away. */
static uint64_t bytes_at_rest(struct bench *b)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < 10; i++) {
        uint64_t now = order(b, 0, 0).bytes;

        least = now < least ? now : least;
        sleep_ms(5);
    }
    return least;
}

/* ---- jobs ---- */

static const char tools[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":"
    "\"object\","
    "\"properties\":{\"town\":{\"type\":\"string\",\"maxLength\":6},\"days\":{\"type\":"
    "\"integer\",\"minimum\":1,\"maximum\":9}},\"required\":[\"town\",\"days\"]}}}]";
static const char schema[] =
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z]{2,5}$"
    "\"},"
    "\"list\":{\"type\":\"array\",\"items\":{\"enum\":[\"one\",\"two\"]},\"maxItems\":3}},"
    "\"required\":[\"name\",\"list\"],\"additionalProperties\":false}";
static const char question[] = "[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                               "{\"role\":\"user\",\"content\":\"What is Hearth?\"}]";

/* What a job came to, as one text. */
static void result_of(const struct heard_job *j, struct buf *out)
{
    buf_clear(out);
    for (uint32_t i = 0; i < JOB_CHOICES_MAX; i++) {
        const struct heard *h = &j->choice[i];

        if (h->is_done)
            (void)buf_addf(out, "%s|%s|%s|%s|%d %u %u %.17g\n", buf_str(&h->thought),
                           buf_str(&h->text), buf_str(&h->calls), h->stop, (int)h->done.finish,
                           h->done.n_generated, h->n_token, h->logprob_sum);
    }
    (void)buf_add(out, (const char *)j->ids, j->n_id * sizeof(j->ids[0]));
    for (uint32_t i = 0; i < 16; i++)
        (void)buf_add(out, (const char *)j->vectors[i], j->n_vector[i] * sizeof(float));
    assert_false(out->failed);
}

/* The n-th allocation fails while the job is done; false: it had fewer. */
static bool try(struct bench *b, const struct job *job, uint64_t n, int all_after,
                const struct buf *right)
{
    struct heard_job *j;
    struct report report;
    struct buf result;

    (void)order(b, n, all_after);
    j = rig_ask(&b->r, 1, job);
    report = order(b, 0, 0);
    if (b->r.is_gone)
        fail_msg("the worker ended at allocation %u", (unsigned)n);
    buf_init(&result, MEM_OTHER, 1U << 24);
    if (j->failed && j->error != JOB_ERR_INTERNAL)
        fail_msg("allocation %u: %d, %s", (unsigned)n, (int)j->error, j->why);
    result_of(j, &result);
    if (!j->failed &&
        (result.len != right->len || memcmp(result.data, right->data, right->len) != 0))
        fail_msg("allocation %u: '%.*s', expected '%.*s'", (unsigned)n, (int)result.len,
                 buf_str(&result), (int)right->len, buf_str(right));
    buf_finish(&result);
    return report.n_made >= n;
}

static void all_of(struct bench *b, const char *name, const struct job *job)
{
    uint64_t bytes, after, n_tried = 0;
    struct buf right;

    buf_init(&right, MEM_OTHER, 1U << 24);
    for (int i = 0; i < 2; i++) /* what is made once is there after the first */
        if (rig_ask(&b->r, 1, job)->failed)
            fail_msg("%s: %s", name, b->r.jobs[1].why);
    result_of(&b->r.jobs[1], &right);
    assert_true(right.len > 0);
    bytes = bytes_at_rest(b);
    for (int all_after = 0; all_after <= 1; all_after++)
        for (uint64_t n = 1; try(b, job, n, all_after, &right); n += JOB_STEP(n))
            n_tried++;
    if (rig_ask(&b->r, 1, job)->failed)
        fail_msg("%s: it does not work any more", name);
    after = bytes_at_rest(b);
    print_message("%s: %u allocations refused, %u bytes before, %u after\n", name,
                  (unsigned)n_tried, (unsigned)bytes, (unsigned)after);
    assert_true(after <= bytes);
    buf_finish(&right);
}

static struct job chat(uint32_t n_predict)
{
    struct job job = { .kind = JOB_CHAT, .messages = str(question), .n_predict = n_predict };

    job.sampling.given = JOB_HAS_TEMPERATURE;
    return job;
}

static void open_guide(struct bench *b, uint32_t n_ctx)
{
    struct worker_open o = rig_guide();

    o.n_ctx = n_ctx;
    *b = (struct bench){ 0 };
    start(b, 0, 0);
    rig_attach(&b->r, b->r.fd, &o);
    if (!b->r.is_ready)
        fail_msg("%s", b->r.refusal);
}

/* Proves: it for every kind of answer in words. */
static void answers(void **state)
{
    static const int32_t ids[] = { 65, 66, 67 };
    const struct job_str stop_at[] = { str("zebra"), str("qqq") };
    struct job_input text = { .text = str("Hearth runs models. It") };
    struct job_input tokens = { .tokens = ids, .n_tok = 3 };
    struct job job;
    struct bench b;

    (void)state;
    open_guide(&b, 1024);
    job = chat(6);
    job.n_choice = 3;
    job.logprobs = true;
    job.n_top = 3;
    job.stops = stop_at;
    job.n_stop = 2;
    all_of(&b, "three choices", &job);
    job = chat(40);
    job.schema = str(schema);
    job.schema_strict = true;
    all_of(&b, "a schema", &job);
    job = chat(40);
    job.tools = str(tools);
    job.tool_choice = JOB_TOOLS_REQUIRED;
    all_of(&b, "tools", &job);
    job = (struct job){ .kind = JOB_TEXT, .inputs = &text, .n_input = 1, .n_predict = 6 };
    job.sampling.given = JOB_HAS_TEMPERATURE;
    job.grammar = str("root ::= (\" \" [a-z]+)+");
    job.logprobs = job.echo = true;
    all_of(&b, "a grammar", &job);
    job = (struct job){ .kind = JOB_TOKENIZE, .inputs = &text, .n_input = 1 };
    all_of(&b, "tokens of a text", &job);
    job = (struct job){ .kind = JOB_DETOKENIZE, .inputs = &tokens, .n_input = 1 };
    all_of(&b, "text of tokens", &job);
    job = chat(0);
    job.kind = JOB_COUNT;
    all_of(&b, "a count", &job);
    stop(&b, 0);
}

/* Proves: it for prompts that are cut, and windows that roll. */
static void long_ones(void **state)
{
    static const enum job_overflow ways[] = { JOB_OVERFLOW_TRUNCATE_MIDDLE,
                                              JOB_OVERFLOW_ROLLING_WINDOW };
    struct logit_bias bias[16];
    struct buf messages;
    struct job job;
    struct bench b;

    (void)state;
    open_guide(&b, 256);
    buf_init(&messages, MEM_OTHER, 1U << 20);
    (void)buf_adds(&messages, "[{\"role\":\"system\",\"content\":\"Be brief.\"}");
    for (int i = 0; i < 12; i++)
        (void)buf_addf(&messages,
                       ",{\"role\":\"user\",\"content\":\"Question %d about a model's memory\"},"
                       "{\"role\":\"assistant\",\"content\":\"Answer %d, which is not short\"}",
                       i, i);
    (void)buf_adds(&messages, ",{\"role\":\"user\",\"content\":\"And now?\"}]");
    for (int32_t i = 0; i < 16; i++) /* no end before the window rolls */
        bias[i] = (struct logit_bias){ (int32_t)b.r.ready.n_vocab - 1 - i, -1e9F };
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        job = chat(i ? 120 : 4);
        job.messages = str(buf_str(&messages));
        job.overflow = ways[i];
        job.sampling.bias = bias;
        job.sampling.n_bias = 16;
        all_of(&b, i ? "a rolling window" : "a cut prompt", &job);
    }
    buf_finish(&messages);
    stop(&b, 0);
}

/* Proves: it for vectors and scores. */
static void vectors(void **state)
{
    static const char *const models[] = { "bert.gguf", "qwen3-rerank.gguf" };
    static const int32_t ids[] = { 10, 11, 12, 13 };
    struct job_input in[3] = { { .text = str("abc") }, { .text = str("xyz xyz") } };

    (void)state;
    in[2] = (struct job_input){ .tokens = ids, .n_tok = 4 };
    for (size_t m = 0; m < COUNT_OF(models); m++) {
        struct job job = { .kind = m ? JOB_RERANK : JOB_EMBED,
                           .inputs = in,
                           .n_input = m ? 2 : 3,
                           .query = str("a b") };
        char path[FIXTURE_PATH_BYTES];
        struct worker_open o = rig_file(fixture_path(path, "archs", models[m]));
        struct bench b = { 0 };

        o.embeddings = true;
        o.n_ctx = 256;
        start(&b, 0, 0);
        rig_attach(&b.r, b.r.fd, &o);
        if (!b.r.is_ready)
            fail_msg("%s", b.r.refusal);
        all_of(&b, models[m], &job);
        stop(&b, 0);
    }
}

/* False: it was opened, although the n-th allocation was to fail, as it was without. */
static bool open_with(uint64_t n, int all_after, const struct worker_ready *right,
                      uint32_t *n_refused, uint32_t *n_mute)
{
    struct worker_open o = rig_guide();
    struct bench b = { 0 };
    bool was_ready;

    o.n_ctx = 256;
    start(&b, n, all_after);
    rig_attach(&b.r, b.r.fd, &o);
    was_ready = b.r.is_ready;
    if (was_ready && memcmp(&b.r.ready, right, sizeof(*right)) != 0)
        fail_msg("allocation %u: opened, but not as it should be", (unsigned)n);
    if (b.r.is_refused && !strstr(b.r.refusal, "\"out of memory\""))
        fail_msg("allocation %u: %s", (unsigned)n, b.r.refusal);
    *n_refused += b.r.is_refused;
    *n_mute += !was_ready && !b.r.is_refused;
    for (uint32_t i = 0; b.r.is_refused && !b.r.is_gone && i < 1000; i++)
        (void)rig_read(&b.r, 100); /* it ends by itself */
    (void)order(&b, 0, 0);
    stop(&b, was_ready ? 0 : b.r.is_refused ? 1 : 3);
    return !was_ready;
}

/* Proves: a model that cannot be opened for lack of memory is refused with that reason, and the
 * worker ends in order; one that is opened is what it would be with memory for all. */
static void opening(void **state)
{
    uint32_t n_refused = 0, n_mute = 0;
    struct worker_ready right;
    uint64_t n_made;
    struct bench b;

    (void)state;
    open_guide(&b, 256);
    right = b.r.ready;
    n_made = order(&b, 0, 0).n_made;
    stop(&b, 0);
    for (int all_after = 0; all_after <= 1; all_after++)
        for (uint64_t n = 1; n <= n_made; n += OPEN_STEP(n))
            (void)open_with(n, all_after, &right, &n_refused, &n_mute);
    print_message("opening: %u allocations, %u times refused, %u without a word\n",
                  (unsigned)n_made, n_refused, n_mute);
    assert_true(n_refused > 10);
    assert_true(n_mute < n_refused);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(long_ones),
        cmocka_unit_test(vectors),
        cmocka_unit_test(opening),
    };

    os_init();
    if (argc > 2 && strcmp(argv[1], "worker") == 0)
        return worker(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
