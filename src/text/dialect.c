/* The answer's parser: thoughts and text, marks, events. What is inside a call is read in
 * dialect_call.c, dialect_object.c, dialect_xml.c and dialect_value.c. */
#include "text/dialect.h"

#include <string.h>

#include "base/mem.h"
#include "text/dialect_int.h"

#define WS_MAX      4096U
#define OUT_MAX     (64U << 20)
#define N_MARKS_MAX 10U

bool ds_is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

enum match dialect_match(const char *hold, size_t len, const char *const *marks, unsigned n,
                         unsigned *which)
{
    enum match best = MATCH_NO;

    for (unsigned i = 0; i < n; i++) {
        size_t m = marks[i] ? strlen(marks[i]) : 0;

        if (!m || len > m || memcmp(hold, marks[i], len) != 0)
            continue;
        if (len == m) {
            *which = i;
            return MATCH_FULL;
        }
        best = MATCH_PART;
    }
    return best;
}

enum match ds_expect(struct dialect_stream *s, char c, const char *const *marks, unsigned n,
                     unsigned *which)
{
    enum match m;

    if (!s->n_hold && ds_is_blank(c))
        return MATCH_PART;
    s->hold[s->n_hold++] = c;
    m = dialect_match(s->hold, s->n_hold, marks, n, which);
    if (m == MATCH_FULL)
        s->n_hold = 0;
    return m;
}

/* ---- memory ---- */

/* What a buffer lacks changes what is read from it: nothing is told any more once one has failed.
 */
static bool has_failed(struct dialect_stream *s)
{
    s->failed = s->failed || s->ws.failed || s->raw.failed || s->header.failed || s->id.failed ||
                s->args.failed || s->out.failed;
    return s->failed;
}

void ds_clear(struct dialect_stream *s, struct buf *b)
{
    s->failed = s->failed || b->failed;
    buf_clear(b);
}

/* ---- events ---- */

static void flush(struct dialect_stream *s)
{
    struct dialect_event ev = { .kind = s->out_kind,
                                .index = s->out_index,
                                .name = "",
                                .id = "",
                                .text = buf_str(&s->out),
                                .len = s->out.len };

    if (!has_failed(s) && s->out.len)
        s->p.on_event(s->p.arg, &ev);
    ds_clear(s, &s->out);
}

void ds_emit(struct dialect_stream *s, enum dialect_event_kind kind, const char *text, size_t len)
{
    struct dialect_event ev = {
        .kind = kind, .index = s->n_call, .name = "", .id = "", .text = ""
    };
    bool is_text = kind == DIALECT_REASONING || kind == DIALECT_CONTENT;

    if (is_text || kind == DIALECT_CALL_ARGS) {
        uint32_t index = is_text ? 0 : s->n_call;

        if (s->out_kind != kind || s->out_index != index)
            flush(s);
        s->out_kind = kind;
        s->out_index = index;
        (void)buf_add(&s->out, text, len);
        return;
    }
    flush(s);
    if (kind == DIALECT_CALL_BEGIN) {
        ev.name = buf_str(&s->header);
        ev.id = buf_str(&s->id);
    }
    if (!has_failed(s))
        s->p.on_event(s->p.arg, &ev);
}

void ds_begin(struct dialect_stream *s)
{
    if (s->begun)
        return;
    s->begun = true;
    ds_emit(s, DIALECT_CALL_BEGIN, NULL, 0);
}

void ds_call_reset(struct dialect_stream *s)
{
    s->begun = false;
    s->any_arg = false;
    s->n_hold = 0;
    ds_clear(s, &s->header);
    ds_clear(s, &s->id);
    ds_clear(s, &s->args);
}

void ds_call_whole(struct dialect_stream *s)
{
    ds_begin(s);
    ds_emit(s, DIALECT_CALL_END, NULL, 0);
    s->n_call++;
    s->n_whole++;
    s->n_here++;
    ds_clear(s, &s->raw);
    ds_call_reset(s);
}

/* ---- text ---- */

static void put_text(struct dialect_stream *s, const char *text, size_t len)
{
    bool thinking = s->mode == DS_REASONING;

    if (s->ws.len && (!s->drop_ws || (!thinking && s->had_text)))
        ds_emit(s, thinking ? DIALECT_REASONING : DIALECT_CONTENT, buf_str(&s->ws), s->ws.len);
    ds_clear(s, &s->ws);
    s->drop_ws = false;
    s->at_start = false;
    s->had_text = s->had_text || !thinking;
    ds_emit(s, thinking ? DIALECT_REASONING : DIALECT_CONTENT, text, len);
}

static void text_char(struct dialect_stream *s, char c)
{
    if (!ds_is_blank(c)) {
        put_text(s, &c, 1);
    } else {
        (void)buf_addc(&s->ws, c);
        if (s->ws.len >= WS_MAX)
            put_text(s, "", 0);
    }
}

