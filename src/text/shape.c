/* The sentence as a whole: a thought, then what was asked for. */
#include "text/shape.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "text/shape_int.h"

#define MARKS_MAX      52U
#define BARE_MARKS_MAX 40U
#define LAY_MAX        4U

struct shape {
    struct grammar *grammar; /* NULL: free */
};

/* ---- tools ---- */

static enum err_code tool_error(struct sbuild *s, size_t i, const char *what)
{
    if (s->c.place)
        (void)snprintf(s->c.place->pointer, sizeof(s->c.place->pointer), "/%zu", i);
    return gb_fail(&s->c.b, ERR_ARG, "tool %zu: %s", i, what);
}

static enum err_code add_tool(struct sbuild *s, size_t i)
{
    const struct js *v = js_at(s->p->tools, i), *f = js_get(v, "function");
    const char *name = js_str(js_get(f ? f : v, "name"), NULL);
    const struct js *params = js_get(f ? f : v, "parameters");
    struct stool *t = &s->tool[s->n_tool];

    if (!name)
        return tool_error(s, i, "it has no name");
    if (!ds_name_ok(name, strlen(name)))
        return tool_error(s, i,
                          "its name must have 1 to 128 bytes, without blanks, quotes or brackets");
    if (s->p->choice == SHAPE_NAMED && (!s->p->name || strcmp(name, s->p->name) != 0))
        return ERR_OK;
    *t = (struct stool){ .name = name,
                         .params = js_kind(params) == JS_NULL ? NULL : params,
                         .strict = js_bool(js_get(f ? f : v, "strict")) };
    (void)snprintf(t->ptr, sizeof(t->ptr), "/%zu%s/parameters", i, f ? "/function" : "");
    s->n_tool++;
    return ERR_OK;
}

/* The form that a template knows without offering tools, where its arguments are JSON as well. */
static const struct dialect_row *other_row(const struct dialect *d)
{
    const struct dialect_row *r = d->row;
    bool is_json = r && (r->kind == DIALECT_JSON || r->kind == DIALECT_NAMED);

    unsigned without = DIALECT_ALL_TEXT | DIALECT_BARE | DIALECT_FIRST_LINE;

    return d->both && is_json && !(r->flags & without) ? r : NULL;
}

static enum err_code find_tools(struct sbuild *s)
{
    size_t n = js_len(s->p->tools);
    bool wanted = s->p->choice == SHAPE_REQUIRED || s->p->choice == SHAPE_NAMED;

    if (s->p->tools && js_kind(s->p->tools) != JS_ARR)
        return gb_fail(&s->c.b, ERR_FORMAT, "the tools must be a list");
    if (n > SHAPE_TOOLS_MAX)
        return gb_fail(&s->c.b, ERR_LIMIT, "%zu tools, limit %u", n, SHAPE_TOOLS_MAX);
    if (!n && wanted)
        return gb_fail(&s->c.b, ERR_ARG, "a call is required, but there are no tools");
    if (!n || s->p->choice == SHAPE_NONE)
        return ERR_OK;
    s->tool = sc_new(&s->c, n, sizeof(*s->tool));
    for (size_t i = 0; s->tool && i < n && !s->c.b.rc; i++)
        (void)add_tool(s, i);
    if (s->c.b.rc)
        return s->c.b.rc;
    if (!s->n_tool)
        return gb_fail(&s->c.b, ERR_ARG, "there is no tool \"%.128s\"",
                       s->p->name ? s->p->name : "");
    s->row = dialect_row_used(s->p->dialect);
    s->alt = other_row(s->p->dialect);
    if (!s->row || s->row->kind == DIALECT_NONE)
        return gb_fail(&s->c.b, ERR_UNSUPPORTED, "the model's dialect has no tool calls");
    for (uint32_t i = 0; i < s->n_tool && !s->c.b.rc; i++) {
        if (s->row->flags & DIALECT_SORTED)
            (void)sh_sort(s, &s->tool[i]);
        sh_args(s, &s->tool[i]);
    }
    return s->c.b.rc;
}

/* ---- what stands behind the thought ---- */

static bool ends_with(const struct shape_spec *p, const char *mark)
{
    size_t n = mark ? strlen(mark) : 0;

    return n && p->prompt_len >= n && memcmp(p->prompt + p->prompt_len - n, mark, n) == 0;
}

