/* From ids back to text: a token's own bytes, the space that SentencePiece put first, and the
 * tidying of spaces that some vocabularies ask for; the same at once and token by token. */
#include <string.h>

#include "base/utf8.h"
#include "text/tok_int.h"
#include "text/unicode.h"

#define BITS_HIDDEN (BIT_CONTROL | BIT_UNKNOWN)

/* ---- one token ---- */

static void add_unspaced(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        if (len - i >= TOK_SPACE_LEN && memcmp(s + i, TOK_SPACE, TOK_SPACE_LEN) == 0) {
            buf_addc(out, ' ');
            i += TOK_SPACE_LEN;
        } else {
            buf_addc(out, s[i++]);
        }
    }
}

/* Characters outside the byte alphabet, which no encoding produces, stand for themselves. */
static void add_alphabet(const char *s, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len;) {
        uint32_t cp;
        unsigned n = unicode_decode(s + i, len - i, &cp);
        int byte = tok_char_byte(cp);

        if (byte >= 0)
            buf_addc(out, (char)byte);
        else
            buf_add(out, s + i, n);
        i += n;
    }
}

void tok_piece_add(const struct tok *t, int32_t id, bool special, struct buf *out)
{
    uint8_t bits = t->bits[id];
    size_t len;
    const char *s = strs_at(&t->spell, (uint32_t)id, &len);
    int byte;

    if (!special && (bits & BITS_HIDDEN))
        return;
    if (t->model == TOK_RWKV) {
        tok_unescape(s, len, out);
    } else if (bits & (BITS_HIDDEN | BIT_USER)) {
        buf_add(out, s, len);
    } else if (bits & BIT_NORMAL) {
        if (t->model == TOK_BPE && !t->escape_spaces)
            add_alphabet(s, len, out);
        else
            add_unspaced(s, len, out);
    } else if (bits & BIT_BYTE) {
        byte = tok_byte_spelled(s, len);
        if (byte >= 0)
            buf_addc(out, (char)byte);
        else
            buf_add(out, s, len);
    }
}

/* ---- tidying of spaces: three rules, one after the other, each a small machine that holds back
 * what a later character may still change ---- */

/* Rule 3: no space before 's 'm 're 've. */
enum { TIDY3_NONE, TIDY3_SPACE, TIDY3_APOS, TIDY3_R, TIDY3_V };

static const char *const tidy3_held[] = { "", " ", " '", " 'r", " 'v" };

static void tidy3(struct tok_tidy *k, char c, struct buf *out)
{
    uint8_t held = k->_rule3;
    bool joins = (held == TIDY3_APOS && (c == 's' || c == 'm')) || (held >= TIDY3_R && c == 'e');

    k->_rule3 = TIDY3_NONE;
    if (held == TIDY3_SPACE && c == '\'')
        k->_rule3 = TIDY3_APOS;
    else if (held == TIDY3_APOS && (c == 'r' || c == 'v'))
        k->_rule3 = c == 'r' ? TIDY3_R : TIDY3_V;
    if (k->_rule3 != TIDY3_NONE)
        return;
    buf_adds(out, tidy3_held[held] + joins);
    if (c == ' ')
        k->_rule3 = TIDY3_SPACE;
    else
        buf_addc(out, c);
}

/* Rule 2: an apostrophe between two spaces loses both. */
enum { TIDY2_NONE, TIDY2_SPACE, TIDY2_APOS };

static void tidy2(struct tok_tidy *k, char c, struct buf *out)
{
    uint8_t held = k->_rule2;

    k->_rule2 = TIDY2_NONE;
    if (held == TIDY2_SPACE && c == '\'') {
        k->_rule2 = TIDY2_APOS;
        return;
    }
    if (held == TIDY2_APOS && c == ' ') {
        tidy3(k, '\'', out);
        return;
    }
    if (held != TIDY2_NONE)
        tidy3(k, ' ', out);
    if (held == TIDY2_APOS)
        tidy3(k, '\'', out);
    if (c == ' ')
        k->_rule2 = TIDY2_SPACE;
    else
        tidy3(k, c, out);
}

/* Rule 1: no space before ? ! . , */
static void tidy1(struct tok_tidy *k, char c, struct buf *out)
{
    bool is_stop = c == '?' || c == '!' || c == '.' || c == ',';

    if (k->_rule1 && !is_stop)
        tidy2(k, ' ', out);
    k->_rule1 = c == ' ';
    if (c != ' ')
        tidy2(k, c, out);
}

static void tidy_end(struct tok_tidy *k, struct buf *out)
{
    if (k->_rule1)
        tidy2(k, ' ', out);
    if (k->_rule2 != TIDY2_NONE)
        tidy3(k, ' ', out);
    if (k->_rule2 == TIDY2_APOS)
        tidy3(k, '\'', out);
    buf_adds(out, tidy3_held[k->_rule3]);
    *k = (struct tok_tidy){ 0 };
}

/* ---- what both ways share ---- */

static enum err_code check_id(const struct tok *t, int32_t id, struct err *e)
{
    if (id >= 0 && (uint32_t)id < t->n_vocab)
        return ERR_OK;
    return err_set(e, ERR_ARG, "token %d, expected 0 to %u", id, t->n_vocab - 1);
}

