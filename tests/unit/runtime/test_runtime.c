/* Proves: jobs reach a worker and their events come back; every way in which a worker can fail ends
 * its own jobs with a typed error and nothing else; loads are shared, idle models leave, running
 * answers are never cut off by a load; nothing is left behind.
 *
 * Workers are this same program: started with "worker" it pretends, as the model's path says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "os/cpu.h"
#include "os/net.h"
#include "os/process.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

#define SECRET "/home/me/models/x/" /* what no client may see */

/* ---- the pretended worker ---- */

static bool is_path(const struct worker_open *o, const char *word)
{
    return strstr(o->path, word) != NULL;
}

static void tell(struct wire *w, uint64_t job, const struct job_event *ev)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, WIRE_BODY_MAX);
    (void)wire_event_write(ev, &b);
    (void)wire_send(w, WIRE_EVENT, job, buf_str(&b), b.len, NULL);
    buf_finish(&b);
}

static void ready(struct wire *w)
{
    struct worker_ready r = { .n_ctx = 512, .n_seq = 2, .has_logits = true };
    float half = 0.5F;
    struct buf b;

    (void)wire_send(w, WIRE_LOADING, 0, &half, sizeof(half), NULL);
    buf_init(&b, MEM_OTHER, WIRE_BODY_MAX);
    (void)worker_ready_write(&r, &b);
    (void)wire_send(w, WIRE_READY, 0, buf_str(&b), b.len, NULL);
    buf_finish(&b);
}

static void refuse(struct wire *w)
{
    static const char why[] =
        "{\"code\":\"format\",\"text\":\"" SECRET "refuse.gguf: the file is damaged, "
        "see " SECRET "refuse-2.gguf\"}";

    (void)wire_send(w, WIRE_REFUSED, 0, why, sizeof(why) - 1, NULL);
    exit(1);
}

/* Ends the process the first time that it is called with this path. */
static void crash_once(const struct worker_open *o)
{
    FILE *f = fopen(o->path, "r");

    if (f) {
        (void)fclose(f);
        return;
    }
    f = fopen(o->path, "w");
    if (f)
        (void)fclose(f);
    _exit(9);
}

/* Sends so many frames of a kind, waiting where the socket takes no more. */
static void flood(struct wire *w, enum wire_kind kind, uint64_t job)
{
    for (unsigned i = 0; i < 40U * RT_CHATTER_MAX; i++) {
        if (wire_send(w, kind, job, "\4x", 2, NULL))
            _exit(1);
        while (wire_unsent(w) && wire_flush(w, NULL) == ERR_OK) {
        }
    }
}

/* What a worker that was taken over may try. */
static void misbehave(struct wire *w, const struct worker_open *o, uint64_t job)
{
    if (is_path(o, "says-loading"))
        tell(w, job, &(struct job_event){ .kind = JOB_EV_LOADING, .instance = "p/other" });
    if (is_path(o, "begins-twice"))
        tell(w, job, &(struct job_event){ .kind = JOB_EV_BEGIN });
    if (is_path(o, "last-is-text"))
        tell(w, job, &(struct job_event){ .kind = JOB_EV_CONTENT, .is_last = true });
    if (is_path(o, "fails-on"))
        tell(w, job, &(struct job_event){ .kind = JOB_EV_FAILED });
    if (is_path(o, "floods-log"))
        flood(w, WIRE_LOG, 0);
    if (is_path(o, "floods-stats"))
        flood(w, WIRE_STATS, 0);
    if (is_path(o, "floods-jobs"))
        flood(w, WIRE_EVENT, job + 1);
}

static void work(struct wire *w, const struct worker_open *o, uint64_t job)
{
    struct job_done done = { .finish = JOB_END_EOS, .n_prompt = 3, .n_generated = 1 };

    if (is_path(o, "crash-once"))
        crash_once(o);
    tell(w, job, &(struct job_event){ .kind = JOB_EV_BEGIN });
    misbehave(w, o, job);
    if (is_path(o, "crash-begun"))
        _exit(9);
    if (is_path(o, "nonsense"))
        (void)wire_send(w, (enum wire_kind)77, job, "?", 1, NULL);
    tell(w, job, &(struct job_event){ .kind = JOB_EV_CONTENT, .text = "hi", .len = 2 });
    if (is_path(o, "last-words")) {
        for (int i = 0; i < 1000; i++)
            (void)fprintf(stderr, "word %d of\tmany\n", i);
        (void)fprintf(stderr, "cut o");
        abort();
    }
    if (is_path(o, "closes")) { /* and does not end */
        (void)close(3);
        for (int i = 0; i < 600; i++)
            sleep_ms(100);
        _exit(1);
    }
    if (is_path(o, "endless"))
        return;
    tell(w, job, &(struct job_event){ .kind = JOB_EV_DONE, .done = &done, .is_last = true });
}

