/* Stand-ins for HTTP, runtime, library and store. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

static struct fake *now; /* cmocka runs one test at a time */

/* Around calls into the dialects: only their allocations are to fail. */
static void fail_begin(struct fake *f)
{
    (void)mem_fail_at(f->fail_at, 1);
}

static void fail_end(struct fake *f)
{
    uint64_t n = mem_fail_at(0, 0);

    if (f->fail_at)
        f->fail_at = f->fail_at > n ? f->fail_at - n : 1;
}

/* ---- HTTP ---- */
const char *http_path(const struct http_req *q)
{
    return q->path;
}

const char *http_rest(const struct http_req *q)
{
    return q->rest;
}

const char *http_body(const struct http_req *q, size_t *len)
{
    *len = q->body_len;
    return q->body;
}

enum http_family http_family(const struct http_req *q)
{
    return q->family;
}

uint64_t http_tenant(const struct http_req *q)
{
    (void)q;
    return 7;
}

void http_answers_soon(struct http_req *q)
{
    (void)q;
}

void http_on_gone(struct http_req *q, void (*fn)(void *arg), void *arg)
{
    q->gone = fn;
    q->gone_arg = arg;
}

void http_reply(struct http_req *q, int status, const char *content_type, const void *body,
                size_t len)
{
    assert_int_equal(q->status, 0);
    q->status = status;
    q->ended = true;
    q->is_json = strcmp(content_type, "application/json") == 0;
    (void)buf_add(&q->out, body, len);
}

void http_reply_json(struct http_req *q, int status, const struct buf *json)
{
    http_reply(q, status, "application/json", json->data, json->len);
}

void http_reply_error(struct http_req *q, const struct http_error *error)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, 1U << 20);
    http_error_write(&b, q->family, error);
    q->retry_after_s = error->retry_after_s;
    http_reply_json(q, error->status, &b);
    buf_finish(&b);
}

void http_stream_begin(struct http_req *q, bool pings)
{
    (void)pings;
    assert_int_equal(q->status, 0);
    q->status = 200;
    q->streams = true;
}

bool http_stream_begun(const struct http_req *q)
{
    return q->streams;
}

bool http_stream_event(struct http_req *q, const char *name, const char *json, size_t len)
{
    assert_true(q->streams && !q->ended);
    assert_null(memchr(json, '\n', len));
    if (name)
        (void)buf_addf(&q->out, "event: %s\n", name);
    (void)buf_adds(&q->out, "data: ");
    (void)buf_add(&q->out, json, len);
    return buf_adds(&q->out, "\n\n");
}

void http_stream_end(struct http_req *q)
{
    assert_true(q->streams && !q->ended);
    q->ended = true;
}

/* ---- ids: counted instead of random ---- */
void new_id(char *out, size_t cap, const char *prefix, uint32_t n)
{
    (void)snprintf(out, cap, "%s%0*u", prefix, (int)n, (unsigned)++now->n_id);
}

void new_hex(char *out, size_t cap, const char *prefix, uint32_t n)
{
    new_id(out, cap, prefix, n);
}

/* ---- configuration ---- */
const struct model_defaults *config_model(const struct config *c, const char *key)
{
    (void)c;
    (void)key;
    return NULL;
}

/* ---- runtime ---- */
const struct runtime_settings *runtime_get(const struct runtime *r)
{
    (void)r;
    return &now->settings;
}

enum err_code runtime_submit(struct runtime *r, const struct job_target *t, const struct job *job,
                             job_event_fn on_event, void *arg, uint64_t *id, struct err *e)
{
    struct fake_job *j = &now->jobs[now->n_job];

    (void)r;
    assert_true(now->n_job < FAKE_JOBS_MAX);
    memset(j, 0, sizeof(*j));
    buf_init(&j->text, MEM_OTHER, 1U << 26);
    if (!job_write(job, &j->text)) {
        assert_true(now->fail_at > 0);
        buf_finish(&j->text);
        return err_set(e, ERR_OOM, "no memory");
    }
    j->target = *t;
    (void)snprintf(j->model, sizeof(j->model), "%s", t->model ? t->model : "(none)");
    j->fn = on_event;
    j->arg = arg;
    j->id = ++now->n_job;
    *id = j->id;
    return ERR_OK;
}

