/* Line editing. The only file that knows libedit. */
#include "cli/lineedit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config.h"
#include "os/file.h"
#include "os/sys.h"

#if HEARTH_HAVE_LIBEDIT
#include <histedit.h>
#endif

#define LISTED_MAX     64U
#define WORD_BYTES_MAX 1024U
#define PASTE_GAP_MS   15 /* lines of a paste follow each other faster than anybody types */

struct lineedit {
    const char *const *words;
    const char *prompt;
    char *history_path;
    struct buf history; /* one escaped entry a line, oldest first */
    uint32_t n_history;
#if HEARTH_HAVE_LIBEDIT
    EditLine *el; /* NULL: plain reading */
    History *hist;
#endif
};

/* ---- the history file: one entry a line; backslash and line break are escaped ---- */

static void escape(const char *entry, struct buf *out)
{
    for (; *entry; entry++) {
        if (*entry == '\\')
            (void)buf_adds(out, "\\\\");
        else if (*entry == '\n')
            (void)buf_adds(out, "\\n");
        else
            (void)buf_addc(out, *entry);
    }
    (void)buf_addc(out, '\n');
}

static void unescape(const char *line, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\\' && i + 1 < len)
            (void)buf_addc(out, line[++i] == 'n' ? '\n' : line[i]);
        else
            (void)buf_addc(out, line[i]);
    }
}

static void enter(struct lineedit *le, const char *entry)
{
#if HEARTH_HAVE_LIBEDIT
    HistEvent ev;

    if (le->hist)
        (void)history(le->hist, &ev, H_ENTER, entry);
#else
    (void)le;
    (void)entry;
#endif
}

/* Keeps the newest LINEEDIT_HISTORY_MAX entries. */
static void trim_history(struct lineedit *le)
{
    while (le->n_history > LINEEDIT_HISTORY_MAX) {
        const char *end = memchr(le->history.data, '\n', le->history.len);

        if (!end)
            return;
        buf_drop_front(&le->history, (size_t)(end - le->history.data) + 1);
        le->n_history--;
    }
}

static void load_history(struct lineedit *le)
{
    struct buf entry;
    const char *at, *end;

    if (!le->history_path || !file_exists(le->history_path) ||
        file_read(&le->history, le->history_path, NULL))
        return;
    buf_init(&entry, MEM_OTHER, LINEEDIT_ENTRY_BYTES_MAX);
    for (at = buf_str(&le->history); (end = strchr(at, '\n')) != NULL; at = end + 1) {
        buf_clear(&entry);
        unescape(at, (size_t)(end - at), &entry);
        enter(le, buf_str(&entry));
        le->n_history++;
    }
    buf_finish(&entry);
    trim_history(le);
}

enum err_code lineedit_remember(struct lineedit *le, const char *entry, struct err *e)
{
    enter(le, entry);
    if (!le->history_path)
        return ERR_OK;
    escape(entry, &le->history);
    le->n_history++;
    trim_history(le);
    return file_write(le->history_path, buf_str(&le->history), le->history.len, e);
}

/* ---- one line ---- */

#if HEARTH_HAVE_LIBEDIT

static char *current_prompt(EditLine *el)
{
    struct lineedit *le = NULL;
    static char empty[] = "";

    if (el_get(el, EL_CLIENTDATA, &le) != 0 || !le)
        return empty;
    return (char *)(uintptr_t)le->prompt; /* libedit only reads it */
}

/* Below the line, as many as a screen takes without scrolling it away. */
static void list_words(const struct lineedit *le, const char *typed, size_t len)
{
    uint32_t at = 0, columns = tty_columns(1), n = 0;

    (void)fputc('\n', stdout);
    for (size_t i = 0; le->words[i] && n < LISTED_MAX; i++) {
        uint32_t width = (uint32_t)strlen(le->words[i]) + 2;

        if (strncmp(le->words[i], typed, len) != 0)
            continue;
        if (at && at + width > columns) {
            (void)fputc('\n', stdout);
            at = 0;
        }
        (void)printf("%s  ", le->words[i]);
        at += width;
        n++;
    }
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
}

/* What all words that begin like the line have in common; *n is their number. */
static size_t common_part(const struct lineedit *le, const char *typed, size_t len,
                          const char **first, size_t *n)
{
    size_t common = 0;

    *first = NULL;
    *n = 0;
    for (size_t i = 0; le->words[i]; i++) {
        const char *word = le->words[i];
        size_t same = 0;

        if (strncmp(word, typed, len) != 0)
            continue;
        while (*first && (*first)[same] && (*first)[same] == word[same])
            same++;
        common = *first ? (same < common ? same : common) : strlen(word);
        *first = *first ? *first : word;
        (*n)++;
    }
    return common;
}

/* Completes a /command, or one with its argument; lists the candidates when there are several. */
static unsigned char complete(EditLine *el, int ch)
{
    const LineInfo *li = el_line(el);
    size_t len = (size_t)(li->cursor - li->buffer), common, n;
    struct lineedit *le = NULL;
    const char *first;

    (void)ch;
    if (el_get(el, EL_CLIENTDATA, &le) != 0 || !le || !len || li->buffer[0] != '/')
        return CC_ERROR;
    common = common_part(le, li->buffer, len, &first, &n);
    if (!first)
        return CC_ERROR;
    if (common > len || n == 1) {
        char rest[WORD_BYTES_MAX];

        (void)snprintf(rest, sizeof(rest), "%.*s%s", (int)(common - len), first + len,
                       n == 1 ? " " : "");
        return el_insertstr(el, rest) == 0 ? CC_REFRESH : CC_ERROR;
    }
    list_words(le, li->buffer, len);
    return CC_REDISPLAY;
}