static void on_frame(struct wire *w, struct worker_open *o, const struct wire_frame *f)
{
    struct job_done done = { .finish = JOB_END_CANCELLED };
    struct js *j = NULL;

    if (f->kind == WIRE_OPEN && js_parse(&j, (const char *)f->body, f->len, NULL) == ERR_OK) {
        (void)worker_open_read(o, j, NULL);
        js_close(j);
        if (is_path(o, SECRET "refuse.gguf"))
            refuse(w);
        if (is_path(o, "dies-loading"))
            _exit(5);
        if (!is_path(o, "never"))
            ready(w);
    } else if (f->kind == WIRE_JOB) {
        work(w, o, f->job);
    } else if (f->kind == WIRE_CANCEL) {
        tell(w, f->job, &(struct job_event){ .kind = JOB_EV_DONE, .done = &done, .is_last = true });
    } else if (f->kind == WIRE_CLOSE && !is_path(o, "stubborn")) {
        exit(0);
    }
}

static int pretend(void)
{
    struct worker_open o = { 0 };
    struct wire_frame f;
    struct wire w;

    wire_init(&w, 3);
    for (;;) {
        if (!fd_readable(3, 60000) || wire_read(&w, NULL))
            return 1;
        while (wire_next(&w, &f))
            on_frame(&w, &o, &f);
        while (wire_unsent(&w) && wire_flush(&w, NULL) == ERR_OK)
            ;
    }
}

/* ---- the pretended library ---- */

static struct library_model models[32];
static uint32_t n_model;
static bool is_new;
static char marker[64];
static const char *appears; /* a model that the next look finds */
static uint32_t n_look;
static void (*looked)(void *arg);
static void *looked_arg;

static void add_model(const char *key, const char *path, enum model_type type)
{
    models[n_model++] =
        (struct library_model){ .key = key,
                                .short_key = key,
                                .variant = "q8_0",
                                .publisher = "p",
                                .display_name = key,
                                .arch = "a",
                                .arch_name = "A",
                                .quant = "Q8_0",
                                .params = "1M",
                                .path = path,
                                .shown_path = path,
                                .why = type == MODEL_UNUSABLE ? SECRET "torn.gguf: it is torn" : "",
                                .type = type,
                                .n_ctx_max = 4096,
                                .size_bytes = 1000,
                                .kv_token_bytes = 64,
                                .n_embd = 8,
                                .n_vocab = 10 };
}

bool library_is_new(const struct library *l)
{
    (void)l;
    return is_new;
}

enum err_code library_scan(struct library *l, void (*done)(void *arg), void *arg, struct err *e)
{
    (void)l;
    (void)e;
    looked = done;
    looked_arg = arg;
    n_look++;
    return ERR_OK;
}

/* The look has ended. */
static void end_look(void)
{
    void (*done)(void *arg) = looked;

    looked = NULL;
    if (!done)
        return;
    is_new = false;
    if (appears)
        add_model(appears, "echo", MODEL_LLM);
    appears = NULL;
    done(looked_arg);
}

uint32_t library_n(const struct library *l)
{
    (void)l;
    return n_model;
}

const struct library_model *library_at(const struct library *l, uint32_t i)
{
    (void)l;
    return &models[i];
}

const struct library_model *library_find(const struct library *l, const char *name)
{
    (void)l;
    for (uint32_t i = 0; i < n_model; i++) {
        if (strcmp(models[i].key, name) == 0)
            return &models[i];
    }
    return NULL;
}

const char *library_near(const struct library *l, const char *name)
{
    (void)l;
    return strcmp(name, "p/ecko") == 0 ? "p/echo" : NULL;
}

/* ---- the rig ---- */

struct rig {
    struct loop *loop;
    struct runtime *r;
    struct loop_timer limit;
    bool (*until)(void *arg);
    void *arg;
    bool timed_out, is_hooked;
    uint32_t n_crashed, n_idle, n_replaced;
    const char *unload; /* while it is loading */
    uint32_t n_word;
    char first_word[64], last_word[64];
};

static void on_runtime(void *arg, const struct runtime_event *ev)
{
    struct rig *g = arg;

    if (ev->kind == RT_LOAD_PROGRESS && g->unload && strcmp(ev->instance, g->unload) == 0) {
        assert_int_equal(runtime_unload(g->r, g->unload, NULL), ERR_OK);
        g->unload = NULL;
    }
    if (ev->kind == RT_LOG && strcmp(ev->instance, "p/log") != 0) {
        assert_string_equal(ev->instance, "p/words");
        (void)snprintf(g->n_word++ ? g->last_word : g->first_word, sizeof(g->last_word), "%.*s",
                       (int)ev->len, ev->text);
    }
    if (ev->kind != RT_UNLOADED)
        return;
    g->n_crashed += strcmp(ev->text, "crashed") == 0;
    g->n_idle += strcmp(ev->text, "idle") == 0;
    g->n_replaced += strcmp(ev->text, "replaced") == 0;
}