void runtime_cancel(struct runtime *r, uint64_t id)
{
    (void)r;
    assert_true(id > 0 && id <= now->n_job);
    now->jobs[id - 1].cancelled = true;
    now->jobs[id - 1].id = 0;
}

enum err_code runtime_load(struct runtime *r, const char *model, const struct load_options *o,
                           load_event_fn on_event, void *arg, uint64_t *id, struct err *e)
{
    (void)r;
    (void)e;
    now->load = (struct fake_load){ .options = *o, .fn = on_event, .arg = arg };
    (void)snprintf(now->load.model, sizeof(now->load.model), "%s", model);
    (void)snprintf(now->load.identifier, sizeof(now->load.identifier), "%s",
                   o->identifier ? o->identifier : "");
    *id = ++now->n_load;
    return ERR_OK;
}

void runtime_load_cancel(struct runtime *r, uint64_t id)
{
    (void)r;
    (void)id;
    now->load.cancelled = true;
}

enum err_code runtime_unload(struct runtime *r, const char *id, struct err *e)
{
    struct instance_info info;

    if (!runtime_find(r, id, &info))
        return err_set(e, ERR_NOT_FOUND, "no instance %s", id);
    (void)snprintf(now->unloaded, sizeof(now->unloaded), "%s", id);
    return ERR_OK;
}

uint32_t runtime_n_instance(const struct runtime *r)
{
    (void)r;
    return now->n_instance;
}

void runtime_instance(const struct runtime *r, uint32_t i, struct instance_info *out)
{
    (void)r;
    *out = now->instances[i];
}

bool runtime_find(const struct runtime *r, const char *id, struct instance_info *out)
{
    (void)r;
    for (uint32_t i = 0; i < now->n_instance; i++) {
        if (strcmp(now->instances[i].id, id) == 0) {
            *out = now->instances[i];
            return true;
        }
    }
    return false;
}

/* ---- library ---- */
enum err_code library_scan(struct library *l, void (*done)(void *arg), void *arg, struct err *e)
{
    (void)l;
    (void)e;
    done(arg);
    return ERR_OK;
}

uint32_t library_n(const struct library *l)
{
    (void)l;
    return now->n_model;
}

const struct library_model *library_at(const struct library *l, uint32_t i)
{
    (void)l;
    return &now->models[i];
}

const struct library_model *library_find(const struct library *l, const char *name)
{
    (void)l;
    for (uint32_t i = 0; i < now->n_model; i++) {
        const struct library_model *m = &now->models[i];

        if (strcmp(m->key, name) == 0 || strcmp(m->short_key, name) == 0)
            return m;
    }
    return NULL;
}

const char *library_near(const struct library *l, const char *name)
{
    (void)l;
    return strncmp(name, "qwen", 4) == 0 ? "qwen/qwen3-8b" : NULL;
}

/* ---- store ---- */
static struct fake_call {
    enum { CALL_PUT, CALL_CHAIN, CALL_DELETE } kind;
    char id[STORE_ID_BYTES];
    store_done_fn done;
    store_chain_fn chain;
    void *arg;
} calls[FAKE_STORE_MAX];
static uint32_t n_call;

static struct fake_call *add_call(void *arg, const char *id)
{
    struct fake_call *c = &calls[n_call++];

    assert_true(n_call <= FAKE_STORE_MAX);
    memset(c, 0, sizeof(*c));
    c->arg = arg;
    (void)snprintf(c->id, sizeof(c->id), "%s", id);
    return c;
}

enum err_code store_response_put(struct store *s, const struct store_response *r,
                                 store_done_fn done, void *arg, struct err *e)
{
    struct fake_call *c = add_call(arg, r->id);
    struct fake_stored *at = &now->stored[now->n_stored];

    (void)s;
    (void)e;
    c->kind = CALL_PUT;
    c->done = done;
    if (now->disk_full)
        return ERR_OK;
    now->n_stored++;
    assert_int_equal(strlen(r->body), r->body_len);
    (void)snprintf(at->id, sizeof(at->id), "%s", r->id);
    (void)snprintf(at->previous, sizeof(at->previous), "%s", r->previous_id);
    (void)snprintf(at->family, sizeof(at->family), "%s", r->family);
    (void)snprintf(at->model, sizeof(at->model), "%s", r->model);
    at->body = mem_strndup(MEM_OTHER, r->body, r->body_len);
    at->stored_unix_s = 1700000000;
    return ERR_OK;
}

