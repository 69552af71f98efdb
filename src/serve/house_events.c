/* What happens to models, told to those who listen and to the log. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/utf8.h"
#include "os/process.h"
#include "os/sys.h"
#include "serve/house_int.h"

#define RESOURCES_S      2.0
#define LOG_TEXT_BYTES   900U /* of a prompt in one line of the log */
#define LOG_PROMPT_BYTES (64U << 10)

static void begin(struct jsonw *w, struct buf *b, const char *type)
{
    buf_init(b, MEM_REQUEST, FEED_RECORD_BYTES);
    jsonw_init(w, b);
    jsonw_obj(w);
    jsonw_key(w, "type");
    jsonw_str(w, type);
}

static void text_member(struct jsonw *w, const char *key, const char *value)
{
    jsonw_key(w, key);
    jsonw_str(w, value ? value : "");
}

static void uint_member(struct jsonw *w, const char *key, uint64_t value)
{
    jsonw_key(w, key);
    jsonw_uint(w, value);
}

static void send(struct app *app, struct jsonw *w, struct buf *b, const char *type)
{
    jsonw_obj_end(w);
    feed_send(app->feed, FEED_EVENTS, type, b);
    buf_finish(b);
}

/* ---- loading ---- */

static void tell_load(struct app *app, const struct runtime_event *ev)
{
    static const char *const types[] = { [RT_LOAD_BEGIN] = "model_load.start",
                                         [RT_LOAD_PROGRESS] = "model_load.progress",
                                         [RT_LOAD_END] = "model_load.end",
                                         [RT_LOAD_FAILED] = "model_load.failed",
                                         [RT_UNLOADED] = "model_unload" };
    struct jsonw w;
    struct buf b;

    if (!(feed_topics(app->feed) & FEED_EVENTS))
        return;
    begin(&w, &b, types[ev->kind]);
    text_member(&w, "model_instance_id", ev->instance);
    text_member(&w, "model", ev->model_key);
    if (ev->kind == RT_LOAD_PROGRESS) {
        jsonw_key(&w, "progress");
        jsonw_fixed(&w, (double)ev->share, 3);
    } else if (ev->kind == RT_LOAD_END) {
        jsonw_key(&w, "load_time_seconds");
        jsonw_fixed(&w, ev->seconds, 3);
    } else if (ev->kind == RT_LOAD_FAILED) {
        text_member(&w, "message", ev->text);
    } else if (ev->kind == RT_UNLOADED) {
        text_member(&w, "reason", ev->text);
    }
    send(app, &w, &b, types[ev->kind]);
}

/* ---- jobs ---- */

static double rate(const struct job_done *d)
{
    /* of one token no rate can be told */
    return d->n_generated > 1 && d->generate_s > 0 ? (double)d->n_generated / d->generate_s : 0;
}

static void tell_job(struct app *app, const struct runtime_event *ev)
{
    const char *type = ev->kind == RT_JOB_BEGIN ? "job.start" : "job.end";
    struct jsonw w;
    struct buf b;

    if (!(feed_topics(app->feed) & FEED_EVENTS))
        return;
    begin(&w, &b, type);
    text_member(&w, "model_instance_id", ev->instance);
    uint_member(&w, "job", ev->job);
    if (ev->done) {
        text_member(&w, "stop_reason", job_finish_name(ev->done->finish));
        uint_member(&w, "input_tokens", ev->done->n_prompt);
        uint_member(&w, "cached_tokens", ev->done->n_cached);
        uint_member(&w, "output_tokens", ev->done->n_generated);
        jsonw_key(&w, "tokens_per_second");
        jsonw_fixed(&w, rate(ev->done), 2);
        jsonw_key(&w, "queue_seconds");
        jsonw_fixed(&w, ev->done->queue_s, 4);
    } else if (ev->kind == RT_JOB_END) {
        text_member(&w, "stop_reason", "failed");
    }
    send(app, &w, &b, type);
}

