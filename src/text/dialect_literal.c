/* Literals of Python as JSON. Templates that print a value as it is print Python's spelling of it,
 * and models write what they have read. */
#include <string.h>

#include "base/jsonw.h"
#include "text/dialect_int.h"

struct literal {
    const char *s, *end;
    struct buf *out;
    unsigned depth;
};

static bool value(struct literal *l);

static void blanks(struct literal *l)
{
    while (l->s < l->end && ds_is_blank(*l->s))
        l->s++;
}

static bool take(struct literal *l, char c)
{
    blanks(l);
    if (l->s == l->end || *l->s != c)
        return false;
    l->s++;
    return true;
}

static bool take_word(struct literal *l, const char *word, const char *json)
{
    size_t n = strlen(word);

    if ((size_t)(l->end - l->s) < n || memcmp(l->s, word, n) != 0)
        return false;
    l->s += n;
    return buf_adds(l->out, json);
}

/* What follows a backslash. */
static bool escape(struct literal *l)
{
    static const char named[] = "nrtbf", quoted[] = "\\'\"\n";
    char c;
    size_t digits;

    if (l->s == l->end || !*l->s)
        return false;
    c = *l->s++;
    if (strchr(named, c))
        return buf_addc(l->out, '\\') && buf_addc(l->out, c);
    if (c == 'x' || c == 'u') {
        digits = c == 'x' ? 2 : 4;
        if ((size_t)(l->end - l->s) < digits)
            return false;
        (void)buf_adds(l->out, c == 'x' ? "\\u00" : "\\u");
        (void)buf_add(l->out, l->s, digits);
        l->s += digits;
        return true;
    }
    if (c == '\n')
        return true;
    if (!strchr(quoted, c))
        (void)buf_adds(l->out, "\\\\");
    else if (c == '"' || c == '\\')
        (void)buf_addc(l->out, '\\');
    return buf_addc(l->out, c);
}

static bool string(struct literal *l)
{
    char quote = *l->s++;

    (void)buf_addc(l->out, '"');
    while (l->s < l->end && *l->s != quote) {
        char esc[DS_ESCAPE_MAX], c = *l->s++;

        if (c == '\\') {
            if (!escape(l))
                return false;
        } else {
            (void)buf_add(l->out, esc, ds_escape(c, esc));
        }
    }
    return take(l, quote) && buf_addc(l->out, '"');
}

static bool number(struct literal *l)
{
    const char *from = l->s;

    while (l->s < l->end && *l->s && strchr("+-.0123456789eE", *l->s))
        l->s++;
    return l->s > from && buf_add(l->out, from, (size_t)(l->s - from));
}

/* Members or items up to the closing bracket. */
static bool inside(struct literal *l, char close)
{
    bool is_dict = close == '}', first = true;

    (void)buf_addc(l->out, is_dict ? '{' : '[');
    while (!take(l, close)) {
        if (!first && !take(l, ','))
            return false;
        if (!first && take(l, close)) /* (1,) */
            break;
        if (!first)
            (void)buf_adds(l->out, ", ");
        first = false;
        blanks(l);
        if (is_dict) {
            if (l->s == l->end || (*l->s != '\'' && *l->s != '"') || !string(l) || !take(l, ':'))
                return false;
            (void)buf_adds(l->out, ": ");
        }
        if (!value(l))
            return false;
    }
    return buf_addc(l->out, is_dict ? '}' : ']');
}

static bool value(struct literal *l)
{
    bool ok;
    char c;

    blanks(l);
    if (l->s == l->end || l->depth >= NEST_MAX)
        return false;
    c = *l->s;
    if (c == '\'' || c == '"')
        return string(l);
    if (c != '[' && c != '(' && c != '{')
        return take_word(l, "True", "true") || take_word(l, "False", "false") ||
               take_word(l, "None", "null") || take_word(l, "true", "true") ||
               take_word(l, "false", "false") || take_word(l, "null", "null") || number(l);
    l->s++;
    l->depth++;
    ok = inside(l, c == '[' ? ']' : c == '(' ? ')' : '}');
    l->depth--;
    return ok;
}

bool ds_literal_json(struct buf *out, const char *text, size_t len)
{
    struct literal l = { text, text + len, out, 0 };

    if (!value(&l))
        return false;
    blanks(&l);
    return l.s == l.end && jscan_is_value(buf_str(out), out->len);
}