enum err_code store_response_chain(struct store *s, const char *id, store_chain_fn done, void *arg,
                                   struct err *e)
{
    struct fake_call *c = add_call(arg, id);

    (void)s;
    (void)e;
    c->kind = CALL_CHAIN;
    c->chain = done;
    return ERR_OK;
}

enum err_code store_response_delete(struct store *s, const char *id, store_done_fn done, void *arg,
                                    struct err *e)
{
    struct fake_call *c = add_call(arg, id);

    (void)s;
    (void)e;
    c->kind = CALL_DELETE;
    c->done = done;
    return ERR_OK;
}

static struct fake_stored *stored(struct fake *f, const char *id)
{
    for (uint32_t i = 0; i < f->n_stored; i++) {
        if (f->stored[i].body && strcmp(f->stored[i].id, id) == 0)
            return &f->stored[i];
    }
    return NULL;
}

static void run_chain(struct fake *f, const struct fake_call *c)
{
    struct store_response chain[FAKE_STORE_MAX];
    struct err missing = { ERR_NOT_FOUND, "no such response" };
    uint32_t n = 0;

    for (struct fake_stored *s = stored(f, c->id); s; s = stored(f, s->previous)) {
        memmove(chain + 1, chain, n * sizeof(*chain));
        chain[0] = (struct store_response){ s->id,   s->previous,     s->family,       s->model,
                                            s->body, strlen(s->body), s->stored_unix_s };
        n++;
    }
    c->chain(c->arg, chain, n, n ? NULL : &missing);
}

void fake_store_run(struct fake *f)
{
    struct err missing = { ERR_NOT_FOUND, "no such response" };
    struct err full = { ERR_IO, "the disk is full" };

    for (uint32_t i = 0; i < n_call; i++) {
        struct fake_call c = calls[i];
        struct fake_stored *s = stored(f, c.id);

        fail_begin(f);
        if (c.kind == CALL_CHAIN)
            run_chain(f, &c);
        else if (c.kind == CALL_PUT)
            c.done(c.arg, f->disk_full ? &full : NULL);
        else
            c.done(c.arg, s ? NULL : &missing);
        fail_end(f);
        if (c.kind == CALL_DELETE && s) {
            mem_free(s->body);
            s->body = NULL;
        }
    }
    n_call = 0;
}

