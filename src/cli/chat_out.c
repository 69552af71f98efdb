/* Showing an answer. */
#include "cli/chat_out.h"

#include <string.h>

#include "base/utf8.h"
#include "os/file.h"
#include "os/sys.h"

#define DIM   "\033[2m"
#define PLAIN "\033[0m"

void chat_safe_text(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(text + i, len - i, &cp);

        if (!n || (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0))
            (void)buf_adds(out, "\xEF\xBF\xBD");
        else
            (void)buf_add(out, text + i, n);
        i += n ? n : 1;
    }
}

void chat_out_begin(struct chat_out *o, struct chat *c)
{
    *o = (struct chat_out){ .chat = c, .at_line = true };
    buf_init(&o->safe, MEM_REQUEST, 4ULL * CHAT_TEXT_BYTES_MAX);
    buf_init(&o->shown, MEM_REQUEST, 4ULL * CHAT_TEXT_BYTES_MAX);
    wrap_init(&o->wrap, 0);
    progress_begin(&o->bar, "Reading", "the prompt", c->o->json || !c->to_terminal);
}

void chat_out_finish(struct chat_out *o)
{
    buf_finish(&o->safe);
    buf_finish(&o->shown);
    wrap_finish(&o->wrap);
}

static void write_shown(struct chat_out *o)
{
    if (o->shown.len)
        o->at_line = o->shown.data[o->shown.len - 1] == '\n';
    if (!o->err.code && !buf_check(&o->shown, "the answer", &o->err))
        (void)stdout_write(buf_str(&o->shown), o->shown.len, &o->err);
    buf_clear(&o->shown);
}

static void show(struct chat_out *o, const char *text, size_t len)
{
    if (!o->chat->to_terminal) {
        (void)buf_add(&o->shown, text, len);
    } else {
        buf_clear(&o->safe);
        chat_safe_text(text, len, &o->safe);
        o->wrap.columns = tty_columns(1); /* now: the window may have been resized */
        wrap_text(&o->wrap, buf_str(&o->safe), o->safe.len, &o->shown);
    }
    write_shown(o);
}

/* What is held back first, then this as it is; the line that follows is a new one. */
static void mark(struct chat_out *o, const char *text)
{
    wrap_flush(&o->wrap, &o->shown);
    if (o->shown.len)
        write_shown(o);
    (void)buf_adds(&o->shown, text);
    write_shown(o);
    wrap_line(&o->wrap);
}

/* Between thoughts and the answer. */
static void turn(struct chat_out *o, bool is_thought)
{
    const struct chat *c = o->chat;
    bool framed = c->is_once || !c->color;

    if (is_thought) {
        if (c->color)
            mark(o, DIM);
        if (framed)
            mark(o, "<think>\n");
    } else {
        wrap_flush(&o->wrap, &o->shown);
        write_shown(o);
        if (!o->at_line)
            mark(o, "\n");
        if (framed)
            mark(o, "</think>\n");
        mark(o, c->color && !framed ? PLAIN "\n" : c->color ? PLAIN : "");
    }
    o->thinking = is_thought;
}

/* An answer of a form is read by programs. */
static bool hides_thoughts(const struct chat *c)
{
    return c->schema || c->gbnf.len;
}

void chat_out_text(struct chat_out *o, const char *text, size_t len, bool is_thought)
{
    struct chat *c = o->chat;

    if (!is_thought)
        (void)buf_add(&c->answer, text, len);
    if (!len || c->o->json || o->err.code || (is_thought && hides_thoughts(c)))
        return;
    progress_end(&o->bar);
    if (!o->begun && c->format.is_plain && !is_thought) {
        while (len && *text == ' ') { /* "Assistant:" is followed by a blank */
            text++;
            len--;
        }
    }
    if (is_thought != o->thinking)
        turn(o, is_thought);
    o->begun = o->begun || len;
    show(o, text, len);
}

void chat_out_end(struct chat_out *o)
{
    progress_end(&o->bar);
    if (o->chat->o->json)
        return;
    if (o->thinking)
        turn(o, false);
    wrap_flush(&o->wrap, &o->shown);
    write_shown(o);
}
