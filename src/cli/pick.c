/* The list at the terminal: the line of the question, below it what fits, the cursor in the
 * question. Drawn anew after every key. */
#include "cli/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "os/sys.h"

#define FILTER_BYTES 64U
#define SCREEN_BYTES (1U << 20)
#define ROWS_SPARED  3U /* of the terminal: the question, the count, and one */
#define ROWS_MIN     3U
#define ESCAPE_MS    50 /* what follows the escape of an arrow comes at once */
#define BOLD         "\033[1m"
#define DIM          "\033[2m"
#define PLAIN        "\033[0m"

enum key {
    KEY_TEXT,
    KEY_ENTER,
    KEY_QUIT,
    KEY_UP,
    KEY_DOWN,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_ERASE,
    KEY_CLEAR,
    KEY_OTHER,
};

struct picker {
    const char *question;
    const struct pick_item *items;
    uint32_t n;
    uint32_t *fits; /* indices of items that fit the filter, the better ones first */
    uint32_t n_fit, at, top, n_row;
    char filter[FILTER_BYTES];
    size_t len;
    struct buf screen;
};

/* ---- matching ---- */

static const char *part_of(const char *name, const char *word)
{
    size_t len = strlen(word);

    for (; *name; name++)
        if (strncasecmp(name, word, len) == 0)
            return name;
    return NULL;
}

enum fit fit_of(const char *name, const char *word)
{
    if (!*word || part_of(name, word))
        return FIT_PART;
    for (; *word && *name; name++)
        word += strncasecmp(name, word, 1) == 0;
    return *word ? FIT_NONE : FIT_LETTERS;
}

static void narrow(struct picker *p)
{
    p->n_fit = 0;
    for (enum fit want = FIT_PART; want > FIT_NONE; want--)
        for (uint32_t i = 0; i < p->n; i++)
            if (fit_of(p->items[i].name, p->filter) == want)
                p->fits[p->n_fit++] = i;
    p->at = 0;
    p->top = 0;
}

/* ---- drawing ---- */

/* The name with the letters that fit in bold, cut at so many columns. */
static uint32_t draw_name(struct picker *p, const char *name, uint32_t columns)
{
    const char *part = part_of(name, p->filter), *word = p->filter;
    uint32_t used = 0, cp;

    for (size_t i = 0, len = strlen(name); i < len;) {
        unsigned n = utf8_decode(name + i, len - i, &cp);
        uint32_t width = n ? tty_width(cp) : 1;
        bool is_bold;

        if (used + width > columns)
            break;
        if (part) {
            is_bold = name + i >= part && name + i < part + p->len;
        } else {
            is_bold = *word && strncasecmp(name + i, word, 1) == 0;
            word += is_bold;
        }
        if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0)) /* names may come from elsewhere */
            (void)buf_addc(&p->screen, '?');
        else
            (void)buf_addf(&p->screen, "%s%.*s%s", is_bold ? BOLD : "", (int)(n ? n : 1), name + i,
                           is_bold ? PLAIN : "");
        used += width;
        i += n ? n : 1;
    }
    return used;
}

static void draw_item(struct picker *p, uint32_t row, uint32_t columns)
{
    const struct pick_item *it = &p->items[p->fits[row]];
    size_t note = it->note ? strlen(it->note) + 2 : 0;
    uint32_t used;

    (void)buf_adds(&p->screen, row == p->at ? "\n› " : "\n  ");
    used = draw_name(p, it->name, columns > 3 ? columns - 3 : 1);
    if (note && used + note + 3 < columns)
        (void)buf_addf(&p->screen, "  " DIM "%s" PLAIN, it->note);
}

static void draw(struct picker *p)
{
    uint32_t columns = tty_columns(2), rows = tty_rows(2), n_line = 0;

    p->n_row = rows > ROWS_SPARED + ROWS_MIN ? rows - ROWS_SPARED : ROWS_MIN;
    if (p->at < p->top)
        p->top = p->at;
    if (p->at >= p->top + p->n_row)
        p->top = p->at - p->n_row + 1;
    buf_clear(&p->screen);
    (void)buf_addf(&p->screen, "\r\033[J%s %s", p->question, p->filter);
    for (uint32_t i = p->top; i < p->n_fit && i < p->top + p->n_row; i++, n_line++)
        draw_item(p, i, columns);
    if (p->n_fit > p->n_row || p->n_fit < p->n) {
        (void)buf_addf(&p->screen, "\n  " DIM "%u of %u" PLAIN, p->n_fit, p->n);
        n_line++;
    }
    if (n_line)
        (void)buf_addf(&p->screen, "\033[%uA", n_line);
    (void)buf_addf(&p->screen, "\r\033[%zuC",
                   strlen(p->question) + 1 + utf8_count(p->filter, p->len));
    (void)fwrite(buf_str(&p->screen), 1, p->screen.len, stderr);
    (void)fflush(stderr);
}

/* ---- keys ---- */

static int byte_in(uint32_t timeout_ms)
{
    unsigned char ch;

    if (timeout_ms && !fd_readable(0, timeout_ms))
        return -1;
    return fd_read_byte(0, &ch) ? ch : -1;
}

static enum key escape_key(void)
{
    int ch = byte_in(ESCAPE_MS), number = 0;

    if (ch < 0)
        return KEY_QUIT;
    if (ch != '[' && ch != 'O')
        return KEY_OTHER;
    for (ch = byte_in(ESCAPE_MS); ch >= '0' && ch <= '9' && number < 1000; ch = byte_in(ESCAPE_MS))
        number = number * 10 + ch - '0';
    switch (ch) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case '~':
        return number == 5 ? KEY_PAGE_UP : number == 6 ? KEY_PAGE_DOWN : KEY_OTHER;
    default:
        return KEY_OTHER;
    }
}