/* One token's text, without the space that encoding put before the first one. */
static void add_token(const struct tok *t, int32_t id, bool special, bool is_first, struct buf *out)
{
    size_t at = out->len;

    tok_piece_add(t, id, special, out);
    if (is_first && t->add_space_prefix && out->len > at && out->data[at] == ' ') {
        memmove(out->data + at, out->data + at + 1, out->len - at);
        out->len--;
    }
}

static void add_tidy(struct tok_tidy *k, const struct buf *text, struct buf *out)
{
    for (size_t i = 0; i < text->len; i++)
        tidy1(k, text->data[i], out);
}

enum err_code tok_decode(const struct tok *t, const int32_t *ids, size_t n, bool special,
                         struct buf *out, struct err *e)
{
    struct buf text;
    bool is_first = true;
    enum err_code rc = ERR_OK;

    if (!special && n > 0 && t->add_bos && ids[0] == t->special[SPECIAL_BOS]) {
        is_first = false;
        ids++;
        n--;
    }
    if (!special && n > 0 && t->add_eos && ids[n - 1] == t->special[SPECIAL_EOS])
        n--;
    buf_init(&text, out->kind, out->max);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = check_id(t, ids[i], e);
        if (!rc)
            add_token(t, ids[i], special, is_first, &text);
        is_first = false;
    }
    if (!rc && t->clean_spaces) {
        struct tok_tidy k = { 0 };

        add_tidy(&k, &text, out);
        tidy_end(&k, out);
    } else if (!rc) {
        buf_add(out, text.data, text.len);
    }
    if (!rc)
        rc = buf_check(text.failed ? &text : out, "decoded text", e);
    buf_finish(&text);
    return rc;
}

enum err_code tok_piece(const struct tok *t, int32_t id, struct buf *out, struct err *e)
{
    enum err_code rc = check_id(t, id, e);

    if (rc)
        return rc;
    tok_piece_add(t, id, true, out);
    return buf_check(out, "token text", e);
}

/* ---- streaming ---- */

/* Length of the longest start of s that could still become a character, at least 1. */
static size_t hopeless_len(const char *s, size_t len)
{
    size_t n = 1;

    if (utf8_whole_bytes(s, 1) != 0)
        return 1;
    while (n < len && utf8_whole_bytes(s, n + 1) == 0)
        n++;
    return n;
}

/* Whole characters of held and new bytes go out; the rest is held, unless this is the end. */
static void add_whole(struct tok_stream *s, const struct buf *text, bool is_end, struct buf *out)
{
    size_t i = 0, n = text->len;
    const char *p = text->data;

    while (i < n) {
        uint32_t cp;
        unsigned k = utf8_decode(p + i, n - i, &cp);

        if (k > 0) {
            buf_add(out, p + i, k);
            i += k;
            continue;
        }
        k = (unsigned)hopeless_len(p + i, n - i);
        if (!is_end && k == n - i && utf8_whole_bytes(p + i, k) == 0)
            break;
        buf_adds(out, "\xEF\xBF\xBD");
        i += k;
    }
    for (s->_n_held = 0; i < n && s->_n_held < sizeof(s->_held); i++)
        s->_held[s->_n_held++] = p[i];
}

/* Adds the text of one token behind what is held, through the tidying where it applies. */
static void stream_token(struct tok_stream *s, int32_t id, struct buf *text)
{
    const struct tok *t = s->tok;
    bool is_first = !s->_started && !s->raw;

    s->_started = true;
    if (s->raw || !t->clean_spaces) {
        add_token(t, id, s->special, is_first, text);
    } else {
        struct buf piece;

        buf_init(&piece, MEM_REQUEST, TOK_TEXT_TOTAL);
        add_token(t, id, s->special, is_first, &piece);
        add_tidy(&s->_tidy, &piece, text);
        text->failed |= piece.failed;
        buf_finish(&piece);
    }
}

static enum err_code stream_out(struct tok_stream *s, struct buf *text, bool is_end,
                                struct buf *out, struct err *e)
{
    enum err_code rc = buf_check(text, "token text", e);

    if (!rc) {
        add_whole(s, text, is_end, out);
        rc = buf_check(out, "streamed text", e);
    }
    buf_finish(text);
    return rc;
}

enum err_code tok_stream_next(struct tok_stream *s, int32_t id, struct buf *out, struct err *e)
{
    const struct tok *t = s->tok;
    enum err_code rc = check_id(t, id, e);
    bool is_plain = !s->special && !s->raw;
    struct buf text;

    if (rc)
        return rc;
    if (is_plain && !s->_started && !s->_eos && t->add_bos && id == t->special[SPECIAL_BOS]) {
        s->_started = true;
        return ERR_OK;
    }
    buf_init(&text, MEM_REQUEST, TOK_TEXT_TOTAL);
    buf_add(&text, s->_held, s->_n_held);
    if (s->_eos)
        stream_token(s, t->special[SPECIAL_EOS], &text);
    s->_eos = is_plain && t->add_eos && id == t->special[SPECIAL_EOS];
    if (!s->_eos)
        stream_token(s, id, &text);
    return stream_out(s, &text, false, out, e);
}

enum err_code tok_stream_end(struct tok_stream *s, struct buf *out, struct err *e)
{
    struct buf text;

    buf_init(&text, MEM_REQUEST, TOK_TEXT_TOTAL);
    buf_add(&text, s->_held, s->_n_held);
    tidy_end(&s->_tidy, &text);
    s->_eos = false;
    return stream_out(s, &text, true, out, e);
}