static int setup(void **state)
{
    struct rig *g = calloc(1, sizeof(*g));
    struct runtime_params p = { .settings = { .jit = true }, .on_event = on_runtime, .arg = g };

    n_model = n_look = 0;
    appears = NULL;
    looked = NULL;
    (void)snprintf(marker, sizeof(marker), "/tmp/hearth-crash-once-%d", (int)getpid());
    (void)unlink(marker);
    add_model("p/echo", "echo", MODEL_LLM);
    add_model("p/endless", "endless", MODEL_LLM);
    add_model("p/refuse", SECRET "refuse.gguf", MODEL_LLM);
    add_model("p/never", "never", MODEL_LLM);
    add_model("p/dies", "dies-loading", MODEL_LLM);
    add_model("p/begun", "crash-begun", MODEL_LLM);
    add_model("p/once", marker, MODEL_LLM);
    add_model("p/nonsense", "nonsense", MODEL_LLM);
    add_model("p/loading", "says-loading", MODEL_LLM);
    add_model("p/twice", "begins-twice", MODEL_LLM);
    add_model("p/text", "last-is-text", MODEL_LLM);
    add_model("p/fails", "fails-on", MODEL_LLM);
    add_model("p/log", "floods-log", MODEL_LLM);
    add_model("p/stats", "floods-stats", MODEL_LLM);
    add_model("p/jobs", "floods-jobs", MODEL_LLM);
    add_model("p/stubborn", "stubborn", MODEL_LLM);
    add_model("p/words", "last-words", MODEL_LLM);
    add_model("p/closes", "closes", MODEL_LLM);
    add_model("p/embed", "echo", MODEL_EMBEDDING);
    add_model("p/torn", SECRET "torn.gguf", MODEL_UNUSABLE);
    assert_int_equal(loop_open(&g->loop, NULL), ERR_OK);
    p.loop = g->loop;
    assert_int_equal(runtime_open(&g->r, &p, NULL), ERR_OK);
    *state = g;
    return 0;
}

static int teardown(void **state)
{
    struct rig *g = *state;

    runtime_close(g->r);
    loop_close(g->loop);
    free(g);
    (void)unlink(marker);
    return mem_in_use(MEM_REQUEST) ? -1 : 0;
}

static void on_limit(struct loop_timer *t)
{
    struct rig *g = t->arg;

    g->timed_out = true;
    loop_stop(g->loop);
}

static uint32_t look(void *arg)
{
    struct rig *g = arg;

    end_look();
    if (g->until && g->until(g->arg))
        loop_stop(g->loop);
    return 20;
}

static void run_until(struct rig *g, bool (*until)(void *arg), void *arg)
{
    g->until = until;
    g->arg = arg;
    g->timed_out = false;
    if (!g->is_hooked)
        assert_int_equal(loop_hook(g->loop, look, g, NULL), ERR_OK);
    g->is_hooked = true;
    assert_int_equal(loop_timer_at(g->loop, &g->limit, clock_s() + 20.0, on_limit, g, NULL),
                     ERR_OK);
    assert_int_equal(loop_run(g->loop, NULL), ERR_OK);
    loop_timer_stop(g->loop, &g->limit);
    assert_false(g->timed_out);
}

struct seen { /* of one job */
    uint64_t id;
    uint32_t n_event, n_loading, n_last;
    char text[64], why[256], instance[RUNTIME_ID_BYTES];
    bool begun, failed;
    float first_share, share; /* of loading */
    enum job_error error;
    enum job_part part;
    enum job_finish finish;
};

static void on_job(void *arg, const struct job_event *ev)
{
    struct seen *s = arg;

    assert_int_equal(s->n_last, 0);
    s->n_event++;
    s->n_last += ev->is_last;
    if (ev->kind == JOB_EV_LOADING) {
        s->share = ev->share;
        if (!s->n_loading++)
            s->first_share = ev->share;
    }
    if (ev->kind == JOB_EV_BEGIN) {
        s->begun = true;
        (void)snprintf(s->instance, sizeof(s->instance), "%s", ev->instance);
    }
    if (ev->kind == JOB_EV_CONTENT)
        (void)snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%.*s",
                       (int)ev->len, ev->text);
    if (ev->kind == JOB_EV_DONE)
        s->finish = ev->done->finish;
    if (ev->kind == JOB_EV_FAILED) {
        s->failed = true;
        s->error = ev->error;
        s->part = ev->part;
        (void)snprintf(s->why, sizeof(s->why), "%.*s", (int)ev->len, ev->text);
    }
}

static bool is_over(void *arg)
{
    return ((struct seen *)arg)->n_last > 0;
}

static bool has_text(void *arg)
{
    return ((struct seen *)arg)->text[0] != '\0';
}

static uint64_t tenant; /* of what is submitted */

static void submit_to(struct rig *g, const char *model, double ttl, struct seen *s)
{
    struct job job = { .kind = JOB_TOKENIZE, .tenant = tenant };
    struct job_input in = { .text = { "abc", 3 } };
    struct job_target t = { .model = model, .ttl_s = ttl };

    job.inputs = &in;
    job.n_input = 1;
    *s = (struct seen){ 0 };
    assert_int_equal(runtime_submit(g->r, &t, &job, on_job, s, &s->id, NULL), ERR_OK);
    assert_true(s->id);
    assert_int_equal(s->n_event, 0); /* never from inside */
}

/* ---- tests ---- */

