/* Lexer of the template language, with jinja2's white-space rules for trim_blocks and
 * lstrip_blocks: a block or comment swallows the line break behind it, white space before it
 * disappears when nothing else is on its line; '-' strips all white space, '+' switches it off. */
#include <string.h>

#include "base/attr.h"
#include "base/utf8.h"
#include "text/jinja_int.h"

#define LEX_BRACKET_MAX 1024U

struct lexer {
    struct arena *a;
    const char *s;
    size_t len, i;
    uint32_t line;
    bool at_line_start; /* the last thing cut ended with a line break */
    struct jtok *tok;
    size_t n, cap;
    char bracket[LEX_BRACKET_MAX];
    size_t n_bracket;
    struct err *e;
    enum err_code rc;
};

static bool lex_fail(struct lexer *x, const char *what)
{
    if (!x->rc)
        x->rc = err_set(x->e, ERR_TEMPLATE, "line %u: %s", x->line, what);
    return false;
}

static bool add(struct lexer *x, enum jtok_kind kind, const char *s, size_t len)
{
    if (x->n == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 256;
        struct jtok *grown = arena_new_n(x->a, cap, sizeof(*grown));

        if (!grown) {
            x->rc = arena_starved(x->a)
                        ? err_set(x->e, ERR_OOM, "no memory for the parts of a template")
                        : err_set(x->e, ERR_LIMIT, "template: too many parts");
            return false;
        }
        if (x->n)
            memcpy(grown, x->tok, x->n * sizeof(*grown));
        x->tok = grown;
        x->cap = cap;
    }
    x->tok[x->n++] = (struct jtok){ .kind = kind, .line = x->line, .s = s, .len = len };
    return true;
}

/* Moves on to position to, counting lines. */
static void move_to(struct lexer *x, size_t to)
{
    for (size_t k = x->i; k < to; k++)
        x->line += x->s[k] == '\n';
    if (to > x->i)
        x->at_line_start = x->s[to - 1] == '\n';
    x->i = to;
}

static size_t skip_space(const struct lexer *x, size_t i)
{
    while (i < x->len) {
        size_t next = i;

        if (!jchar_is_space(jchar_next(x->s, x->len, &next)))
            break;
        i = next;
    }
    return i;
}

static size_t strip_end(const char *s, size_t len)
{
    struct jval v = jstr_strip(jv_strn(s, len), NULL, false, true);

    return v.len;
}

static bool starts(const struct lexer *x, size_t i, const char *what)
{
    size_t n = strlen(what);

    return x->len - i >= n && memcmp(x->s + i, what, n) == 0;
}

/* Text before a tag: sign is '-', '+' or 0; variables are not stripped by lstrip_blocks. */
static bool add_data(struct lexer *x, size_t from, size_t to, char sign, bool is_block)
{
    const char *s = x->s + from;
    size_t len = to - from;

    if (sign == '-') {
        len = strip_end(s, len);
    } else if (sign != '+' && is_block) {
        size_t line = len;

        while (line > 0 && s[line - 1] != '\n')
            line--;
        if ((line > 0 || x->at_line_start) && strip_end(s + line, len - line) == 0)
            len = line;
    }
    return len == 0 || add(x, JT_DATA, s, len);
}

/* The end of a block or comment at i, whose bare form is `end`; 0 when there is none. */
static size_t match_end(const struct lexer *x, size_t i, const char *end, bool trim)
{
    if (x->s[i] == '-' && starts(x, i + 1, end))
        return skip_space(x, i + 3);
    if (trim && x->s[i] == '+' && starts(x, i + 1, end))
        return i + 3;
    if (!starts(x, i, end))
        return 0;
    i += 2;
    return trim && i < x->len && x->s[i] == '\n' ? i + 1 : i;
}

static bool lex_comment(struct lexer *x, size_t from)
{
    for (size_t i = from; i < x->len; i++) {
        size_t end = match_end(x, i, "#}", true);

        if (end) {
            move_to(x, end);
            return true;
        }
    }
    return lex_fail(x, "{# #}: missing end of comment tag");
}

/* {% raw %} at i (behind the sign): the position behind it, 0 when this is another block. */
static size_t match_raw(const struct lexer *x, size_t i)
{
    i = skip_space(x, i);
    if (!starts(x, i, "raw"))
        return 0;
    i = skip_space(x, i + 3);
    if (i >= x->len)
        return 0;
    return match_end(x, i, "%}", false);
}

