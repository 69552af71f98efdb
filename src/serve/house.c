/* Routes of the house itself: is it there, how is it, what does it do. */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "os/process.h"
#include "os/sys.h"
#include "serve/house_int.h"

#define METRICS_BYTES (4U << 20)

static void health(struct http_req *q, void *arg)
{
    static const char text[] = "{\"status\":\"ok\"}";

    (void)arg;
    http_reply(q, 200, "application/json", text, sizeof(text) - 1);
}

static void greeting(struct http_req *q, void *arg)
{
    static const char text[] = "{\"lmstudio\":true}";

    (void)arg;
    http_reply(q, 200, "application/json", text, sizeof(text) - 1);
}

static void lms_status(struct http_req *q, void *arg)
{
    static const char text[] = "{\"package\":\"hearth\",\"version\":\"" HEARTH_VERSION "\"}";

    (void)arg;
    http_reply(q, 200, "application/json", text, sizeof(text) - 1);
}

/* ---- Prometheus ---- */

static void family(struct buf *b, const char *name, const char *type, const char *help)
{
    (void)buf_addf(b, "# HELP hearth_%s %s\n# TYPE hearth_%s %s\n", name, help, name, type);
}

static void single(struct buf *b, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    family(b, name, type, help);
    (void)buf_addf(b, "hearth_%s %llu\n", name, (unsigned long long)value);
}

static void write_http(struct buf *b, const struct http *http)
{
    struct http_stats s;

    http_stats(http, &s);
    family(b, "http_requests_total", "counter", "Answers by class of status.");
    for (unsigned i = 1; i < COUNT_OF(s.n_by_status); i++)
        (void)buf_addf(b, "hearth_http_requests_total{status=\"%uxx\"} %llu\n", i,
                       (unsigned long long)s.n_by_status[i]);
    single(b, "http_refused_total", "counter", "Requests and connections refused or cut off.",
           s.n_refused);
    single(b, "http_connections", "gauge", "Open connections.", s.n_connection_now);
    single(b, "http_streams", "gauge", "Event streams under way.", s.n_stream_now);
    single(b, "http_received_bytes_total", "counter", "Bytes of bodies.", s.bytes_in);
    single(b, "http_sent_bytes_total", "counter", "Bytes of answers, without heads.", s.bytes_out);
}

/* Characters that a label's value may not have as they are. */
static void label(struct buf *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            (void)buf_addc(b, '\\');
        if (*text != '\n')
            (void)buf_addc(b, *text);
    }
}

struct gauge {
    const char *name, *type, *help;
    uint64_t (*value)(const struct instance_info *i);
};

static uint64_t running(const struct instance_info *i)
{
    return i->n_job - i->n_waiting;
}

static uint64_t waiting(const struct instance_info *i)
{
    return i->n_waiting;
}

static uint64_t parallel(const struct instance_info *i)
{
    return i->n_parallel;
}

static uint64_t rss(const struct instance_info *i)
{
    return i->rss_bytes;
}

static uint64_t tok_prompt(const struct instance_info *i)
{
    return i->stats.n_tok_prompt;
}

static uint64_t tok_cached(const struct instance_info *i)
{
    return i->stats.n_tok_cached;
}

static uint64_t tok_generated(const struct instance_info *i)
{
    return i->stats.n_tok_generated;
}

static uint64_t kv_pages(const struct instance_info *i)
{
    return i->stats.n_page;
}

static uint64_t kv_used(const struct instance_info *i)
{
    return i->stats.n_page_used;
}

static uint64_t kv_cached(const struct instance_info *i)
{
    return i->stats.n_page_cached;
}

static const struct gauge gauges[] = {
    { "model_jobs_running", "gauge", "Requests that a model works on.", running },
    { "model_jobs_waiting", "gauge", "Requests that wait for their turn.", waiting },
    { "model_parallel", "gauge", "Requests that a model can work on at once.", parallel },
    { "model_resident_bytes", "gauge", "Resident memory of the model's worker.", rss },
    { "model_prompt_tokens_total", "counter", "Prompt tokens computed.", tok_prompt },
    { "model_cached_tokens_total", "counter", "Prompt tokens taken from the cache.", tok_cached },
    { "model_generated_tokens_total", "counter", "Tokens generated.", tok_generated },
    { "model_kv_pages", "gauge", "Pages of the key-value cache.", kv_pages },
    { "model_kv_pages_used", "gauge", "Pages in use by requests.", kv_used },
    { "model_kv_pages_cached", "gauge", "Pages kept for later prefixes.", kv_cached },
};

static void write_models(struct buf *b, const struct runtime *r)
{
    single(b, "models_loaded", "gauge", "Models in memory.", runtime_n_instance(r));
    for (size_t g = 0; g < COUNT_OF(gauges); g++) {
        family(b, gauges[g].name, gauges[g].type, gauges[g].help);
        for (uint32_t i = 0; i < runtime_n_instance(r); i++) {
            struct instance_info info;

            runtime_instance(r, i, &info);
            (void)buf_addf(b, "hearth_%s{model=\"", gauges[g].name);
            label(b, info.id);
            (void)buf_addf(b, "\"} %llu\n", (unsigned long long)gauges[g].value(&info));
        }
    }
}

static void metrics(struct http_req *q, void *arg)
{
    const struct app *app = arg;
    struct buf b;

    buf_init(&b, MEM_REQUEST, METRICS_BYTES);
    write_http(&b, app->http);
    write_models(&b, app->runtime);
    single(&b, "resident_bytes", "gauge", "Resident memory of the daemon.",
           process_rss_bytes(process_self()));
    family(&b, "uptime_seconds", "gauge", "Time since the daemon started.");
    (void)buf_addf(&b, "hearth_uptime_seconds %.0f\n", clock_s() - app->started_s);
    if (b.failed)
        http_reply_error(q, &(struct http_error){ .status = 500, .text = "no memory" });
    else
        http_reply(q, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b), b.len);
    buf_finish(&b);
}

static void events(struct http_req *q, void *arg)
{
    feed_join(((struct app *)arg)->feed, q, FEED_EVENTS);
}

static const struct http_route rows[] = {
    { HTTP_GET, "/health", health, FAMILY_PLAIN, 0, 0, false },
    { HTTP_GET, "/lmstudio-greeting", greeting, FAMILY_PLAIN, 0, 0, false },
    { HTTP_GET, "/lms-status", lms_status, FAMILY_PLAIN, 0, 0, false },
    { HTTP_GET, "/metrics", metrics, FAMILY_PLAIN, KEY_MODELS_READ, 0, false },
    { HTTP_GET, "/api/v1/events", events, FAMILY_NATIVE, KEY_MODELS_READ, 0, false },
};

const struct route_table routes_house = { rows, COUNT_OF(rows) };
