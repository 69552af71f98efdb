/* Options: parsing and help. */
#include "cli/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "config.h"
#include "os/sys.h"

#define ARGS_HOST_BYTES_MAX 255U /* as long as a name may be */

/* ---- suggestions ---- */

#define WORD_BYTES_MAX 48U

/* Optimal string alignment distance; words longer than the table are infinitely far. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t d[3][WORD_BYTES_MAX + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > WORD_BYTES_MAX || m > WORD_BYTES_MAX)
        return UINT32_MAX;
    for (size_t k = 0; k <= m; k++)
        d[0][k] = (uint32_t)k;
    for (size_t i = 1; i <= n; i++) {
        uint32_t *row = d[i % 3], *above = d[(i - 1) % 3], *above2 = d[(i + 1) % 3];

        row[0] = (uint32_t)i;
        for (size_t k = 1; k <= m; k++) {
            uint32_t differ = a[i - 1] != b[k - 1];

            row[k] = min_u32(min_u32(above[k] + 1, row[k - 1] + 1), above[k - 1] + differ);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                row[k] = min_u32(row[k], above2[k - 2] + 1);
        }
    }
    return d[n % 3][m];
}

const char *nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    uint32_t best_d = (uint32_t)strlen(word) / 3 + 1;

    for (size_t i = 0; i < n; i++) {
        uint32_t d = distance(word, names[i]);

        if (d <= best_d && (!best || d < best_d)) {
            best = names[i];
            best_d = d;
        }
    }
    return best;
}

/* ---- values ---- */

static enum err_code bad_value(const struct opt *o, const char *value, const char *what,
                               struct err *e)
{
    return err_set(e, ERR_ARG, "--%s: '%s' is not %s", o->name, value, what);
}

static enum err_code out_of_bounds(const struct opt *o, const char *value, struct err *e)
{
    return err_set(e, ERR_ARG, "--%s: %s is outside %g to %g", o->name, value, o->min, o->max);
}

static bool in_bounds(const struct opt *o, double v)
{
    return (o->min == 0.0 && o->max == 0.0) || (v >= o->min && v <= o->max);
}

static enum err_code set_integer(const struct opt *o, const char *value, struct err *e)
{
    char *end;
    unsigned long long v;

    errno = 0;
    v = strtoull(value, &end, 10);
    if (errno || *end || end == value || *value < '0' || *value > '9')
        return bad_value(o, value, "a whole number", e);
    if (o->kind == OPT_U64) {
        *(uint64_t *)o->to = v;
        return ERR_OK;
    }
    if (v > UINT32_MAX || !in_bounds(o, (double)v))
        return o->max != 0.0 ? out_of_bounds(o, value, e) : bad_value(o, value, "below 2^32", e);
    *(uint32_t *)o->to = (uint32_t)v;
    return ERR_OK;
}

static enum err_code set_float(const struct opt *o, const char *value, struct err *e)
{
    char *end;
    double v = strtod(value, &end);

    if (*end || end == value || !(v > -1e30 && v < 1e30))
        return bad_value(o, value, "a number", e);
    if (!in_bounds(o, v))
        return out_of_bounds(o, value, e);
    *(float *)o->to = (float)v;
    return ERR_OK;
}

static enum err_code set_choice(const struct opt *o, const char *value, struct err *e)
{
    size_t len = strlen(value);

    for (const char *p = o->choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
        size_t n = strcspn(p, "|");

        if (n == len && memcmp(p, value, n) == 0) {
            *(const char **)o->to = value;
            return ERR_OK;
        }
    }
    return err_set(e, ERR_ARG, "--%s: '%s' is none of %s", o->name, value, o->choices);
}

static enum err_code set_value(const struct opt *o, const char *value, struct err *e)
{
    struct opt_list *list;

    switch (o->kind) {
    case OPT_STR:
        *(const char **)o->to = value;
        return ERR_OK;
    case OPT_U32:
    case OPT_U64:
        return set_integer(o, value, e);
    case OPT_F32:
        return set_float(o, value, e);
    case OPT_CHOICE:
        return set_choice(o, value, e);
    case OPT_LIST:
        list = o->to;
        if (list->n == OPT_LIST_MAX)
            return err_set(e, ERR_ARG, "--%s may be given %u times at most", o->name, OPT_LIST_MAX);
        list->at[list->n++] = value;
        return ERR_OK;
    default:
        return ERR_OK;
    }
}