static void setup_editor(struct lineedit *le)
{
    HistEvent ev;

    if (!tty_is(0) || !tty_is(1))
        return;
    le->el = el_init("hearth", stdin, stdout, stderr);
    le->hist = history_init();
    if (!le->el || !le->hist)
        return;
    (void)history(le->hist, &ev, H_SETSIZE, (int)LINEEDIT_HISTORY_MAX);
    (void)history(le->hist, &ev, H_SETUNIQUE, 1);
    (void)el_set(le->el, EL_CLIENTDATA, le);
    (void)el_set(le->el, EL_PROMPT, current_prompt);
    (void)el_set(le->el, EL_EDITOR, "emacs");
    (void)el_set(le->el, EL_HIST, history, le->hist);
    (void)el_set(le->el, EL_ADDFN, "hearth-complete", "Complete a command", complete);
    (void)el_set(le->el, EL_BIND, "^I", "hearth-complete", NULL);
    (void)el_set(le->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
    (void)el_source(le->el, NULL); /* the user's ~/.editrc */
}

static enum line_result edited_line(struct lineedit *le, struct buf *line)
{
    int n = 0;
    const char *text = el_gets(le->el, &n);

    if (interrupt_seen(true)) {
        const LineInfo *li = el_line(le->el);
        bool typed = li && li->lastchar > li->buffer;

        el_reset(le->el);
        (void)fputs("\n", stdout);
        return typed ? LINE_DROPPED : LINE_INTERRUPT;
    }
    if (!text || n <= 0)
        return LINE_END;
    return buf_add(line, text, (size_t)n) ? LINE_READ : LINE_FAILED;
}

#endif

static enum line_result plain_line(struct lineedit *le, struct buf *line)
{
    bool any = false;
    int c;

    if (tty_is(0)) {
        (void)fputs(le->prompt, stdout);
        (void)fflush(stdout);
    }
    for (;;) {
        errno = 0;
        c = getc(stdin);
        if (c == EOF) {
            clearerr(stdin);
            if (interrupt_seen(true))
                return LINE_INTERRUPT;
            return any ? LINE_READ : LINE_END;
        }
        any = true;
        if (!buf_addc(line, (char)c))
            return LINE_FAILED;
        if (c == '\n')
            return LINE_READ;
    }
}

static enum line_result one_line(struct lineedit *le, const char *prompt, struct buf *line)
{
    le->prompt = prompt;
    buf_clear(line);
#if HEARTH_HAVE_LIBEDIT
    if (le->el)
        return edited_line(le, line);
#endif
    return plain_line(le, line);
}

/* ---- entries ---- */

static bool more_pasted(void)
{
    return tty_is(0) && fd_readable(0, PASTE_GAP_MS);
}

static void cut_line_break(struct buf *line)
{
    while (line->len && (line->data[line->len - 1] == '\n' || line->data[line->len - 1] == '\r'))
        line->data[--line->len] = '\0';
}

/* Takes a line into the entry; true when another one belongs to it. */
static bool take_line(struct buf *line, struct buf *entry, bool *quoted)
{
    bool is_quote;

    cut_line_break(line);
    is_quote = strcmp(buf_str(line), "\"\"\"") == 0;
    if (is_quote) {
        *quoted = !*quoted;
        if (!*quoted && entry->len)
            entry->data[--entry->len] = '\0'; /* the break before the closing quotes */
        return *quoted;
    }
    if (*quoted) {
        (void)buf_addf(entry, "%s\n", buf_str(line));
        return true;
    }
    if (line->len && line->data[line->len - 1] == '\\') {
        (void)buf_add(entry, line->data, line->len - 1);
        (void)buf_addc(entry, '\n');
        return true;
    }
    (void)buf_adds(entry, buf_str(line));
    if (!more_pasted())
        return false;
    (void)buf_addc(entry, '\n');
    return true;
}

enum line_result lineedit_read(struct lineedit *le, const char *prompt, struct buf *entry)
{
    struct buf line;
    bool quoted = false, more = true;
    enum line_result r = LINE_READ;

    buf_init(&line, MEM_OTHER, LINEEDIT_ENTRY_BYTES_MAX);
    buf_clear(entry);
    while (more && r == LINE_READ) {
        r = one_line(le, entry->len || quoted ? "… " : prompt, &line);
        if (r == LINE_READ)
            more = take_line(&line, entry, &quoted);
        else if (r == LINE_END && entry->len)
            break;
    }
    if (r == LINE_END && entry->len)
        r = LINE_READ;
    if (entry->failed)
        r = LINE_FAILED;
    buf_finish(&line);
    return r;
}

enum err_code lineedit_open(struct lineedit **out, const char *history_path,
                            const char *const *words, struct err *e)
{
    struct lineedit *le = mem_alloc_zero(MEM_OTHER, sizeof(*le));

    *out = NULL;
    if (!le)
        return err_set(e, ERR_OOM, "no memory for the line editor");
    le->words = words;
    le->prompt = "";
    buf_init(&le->history, MEM_OTHER, LINEEDIT_ENTRY_BYTES_MAX);
    if (history_path) {
        le->history_path = mem_strndup(MEM_OTHER, history_path, strlen(history_path));
        if (!le->history_path) {
            lineedit_close(le);
            return err_set(e, ERR_OOM, "no memory for the line editor");
        }
    }
#if HEARTH_HAVE_LIBEDIT
    setup_editor(le);
#endif
    load_history(le);
    *out = le;
    return ERR_OK;
}

void lineedit_close(struct lineedit *le)
{
    if (!le)
        return;
#if HEARTH_HAVE_LIBEDIT
    if (le->el)
        el_end(le->el);
    if (le->hist)
        history_end(le->hist);
#endif
    buf_finish(&le->history);
    mem_free(le->history_path);
    mem_free(le);
}