static void write_stats(struct jsonw *w, const struct job_done *d)
{
    jsonw_key(w, "stats");
    jsonw_obj(w);
    text_member(w, "stopReason", job_finish_name(d->finish));
    jsonw_key(w, "tokensPerSecond");
    jsonw_fixed(w, rate(d), 2);
    jsonw_key(w, "numGpuLayers");
    jsonw_int(w, -1);
    jsonw_key(w, "timeToFirstTokenSec");
    jsonw_fixed(w, d->first_token_s, 4);
    uint_member(w, "promptTokensCount", d->n_prompt);
    uint_member(w, "predictedTokensCount", d->n_generated);
    uint_member(w, "totalTokensCount", (uint64_t)d->n_prompt + d->n_generated);
    jsonw_obj_end(w);
}

/* Prompt or answer in the words of `log stream`. */
static void tell_text(struct app *app, const struct runtime_event *ev)
{
    const bool is_input = ev->kind == RT_JOB_BEGIN;
    const unsigned topic = is_input ? FEED_INPUT : FEED_OUTPUT;
    struct jsonw w;
    struct buf b;

    if (!(feed_topics(app->feed) & topic) || !ev->text || (!is_input && !ev->done && ev->len == 0))
        return;
    buf_init(&b, MEM_REQUEST, FEED_RECORD_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "timestamp");
    jsonw_int(&w, clock_unix_s() * 1000);
    jsonw_key(&w, "data");
    jsonw_obj(&w);
    text_member(&w, "type", is_input ? "llm.prediction.input" : "llm.prediction.output");
    text_member(&w, "modelIdentifier", ev->instance);
    if (is_input)
        text_member(&w, "modelPath", ev->model_path);
    jsonw_key(&w, is_input ? "input" : "output");
    jsonw_strn(&w, ev->text, ev->len);
    if (!is_input && ev->done)
        write_stats(&w, ev->done);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    feed_send(app->feed, topic, NULL, &b);
    buf_finish(&b);
}

static void tell_worker_log(struct app *app, const struct runtime_event *ev)
{
    static const char *const levels[] = { "none", "error", "warn", "info", "debug" };
    struct jsonw w;
    struct buf b;

    if (!(feed_topics(app->feed) & FEED_WORKER_LOG) || ev->level < 0 ||
        ev->level >= (int)COUNT_OF(levels))
        return;
    buf_init(&b, MEM_REQUEST, FEED_RECORD_BYTES);
    jsonw_init(&w, &b);
    jsonw_obj(&w);
    jsonw_key(&w, "timestamp");
    jsonw_int(&w, clock_unix_s() * 1000);
    jsonw_key(&w, "data");
    jsonw_obj(&w);
    text_member(&w, "type", "runtime.log");
    text_member(&w, "level", levels[ev->level]);
    text_member(&w, "engineName", "hearth");
    text_member(&w, "modelIdentifier", ev->instance);
    jsonw_key(&w, "message");
    jsonw_strn(&w, ev->text ? ev->text : "", ev->len);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    feed_send(app->feed, FEED_WORKER_LOG, NULL, &b);
    buf_finish(&b);
}

/* ---- the log ---- */

static void log_text(const char *what, const char *instance, const char *text, size_t len)
{
    size_t left = len < LOG_PROMPT_BYTES ? len : LOG_PROMPT_BYTES;

    while (left > 0) {
        size_t n = left < LOG_TEXT_BYTES ? left : utf8_whole_bytes(text, LOG_TEXT_BYTES);

        log_info("model", "%.100s %s: %.*s", instance, what, (int)n, text);
        text += n;
        left -= n;
    }
}

static void log_job(const char *id, const struct job_done *d)
{
    char miss[48] = "";

    if (d->miss_at != JOB_MISS_NONE)
        (void)snprintf(miss, sizeof(miss), ", cache differs at token %u", d->miss_at);
    log_info(
        "model",
        "%.100s: %u prompt tokens (%u cached%s), %u generated, %.1f tok/s, first after %.0f ms", id,
        d->n_prompt, d->n_cached, miss, d->n_generated, rate(d), d->first_token_s * 1000.0);
}

