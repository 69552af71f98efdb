/* From a schema to a grammar: rules, one for every conjunction of schema nodes, made when first
 * asked for and filled from a queue, so that recursion in a schema is recursion of rules. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/schema_int.h"

enum err_code sc_fail(struct sctx *c, enum err_code rc, const char *ptr, const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list ap;

    if (c->b.rc)
        return c->b.rc;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (c->place)
        (void)snprintf(c->place->pointer, sizeof(c->place->pointer), "%s",
                       *ptr || !c->where ? ptr : c->where);
    return gb_fail(&c->b, rc, "%s", text);
}

void *sc_new(struct sctx *c, size_t n, size_t size)
{
    void *p = arena_new_n(&c->a, n ? n : 1, size);

    if (!p && arena_starved(&c->a))
        (void)sc_fail(c, ERR_OOM, "", "no memory to compile the schema");
    else if (!p)
        (void)sc_fail(c, ERR_LIMIT, "", "the schema needs too much memory to compile");
    return p;
}

bool sc_work(struct sctx *c, uint64_t n)
{
    c->work += n;
    if (c->work > SCHEMA_WORK_MAX)
        (void)sc_fail(c, ERR_LIMIT, "", "the schema has too many combinations to compile");
    return gb_spend(&c->b, n);
}

struct sch *sc_sch(struct sctx *c, const char *ptr)
{
    struct sch *s = c->n_sch < SCHEMA_NODES_MAX ? sc_new(c, 1, sizeof(*s)) : NULL;

    if (!s) {
        (void)sc_fail(c, ERR_LIMIT, ptr, "more than %u schemas", SCHEMA_NODES_MAX);
        return c->none;
    }
    s->id = c->n_sch++;
    s->ptr = ptr;
    s->types = ST_ALL;
    s->max_len = s->max_items = s->max_props = s->max_contains = SCHEMA_NO_MAX;
    s->min_contains = 1;
    return s;
}

void sc_add(struct sctx *c, struct schs *list, struct sch *s)
{
    if (list->n == list->cap) {
        uint32_t cap = list->cap ? list->cap * 2 : 4;
        struct sch **at = sc_new(c, cap, sizeof(struct sch *));

        if (!at)
            return;
        if (list->n)
            memcpy(at, list->at, list->n * sizeof(struct sch *));
        list->at = at;
        list->cap = cap;
    }
    list->at[list->n++] = s;
}

bool skey_eq(struct skey a, struct skey b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

uint32_t sc_set_next(struct sctx *c, uint32_t split, uint32_t next)
{
    if (!c->b.rc)
        c->b.g->node[split].next = next;
    return split;
}

uint32_t sc_ws(struct sctx *c, bool canonical, uint32_t next)
{
    return canonical ? next : gb_call(&c->b, c->rule_ws, next);
}

/* ---- rules ---- */

static int by_id(const void *a, const void *b)
{
    const struct sch *x = *(struct sch *const *)a, *y = *(struct sch *const *)b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static void tidy(struct sctx *c, const struct schs *in, struct schs *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < in->n; i++) {
        if (in->at[i] != c->any)
            sc_add(c, out, in->at[i]);
    }
    if (out->n > 1)
        qsort(out->at, out->n, sizeof(struct sch *), by_id);
    for (uint32_t i = 0; i < out->n; i++) {
        if (n == 0 || out->at[n - 1] != out->at[i])
            out->at[n++] = out->at[i];
    }
    out->n = n;
}

uint32_t sc_rule(struct sctx *c, const struct schs *list, bool canonical)
{
    struct schs key = { 0 };
    uint64_t h = canonical;
    struct smemo *m;

    c->n_asked++;
    tidy(c, list, &key);
    for (uint32_t i = 0; i < key.n; i++)
        h = (h ^ (key.at[i]->id + 1)) * 0x9E3779B97F4A7C15ULL;
    h = (h ^ h >> 32) % SMEMO_BUCKETS;
    for (m = c->rules[h]; m; m = m->chain) {
        if (m->list.n == key.n && m->canonical == canonical &&
            (key.n == 0 || memcmp(m->list.at, key.at, key.n * sizeof(struct sch *)) == 0))
            return m->rule;
    }
    m = sc_new(c, 1, sizeof(*m));
    if (!m || !sc_work(c, 1 + key.n))
        return 0;
    *m = (struct smemo){ .chain = c->rules[h], .list = key, .canonical = canonical };
    m->rule = gb_rule(&c->b);
    c->rules[h] = m;
    *c->todo_end = m;
    c->todo_end = &m->next_todo;
    return m->rule;
}

