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

void messages_call(struct request *q, struct job_str id, struct job_str name,
                   struct job_str arguments)
{
    struct job_str shown = request_shown_name(q, name);
    struct jsonw *w = &q->_w;

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

void messages_content(struct reader *r, struct request *q, const struct js *content,
                      const struct part_types *types)
{
    struct jsonw *w = &q->_w;
    size_t mark = read_enter(r, "content"), n = js_len(content);

    jsonw_key(w, "content");
    if (!content || js_kind(content) == JS_STR || (js_kind(content) == JS_ARR && n == 0)) {
        size_t len = 0;
        const char *s = content ? js_str(content, &len) : NULL;

        jsonw_strn(w, s ? s : "", s ? len : 0);
        read_leave(r, mark);
        return;
    }
    if (!read_is(r, content, JS_ARR)) {
        read_leave(r, mark);
        return;
    }
    if (n != 1)
        jsonw_arr(w);
    for (size_t i = 0; i < n && read_ok(r); i++) {
        const struct js *part = js_at(content, i);
        struct job_str text = { NULL, 0 };
        size_t in = read_enter_at(r, i);

        if (is_text_part(r, part, types) && read_str(r, part, "text", READ_REQUIRED, &text)) {
            if (n != 1) {
                jsonw_obj(w);
                jsonw_key(w, "type");
                jsonw_str(w, "text");
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
    read_leave(r, mark);
}
