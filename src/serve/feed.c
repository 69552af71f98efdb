/* Who listens to events and logs: a small list of streams. */
#include "base/mem.h"
#include "serve/feed_int.h"

struct listener {
    struct feed *feed;
    struct http_req *q; /* NULL: free */
    unsigned topics;
};

struct feed {
    struct listener listeners[FEED_LISTENERS_MAX];
    unsigned topics; /* of all together */
    bool has_ended;
    void (*on_change)(void *arg);
    void *arg;
};

enum err_code feed_open(struct feed **out, void (*on_change)(void *arg), void *arg, struct err *e)
{
    *out = mem_alloc_zero(MEM_OTHER, sizeof(**out));
    if (!*out)
        return err_set(e, ERR_OOM, "no memory for the event feed");
    (*out)->on_change = on_change;
    (*out)->arg = arg;
    return ERR_OK;
}

unsigned feed_topics(const struct feed *f)
{
    return f->topics;
}

static void count_topics(struct feed *f)
{
    unsigned topics = 0;

    for (unsigned i = 0; i < FEED_LISTENERS_MAX; i++) {
        if (f->listeners[i].q)
            topics |= f->listeners[i].topics;
    }
    if (topics == f->topics)
        return;
    f->topics = topics;
    f->on_change(f->arg);
}

static void on_gone(void *arg)
{
    struct listener *l = arg;

    l->q = NULL;
    count_topics(l->feed);
}

static bool has_place(const struct feed *f, const struct http_req *q)
{
    unsigned n_remote = 0;

    for (unsigned i = 0; i < FEED_LISTENERS_MAX; i++)
        n_remote += f->listeners[i].q && !http_is_local(f->listeners[i].q);
    return !f->has_ended && (http_is_local(q) || n_remote < FEED_REMOTE_MAX);
}

void feed_join(struct feed *f, struct http_req *q, unsigned topics)
{
    for (unsigned i = 0; has_place(f, q) && i < FEED_LISTENERS_MAX; i++) {
        struct listener *l = &f->listeners[i];

        if (l->q)
            continue;
        *l = (struct listener){ .feed = f, .q = q, .topics = topics };
        http_stream_begin(q, true);
        http_on_gone(q, on_gone, l);
        count_topics(f);
        return;
    }
    http_reply_error(q, &(struct http_error){ .status = 503,
                                              .code = "overloaded",
                                              .text = "Too many listeners at once.",
                                              .retry_after_s = 10 });
}

void feed_send(struct feed *f, unsigned topic, const char *name, const struct buf *json)
{
    if (!(f->topics & topic) || json->failed)
        return;
    /* One that is too slow says so and leaves later: the list stays as it is meanwhile. */
    for (unsigned i = 0; i < FEED_LISTENERS_MAX; i++) {
        if (f->listeners[i].q && f->listeners[i].topics & topic)
            (void)http_stream_event(f->listeners[i].q, name, buf_str(json), json->len);
    }
}

void feed_end(struct feed *f)
{
    f->has_ended = true;
    for (unsigned i = 0; i < FEED_LISTENERS_MAX; i++) {
        if (f->listeners[i].q)
            http_stream_end(f->listeners[i].q);
        f->listeners[i].q = NULL;
    }
    count_topics(f);
}

void feed_close(struct feed *f)
{
    if (!f)
        return;
    feed_end(f);
    mem_free(f);
}