/* The nodes for one alternative. */
static uint32_t emit_flat(struct sctx *c, const struct sflat *f, bool canonical)
{
    struct gbuild *b = &c->b;
    uint32_t entry = GNODE_FAIL, n;

    if (sflat_has_enum(f)) {
        const struct js **v = sflat_values(c, f, &n);

        if (n > SCHEMA_VALUES_MAX)
            (void)sc_fail(c, ERR_LIMIT, f->atom[0]->ptr, "%u values to choose from, limit %u", n,
                          SCHEMA_VALUES_MAX);
        return b->rc ? GNODE_FAIL : sc_literals(c, v, n, canonical, GNODE_RET);
    }
    if (f->types & ST_OBJ)
        entry = gb_split(b, entry, sc_object(c, f, canonical, GNODE_RET));
    if (f->types & ST_ARR)
        entry = gb_split(b, entry, sc_array(c, f, canonical, GNODE_RET));
    if (f->types & ST_STR)
        entry = gb_split(b, entry, sc_string(c, f, canonical, GNODE_RET));
    if (f->types & ST_NUM)
        entry = gb_split(b, entry, sc_number(c, f, canonical, GNODE_RET));
    if (f->types & ST_TRUE)
        entry = gb_split(b, entry, gb_lit(b, "true", GNODE_RET));
    if (f->types & ST_FALSE)
        entry = gb_split(b, entry, gb_lit(b, "false", GNODE_RET));
    if (f->types & ST_NULL)
        entry = gb_split(b, entry, gb_lit(b, "null", GNODE_RET));
    return entry;
}

void sc_fill(struct sctx *c)
{
    for (struct smemo *m = c->todo; m && !c->b.rc; m = m->next_todo) {
        struct sflats flats = { 0 };
        uint32_t entry = GNODE_FAIL, asked = c->n_asked;

        c->where = m->list.n ? m->list.at[m->list.n - 1]->ptr : "";
        if (!sc_expand(c, &m->list, &flats))
            return;
        for (uint32_t i = 0; i < flats.n && !c->b.rc; i++)
            entry = gb_split(&c->b, entry, emit_flat(c, &flats.at[i], m->canonical));
        gb_rule_set(&c->b, m->rule, entry);
        m->is_leaf = c->n_asked == asked;
    }
}

/* Where a schema without any value contradicts itself: the first rule that needs no other. */
enum err_code sc_contradiction(const struct sctx *c, const char *what, struct err *e)
{
    for (const struct smemo *m = c->todo; m && c->place; m = m->next_todo) {
        if (!m->is_leaf || m->list.n == 0 || c->b.g->rule[m->rule].live)
            continue;
        (void)snprintf(c->place->pointer, sizeof(c->place->pointer), "%s",
                       m->list.at[m->list.n - 1]->ptr);
        break;
    }
    return err_set(e, ERR_ARG, "%.300s%s", what,
                   c->place && !*c->place->pointer ? ", at the root" : "");
}

/* One character within quotes, in any spelling. */
static uint32_t json_char(struct sctx *c, uint32_t next)
{
    static const struct cp_range hex[] = { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } };
    static const struct cp_range not_d[] = {
        { '0', '9' }, { 'A', 'C' }, { 'E', 'F' }, { 'a', 'c' }, { 'e', 'f' }
    };
    static const struct cp_range high[] = { { '8', '9' }, { 'A', 'B' }, { 'a', 'b' } };
    static const struct cp_range low[] = { { 'C', 'F' }, { 'c', 'f' } };
    static const struct cp_range d[] = { { 'D', 'D' }, { 'd', 'd' } };
    struct cp_range plain[SCHEMA_PLAIN_MAX];
    size_t n_plain = sc_plain_chars(c, plain);
    struct gbuild *b = &c->b;
    uint32_t chars;
    uint32_t h2 = gb_ranges(b, hex, 3, gb_ranges(b, hex, 3, next)), h3 = gb_ranges(b, hex, 3, h2);
    uint32_t second = gb_lit(b, "\\u", gb_ranges(b, d, 2, gb_ranges(b, low, 2, h2)));
    uint32_t pair = gb_ranges(b, high, 3, gb_ranges(b, hex, 3, gb_ranges(b, hex, 3, second)));
    uint32_t escape = gb_split(b, gb_ranges(b, not_d, 5, h3),
                               gb_ranges(b, d, 2, gb_split(b, gb_range(b, '0', '7', h2), pair)));

    escape = gb_byte(b, 'u', 'u', escape);
    for (const char *k = "\"\\/bfnrt"; *k; k++)
        escape = gb_split(b, escape, gb_byte(b, (uint8_t)*k, (uint8_t)*k, next));
    chars = gb_ranges(b, plain, n_plain, next);
    gb_run(b, chars, plain, n_plain, next);
    return gb_split(b, chars, gb_byte(b, '\\', '\\', escape));
}

/* White space between tokens; a character; a whole string, which is one rule for all free ones, so
 * that they share their mask. */
static void basic_rules(struct sctx *c)
{
    struct gbuild *b = &c->b;
    uint32_t blank = gb_rule(b), loop;

    gb_rule_set(b, blank, gb_split(b, gb_lit(b, " ", GNODE_RET), gb_lit(b, "\t", GNODE_RET)));
    c->rule_ws = gb_rule(b);
    gb_rule_set(b, c->rule_ws,
                gb_split(b, GNODE_RET,
                         gb_split(b, gb_lit(b, " ", GNODE_RET),
                                  gb_lit(b, "\n", gb_rep(b, blank, 0, 24, GNODE_RET)))));
    c->rule_char = gb_rule(b);
    gb_rule_set(b, c->rule_char, json_char(c, GNODE_RET));
    c->rule_string = gb_rule(b);
    loop = gb_node(b, GN_SPLIT, GNODE_FAIL, gb_lit(b, "\"", GNODE_RET));
    (void)sc_set_next(c, loop, json_char(c, loop));
    gb_rule_set(b, c->rule_string, gb_lit(b, "\"", loop));
}