static void a_job_loads_its_model_and_is_answered(void **state)
{
    struct rig *g = *state;
    struct instance_info info;
    struct seen a, b;

    submit_to(g, "p/echo", 0, &a);
    submit_to(g, "p/echo", 0, &b); /* joins the load */
    run_until(g, is_over, &a);
    run_until(g, is_over, &b);
    assert_string_equal(a.text, "hi");
    assert_string_equal(b.text, "hi");
    assert_string_equal(a.instance, "p/echo");
    assert_true(a.n_loading >= 2);
    assert_true(a.first_share == 0.0F && a.share == 1.0F);
    assert_true(b.first_share == 0.0F && b.share == 1.0F);
    assert_int_equal(runtime_n_instance(g->r), 1);
    submit_to(g, "p/echo", 0, &a);
    run_until(g, is_over, &a);
    assert_int_equal(a.n_loading, 0);
    assert_true(runtime_find(g->r, "p/echo", &info));
    assert_int_equal(info.state, INSTANCE_READY);
    assert_int_equal(info.n_job, 0);
    assert_true(info.is_jit && info.rss_bytes > 0);
    submit_to(g, "", 0, &a); /* the only one */
    run_until(g, is_over, &a);
    assert_false(a.failed);
}

/* Proves: no part of a path outlives, also where a sentence was cut off within it; names that are
 * no paths stay as they are. */
static void paths_are_not_shown(void **state)
{
    static const struct {
        const char *path, *why, *shown;
    } cases[] = {
        { "/a/b/m.gguf", "/a/b/m.gguf: no", "p/m: no" },
        { "/a/b/m.gguf", "cannot open /a/b/m.gguf: no, /a/b/m.gguf", "cannot open p/m: no, p/m" },
        { "/a/b/m.gguf", "it is in /a/b/m.g", "it is in p/m" },
        { "/a/b/m.gguf", "it is in /a", "it is in p/m" },
        { "/a/b/m.gguf", "/a/b/n.gguf, not a/b", "n.gguf, not a/b" },
        { "/m.gguf", "/m.gguf/x 1/2", "p/m/x 1/2" },
        { "asset", "the asset", "the asset" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct library_model m = { .key = "p/m", .path = cases[i].path };
        char out[ERR_TEXT_BYTES];

        rt_shown(out, cases[i].why, &m);
        assert_string_equal(out, cases[i].shown);
    }
}

/* Proves: every refusal has its type, names the model, and no client hears where its file lies. */
static void refusals_are_typed(void **state)
{
    static const struct {
        const char *model;
        enum job_error error;
        const char *word;
    } cases[] = {
        { "p/ecko", JOB_ERR_NOT_FOUND, "did you mean 'p/echo'" },
        { "nothing", JOB_ERR_NOT_FOUND, "hearth ls" },
        { "", JOB_ERR_NOT_FOUND, "none is loaded" },
        { "p/torn", JOB_ERR_LOAD, "p/torn: it is torn" },
        { "p/embed", JOB_ERR_INVALID, "embedding" },
        { "p/refuse", JOB_ERR_LOAD, "p/refuse: the file is damaged, see refuse-2.gguf" },
        { "p/dies", JOB_ERR_LOAD, "code 5" },
        { "p/begun", JOB_ERR_WORKER, "code 9" },
        { "p/nonsense", JOB_ERR_WORKER, "nonsense" },
    };
    struct rig *g = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen s;

        submit_to(g, cases[i].model, 0, &s);
        run_until(g, is_over, &s);
        assert_true(s.failed);
        assert_int_equal(s.error, cases[i].error);
        assert_int_equal(s.part, s.error == JOB_ERR_INVALID ? JOB_PART_MODEL : JOB_PART_NONE);
        assert_non_null(strstr(s.why, cases[i].word));
        assert_null(strstr(s.why, SECRET));
    }
    assert_int_equal(g->n_crashed, 2);
}

/* Proves: a worker that was taken over tells nobody of loading or of another instance, begins and
 * ends a job once, and is ended itself when it sends more than any request pays for. */
static void a_worker_may_not_say_everything(void **state)
{
    static const struct {
        const char *model, *word;
        enum job_error error;
    } cases[] = {
        { "p/loading", "out of place", JOB_ERR_INTERNAL },
        { "p/twice", "out of place", JOB_ERR_INTERNAL },
        { "p/text", "out of place", JOB_ERR_INTERNAL },
        { "p/fails", "out of place", JOB_ERR_INTERNAL },
        { "p/log", "nonsense", JOB_ERR_WORKER },
        { "p/stats", "nonsense", JOB_ERR_WORKER },
        { "p/jobs", "nonsense", JOB_ERR_WORKER },
    };
    struct rig *g = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen s;

        submit_to(g, cases[i].model, 0, &s);
        run_until(g, is_over, &s);
        assert_true(s.failed);
        assert_int_equal(s.error, cases[i].error);
        assert_non_null(strstr(s.why, cases[i].word));
        assert_string_equal(s.instance, cases[i].model);
    }
    assert_int_equal(g->n_crashed, 3);
}

/* Proves: what a worker says on its standard error while it crashes is told, line by line under its
 * name, clean and bounded, before anybody hears that it has ended. */
