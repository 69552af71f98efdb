/* The answer's parser: thoughts and text, marks, events. What is inside a call is read in
 * dialect_call.c, dialect_object.c, dialect_xml.c and dialect_value.c. */
#include "text/dialect.h"

#include <string.h>

#include "base/mem.h"
#include "text/dialect_int.h"

#define WS_MAX      4096U
#define OUT_MAX     (64U << 20)
#define N_MARKS_MAX 16U

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
    s->line_shut = false;
    s->n_hold = 0;
    ds_clear(s, &s->ws);
}

/* A trigger's place: anywhere, where a line begins, or only before all text. */
static bool counts_here(const struct dialect_stream *s, const char *trigger)
{
    unsigned flags = s->row->flags;

    if (trigger[0] == ' ' || (flags & DIALECT_FIRST_ONLY))
        return s->at_start;
    return !(flags & DIALECT_START_ONLY) || s->at_start || s->ws.len;
}

/* Calls may begin: in text, and on a line of a thought that its model has forgotten to close. */
static bool calls_here(const struct dialect_stream *s)
{
    if (s->mode == DS_CONTENT || !s->p.calls)
        return s->p.calls;
    return s->think && !s->head && !s->thought_shut &&
           (s->at_start || (s->row->flags & DIALECT_COUNTED) ||
            (s->ws.len && memchr(s->ws.data, '\n', s->ws.len)));
}

/* The marks that count where the stream stands; *n_trigger of them, the first ones, begin calls. */
static unsigned marks_here(const struct dialect_stream *s, const char **marks, unsigned *n_trigger)
{
    unsigned n = 0;
    const struct dialect_row *r = s->row;
    bool harmony = r && r->kind == DIALECT_HARMONY;

    if (r && (harmony || calls_here(s)) && s->n_call < DIALECT_CALLS_MAX)
        for (unsigned i = 0; i < DIALECT_TRIGGERS; i++)
            if (r->trigger[i] && counts_here(s, r->trigger[i]))
                marks[n++] = r->trigger[i];
    if (s->alt && s->mode == DS_CONTENT && s->n_call < DIALECT_CALLS_MAX)
        marks[n++] = s->alt->trigger[0];
    *n_trigger = n;
    if (s->think && !s->think->harmony) {
        marks[n++] = s->mode == DS_REASONING || s->at_start ? s->think->close : NULL;
        marks[n++] = s->mode == DS_CONTENT && s->at_start ? s->think->open : NULL;
        for (unsigned i = 0; i < REASONING_SKIPS; i++)
            marks[n++] =
                s->mode == DS_CONTENT || (i == 0 && s->think->skip_ends) ? s->think->skip[i] : NULL;
    }
    for (unsigned i = 0; s->head && i < 2; i++)
        marks[n++] = s->mode == DS_CONTENT && s->at_start ? s->head->head[i] : NULL;
    if (harmony) {
        marks[n++] = "<|end|>";
        marks[n++] = "<|return|>";
        marks[n++] = "<|call|>";
    }
    return n;
}

static void refeed(struct dialect_stream *s, const char *text, uint32_t n);
static void feed_byte(struct dialect_stream *s, char c);

/* A mark's text is over; which: its place among the marks. */
static void on_mark(struct dialect_stream *s, const char *mark, bool trigger)
{
    s->n_hold = 0;
    if (trigger) {
        if (s->alt && mark == s->alt->trigger[0]) {
            s->row = s->alt;
            s->alt = NULL;
        }
        s->in_thought = s->mode == DS_REASONING && s->row->kind != DIALECT_HARMONY;
        s->thought_start = s->at_start;
        (void)buf_add(&s->raw, buf_str(&s->ws), s->ws.len);
        (void)buf_adds(&s->raw, mark);
        ds_clear(s, &s->ws);
        ds_section_begin(s);
        if (s->row->call && strcmp(mark, s->row->call) == 0 && s->mode == DS_CALL &&
            s->row->kind != DIALECT_JSON)
            s->mode = DS_HEADER; /* a section whose own mark was left out */
        return;
    }
    if (s->head && (mark == s->head->head[0] || mark == s->head->head[1])) {
        ds_call_reset(s);
        ds_clear(s, &s->ws);
        (void)buf_adds(&s->raw, mark);
        (void)buf_adds(&s->header, mark);
        s->mode = DS_HEAD;
        return;
    }
    if (s->think && !s->think->harmony && mark == s->think->open && s->mode == DS_CONTENT)
        ds_text_section(s, DS_REASONING, true);
    else
        ds_text_section(s, DS_CONTENT, true);
}

static bool opens_bare(const struct dialect_stream *s, char c)
{
    return s->row && s->p.calls && (s->row->flags & DIALECT_BARE) && s->mode == DS_CONTENT &&
           !s->n_hold && s->at_start && !s->had_text && (c == '{' || c == '[') &&
           s->n_call < DIALECT_CALLS_MAX;
}

/* The answer's first line may be a header. */
static bool opens_line(const struct dialect_stream *s, char c)
{
    return s->row && s->p.calls && (s->row->flags & DIALECT_FIRST_LINE) && s->mode == DS_CONTENT &&
           !s->n_hold && s->at_start && !s->had_text && !s->line_shut && !ds_is_blank(c) &&
           s->n_call < DIALECT_CALLS_MAX;
}