static bool is_harmony(const struct sbuild *s)
{
    const struct dialect_row *r = dialect_row_used(s->p->dialect);

    return r && r->kind == DIALECT_HARMONY;
}

/* The prompt has written the first call's trigger already. */
static bool is_begun(const struct sbuild *s)
{
    const struct dialect_row *r = dialect_row_used(s->p->dialect);

    return r && (r->flags & DIALECT_ALL_TEXT) && ends_with(s->p, r->trigger[0]);
}

static uint32_t harmony_call(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t name = sh_recipient(s, next), to = gb_lit(b, " to=functions.", name);
    uint32_t any = gb_split(b, to, gb_lit(b, " to=", name));

    return gb_split(b, to, sh_mark(s, "<|channel|>", gb_lit(b, "commentary", any)));
}

/* Marks around the answer that the parser takes away. */
static uint32_t behind_skips(struct sbuild *s, uint32_t body)
{
    uint32_t at = body;

    for (unsigned i = REASONING_SKIPS; s->think && i-- > 0;)
        if (s->think->skip[i])
            at = gb_split(&s->c.b, at, sh_mark(s, s->think->skip[i], sh_lay(s, at)));
    return at;
}

/* The end of an answer, and such marks before it. */
static uint32_t tail(struct sbuild *s)
{
    uint32_t at = GNODE_RET;

    for (unsigned i = REASONING_SKIPS; s->think && i-- > 1;)
        if (s->think->skip[i])
            at = gb_split(&s->c.b, at, sh_mark(s, s->think->skip[i], at));
    return at;
}

/* Headers of messages that go to one of the tools; first: the prompt may have begun it. */
static uint32_t behind_head(struct sbuild *s, bool first, uint32_t body)
{
    const struct reasoning_row *t = s->p->dialect->reasoning.row;
    struct gbuild *b = &s->c.b;
    uint32_t end, at = GNODE_FAIL;

    if (!t || !t->head[0])
        return body;
    end = sh_mark(s, t->head_end, body);
    for (uint32_t i = 0; i < s->n_tool && !b->rc; i++)
        at = gb_split(b, at, gb_lit(b, s->tool[i].name, end));
    at = gb_lit(b, t->head[1], at);
    if (first)
        body = gb_split(b, body, at);
    return gb_split(b, body, sh_mark(s, t->head[0], gb_lit(b, "assistant", at)));
}

/* Calls and nothing else. */
static uint32_t only_calls(struct sbuild *s)
{
    struct gbuild *b = &s->c.b;
    const struct dialect_row *r = s->row;
    uint32_t more, again, first, one;

    if (r->kind == DIALECT_HARMONY)
        return harmony_call(s, GNODE_RET);
    if (r->flags & DIALECT_BARE)
        return sh_lay(s, sh_bare(s, GNODE_RET));
    more = gb_node(b, GN_SPLIT, GNODE_FAIL, sh_lay(s, tail(s)));
    first = sh_section(s, more);
    one = sh_mark(s, r->trigger[0], first);
    again = behind_head(s, false, one);
    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, behind_skips(s, sh_lay(s, again)));
    if (r->flags & DIALECT_FIRST_LINE)
        return behind_head(s, true, first);
    return is_begun(s) ? first : sh_lay(s, behind_head(s, true, one));
}

/* In any form that is read. */
static uint32_t any_calls(struct sbuild *s)
{
    const struct dialect_row *row = s->row;
    uint32_t at = only_calls(s);

    if (!s->alt)
        return at;
    s->row = s->alt;
    at = gb_split(&s->c.b, at, only_calls(s));
    s->row = row;
    return at;
}