enum err_code sc_begin(struct sctx *c, struct gcost *cost, struct err *e)
{
    arena_init(&c->a, MEM_REQUEST, 256U * 1024U, SCHEMA_BYTES_MAX);
    if (gb_begin(&c->b, cost, e))
        return c->b.rc;
    c->e = e;
    c->todo_end = &c->todo;
    c->parsed = sc_new(c, SMEMO_BUCKETS, sizeof(struct smemo *));
    c->rules = sc_new(c, SMEMO_BUCKETS, sizeof(struct smemo *));
    c->none = sc_new(c, 1, sizeof(struct sch));
    if (c->b.rc)
        return c->b.rc;
    *c->none = (struct sch){ .ptr = "" };
    c->n_sch = 1;
    c->none->min_contains = 1;
    c->any = sc_sch(c, "");
    basic_rules(c);
    return c->b.rc;
}

struct sch *sc_root(struct sctx *c, const struct js *schema, const char *ptr, enum schema_mode mode)
{
    const char *version = js_str(js_get(schema, "$schema"), NULL);

    c->root = schema;
    c->root_ptr = ptr;
    c->resources = NULL;
    c->anchors = NULL;
    c->walked = NULL;
    c->mode = mode;
    c->is_old = version && strstr(version, "/draft-0");
    c->is_2019 = version && strstr(version, "/2019-09/");
    return sc_parse(c, schema, ptr, schema);
}

void sc_finish(struct sctx *c)
{
    js_close(c->bound);
    arena_finish(&c->a);
}

bool sskips_add(struct sskips *s, const struct grammar_place *place)
{
    size_t len = strlen(place->pointer);

    if (s->n == SCHEMA_SKIPS_MAX || len + 1 == sizeof(place->pointer))
        return false; /* cut off: what it names is not known */
    for (uint32_t i = 0; i < s->n; i++) {
        if (strcmp(s->at[i], place->pointer) == 0)
            return false;
    }
    memcpy(s->at[s->n++], place->pointer, len + 1);
    return true;
}

void sc_say_place(const struct grammar_place *place, struct err *e)
{
    struct err why = { 0 };

    if (!e || !*place->pointer)
        return;
    why = *e;
    (void)err_set(e, why.code, "%.300s, at %.150s", why.text, place->pointer);
}

void sskips_tell(const struct sskips *s, enum err_code rc, struct buf *out)
{
    for (uint32_t i = 0; s && !rc && out && i < s->n; i++)
        (void)buf_addf(out, "%s%s", out->len ? ", " : "", s->at[i]);
}

static enum err_code compile(struct grammar **out, const struct js *schema, enum schema_mode mode,
                             const struct sskips *skips, struct gcost *cost,
                             struct grammar_place *place, struct err *e)
{
    struct sctx c = { .place = place, .skips = skips };
    struct schs list = { 0 };

    place->pointer[0] = '\0';
    if (!sc_begin(&c, cost, e)) {
        sc_add(&c, &list, sc_root(&c, schema, "", mode));
        if (!c.b.rc) {
            gb_rule_set(&c.b, 0, gb_call(&c.b, sc_rule(&c, &list, false), GNODE_RET));
            sc_fill(&c);
        }
    }
    if (!c.b.rc) {
        c.b.rc = grammar_check(c.b.g, cost, e);
        if (c.b.rc == ERR_ARG)
            (void)sc_contradiction(&c, "no text can satisfy these constraints", e);
    }
    sc_finish(&c);
    return gb_end(&c.b, out);
}

enum err_code grammar_of_schema_as(struct grammar **out, const struct js *schema,
                                   enum schema_mode mode, const struct stop_ask *stop,
                                   struct buf *skipped, struct grammar_place *place, struct err *e)
{
    struct gcost cost = { .stop = stop };
    struct grammar_place own, *at = place ? place : &own;
    struct sskips *skips = NULL;
    enum err_code rc = compile(out, schema, mode, NULL, &cost, at, e);

    if (rc == ERR_UNSUPPORTED && mode == SCHEMA_LAX)
        skips = mem_alloc_zero(MEM_REQUEST, sizeof(*skips));
    while (skips && rc == ERR_UNSUPPORTED && sskips_add(skips, at))
        rc = compile(out, schema, mode, skips, &cost, at, e);
    if (rc && !place)
        sc_say_place(at, e);
    sskips_tell(skips, rc, skipped);
    mem_free(skips);
    return rc;
}

enum err_code grammar_of_schema(struct grammar **out, const struct js *schema,
                                struct grammar_place *place, struct err *e)
{
    return grammar_of_schema_as(out, schema, SCHEMA_PLAIN, NULL, NULL, place, e);
}