void ds_text_section(struct dialect_stream *s, enum ds_mode mode, bool drop_ws)
{
    s->mode = mode;
    s->at_start = true;
    s->drop_ws = drop_ws;
    s->n_hold = 0;
    ds_clear(s, &s->ws);
}

/* The marks that count where the stream stands; *n_trigger of them, the first ones, begin calls. */
static unsigned marks_here(const struct dialect_stream *s, const char **marks, unsigned *n_trigger)
{
    unsigned n = 0;
    const struct dialect_row *r = s->row;
    bool harmony = r && r->kind == DIALECT_HARMONY;
    bool line = s->at_start || s->ws.len;

    if (r && (harmony || (s->mode == DS_CONTENT && s->p.calls)) && s->n_call < DIALECT_CALLS_MAX)
        for (unsigned i = 0; i < DIALECT_TRIGGERS; i++)
            if (r->trigger[i] && (!(r->flags & DIALECT_START_ONLY) || line) &&
                (r->trigger[i][0] != ' ' || s->at_start))
                marks[n++] = r->trigger[i];
    *n_trigger = n;
    if (s->think && !s->think->harmony) {
        marks[n++] = s->mode == DS_REASONING ? s->think->close
                     : s->at_start           ? s->think->open
                                             : NULL;
        for (unsigned i = 0; i < 2; i++)
            marks[n++] = s->mode == DS_CONTENT ? s->think->skip[i] : NULL;
    }
    if (harmony) {
        marks[n++] = "<|end|>";
        marks[n++] = "<|return|>";
        marks[n++] = "<|call|>";
    }
    return n;
}

static void refeed(struct dialect_stream *s, const char *text, uint32_t n);

/* A mark's text is over; which: its place among the marks. */
static void on_mark(struct dialect_stream *s, const char *mark, bool trigger)
{
    s->n_hold = 0;
    if (trigger) {
        (void)buf_add(&s->raw, buf_str(&s->ws), s->ws.len);
        (void)buf_adds(&s->raw, mark);
        ds_clear(s, &s->ws);
        ds_section_begin(s);
        return;
    }
    if (s->think && !s->think->harmony && mark == s->think->open && s->mode == DS_CONTENT)
        ds_text_section(s, DS_REASONING, true);
    else if (s->think && !s->think->harmony && mark == s->think->close)
        ds_text_section(s, DS_CONTENT, true);
    else
        ds_text_section(s, DS_CONTENT, true);
}

static bool opens_bare(const struct dialect_stream *s, char c)
{
    return s->row && s->p.calls && (s->row->flags & DIALECT_BARE) && s->mode == DS_CONTENT &&
           !s->n_hold && s->at_start && !s->had_text && (c == '{' || c == '[') &&
           s->n_call < DIALECT_CALLS_MAX;
}

static void text_byte(struct dialect_stream *s, char c)
{
    const char *marks[N_MARKS_MAX];
    unsigned n, n_trigger, which = 0;

    if (opens_bare(s, c)) {
        (void)buf_add(&s->raw, buf_str(&s->ws), s->ws.len);
        (void)buf_addc(&s->raw, c);
        ds_clear(s, &s->ws);
        ds_section_begin(s);
        s->bare = true;
        ds_call_byte(s, c);
        return;
    }
    n = marks_here(s, marks, &n_trigger);
    s->hold[s->n_hold++] = c;
    while (s->n_hold) {
        char held[HOLD_MAX];
        enum match m = dialect_match(s->hold, s->n_hold, marks, n, &which);
        uint32_t rest;

        if (m == MATCH_FULL) {
            on_mark(s, marks[which], which < n_trigger);
            return;
        }
        if (m == MATCH_PART)
            return;
        text_char(s, s->hold[0]);
        rest = s->n_hold - 1; /* the first byte is text: the others are looked at anew */
        memcpy(held, s->hold + 1, rest);
        s->n_hold = 0;
        refeed(s, held, rest);
        return;
    }
}

/* Gives back a call that was none. */
void ds_fail(struct dialect_stream *s)
{
    if (s->begun) {
        ds_emit(s, DIALECT_CALL_DROP, NULL, 0);
        s->n_call++;
    }
    s->mode = DS_CONTENT;
    s->drop_ws = false;
    s->bare = false;
    put_text(s, buf_str(&s->raw), s->raw.len);
    ds_clear(s, &s->raw);
    ds_call_reset(s);
}

void ds_leave(struct dialect_stream *s)
{
    char held[HOLD_MAX];
    uint32_t n = s->n_hold;

    memcpy(held, s->hold, n);
    ds_clear(s, &s->raw);
    ds_call_reset(s);
    s->bare = false;
    ds_text_section(s, DS_CONTENT, true);
    refeed(s, held, n);
}

