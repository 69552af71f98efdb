/* JSON byte by byte, and call objects with name, id and arguments in any order. */
#include <string.h>

#include "base/json.h"
#include "text/dialect_int.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A value has ended inside whatever surrounds it. */
static enum jscan_result value_end(struct jscan *j)
{
    if (!j->depth)
        return JSCAN_DONE;
    j->state = JSCAN_AFTER;
    return JSCAN_MORE;
}

static enum jscan_result value_begin(struct jscan *j, char c)
{
    if (c == '{' || c == '[') {
        if (j->depth >= NEST_MAX)
            return JSCAN_BAD;
        j->is_obj[j->depth++] = c == '{';
        j->state = c == '{' ? JSCAN_MEMBER : JSCAN_ITEM;
    } else if (c == '"') {
        j->state = JSCAN_STR;
        j->is_key = false;
    } else if (c == '-' || is_digit(c)) {
        j->state = JSCAN_NUM;
        j->num = c == '-' ? NUM_SIGN : c == '0' ? NUM_ZERO : NUM_INT;
    } else if (c == 't' || c == 'f' || c == 'n') {
        j->state = JSCAN_WORD;
        j->word = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
    } else {
        return JSCAN_BAD;
    }
    return JSCAN_MORE;
}

static enum jscan_result after_value(struct jscan *j, char c)
{
    bool is_obj = j->is_obj[j->depth - 1];

    if (c == ',') {
        j->state = is_obj ? JSCAN_KEY : JSCAN_VALUE;
        return JSCAN_MORE;
    }
    if (c != (is_obj ? '}' : ']'))
        return JSCAN_BAD;
    j->depth--;
    return value_end(j);
}

static enum jscan_result hex_digit(struct jscan *j, char c)
{
    unsigned v = is_digit(c)              ? (unsigned)(c - '0')
                 : (c >= 'a' && c <= 'f') ? (unsigned)(c - 'a' + 10)
                 : (c >= 'A' && c <= 'F') ? (unsigned)(c - 'A' + 10)
                                          : 16U;

    if (v > 15)
        return JSCAN_BAD;
    j->hex = j->hex * 16 + v;
    if (++j->n_hex < 4)
        return JSCAN_MORE;
    if (j->high != (j->hex >= 0xdc00 && j->hex <= 0xdfff))
        return JSCAN_BAD; /* half a pair of surrogates */
    j->high = j->hex >= 0xd800 && j->hex <= 0xdbff;
    j->state = j->high ? JSCAN_LOW : JSCAN_STR;
    return JSCAN_MORE;
}

static enum jscan_result in_string(struct jscan *j, char c)
{
    switch (j->state) {
    case JSCAN_STR:
        if (c == '\\')
            j->state = JSCAN_ESC;
        if (c != '"')
            return JSCAN_MORE;
        if (!j->is_key)
            return value_end(j);
        j->state = JSCAN_COLON;
        return JSCAN_MORE;
    case JSCAN_LOW:
        j->state = JSCAN_LOW_U;
        return c == '\\' ? JSCAN_MORE : JSCAN_BAD;
    case JSCAN_HEX:
        return hex_digit(j, c);
    default: /* JSCAN_ESC, JSCAN_LOW_U */
        if (c == 'u') {
            j->state = JSCAN_HEX;
            j->n_hex = j->hex = 0;
            return JSCAN_MORE;
        }
        if (j->state == JSCAN_LOW_U || !c || !strchr("\"\\/bfnrt", c))
            return JSCAN_BAD;
        j->state = JSCAN_STR;
        return JSCAN_MORE;
    }
}

