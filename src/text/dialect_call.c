/* Between and around calls: sections, headers with names and ids, arguments that are JSON. */
#include <string.h>

#include "base/num.h"
#include "text/dialect_int.h"

bool ds_name_ok(const char *name, size_t len)
{
    if (!len || len > DIALECT_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];

        if (c <= ' ' || c == 0x7f || strchr("\"'`<>{}[]()=,;\\", c))
            return false;
    }
    return true;
}

void ds_section_begin(struct dialect_stream *s)
{
    const struct dialect_row *r = s->row;

    s->n_here = 0;
    s->in_list = false;
    s->bare = false;
    ds_call_reset(s);
    s->mode = DS_CALL;
    if (r->kind == DIALECT_HARMONY) { /* the trigger is a part of the header */
        (void)buf_add(&s->header, buf_str(&s->raw), s->raw.len);
        s->mode = DS_HEADER;
    } else if (r->kind == DIALECT_BRACES ||
               ((r->kind == DIALECT_NAMED || r->kind == DIALECT_XML) && !r->call)) {
        s->mode = DS_HEADER;
    }
}

void ds_after_call(struct dialect_stream *s)
{
    const struct dialect_row *r = s->row;

    if (r->call || r->kind == DIALECT_JSON || r->kind == DIALECT_PYTHON)
        s->mode = DS_CALL;
    else
        ds_leave(s);
}

static void end_or_fail(struct dialect_stream *s)
{
    if (s->n_here)
        ds_leave(s);
    else
        ds_fail(s);
}

/* ---- between calls ---- */

static void expect_call(struct dialect_stream *s, char c)
{
    const char *const marks[] = { s->row->call, s->row->close, s->row->trigger[0] };
    unsigned which;
    enum match m = ds_expect(s, c, marks, 3, &which);

    bool has_header = s->row->kind != DIALECT_JSON && s->row->kind != DIALECT_PYTHON;

    if (m == MATCH_NO || (m == MATCH_FULL && which == 1))
        end_or_fail(s);
    else if (m == MATCH_FULL && which == 0)
        s->mode = has_header ? DS_HEADER : DS_CALL;
    else if (m == MATCH_FULL)
        ds_section_begin(s); /* the section before it had no mark of its end */
}

/* Lists of objects or python calls; opens: what a call begins with is c. */
static void list_byte(struct dialect_stream *s, char c, bool opens)
{
    if (!s->n_hold) {
        if (ds_is_blank(c) || (s->n_here && (c == ',' || c == ';')))
            return;
        if (c == '[' && !s->in_list && !s->n_here) {
            s->in_list = true;
            return;
        }
        if (c == ']' && s->in_list) {
            s->in_list = false;
            if (!s->row->close && !s->row->call)
                end_or_fail(s);
            return;
        }
        if (opens) {
            s->mode = c == '{' ? DS_OBJECT : DS_HEADER;
            if (c == '{')
                ds_object_begin(s);
            ds_call_byte(s, c);
            return;
        }
    }
    expect_call(s, c);
}

/* ---- headers ---- */

static void trim(const char **s, size_t *len)
{
    while (*len && ds_is_blank(**s)) {
        (*s)++;
        (*len)--;
    }
    while (*len && ds_is_blank((*s)[*len - 1]))
        (*len)--;
}

static void set_name(struct dialect_stream *s, const char *name, size_t len, const char *id,
                     size_t id_len)
{
    struct buf copy;

    trim(&name, &len);
    trim(&id, &id_len);
    buf_init(&copy, MEM_REQUEST, HEADER_MAX + 1);
    (void)buf_add(&copy, name, len);
    ds_clear(s, &s->id);
    (void)buf_add(&s->id, id, min_size(id_len, DIALECT_NAME_MAX));
    ds_clear(s, &s->header);
    (void)buf_add(&s->header, buf_str(&copy), copy.len);
    s->failed = s->failed || copy.failed;
    buf_finish(&copy);
}

/* "functions.NAME:3" is an id. */
static void counted_header(struct dialect_stream *s)
{
    const char *h = buf_str(&s->header), *name;
    size_t len = s->header.len, n;

    trim(&h, &len);
    name = h;
    n = len;
    if (n > 10 && memcmp(name, "functions.", 10) == 0) {
        name += 10;
        n -= 10;
    }
    while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    n = n && name[n - 1] == ':' ? n - 1 : len - (size_t)(name - h);
    set_name(s, name, n, h, len);
}

static void plain_header(struct dialect_stream *s)
{
    const char *h = buf_str(&s->header);
    const char *sep = s->row->id_sep ? strstr(h, s->row->id_sep) : NULL;
    size_t len = s->header.len, first, second;

    if (!sep) {
        set_name(s, h, len, "", 0);
        return;
    }
    first = (size_t)(sep - h);
    second = len - first - strlen(s->row->id_sep);
    sep += strlen(s->row->id_sep);
    if (s->row->flags & DIALECT_INDEXED)
        second = 0;
    if (s->row->flags & DIALECT_ID_FIRST)
        set_name(s, sep, second, h, first);
    else
        set_name(s, h, first, sep, second);
}