static enum key key_in(char *text)
{
    int ch = byte_in(0);

    *text = (char)ch;
    switch (ch) {
    case -1:
    case 3: /* Ctrl-C */
    case 4: /* Ctrl-D */
        return KEY_QUIT;
    case '\r':
    case '\n':
        return KEY_ENTER;
    case 14: /* Ctrl-N */
    case '\t':
        return KEY_DOWN;
    case 16: /* Ctrl-P */
        return KEY_UP;
    case 8:
    case 127:
        return KEY_ERASE;
    case 21: /* Ctrl-U */
        return KEY_CLEAR;
    case 27:
        return escape_key();
    default:
        return ch >= 32 ? KEY_TEXT : KEY_OTHER;
    }
}

static void edit(struct picker *p, enum key key, char text)
{
    if (key == KEY_TEXT && p->len + 1 < FILTER_BYTES)
        p->filter[p->len++] = text;
    while (key == KEY_ERASE && p->len) /* a whole character */
        if (((unsigned char)p->filter[--p->len] & 0xC0U) != 0x80U)
            break;
    if (key == KEY_CLEAR)
        p->len = 0;
    p->filter[p->len] = '\0';
    narrow(p);
}

static void walk(struct picker *p, enum key key)
{
    uint32_t last = p->n_fit ? p->n_fit - 1 : 0;

    if (key == KEY_UP)
        p->at = p->at ? p->at - 1 : last;
    else if (key == KEY_DOWN)
        p->at = p->at < last ? p->at + 1 : 0;
    else if (key == KEY_PAGE_UP)
        p->at -= min_u32(p->at, p->n_row);
    else if (key == KEY_PAGE_DOWN)
        p->at = min_u32(p->at + p->n_row, last);
}

/* False: nothing was chosen. */
static bool run(struct picker *p)
{
    for (;;) {
        char text;
        enum key key;

        draw(p);
        key = key_in(&text);
        if (key == KEY_QUIT)
            return false;
        if (key == KEY_ENTER && p->n_fit)
            return true;
        if (key == KEY_TEXT || key == KEY_ERASE || key == KEY_CLEAR)
            edit(p, key, text);
        else
            walk(p, key);
    }
}

/* ---- where the cursor cannot be moved ---- */

static bool ask_number(const struct picker *p, uint32_t *which)
{
    char line[32];

    for (uint32_t i = 0; i < p->n; i++)
        (void)fprintf(stderr, "%3u  %s  %s\n", i + 1, p->items[i].name,
                      p->items[i].note ? p->items[i].note : "");
    for (;;) {
        unsigned long v;
        char *end, *got;

        (void)fprintf(stderr, "%s (1 to %u) ", p->question, p->n);
        (void)fflush(stderr);
        interrupt_watch(true);
        got = fgets(line, sizeof(line), stdin);
        interrupt_watch(false);
        if (interrupt_seen(true) || !got)
            return false;
        v = strtoul(line, &end, 10);
        if (end != line && (*end == '\n' || !*end) && v >= 1 && v <= p->n) {
            *which = (uint32_t)v - 1;
            return true;
        }
    }
}

bool pick_can_ask(void)
{
    return tty_is(0) && tty_is(2);
}

bool pick_yes(const char *question)
{
    bool answered = false, yes = false;

    while (!answered && pick_can_ask()) {
        char line[32];
        size_t len;

        (void)fprintf(stderr, "%s (y/n) ", question);
        (void)fflush(stderr);
        interrupt_watch(true);
        if (!fgets(line, sizeof(line), stdin)) {
            clearerr(stdin);
            line[0] = '\0';
            answered = true;
            (void)fputc('\n', stderr);
        }
        interrupt_watch(false);
        answered = interrupt_seen(true) || answered;
        len = strcspn(line, "\n");
        line[len] = '\0';
        yes = strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0;
        answered = answered || yes || strcasecmp(line, "n") == 0 || strcasecmp(line, "no") == 0;
    }
    return yes;
}

enum err_code pick_one(const char *question, const struct pick_item *items, uint32_t n,
                       uint32_t *which, struct err *e)
{
    struct picker p = { .question = question, .items = items, .n = n };
    const char *term = getenv("TERM");
    void *mode = NULL;
    bool chosen;

    if (!n || n > PICK_ITEMS_MAX)
        return err_set(e, ERR_ARG, "a list to choose from has 1 to %u entries", PICK_ITEMS_MAX);
    p.fits = mem_alloc(MEM_OTHER, n * sizeof(*p.fits));
    if (!p.fits)
        return err_set(e, ERR_OOM, "no memory for a list to choose from");
    buf_init(&p.screen, MEM_OTHER, SCREEN_BYTES);
    narrow(&p);
    if (term && strcmp(term, "dumb") != 0)
        mode = tty_raw_begin(0);
    if (mode) {
        chosen = run(&p);
        if (chosen)
            *which = p.fits[p.at];
        (void)fprintf(stderr, "\r\033[J");
        tty_raw_end(0, mode);
    } else {
        chosen = ask_number(&p, which);
        if (!chosen)
            (void)fputc('\n', stderr);
    }
    buf_finish(&p.screen);
    mem_free(p.fits);
    return chosen ? ERR_OK : err_set(e, ERR_NOT_FOUND, "nothing was chosen");
}