/* Does c go on with the number? false: it stands behind it; *bad: and the number is none. */
static bool number_goes_on(struct jscan *j, char c, bool *bad)
{
    enum jscan_num n = j->num;

    if (is_digit(c)) {
        *bad = n == NUM_ZERO;
        j->num = n == NUM_SIGN                   ? (c == '0' ? NUM_ZERO : NUM_INT)
                 : n == NUM_DOT                  ? NUM_FRAC
                 : n == NUM_E || n == NUM_E_SIGN ? NUM_EXP
                                                 : n;
        return true;
    }
    if (c == '.' && (n == NUM_ZERO || n == NUM_INT)) {
        j->num = NUM_DOT;
        return true;
    }
    if ((c == 'e' || c == 'E') && (n == NUM_ZERO || n == NUM_INT || n == NUM_FRAC)) {
        j->num = NUM_E;
        return true;
    }
    if ((c == '+' || c == '-') && n == NUM_E) {
        j->num = NUM_E_SIGN;
        return true;
    }
    *bad = n == NUM_SIGN || n == NUM_DOT || n == NUM_E || n == NUM_E_SIGN;
    return false;
}

static enum jscan_result between(struct jscan *j, char c)
{
    if (ds_is_blank(c))
        return JSCAN_MORE;
    switch (j->state) {
    case JSCAN_VALUE:
        return value_begin(j, c);
    case JSCAN_ITEM:
        return c == ']' ? after_value(j, c) : value_begin(j, c);
    case JSCAN_MEMBER:
    case JSCAN_KEY: /* a closed object only where a member is not due */
        if (c == '}' && j->state == JSCAN_MEMBER)
            return after_value(j, c);
        j->state = JSCAN_STR;
        j->is_key = true;
        return c == '"' ? JSCAN_MORE : JSCAN_BAD;
    case JSCAN_COLON:
        j->state = JSCAN_VALUE;
        return c == ':' ? JSCAN_MORE : JSCAN_BAD;
    default:
        return after_value(j, c);
    }
}

enum jscan_result jscan_feed(struct jscan *j, char c)
{
    bool bad = false;

    switch (j->state) {
    case JSCAN_STR:
    case JSCAN_ESC:
    case JSCAN_HEX:
    case JSCAN_LOW:
    case JSCAN_LOW_U:
        return in_string(j, c);
    case JSCAN_WORD:
        if (c != *j->word++)
            return JSCAN_BAD;
        return *j->word ? JSCAN_MORE : value_end(j);
    case JSCAN_NUM:
        if (number_goes_on(j, c, &bad))
            return bad ? JSCAN_BAD : JSCAN_MORE;
        if (bad || !j->depth)
            return JSCAN_BAD;
        j->state = JSCAN_AFTER;
        return between(j, c);
    default:
        return between(j, c);
    }
}

bool jscan_is_value(const char *s, size_t len)
{
    struct jscan j = { .state = JSCAN_ITEM, .depth = 1 }; /* as the only item of a list */

    for (size_t i = 0; i < len; i++) {
        if (j.state == JSCAN_STR && (unsigned char)s[i] < 0x20)
            return false;
        if (jscan_feed(&j, s[i]) != JSCAN_MORE || (j.depth == 1 && j.state == JSCAN_VALUE))
            return false;
    }
    return len && j.state != JSCAN_ITEM && jscan_feed(&j, ']') == JSCAN_DONE;
}

bool jscan_is_object(const char *s, size_t len)
{
    while (len && ds_is_blank(*s)) {
        s++;
        len--;
    }
    return len && *s == '{' && jscan_is_value(s, len);
}

/* ---- call objects ---- */

void ds_object_begin(struct dialect_stream *s)
{
    s->obj = (struct object_state){ .base = 1 };
    ds_call_reset(s);
}