static void feed_byte(struct dialect_stream *s, char c)
{
    if (s->mode == DS_CONTENT || s->mode == DS_REASONING) {
        text_byte(s, c);
        return;
    }
    (void)buf_addc(&s->raw, c);
    if (s->raw.len >= DIALECT_CALL_MAX)
        ds_fail(s);
    else
        ds_call_byte(s, c);
}

/* Looks at held bytes anew; a mark among them may begin a call. */
static void refeed(struct dialect_stream *s, const char *text, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (s->mode == DS_CONTENT || s->mode == DS_REASONING) {
            text_byte(s, text[i]);
        } else {
            (void)buf_addc(&s->raw, text[i]);
            ds_call_byte(s, text[i]);
        }
    }
}

/* ---- the door ---- */

static bool ends_with(const char *text, size_t len, const char *mark)
{
    size_t n = strlen(mark);

    return text && len >= n && memcmp(text + len - n, mark, n) == 0;
}

static void start(struct dialect_stream *s)
{
    const struct dialect *d = s->p.dialect;

    s->at_start = true;
    if (s->think && reasoning_is_open(&d->reasoning, s->p.prompt, s->p.prompt_len))
        ds_text_section(s, DS_REASONING, true);
    if (s->row && (s->row->flags & DIALECT_ALL_TEXT) &&
        ends_with(s->p.prompt, s->p.prompt_len, s->row->trigger[0])) {
        (void)buf_adds(&s->raw, "");
        ds_section_begin(s);
    }
}

enum err_code dialect_stream_open(struct dialect_stream **out, const struct dialect_params *p,
                                  struct err *e)
{
    struct dialect_stream *s = mem_alloc_zero(MEM_REQUEST, sizeof(*s));
    const struct dialect_row *row = p->dialect->row;

    *out = s;
    if (!s)
        return err_set(e, ERR_OOM, "no memory for the answer's parser");
    s->p = *p;
    s->row = row && (p->calls || row->kind == DIALECT_HARMONY || (row->flags & DIALECT_ALL_TEXT))
                 ? row
                 : NULL; /* where also plain text stands behind a header */
    s->think = p->reasoning ? p->dialect->reasoning.row : NULL;
    buf_init(&s->ws, MEM_REQUEST, WS_MAX + 1);
    buf_init(&s->raw, MEM_REQUEST, DIALECT_CALL_MAX + 2 * WS_MAX);
    buf_init(&s->header, MEM_REQUEST, DIALECT_CALL_MAX);
    buf_init(&s->id, MEM_REQUEST, DIALECT_CALL_MAX);
    buf_init(&s->args, MEM_REQUEST, 2 * DIALECT_CALL_MAX);
    buf_init(&s->out, MEM_REQUEST, OUT_MAX);
    start(s);
    return ERR_OK;
}

void dialect_stream_close(struct dialect_stream *s)
{
    if (!s)
        return;
    buf_finish(&s->ws);
    buf_finish(&s->raw);
    buf_finish(&s->header);
    buf_finish(&s->id);
    buf_finish(&s->args);
    buf_finish(&s->out);
    mem_free(s);
}

static enum err_code check(struct dialect_stream *s, struct err *e)
{
    flush(s);
    return s->failed ? err_set(e, ERR_OOM, "no memory for the answer's text") : ERR_OK;
}

enum err_code dialect_feed(struct dialect_stream *s, const char *text, size_t len, struct err *e)
{
    for (size_t i = 0; i < len; i++)
        feed_byte(s, text[i]);
    return check(s, e);
}

static void end_text(struct dialect_stream *s)
{
    char held[HOLD_MAX];
    uint32_t n = s->n_hold;

    memcpy(held, s->hold, n);
    s->n_hold = 0;
    for (uint32_t i = 0; i < n; i++)
        text_char(s, held[i]);
    if (s->mode == DS_CONTENT && !s->drop_ws && s->ws.len)
        put_text(s, "", 0);
}

enum err_code dialect_end(struct dialect_stream *s, bool truncated, struct err *e)
{
    if (s->ended)
        return ERR_OK;
    s->ended = true;
    if (s->mode == DS_CONTENT || s->mode == DS_REASONING) {
        end_text(s);
    } else if (s->mode == DS_CALL && s->n_here) {
        ds_call_reset(s); /* between calls: the section's end is missing, nothing else */
    } else if (s->mode == DS_CALL_END) {
        ds_call_whole(s); /* only the mark of its end is missing */
    } else if (truncated && s->begun) {
        ds_emit(s, DIALECT_CALL_CUT, NULL, 0);
        s->n_call++;
    } else {
        ds_fail(s);
    }
    return check(s, e);
}

bool dialect_is_thinking(const struct dialect_stream *s)
{
    return s->mode == DS_REASONING;
}

uint32_t dialect_n_call(const struct dialect_stream *s)
{
    return s->n_whole;
}