/* ---- the rig ---- */
static const struct library_model models[] = {
    { .key = "google/gemma-3-4b",
      .short_key = "gemma-3-4b",
      .variant = "q4_0",
      .publisher = "google",
      .display_name = "Gemma 3 4B",
      .arch = "gemma3",
      .arch_name = "Gemma 3",
      .quant = "Q4_0",
      .params = "4B",
      .path = "/m/gemma.gguf",
      .shown_path = "google/gemma.gguf",
      .why = "",
      .type = MODEL_LLM,
      .is_selected = true,
      .n_variant = 1,
      .n_ctx_max = 131072,
      .bits = 4.5,
      .quant_bits = 4,
      .size_bytes = 2400000000,
      .modified_unix_s = 1767000001 },
    { .key = "jina/jina-reranker",
      .short_key = "jina-reranker",
      .variant = "f16",
      .publisher = "jina",
      .display_name = "Jina Reranker",
      .arch = "bert",
      .arch_name = "BERT",
      .quant = "F16",
      .params = "",
      .path = "/m/jina.gguf",
      .shown_path = "jina/jina.gguf",
      .why = "",
      .type = MODEL_RERANKER,
      .is_selected = true,
      .n_variant = 1,
      .n_ctx_max = 1024,
      .bits = 16,
      .quant_bits = 16,
      .size_bytes = 70000000,
      .modified_unix_s = 1767000002 },
    { .key = "nomic/nomic-embed",
      .short_key = "nomic-embed",
      .variant = "f16",
      .publisher = "nomic",
      .display_name = "Nomic Embed",
      .arch = "nomic-bert",
      .arch_name = "Nomic BERT",
      .quant = "F16",
      .params = "",
      .path = "/m/nomic.gguf",
      .shown_path = "nomic/nomic.gguf",
      .why = "",
      .type = MODEL_EMBEDDING,
      .is_selected = true,
      .n_variant = 1,
      .n_ctx_max = 2048,
      .bits = 16,
      .quant_bits = 16,
      .size_bytes = 260000000,
      .modified_unix_s = 1767000003 },
    { .key = "qwen/qwen3-8b",
      .short_key = "qwen3-8b",
      .variant = "q4_k_m",
      .publisher = "qwen",
      .display_name = "Qwen3 8B",
      .arch = "qwen3",
      .arch_name = "Qwen3",
      .quant = "Q4_K_M",
      .params = "8B",
      .path = "/m/qwen3-4.gguf",
      .shown_path = "qwen/qwen3-4.gguf",
      .why = "",
      .type = MODEL_LLM,
      .is_selected = true,
      .tool_use = true,
      .reasons = true,
      .reasons_switch = true,
      .n_variant = 2,
      .n_ctx_max = 40960,
      .bits = 4.85,
      .quant_bits = 4,
      .size_bytes = 5027784512,
      .modified_unix_s = 1767000004 },
    { .key = "qwen/qwen3-8b",
      .short_key = "qwen3-8b",
      .variant = "q8_0",
      .publisher = "qwen",
      .display_name = "Qwen3 8B",
      .arch = "qwen3",
      .arch_name = "Qwen3",
      .quant = "Q8_0",
      .params = "8B",
      .path = "/m/qwen3-8.gguf",
      .shown_path = "qwen/qwen3-8.gguf",
      .why = "",
      .type = MODEL_LLM,
      .tool_use = true,
      .reasons = true,
      .reasons_switch = true,
      .n_variant = 2,
      .n_ctx_max = 40960,
      .bits = 8.5,
      .quant_bits = 8,
      .size_bytes = 8709519872,
      .modified_unix_s = 1767000005 },
};

void fake_open(struct fake *f)
{
    struct instance_info *qwen = &f->instances[0];

    memset(f, 0, sizeof(*f));
    now = f;
    n_call = 0;
    f->models = models;
    f->n_model = COUNT_OF(models);
    f->settings.jit = true;
    *qwen = (struct instance_info){
        .id = "qwen/qwen3-8b", .model = &models[3], .state = INSTANCE_READY, .n_parallel = 4
    };
    qwen->ready = (struct worker_ready){ .n_ctx = 8192,
                                         .n_ctx_train = 40960,
                                         .n_seq = 4,
                                         .n_batch = 512,
                                         .has_logits = true,
                                         .reasons = true };
    (void)snprintf(qwen->ready.reasoning, sizeof(qwen->ready.reasoning), "think");
    f->n_instance = 1;
    buf_init(&f->q.out, MEM_OTHER, 1U << 26);
}

static void end_request(struct fake *f)
{
    for (uint32_t i = 0; i < f->n_job; i++)
        buf_finish(&f->jobs[i].text);
    f->n_job = 0;
    buf_finish(&f->q.out);
    mem_free((void *)(uintptr_t)f->q.body);
    memset(&f->q, 0, sizeof(f->q));
}

void fake_close(struct fake *f)
{
    end_request(f);
    for (uint32_t i = 0; i < f->n_stored; i++)
        mem_free(f->stored[i].body);
    mem_free(f->seen);
    assert_int_equal(mem_in_use(MEM_REQUEST), 0); /* every exchange has ended */
}

static const struct http_route *find_route(enum http_method method, const char *path,
                                           const char **rest)
{
    const struct route_table *tables[] = { &routes_openai, &routes_native, &routes_anthropic,
                                           &routes_responses, &routes_extra };

    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (uint32_t i = 0; i < tables[t]->n; i++) {
            const struct http_route *r = &tables[t]->at[i];
            size_t n = strlen(r->path);

            if (r->method != method)
                continue;
            *rest = "";
            if (strcmp(r->path, path) == 0)
                return r;
            if (r->path[n - 1] == '*' && strncmp(r->path, path, n - 1) == 0) {
                *rest = path + n - 1;
                return r;
            }
        }
    }
    return NULL;
}

