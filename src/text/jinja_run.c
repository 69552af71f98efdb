/* Failure, limits, memory and output of one rendering. */
#include "text/jinja_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

static const char *construct(const struct jnode *n)
{
    static const char *const names[] = {
        [JN_OUTPUT] = "{{ }}",         [JN_IF] = "{% if %}",
        [JN_FOR] = "{% for %}",        [JN_SET] = "{% set %}",
        [JN_SETBLOCK] = "{% set %}",   [JN_MACRO] = "{% macro %}",
        [JN_CALLBLK] = "{% call %}",   [JN_FILTERBLK] = "{% filter %}",
        [JN_WITH] = "{% with %}",      [JN_GENERATE] = "{% generation %}",
        [JN_REFUSE] = "{% include %}",
    };
    const char *name = n && n->kind < COUNT_OF(names) ? names[n->kind] : NULL;

    return name ? name : "template";
}

ATTR_PRINTF(3, 0)
static void fail(struct jrun *r, enum err_code code, const char *fmt, va_list ap)
{
    char text[ERR_TEXT_BYTES];

    if (r->rc)
        return;
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    r->rc = err_set(r->e, code, "line %u: %s: %s", r->line, construct(r->at), text);
}

void jr_fail(struct jrun *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail(r, ERR_TEMPLATE, fmt, ap);
    va_end(ap);
}

void jr_limit(struct jrun *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fail(r, ERR_LIMIT, fmt, ap);
    va_end(ap);
}

int jr_cut(const struct jval *s)
{
    return (int)utf8_whole_bytes(s->u.s, min_size(s->len, 120));
}

void jr_raise(struct jrun *r, const char *text, size_t len)
{
    if (r->rc)
        return;
    len = utf8_whole_bytes(text, min_size(len, ERR_TEXT_BYTES - 1));
    r->rc = err_set(r->e, ERR_TEMPLATE, "%.*s", (int)len, text);
}

#define STEPS_PER_ASK 8192U /* well below a millisecond */

static bool goes_on(struct jrun *r)
{
    r->ask_at = r->n_step_left > STEPS_PER_ASK ? r->n_step_left - STEPS_PER_ASK : 0;
    if (stop_asked(r->stop))
        r->rc = err_set(r->e, ERR_CANCELLED, "the rendering was given up");
    return !r->rc;
}

bool jr_step(struct jrun *r, size_t n)
{
    uint64_t cost = 1 + n / 16;

    if (r->rc)
        return false;
    if (cost > r->n_step_left) {
        jr_limit(r, "more than %llu steps", (unsigned long long)r->n_step_max);
        return false;
    }
    r->n_step_left -= cost;
    return r->n_step_left > r->ask_at || goes_on(r);
}

bool jr_nest(struct jrun *r)
{
    if (r->rc)
        return false;
    if (r->n_nest == r->n_nest_max) {
        jr_limit(r, "nested more than %u levels deep", r->n_nest_max);
        return false;
    }
    r->n_nest++;
    return true;
}

void jr_unnest(struct jrun *r)
{
    r->n_nest--;
}

void *jr_new(struct jrun *r, size_t n, size_t size)
{
    size_t bytes;
    void *m;

    if (r->rc)
        return NULL;
    if (mul_size(n, size, &bytes) || bytes > r->bytes_max ||
        arena_bytes(&r->arena) + (r->out->len - r->out_base) > r->bytes_max) {
        jr_limit(r, "needs more than %zu bytes of memory", r->bytes_max);
        return NULL;
    }
    m = arena_new(&r->arena, bytes);
    if (m)
        return m;
    if (arena_bytes(&r->arena) + bytes > r->bytes_max)
        jr_limit(r, "needs more than %zu bytes of memory", r->bytes_max);
    else
        r->rc = err_set(r->e, ERR_OOM, "line %u: no memory for the template", r->line);
    return NULL;
}

void jr_write(struct jrun *r, const char *s, size_t len)
{
    if (!jr_step(r, len))
        return;
    if (r->out->len - r->out_base + len > r->bytes_max) {
        jr_limit(r, "writes more than %zu bytes", r->bytes_max);
        return;
    }
    if (len && !buf_add(r->out, s, len) && !r->rc)
        r->rc = buf_check(r->out, "the rendered template", r->e);
}

struct jval jr_take(struct jrun *r, size_t mark)
{
    size_t len = r->out->len - mark;
    struct jval v = r->rc || !len ? jv_lit("") : jv_copy(r, r->out->data + mark, len);

    if (len) {
        r->out->len = mark;
        r->out->data[mark] = '\0';
    }
    return v;
}
