/* Models by a part of their name, and the question which one of several. */
#include "cli/choose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "cli/units.h"
#include "library/library.h"
#include "os/sys.h"
#include "serve/folders.h"

#define SHOWN_MAX  40U
#define NAMED_MAX  5U
#define NAMES_SIZE 400U

enum fit { FIT_NONE, FIT_LETTERS, FIT_PART };

/* How well the word fits the key: as a part of it, or its letters in order. */
static enum fit fit_of(const char *key, const char *word)
{
    size_t len = strlen(word);
    const char *at = key;

    for (const char *p = key; *p; p++)
        if (strncasecmp(p, word, len) == 0)
            return FIT_PART;
    for (; *word && *at; at++)
        word += strncasecmp(at, word, 1) == 0;
    return *word ? FIT_NONE : FIT_LETTERS;
}

static bool is_choice(const struct library_model *m, const char *word, enum fit want)
{
    return m->type != MODEL_UNUSABLE && m->is_selected && (!word || fit_of(m->key, word) >= want);
}

/* The first SHOWN_MAX models that fit; their number. */
static uint32_t collect(const struct library *l, const char *word, enum fit want,
                        const struct library_model *found[SHOWN_MAX])
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < library_n(l) && n < SHOWN_MAX; i++)
        if (is_choice(library_at(l, i), word, want))
            found[n++] = library_at(l, i);
    return n;
}

static enum err_code refuse(const char *word, const struct library_model *const *found, uint32_t n,
                            struct err *e)
{
    char names[NAMES_SIZE] = "";
    size_t len = 0;

    if (!word)
        return err_set(e, ERR_NOT_FOUND, "which model? `hearth ls` lists those at hand");
    for (uint32_t i = 0; i < n && i < NAMED_MAX; i++) {
        int m = snprintf(names + len, sizeof(names) - len, "%s%.70s", i ? ", " : "", found[i]->key);

        len += m > 0 ? (size_t)m : 0;
    }
    return err_set(e, ERR_NOT_FOUND, "'%.200s' could be any of %u models: %s%s; name one", word, n,
                   names, n > NAMED_MAX ? ", …" : "");
}

/* Asks until a number of the list comes. */
static enum err_code ask(const struct library_model *const *found, uint32_t n, uint32_t *which,
                         struct err *e)
{
    char line[32], size[32];

    for (uint32_t i = 0; i < n; i++) {
        units_memory(size, sizeof(size), found[i]->size_bytes);
        (void)fprintf(stderr, "%3u  %s  (%s)\n", i + 1, found[i]->key, size);
    }
    for (;;) {
        unsigned long v;
        char *end;

        (void)fprintf(stderr, "Which one? (1 to %u) ", n);
        (void)fflush(stderr);
        interrupt_watch(true);
        if (!fgets(line, sizeof(line), stdin)) {
            interrupt_watch(false);
            (void)interrupt_seen(true);
            (void)fputc('\n', stderr);
            return err_set(e, ERR_NOT_FOUND, "no model was chosen");
        }
        interrupt_watch(false);
        v = strtoul(line, &end, 10);
        if (end != line && (*end == '\n' || !*end) && v >= 1 && v <= n) {
            *which = (uint32_t)v - 1;
            return ERR_OK;
        }
    }
}

static enum err_code no_such(const struct library *l, const char *word, struct err *e)
{
    const char *near = word ? library_near(l, word) : NULL;

    return err_set(
        e, ERR_NOT_FOUND, "there is no model '%.200s'%s%.200s%s; `hearth ls` lists those at hand",
        word ? word : "", near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err_code choose(const struct library *l, const char *word, bool take_first,
                            const struct library_model **out, struct err *e)
{
    const struct library_model *found[SHOWN_MAX];
    uint32_t n = collect(l, word, FIT_PART, found), which = 0;
    bool by_letters = !n;
    enum err_code rc;

    if (!n)
        n = collect(l, word, FIT_LETTERS, found);
    if (!n)
        return no_such(l, word, e);
    if (n > 1 || !word) {
        if (take_first)
            (void)fprintf(stderr, "warning: %u models fit; taking %s\n", n, found[0]->key);
        else if (!tty_is(0) || !tty_is(2)) /* letters in order may as well be a slip */
            return by_letters ? no_such(l, word, e) : refuse(word, found, n, e);
        else if ((rc = ask(found, n, &which, e)) != ERR_OK)
            return rc;
    }
    *out = found[which];
    return ERR_OK;
}

enum err_code choose_model(char key[CHOICE_BYTES_MAX], const char *word, bool take_first,
                           struct err *e)
{
    const struct library_model *m = NULL;
    struct library *l = NULL;
    enum err_code rc;

    if (word && strlen(word) >= CHOICE_BYTES_MAX)
        return err_set(e, ERR_ARG, "a model's name may have %u bytes", CHOICE_BYTES_MAX - 1U);
    rc = library_here(&l, e);
    if (!rc && word && library_find(l, word)) {
        (void)snprintf(key, CHOICE_BYTES_MAX, "%s", word);
    } else if (!rc) {
        rc = choose(l, word, take_first, &m, e);
        if (!rc)
            (void)snprintf(key, CHOICE_BYTES_MAX, "%s", m->key);
    }
    library_close(l);
    return rc;
}
