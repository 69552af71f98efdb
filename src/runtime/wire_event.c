/* Events as bytes: the members that a kind has, one behind the other. Strings are a length, the
 * bytes and a NUL; arrays are a count and their elements, copied out when read, because bodies are
 * not aligned. */
#include <string.h>

#include "base/attr.h"
#include "runtime/wire.h"

/* Which members each kind has. */
enum part {
    PART_INSTANCE = 1U,
    PART_SHARE = 2U,
    PART_LOAD = 4U,
    PART_PROGRESS = 8U,
    PART_CALL = 16U,
    PART_NAME = 32U, /* and id */
    PART_TEXT = 64U,
    PART_TOKENS = 128U,
    PART_VECTOR = 256U,
    PART_IDS = 512U,
    PART_DONE = 1024U,
    PART_ERROR = 2048U,
};

static const unsigned parts_of[] = {
    [JOB_EV_LOADING] = PART_INSTANCE | PART_SHARE,
    [JOB_EV_BEGIN] = PART_INSTANCE | PART_LOAD | PART_TEXT,
    [JOB_EV_PROMPT] = PART_PROGRESS,
    [JOB_EV_REASONING] = PART_TEXT,
    [JOB_EV_CONTENT] = PART_TEXT,
    [JOB_EV_CALL_BEGIN] = PART_CALL | PART_NAME,
    [JOB_EV_CALL_ARGS] = PART_CALL | PART_TEXT,
    [JOB_EV_CALL_END] = PART_CALL,
    [JOB_EV_CALL_CUT] = PART_CALL,
    [JOB_EV_CALL_DROP] = PART_CALL,
    [JOB_EV_TOKENS] = PART_TOKENS,
    [JOB_EV_VECTOR] = PART_VECTOR,
    [JOB_EV_IDS] = PART_IDS,
    [JOB_EV_TEXT] = PART_TEXT,
    [JOB_EV_DONE] = PART_DONE,
    [JOB_EV_FAILED] = PART_ERROR | PART_TEXT,
};

/* ---- writing ---- */

static void put_u32(struct buf *out, uint32_t v)
{
    (void)buf_add(out, &v, sizeof(v));
}

static void put_f32(struct buf *out, float v)
{
    (void)buf_add(out, &v, sizeof(v));
}

static void put_f64(struct buf *out, double v)
{
    (void)buf_add(out, &v, sizeof(v));
}

/* NULL travels as the length UINT32_MAX. */
static void put_str(struct buf *out, const char *s, size_t len)
{
    if (len >= UINT32_MAX) {
        out->failed = true;
        return;
    }
    put_u32(out, s ? (uint32_t)len : UINT32_MAX);
    if (s) {
        (void)buf_add(out, s, len);
        (void)buf_addc(out, '\0');
    }
}

static void put_name(struct buf *out, const char *s)
{
    put_str(out, s, s ? strlen(s) : 0);
}

static void put_array(struct buf *out, const void *at, uint32_t n, size_t size)
{
    put_u32(out, n);
    (void)buf_add(out, at, n * size);
}

static void put_prob(struct buf *out, const struct job_prob *p)
{
    put_u32(out, (uint32_t)p->id);
    put_f32(out, p->logprob);
    put_str(out, p->text, p->len);
}

static void put_tokens(struct buf *out, const struct job_event *ev)
{
    put_u32(out, ev->n_token);
    for (uint32_t i = 0; i < ev->n_token; i++) {
        const struct job_token *t = &ev->tokens[i];

        put_prob(out, &t->self);
        put_u32(out, t->n_top);
        for (uint32_t k = 0; k < t->n_top; k++)
            put_prob(out, &t->top[k]);
    }
}

static void put_done(struct buf *out, const struct job_done *d)
{
    put_u32(out, (uint32_t)d->finish);
    put_str(out, d->stop.s, d->stop.len);
    put_u32(out, d->n_prompt);
    put_u32(out, d->n_cached);
    put_u32(out, d->n_generated);
    put_u32(out, d->n_reasoning);
    put_u32(out, d->miss_at);
    put_f64(out, d->queue_s);
    put_f64(out, d->prompt_s);
    put_f64(out, d->generate_s);
    put_f64(out, d->first_token_s);
}