static bool lex_raw(struct lexer *x, size_t from)
{
    move_to(x, from);
    for (size_t i = from; i + 1 < x->len; i++) {
        size_t k = i + 2, end;
        char sign = 0;

        if (!starts(x, i, "{%"))
            continue;
        if (k < x->len && (x->s[k] == '-' || x->s[k] == '+'))
            sign = x->s[k++];
        k = skip_space(x, k);
        if (!starts(x, k, "endraw"))
            continue;
        k = skip_space(x, k + 6);
        end = k < x->len ? match_end(x, k, "%}", true) : 0;
        if (!end)
            continue;
        if (!add_data(x, from, i, sign, true))
            return false;
        move_to(x, end);
        return true;
    }
    return lex_fail(x, "{% raw %}: missing end of raw directive");
}

static size_t digits(const struct lexer *x, size_t i, const char *set, bool may_start_with_bar)
{
    size_t start = i;

    while (i < x->len) {
        if (x->s[i] == '_' && (i > start || may_start_with_bar) && i + 1 < x->len &&
            strchr(set, x->s[i + 1]) && x->s[i + 1])
            i++;
        else if (!x->s[i] || !strchr(set, x->s[i]))
            break;
        else
            i++;
    }
    return i;
}

#define DEC "0123456789"

/* A float at i: its end, or 0. */
static size_t match_float(const struct lexer *x, size_t i)
{
    size_t end, k;
    bool has_point = false;

    if (i > 0 && x->s[i - 1] == '.')
        return 0;
    end = digits(x, i, DEC, false);
    if (end == i)
        return 0;
    if (end + 1 < x->len && x->s[end] == '.') {
        k = digits(x, end + 1, DEC, false);
        has_point = k > end + 1;
        if (has_point)
            end = k;
    }
    if (end < x->len && (x->s[end] == 'e' || x->s[end] == 'E')) {
        size_t from = end + 1;

        if (from < x->len && (x->s[from] == '+' || x->s[from] == '-'))
            from++;
        k = digits(x, from, DEC, false);
        if (k > from)
            return k;
    }
    return has_point ? end : 0;
}

static size_t match_int(const struct lexer *x, size_t i)
{
    static const struct {
        char letter;
        const char *set;
    } bases[] = { { 'b', "01" }, { 'o', "01234567" }, { 'x', "0123456789abcdefABCDEF" } };

    if (x->s[i] != '0')
        return digits(x, i, DEC, false);
    for (size_t b = 0; b < COUNT_OF(bases) && i + 1 < x->len; b++) {
        if ((x->s[i + 1] | 32) == bases[b].letter) {
            size_t end = digits(x, i + 2, bases[b].set, true);

            if (end > i + 2)
                return end;
        }
    }
    return digits(x, i, "0", false);
}

static size_t match_name(const struct lexer *x, size_t i)
{
    size_t start = i;

    while (i < x->len) {
        size_t next = i;
        uint32_t c = jchar_next(x->s, x->len, &next);

        if (c != '_' && !jchar_is_alpha(c) && !(i > start && jchar_is_digit(c)))
            break;
        i = next;
    }
    return i;
}

static size_t match_string(const struct lexer *x, size_t i)
{
    char quote = x->s[i];

    for (i++; i < x->len; i++) {
        if (x->s[i] == '\\')
            i++;
        else if (x->s[i] == quote)
            return i + 1;
    }
    return 0;
}

static bool lex_fail_char(struct lexer *x)
{
    uint32_t c;
    unsigned n = utf8_decode(x->s + x->i, x->len - x->i, &c);

    if (c < 0x20)
        x->rc =
            err_set(x->e, ERR_TEMPLATE, "line %u: unexpected character %u in a tag", x->line, c);
    else
        x->rc = err_set(x->e, ERR_TEMPLATE, "line %u: unexpected character '%.*s' in a tag",
                        x->line, (int)n, x->s + x->i);
    return false;
}