void fake_send(struct fake *f, enum http_method method, const char *path, const char *body)
{
    const char *rest;
    const struct http_route *r = find_route(method, path, &rest);

    end_request(f);
    buf_init(&f->q.out, MEM_OTHER, 1U << 26);
    f->q.f = f;
    f->q.path = path;
    f->q.body = mem_strndup(MEM_OTHER, body ? body : "", body ? strlen(body) : 0);
    f->q.body_len = body ? strlen(body) : 0;
    assert_non_null(r);
    f->q.rest = rest;
    f->q.family = r->family;
    fail_begin(f);
    r->handler(&f->q, &f->app);
    fail_end(f);
}

static void swap_quotes(char *s)
{
    for (; *s; s++)
        *s = *s == '\'' ? '"' : *s == '"' ? '\'' : *s;
}

void fake_post(struct fake *f, const char *path, const char *body)
{
    char *copy = mem_strndup(MEM_OTHER, body, strlen(body));

    swap_quotes(copy);
    fake_send(f, HTTP_POST, path, copy);
    mem_free(copy);
}

static const char *show(struct fake *f, const struct buf *b)
{
    mem_free(f->seen);
    f->seen = mem_strndup(MEM_OTHER, buf_str(b), b->len);
    swap_quotes(f->seen);
    return f->seen;
}

/* Every job has its tenant, in front. */
const char *fake_job(struct fake *f, uint32_t i)
{
    static const char whose[] = "{'tenant':7,";
    const size_t n = sizeof(whose) - 1;

    if (i >= f->n_job)
        return "";
    (void)show(f, &f->jobs[i].text);
    assert_memory_equal(f->seen, whose, n);
    memmove(f->seen + 1, f->seen + n, strlen(f->seen + n) + 1);
    return f->seen;
}

/* Digits behind mark become one zero. */
static void plain_times(char *s, const char *mark)
{
    for (char *at = strstr(s, mark); at; at = strstr(at + 1, mark)) {
        char *from = at + strlen(mark), *to = from;

        while (isdigit((unsigned char)*to))
            to++;
        if (to > from) {
            *from = '0';
            memmove(from + 1, to, strlen(to) + 1);
        }
    }
}

static void plain_calls(char *s)
{
    for (char *at = strstr(s, "'id':'"); at; at = strstr(at + 1, "'id':'")) {
        size_t n = strspn(at + 6, "0123456789");

        if (n == 9 && at[15] == '\'')
            memcpy(at + 6, "000000000", 9);
    }
}

const char *fake_seen(struct fake *f)
{
    (void)show(f, &f->q.out);
    plain_times(f->seen, "'created':");
    plain_times(f->seen, "'created_at':");
    plain_times(f->seen, "'completed_at':");
    plain_calls(f->seen);
    return f->seen;
}

void fake_is(struct fake *f, const char *expected)
{
    assert_string_equal(fake_seen(f), expected);
}

void fake_has(struct fake *f, const char *part)
{
    if (!strstr(fake_seen(f), part))
        print_error("expected %s\nin %s\n", part, f->seen);
    assert_non_null(strstr(f->seen, part));
}

void fake_job_is(struct fake *f, const char *expected)
{
    assert_string_equal(fake_job(f, 0), expected);
}

void fake_refuses(struct fake *f, const char *path, const char *body, int status, const char *param,
                  const char *code)
{
    char text[256];

    fake_post(f, path, body);
    fake_store_run(f);
    if (f->q.status != status)
        print_error("%s: status %d\n", body, f->q.status);
    assert_int_equal(f->q.status, status);
    assert_int_equal(f->n_job, 0);
    if (param) {
        (void)snprintf(text, sizeof(text), "'param':'%s'", param);
        fake_has(f, text);
    }
    if (code) {
        (void)snprintf(text, sizeof(text), "'code':'%s'", code);
        fake_has(f, text);
    }
}

void fake_event(struct fake *f, uint32_t i, struct job_event *ev)
{
    struct fake_job *j = &f->jobs[i];

    assert_true(i < f->n_job);
    if (!j->id)
        return; /* it was cancelled or is over */
    if (ev->is_last)
        j->id = 0;
    fail_begin(f);
    j->fn(j->arg, ev);
    fail_end(f);
}

void fake_gone(struct fake *f)
{
    assert_non_null(f->q.gone);
    f->q.gone(f->q.gone_arg);
    f->q.gone = NULL;
}
