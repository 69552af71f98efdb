/* Arguments in notations of their own, turned into JSON while they arrive: keyword arguments as in
 * Python, and objects with bare keys whose strings stand between marks. What is written is
 * checked as JSON byte by byte: whatever the notation allows beyond that makes the call invalid. */
#include <string.h>

#include "base/jsonw.h"
#include "text/dialect_int.h"

static bool put(struct dialect_stream *s, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (jscan_feed(&s->scan, text[i]) == JSCAN_BAD)
            return false;
    ds_emit(s, DIALECT_CALL_ARGS, text, len);
    return true;
}

static bool put_char(struct dialect_stream *s, char c)
{
    char esc[DS_ESCAPE_MAX];

    return put(s, esc, ds_escape(c, esc));
}

static char top(const struct vconv *v)
{
    return v->stack[v->depth - 1];
}

/* Keys belong to '{' and to the outermost '(' of a call. */
static bool is_object(const struct vconv *v)
{
    return top(v) == '{' || (v->depth == 1 && top(v) == '(');
}

static bool open_value(struct dialect_stream *s, char c)
{
    struct vconv *v = &s->conv;

    if (v->depth >= NEST_MAX)
        return false;
    v->stack[v->depth++] = c;
    v->is_first = true;
    v->state = is_object(v) ? VCONV_KEY_AT : VCONV_VALUE;
    return put(s, is_object(v) ? "{" : "[", 1);
}

void ds_values_begin(struct dialect_stream *s, bool python)
{
    s->conv = (struct vconv){ .python = python };
    s->scan = (struct jscan){ 0 };
    ds_begin(s);
    s->mode = DS_VALUES;
    ds_clear(s, &s->args);
    if (!open_value(s, python ? '(' : '{'))
        ds_fail(s);
}

/* Tries c as the innermost value's closing bracket; *ok: it was that, or a misfit. */
static bool close_value(struct dialect_stream *s, char c, bool *ok)
{
    struct vconv *v = &s->conv;
    char closing = top(v) == '(' ? ')' : top(v) == '[' ? ']' : '}';

    if (c != ')' && c != ']' && c != '}')
        return false;
    *ok = c == closing && put(s, is_object(v) ? "}" : "]", 1);
    v->depth--;
    v->is_first = false;
    v->state = VCONV_AFTER;
    return true;
}

static bool comma(struct dialect_stream *s)
{
    bool first = s->conv.is_first;

    s->conv.is_first = false;
    return first || put(s, ", ", 2);
}

static bool begin_string(struct dialect_stream *s, char quote, bool is_key)
{
    s->conv.quote = quote;
    s->conv.is_key = is_key;
    s->conv.state = VCONV_STR;
    return put(s, "\"", 1);
}

static bool end_string(struct dialect_stream *s)
{
    s->conv.state = s->conv.is_key ? VCONV_COLON : VCONV_AFTER;
    return put(s, "\"", 1);
}

static bool step(struct dialect_stream *s, char c);

/* A string's mark that may begin here. 0: no, 1: wait, 2: it is one. */
static int string_mark_at(struct dialect_stream *s, char c)
{
    const char *const marks[] = { s->row->val };
    unsigned which;
    enum match m;

    if (s->conv.python || (!s->n_hold && c != s->row->val[0]))
        return 0;
    s->hold[s->n_hold++] = c;
    m = dialect_match(s->hold, s->n_hold, marks, 1, &which);
    if (m == MATCH_FULL)
        s->n_hold = 0;
    return m == MATCH_FULL ? 2 : m == MATCH_PART ? 1 : -1;
}

static bool value_at(struct dialect_stream *s, char c)
{
    bool ok = true;
    int mark = string_mark_at(s, c);

    if (mark == 1)
        return true;
    if (mark < 0)
        return false;
    if (!mark && ds_is_blank(c))
        return true;
    if (!mark && !is_object(&s->conv) && close_value(s, c, &ok))
        return ok;
    if (!is_object(&s->conv) && !comma(s))
        return false;
    if (mark)
        return begin_string(s, '\0', false);
    if (c == '{' || c == '[' || (c == '(' && s->conv.python))
        return open_value(s, c);
    if (c == '"' || (c == '\'' && s->conv.python))
        return begin_string(s, c, false);
    ds_clear(s, &s->args);
    s->conv.state = VCONV_WORD;
    return !strchr(",:=)]}", c) && buf_addc(&s->args, c);
}

static bool key_at(struct dialect_stream *s, char c)
{
    bool ok = true;
    int mark = string_mark_at(s, c);

    if (mark == 1)
        return true;
    if (mark < 0)
        return false;
    if (!mark && (ds_is_blank(c) || close_value(s, c, &ok)))
        return ok;
    if (!comma(s))
        return false;
    if (mark || c == '"' || c == '\'')
        return begin_string(s, mark ? '\0' : c, true);
    if (s->conv.python && s->conv.depth > 1)
        return false; /* keys of a dict are quoted */
    s->conv.state = VCONV_KEY;
    return !strchr(",:=([{", c) && put(s, "\"", 1) && put_char(s, c);
}

static bool key_byte(struct dialect_stream *s, char c)
{
    if (c == (s->conv.python ? '=' : ':')) {
        s->conv.state = VCONV_VALUE;
        return put(s, "\": ", 3);
    }
    if (ds_is_blank(c))
        return true;
    return !strchr("<>(){}[],'\"", c) && put_char(s, c);
}