bool wire_event_write(const struct job_event *ev, struct buf *out)
{
    unsigned parts = (unsigned)ev->kind < COUNT_OF(parts_of) ? parts_of[ev->kind] : 0;

    (void)buf_addc(out, (char)ev->kind);
    (void)buf_addc(out, (char)ev->is_last);
    put_u32(out, ev->choice);
    if (parts & PART_INSTANCE)
        put_name(out, ev->instance);
    if (parts & PART_SHARE)
        put_f32(out, ev->share);
    if (parts & PART_LOAD)
        put_f64(out, ev->load_s);
    if (parts & PART_PROGRESS) {
        put_u32(out, ev->n_done);
        put_u32(out, ev->n_total);
    }
    if (parts & PART_CALL)
        put_u32(out, ev->call);
    if (parts & PART_NAME) {
        put_name(out, ev->name);
        put_name(out, ev->id);
    }
    if (parts & PART_TEXT)
        put_str(out, ev->text, ev->len);
    if (parts & PART_TOKENS)
        put_tokens(out, ev);
    if (parts & PART_VECTOR) {
        put_u32(out, ev->input);
        put_u32(out, ev->n_input_tok);
        put_array(out, ev->vector, ev->n_vector, sizeof(*ev->vector));
    }
    if (parts & PART_IDS)
        put_array(out, ev->ids, ev->n_id, sizeof(*ev->ids));
    if (parts & PART_DONE)
        put_done(out, ev->done);
    if (parts & PART_ERROR) {
        put_u32(out, (uint32_t)ev->error);
        put_u32(out, ev->retry_after_s);
        put_u32(out, (uint32_t)ev->part);
    }
    return !out->failed;
}

/* ---- reading ---- */

/* Reads on; after a failure everything is zero. */
struct cursor {
    const uint8_t *at;
    size_t left;
    struct arena *a;
    bool bad, no_memory;
};

static void take(struct cursor *c, void *to, size_t size)
{
    if (c->left < size) {
        c->bad = true;
        c->left = 0;
        memset(to, 0, size);
        return;
    }
    memcpy(to, c->at, size);
    c->at += size;
    c->left -= size;
}

static uint8_t get_u8(struct cursor *c)
{
    uint8_t v;

    take(c, &v, sizeof(v));
    return v;
}

static uint32_t get_u32(struct cursor *c)
{
    uint32_t v;

    take(c, &v, sizeof(v));
    return v;
}

static float get_f32(struct cursor *c)
{
    float v;

    take(c, &v, sizeof(v));
    return v;
}

static double get_f64(struct cursor *c)
{
    double v;

    take(c, &v, sizeof(v));
    return v;
}

static const char *get_str(struct cursor *c, size_t *len)
{
    uint32_t n = get_u32(c);
    const char *s = (const char *)c->at;

    *len = 0;
    if (c->bad || n == UINT32_MAX)
        return NULL;
    if (c->left <= n || s[n] != '\0') {
        c->bad = true;
        return NULL;
    }
    c->at += n + 1U;
    c->left -= n + 1U;
    *len = n;
    return s;
}

/* For C strings: a NUL within is no name of ours. */
static const char *get_name(struct cursor *c)
{
    size_t len;
    const char *s = get_str(c, &len);

    if (s && strlen(s) != len)
        c->bad = true;
    return c->bad ? NULL : s;
}

/* n elements from the arena; each takes at least `least` bytes of the body, so that a count alone
 * cannot ask for memory. */
static void *get_room(struct cursor *c, uint32_t n, size_t size, size_t least)
{
    void *p;

    if (c->bad || n > c->left / least) {
        c->bad = true;
        return NULL;
    }
    p = arena_new_n(c->a, n, size);
    if (!p)
        c->bad = c->no_memory = true;
    return p;
}

static void *get_array(struct cursor *c, uint32_t *n, size_t size)
{
    void *p;

    *n = get_u32(c);
    p = get_room(c, *n, size, size);
    if (p)
        take(c, p, *n * size);
    else
        *n = 0;
    return p;
}

static void get_prob(struct cursor *c, struct job_prob *p)
{
    size_t len;

    p->id = (int32_t)get_u32(c);
    p->logprob = get_f32(c);
    p->text = get_str(c, &len);
    p->len = (uint32_t)len;
}

#define PROB_BYTES_MIN 12U