static void log_worker(const struct runtime_event *ev)
{
    const char *text = ev->text ? ev->text : "";
    const int len = ev->len < LOG_TEXT_BYTES ? (int)ev->len : (int)LOG_TEXT_BYTES;

    if (ev->level == LOG_ERROR)
        log_error("worker", "%.100s: %.*s", ev->instance, len, text);
    else if (ev->level == LOG_WARN)
        log_warn("worker", "%.100s: %.*s", ev->instance, len, text);
    else if (ev->level == LOG_INFO)
        log_info("worker", "%.100s: %.*s", ev->instance, len, text);
    else
        log_debug("worker", "%.100s: %.*s", ev->instance, len, text);
}

static void log_event(const struct app *app, const struct runtime_event *ev)
{
    const char *id = ev->instance ? ev->instance : "?";
    const char *text = ev->text ? ev->text : "";

    switch (ev->kind) {
    case RT_LOAD_BEGIN:
        log_info("model", "%.100s: loading %.300s", id, ev->model_path ? ev->model_path : "");
        break;
    case RT_LOAD_PROGRESS:
    case RT_LOAD_END: /* runtime has more to say about it */
        break;
    case RT_LOAD_FAILED:
        log_error("model", "%.100s: %s", id, ev->detail ? ev->detail : text);
        break;
    case RT_UNLOADED:
        log_info("model", "%.100s: unloaded (%s)", id, text);
        break;
    case RT_JOB_BEGIN:
        if (app->config.log_prompts && ev->text)
            log_text("prompt", id, ev->text, ev->len);
        break;
    case RT_JOB_END:
        if (ev->done)
            log_job(id, ev->done);
        if (app->config.log_prompts && ev->text)
            log_text("answer", id, ev->text, ev->len);
        break;
    case RT_LOG:
        log_worker(ev);
        break;
    }
}

void house_on_event(void *arg, const struct runtime_event *ev)
{
    struct app *app = arg;

    log_event(app, ev);
    switch (ev->kind) {
    case RT_JOB_BEGIN:
    case RT_JOB_END:
        tell_job(app, ev);
        tell_text(app, ev);
        break;
    case RT_LOG:
        tell_worker_log(app, ev);
        break;
    default:
        tell_load(app, ev);
        break;
    }
}

/* ---- resource use ---- */

static void send_resources(struct app *app)
{
    struct http_stats s;
    struct jsonw w;
    struct buf b;

    http_stats(app->http, &s);
    begin(&w, &b, "resources");
    uint_member(&w, "resident_bytes", process_rss_bytes(process_self()));
    uint_member(&w, "connections", s.n_connection_now);
    uint_member(&w, "streams", s.n_stream_now);
    jsonw_key(&w, "models");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < runtime_n_instance(app->runtime); i++) {
        struct instance_info info;

        runtime_instance(app->runtime, i, &info);
        jsonw_obj(&w);
        text_member(&w, "model_instance_id", info.id);
        uint_member(&w, "resident_bytes", info.rss_bytes);
        uint_member(&w, "running", info.n_job - info.n_waiting);
        uint_member(&w, "waiting", info.n_waiting);
        uint_member(&w, "generated_tokens", info.stats.n_tok_generated);
        uint_member(&w, "kv_pages", info.stats.n_page);
        uint_member(&w, "kv_pages_used", info.stats.n_page_used);
        jsonw_obj_end(&w);
    }
    jsonw_arr_end(&w);
    send(app, &w, &b, "resources");
}

static void on_resources(struct loop_timer *t)
{
    struct app *app = t->arg;

    send_resources(app);
    if (feed_topics(app->feed) & FEED_EVENTS)
        (void)loop_timer_at(app->loop, &app->resources, clock_s() + RESOURCES_S, on_resources, app,
                            NULL);
}

void house_on_listeners(void *arg)
{
    struct app *app = arg;
    const unsigned topics = feed_topics(app->feed);

    if (!(topics & FEED_EVENTS))
        loop_timer_stop(app->loop, &app->resources);
    else if (!loop_timer_is_set(&app->resources))
        (void)loop_timer_at(app->loop, &app->resources, clock_s(), on_resources, app, NULL);
    if (app->runtime)
        runtime_want_prompts(app->runtime,
                             app->config.log_prompts || topics & (FEED_INPUT | FEED_OUTPUT));
    log_out_listened(topics & FEED_LOG);
}
