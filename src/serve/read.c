/* Fields of a request's JSON body: one reader for all dialects. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "serve/read_int.h"
#include "serve/write_int.h"

void read_init(struct reader *r, struct arena *a)
{
    memset(r, 0, sizeof(*r));
    r->arena = a;
}

bool read_ok(const struct reader *r)
{
    return r->error.status == 0;
}

/* Appends to a path, as much as there is room for, in whole characters. */
static void append(char path[READ_PATH_BYTES], size_t *len, const char *s)
{
    size_t n = strlen(s), room = READ_PATH_BYTES - 1 - *len;

    if (n > room)
        n = utf8_whole_bytes(s, room);
    memcpy(path + *len, s, n);
    *len += n;
    path[*len] = '\0';
}

static void place(const struct reader *r, const char *key, char out[READ_PATH_BYTES])
{
    size_t len = r->path_len;

    memcpy(out, r->path, len);
    out[len] = '\0';
    if (!key)
        return;
    if (len)
        append(out, &len, ".");
    append(out, &len, key);
}

void read_fail(struct reader *r, const char *code, const char *key, const char *fmt, ...)
{
    va_list ap;

    if (!read_ok(r))
        return;
    place(r, key, r->param);
    va_start(ap, fmt);
    (void)vsnprintf(r->text, sizeof(r->text), fmt, ap);
    va_end(ap);
    r->text[utf8_whole_bytes(r->text, strlen(r->text))] = '\0';
    r->error = (struct http_error){ .status = 400, .code = code, .text = r->text };
    r->error.param = r->param[0] ? r->param : NULL;
}

void read_fail_memory(struct reader *r)
{
    if (read_ok(r))
        r->error = (struct http_error){ .status = 500, .text = "no memory for this request" };
}

size_t read_enter(struct reader *r, const char *key)
{
    size_t mark = r->path_len;

    if (mark)
        append(r->path, &r->path_len, ".");
    append(r->path, &r->path_len, key);
    return mark;
}

size_t read_enter_at(struct reader *r, size_t i)
{
    size_t mark = r->path_len;
    char text[24];

    (void)snprintf(text, sizeof(text), "[%zu]", i);
    append(r->path, &r->path_len, text);
    return mark;
}

void read_leave(struct reader *r, size_t mark)
{
    r->path[mark] = '\0';
    r->path_len = mark;
}

const struct js *read_any(struct reader *r, const struct js *obj, const char *key,
                          enum read_need need)
{
    const struct js *v;

    if (!read_ok(r))
        return NULL;
    v = js_get(obj, key);
    if (v && js_kind(v) != JS_NULL)
        return v;
    if (need == READ_REQUIRED) {
        char at[READ_PATH_BYTES];

        place(r, key, at);
        read_fail(r, "missing_required_parameter", key, "'%s' is required", at);
    }
    return NULL;
}

static void wrong_kind(struct reader *r, const char *key, const char *expected,
                       const struct js *found)
{
    char at[READ_PATH_BYTES];

    place(r, key, at);
    read_fail(r, "invalid_type", key, "'%s': expected %s, found %s", at, expected,
              js_kind_name(js_kind(found)));
}

static const struct js *read_kind(struct reader *r, const struct js *obj, const char *key,
                                  enum read_need need, enum js_kind kind, const char *expected)
{
    const struct js *v = read_any(r, obj, key, need);

    if (v && js_kind(v) != kind) {
        wrong_kind(r, key, expected, v);
        return NULL;
    }
    return v;
}

const struct js *read_list(struct reader *r, const struct js *obj, const char *key,
                           enum read_need need)
{
    return read_kind(r, obj, key, need, JS_ARR, "an array");
}

const struct js *read_object(struct reader *r, const struct js *obj, const char *key,
                             enum read_need need)
{
    return read_kind(r, obj, key, need, JS_OBJ, "an object");
}

bool read_str(struct reader *r, const struct js *obj, const char *key, enum read_need need,
              struct job_str *out)
{
    const struct js *v = read_kind(r, obj, key, need, JS_STR, "a string");

    if (!v)
        return false;
    out->s = js_str(v, &out->len);
    return true;
}

bool read_name(struct reader *r, const struct js *obj, const char *key, enum read_need need,
               size_t n_max, struct job_str *out)
{
    struct job_str s = { NULL, 0 };
    char at[READ_PATH_BYTES];

    if (!read_str(r, obj, key, need, &s))
        return false;
    place(r, key, at);
    if (s.len > n_max)
        read_fail(r, "invalid_value", key, "'%s': longer than %zu bytes", at, n_max);
    else if (utf8_has_control(s.s, s.len))
        read_fail(r, "invalid_value", key, "'%s': a name has no control characters", at);
    if (!read_ok(r))
        return false;
    *out = s;
    return true;
}