/* The nodes of another grammar as a rule of this one. */
static uint32_t import(struct gbuild *b, const struct grammar *g)
{
    uint32_t node = b->g->n_node, rule = b->g->n_rule, rep = b->g->n_rep;

    for (uint32_t i = 0; i < g->n_rule && !b->rc; i++) {
        uint32_t at = gb_rule(b);

        gb_rule_set(b, at, node + g->rule[i].entry);
    }
    for (uint32_t i = 0; i < g->n_node && !b->rc; i++) {
        const struct gnode *n = &g->node[i];
        uint32_t alt = n->op == GN_CALL    ? rule + n->alt
                       : n->op == GN_REP   ? rep + n->alt
                       : n->op == GN_SPLIT ? node + n->alt
                                           : n->alt;
        uint32_t at = gb_node(b, (enum gop)n->op, node + n->next, alt);

        if (at == GNODE_FAIL)
            break;
        b->g->node[at].lo = n->lo;
        b->g->node[at].hi = n->hi;
        b->g->node[at].near = (n->near ? node + n->near : 0) & GRAMMAR_NODE_MASK;
        b->g->node[at].whole = n->whole;
        if (n->set)
            gb_run(b, at, g->range + g->set[n->set].first, g->set[n->set].n, node + n->alt);
    }
    for (uint32_t i = 1; i <= g->n_set; i++) {
        if (g->set[i].whole)
            gb_whole(b, g->range + g->set[i].first, g->set[i].n);
    }
    for (uint32_t i = 0; i < g->n_rep && !b->rc; i++)
        (void)gb_rep_add(b, rule + g->rep[i].rule, g->rep[i].lo, g->rep[i].hi);
    b->g->has_tokens = b->g->has_tokens || g->has_tokens;
    return rule;
}

/* The answer's text, held to what was asked for. */
static uint32_t value(struct sbuild *s, uint32_t next)
{
    struct sctx *c = &s->c;
    struct schs list = { 0 };
    struct grammar *g = NULL;

    if (s->p->schema) {
        sc_add(c, &list, sc_root(c, s->p->schema, "", s->p->mode));
        s->rule_value = sc_rule(c, &list, false);
    } else if (!c->b.rc) {
        c->b.rc = gbnf_compile(&g, s->p->gbnf, s->p->gbnf_len, c->b.cost, c->e);
        s->rule_value = g ? import(&c->b, g) : 0;
        grammar_close(g);
    }
    return c->b.rc ? GNODE_FAIL : gb_call(&c->b, s->rule_value, next);
}

static uint32_t held_value(struct sbuild *s)
{
    struct gbuild *b = &s->c.b;
    uint32_t at = value(s, tail(s)), lead;

    if (is_harmony(s)) {
        at = sh_mark(s, "<|message|>", at);
        lead = gb_lit(
            b, " ",
            gb_split(b, gb_lit(b, "json", at), sh_mark(s, "<|constrain|>", gb_lit(b, "json", at))));
        at = sh_mark(s, "<|channel|>", gb_lit(b, "final", gb_split(b, at, lead)));
    } else if (is_begun(s)) {
        at = gb_lit(b, "all\n", at);
    }
    return at;
}

/* ---- thoughts ---- */

static bool in_thought(const struct sbuild *s)
{
    return reasoning_is_open(&s->p->dialect->reasoning, s->p->prompt, s->p->prompt_len);
}

/* The rest of a thought, then next. */
static uint32_t thought(struct sbuild *s, uint32_t end, uint32_t next)
{
    struct smark m[] = { { s->think->close, SMARK_ANYWHERE, next },
                         { s->think->skip_ends ? s->think->skip[0] : NULL, SMARK_ANYWHERE, next },
                         { "<|channel|>", SMARK_ANYWHERE, GNODE_FAIL },
                         { "<|start|>", SMARK_ANYWHERE, GNODE_FAIL },
                         { "<|return|>", SMARK_ANYWHERE, GNODE_FAIL },
                         { "<|call|>", SMARK_ANYWHERE, GNODE_FAIL } };

    return sh_text(s, m, is_harmony(s) ? 6 : 2, end); /* nothing else ends such a message */
}

static uint32_t held(struct sbuild *s, uint32_t body)
{
    struct gbuild *b = &s->c.b;
    uint32_t after, start;

    if (is_begun(s))
        return body;
    body = behind_skips(s, body);
    if (!s->think)
        return body;
    if (is_harmony(s)) { /* any number of messages to itself */
        start = gb_node(b, GN_SPLIT, GNODE_FAIL, body);
        after = thought(s, GNODE_FAIL, sh_mark(s, "<|start|>", gb_lit(b, "assistant", start)));
        (void)sc_set_next(&s->c, start, sh_mark(s, s->think->open, after));
        return in_thought(s) ? after : start;
    }
    after = thought(s, GNODE_FAIL, sh_lay(s, body));
    if (in_thought(s))
        return after;
    if (s->think->bare_close)
        body = gb_split(b, body, sh_mark(s, s->think->close, body));
    return gb_split(b, body, sh_lay(s, sh_mark(s, s->think->open, after)));
}

/* ---- free text with calls in it ---- */

