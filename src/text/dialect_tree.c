/* Parameters as elements of their own name whose values nest: members of an object are elements,
 * items of a list are elements called "item". A whole parameter's text becomes JSON at once. */
#include <string.h>

#include "base/jsonw.h"
#include "text/dialect_int.h"

static const char item[] = "item";

struct tree {
    const struct dialect_row *row;
    struct buf *out;
};

struct span {
    const char *s;
    size_t len;
};

static void trim(struct span *t)
{
    while (t->len && ds_is_blank(*t->s)) {
        t->s++;
        t->len--;
    }
    while (t->len && ds_is_blank(t->s[t->len - 1]))
        t->len--;
}

static bool begins(struct span t, const char *mark)
{
    size_t n = strlen(mark);

    return t.len >= n && memcmp(t.s, mark, n) == 0;
}

static void skip(struct span *t, size_t n)
{
    t->s += n;
    t->len -= n;
}

/* The next mark in text that is `before`, the key and ">": its offset, or the text's length. */
static size_t find_mark(struct span t, const char *before, struct span key)
{
    size_t n = strlen(before);

    for (size_t i = 0; i + n + key.len + 1 <= t.len; i++)
        if (t.s[i] == *before && memcmp(t.s + i, before, n) == 0 &&
            memcmp(t.s + i + n, key.s, key.len) == 0 && t.s[i + n + key.len] == '>')
            return i;
    return t.len;
}

/* Takes one element off the text: its key, and what is in it. */
static bool take(const struct tree *t, struct span *text, struct span *key, struct span *value)
{
    const char *open = t->row->arg, *close = t->row->val_end;
    const char *end;
    size_t depth = 0, at = 0, n_open, n_close;

    if (!begins(*text, open))
        return false;
    skip(text, strlen(open));
    end = memchr(text->s, '>', text->len);
    if (!end || end == text->s || *text->s == '/')
        return false;
    *key = (struct span){ text->s, (size_t)(end - text->s) };
    if (memchr(key->s, '<', key->len))
        return false;
    skip(text, key->len + 1);
    n_open = strlen(open) + key->len + 1;
    n_close = strlen(close) + key->len + 1;
    for (;;) {
        struct span rest = { text->s + at, text->len - at };
        size_t down = find_mark(rest, close, *key), up;

        if (down == rest.len)
            return false;
        rest.len = down;
        up = find_mark(rest, open, *key);
        if (up < down) {
            depth++;
            at += up + n_open;
        } else if (depth) {
            depth--;
            at += down + n_close;
        } else {
            *value = (struct span){ text->s, at + down };
            skip(text, at + down + n_close);
            return true;
        }
    }
}

static const struct js *schema_of(const struct js *schema, struct span key, bool in_list)
{
    char name[DIALECT_NAME_MAX + 1];

    if (in_list)
        return js_get(schema, "items");
    if (key.len > DIALECT_NAME_MAX)
        return NULL;
    memcpy(name, key.s, key.len);
    name[key.len] = '\0';
    return js_get(js_get(schema, "properties"), name);
}

static bool is_type(const struct js *schema, const char *type)
{
    const char *s = js_str(js_get(schema, "type"), NULL);

    return s && strcmp(s, type) == 0;
}

/* Without a schema what looks like a number or a word of JSON is that. */
static bool scalar(const struct tree *t, struct span text, const struct js *schema)
{
    struct span whole = text;
    char type;

    trim(&text);
    type = schema ? ds_schema_type(schema) : text.len && *text.s != '"' ? 'j' : 's';

    if (type == 'u' && ds_union_is_json(schema, text.s, text.len))
        return buf_add(t->out, text.s, text.len);
    if (type == 'j') {
        if (jscan_is_value(text.s, text.len))
            return buf_add(t->out, text.s, text.len);
        if (!text.len && is_type(schema, "object"))
            return buf_adds(t->out, "{}");
        if (!text.len && is_type(schema, "array"))
            return buf_adds(t->out, "[]");
    }
    jsonw_quote(t->out, whole.s, whole.len);
    return true;
}

static bool value(const struct tree *t, struct span text, const struct js *schema, unsigned depth)
{
    struct span rest = text, key, inner;
    bool in_list = false, first = true;

    trim(&rest);
    if (!begins(rest, t->row->arg))
        return scalar(t, text, schema);
    if (depth >= NEST_MAX)
        return false;
    for (; rest.len; trim(&rest)) {
        bool is_item;

        if (!take(t, &rest, &key, &inner))
            return false;
        is_item = key.len == strlen(item) && memcmp(key.s, item, key.len) == 0;
        if (first)
            in_list = is_item && (!schema || !is_type(schema, "object"));
        if (in_list && !is_item)
            return false;
        (void)buf_adds(t->out, !first ? ", " : in_list ? "[" : "{");
        first = false;
        if (!in_list) {
            jsonw_quote(t->out, key.s, key.len);
            (void)buf_adds(t->out, ": ");
        }
        if (!value(t, inner, schema_of(schema, key, in_list), depth + 1))
            return false;
    }
    return buf_adds(t->out, in_list ? "]" : "}");
}

bool ds_tree_json(struct buf *out, const struct dialect_row *row, const char *text, size_t len,
                  const struct js *schema)
{
    const struct tree t = { row, out };

    return value(&t, (struct span){ text, len }, schema, 0) && !out->failed;
}