/* The first held byte is no mark's: text, or the beginning of a bare call. */
static void take_first(struct dialect_stream *s, char c)
{
    if (!opens_bare(s, c) && !opens_line(s, c)) {
        text_char(s, c);
        return;
    }
    (void)buf_add(&s->raw, buf_str(&s->ws), s->ws.len);
    (void)buf_addc(&s->raw, c);
    ds_clear(s, &s->ws);
    ds_section_begin(s);
    s->bare = true;
    ds_call_byte(s, c);
}

static void text_byte(struct dialect_stream *s, char c)
{
    const char *marks[N_MARKS_MAX] = { 0 };
    unsigned n_trigger, which = 0, n = marks_here(s, marks, &n_trigger);
    char held[HOLD_MAX];
    enum match m;
    uint32_t rest;

    s->hold[s->n_hold++] = c;
    m = dialect_match(s->hold, s->n_hold, marks, n, &which);
    if (m == MATCH_FULL)
        on_mark(s, marks[which], which < n_trigger);
    if (m != MATCH_NO)
        return;
    rest = s->n_hold - 1; /* the others are looked at anew */
    memcpy(held, s->hold, s->n_hold);
    s->n_hold = 0;
    take_first(s, held[0]);
    refeed(s, held + 1, rest);
}

static void drop_begun(struct dialect_stream *s)
{
    if (!s->begun)
        return;
    ds_emit(s, DIALECT_CALL_DROP, NULL, 0);
    s->n_call++;
}

/* What looked like a call in a thought was a part of it; its end may be in there. From now on the
 * thought ends with its mark alone. */
static void give_back_thought(struct dialect_stream *s)
{
    struct buf raw = s->raw;

    buf_init(&s->raw, MEM_REQUEST, DIALECT_CALL_MAX + 2 * WS_MAX);
    s->failed = s->failed || raw.failed;
    s->in_thought = false;
    s->thought_shut = true;
    ds_call_reset(s);
    ds_text_section(s, DS_REASONING, s->thought_start);
    for (size_t i = 0; i < raw.len; i++)
        feed_byte(s, raw.data[i]);
    buf_finish(&raw);
}

/* A line that was no header is text, as is the mark before it; in the line itself marks count. */
static void give_back_line(struct dialect_stream *s)
{
    struct buf raw = s->raw;
    const char *trigger = s->row->trigger[0], *mark = strstr(buf_str(&raw), trigger);
    size_t n = s->bare || !mark ? 0 : (size_t)(mark - raw.data) + strlen(trigger);

    buf_init(&s->raw, MEM_REQUEST, DIALECT_CALL_MAX + 2 * WS_MAX);
    s->failed = s->failed || raw.failed;
    s->mode = DS_CONTENT;
    s->in_thought = false;
    s->bare = false;
    s->line_shut = true;
    ds_call_reset(s);
    if (n) {
        s->drop_ws = false;
        put_text(s, buf_str(&raw), n);
    }
    for (size_t i = n; i < raw.len; i++)
        feed_byte(s, raw.data[i]);
    buf_finish(&raw);
}

/* Gives back a call that was none. */
void ds_fail(struct dialect_stream *s)
{
    bool is_line = s->row && (s->row->flags & DIALECT_FIRST_LINE) && (s->bare || !s->begun);

    drop_begun(s);
    if (s->in_thought && !s->n_here) {
        give_back_thought(s);
        return;
    }
    if (is_line) {
        give_back_line(s);
        return;
    }
    s->mode = DS_CONTENT;
    s->in_thought = false;
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
    s->in_thought = false;
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

/* An answer that is no call begins with an empty header's line break. */
static bool has_headline(const struct dialect_row *r)
{
    return r && ((r->flags & DIALECT_FIRST_LINE) || (r->trigger[0] && r->trigger[0][0] == ' '));
}

static void start(struct dialect_stream *s)
{
    const struct dialect *d = s->p.dialect;

    s->at_start = true;
    s->drop_ws = has_headline(d->row);
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
    if (p->calls && dialect_row_used(p->dialect) != row)
        s->alt = dialect_row_used(p->dialect);
    s->think = p->reasoning ? p->dialect->reasoning.row : NULL;
    if (p->dialect->reasoning.row && p->dialect->reasoning.row->head[0])
        s->head = p->dialect->reasoning.row;
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
    } else if (s->mode == DS_HEAD && truncated) {
        ds_clear(s, &s->raw); /* what was cut off is layout */
    } else if (s->mode == DS_CALL && s->n_here) {
        ds_call_reset(s); /* between calls: the section's end is missing, nothing else */
    } else if (s->mode == DS_CALL_END) {
        ds_call_whole(s); /* only the mark of its end is missing */
    } else if (truncated && s->begun) {
        ds_emit(s, DIALECT_CALL_CUT, NULL, 0);
        s->n_call++;
    } else {
        ds_fail(s);
        if (s->mode == DS_CONTENT || s->mode == DS_REASONING)
            end_text(s);
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