/* A message's channel and recipient. */
static void harmony_header(struct dialect_stream *s)
{
    static const char functions[] = "functions.";
    const char *h = buf_str(&s->header), *to = strstr(h, "to=");
    bool thinks = s->think && strstr(h, "analysis");

    if (to && s->p.calls) {
        size_t n;

        to += strlen("to=");
        if (strncmp(to, functions, strlen(functions)) == 0)
            to += strlen(functions);
        n = strcspn(to, " \n\t<");
        set_name(s, to, n, "", 0);
        return;
    }
    ds_clear(s, &s->raw);
    ds_call_reset(s);
    ds_text_section(s, thinks ? DS_REASONING : DS_CONTENT, false);
}

/* The only headers where calls are objects are those of a mixed dialect. */
static bool is_python(const struct dialect_stream *s)
{
    return s->row->kind == DIALECT_PYTHON || s->row->kind == DIALECT_JSON;
}

/* False: it was no header. */
static bool header_done(struct dialect_stream *s)
{
    const struct dialect_row *r = s->row;

    if (r->kind == DIALECT_HARMONY)
        harmony_header(s);
    else if (r->flags & DIALECT_COUNTED)
        counted_header(s);
    else
        plain_header(s);
    if (s->mode != DS_HEADER)
        return true;
    if ((r->flags & DIALECT_ALL_TEXT) && strcmp(buf_str(&s->header), "all") == 0) {
        ds_clear(s, &s->raw);
        ds_call_reset(s);
        ds_text_section(s, DS_CONTENT, false);
    } else if (!s->p.calls || !ds_name_ok(buf_str(&s->header), s->header.len) ||
               ((s->bare || s->in_thought || (r->flags & DIALECT_FIRST_LINE)) &&
                !ds_tool_known(s))) {
        ds_fail(s);
        return false;
    } else if (r->kind == DIALECT_XML) {
        ds_xml_begin(s);
    } else if (is_python(s) || r->kind == DIALECT_BRACES) {
        ds_values_begin(s, r->kind != DIALECT_BRACES);
    } else {
        s->mode = DS_ARGS_AT;
    }
    return true;
}

static bool ends_with(const struct buf *b, const char *mark)
{
    size_t n = strlen(mark);

    return b->len >= n && memcmp(b->data + b->len - n, mark, n) == 0;
}

/* The header of a message that is no call. */
static void head_byte(struct dialect_stream *s, char c)
{
    const struct reasoning_row *r = s->head;
    bool thought;

    (void)buf_addc(&s->header, c);
    if (s->header.len >= HEADER_MAX) {
        ds_fail(s);
        return;
    }
    if (!ends_with(&s->header, r->head_end))
        return;
    thought = strstr(s->header.data, r->inner) != NULL;
    if (thought && !s->think) { /* a thought that stays in the text, with its header */
        ds_fail(s);
        return;
    }
    ds_clear(s, &s->raw);
    ds_call_reset(s);
    ds_text_section(s, thought ? DS_REASONING : DS_CONTENT, true);
}

/* What has been read of a header begins a tool's name. */
static bool begins_name(const struct dialect_stream *s)
{
    const char *h = buf_str(&s->header);

    for (size_t i = 0; i < js_len(s->p.tools); i++) {
        const struct js *t = js_at(s->p.tools, i), *f = js_get(t, "function");
        const char *name = js_str(js_get(f ? f : t, "name"), NULL);

        if (name && strncmp(name, h, s->header.len) == 0)
            return true;
    }
    return !s->p.tools && ds_name_ok(h, s->header.len);
}

/* An empty header: where only calls stand before it, a text begins. */
static void empty_header(struct dialect_stream *s)
{
    if (s->had_text || s->in_thought) {
        ds_fail(s);
        return;
    }
    ds_clear(s, &s->raw);
    ds_call_reset(s);
    ds_text_section(s, DS_CONTENT, true);
}

