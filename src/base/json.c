/* jansson behind our names. */
#include "base/json.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

/* jansson takes non-const values everywhere, although reading changes nothing but counters that we
 * do not use: one place casts. */
static json_t *raw(const struct js *v)
{
    return (json_t *)(uintptr_t)v;
}

static const struct js *wrap(json_t *v)
{
    return (const struct js *)(const void *)v;
}

/* What the parser takes for each object, list, element and member, about, on top of its text. */
#define OBJECT_BYTES  256U
#define LIST_BYTES    128U
#define ELEMENT_BYTES 48U
#define MEMBER_BYTES  96U
#define TEXT_SMALL    (JS_TREE_BYTES_MAX / OBJECT_BYTES) /* shorter texts hold less than that */

/* The size of the tree that a text becomes: "{}," makes a hundred times its own. */
static size_t tree_bytes(const char *s, size_t len)
{
    bool in_string = false;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '"')
            in_string = !in_string;
        else if (in_string)
            i += s[i] == '\\';
        else if (s[i] == '{')
            n += OBJECT_BYTES;
        else if (s[i] == '[')
            n += LIST_BYTES;
        else if (s[i] == ',')
            n += ELEMENT_BYTES;
        else if (s[i] == ':')
            n += MEMBER_BYTES;
    }
    return n;
}

/* ---- memory ----
 *
 * Where it collects a token, the parser does not look whether memory was refused: bytes get lost,
 * and an assertion of its own may end the process. So it is never refused there. A reserve is taken
 * before; from the first refusal on it gives what is asked for, and the text ends for the parser as
 * soon as it wants the next piece of it. What comes out is thrown away. */

#define PIECE_BYTES   1024U /* the parser asks for so much of the text at once */
#define RESERVE_TREE  128U  /* for each byte of a piece: no text makes more of it */
#define RESERVE_TOKEN 4U    /* all steps in which room for a token is doubled */
#define RESERVE_ALIGN 16U

struct reading {
    const char *text;
    size_t len, at;
    char *reserve;
    size_t size, used;
    bool starved;
};

/* The library's hooks have no argument. NULL but during js_parse. */
static _Thread_local struct reading *reading;

static void *parser_alloc(size_t size)
{
    struct reading *r = reading;
    void *p = r && r->starved ? NULL : mem_plain_alloc(size);

    if (p || !r)
        return p;
    r->starved = true;
    size = round_up(size, RESERVE_ALIGN);
    if (size > r->size - r->used)
        return NULL;
    p = r->reserve + r->used;
    r->used += size;
    return p;
}

static void parser_free(void *ptr)
{
    const struct reading *r = reading;
    const uintptr_t at = (uintptr_t)ptr;

    if (!r || at < (uintptr_t)r->reserve || at - (uintptr_t)r->reserve >= r->size)
        mem_plain_free(ptr);
}

void js_init(void)
{
    json_set_alloc_funcs(parser_alloc, parser_free);
}

static size_t next_piece(void *to, size_t size, void *arg)
{
    struct reading *r = arg;
    size_t n = r->starved ? 0 : min_size(size, r->len - r->at);

    if (n)
        memcpy(to, r->text + r->at, n);
    r->at += n;
    return n;
}

/* Bytes between two marks of JSON, or of one string. */
static size_t longest_token(const char *s, size_t len)
{
    bool in_string = false;
    size_t from = 0, longest = 0;

    for (size_t i = 0; i < len; i++) {
        if (in_string && s[i] == '\\') {
            i++;
        } else if (s[i] == '"' || (!in_string && strchr(",:[]{} \t\n\r", s[i]))) {
            in_string = in_string != (s[i] == '"');
            longest = max_size(longest, i - from);
            from = i + 1;
        }
    }
    return max_size(longest, len - min_size(from, len));
}

static enum err_code begin(struct reading *r, const char *text, size_t len, struct err *e)
{
    *r = (struct reading){ .text = text, .len = len };
    r->size = RESERVE_TOKEN * longest_token(text, len) + RESERVE_TREE * min_size(len, PIECE_BYTES) +
              RESERVE_TREE * RESERVE_ALIGN;
    r->reserve = mem_alloc(MEM_OTHER, r->size);
    return r->reserve ? ERR_OK : err_set(e, ERR_OOM, "no memory for JSON of %zu bytes", len);
}