static void last_words_are_told(void **state)
{
    struct rig *g = *state;
    struct seen s;

    submit_to(g, "p/words", 0, &s);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_WORKER);
    assert_string_equal(g->first_word, "word 0 of?many");
    assert_string_equal(g->last_word, "(more that it says is not logged)");
    assert_int_equal(g->n_word, 257);
}

static void a_job_not_begun_outlives_its_worker(void **state)
{
    struct rig *g = *state;
    struct seen s;

    submit_to(g, "p/once", 0, &s);
    run_until(g, is_over, &s);
    assert_false(s.failed);
    assert_string_equal(s.text, "hi");
    assert_int_equal(g->n_crashed, 1);
}

static bool one_is_down(void *arg)
{
    struct rig *g = arg;
    struct instance_info info;

    return runtime_find(g->r, "p/endless", &info) && info.state == INSTANCE_DOWN;
}

static void a_killed_worker_costs_its_own_jobs(void **state)
{
    struct rig *g = *state;
    struct instance_info info;
    struct process victim = { 0 };
    struct seen a, b, c;

    submit_to(g, "p/endless", 0, &a);
    submit_to(g, "p/echo", 0, &c);
    run_until(g, has_text, &a);
    submit_to(g, "p/endless", 0, &b);
    run_until(g, has_text, &b);
    assert_true(runtime_find(g->r, "p/endless", &info));
    victim.pid = info.pid;
    victim.pidfd = -1;
    process_kill(&victim);
    run_until(g, one_is_down, g);
    run_until(g, is_over, &a);
    run_until(g, is_over, &b);
    run_until(g, is_over, &c);
    assert_int_equal(a.error, JOB_ERR_WORKER);
    assert_non_null(strstr(a.why, "memory"));
    assert_int_equal(b.error, JOB_ERR_WORKER);
    assert_false(c.failed);
    submit_to(g, "p/endless", 0, &a); /* starts it again */
    run_until(g, has_text, &a);
    runtime_cancel(g->r, a.id);
    assert_int_equal(a.n_last, 0);
}

static bool is_gone(void *arg)
{
    struct rig *g = arg;

    return runtime_n_instance(g->r) == 0;
}

static void idle_models_leave_but_not_busy_ones(void **state)
{
    struct rig *g = *state;
    struct seen s;

    submit_to(g, "p/endless", 0.05, &s);
    run_until(g, has_text, &s);
    for (int i = 0; i < 10; i++)
        sleep_ms(10);
    assert_int_equal(runtime_n_instance(g->r), 1);
    runtime_cancel(g->r, s.id);
    run_until(g, is_gone, g);
    assert_int_equal(g->n_idle, 1);
}

static bool one_is_left(void *arg)
{
    struct rig *g = arg;

    return runtime_n_instance(g->r) == 1;
}

static void the_last_on_demand_model_replaces_idle_ones(void **state)
{
    struct runtime_settings settings = { .jit = true, .jit_keep_last = true };
    struct rig *g = *state;
    struct seen a, b, c;

    runtime_set(g->r, &settings);
    submit_to(g, "p/echo", 0, &a);
    run_until(g, is_over, &a);
    submit_to(g, "p/endless", 0, &b);
    run_until(g, has_text, &b);
    run_until(g, one_is_left, g); /* a worker ends when it can */
    assert_int_equal(g->n_replaced, 1);
    submit_to(g, "p/echo", 0, &c); /* beside the busy one, which is not cut off */
    run_until(g, is_over, &c);
    assert_false(c.failed);
    assert_int_equal(b.n_last, 0);
    runtime_cancel(g->r, b.id); /* now it has nothing to do, and leaves */
    while (runtime_n_instance(g->r) > 1)
        run_until(g, is_over, &c), sleep_ms(5);
    assert_int_equal(g->n_replaced, 2);
}

/* Proves: a worker that closes its socket and lives on holds nobody up, and who comes meanwhile is
 * told what becomes of it. */
static void a_dying_worker_holds_nobody_up(void **state)
{
    struct rig *g = *state;
    struct seen a, b, c;

    submit_to(g, "p/echo", 0, &b);
    run_until(g, is_over, &b);
    submit_to(g, "p/closes", 0, &a);
    run_until(g, has_text, &a);
    submit_to(g, "p/echo", 0, &b);
    run_until(g, is_over, &b);
    assert_false(b.failed);
    assert_int_equal(a.n_last, 0);
    submit_to(g, "p/closes", 0, &c);
    assert_int_equal(runtime_unload(g->r, "p/closes", NULL), ERR_OK);
    run_until(g, is_over, &a);
    run_until(g, is_over, &c);
    assert_int_equal(a.error, JOB_ERR_CLOSING);
    assert_int_equal(c.error, JOB_ERR_CLOSING);
    run_until(g, one_is_left, g);
}

/* Proves: what waits for memory is tried again when another model has come, and is refused when
 * nobody is left who could give any back. */