/* ---- parsing ---- */

static const struct opt *find_long(const char *name, size_t len, const struct opt *rows,
                                   size_t n_row)
{
    for (size_t i = 0; i < n_row; i++) {
        if (rows[i].kind != OPT_HEAD && strlen(rows[i].name) == len &&
            memcmp(rows[i].name, name, len) == 0)
            return &rows[i];
    }
    return NULL;
}

static const struct opt *find_letter(char letter, const struct opt *rows, size_t n_row)
{
    for (size_t i = 0; i < n_row; i++) {
        if (rows[i].kind != OPT_HEAD && rows[i].letter == letter)
            return &rows[i];
    }
    return NULL;
}

static enum err_code unknown_option(const char *word, const struct opt *rows, size_t n_row,
                                    struct err *e)
{
    const char *names[128];
    const char *near;
    size_t n = 0;

    for (size_t i = 0; i < n_row && n < COUNT_OF(names); i++) {
        if (rows[i].kind != OPT_HEAD && !rows[i].is_hidden)
            names[n++] = rows[i].name;
    }
    near = word[1] == '-' ? nearest(word + 2, names, n) : NULL;
    if (near)
        return err_set(e, ERR_ARG, "unknown option %s; did you mean --%s?", word, near);
    return err_set(e, ERR_ARG, "unknown option %s", word);
}

/* One word that begins with a dash; `i` moves on when the value is the next word. */
static enum err_code parse_option(int argc, char **argv, int *i, const struct opt *rows,
                                  size_t n_row, struct err *e)
{
    const char *word = argv[*i], *value = NULL;
    const struct opt *o;

    if (word[1] == '-') {
        size_t len = strcspn(word + 2, "=");

        o = find_long(word + 2, len, rows, n_row);
        value = word[2 + len] == '=' ? word + 3 + len : NULL;
    } else {
        o = find_letter(word[1], rows, n_row);
        value = word[2] ? word + 2 : NULL;
    }
    if (!o)
        return unknown_option(word, rows, n_row, e);
    if (o->given)
        *o->given = true;
    if (o->kind == OPT_FLAG) {
        if (value)
            return err_set(e, ERR_ARG, "--%s takes no value", o->name);
        *(bool *)o->to = true;
        return ERR_OK;
    }
    if (!value && *i + 1 < argc)
        value = argv[++*i];
    if (!value)
        return err_set(e, ERR_ARG, "--%s needs a value (%s)", o->name, o->arg);
    return set_value(o, value, e);
}

static bool is_word(const char *s, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(s, word, len) == 0;
}

/* How much to say, for every command; *known is false when the word is something else. */
static enum err_code parse_level(int argc, char **argv, int *i, struct positionals *rest,
                                 bool *known, struct err *e)
{
    static const char *const names[] = { "none", "error", "warn", "info", "debug" };
    const char *word = argv[*i] + 2, *value = NULL;
    size_t len = strcspn(word, "=");
    enum log_level level = is_word(word, len, "quiet") ? LOG_NONE : LOG_DEBUG;

    *known = level == LOG_NONE || is_word(word, len, "verbose") || is_word(word, len, "log-level");
    if (!*known)
        return ERR_OK;
    if (rest->has_level)
        return err_set(e, ERR_ARG, "give one of --quiet, --verbose and --log-level");
    rest->has_level = true;
    if (is_word(word, len, "log-level")) {
        value = word[len] == '=' ? word + len + 1 : *i + 1 < argc ? argv[++*i] : "";
        for (level = LOG_NONE; level < LOG_DEBUG && strcmp(value, names[level]) != 0;)
            level++;
        if (strcmp(value, names[level]) != 0)
            return err_set(e, ERR_ARG,
                           "--log-level: '%.100s' is none of debug, info, warn, error "
                           "and none",
                           value);
    } else if (word[len]) {
        return err_set(e, ERR_ARG, "--%.*s takes no value", (int)len, word);
    }
    rest->level = level;
    return ERR_OK;
}

/* ---- a server elsewhere ---- */