static uint32_t add_thought(struct sbuild *s, struct smark *m, uint32_t n, uint32_t start)
{
    if (!s->think)
        return n;
    m[n++] = (struct smark){ s->think->open, SMARK_START, thought(s, GNODE_RET, start) };
    for (unsigned i = 0; i < REASONING_SKIPS; i++)
        if (s->think->skip[i])
            m[n++] = (struct smark){ s->think->skip[i], SMARK_ANYWHERE, start };
    return n;
}

/* A trigger right behind a message's header; NULL: there are none. */
static const char *behind_header(struct sbuild *s)
{
    const char *end = s->p->dialect->reasoning.row ? s->p->dialect->reasoning.row->head_end : NULL;
    const char *trigger = s->row->trigger[0];
    char *text = end ? sc_new(&s->c, strlen(end) + strlen(trigger) + 1, 1) : NULL;

    if (!text)
        return NULL;
    memcpy(text, end, strlen(end));
    memcpy(text + strlen(end), trigger, strlen(trigger));
    return text;
}

static uint32_t add_triggers(struct sbuild *s, struct smark *m, uint32_t n, uint32_t section,
                             uint32_t after_call)
{
    const struct dialect_row *r = s->row;

    for (unsigned i = 0; i < DIALECT_TRIGGERS && r->trigger[i]; i++) {
        bool is_call =
            i > 0 && r->call && r->kind != DIALECT_JSON && strcmp(r->trigger[i], r->call) == 0;

        m[n++] = (struct smark){ r->trigger[i],
                                 (r->flags & DIALECT_START_ONLY)   ? SMARK_LINE
                                 : (r->flags & DIALECT_FIRST_ONLY) ? SMARK_START
                                                                   : SMARK_ANYWHERE,
                                 is_call ? sh_call_rest(s, after_call) : section };
    }
    return n;
}

/* Text from `start` (its first node is set here) with calls; where it is not `later`, the first
 * thing may be a bare call. */
static void text_from(struct sbuild *s, uint32_t start, uint32_t later, uint32_t after_call)
{
    const struct dialect_row *r = s->row;
    struct gbuild *b = &s->c.b;
    struct smark m[MARKS_MAX];
    uint32_t n = 0, section = sh_section(s, after_call);

    if (r->flags & DIALECT_ALL_TEXT)
        section = gb_split(b, gb_lit(b, "all\n", start), section);
    if (r->flags & DIALECT_FIRST_LINE)
        section = gb_split(b, gb_lit(b, "\n", start), section);
    n = add_triggers(s, m, n, section, after_call);
    if (s->alt) {
        s->row = s->alt;
        n = add_triggers(s, m, n, sh_section(s, after_call), after_call);
        s->row = r;
    }
    if (r->flags & DIALECT_FIRST_ONLY)
        m[n++] = (struct smark){ behind_header(s), SMARK_ANYWHERE, section };
    if (start != later)
        n += sh_bare_marks(s, m + n, BARE_MARKS_MAX, later, after_call);
    n = add_thought(s, m, n, start);
    (void)sc_set_next(&s->c, start, sh_text(s, m, n, GNODE_RET));
}

/* Messages: a recipient in a header makes it a call. */
static uint32_t harmony_text(struct sbuild *s)
{
    struct gbuild *b = &s->c.b;
    uint32_t start = gb_node(b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL), header;
    uint32_t to = sh_recipient(s, s->p->one_call ? GNODE_RET : start);
    struct smark in_header[] = { { "<|message|>", SMARK_ANYWHERE, start },
                                 { "to=", SMARK_ANYWHERE,
                                   gb_split(b, to, gb_lit(b, "functions.", to)) } };
    struct smark in_text[] = { { "<|channel|>", SMARK_ANYWHERE, GNODE_FAIL },
                               { "<|start|>", SMARK_ANYWHERE, GNODE_FAIL },
                               { " to=functions.", SMARK_START, to } };

    header = sh_text(s, in_header, 2, GNODE_RET);
    in_text[0].to = in_text[1].to = header;
    (void)sc_set_next(&s->c, start, sh_text(s, in_text, 3, GNODE_RET));
    return start;
}