static void who_waits_for_memory_is_not_forgotten(void **state)
{
    struct runtime_settings settings = { .jit = true, .guardrail = GUARD_RELAXED };
    struct rig *g = *state;
    struct seen a, b, c;

    runtime_set(g->r, &settings);
    for (int i = 0; i < 2; i++) {
        add_model(i ? "p/large" : "p/big", "echo", MODEL_LLM);
        models[n_model - 1].size_bytes = ram_available_now() / 10 * 6;
    }
    add_model("p/vast", "echo", MODEL_LLM);
    models[n_model - 1].size_bytes = 1ULL << 60;
    submit_to(g, "p/begun", 0, &c);
    run_until(g, is_over, &c);
    assert_int_equal(g->n_crashed, 1);
    submit_to(g, "p/vast", 0, &c); /* the dead one has nothing to give */
    run_until(g, is_over, &c);
    assert_int_equal(c.error, JOB_ERR_MEMORY);
    submit_to(g, "p/big", 0, &a);
    submit_to(g, "p/large", 0, &b);
    run_until(g, is_over, &a);
    run_until(g, is_over, &b);
    assert_false(a.failed || b.failed);
}

/* Proves: a model that others wait for gets no new work, however much comes: it finishes what it
 * has, lets them have their turn, and goes on then. */
static void who_leaves_begins_nothing_new(void **state)
{
    struct runtime_settings settings = { .jit = true, .guardrail = GUARD_STRICT };
    struct rig *g = *state;
    struct load_estimate est;
    struct seen a, b, c;

    runtime_set(g->r, &settings);
    add_model("p/vast", "echo", MODEL_LLM);
    models[n_model - 1].size_bytes = 1ULL << 60;
    assert_int_equal(runtime_estimate(g->r, "p/vast", &(struct load_options){ 0 }, &est, NULL),
                     ERR_OK);
    assert_false(est.fits);
    submit_to(g, "p/endless", 0, &a);
    run_until(g, has_text, &a);
    submit_to(g, "p/vast", 0, &b);
    assert_int_equal(runtime_n_instance(g->r), 2);
    runtime_cancel(g->r, b.id);
    run_until(g, one_is_left, g); /* who gave up needs no room */
    submit_to(g, "p/vast", 0, &b);
    submit_to(g, "p/endless", 0, &c);
    runtime_cancel(g->r, a.id);
    run_until(g, is_over, &b);
    assert_int_equal(b.error, JOB_ERR_MEMORY);
    assert_false(c.begun);
    run_until(g, has_text, &c);
    assert_int_equal(g->n_replaced, 1);
    run_until(g, one_is_left, g);
    models[n_model - 1].size_bytes = ram_available_now() / 100 * 95; /* free, but reserved */
    assert_int_equal(runtime_estimate(g->r, "p/vast", &(struct load_options){ 0 }, &est, NULL),
                     ERR_OK);
    assert_false(est.fits);
    runtime_cancel(g->r, c.id);
}

/* Proves: a model that was asked to leave stays when whom it was to make room for has gone: what
 * came to it meanwhile begins, and it does not close when it has nothing to do. */
static void who_need_not_leave_stays(void **state)
{
    struct runtime_settings settings = { .jit = true, .guardrail = GUARD_STRICT };
    struct rig *g = *state;
    struct seen a, b, c;

    runtime_set(g->r, &settings);
    add_model("p/vast", "echo", MODEL_LLM);
    models[n_model - 1].size_bytes = 1ULL << 60;
    submit_to(g, "p/endless", 0, &a);
    run_until(g, has_text, &a);
    submit_to(g, "p/vast", 0, &b);    /* waits */
    submit_to(g, "p/endless", 0, &c); /* is held back */
    runtime_cancel(g->r, b.id);
    run_until(g, has_text, &c);
    run_until(g, one_is_left, g);
    runtime_cancel(g->r, c.id);
    runtime_cancel(g->r, a.id);
    submit_to(g, "p/endless", 0, &c);
    run_until(g, has_text, &c);
    runtime_cancel(g->r, c.id);

    /* The same of the last model on demand: its successor comes to nothing. */
    settings = (struct runtime_settings){ .jit = true, .jit_keep_last = true };
    runtime_set(g->r, &settings);
    submit_to(g, "p/endless", 0, &a);
    run_until(g, has_text, &a);
    submit_to(g, "p/refuse", 0, &b);
    run_until(g, is_over, &b);
    assert_int_equal(b.error, JOB_ERR_LOAD);
    runtime_cancel(g->r, a.id);
    submit_to(g, "p/endless", 0, &a);
    run_until(g, has_text, &a);
    runtime_cancel(g->r, a.id);
    assert_int_equal(runtime_n_instance(g->r), 1);
    assert_int_equal(g->n_replaced, 0);
}

struct loaded {
    uint32_t n_progress, n_end;
    bool ready;
    enum job_error error;
    char id[RUNTIME_ID_BYTES], why[256], detail[256];
};

