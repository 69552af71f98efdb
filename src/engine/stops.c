/* Streaming search for stop strings (Knuth, Morris, Pratt 1977, one automaton a string).
 *
 * An automaton's state is the length of the longest end of the text that begins its string: the
 * longest of these is exactly what has to be held back. Stop strings and text are valid UTF-8, so
 * every cut falls between characters. */
#include "engine/stops_int.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"
#include "engine/engine.h"

#define HELD_BYTES_MAX ((size_t)1 << 24)

struct stop {
    const char *at;
    uint32_t len, matched;
    uint32_t *fail; /* [len] */
};

struct stops {
    struct arena arena;
    struct stop *stops;
    uint32_t n;
    struct buf held;
    size_t n_shown; /* of held, given out by the last call */
};

static enum err_code stop_fill(struct stops *s, struct stop *p, const char *text, struct err *e)
{
    size_t len = strnlen(text, ENGINE_STOP_BYTES_MAX + 1);

    if (len == 0)
        return err_set(e, ERR_ARG, "a stop string is empty");
    if (len > ENGINE_STOP_BYTES_MAX)
        return err_set(e, ERR_ARG, "a stop string is longer than %u bytes", ENGINE_STOP_BYTES_MAX);
    if (!utf8_valid(text, len))
        return err_set(e, ERR_ARG, "a stop string is not valid UTF-8");
    p->len = (uint32_t)len;
    p->at = arena_strndup(&s->arena, text, len);
    p->fail = arena_new_n(&s->arena, len, sizeof(*p->fail));
    if (!p->at || !p->fail)
        return err_set(e, ERR_OOM, "no memory for stop strings");
    for (uint32_t i = 1, k = 0; i < p->len; i++) {
        while (k && p->at[i] != p->at[k])
            k = p->fail[k - 1];
        k += p->at[i] == p->at[k];
        p->fail[i] = k;
    }
    return ERR_OK;
}

enum err_code stops_create(struct stops **out, const char *const *strings, uint32_t n,
                           struct err *e)
{
    struct stops *s;
    enum err_code rc = ERR_OK;

    *out = NULL;
    if (n > ENGINE_STOPS_MAX)
        return err_set(e, ERR_ARG, "%u stop strings, limit %u", n, ENGINE_STOPS_MAX);
    s = mem_alloc_zero(MEM_REQUEST, sizeof(*s));
    if (!s)
        return err_set(e, ERR_OOM, "no memory for stop strings");
    arena_init(&s->arena, MEM_REQUEST, 1024, (size_t)1 << 24);
    buf_init(&s->held, MEM_REQUEST, HELD_BYTES_MAX);
    s->stops = arena_new_n(&s->arena, n, sizeof(*s->stops));
    if (!s->stops)
        rc = err_set(e, ERR_OOM, "no memory for stop strings");
    for (uint32_t i = 0; !rc && i < n; i++) {
        rc = stop_fill(s, &s->stops[i], strings[i], e);
        s->n++;
    }
    if (rc) {
        stops_destroy(s);
        return rc;
    }
    *out = s;
    return ERR_OK;
}

void stops_destroy(struct stops *s)
{
    if (!s)
        return;
    arena_finish(&s->arena);
    buf_finish(&s->held);
    mem_free(s);
}

/* True when the stop string is complete with this byte. */
static bool stop_step(struct stop *p, char c)
{
    while (p->matched && (p->matched == p->len || p->at[p->matched] != c))
        p->matched = p->fail[p->matched - 1];
    p->matched += p->at[p->matched] == c;
    return p->matched == p->len;
}

/* The byte at `at` for all of them; the text is cut where the longest complete one begins. */
static bool stops_step(struct stops *s, size_t at, struct stops_text *out)
{
    uint32_t longest = 0;

    for (uint32_t i = 0; i < s->n; i++) {
        if (!stop_step(&s->stops[i], s->held.data[at]) || s->stops[i].len <= longest)
            continue;
        longest = s->stops[i].len;
        out->which = i;
    }
    out->len = at + 1 - longest;
    return longest > 0;
}

enum err_code stops_feed(struct stops *s, const char *text, size_t len, struct stops_text *out,
                         struct err *e)
{
    size_t at, hold = 0;

    *out = (struct stops_text){ .at = "" };
    buf_drop_front(&s->held, s->n_shown);
    s->n_shown = 0;
    at = s->held.len;
    if (!buf_add(&s->held, text, len))
        return buf_check(&s->held, "text before a stop string", e);
    for (; at < s->held.len && !out->found; at++)
        out->found = stops_step(s, at, out);
    for (uint32_t i = 0; i < s->n; i++)
        hold = max_size(hold, s->stops[i].matched);
    if (!out->found)
        out->len = s->held.len - hold;
    out->at = buf_str(&s->held);
    s->n_shown = out->len;
    return ERR_OK;
}

void stops_end(struct stops *s, struct stops_text *out)
{
    buf_drop_front(&s->held, s->n_shown);
    *out = (struct stops_text){ .at = buf_str(&s->held), .len = s->held.len };
    s->n_shown = s->held.len;
}
