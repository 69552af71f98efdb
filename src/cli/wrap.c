/* Breaking lines of streamed text. */
#include "cli/wrap.h"

#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"
#include "os/sys.h"

#define WORD_BYTES_MAX (64U << 20)
#define TAB_COLUMNS    8U
#define FENCE_MIN      3U
#define JOINER         0x200DU /* between the parts of one picture */

void wrap_init(struct wrap *w, uint32_t columns)
{
    *w = (struct wrap){ .columns = columns };
    buf_init(&w->word, MEM_REQUEST, WORD_BYTES_MAX);
}

void wrap_finish(struct wrap *w)
{
    buf_finish(&w->word);
}

void wrap_line(struct wrap *w)
{
    w->at = 0;
    w->n_blank = 0;
    w->has_words = false;
    w->may_break = false;
    w->is_row = false;
}

/* ---- characters ---- */

/* Of scripts that are written without blanks: a line may end between two of them. */
static bool is_unspaced(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        { 0x2E80, 0x2FDF }, { 0x3001, 0x312F },   { 0x3190, 0x4DBF },
        { 0x4E00, 0xA4CF }, { 0xF900, 0xFAFF },   { 0xFE30, 0xFE4F },
        { 0xFF01, 0xFF65 }, { 0x1F300, 0x1FAFF }, { 0x20000, 0x3FFFD },
    };

    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return false;
}

/* What must not begin a line: closing marks, small kana, modifiers of the picture before. */
static bool clings_to_left(uint32_t cp)
{
    static const uint32_t marks[] = { 0x3001, 0x3002, 0x3005, 0x3009, 0x300B, 0x300D, 0x300F,
                                      0x3011, 0x3015, 0x3017, 0x301F, 0x30FB, 0x30FC, 0xFF01,
                                      0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF5D,
                                      0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3063, 0x3083,
                                      0x3085, 0x3087, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9,
                                      0x30C3, 0x30E3, 0x30E5, 0x30E7 };

    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (cp == marks[i])
            return true;
    return (cp >= 0x1F3FB && cp <= 0x1F3FF) || cp == JOINER;
}

static bool clings_to_right(uint32_t cp)
{
    static const uint32_t marks[] = { 0x3008, 0x300A, 0x300C, 0x300E, 0x3010,
                                      0x3014, 0x3016, 0xFF08, 0xFF5B };

    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (cp == marks[i])
            return true;
    return cp == JOINER;
}

/* ---- lines ---- */

/* The cursor after so many columns of text; a full line is left with the next character. */
static void advance(struct wrap *w, uint32_t width)
{
    uint64_t at = (uint64_t)w->at + width;

    if (w->columns && at > w->columns)
        at = (at - 1) % w->columns + 1;
    w->at = (uint32_t)at;
}

static uint32_t blanks_end(const struct wrap *w)
{
    uint32_t at = w->at;

    for (uint32_t i = 0; i < w->n_blank; i++)
        at = w->blanks[i] == '\t' ? (at / TAB_COLUMNS + 1) * TAB_COLUMNS : at + 1;
    return at;
}

static void put_blanks(struct wrap *w, struct buf *out)
{
    uint32_t end = blanks_end(w);

    (void)buf_add(out, w->blanks, w->n_blank);
    w->n_blank = 0;
    advance(w, end - w->at);
}

/* The first word of a line may open or close code, or begin a row of a table. */
static void look_at_first(struct wrap *w)
{
    const char *s = buf_str(&w->word);
    uint32_t n = 0;

    if (!w->fence && *s == '|')
        w->is_row = true;
    if (*s != '`' && *s != '~')
        return;
    while (s[n] == *s)
        n++;
    if (w->fence && *s == w->fence && n >= w->n_fence && !s[n]) {
        w->fence = 0;
        w->is_row = true; /* until the line ends */
    } else if (!w->fence && n >= FENCE_MIN) {
        w->fence = *s;
        w->n_fence = n;
    }
}

static void put_word(struct wrap *w, struct buf *out)
{
    bool fits;

    if (!w->word.len)
        return;
    if (!w->has_words)
        look_at_first(w);
    fits = !w->columns || blanks_end(w) + (uint64_t)w->width <= w->columns;
    if (!fits && w->may_break && w->has_words && !w->fence && !w->is_row) {
        (void)buf_addc(out, '\n');
        w->n_blank = 0;
        w->at = 0;
    }
    put_blanks(w, out);
    (void)buf_add(out, w->word.data, w->word.len);
    out->failed = out->failed || w->word.failed;
    advance(w, w->width);
    buf_clear(&w->word);
    w->width = 0;
    w->is_joined = false;
    w->is_unspaced = false;
    w->may_break = false;
    w->has_words = true;
}

static void take_blank(struct wrap *w, char blank, struct buf *out)
{
    put_word(w, out);
    if (w->n_blank == WRAP_BLANKS_MAX)
        put_blanks(w, out);
    w->blanks[w->n_blank++] = blank;
    w->may_break = true;
}

static void take_break(struct wrap *w, struct buf *out)
{
    put_word(w, out);
    if (!w->columns || blanks_end(w) <= w->columns)
        (void)buf_add(out, w->blanks, w->n_blank);
    (void)buf_addc(out, '\n');
    wrap_line(w);
}

static bool is_letter(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z');
}

static void take_char(struct wrap *w, const char *text, unsigned n, uint32_t cp, struct buf *out)
{
    uint32_t width = tty_width(cp);
    bool apart = is_unspaced(cp) && !clings_to_left(cp);

    if (w->word.len && !w->is_joined && (apart || (w->is_unspaced && is_letter(cp)))) {
        put_word(w, out);
        w->may_break = true;
    }
    (void)buf_add(&w->word, text, n);
    w->width += width;
    if (width || cp == JOINER) {
        w->is_joined = clings_to_right(cp);
        w->is_unspaced = is_unspaced(cp);
    }
    if (w->columns && w->width >= w->columns) /* it cannot fit anyway */
        put_word(w, out);
}

void wrap_text(struct wrap *w, const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = utf8_decode(text + i, len - i, &cp);

        n = n ? n : 1;
        if (cp == '\n')
            take_break(w, out);
        else if (cp == ' ' || cp == '\t')
            take_blank(w, (char)cp, out);
        else
            take_char(w, text + i, n, cp, out);
        i += n;
    }
}

void wrap_flush(struct wrap *w, struct buf *out)
{
    put_word(w, out);
    put_blanks(w, out);
}