static void on_load(void *arg, const struct load_event *ev)
{
    struct loaded *l = arg;

    l->n_progress += ev->kind == LOAD_PROGRESS;
    l->n_end += ev->kind != LOAD_PROGRESS;
    l->ready = ev->kind == LOAD_READY;
    if (ev->kind == LOAD_READY)
        (void)snprintf(l->id, sizeof(l->id), "%s", ev->info->id);
    if (ev->kind == LOAD_FAILED) {
        l->error = ev->error;
        (void)snprintf(l->why, sizeof(l->why), "%s", ev->text);
        (void)snprintf(l->detail, sizeof(l->detail), "%s", ev->detail);
    }
}

static bool load_ended(void *arg)
{
    return ((struct loaded *)arg)->n_end > 0;
}

static void load(struct rig *g, const char *model, const char *id, struct loaded *l)
{
    struct load_options o = { .identifier = id };
    uint64_t ticket;

    *l = (struct loaded){ 0 };
    assert_int_equal(runtime_load(g->r, model, &o, on_load, l, &ticket, NULL), ERR_OK);
    assert_int_equal(l->n_end, 0);
    run_until(g, load_ended, l);
}

static void explicit_loads_have_names_of_their_own(void **state)
{
    struct rig *g = *state;
    struct loaded l;
    struct err e;

    load(g, "p/echo", NULL, &l);
    assert_string_equal(l.id, "p/echo");
    load(g, "p/echo", NULL, &l);
    assert_string_equal(l.id, "p/echo:2");
    load(g, "p/echo", "mine", &l);
    assert_string_equal(l.id, "mine");
    load(g, "p/echo", "mine", &l);
    assert_int_equal(l.error, JOB_ERR_INVALID);
    load(g, "p/echo", "two\nlines", &l);
    assert_int_equal(l.error, JOB_ERR_INVALID);
    load(g, "p/refuse", NULL, &l);
    assert_int_equal(l.error, JOB_ERR_LOAD);
    assert_null(strstr(l.why, SECRET)); /* for clients; and for the owner: */
    assert_non_null(strstr(l.detail, SECRET "refuse.gguf: the file is damaged"));
    load(g, "p/torn", NULL, &l);
    assert_null(strstr(l.why, SECRET));
    assert_non_null(strstr(l.detail, SECRET "torn.gguf: it is torn"));
    load(g, "p/none", NULL, &l);
    assert_int_equal(l.error, JOB_ERR_NOT_FOUND);
    assert_int_equal(runtime_n_instance(g->r), 3);
    assert_int_equal(runtime_unload(g->r, "mine", &e), ERR_OK);
    assert_int_equal(runtime_unload(g->r, "mine", &e), ERR_NOT_FOUND);
}

static void a_load_can_be_given_up(void **state)
{
    struct load_options o = { 0 };
    struct rig *g = *state;
    struct loaded l = { 0 };
    struct seen s;
    uint64_t ticket;

    assert_int_equal(runtime_load(g->r, "p/never", &o, on_load, &l, &ticket, NULL), ERR_OK);
    runtime_load_cancel(g->r, ticket);
    run_until(g, is_gone, g);
    assert_int_equal(l.n_end, 0);
    submit_to(g, "p/never", 0, &s);
    assert_int_equal(runtime_unload(g->r, "p/never", NULL), ERR_OK);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_CLOSING);
    assert_int_equal(runtime_n_instance(g->r), 0);
    g->unload = "p/echo"; /* its worker is ready before the unloading has begun */
    load(g, "p/echo", NULL, &l);
    assert_int_equal(l.error, JOB_ERR_CLOSING);
    assert_int_equal(runtime_n_instance(g->r), 0);
}

static void unloading_ends_the_jobs(void **state)
{
    struct rig *g = *state;
    struct seen s;

    submit_to(g, "p/endless", 0, &s);
    run_until(g, has_text, &s);
    assert_int_equal(runtime_unload(g->r, "p/endless", NULL), ERR_OK);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_CLOSING);
    run_until(g, is_gone, g);
}

static bool is_true(void *arg)
{
    return *(bool *)arg;
}

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

static void draining_lets_answers_end(void **state)
{
    struct rig *g = *state;
    bool drained = false;
    struct seen a, b;

    submit_to(g, "p/endless", 0, &a);
    run_until(g, has_text, &a);
    runtime_drain(g->r, set_true, &drained);
    submit_to(g, "p/echo", 0, &b);
    run_until(g, is_over, &b);
    assert_int_equal(b.error, JOB_ERR_CLOSING);
    assert_false(drained);
    runtime_cancel(g->r, a.id);
    run_until(g, is_true, &drained);
}

static void queues_are_bounded(void **state)
{
    struct runtime_settings settings = { .jit = true, .queue_max = 3 };
    struct rig *g = *state;
    struct seen s[5];

    runtime_set(g->r, &settings);
    for (size_t i = 0; i < COUNT_OF(s); i++)
        submit_to(g, "p/endless", 0, &s[i]);
    run_until(g, is_over, &s[4]);
    assert_int_equal(s[3].error, JOB_ERR_BUSY);
    assert_int_equal(s[4].error, JOB_ERR_BUSY);
    assert_int_equal(s[2].n_last, 0);
}