bool args_is_host(const char *host)
{
    size_t n = 0, n_colon = 0;

    for (; host[n]; n++) {
        unsigned char ch = (unsigned char)host[n];
        bool is_word = (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
                       (ch >= 'A' && ch <= 'Z') || ch >= 0x80;

        if (!is_word && !strchr(".-_:", ch))
            return false;
        n_colon += ch == ':';
    }
    return n && n <= ARGS_HOST_BYTES_MAX && n_colon != 1; /* several: an address of IPv6 */
}

static enum err_code set_port(struct positionals *rest, const char *value, struct err *e)
{
    char *end;
    unsigned long v = strtoul(value, &end, 10);

    if (*end || end == value || *value < '0' || *value > '9' || v > UINT16_MAX)
        return err_set(e, ERR_ARG, "--port: '%.100s' is not a number from 0 to 65535", value);
    rest->port = (uint16_t)v;
    rest->has_port = true;
    return ERR_OK;
}

/* --host and --port; *known is false when the word is something else. */
static enum err_code parse_place(int argc, char **argv, int *i, bool takes_host,
                                 struct positionals *rest, bool *known, struct err *e)
{
    const char *word = argv[*i] + 2, *value;
    size_t len = strcspn(word, "=");
    bool is_host = is_word(word, len, "host");

    *known = HEARTH_HAVE_SERVER && (is_host || is_word(word, len, "port"));
    if (!*known)
        return ERR_OK;
    if (!takes_host)
        return err_set(e, ERR_ARG,
                       "--%.*s: this command is about this machine alone; chat, load, unload, ls, "
                       "ps and status can ask a server elsewhere",
                       (int)len, word);
    value = word[len] == '=' ? word + len + 1 : *i + 1 < argc ? argv[++*i] : NULL;
    if (!value)
        return err_set(e, ERR_ARG, "--%.*s needs a value (%s)", (int)len, word,
                       is_host ? "NAME" : "N");
    if (!is_host)
        return set_port(rest, value, e);
    if (!args_is_host(value))
        return err_set(e, ERR_ARG,
                       "--host: '%.100s' is no name or address; a port goes to --port, and nothing "
                       "else is needed",
                       value);
    rest->host = value;
    return ERR_OK;
}

/* Options that are no rows of any command. */
static enum err_code parse_common(int argc, char **argv, int *i, bool takes_host,
                                  struct positionals *rest, bool *known, struct err *e)
{
    enum err_code rc = parse_level(argc, argv, i, rest, known, e);

    return rc || *known ? rc : parse_place(argc, argv, i, takes_host, rest, known, e);
}

enum err_code args_parse(int argc, char **argv, const struct opt *rows, size_t n_row,
                         bool takes_host, struct positionals *rest, bool *wants_help, struct err *e)
{
    bool only_words = false;

    *wants_help = false;
    *rest = (struct positionals){ .n = 0 };
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        enum err_code rc = ERR_OK;

        if (!only_words && strcmp(word, "--") == 0) {
            only_words = true;
        } else if (only_words || word[0] != '-' || word[1] == '\0') {
            if (rest->n == COUNT_OF(rest->at))
                return err_set(e, ERR_ARG, "too many arguments, from '%s' on", word);
            rest->at[rest->n++] = word;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *wants_help = true;
            return ERR_OK;
        } else {
            bool known = false;

            if (word[1] == '-' && !find_long(word + 2, strcspn(word + 2, "="), rows, n_row))
                rc = parse_common(argc, argv, &i, takes_host, rest, &known, e);
            if (!rc && !known)
                rc = parse_option(argc, argv, &i, rows, n_row, e);
        }
        if (rc)
            return rc;
    }
    return ERR_OK;
}

/* ---- help ---- */

#define HELP_COLUMNS 79U /* fits the narrowest usual terminal */
#define HELP_LEFT    33U /* columns before an option's text */