static bool after(struct dialect_stream *s, char c)
{
    bool ok = true;

    if (ds_is_blank(c) || close_value(s, c, &ok))
        return ok;
    s->conv.state = is_object(&s->conv) ? VCONV_KEY_AT : VCONV_VALUE;
    return c == ',';
}

static bool end_word(struct dialect_stream *s)
{
    static const char *const words[][2] = { { "True", "true" },   { "False", "false" },
                                            { "None", "null" },   { "true", "true" },
                                            { "false", "false" }, { "null", "null" } };
    const char *w = buf_str(&s->args);
    struct buf quoted;
    bool ok;

    s->conv.state = VCONV_AFTER;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(w, words[i][0]) == 0)
            return put(s, words[i][1], strlen(words[i][1]));
    if (jscan_is_value(w, s->args.len))
        return put(s, w, s->args.len);
    if (s->conv.python)
        return false; /* a name or an expression: nobody here evaluates it */
    buf_init(&quoted, MEM_REQUEST, 8 * (size_t)DIALECT_CALL_MAX);
    jsonw_quote(&quoted, w, s->args.len);
    s->failed = s->failed || quoted.failed;
    ok = !quoted.failed && put(s, buf_str(&quoted), quoted.len);
    buf_finish(&quoted);
    return ok;
}

static bool word_byte(struct dialect_stream *s, char c)
{
    if (!ds_is_blank(c) && !strchr(",)]}", c)) {
        (void)buf_addc(&s->args, c);
        return true;
    }
    return end_word(s) && after(s, c);
}

static bool string_byte(struct dialect_stream *s, char c)
{
    char held[HOLD_MAX];
    uint32_t n;
    int mark;

    if (s->conv.quote) {
        if (c == '\'' && c == s->conv.quote) {
            s->conv.state = VCONV_QUOTE;
            s->n_hold = 0;
            return true;
        }
        if (c == s->conv.quote)
            return end_string(s);
        if (c == '\\') {
            s->conv.state = VCONV_ESC;
            return true;
        }
        return put_char(s, c);
    }
    mark = string_mark_at(s, c);
    if (mark == 2)
        return end_string(s);
    if (mark == 1)
        return true;
    if (!mark)
        return put_char(s, c);
    n = s->n_hold; /* no mark: the first byte is text, the others are looked at anew */
    memcpy(held, s->hold, n);
    s->n_hold = 0;
    if (!put_char(s, held[0]))
        return false;
    for (uint32_t i = 1; i < n; i++)
        if (!string_byte(s, held[i]))
            return false;
    return true;
}

/* Behind a single quote: it ends the string where something follows that can stand behind one; else
 * it was written without the backslash it needs, as templates do it. */
static bool quote_byte(struct dialect_stream *s, char c)
{
    if (ds_is_blank(c) && s->n_hold < HOLD_MAX) {
        s->hold[s->n_hold++] = c;
        return true;
    }
    if (strchr(",:)]}", c)) {
        s->n_hold = 0;
        return end_string(s) && step(s, c);
    }
    s->conv.state = VCONV_STR;
    if (!put_char(s, s->conv.quote))
        return false;
    for (uint32_t i = 0; i < s->n_hold; i++)
        if (!put_char(s, s->hold[i]))
            return false;
    s->n_hold = 0;
    return step(s, c);
}

static bool escape_byte(struct dialect_stream *s, char c)
{
    char esc[2] = { '\\', c };

    s->conv.state = VCONV_STR;
    if (c && strchr("ntrbf\\\"/", c))
        return put(s, esc, 2);
    if (c == '\n')
        return true;
    if (c == '\'')
        return put_char(s, c);
    if (c == 'u' || c == 'x') {
        s->conv.state = VCONV_HEX;
        s->conv.n_hex = c == 'u' ? 4 : 2;
        return put(s, c == 'u' ? "\\u" : "\\u00", c == 'u' ? 2 : 4);
    }
    return put_char(s, '\\') && put_char(s, c);
}

static bool step(struct dialect_stream *s, char c)
{
    struct vconv *v = &s->conv;

    switch (v->state) {
    case VCONV_VALUE:
        return value_at(s, c);
    case VCONV_KEY_AT:
        return key_at(s, c);
    case VCONV_KEY:
        return key_byte(s, c);
    case VCONV_COLON:
        if (ds_is_blank(c))
            return true;
        v->state = VCONV_VALUE;
        return c == ':' && put(s, ": ", 2);
    case VCONV_AFTER:
        return after(s, c);
    case VCONV_STR:
        return string_byte(s, c);
    case VCONV_QUOTE:
        return quote_byte(s, c);
    case VCONV_ESC:
        return escape_byte(s, c);
    case VCONV_HEX:
        if (!--v->n_hex)
            v->state = VCONV_STR;
        return put(s, &c, 1);
    default:
        return word_byte(s, c);
    }
}

void ds_values_byte(struct dialect_stream *s, char c)
{
    if (!c || !step(s, c)) {
        ds_fail(s);
    } else if (!s->conv.depth) {
        if (s->row->call_end) {
            s->mode = DS_CALL_END;
        } else {
            ds_call_whole(s);
            ds_after_call(s);
        }
    }
}
