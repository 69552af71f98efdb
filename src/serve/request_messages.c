/* The list of messages in the shape that chat templates know. */
#include <string.h>

#include "serve/request_int.h"
#include "serve/write_int.h"

void messages_begin(struct request *q)
{
    buf_clear(&q->messages);
    jsonw_init(&q->_w, &q->messages);
    jsonw_arr(&q->_w);
}

struct jsonw *messages_add(struct request *q, const char *role)
{
    jsonw_obj(&q->_w);
    jsonw_key(&q->_w, "role");
    jsonw_str(&q->_w, role);
    return &q->_w;
}

void messages_added(struct request *q)
{
    jsonw_obj_end(&q->_w);
}

void messages_read(struct reader *r, const struct js *body, message_fn read, struct request *q)
{
    const struct js *list = read_list(r, body, "messages", READ_REQUIRED);
    size_t mark = read_enter(r, "messages"), n = js_len(list);

    if (n == 0 || n > REQUEST_MESSAGES_MAX)
        read_fail(r, "invalid_value", NULL, "'messages': expected 1 to %u, found %zu",
                  REQUEST_MESSAGES_MAX, n);
    for (size_t i = 0; i < n && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);

        read(r, q, js_at(list, i), i + 1 == n);
        read_leave(r, in);
    }
    read_leave(r, mark);
}

void messages_end(struct reader *r, struct request *q)
{
    jsonw_arr_end(&q->_w);
    if (q->messages.failed)
        read_fail_memory(r);
    q->job.messages = (struct job_str){ q->messages.data, q->messages.len };
}

void messages_text(struct request *q, const char *role, struct job_str text)
{
    struct jsonw *w = messages_add(q, role);

    jsonw_key(w, "content");
    jsonw_strn(w, text.s ? text.s : "", text.len);
    messages_added(q);
}

void messages_call(struct jsonw *w, const struct request *q, struct job_str id, struct job_str name,
                   struct job_str arguments)
{
    struct job_str shown = request_shown_name(q, name);

    jsonw_obj(w);
    jsonw_key(w, "id");
    jsonw_strn(w, id.s ? id.s : "", id.len);
    jsonw_key(w, "type");
    jsonw_str(w, "function");
    jsonw_key(w, "function");
    jsonw_obj(w);
    jsonw_key(w, "name");
    jsonw_strn(w, shown.s ? shown.s : "", shown.len);
    jsonw_key(w, "arguments");
    if (arguments.len)
        jsonw_strn(w, arguments.s, arguments.len);
    else
        jsonw_str(w, "{}");
    jsonw_obj_end(w);
    jsonw_obj_end(w);
}

static bool is_text_part(struct reader *r, const struct js *part, const struct part_types *types)
{
    struct job_str type = { NULL, 0 };

    if (!read_is(r, part, JS_OBJ) || !read_str(r, part, "type", READ_REQUIRED, &type))
        return false;
    for (uint32_t i = 0; i < types->n_text; i++) {
        if (job_str_is(type, types->text[i]))
            return true;
    }
    if (job_str_is(type, "image_url") || job_str_is(type, "input_image") ||
        job_str_is(type, "image"))
        read_fail(r, "unsupported_value", "type",
                  "images are not supported: the models of this server read text only");
    else
        read_fail(r, "invalid_value", "type", "content of the type '%.*s' is not supported here",
                  (int)(type.len < 64 ? type.len : 64), type.s);
    return false;
}

bool messages_part(struct reader *r, const struct js *part, const struct part_types *types,
                   struct job_str *text)
{
    return is_text_part(r, part, types) && read_str(r, part, "text", READ_REQUIRED, text);
}

static void write_parts(struct reader *r, struct request *q, const struct js *list,
                        const struct part_types *types)
{
    struct jsonw *w = &q->_w;
    size_t n = js_len(list);

    if (n != 1)
        jsonw_arr(w);
    for (size_t i = 0; i < n && read_ok(r); i++) {
        struct job_str text = { NULL, 0 };
        size_t in = read_enter_at(r, i);

        if (messages_part(r, js_at(list, i), types, &text)) {
            if (n != 1) {
                jsonw_obj(w);
                jsonw_key_str(w, "type", "text");
                jsonw_key(w, "text");
            }
            jsonw_strn(w, text.s, text.len);
            if (n != 1)
                jsonw_obj_end(w);
        }
        read_leave(r, in);
    }
    if (n != 1)
        jsonw_arr_end(w);
}