static void header_byte(struct dialect_stream *s, char c)
{
    const struct dialect_row *r = s->row;
    bool is_line = r->flags & DIALECT_FIRST_LINE;
    char stop = is_python(s) ? '(' : '{';
    bool stops = is_python(s) || r->kind == DIALECT_BRACES || (r->flags & DIALECT_BRACE_ENDS);

    if (!s->header.len && is_line && c == '\n') {
        empty_header(s);
        return;
    }
    if (!s->header.len && ds_is_blank(c) && r->kind != DIALECT_HARMONY)
        return;
    if (stops && c == stop) {
        if (header_done(s) && s->mode == DS_ARGS_AT)
            ds_call_byte(s, c);
        return;
    }
    if (!r->name_end && r->kind == DIALECT_XML && (c == '\n' || c == '<')) {
        /* A line, or the first parameter, ends the name. */
        if (header_done(s) && c == '<' && s->mode == DS_PARAM)
            ds_call_byte(s, c);
        return;
    }
    (void)buf_addc(&s->header, c);
    if (r->name_end && ends_with(&s->header, r->name_end)) {
        s->header.len -= strlen(r->name_end);
        s->header.data[s->header.len] = '\0';
        (void)header_done(s);
    } else if (s->header.len >= HEADER_MAX || (is_line && !begins_name(s))) {
        ds_fail(s);
    }
}

/* ---- arguments as JSON ---- */

static void whole(struct dialect_stream *s)
{
    ds_call_whole(s);
    ds_after_call(s);
}

static void args_at(struct dialect_stream *s, char c)
{
    bool fenced = !(s->row->flags & DIALECT_FIRST_LINE);
    const char *const marks[] = { fenced ? "```json" : NULL, s->row->call_end };
    unsigned which;
    enum match m;

    if (!s->n_hold && c == '{') {
        ds_begin(s);
        s->scan = (struct jscan){ 0 };
        s->mode = DS_ARGS;
        ds_call_byte(s, c);
        return;
    }
    m = ds_expect(s, c, marks, 2, &which);
    if (m == MATCH_NO) {
        ds_fail(s);
    } else if (m == MATCH_FULL && which == 1) { /* no arguments at all */
        ds_begin(s);
        ds_emit(s, DIALECT_CALL_ARGS, "{}", 2);
        whole(s);
    }
}

static void args_byte(struct dialect_stream *s, char c)
{
    bool in_string = s->scan.state == JSCAN_STR;
    enum jscan_result r = jscan_feed(&s->scan, c);

    if (r == JSCAN_BAD) {
        ds_fail(s);
        return;
    }
    if (in_string && (unsigned char)c < 0x20)
        ds_put_char(s, c); /* a line break inside a string is forgiven and escaped */
    else
        ds_emit(s, DIALECT_CALL_ARGS, &c, 1);
    if (r != JSCAN_DONE)
        return;
    if (s->row->call_end || s->row->call)
        s->mode = DS_CALL_END;
    else
        whole(s);
}

static void call_end(struct dialect_stream *s, char c)
{
    const char *const marks[] = { s->row->call_end, s->row->close, s->row->call, "```" };
    unsigned which;
    enum match m = ds_expect(s, c, marks, 4, &which);
    uint32_t n_hold = s->n_hold;

    if (m == MATCH_PART || (m == MATCH_FULL && which == 3))
        return;
    ds_call_whole(s);
    if (m == MATCH_FULL && which == 0) {
        ds_after_call(s);
    } else if (m == MATCH_FULL && which == 2) {
        s->mode = DS_HEADER;
    } else {
        s->n_hold = m == MATCH_NO ? n_hold : 0;
        ds_leave(s);
    }
}

size_t ds_escape(char c, char out[DS_ESCAPE_MAX])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char u = (unsigned char)c;

    out[0] = '\\';
    out[1] = c;
    if (c == '\n' || c == '\t' || c == '\r') {
        out[1] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
    } else if (u < 0x20) {
        out[1] = 'u';
        out[2] = out[3] = '0';
        out[4] = hex[u >> 4];
        out[5] = hex[u & 15];
        return 6;
    } else if (c != '"' && c != '\\') {
        out[0] = c;
        return 1;
    }
    return 2;
}

void ds_put_char(struct dialect_stream *s, char c)
{
    char esc[DS_ESCAPE_MAX];

    ds_emit(s, DIALECT_CALL_ARGS, esc, ds_escape(c, esc));
}

void ds_call_byte(struct dialect_stream *s, char c)
{
    bool is_name = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    enum dialect_kind kind;

    if (s->mode == DS_HEAD) { /* also without a row */
        head_byte(s, c);
        return;
    }
    kind = s->row->kind;
    switch (s->mode) {
    case DS_CALL:
        if (kind == DIALECT_JSON)
            list_byte(s, c, c == '{' || (is_name && (s->row->flags & DIALECT_MIXED)));
        else if (kind == DIALECT_PYTHON)
            list_byte(s, c, is_name);
        else
            expect_call(s, c);
        break;
    case DS_HEADER:
        header_byte(s, c);
        break;
    case DS_ARGS_AT:
        args_at(s, c);
        break;
    case DS_ARGS:
        args_byte(s, c);
        break;
    case DS_CALL_END:
        call_end(s, c);
        break;
    case DS_OBJECT:
        ds_object_byte(s, c);
        break;
    case DS_VALUES:
        ds_values_byte(s, c);
        break;
    default:
        ds_xml_byte(s, c);
        break;
    }
}
