/* Texts and token ids that are embedded, ranked or continued. */
#include "serve/request_int.h"

static void read_tokens(struct reader *r, const struct js *list, struct job_input *out)
{
    size_t n = js_len(list);
    int32_t *ids = arena_new_n(r->arena, n ? n : 1, sizeof(*ids));

    if (!ids) {
        read_fail_memory(r);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct js *v = js_at(list, i);

        if (js_kind(v) != JS_INT || js_int(v) < 0 || js_int(v) > INT32_MAX) {
            size_t in = read_enter_at(r, i);

            read_fail(r, "invalid_value", NULL, "'%s' is no token id", r->path);
            read_leave(r, in);
            return;
        }
        ids[i] = (int32_t)js_int(v);
    }
    out->tokens = ids;
    out->n_tok = (uint32_t)n;
}

void request_tokens(struct reader *r, const struct js *body, const char *key, struct job_input *out)
{
    const struct js *list = read_list(r, body, key, READ_REQUIRED);
    size_t mark;

    if (!list)
        return;
    mark = read_enter(r, key);
    read_tokens(r, list, out);
    read_leave(r, mark);
}

static void read_text(struct reader *r, const struct js *v, struct job_input *out)
{
    size_t len;
    const char *s = js_str(v, &len);

    out->text = read_keep(r, s, len);
}

static void read_input(struct reader *r, const struct js *v, struct job_input *out)
{
    if (js_kind(v) == JS_STR)
        read_text(r, v, out);
    else if (js_kind(v) == JS_ARR && js_len(v) && js_kind(js_at(v, 0)) == JS_INT)
        read_tokens(r, v, out);
    else
        read_fail(r, "invalid_type", NULL, "'%s': expected a text or token ids", r->path);
}

const struct job_input *request_inputs(struct reader *r, const struct js *body, const char *key,
                                       uint32_t n_max, uint32_t *n)
{
    const struct js *v = read_any(r, body, key, READ_REQUIRED);
    bool many = v && js_kind(v) == JS_ARR && !(js_len(v) && js_kind(js_at(v, 0)) == JS_INT);
    size_t count = many ? js_len(v) : 1;
    struct job_input *out;
    size_t mark;

    if (!v)
        return NULL;
    mark = read_enter(r, key);
    if (count == 0 || count > n_max)
        read_fail(r, "invalid_value", NULL, "'%s': expected 1 to %u, found %zu", key, n_max, count);
    out = read_ok(r) ? arena_new_n(r->arena, count, sizeof(*out)) : NULL;
    if (!out)
        read_fail_memory(r);
    else if (!many)
        read_input(r, v, out);
    for (size_t i = 0; out && many && i < count && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);

        read_input(r, js_at(v, i), &out[i]);
        read_leave(r, in);
    }
    read_leave(r, mark);
    *n = (uint32_t)count;
    return read_ok(r) ? out : NULL;
}
