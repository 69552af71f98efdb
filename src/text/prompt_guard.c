/* Texts from outside on their way through a template: a noncharacter goes into each spelling of a
 * control token that they hold, and comes out of the prompt again, leaving a bar. */
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "text/prompt_int.h"

#define MARK_FIRST 0xFDD0U
#define MARK_COUNT 32U
#define MARK_BYTES 3U

enum guard_pass { PASS_LOOK, PASS_MARKS, PASS_WRITE };

struct guard {
    const struct prompt_format *f;
    const struct stop_ask *stop;
    bool is_stopped;
    enum guard_pass pass;
    bool found;     /* PASS_LOOK: a control token is spelled */
    uint32_t taken; /* PASS_MARKS: noncharacters that are in a text, bit by bit */
    char mark[GUARD_BYTES];
    struct jsonw w; /* PASS_WRITE */
    struct buf text;
};

static int hex(char c)
{
    if (c >= 'A' && c <= 'F')
        c = (char)(c + 32);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of the noncharacter that begins at s, -1: none; *n: bytes of it. A template writes it
 * as it is, by tojson or repr as \ufdd0, by urlencode as %EF%B7%90. */
static int read_mark(const char *s, size_t len, size_t *n)
{
    int k = -1;

    if (len >= 3 && memcmp(s, "\xEF\xB7", 2) == 0) {
        *n = 3;
        k = (unsigned char)s[2] - 0x90;
    } else if (len >= 6 && memcmp(s, "\\ufd", 4) == 0 && hex(s[5]) >= 0) {
        *n = 6;
        k = 16 * (hex(s[4]) - 0xD) + hex(s[5]);
    } else if (len >= 9 && memcmp(s, "%EF%B7%", 7) == 0 && hex(s[8]) >= 0) {
        *n = 9;
        k = 16 * (hex(s[7]) - 9) + hex(s[8]);
    }
    return k >= 0 && k < (int)MARK_COUNT ? k : -1;
}

static void make_mark(unsigned k, char mark[GUARD_BYTES])
{
    unsigned cp = MARK_FIRST + k;

    mark[0] = (char)(0xE0 | cp >> 12);
    mark[1] = (char)(0x80 | (cp >> 6 & 0x3F));
    mark[2] = (char)(0x80 | (cp & 0x3F));
    mark[3] = '\0';
}

/* ---- one text ---- */

static bool is_thought_mark(const struct reasoning_row *row, const char *s, size_t len)
{
    size_t n_open = strlen(row->open), n_close = strlen(row->close);

    return (len >= n_open && memcmp(s, row->open, n_open) == 0) ||
           (len >= n_close && memcmp(s, row->close, n_close) == 0);
}

/* thoughts: the marks of thoughts may stand in it. */
static size_t next_spelling(const struct guard *g, const char *s, size_t len, size_t from,
                            bool is_key, const struct reasoning_row *thoughts)
{
    size_t at = tok_control_next(g->f->tok, s, len, from, !is_key);

    while (thoughts && at < len && is_thought_mark(thoughts, s + at, len - at))
        at = tok_control_next(g->f->tok, s, len, at + 1, !is_key);
    return at;
}

static void note_taken(struct guard *g, const char *s, size_t len)
{
    size_t n;

    for (size_t i = 0; i < len; i++) {
        int k = read_mark(s + i, len - i, &n);

        if (k >= 0)
            g->taken |= 1U << k;
    }
}

static void write_marked(struct guard *g, const char *s, size_t len, bool is_key,
                         const struct reasoning_row *thoughts)
{
    size_t done = 0;

    buf_clear(&g->text);
    for (size_t at = next_spelling(g, s, len, 0, is_key, thoughts); at < len;
         at = next_spelling(g, s, len, at + 1, is_key, thoughts)) {
        size_t behind = at + 1; /* the first character's end */

        while (behind < len && ((unsigned char)s[behind] & 0xC0) == 0x80)
            behind++;
        (void)buf_add(&g->text, s + done, behind - done);
        (void)buf_add(&g->text, g->mark, MARK_BYTES);
        done = behind;
    }
    (void)buf_add(&g->text, s + done, len - done);
    g->w.out->failed = g->w.out->failed || g->text.failed;
    if (is_key)
        jsonw_keyn(&g->w, buf_str(&g->text), g->text.len);
    else
        jsonw_strn(&g->w, buf_str(&g->text), g->text.len);
}

static void guard_text(struct guard *g, const char *s, size_t len, bool is_key,
                       const struct reasoning_row *thoughts)
{
    g->is_stopped = g->is_stopped || stop_asked(g->stop);
    if (g->is_stopped)
        return;
    if (g->pass == PASS_LOOK)
        g->found = g->found || next_spelling(g, s, len, 0, is_key, thoughts) < len;
    else if (g->pass == PASS_MARKS)
        note_taken(g, s, len);
    else
        write_marked(g, s, len, is_key, thoughts);
}

/* ---- all texts of a context ---- */

static void begin(struct guard *g, bool is_obj)
{
    if (g->pass == PASS_WRITE && is_obj)
        jsonw_obj(&g->w);
    else if (g->pass == PASS_WRITE)
        jsonw_arr(&g->w);
}

static void end(struct guard *g, bool is_obj)
{
    if (g->pass == PASS_WRITE && is_obj)
        jsonw_obj_end(&g->w);
    else if (g->pass == PASS_WRITE)
        jsonw_arr_end(&g->w);
}

/* As it is: our own words. */
static void keep_key(struct guard *g, const char *key)
{
    if (g->pass == PASS_WRITE)
        jsonw_key(&g->w, key);
}

static void keep(struct guard *g, const struct js *v)
{
    if (g->pass == PASS_WRITE)
        jsonw_js(&g->w, v);
}

/* As deep as the parser lets values be. */
static void guard_value(struct guard *g, const struct js *v, const struct reasoning_row *thoughts)
{
    bool is_obj = js_kind(v) == JS_OBJ;
    size_t len;
    const char *s = js_str(v, &len);

    if (s) {
        guard_text(g, s, len, false, thoughts);
    } else if (is_obj || js_kind(v) == JS_ARR) {
        begin(g, is_obj);
        for (void *it = js_first(v); is_obj && it; it = js_next(v, it)) {
            s = js_key(it, &len);
            guard_text(g, s, len, true, NULL);
            guard_value(g, js_value(it), thoughts);
        }
        for (size_t i = 0; !is_obj && i < js_len(v); i++)
            guard_value(g, js_at(v, i), thoughts);
        end(g, is_obj);
    } else {
        keep(g, v);
    }
}

/* The marks of thoughts that open or close nothing else. */
static const struct reasoning_row *thoughts_of(const struct guard *g, const struct js *message)
{
    const struct reasoning_row *row = g->f->dialect.reasoning.row;
    const char *role = js_str(js_get(message, "role"), NULL);
    int32_t id;

    if (!row || row->harmony || row->head[0] || !role || strcmp(role, "assistant") != 0)
        return NULL;
    id = tok_find(g->f->tok, row->close, strlen(row->close));
    if (id == TOK_NONE && row->skip_ends) /* several tokens, which mark other things, too */
        return NULL;
    return tok_is_end(g->f->tok, id) ? NULL : row;
}

static void guard_message(struct guard *g, const struct js *message)
{
    begin(g, true);
    for (void *it = js_first(message); it; it = js_next(message, it)) {
        const char *key = js_key(it, NULL);

        keep_key(g, key);
        if (strcmp(key, "content") == 0)
            guard_value(g, js_value(it), thoughts_of(g, message));
        else
            guard_value(g, js_value(it), NULL);
    }
    end(g, true);
}

/* Of the context's own members the tokens' spellings are ours, the others come from outside. */
static void guard_members(struct guard *g, enum guard_pass pass, const struct js *context)
{
    g->pass = pass;
    begin(g, true);
    for (void *it = js_first(context); it; it = js_next(context, it)) {
        const char *key = js_key(it, NULL);
        const struct js *v = js_value(it);

        keep_key(g, key);
        if (strcmp(key, "bos_token") == 0 || strcmp(key, "eos_token") == 0) {
            keep(g, v);
        } else if (strcmp(key, "messages") == 0) {
            begin(g, false);
            for (size_t i = 0; i < js_len(v); i++)
                guard_message(g, js_at(v, i));
            end(g, false);
        } else {
            guard_value(g, v, NULL);
        }
    }
    end(g, true);
}

static enum err_code pick_mark(struct guard *g, struct err *e)
{
    for (unsigned k = 0; k < MARK_COUNT; k++) {
        if (g->taken >> k & 1)
            continue;
        make_mark(k, g->mark);
        return ERR_OK;
    }
    return err_set(e, ERR_ARG,
                   "messages: the text spells a control token of the model and holds each of the "
                   "%u noncharacters from U+FDD0: send it without one of them",
                   MARK_COUNT);
}

static enum err_code given_up(struct err *e)
{
    return err_set(e, ERR_CANCELLED, "the rendering was given up");
}

enum err_code guard_context(const struct prompt_format *f, struct js **context,
                            const struct stop_ask *stop, char mark[GUARD_BYTES], struct err *e)
{
    struct guard g = { .f = f, .stop = stop };
    struct js *marked = NULL;
    struct buf json;
    enum err_code rc;

    mark[0] = '\0';
    guard_members(&g, PASS_LOOK, *context);
    if (!g.found)
        return g.is_stopped ? given_up(e) : ERR_OK;
    guard_members(&g, PASS_MARKS, *context);
    rc = pick_mark(&g, e);
    if (rc)
        return rc;
    buf_init(&json, MEM_REQUEST, (size_t)4 * PROMPT_TEXT_BYTES_MAX);
    buf_init(&g.text, MEM_REQUEST, (size_t)4 * PROMPT_TEXT_BYTES_MAX);
    jsonw_init(&g.w, &json);
    guard_members(&g, PASS_WRITE, *context);
    rc = g.is_stopped ? given_up(e) : buf_check(&json, "the conversation", e);
    if (!rc)
        rc = js_parse(&marked, buf_str(&json), json.len, e);
    buf_finish(&g.text);
    buf_finish(&json);
    if (rc)
        return rc;
    js_close(*context);
    *context = marked;
    memcpy(mark, g.mark, GUARD_BYTES);
    return ERR_OK;
}

/* ---- the rendered text ---- */

static bool add_bar(struct prompt_bars *b, size_t at)
{
    if (b->n && b->at[b->n - 1] == at)
        return true;
    if (b->n == b->cap) {
        size_t cap = b->cap * 2 + 16;
        size_t *grown = mem_realloc(MEM_REQUEST, b->at, cap * sizeof(*grown));

        if (!grown)
            return false;
        b->at = grown;
        b->cap = cap;
    }
    b->at[b->n++] = at;
    return true;
}

enum err_code guard_lift(struct buf *out, size_t from, const char mark[GUARD_BYTES],
                         struct prompt_bars *bars, struct err *e)
{
    size_t to = from, n = 0;
    int own;

    bars->n = 0;
    if (!mark[0])
        return ERR_OK;
    own = read_mark(mark, MARK_BYTES, &n);
    for (size_t i = from; i < out->len;) {
        if (read_mark(out->data + i, out->len - i, &n) != own) {
            out->data[to++] = out->data[i++];
            continue;
        }
        if (!add_bar(bars, to))
            return err_set(e, ERR_OOM, "no memory for the conversation");
        i += n;
    }
    out->len = to;
    if (out->data)
        out->data[to] = '\0';
    return ERR_OK;
}