/* Prints words parted by blanks from column `at` on; lines that are full go on below HELP_LEFT. */
static size_t print_words(FILE *to, const char *text, size_t at)
{
    while (*text) {
        size_t bytes = strcspn(text, " "), width = 0;

        for (size_t i = 0; i < bytes; i++)
            width += ((unsigned char)text[i] & 0xC0U) != 0x80U;
        if (at > HELP_LEFT && at + 1 + width > HELP_COLUMNS) {
            (void)fprintf(to, "\n%*s", (int)HELP_LEFT, "");
            at = HELP_LEFT;
        } else if (at > HELP_LEFT) {
            (void)fputc(' ', to);
            at++;
        }
        (void)fprintf(to, "%.*s", (int)bytes, text);
        at += width;
        text += bytes + strspn(text + bytes, " ");
    }
    return at;
}

static void print_option(FILE *to, const struct opt *o)
{
    char left[64], choices[128];
    int n;

    if (o->kind == OPT_HEAD) {
        (void)fprintf(to, "\n%s\n", o->name);
        return;
    }
    n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s", o->letter ? '-' : ' ',
                 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, o->arg ? " " : "",
                 o->arg ? o->arg : "");
    if (n >= (int)HELP_LEFT)
        (void)fprintf(to, "%s\n%*s", left, (int)HELP_LEFT, "");
    else
        (void)fprintf(to, "%-*s", (int)HELP_LEFT, left);
    n = (int)print_words(to, o->help, HELP_LEFT);
    if (o->kind == OPT_CHOICE) {
        (void)snprintf(choices, sizeof(choices), "(%s)", o->choices);
        (void)print_words(to, choices, (size_t)n);
    }
    (void)fputc('\n', to);
}

void args_help(FILE *to, const char *path, const struct command *cmd, const struct opt *rows,
               size_t n_row)
{
    (void)fprintf(to, "%s\n\nUsage: %s%s%s%s\n", cmd->summary, path, n_row ? " [OPTIONS]" : "",
                  cmd->args && *cmd->args ? " " : "", cmd->args ? cmd->args : "");
    if (cmd->details)
        (void)fprintf(to, "\n%s\n", cmd->details);
    if (n_row && rows[0].kind != OPT_HEAD)
        (void)fprintf(to, "\nOptions\n");
    for (size_t i = 0; i < n_row; i++)
        if (!rows[i].is_hidden)
            print_option(to, &rows[i]);
    if (cmd->takes_host)
        (void)fprintf(to, "\nWith --host NAME and --port N it asks a server elsewhere, whose key "
                          "is read from\nHEARTH_API_KEY.\n");
}

int args_begin(int argc, char **argv, const char *path, const struct command *cmd,
               const struct opt *rows, size_t n_row, struct positionals *rest)
{
    struct err e = { 0 };
    bool wants_help;

    if (args_parse(argc, argv, rows, n_row, cmd->takes_host, rest, &wants_help, &e) == ERR_OK &&
        !wants_help && rest->n && !(cmd->args && *cmd->args))
        (void)err_set(&e, ERR_ARG, "%s takes no argument '%.200s'", path, rest->at[0]);
    if (e.code) {
        (void)fprintf(stderr, "error: %s\n", e.text);
        (void)fprintf(stderr, "See: %s --help\n", path);
        return EXIT_USAGE;
    }
    if (!wants_help) {
        if (rest->has_level)
            log_setup(rest->level, NULL);
        if (rest->has_level && rest->level == LOG_NONE)
            stderr_silence();
        return -1;
    }
    args_help(stdout, path, cmd, rows, n_row);
    return EXIT_DONE;
}

void print_safe(FILE *to, const char *text)
{
    for (; *text; text++) {
        unsigned char ch = (unsigned char)*text, next = (unsigned char)text[1];
        bool is_c1 = ch == 0xC2U && next >= 0x80U && next < 0xA0U; /* the later ones, in UTF-8 */

        if (is_c1)
            text++;
        if (is_c1 || (ch < 0x20 && ch != '\n' && ch != '\t') || ch == 0x7F)
            (void)fputc('?', to);
        else
            (void)fputc(ch, to);
    }
}

int fail(const struct err *e)
{
    if (e->code == ERR_CANCELLED)
        return EXIT_STOPPED;
    (void)fputs("error: ", stderr);
    print_safe(stderr, e->text);
    (void)fputc('\n', stderr);
    return EXIT_REFUSED;
}

int usage(const char *fmt, ...)
{
    va_list ap;

    (void)fputs("error: ", stderr);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
    return EXIT_USAGE;
}