static uint32_t free_answer(struct sbuild *s)
{
    struct gbuild *b = &s->c.b;
    uint32_t start, later, after;

    if (s->row->kind == DIALECT_HARMONY)
        return harmony_text(s);
    start = later = gb_node(b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL);
    /* only the first thing of an answer may be bare */
    if (s->row->flags & (DIALECT_BARE | DIALECT_FIRST_LINE))
        start = gb_node(b, GN_SPLIT, GNODE_FAIL, GNODE_FAIL);
    after = s->row->flags & DIALECT_FIRST_LINE ? start : later; /* or behind a call */
    after = s->p->one_call ? GNODE_RET : after;
    if (start != later)
        text_from(s, start, later, after);
    text_from(s, later, later, after);
    if (is_begun(s))
        return gb_split(b, gb_lit(b, "all\n", later),
                        sh_section(s, s->p->one_call ? GNODE_RET : later));
    if (s->think && in_thought(s))
        return thought(s, GNODE_RET, start);
    return start;
}

/* ---- the door ---- */

static void know_row(struct sbuild *s, const struct dialect_row *r)
{
    const char *const marks[] = { r->close, r->call,    r->call_end, r->id_sep, r->name_end,
                                  r->arg,   r->key_end, r->val,      r->val_end };

    for (unsigned i = 0; i < DIALECT_TRIGGERS; i++)
        sh_know(s, r->trigger[i]);
    for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        sh_know(s, marks[i]);
    for (unsigned i = 0; i < DIALECT_TYPES; i++)
        sh_know(s, r->types[i]);
}

static void know_marks(struct sbuild *s)
{
    static const char *const harmony[] = { "<|channel|>",   "<|start|>", "<|message|>",
                                           "<|constrain|>", "<|end|>",   "<|call|>" };
    const struct dialect_row *r = dialect_row_used(s->p->dialect);
    const struct reasoning_row *t = s->p->dialect->reasoning.row;

    if (r)
        know_row(s, r);
    if (other_row(s->p->dialect))
        know_row(s, other_row(s->p->dialect));
    for (unsigned i = 0; is_harmony(s) && i < sizeof(harmony) / sizeof(harmony[0]); i++)
        sh_know(s, harmony[i]);
    if (!t)
        return;
    sh_know(s, t->open);
    sh_know(s, t->close);
    for (unsigned i = 0; i < REASONING_SKIPS; i++)
        sh_know(s, t->skip[i]);
    sh_know(s, t->head[0]);
    sh_know(s, t->head_end);
}

static void layout_rule(struct sbuild *s)
{
    struct gbuild *b = &s->c.b;
    uint32_t blank = gb_rule(b);

    gb_rule_set(b, blank, gb_split(b, gb_lit(b, " ", GNODE_RET), gb_lit(b, "\n", GNODE_RET)));
    s->rule_lay = gb_rule(b);
    gb_rule_set(b, s->rule_lay, gb_rep(b, blank, 0, LAY_MAX, GNODE_RET));
}

static void build(struct sbuild *s)
{
    bool has_value = s->p->schema || s->p->gbnf;
    bool wanted = s->p->choice == SHAPE_REQUIRED || s->p->choice == SHAPE_NAMED;
    struct gbuild *b = &s->c.b;
    uint32_t root;

    if (s->p->reasoning || in_thought(s))
        s->think = s->p->dialect->reasoning.row;
    know_marks(s);
    layout_rule(s);
    if (find_tools(s) || (!s->n_tool && !has_value))
        return;
    if (wanted)
        root = held(s, any_calls(s));
    else if (has_value)
        root = held(s, s->n_tool ? gb_split(b, held_value(s), any_calls(s)) : held_value(s));
    else
        root = free_answer(s);
    gb_rule_set(b, 0, root);
    sc_fill(&s->c);
}

static enum err_code mark_tokens(struct sbuild *s)
{
    struct grammar *g = s->c.b.g;

    if (!s->n_mark)
        return ERR_OK;
    g->mark = mem_alloc_n(MEM_REQUEST, s->n_mark, sizeof(*g->mark));
    if (!g->mark)
        return gb_fail(&s->c.b, ERR_OOM, "no memory for a grammar");
    memcpy(g->mark, s->mark, s->n_mark * sizeof(*g->mark));
    g->n_mark = s->n_mark;
    g->has_tokens = true;
    return ERR_OK;
}

/* A tool whose arguments contradict each other could never be called, a schema that does so never
 * be answered. */
static enum err_code check_parts(struct sbuild *s, struct err *e)
{
    const struct grule *rule = s->c.b.g->rule;

    char what[256];

