/* Data in and out. */
#include "cli/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/num.h"
#include "os/file.h"

#define FLUSH_BYTES (1U << 20)

enum err_code read_input(struct buf *b, struct err *e)
{
    buf_init(b, MEM_REQUEST, INPUT_BYTES_MAX);
    return file_read_stdin(b, e);
}

static void one_line(line_fn fn, void *arg, const char *line, size_t len, struct buf *out)
{
    struct err e = { 0 };
    struct js *root = NULL;
    size_t before = out->len;
    enum err_code rc = js_parse(&root, line, len, &e);

    if (!rc && js_kind(root) != JS_OBJ)
        rc = err_set(&e, ERR_FORMAT, "expected a JSON object a line, found %s",
                     js_kind_name(js_kind(root)));
    if (!rc)
        rc = fn(arg, root, out, &e);
    if (rc) {
        struct jsonw w;

        out->len = before;
        jsonw_init(&w, out);
        jsonw_obj(&w);
        jsonw_key(&w, "error");
        jsonw_str(&w, e.text);
        jsonw_obj_end(&w);
    }
    js_close(root);
    (void)buf_addc(out, '\n');
}

enum err_code each_line(line_fn fn, void *arg, struct err *e)
{
    struct buf in, out;
    enum err_code rc = read_input(&in, e);

    buf_init(&out, MEM_REQUEST, INPUT_BYTES_MAX);
    for (size_t at = 0; !rc && at < in.len;) {
        const char *end = memchr(in.data + at, '\n', in.len - at);
        size_t len = end ? (size_t)(end - (in.data + at)) : in.len - at;

        if (len)
            one_line(fn, arg, in.data + at, len, &out);
        at += len + 1;
        rc = buf_check(&out, "the output", e);
        if (!rc && (out.len > FLUSH_BYTES || at >= in.len)) {
            rc = stdout_write(out.data, out.len, e);
            buf_clear(&out);
        }
    }
    buf_finish(&in);
    buf_finish(&out);
    return rc;
}

enum err_code write_output(const char *path, const void *data, size_t len, struct err *e)
{
    return path ? file_write(path, data, len, e) : stdout_write(data, len, e);
}

static bool is_gap(char c)
{
    return c == ' ' || c == ',' || c == '\n' || c == '\t' || c == '\r' || c == '[' || c == ']';
}

enum err_code parse_ids(const char *text, size_t len, struct ids *out, struct err *e)
{
    for (size_t i = 0; i < len;) {
        char word[24];
        size_t n = 0;
        char *end;
        long long v;

        if (is_gap(text[i])) {
            i++;
            continue;
        }
        while (i + n < len && !is_gap(text[i + n]) && n < sizeof(word) - 1) {
            word[n] = text[i + n];
            n++;
        }
        word[n] = '\0';
        errno = 0;
        v = strtoll(word, &end, 10);
        if (errno || *end || v < 0 || v > INT32_MAX)
            return err_set(e, ERR_ARG, "'%s' (byte %zu) is not a token id", word, i);
        if (!ids_add(out, (int32_t)v))
            return err_set(e, ERR_OOM, "no memory for token ids");
        i += n;
    }
    return ERR_OK;
}

enum err_code ids_argument(const char *arg, struct ids *out, struct err *e)
{
    struct buf b;
    enum err_code rc;

    if (arg[0] != '@')
        return parse_ids(arg, strlen(arg), out, e);
    buf_init(&b, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = file_read(&b, arg + 1, e);
    if (!rc)
        rc = parse_ids(buf_str(&b), b.len, out, e);
    buf_finish(&b);
    return rc;
}

enum err_code ids_of_json(const struct js *arr, struct ids *out, struct err *e)
{
    if (js_kind(arr) != JS_ARR)
        return err_set(e, ERR_ARG, "expected an array of token ids, found %s",
                       js_kind_name(js_kind(arr)));
    for (size_t i = 0; i < js_len(arr); i++) {
        const struct js *v = js_at(arr, i);

        if (js_kind(v) != JS_INT || js_int(v) < 0 || js_int(v) > INT32_MAX)
            return err_set(e, ERR_ARG, "element %zu is not a token id", i);
        if (!ids_add(out, (int32_t)js_int(v)))
            return err_set(e, ERR_OOM, "no memory for token ids");
    }
    return ERR_OK;
}
