/* Scanners: one function per family of patterns, written so that each position is looked at a
 * bounded number of times. Ordered alternatives as in the patterns: the first that fits wins. */
#include "base/attr.h"
#include "text/pre_int.h"
#include "text/unicode.h"

static bool is_line(uint32_t c)
{
    return c == '\n' || c == '\r';
}

static bool is_upper_ascii(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower_ascii(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_punct_ascii(uint32_t c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* End of the run of characters with class cls from i on. Remembered, because several alternatives
 * and several positions ask for the same run; run_mark is the place behind its last newline. */
static size_t run_end(struct pre_work *w, uint8_t cls, size_t i, size_t stop)
{
    if (w->run_cls != cls || w->run_stop != stop || i < w->run_lo || i >= w->run_hi) {
        size_t e = i, mark = 0;

        for (; e < stop && (w->cls[e] & cls); e++) {
            if (is_line(w->cp[e]))
                mark = e + 1;
        }
        w->run_cls = cls;
        w->run_stop = stop;
        w->run_lo = i;
        w->run_hi = e;
        w->run_mark = mark;
    }
    return w->run_hi > i ? w->run_hi : i;
}

/* ---- sets ---- */

struct range {
    uint32_t lo, hi;
};

static bool in_ranges(const struct range *r, size_t n, uint32_t c)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (r[mid].hi < c)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && c >= r[lo].lo;
}

/* clang-format off */
static const struct range deepseek_abc[] = {
    {0x41, 0x5A}, {0x61, 0x7A}, {0xB5, 0xB5}, {0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x1BA},
    {0x1BC, 0x1BF}, {0x1C4, 0x293}, {0x295, 0x2AF}, {0x370, 0x373}, {0x376, 0x377},
    {0x37B, 0x37D}, {0x37F, 0x37F}, {0x386, 0x386}, {0x388, 0x38A}, {0x38C, 0x38C},
    {0x38E, 0x3A1}, {0x3A3, 0x3F5}, {0x3F7, 0x481}, {0x48A, 0x52F}, {0x531, 0x556},
    {0x10A0, 0x10C5}, {0x13A0, 0x13F5}, {0x13F8, 0x13FD}, {0x1C90, 0x1CBA}, {0x1CBD, 0x1CBF},
    {0x1D00, 0x1D2B}, {0x1D6B, 0x1D77}, {0x1D79, 0x1D9A}, {0x1E00, 0x1F15}, {0x1F18, 0x1F1D},
    {0x1F20, 0x1F45}, {0x1F48, 0x1F4D}, {0x1F50, 0x1F57}, {0x1F59, 0x1F59}, {0x1F5B, 0x1F5B},
    {0x1F5D, 0x1F5D}, {0x1F5F, 0x1F7D}, {0x1F80, 0x1FB4}, {0x1FB6, 0x1FBC}, {0x1FBE, 0x1FBE},
    {0x1FC2, 0x1FC4}, {0x1FC6, 0x1FCC}, {0x1FD0, 0x1FD3}, {0x1FD6, 0x1FDB}, {0x1FE0, 0x1FEC},
    {0x1FF2, 0x1FF4}, {0x1FF6, 0x1FFC}, {0x2102, 0x2102}, {0x2107, 0x2107}, {0x210A, 0x2113},
    {0x2115, 0x2115}, {0x2119, 0x211D}, {0x2124, 0x2124}, {0x2126, 0x2126}, {0x2128, 0x2128},
    {0x212A, 0x212D}, {0x212F, 0x2134}, {0x2139, 0x2139}, {0x213C, 0x213F}, {0x2145, 0x2149},
    {0x214E, 0x214E}, {0x2183, 0x2184}, {0x2C00, 0x2C7B}, {0x2C7E, 0x2CE4}, {0x2CEB, 0x2CEE},
    {0x2CF2, 0x2CF3}, {0xA640, 0xA66D}, {0xA680, 0xA69B}, {0xA722, 0xA76F}, {0xA771, 0xA787},
    {0xA78B, 0xA78E}, {0xAB70, 0xABBF}, {0xFB00, 0xFB06}, {0xFB13, 0xFB17}, {0xFF21, 0xFF3A},
    {0xFF41, 0xFF5A}, {0x10400, 0x1044F}, {0x104B0, 0x104D3}, {0x104D8, 0x104FB},
    {0x10C80, 0x10CB2}, {0x10CC0, 0x10CF2}, {0x118A0, 0x118DF}, {0x1E900, 0x1E943},
};
static const struct range deepseek_punct[] = {
    {0x21, 0x2F}, {0x3A, 0x7E}, {0x2018, 0x201F}, {0x3000, 0x3002}, {0xFF01, 0xFF0F},
    {0xFF1A, 0xFF5E},
};
static const struct range deepseek_cjk[] = { {0x800, 0x9FA5}, {0xAC00, 0xD7FF} };
static const struct range kana_han[] = { {0x3040, 0x30FF}, {0x4E00, 0x9FA5} };
static const struct range youtu_hangul[] = { {0x3131, 0x318E}, {0xAC00, 0xD7A3} };
static const struct range youtu_punct[] = {
    {0x2014, 0x2014}, {0x2018, 0x2019}, {0x201C, 0x201D}, {0x2026, 0x2026}, {0x3001, 0x303F},
    {0xFE30, 0xFE4F}, {0xFF01, 0xFF01}, {0xFF0C, 0xFF0C}, {0xFF1A, 0xFF1B},
};
static const struct range youtu_bopomofo[] = { {0x3105, 0x312F} };
static const struct range afmoe_cjk[] = {
    {0xE40, 0xEFF}, {0x1000, 0x109F}, {0x1100, 0x11FF}, {0x1780, 0x17FF}, {0x2F00, 0x2FDF},
    {0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA9E0, 0xA9FF}, {0xAA60, 0xAA7F},
    {0xAC00, 0xD7AF}, {0xF900, 0xFAFF}, {0xFF65, 0xFF9F},
};
static const struct range bloom_stop[] = {
    {0x21, 0x21}, {0x28, 0x29}, {0x2C, 0x2C}, {0x2E, 0x2E}, {0x3F, 0x3F}, {0x7C, 0x7C},
    {0x60C, 0x60C}, {0x6D4, 0x6D4}, {0x964, 0x964}, {0x2026, 0x2026}, {0x3001, 0x3002},
    {0xFF0C, 0xFF0C},
};
/* clang-format on */

#define IN(table, c) in_ranges(table, COUNT_OF(table), c)

static bool is_math(uint32_t c)
{
    return c == '$' || c == '+' || (c >= '<' && c <= '>') || c == '^' || c == '~' || c == '|';
}

static unsigned youtu_set(uint32_t c)
{
    if (c < 0x2014)
        return 0;
    return IN(youtu_hangul, c)     ? 1
           : IN(youtu_punct, c)    ? 2
           : IN(youtu_bopomofo, c) ? 3
           : IN(kana_han, c)       ? 4
                                   : 0;
}

/* 0: not in the set; sets that consist of several give each its own number. White space beyond
 * ASCII belongs to no literal range: the patterns' users see it as a plain blank. */
static unsigned set_of(uint8_t set, uint32_t c, uint8_t cls)
{
    bool is_wide_space = (cls & UC_SPACE) && c > 0x7F;

    switch ((enum pass_set)set) {
    case SET_NEWLINE:
        return is_line(c);
    case SET_LINE:
        return c == '\n' ? 1 : 2;
    case SET_NUMBER:
        return (cls & UC_NUMBER) != 0;
    case SET_DIGIT:
        return is_digit(c);
    case SET_LETTER:
        return (cls & UC_LETTER) != 0;
    case SET_PUNCT:
        return (cls & UC_PUNCT) != 0;
    case SET_PUNCT_MATH:
        return (cls & UC_PUNCT) || is_math(c);
    case SET_PUNCT_TICK:
        return (cls & UC_PUNCT) || is_math(c) || c == '`';
    case SET_PUNCT_ASCII:
        return (cls & UC_PUNCT) || is_punct_ascii(c);
    case SET_DEEPSEEK_ABC:
        return IN(deepseek_abc, c);
    case SET_DEEPSEEK_PUNCT:
        return !is_wide_space && IN(deepseek_punct, c);
    case SET_DEEPSEEK_CJK:
        return !is_wide_space && IN(deepseek_cjk, c);
    case SET_KANA_HAN:
        return IN(kana_han, c);
    case SET_YOUTU:
        return youtu_set(c);
    case SET_AFMOE_CJK:
        return IN(afmoe_cjk, c);
    case SET_BLOOM:
        return !(cls & UC_SPACE) && !IN(bloom_stop, c);
    }
    return 0;
}

static size_t match_run(const struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop)
{
    size_t j = i, from;
    unsigned set;

    if ((p->prefix == PREFIX_WHITE && (w->cls[i] & UC_SPACE)) ||
        (p->prefix == PREFIX_BLANK && w->cp[i] == ' '))
        j++;
    if (j == stop)
        return i;
    set = set_of(p->set, w->cp[j], w->cls[j]);
    if (!set)
        return i;
    from = j;
    while (j < stop && (!p->max || j - from < p->max) && set_of(p->set, w->cp[j], w->cls[j]) == set)
        j++;
    return j - from >= p->min ? j : i;
}

/* ---- parts that several families share ---- */

static uint32_t fold(uint32_t c, bool any_case)
{
    return any_case && is_upper_ascii(c) ? c + 32 : c;
}

/* 's 't 'm 'd 're 've 'll */
static size_t match_apostrophe(const struct pre_work *w, size_t i, size_t stop, bool any_case)
{
    uint32_t a, b;

    if (i + 1 >= stop || w->cp[i] != '\'')
        return i;
    a = fold(w->cp[i + 1], any_case);
    if (a == 's' || a == 't' || a == 'm' || a == 'd')
        return i + 2;
    if (i + 2 >= stop)
        return i;
    b = fold(w->cp[i + 2], any_case);
    if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
        return i + 3;
    return i;
}

/* \s+(?!\S)|\s+ : a run leaves its last character to the word behind it. */
static size_t match_space(struct pre_work *w, size_t i, size_t stop)
{
    size_t e = run_end(w, UC_SPACE, i, stop);

    return e - i > 1 && e < stop ? e - 1 : e;
}

/* \s*[\r\n]+ */
static size_t match_lines(struct pre_work *w, size_t i, size_t stop)
{
    run_end(w, UC_SPACE, i, stop);
    return w->run_mark > i ? w->run_mark : i;
}

/* \s{512}(?!\S)|\s{256}(?!\S)| ... |\s{4}(?!\S)|\s{1,2}(?!\S)|\s */
static size_t match_cascade(struct pre_work *w, size_t i, size_t stop)
{
    size_t e = run_end(w, UC_SPACE, i, stop), n = e - i;

    if (!n)
        return i;
    if (e < stop && n > 1)
        n--;
    for (size_t k = 512; k >= 4; k /= 2) {
        if (n >= k)
            return i + k;
    }
    return i + (n >= 2 ? 2 : 1);
}

static size_t match_tail(const struct pre_work *w, uint8_t tail, size_t i, size_t stop)
{
    bool has_slash = tail == TAIL_LINES_SLASH || tail == TAIL_ONE;

    if (tail == TAIL_NONE)
        return i;
    while (i < stop && (is_line(w->cp[i]) || (has_slash && w->cp[i] == '/'))) {
        i++;
        if (tail == TAIL_ONE)
            break;
    }
    return i;
}

static size_t class_end(const struct pre_work *w, uint8_t cls, size_t i, size_t stop)
{
    while (i < stop && (w->cls[i] & cls))
        i++;
    return i;
}

static size_t match_gpt2(struct pre_work *w, size_t i, size_t stop)
{
    size_t j = match_apostrophe(w, i, stop, false);
    uint8_t cls;

    if (j > i)
        return j;
    j = i + (w->cp[i] == ' ' && i + 1 < stop);
    cls = w->cls[j];
    if (cls & UC_LETTER)
        return class_end(w, UC_LETTER, j, stop);
    if (cls & UC_NUMBER)
        return class_end(w, UC_NUMBER, j, stop);
    if (cls & UC_SPACE)
        return match_space(w, i, stop);
    while (j < stop && !(w->cls[j] & (UC_SPACE | UC_LETTER | UC_NUMBER)))
        j++;
    return j;
}

/* ---- words ---- */

/* upper* lower+ when is_first, upper+ lower* otherwise. Letters beyond ASCII count as both, so the
 * first form may have to give back: it then ends with the last such letter of the upper run. */
static size_t match_case(const struct pre_work *w, uint8_t cls, size_t i, size_t stop,
                         bool is_first)
{
    size_t up = i, j;

    while (up < stop && (w->cls[up] & cls) && !is_lower_ascii(w->cp[up]))
        up++;
    j = up;
    while (j < stop && (w->cls[j] & cls) && !is_upper_ascii(w->cp[j]))
        j++;
    if (!is_first)
        return up > i ? j : i;
    if (j > up)
        return j;
    while (up > i && is_upper_ascii(w->cp[up - 1]))
        up--;
    return up;
}

static size_t match_cased(const struct pre_work *w, uint8_t cls, size_t i, size_t stop,
                          bool has_lead)
{
    for (unsigned form = 0; form < 2; form++) {
        size_t j;

        if (has_lead && i + 1 < stop) {
            j = match_case(w, cls, i + 1, stop, form == 0);
            if (j > i + 1)
                return j;
        }
        j = match_case(w, cls, i, stop, form == 0);
        if (j > i)
            return j;
    }
    return i;
}

/* (?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+ */
static size_t match_phrase(const struct pre_work *w, size_t i, size_t stop)
{
    while (i < stop && (w->cls[i] & UC_LETTER)) {
        i = class_end(w, UC_MARK, i + 1, stop);
        if (i + 1 < stop && w->cp[i] == ' ' && (w->cls[i + 1] & UC_LETTER))
            i++;
    }
    return i;
}

static size_t match_not_han(const struct pre_work *w, size_t i, size_t stop)
{
    while (i < stop && (w->cls[i] & UC_LETTER) && !unicode_is_han(w->cp[i]))
        i++;
    return i;
}

static size_t match_word(const struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop)
{
    bool has_lead = !is_line(w->cp[i]) && !(w->cls[i] & (UC_LETTER | UC_NUMBER));
    size_t from = i + has_lead, j = i;

    switch ((enum word_kind)p->word) {
    case WORD_LETTERS:
        j = class_end(w, UC_LETTER, from, stop);
        break;
    case WORD_MARKED:
        if (w->cls[i] & UC_MARK)
            from = i;
        j = class_end(w, UC_LETTER | UC_MARK, from, stop);
        break;
    case WORD_CASED:
        return match_cased(w, UC_LETTER, i, stop, has_lead);
    case WORD_CASED_MARKED:
        return match_cased(w, UC_LETTER | UC_MARK, i, stop, has_lead);
    case WORD_PHRASE:
        j = match_phrase(w, from, stop);
        break;
    case WORD_NOT_HAN:
        j = match_not_han(w, from, stop);
        break;
    }
    return j > from ? j : i;
}

static size_t match_words(struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop)
{
    size_t j;

    if (p->apos == APOS_FIRST && (j = match_apostrophe(w, i, stop, true)) > i)
        return j;
    if (p->word == WORD_NOT_HAN && unicode_is_han(w->cp[i])) {
        for (j = i; j < stop && unicode_is_han(w->cp[j]);)
            j++;
        return j;
    }
    j = match_word(w, p, i, stop);
    if (j > i)
        return p->apos == APOS_SUFFIX ? match_apostrophe(w, j, stop, true) : j;
    if (w->cls[i] & UC_NUMBER) {
        size_t most = p->digits && stop - i > p->digits ? i + p->digits : stop;

        return class_end(w, UC_NUMBER, i, most);
    }
    j = i + (w->cp[i] == ' ' && i + 1 < stop);
    if (!(w->cls[j] & p->punct_not)) {
        while (j < stop && !(w->cls[j] & p->punct_not))
            j++;
        return match_tail(w, p->tail, j, stop);
    }
    j = match_lines(w, i, stop);
    if (j > i)
        return j;
    return p->space == SPACE_CASCADE ? match_cascade(w, i, stop) : match_space(w, i, stop);
}

static size_t match_clauses(struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop)
{
    const uint8_t abc = UC_LETTER | UC_MARK, sign = UC_PUNCT | UC_SYMBOL;
    uint32_t c = w->cp[i];
    uint8_t cls = w->cls[i];
    size_t j = i + 1;

    if (is_punct_ascii(c)) {
        while (j < stop && (is_lower_ascii(w->cp[j]) || is_upper_ascii(w->cp[j])))
            j++;
        if (j > i + 1)
            return j;
    }
    if (cls & abc)
        return class_end(w, abc, i, stop);
    if (!is_line(c) && !(cls & sign) && i + 1 < stop && (w->cls[i + 1] & abc))
        return class_end(w, abc, i + 1, stop);
    j = i + (c == ' ' && i + 1 < stop);
    if (w->cls[j] & sign)
        return match_tail(w, p->tail, class_end(w, sign, j, stop), stop);
    if (!(cls & UC_SPACE))
        return i;
    if (p->one_line && is_line(c))
        return i + 1;
    j = p->one_line ? i : match_lines(w, i, stop);
    return j > i ? j : match_space(w, i, stop);
}

/* ---- digits and Chameleon's own patterns ---- */

static size_t match_digits3(struct pre_work *w, size_t i, size_t stop)
{
    size_t n;

    if (!(w->cls[i] & UC_NUMBER))
        return i;
    n = (run_end(w, UC_NUMBER, i, stop) - i) % 3;
    return i + (n ? n : 3);
}

static size_t digits_end(const struct pre_work *w, size_t i, size_t stop)
{
    while (i < stop && is_digit(w->cp[i]))
        i++;
    return i;
}

/* The same, remembered like run_end: its class is no character's. */
static size_t digits_run(struct pre_work *w, size_t i, size_t stop)
{
    if (w->run_cls != 0 || w->run_stop != stop || i < w->run_lo || i >= w->run_hi) {
        w->run_cls = 0;
        w->run_stop = stop;
        w->run_lo = i;
        w->run_hi = digits_end(w, i, stop);
    }
    return w->run_hi;
}

/* A cut before every place from which on the ASCII digits come in whole threes. The match reaches
 * to the next such place. */
static size_t match_split3(struct pre_work *w, size_t i, size_t stop)
{
    size_t n;

    if (!is_digit(w->cp[i]))
        return i;
    n = digits_run(w, i, stop) - i;
    if (n % 3)
        return i;
    if (n > 3)
        return i + 3;
    for (size_t j = i + 3; j < stop; j++) {
        size_t run = digits_end(w, j, stop) - j;

        if (run >= 3)
            return j + run % 3;
        j += run;
    }
    return stop;
}

static size_t match_text(const struct pre_work *w, const char *s, size_t i, size_t stop)
{
    for (; *s; s++, i++) {
        if (i >= stop || w->cp[i] != (unsigned char)*s)
            return 0;
    }
    return i;
}

static size_t match_sentinel(const struct pre_work *w, size_t i, size_t stop)
{
    size_t j = match_text(w, "<sentinel:", i, stop), e;

    if (!j)
        return i;
    e = digits_end(w, j, stop);
    return e > j && e < stop && w->cp[e] == '>' ? e + 1 : i;
}

static size_t match_image(const struct pre_work *w, size_t i, size_t stop)
{
    size_t from = match_text(w, "IMGIMG", i, stop), j = from;

    if (!from)
        return i;
    while (j < stop && j - from < 4 && w->cp[j] >= 'A' && w->cp[j] <= 'I')
        j++;
    return j > from && j < stop && w->cp[j] == 'Z' ? j + 1 : i;
}

static size_t match_blanks(const struct pre_work *w, size_t i, size_t stop)
{
    size_t j = i;

    if (w->cp[i] == '\t' || w->cp[i] == '\n')
        return i + 1;
    while (j < stop && j - i < 4 && w->cp[j] == ' ')
        j++;
    return j - i >= 2 ? i + ((j - i) & ~(size_t)1) : i;
}

size_t pre_match(struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop)
{
    switch ((enum pass_kind)p->kind) {
    case PASS_RUN:
        return match_run(w, p, i, stop);
    case PASS_GPT2:
        return match_gpt2(w, i, stop);
    case PASS_WORDS:
        return match_words(w, p, i, stop);
    case PASS_CLAUSES:
        return match_clauses(w, p, i, stop);
    case PASS_DIGITS3:
        return match_digits3(w, i, stop);
    case PASS_SPLIT3:
        return match_split3(w, i, stop);
    case PASS_SENTINEL:
        return match_sentinel(w, i, stop);
    case PASS_IMAGE:
        return match_image(w, i, stop);
    case PASS_TRAIL:
        return run_end(w, UC_SPACE, i, stop) == stop ? stop : i;
    case PASS_BLANKS:
        return match_blanks(w, i, stop);
    }
    return i;
}