bool read_num(struct reader *r, const struct js *obj, const char *key, double lo, double hi,
              double *out)
{
    const struct js *v = read_any(r, obj, key, READ_OPTIONAL);
    double x;

    if (!v)
        return false;
    if (!js_is_num(v)) {
        wrong_kind(r, key, "a number", v);
        return false;
    }
    x = js_num(v);
    if (!(x >= lo && x <= hi)) {
        char at[READ_PATH_BYTES];

        place(r, key, at);
        read_fail(r, "invalid_value", key, "'%s': expected %g to %g, found %g", at, lo, hi, x);
        return false;
    }
    *out = x;
    return true;
}

bool read_int(struct reader *r, const struct js *obj, const char *key, int64_t lo, int64_t hi,
              int64_t *out)
{
    const struct js *v = read_any(r, obj, key, READ_OPTIONAL);
    char at[READ_PATH_BYTES];
    int64_t x;

    if (!v)
        return false;
    if (js_kind(v) == JS_REAL && js_num(v) == floor(js_num(v)) && fabs(js_num(v)) < 9e15) {
        x = (int64_t)js_num(v);
    } else if (js_kind(v) == JS_INT) {
        x = js_int(v);
    } else {
        wrong_kind(r, key, "an integer", v);
        return false;
    }
    if (x < lo || x > hi) {
        place(r, key, at);
        read_fail(r, "invalid_value", key,
                  "'%s': expected %" PRId64 " to %" PRId64 ", found %" PRId64, at, lo, hi, x);
        return false;
    }
    *out = x;
    return true;
}

bool read_bool(struct reader *r, const struct js *obj, const char *key, bool *out)
{
    const struct js *v = read_kind(r, obj, key, READ_OPTIONAL, JS_BOOL, "true or false");

    if (!v)
        return false;
    *out = js_bool(v);
    return true;
}

static int choose(struct reader *r, const char *key, struct job_str s, const char *const *names,
                  uint32_t n)
{
    char at[READ_PATH_BYTES], list[READ_PATH_BYTES] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (job_str_is(s, names[i]))
            return (int)i;
        if (len < sizeof(list))
            len +=
                (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", names[i]);
    }
    place(r, key, at);
    read_fail(r, "invalid_value", key, "'%s': expected one of %s, found '%.*s'", at, list,
              (int)(s.len < 64 ? s.len : 64), s.s);
    return -1;
}

int read_choice(struct reader *r, const struct js *obj, const char *key, enum read_need need,
                const char *const *names, uint32_t n)
{
    struct job_str s = { NULL, 0 };

    return read_str(r, obj, key, need, &s) ? choose(r, key, s, names, n) : -1;
}

int read_one_of(struct reader *r, const struct js *v, const char *const *names, uint32_t n)
{
    struct job_str s = { NULL, 0 };

    if (!read_is(r, v, JS_STR))
        return -1;
    s.s = js_str(v, &s.len);
    return choose(r, NULL, s, names, n);
}

bool read_is(struct reader *r, const struct js *v, enum js_kind kind)
{
    if (!read_ok(r))
        return false;
    if (v && js_kind(v) == kind)
        return true;
    read_fail(r, "invalid_type", NULL, "'%s': expected %s, found %s", r->path, js_kind_name(kind),
              js_kind_name(v ? js_kind(v) : JS_NULL));
    return false;
}

void read_keys(struct reader *r, const struct js *obj, const char *const *names, uint32_t n)
{
    for (void *it = js_first(obj); it && read_ok(r); it = js_next(obj, it)) {
        const char *key = js_key(it, NULL);
        uint32_t i = 0;

        while (i < n && strcmp(names[i], key) != 0)
            i++;
        if (i == n)
            read_fail(r, "unrecognized_keys", key, "unrecognized key '%.100s'", key);
    }
}

struct job_str read_keep(struct reader *r, const char *s, size_t len)
{
    struct job_str out = { NULL, 0 };

    if (!read_ok(r))
        return out;
    out.s = arena_strndup(r->arena, s, len);
    if (out.s)
        out.len = len;
    else
        read_fail_memory(r);
    return out;
}

struct job_str read_json(struct reader *r, const struct js *v)
{
    struct job_str out = { NULL, 0 };
    struct jsonw w;
    struct buf b;

    if (!v || !read_ok(r))
        return out;
    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_js(&w, v);
    if (b.failed)
        read_fail_memory(r);
    else
        out = read_keep(r, b.data, b.len);
    buf_finish(&b);
    return out;
}

bool job_str_is(struct job_str s, const char *text)
{
    return s.s && s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}