static void get_tokens(struct cursor *c, struct job_event *ev)
{
    uint32_t n = get_u32(c);
    struct job_token *t = get_room(c, n, sizeof(*t), PROB_BYTES_MIN + 4U);

    for (uint32_t i = 0; t && i < n && !c->bad; i++) {
        struct job_prob *top;

        get_prob(c, &t[i].self);
        t[i].n_top = get_u32(c);
        top = get_room(c, t[i].n_top, sizeof(*top), PROB_BYTES_MIN);
        for (uint32_t k = 0; top && k < t[i].n_top; k++)
            get_prob(c, &top[k]);
        t[i].top = top;
    }
    ev->tokens = t;
    ev->n_token = t ? n : 0;
}

static void get_done(struct cursor *c, struct job_event *ev)
{
    struct job_done *d = arena_new(c->a, sizeof(*d));
    uint32_t finish = get_u32(c);

    if (!d) {
        c->bad = c->no_memory = true;
        return;
    }
    c->bad = c->bad || finish > JOB_END_CANCELLED;
    d->finish = (enum job_finish)finish;
    d->stop.s = get_str(c, &d->stop.len);
    d->n_prompt = get_u32(c);
    d->n_cached = get_u32(c);
    d->n_generated = get_u32(c);
    d->n_reasoning = get_u32(c);
    d->miss_at = get_u32(c);
    d->queue_s = get_f64(c);
    d->prompt_s = get_f64(c);
    d->generate_s = get_f64(c);
    d->first_token_s = get_f64(c);
    ev->done = d;
}

static void get_error(struct cursor *c, struct job_event *ev)
{
    uint32_t error = get_u32(c), part;

    ev->error = (enum job_error)error;
    ev->retry_after_s = get_u32(c);
    part = get_u32(c);
    ev->part = (enum job_part)part;
    c->bad = c->bad || error >= JOB_ERR_COUNT || part >= JOB_PART_COUNT;
}

static void get_parts(struct cursor *c, unsigned parts, struct job_event *ev)
{
    if (parts & PART_INSTANCE)
        ev->instance = get_name(c);
    if (parts & PART_SHARE)
        ev->share = get_f32(c);
    if (parts & PART_LOAD)
        ev->load_s = get_f64(c);
    if (parts & PART_PROGRESS) {
        ev->n_done = get_u32(c);
        ev->n_total = get_u32(c);
    }
    if (parts & PART_CALL)
        ev->call = get_u32(c);
    if (parts & PART_NAME) {
        ev->name = get_name(c);
        ev->id = get_name(c);
        c->bad = c->bad || !ev->name || !ev->id;
    }
    if (parts & PART_TEXT)
        ev->text = get_str(c, &ev->len);
    if (parts & PART_TOKENS)
        get_tokens(c, ev);
    if (parts & PART_VECTOR) {
        ev->input = get_u32(c);
        ev->n_input_tok = get_u32(c);
        ev->vector = get_array(c, &ev->n_vector, sizeof(float));
    }
    if (parts & PART_IDS)
        ev->ids = get_array(c, &ev->n_id, sizeof(int32_t));
    if (parts & PART_DONE)
        get_done(c, ev);
    if (parts & PART_ERROR)
        get_error(c, ev);
}

enum err_code wire_event_read(struct job_event *ev, const uint8_t *body, size_t len,
                              struct arena *a, struct err *e)
{
    struct cursor c = { .at = body, .left = len, .a = a };
    unsigned kind = get_u8(&c), is_last = get_u8(&c);
    bool fits;

    *ev = (struct job_event){ 0 };
    if (kind >= COUNT_OF(parts_of) || is_last > 1)
        return err_set(e, ERR_FORMAT, "there is no event of kind %u", kind);
    ev->kind = (enum job_event_kind)kind;
    ev->is_last = is_last;
    ev->choice = get_u32(&c);
    fits = ev->choice < JOB_CHOICES_MAX;
    get_parts(&c, parts_of[kind], ev);
    if (c.no_memory)
        return err_set(e, ERR_OOM, "no memory for an event of %zu bytes", len);
    if (c.bad || c.left || !fits)
        return err_set(e, ERR_FORMAT, "an event of kind %u contradicts itself, %zu bytes", kind,
                       len);
    return ERR_OK;
}