static bool is_word(const char *key, const char *const *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

static enum object_key key_of(const struct dialect_stream *s, const char *key)
{
    static const char *const names[] = { "name", "tool_name", "function_name" };
    static const char *const ids[] = { "id", "tool_call_id", "call_id" };
    static const char *const args[] = { "arguments", "parameters", "args" };

    if (s->row->flags & DIALECT_NAME_IS_KEY)
        return KEY_ARGS;
    if (is_word(key, names, 3))
        return KEY_NAME;
    if (is_word(key, ids, 3))
        return KEY_ID;
    if (is_word(key, args, 3))
        return KEY_ARGS;
    return strcmp(key, "function") == 0 ? KEY_INNER : KEY_OTHER;
}

/* Replaces a quoted string, in a buffer of s, with what it says. */
static bool unquote(struct dialect_stream *s, struct buf *b)
{
    enum err_code rc = ERR_OOM;
    struct js *root = NULL;
    struct buf list;
    bool ok = false;

    buf_init(&list, MEM_REQUEST, 4 * DIALECT_CALL_MAX);
    (void)buf_addc(&list, '[');
    (void)buf_add(&list, buf_str(b), b->len);
    (void)buf_addc(&list, ']');
    if (!list.failed)
        rc = js_parse(&root, list.data, list.len, NULL);
    s->failed = s->failed || rc == ERR_OOM;
    if (!rc) {
        size_t len;
        const char *text = js_str(js_at(root, 0), &len);

        ds_clear(s, b);
        ok = text && buf_add(b, text, len);
    }
    js_close(root);
    buf_finish(&list);
    return ok;
}

bool ds_tool_known(const struct dialect_stream *s)
{
    for (size_t i = 0; i < js_len(s->p.tools); i++) {
        const struct js *t = js_at(s->p.tools, i), *f = js_get(t, "function");
        const char *name = js_str(js_get(f ? f : t, "name"), NULL);

        if (name && strcmp(name, buf_str(&s->header)) == 0)
            return true;
    }
    return !s->p.tools;
}

/* A name stands fast: a bare object is a call only when such a tool was offered. */
static bool name_ok(const struct dialect_stream *s)
{
    return ds_name_ok(buf_str(&s->header), s->header.len) &&
           ((!s->bare && !s->in_thought) || ds_tool_known(s));
}

static void put_args(struct dialect_stream *s, const char *text, size_t len)
{
    if (s->begun)
        ds_emit(s, DIALECT_CALL_ARGS, text, len);
    else
        (void)buf_add(&s->args, text, len);
}

/* Name and arguments have both begun: what waited can go. */
static void begin_call(struct dialect_stream *s)
{
    if (s->begun || !s->header.len || !s->obj.has_args || s->obj.args_string)
        return;
    ds_begin(s);
    ds_emit(s, DIALECT_CALL_ARGS, buf_str(&s->args), s->args.len);
    ds_clear(s, &s->args);
}

/* The byte that begins a member's value. */
static bool member_begin(struct dialect_stream *s, char c)
{
    struct object_state *o = &s->obj;

    o->in_value = true;
    switch (o->key) {
    case KEY_NAME:
        ds_clear(s, &s->header);
        return c == '"' && !s->begun;
    case KEY_ID:
        ds_clear(s, &s->id);
        return true;
    case KEY_ARGS:
        if (o->has_args || (c != '{' && c != '"' && c != 'n'))
            return false;
        o->has_args = true;
        o->args_string = c != '{';
        begin_call(s);
        return true;
    case KEY_INNER:
        if (c == '{') {
            o->base++;
            o->in_value = false;
        } else if (c == '"') { /* {"function": "name", ...} */
            ds_clear(s, &s->header);
            o->key = KEY_NAME;
            return !s->begun;
        }
        return true;
    default:
        return true;
    }
}

static bool args_text_done(struct dialect_stream *s)
{
    if (strcmp(buf_str(&s->args), "null") == 0) {
        ds_clear(s, &s->args);
    } else if (!unquote(s, &s->args)) {
        return false;
    }
    if (!s->args.len)
        (void)buf_adds(&s->args, "{}");
    s->obj.args_string = false;
    return jscan_is_object(buf_str(&s->args), s->args.len);
}

static bool member_end(struct dialect_stream *s)
{
    struct object_state *o = &s->obj;
    bool ok = true;

    o->in_value = false;
    if (o->key == KEY_NAME)
        ok = unquote(s, &s->header) && name_ok(s);
    else if (o->key == KEY_ID && s->id.data && s->id.data[0] == '"')
        ok = unquote(s, &s->id) && s->id.len <= DIALECT_NAME_MAX;
    else if (o->key == KEY_ARGS && o->args_string)
        ok = args_text_done(s);
    if (ok)
        begin_call(s);
    return ok;
}

/* A byte of a member's value. */
static void member_byte(struct dialect_stream *s, char c, bool in_string)
{
    struct object_state *o = &s->obj;

    if (o->key == KEY_NAME)
        (void)buf_addc(&s->header, c);
    else if (o->key == KEY_ID)
        (void)buf_addc(&s->id, c);
    else if (o->key == KEY_ARGS && in_string && (unsigned char)c < 0x20 && s->begun)
        ds_put_char(s, c);
    else if (o->key == KEY_ARGS && in_string && c == '\n')
        put_args(s, "\\n", 2);
    else if (o->key == KEY_ARGS)
        put_args(s, &c, 1);
}

static void object_done(struct dialect_stream *s)
{
    if (!s->header.len || (!s->obj.has_args && s->bare)) {
        ds_fail(s);
        return;
    }
    if (!s->obj.has_args) {
        ds_begin(s);
        ds_emit(s, DIALECT_CALL_ARGS, "{}", 2);
    }
    ds_call_whole(s);
    s->mode = DS_CALL;
}

/* Keys are collected in s->hold, which nothing else uses inside an object. */
static bool key_byte(struct dialect_stream *s, char c, enum jscan_state before)
{
    if (before != JSCAN_STR && before != JSCAN_ESC) {
        s->n_hold = 0;
    } else if (s->obj.scan.state == JSCAN_COLON) {
        s->hold[s->n_hold] = '\0';
        s->obj.key = key_of(s, s->hold);
        if (s->row->flags & DIALECT_NAME_IS_KEY) {
            if (s->header.len)
                return false; /* a second function in one object */
            (void)buf_add(&s->header, s->hold, s->n_hold);
            return name_ok(s);
        }
    } else if (s->n_hold < HOLD_MAX - 1) {
        s->hold[s->n_hold++] = c;
    }
    return true;
}

static bool object_byte(struct dialect_stream *s, char c, enum jscan_state before, uint32_t depth)
{
    struct object_state *o = &s->obj;
    bool ends = o->scan.depth == o->base && o->scan.state == JSCAN_AFTER;
    bool on_value = before == JSCAN_VALUE && depth == o->base && !ds_is_blank(c);
    bool in_string = before == JSCAN_STR;

    if (o->in_value && before == JSCAN_NUM && depth == o->base && o->scan.state != JSCAN_NUM) {
        if (o->scan.depth < o->base && o->base > 1)
            o->base--; /* the byte behind a number closed the object, too */
        return member_end(s);
    }
    if (on_value && o->scan.depth > 0 && !member_begin(s, c))
        return false;
    if (o->in_value) {
        member_byte(s, c, in_string);
        return !ends || member_end(s);
    }
    if (o->scan.depth < o->base) {
        if (o->base > 1)
            o->base--;
        return true;
    }
    if (o->scan.depth == o->base && depth == o->base && o->scan.is_key)
        return key_byte(s, c, before);
    return true;
}

void ds_object_byte(struct dialect_stream *s, char c)
{
    struct object_state *o = &s->obj;
    enum jscan_state before = o->scan.state;
    uint32_t depth = o->scan.depth;
    enum jscan_result r = jscan_feed(&o->scan, c);

    if (r == JSCAN_BAD || !object_byte(s, c, before, depth))
        ds_fail(s);
    else if (r == JSCAN_DONE)
        object_done(s);
}