    if (s->rule_value && !rule[s->rule_value].live)
        return sc_contradiction(&s->c, "no answer can satisfy the schema", e);
    for (uint32_t i = 0; i < s->n_tool; i++) {
        if (rule[s->tool[i].args].live)
            continue;
        (void)snprintf(s->c.place->pointer, sizeof(s->c.place->pointer), "%s", s->tool[i].ptr);
        (void)snprintf(what, sizeof(what), "tool \"%.128s\": no arguments are possible",
                       s->tool[i].name);
        return sc_contradiction(&s->c, what, e);
    }
    return ERR_OK;
}

static enum err_code check(struct sbuild *s, struct err *e)
{
    enum err_code rc = grammar_check(s->c.b.g, s->c.b.cost, e), part = ERR_OK;

    if (!rc || rc == ERR_ARG)
        part = check_parts(s, e);
    rc = part ? part : rc;
    return rc ? rc : mark_tokens(s);
}

/* Strings of JSON must not contain the marks of calls: a character of those is escaped there. */
static char escaped_char(const struct shape_spec *p)
{
    const struct dialect_row *r = dialect_row_used(p->dialect);
    bool calls = r && p->tools && p->choice != SHAPE_NONE;
    const char *mark = calls && r->trigger[0] ? r->trigger[0] : "";

    if (!calls || (r->kind != DIALECT_XML && !p->schema))
        return '\0';
    return strchr(mark, '<') ? '<' : strchr(mark, '[') ? '[' : '\0';
}

static enum err_code compile(struct grammar **out, const struct shape_spec *p,
                             const struct sskips *skips, struct gcost *cost,
                             struct grammar_place *place, struct err *e)
{
    struct sbuild s = { .c = { .place = place, .skips = skips, .escape = escaped_char(p) },
                        .p = p };
    enum err_code rc;
    bool is_free;

    place->pointer[0] = '\0';
    if (!sc_begin(&s.c, cost, e))
        build(&s);
    is_free = !s.n_tool && !p->schema && !p->gbnf;
    if (!s.c.b.rc && !is_free)
        s.c.b.rc = check(&s, e);
    for (uint32_t i = 0; i < s.n_tool; i++)
        js_close(s.tool[i].own);
    sc_finish(&s.c);
    rc = gb_end(&s.c.b, out);
    if (!rc && is_free) {
        grammar_close(*out);
        *out = NULL;
    }
    return rc;
}

/* Whether what stands at this place may be passed over: it is in a tool that is not strict, or in a
 * schema that is read laxly. */
static bool may_skip(const struct shape_spec *p, const struct grammar_place *place)
{
    const char *k = place->pointer + 1;
    size_t i = 0;
    const struct js *v, *f;

    if (*place->pointer != '/' || *k < '0' || *k > '9')
        return p->mode == SCHEMA_LAX;
    while (*k >= '0' && *k <= '9' && i < SHAPE_TOOLS_MAX)
        i = i * 10 + (size_t)(*k++ - '0');
    v = js_at(p->tools, i);
    f = js_get(v, "function");
    return !js_bool(js_get(f ? f : v, "strict"));
}

enum err_code shape_open(struct shape **out, const struct shape_spec *p,
                         struct grammar_place *place, struct err *e)
{
    struct gcost cost = { .stop = p->stop };
    struct grammar_place own, *at = place ? place : &own;
    struct sskips *skips = NULL;
    enum err_code rc;

    *out = mem_alloc_zero(MEM_REQUEST, sizeof(**out));
    if (!*out)
        return err_set(e, ERR_OOM, "no memory for an answer's shape");
    rc = compile(&(*out)->grammar, p, NULL, &cost, at, e);
    while (rc == ERR_UNSUPPORTED && *at->pointer) {
        if (!skips)
            skips = mem_alloc_zero(MEM_REQUEST, sizeof(*skips));
        if (!skips || !may_skip(p, at) || !sskips_add(skips, at))
            break;
        rc = compile(&(*out)->grammar, p, skips, &cost, at, e);
    }
    if (rc && !place)
        sc_say_place(at, e);
    sskips_tell(skips, rc, p->skipped);
    mem_free(skips);
    if (rc) {
        shape_close(*out);
        *out = NULL;
    }
    return rc;
}

void shape_close(struct shape *s)
{
    if (!s)
        return;
    grammar_close(s->grammar);
    mem_free(s);
}

const struct grammar *shape_grammar(const struct shape *s)
{
    return s->grammar;
}