static bool is_list(struct reader *r, const struct js *v)
{
    if (js_kind(v) == JS_ARR)
        return true;
    read_fail(r, "invalid_type", NULL, "'%s': expected a string or an array, found %s", r->path,
              js_kind_name(js_kind(v)));
    return false;
}

void messages_content(struct reader *r, struct request *q, const char *key, const struct js *v,
                      const struct part_types *types)
{
    size_t mark = read_enter(r, key), len = 0;
    const char *s = v ? js_str(v, &len) : "";

    jsonw_key(&q->_w, "content");
    if (v && js_kind(v) == JS_ARR && js_len(v))
        write_parts(r, q, v, types);
    else if (s)
        jsonw_strn(&q->_w, s, len);
    else if (is_list(r, v))
        jsonw_str(&q->_w, "");
    read_leave(r, mark);
}

static void join_parts(struct reader *r, const struct js *list, const struct part_types *types,
                       struct buf *out)
{
    for (size_t i = 0; i < js_len(list) && read_ok(r); i++) {
        struct job_str text = { NULL, 0 };
        size_t in = read_enter_at(r, i);

        if (messages_part(r, js_at(list, i), types, &text)) {
            if (out->len)
                (void)buf_addc(out, '\n');
            (void)buf_add(out, text.s, text.len);
        }
        read_leave(r, in);
    }
}

struct job_str messages_joined(struct reader *r, const char *key, const struct js *v,
                               const struct part_types *types)
{
    size_t mark = read_enter(r, key), len = 0;
    const char *s = v ? js_str(v, &len) : "";
    struct job_str out = { "", 0 };
    struct buf b;

    if (s) {
        out = (struct job_str){ s, len };
    } else if (is_list(r, v)) {
        buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
        join_parts(r, v, types, &b);
        if (b.failed)
            read_fail_memory(r);
        out = read_keep(r, buf_str(&b), b.len);
        buf_finish(&b);
    }
    read_leave(r, mark);
    return out;
}

void messages_result(struct request *q, struct job_str id, struct job_str text)
{
    struct jsonw *w = messages_add(q, "tool");

    jsonw_key(w, "content");
    jsonw_strn(w, text.s ? text.s : "", text.len);
    jsonw_key(w, "tool_call_id");
    jsonw_strn(w, id.s ? id.s : "", id.len);
    messages_added(q);
}

/* ---- an assistant's message out of several pieces ---- */
void turn_init(struct turn *t)
{
    t->n_call = 0;
    buf_init(&t->text, MEM_REQUEST, JOB_BYTES_MAX);
    buf_init(&t->thoughts, MEM_REQUEST, JOB_BYTES_MAX);
    buf_init(&t->calls, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&t->_w, &t->calls);
}

void turn_finish(struct turn *t)
{
    buf_finish(&t->text);
    buf_finish(&t->thoughts);
    buf_finish(&t->calls);
}

void turn_text(struct turn *t, struct job_str s)
{
    (void)buf_add(&t->text, s.s, s.len);
}

void turn_thoughts(struct turn *t, struct job_str s)
{
    (void)buf_add(&t->thoughts, s.s, s.len);
}

void turn_call(struct turn *t, const struct request *q, struct job_str id, struct job_str name,
               struct job_str arguments)
{
    messages_call(&t->_w, q, id, name, arguments);
    t->n_call++;
}

void turn_end(struct turn *t, struct reader *r, struct request *q, bool always)
{
    struct jsonw *w = &q->_w;

    if (t->text.failed || t->thoughts.failed || t->calls.failed)
        read_fail_memory(r);
    if (!always && !t->text.len && !t->thoughts.len && !t->n_call)
        return;
    (void)messages_add(q, "assistant");
    jsonw_key(w, "content");
    if (t->text.len || !t->n_call)
        jsonw_buf(w, &t->text);
    else
        jsonw_null(w);
    if (t->thoughts.len) {
        jsonw_key(w, "reasoning_content");
        jsonw_buf(w, &t->thoughts);
    }
    if (t->n_call) {
        jsonw_key(w, "tool_calls");
        jsonw_arr(w);
        jsonw_raw(w, t->calls.data, t->calls.len);
        jsonw_arr_end(w);
    }
    messages_added(q);
    turn_finish(t);
    turn_init(t);
}