static bool lex_operator(struct lexer *x)
{
    static const char *const two[] = { "//", "**", "==", "!=", ">=", "<=" };
    size_t n = 1;
    char c = x->s[x->i];

    for (size_t k = 0; k < COUNT_OF(two); k++) {
        if (starts(x, x->i, two[k]))
            n = 2;
    }
    if (n == 1 && (!c || !strchr("+-/*%~[](){}><=.:|,;", c)))
        return lex_fail_char(x);
    if (strchr("([{", c)) {
        if (x->n_bracket == LEX_BRACKET_MAX) {
            x->rc = err_set(x->e, ERR_LIMIT, "line %u: more than %u nested brackets", x->line,
                            LEX_BRACKET_MAX);
            return false;
        }
        x->bracket[x->n_bracket++] = c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (strchr(")]}", c)) {
        if (x->n_bracket == 0 || x->bracket[--x->n_bracket] != c)
            return lex_fail(x, c == ')'   ? "unexpected ')'"
                               : c == ']' ? "unexpected ']'"
                                          : "unexpected '}'");
    }
    if (!add(x, JT_OP, x->s + x->i, n))
        return false;
    move_to(x, x->i + n);
    return true;
}

/* One token inside a tag. */
static bool lex_token(struct lexer *x)
{
    char c = x->s[x->i];
    size_t end;

    if (c == '\'' || c == '"') {
        end = match_string(x, x->i);
        if (!end)
            return lex_fail(x, "string without its closing quote");
        if (!add(x, JT_STRING, x->s + x->i + 1, end - x->i - 2))
            return false;
    } else if ((end = match_float(x, x->i)) != 0) {
        if (!add(x, JT_FLOAT, x->s + x->i, end - x->i))
            return false;
    } else if (c >= '0' && c <= '9') {
        end = match_int(x, x->i);
        if (!add(x, JT_INT, x->s + x->i, end - x->i))
            return false;
    } else if ((end = match_name(x, x->i)) > x->i) {
        if (!add(x, JT_NAME, x->s + x->i, end - x->i))
            return false;
    } else {
        return lex_operator(x);
    }
    move_to(x, end);
    return true;
}

/* The inside of {{ }} or {% %} up to its end. */
static bool lex_tag(struct lexer *x, bool is_block)
{
    const char *close = is_block ? "%}" : "}}";

    x->n_bracket = 0;
    for (;;) {
        size_t end;

        move_to(x, skip_space(x, x->i));
        if (x->i >= x->len)
            return true; /* the parser says what is missing */
        end = x->n_bracket ? 0 : match_end(x, x->i, close, is_block);
        if (end) {
            if (!add(x, is_block ? JT_BLOCK_END : JT_VAR_END, x->s + x->i, 2))
                return false;
            move_to(x, end);
            return true;
        }
        if (!lex_token(x))
            return false;
    }
}

/* The next tag from x->i on: its kind ('%', '#', '{') and place; x->len when there is none. */
static size_t find_tag(const struct lexer *x, char *kind)
{
    for (size_t i = x->i; i + 1 < x->len; i++) {
        const char *brace = memchr(x->s + i, '{', x->len - 1 - i);

        if (!brace)
            break;
        i = (size_t)(brace - x->s);
        *kind = x->s[i + 1];
        if (*kind == '%' || *kind == '#' || *kind == '{')
            return i;
    }
    return x->len;
}

static bool lex_part(struct lexer *x)
{
    char kind = 0, sign = 0;
    size_t tag = find_tag(x, &kind), k = tag + 2, raw;

    if (tag >= x->len) {
        if (!add(x, JT_DATA, x->s + x->i, x->len - x->i))
            return false;
        move_to(x, x->len);
        return true;
    }
    if (k < x->len && (x->s[k] == '-' || x->s[k] == '+'))
        sign = x->s[k++];
    if (!add_data(x, x->i, tag, sign, kind != '{'))
        return false;
    if (kind == '#') {
        move_to(x, tag);
        return lex_comment(x, k);
    }
    raw = kind == '%' ? match_raw(x, k) : 0;
    if (raw) {
        move_to(x, tag);
        return lex_raw(x, raw);
    }
    move_to(x, k);
    if (!add(x, kind == '%' ? JT_BLOCK_BEGIN : JT_VAR_BEGIN, x->s + tag, 2))
        return false;
    return lex_tag(x, kind == '%');
}

/* Line breaks become \n, one at the very end is dropped. */
static const char *normalize(struct arena *a, const char *source, size_t len, size_t *n)
{
    char *s = arena_new(a, len + 1);

    *n = 0;
    if (!s)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (source[i] == '\r') {
            s[(*n)++] = '\n';
            if (i + 1 < len && source[i + 1] == '\n')
                i++;
        } else {
            s[(*n)++] = source[i];
        }
    }
    if (*n && s[*n - 1] == '\n')
        (*n)--;
    return s;
}

enum err_code jlex_run(struct arena *a, const char *source, size_t len, struct jtok **tok,
                       struct err *e)
{
    struct lexer x = { .a = a, .line = 1, .at_line_start = true, .e = e };

    *tok = NULL;
    if (!utf8_valid(source, len))
        return err_set(e, ERR_TEMPLATE, "template: the source is not valid UTF-8");
    x.s = normalize(a, source, len, &x.len);
    if (!x.s)
        return err_set(e, ERR_OOM, "template: no memory for %zu bytes of source", len);
    while (x.i < x.len && lex_part(&x))
        ;
    if (!x.rc && !add(&x, JT_EOF, x.s + x.len, 0))
        return x.rc;
    *tok = x.tok;
    return x.rc;
}