static json_t *parse(struct reading *r, json_error_t *why)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;
    json_t *v;

    reading = r;
    v = json_load_callback(next_piece, r, flags, why);
    if (r->starved) {
        json_decref(v);
        v = NULL;
    }
    reading = NULL;
    mem_free(r->reserve);
    return v;
}

enum err_code js_parse(struct js **out, const char *text, size_t len, struct err *e)
{
    struct reading r;
    json_error_t why;
    json_t *v;
    enum err_code rc;

    *out = NULL;
    if (len > TEXT_SMALL && tree_bytes(text, len) > JS_TREE_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "JSON of %zu bytes has too many parts: more than %u MiB", len,
                       JS_TREE_BYTES_MAX >> 20);
    rc = begin(&r, text, len, e);
    if (rc)
        return rc;
    v = parse(&r, &why);
    if (r.starved)
        return err_set(e, ERR_OOM, "no memory for JSON of %zu bytes", len);
    if (!v)
        return err_set(e, ERR_FORMAT, "JSON line %d column %d: %s", why.line, why.column, why.text);
    *out = (struct js *)(void *)v;
    return ERR_OK;
}

void js_close(struct js *root)
{
    json_decref(raw(root));
}

enum js_kind js_kind(const struct js *v)
{
    if (!v)
        return JS_NULL;
    switch (json_typeof(raw(v))) {
    case JSON_TRUE:
    case JSON_FALSE:
        return JS_BOOL;
    case JSON_INTEGER:
        return JS_INT;
    case JSON_REAL:
        return JS_REAL;
    case JSON_STRING:
        return JS_STR;
    case JSON_ARRAY:
        return JS_ARR;
    case JSON_OBJECT:
        return JS_OBJ;
    default:
        return JS_NULL;
    }
}

const char *js_kind_name(enum js_kind kind)
{
    static const char *const names[] = { "null",   "boolean", "integer", "number",
                                         "string", "array",   "object" };

    return names[kind];
}

bool js_bool(const struct js *v)
{
    return v && json_is_true(raw(v));
}

int64_t js_int(const struct js *v)
{
    return v ? (int64_t)json_integer_value(raw(v)) : 0;
}

double js_num(const struct js *v)
{
    return v ? json_number_value(raw(v)) : 0.0;
}

bool js_is_num(const struct js *v)
{
    return v && json_is_number(raw(v));
}

const char *js_str(const struct js *v, size_t *len)
{
    if (!v || !json_is_string(raw(v)))
        return NULL;
    if (len)
        *len = json_string_length(raw(v));
    return json_string_value(raw(v));
}

size_t js_len(const struct js *v)
{
    if (!v)
        return 0;
    return json_is_array(raw(v)) ? json_array_size(raw(v)) : json_object_size(raw(v));
}

const struct js *js_at(const struct js *v, size_t i)
{
    return v ? wrap(json_array_get(raw(v), i)) : NULL;
}

const struct js *js_get(const struct js *v, const char *key)
{
    return v ? wrap(json_object_get(raw(v), key)) : NULL;
}

void *js_first(const struct js *v)
{
    return v ? json_object_iter(raw(v)) : NULL;
}

void *js_next(const struct js *v, void *it)
{
    return json_object_iter_next(raw(v), it);
}

const char *js_key(void *it, size_t *len)
{
    const char *key = json_object_iter_key(it);

    if (len) /* before 2.14 jansson refuses keys with a NUL inside, so that both give the length */
#if JANSSON_VERSION_HEX >= 0x020e00
        *len = json_object_iter_key_len(it);
#else
        *len = strlen(key);
#endif
    return key;
}

const struct js *js_value(void *it)
{
    return wrap(json_object_iter_value(it));
}

static int append(const char *text, size_t len, void *arg)
{
    return buf_add(arg, text, len) ? 0 : -1;
}

bool js_write(const struct js *v, struct buf *out)
{
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17);

    return json_dump_callback((const json_t *)v, append, out, flags) == 0;
}
