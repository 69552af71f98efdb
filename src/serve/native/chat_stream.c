/* The stream of POST /api/v1/chat: loading, the prompt, thoughts, text, and the whole at the end.
 */
#include <string.h>

#include "serve/native/native_int.h"
#include "serve/write_int.h"

static struct jsonw event_begin(struct native_chat *s, const char *type)
{
    struct jsonw w = exchange_write(&s->x);

    jsonw_obj(&w);
    jsonw_key_str(&w, "type", type);
    return w;
}

static void event_end(struct native_chat *s, struct jsonw *w, const char *type)
{
    jsonw_obj_end(w);
    exchange_record(&s->x, type);
}

static void plain_event(struct native_chat *s, const char *type)
{
    struct jsonw w = event_begin(s, type);

    event_end(s, &w, type);
}

static void share_event(struct native_chat *s, const char *type, bool with_instance, double share)
{
    struct jsonw w = event_begin(s, type);

    if (with_instance)
        jsonw_key_str(&w, "model_instance_id", s->x.model);
    jsonw_key_seconds(&w, "progress", share);
    event_end(s, &w, type);
}

static void instance_event(struct native_chat *s, const char *type)
{
    struct jsonw w = event_begin(s, type);

    jsonw_key_str(&w, "model_instance_id", s->x.model);
    event_end(s, &w, type);
}

static void on_loading(struct native_chat *s, const struct job_event *ev)
{
    exchange_begin(&s->x);
    if (!s->is_loading)
        instance_event(s, "model_load.start");
    s->is_loading = true;
    share_event(s, "model_load.progress", true, (double)ev->share);
}

static void on_loaded(struct native_chat *s)
{
    struct jsonw w;

    if (!s->is_loading)
        return;
    s->is_loading = false;
    w = event_begin(s, "model_load.end");
    jsonw_key_str(&w, "model_instance_id", s->x.model);
    jsonw_key_seconds(&w, "load_time_seconds", s->x.load_s);
    event_end(s, &w, "model_load.end");
}

static void end_prompt(struct native_chat *s)
{
    if (s->prompt_begun && !s->prompt_ended)
        plain_event(s, "prompt_processing.end");
    s->prompt_ended = true;
}

static void on_prompt(struct native_chat *s, const struct job_event *ev)
{
    if (s->prompt_ended)
        return;
    if (!s->prompt_begun)
        plain_event(s, "prompt_processing.start");
    s->prompt_begun = true;
    if (ev->n_total)
        share_event(s, "prompt_processing.progress", false,
                    (double)ev->n_done / (double)ev->n_total);
    if (ev->n_done >= ev->n_total)
        end_prompt(s);
}

void native_stream_event(struct native_chat *s, const struct job_event *ev)
{
    if (ev->kind == JOB_EV_LOADING)
        on_loading(s, ev);
    else if (ev->kind == JOB_EV_BEGIN)
        on_loaded(s);
    else if (ev->kind == JOB_EV_PROMPT)
        on_prompt(s, ev);
}

void native_stream_begin(struct native_chat *s)
{
    instance_event(s, "chat.start");
}

void native_stream_item(struct native_chat *s, const struct answer_item *it, enum item_step step,
                        const char *text, size_t len)
{
    static const char *const names[2][3] = {
        { "reasoning.start", "reasoning.delta", "reasoning.end" },
        { "message.start", "message.delta", "message.end" },
    };
    struct jsonw w;

    if (it->kind == ITEM_CALL)
        return; /* no tools were offered */
    end_prompt(s);
    w = event_begin(s, names[it->kind == ITEM_TEXT][step]);
    if (step == ITEM_DELTA) {
        jsonw_key(&w, "content");
        jsonw_strn(&w, text, len);
    }
    event_end(s, &w, names[it->kind == ITEM_TEXT][step]);
}

void native_stream_end(struct native_chat *s)
{
    struct jsonw w;

    end_prompt(s);
    w = event_begin(s, "chat.end");
    jsonw_key(&w, "result");
    native_write_result(&w, s);
    event_end(s, &w, "chat.end");
    exchange_stream_end(&s->x);
}

void native_stream_fail(struct native_chat *s, const struct http_error *error)
{
    static const char begin[] = "{\"type\":\"error\",";
    struct buf object;

    answer_break(&s->x.answer);
    buf_init(&object, MEM_REQUEST, JOB_BYTES_MAX);
    http_error_write(&object, FAMILY_NATIVE, error);
    buf_clear(&s->x.out);
    (void)buf_adds(&s->x.out, begin);
    if (object.len > 1) /* its members behind ours */
        (void)buf_add(&s->x.out, object.data + 1, object.len - 1);
    buf_finish(&object);
    exchange_record(&s->x, "error");
    s->store = false;
    native_stream_end(s);
}