/* Proves: a tenant that floods a model leaves the last quarter of its queue to others. */
static void a_flood_shuts_nobody_out(void **state)
{
    static const struct {
        uint64_t tenant;
        bool is_taken;
    } rows[] = { { 1, true },  { 1, true }, { 1, true },  { 1, true }, { 1, true },  { 1, true },
                 { 1, false }, { 2, true }, { 1, false }, { 3, true }, { 2, false }, { 4, false } };
    struct runtime_settings settings = { .jit = true, .queue_max = 8 };
    struct rig *g = *state;
    struct seen s[COUNT_OF(rows)];

    runtime_set(g->r, &settings);
    for (size_t i = 0; i < COUNT_OF(s); i++) {
        tenant = rows[i].tenant;
        submit_to(g, "p/endless", 0, &s[i]);
    }
    tenant = 0;
    run_until(g, is_over, &s[COUNT_OF(s) - 1]);
    for (size_t i = 0; i < COUNT_OF(s); i++) {
        assert_int_equal(s[i].n_last, !rows[i].is_taken);
        if (s[i].failed)
            assert_int_equal(s[i].error, JOB_ERR_BUSY);
    }
}

static void demand_can_be_switched_off(void **state)
{
    struct runtime_settings settings = { .jit = false };
    struct rig *g = *state;
    struct loaded l;
    struct seen s;

    runtime_set(g->r, &settings);
    submit_to(g, "p/echo", 0, &s);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_NOT_FOUND);
    assert_non_null(strstr(s.why, "hearth load"));
    load(g, "p/echo", NULL, &l);
    submit_to(g, "p/echo", 0, &s);
    run_until(g, is_over, &s);
    assert_false(s.failed);
}

static bool has_looked(void *arg)
{
    return n_look >= *(uint32_t *)arg;
}

/* Proves: a model that is not in the list is looked for on disk before anybody is refused, by jobs
 * and by loads. */
static void what_is_not_listed_is_looked_for(void **state)
{
    struct rig *g = *state;
    struct loaded l;
    struct seen s;

    appears = "p/put-there";
    submit_to(g, "p/put-there", 0, &s);
    run_until(g, is_over, &s);
    assert_false(s.failed);
    assert_string_equal(s.text, "hi");
    assert_int_equal(n_look, 1);

    appears = "p/another";
    load(g, "p/another", "mine", &l);
    assert_string_equal(l.id, "mine");

    submit_to(g, "p/nowhere", 0, &s);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_NOT_FOUND);
    submit_to(g, "p/nowhere", 0, &s);
    runtime_cancel(g->r, s.id);
}

/* Proves: a look that was under way when a request came does not speak against it, unless it finds
 * the model; many requests share a look. */
static void a_look_under_way_is_not_enough(void **state)
{
    struct rig *g = *state;
    struct seen s[8];
    uint32_t two = 2;

    is_new = true; /* the daemon's first look goes on */
    for (uint32_t i = 0; i < COUNT_OF(s); i++)
        submit_to(g, i ? "p/later" : "p/now", 0, &s[i]);
    appears = "p/now";
    run_until(g, is_over, &s[0]);
    assert_false(s[0].failed);
    for (uint32_t i = 1; i < COUNT_OF(s); i++)
        assert_int_equal(s[i].n_last, 0);
    appears = "p/later";
    run_until(g, has_looked, &two);
    for (uint32_t i = 1; i < COUNT_OF(s); i++) {
        run_until(g, is_over, &s[i]);
        assert_false(s[i].failed);
    }
    assert_int_equal(n_look, 2);
}

/* Proves: who waits for a look when the server ends is told so, and nothing stays. */
static void ends_while_looking(void **state)
{
    struct rig *g = *state;
    bool drained = false;
    struct seen s;

    submit_to(g, "p/nowhere", 0, &s);
    runtime_drain(g->r, set_true, &drained);
    run_until(g, is_over, &s);
    assert_int_equal(s.error, JOB_ERR_CLOSING);
    run_until(g, is_true, &drained);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_not_shown),
        cmocka_unit_test_setup_teardown(a_worker_may_not_say_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(last_words_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_loads_its_model_and_is_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals_are_typed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_not_begun_outlives_its_worker, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_worker_costs_its_own_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dying_worker_holds_nobody_up, setup, teardown),
        cmocka_unit_test_setup_teardown(who_waits_for_memory_is_not_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(who_leaves_begins_nothing_new, setup, teardown),
        cmocka_unit_test_setup_teardown(who_need_not_leave_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_models_leave_but_not_busy_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_on_demand_model_replaces_idle_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(explicit_loads_have_names_of_their_own, setup, teardown),
        cmocka_unit_test_setup_teardown(a_load_can_be_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(unloading_ends_the_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(draining_lets_answers_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_listed_is_looked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_look_under_way_is_not_enough, setup, teardown),
        cmocka_unit_test_setup_teardown(ends_while_looking, setup, teardown),
        cmocka_unit_test_setup_teardown(queues_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flood_shuts_nobody_out, setup, teardown),
        cmocka_unit_test_setup_teardown(demand_can_be_switched_off, setup, teardown),
    };

    os_init();
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return pretend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
