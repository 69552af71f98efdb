/* Calls in each kind of dialect, in the form that its models are trained on and its parser reads.
 */
#include <string.h>

#include "text/shape_int.h"

/* Some of the tools' names, each followed by what that tool's arguments are about. */
typedef uint32_t (*after_name_fn)(struct sbuild *s, const struct stool *t, uint32_t next);

static uint32_t names(struct sbuild *s, after_name_fn after, uint32_t next)
{
    uint32_t entry = GNODE_FAIL;

    for (uint32_t i = s->n_tool; i-- > 0 && !s->c.b.rc;)
        entry =
            gb_split(&s->c.b, gb_lit(&s->c.b, s->tool[i].name, after(s, &s->tool[i], next)), entry);
    return entry;
}

static uint32_t args(struct sbuild *s, const struct stool *t, uint32_t next)
{
    return gb_call(&s->c.b, t->args, next);
}

/* A loop: `node` is one round, which ends at the SPLIT; there comes another one, or next. */
static uint32_t rounds(struct sbuild *s, uint32_t next)
{
    return gb_node(&s->c.b, GN_SPLIT, GNODE_FAIL, next);
}

/* Letters, digits, _ and -, then next. */
static uint32_t id_text(struct sbuild *s, uint32_t min, uint32_t max, uint32_t next)
{
    static const struct cp_range set[] = {
        { '-', '-' }, { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' }
    };
    struct gbuild *b = &s->c.b;
    uint32_t rule = gb_rule(b), chars = gb_ranges(b, set, 5, GNODE_RET);

    gb_run(b, chars, set, 5, GNODE_RET);
    gb_rule_set(b, rule, chars);
    return gb_rep(b, rule, min, max, next);
}

/* A whole number, then next. */
static uint32_t number(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t rule = gb_rule(b);

    gb_rule_set(b, rule, gb_byte(b, '0', '9', GNODE_RET));
    return gb_split(b, gb_byte(b, '0', '0', next),
                    gb_byte(b, '1', '9', gb_rep(b, rule, 0, 8, next)));
}

/* The mark at a section's end. A model whose vocabulary has the trigger but not this one never
 * learned to write it. */
static uint32_t close_mark(struct sbuild *s, uint32_t next)
{
    const struct dialect_row *r = s->row;
    uint32_t at;

    if (!r->close)
        return next;
    at = sh_lay(s, sh_mark(s, r->close, next));
    return sh_is_token(s, r->trigger[0]) && !sh_is_token(s, r->close) ? gb_split(&s->c.b, at, next)
                                                                      : at;
}

/* ---- objects ---- */

static uint32_t json_ws(struct sbuild *s, uint32_t next)
{
    return sc_ws(&s->c, false, next);
}

/* "key": value of an id, in the spellings that are in use. */
static uint32_t id_member(struct sbuild *s, uint32_t next)
{
    static const char *const keys[] = { "\"id\"", "\"tool_call_id\"", "\"call_id\"" };
    struct gbuild *b = &s->c.b;
    uint32_t value =
        gb_split(b, gb_lit(b, "\"", id_text(s, 1, 40, gb_lit(b, "\"", next))), number(s, next));
    uint32_t at = json_ws(s, gb_lit(b, ":", json_ws(s, value))), entry = GNODE_FAIL;

    for (unsigned i = 0; i < 3; i++)
        entry = gb_split(b, entry, gb_lit(b, keys[i], at));
    return entry;
}

static uint32_t comma(struct sbuild *s, uint32_t next)
{
    return json_ws(s, gb_lit(&s->c.b, ",", json_ws(s, next)));
}

static uint32_t object_args(struct sbuild *s, const struct stool *t, uint32_t next)
{
    static const char *const keys[] = { "\"arguments\"", "\"parameters\"", "\"args\"" };
    struct gbuild *b = &s->c.b;
    uint32_t at = json_ws(s, gb_lit(b, ":", json_ws(s, args(s, t, next)))), entry = GNODE_FAIL;

    for (unsigned i = 0; i < 3; i++)
        entry = gb_split(b, entry, gb_lit(b, keys[i], at));
    return gb_lit(b, "\"", comma(s, entry));
}

uint32_t sh_bare_rest(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t close = json_ws(s, gb_lit(b, "}", next));
    uint32_t end = gb_split(b, close, comma(s, id_member(s, close)));

    return json_ws(s, gb_lit(b, ":", json_ws(s, gb_lit(b, "\"", names(s, object_args, end)))));
}

static uint32_t key_args(struct sbuild *s, const struct stool *t, uint32_t next)
{
    struct gbuild *b = &s->c.b;

    return gb_lit(b, "\"", json_ws(s, gb_lit(b, ":", json_ws(s, args(s, t, next)))));
}

static uint32_t object(struct sbuild *s, uint32_t next)
{
    static const char *const keys[] = { "\"name\"", "\"tool_name\"", "\"function_name\"" };
    struct gbuild *b = &s->c.b;
    uint32_t rest, entry = GNODE_FAIL, type;

    if (s->row->flags & DIALECT_NAME_IS_KEY)
        return gb_lit(
            b, "{",
            json_ws(s, gb_lit(b, "\"", names(s, key_args, json_ws(s, gb_lit(b, "}", next))))));
    rest = sh_bare_rest(s, next);
    for (unsigned i = 0; i < 3; i++)
        entry = gb_split(b, entry, gb_lit(b, keys[i], rest));
    type = gb_lit(b, "\"function\"", comma(s, entry));
    type = gb_lit(b, "\"type\"", json_ws(s, gb_lit(b, ":", json_ws(s, type))));
    entry = gb_split(b, entry, gb_split(b, type, id_member(s, comma(s, entry))));
    return gb_lit(b, "{", json_ws(s, entry));
}

static uint32_t object_list(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t more = rounds(s, json_ws(s, gb_lit(b, "]", next))), first = object(s, more);

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, comma(s, first));
    return gb_lit(b, "[", json_ws(s, first));
}

/* One object, or lines of them. */
static uint32_t objects(struct sbuild *s, uint32_t next)
{
    uint32_t more, first;

    if (!(s->row->flags & DIALECT_LINES) || s->p->one_call)
        return object(s, next);
    more = rounds(s, next);
    first = object(s, more);
    (void)sc_set_next(&s->c, more, gb_lit(&s->c.b, "\n", first));
    return first;
}

static uint32_t python_list(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t more = rounds(s, json_ws(s, gb_lit(b, "]", next))), first = names(s, args, more);

    if (s->row->flags & DIALECT_LINES) {
        more = rounds(s, next);
        first = names(s, args, more);
        if (!s->p->one_call)
            (void)sc_set_next(&s->c, more, gb_lit(b, "\n", first));
        return first;
    }

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, comma(s, first));
    return gb_lit(b, "[", first);
}

/* "[f" for each tool, unless another tool's name goes on from there. */
static uint32_t python_marks(struct sbuild *s, struct smark *m, uint32_t max, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t n = 0, more = rounds(s, json_ws(s, gb_lit(b, "]", next)));

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, comma(s, names(s, args, more)));
    for (uint32_t i = 0; i < s->n_tool && n < max; i++) {
        size_t len = strlen(s->tool[i].name);
        char *text = sc_new(&s->c, len + 2, 1);
        bool is_alone = true;

        for (uint32_t k = 0; k < s->n_tool; k++)
            is_alone = is_alone && (k == i || strncmp(s->tool[k].name, s->tool[i].name, len) != 0);
        if (!text || !is_alone)
            continue;
        text[0] = '[';
        memcpy(text + 1, s->tool[i].name, len);
        m[n++] = (struct smark){ text, SMARK_START, args(s, &s->tool[i], more) };
    }
    return n;
}

/* Behind one object of a bare answer. */
static uint32_t bare_more(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t more = rounds(s, next);

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, json_ws(s, gb_lit(b, ";", json_ws(s, object(s, more)))));
    return more;
}

/* Behind one object of a list. */
static uint32_t list_more(struct sbuild *s, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t more = rounds(s, json_ws(s, gb_lit(b, "]", next)));

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, comma(s, object(s, more)));
    return more;
}

uint32_t sh_bare(struct sbuild *s, uint32_t next)
{
    if (s->row->kind == DIALECT_PYTHON)
        return python_list(s, next);
    return gb_split(&s->c.b, object(s, bare_more(s, next)), object_list(s, next));
}

/* The names as lines, unless no object stands behind. */
static uint32_t line_marks(struct sbuild *s, struct smark *m, uint32_t max, uint32_t text,
                           uint32_t next)
{
    static const uint8_t others[][2] = {
        { 0, 8 }, { 11, 12 }, { 14, 31 }, { '!', 'z' }, { '|', 255 }
    };
    struct gbuild *b = &s->c.b;
    uint32_t n = 0, other = GNODE_RET;

    for (unsigned i = 0; i < 5; i++)
        other = gb_split(b, other, gb_byte(b, others[i][0], others[i][1], text));
    for (uint32_t i = 0; i < s->n_tool && n < max; i++) {
        size_t len = strlen(s->tool[i].name);
        char *mark = sc_new(&s->c, len + 2, 1);

        if (!mark)
            break;
        memcpy(mark, s->tool[i].name, len);
        mark[len] = '\n';
        m[n++] = (struct smark){ mark, SMARK_START,
                                 sh_lay(s, gb_split(b, args(s, &s->tool[i], next), other)) };
    }
    return n;
}

uint32_t sh_bare_marks(struct sbuild *s, struct smark *m, uint32_t max, uint32_t text,
                       uint32_t next)
{
    static const char *const opens[] = { "{\"name\"", "{ \"name\"", "{\n  \"name\"" };
    uint32_t n = 0;

    if (s->row->flags & DIALECT_FIRST_LINE)
        return line_marks(s, m, max, text, next);
    if (s->row->kind == DIALECT_PYTHON)
        return python_marks(s, m, max, next);
    for (unsigned i = 0; i < 3 && n < max; i++)
        m[n++] = (struct smark){ opens[i], SMARK_START, sh_bare_rest(s, bare_more(s, next)) };
    if (n < max)
        m[n++] = (struct smark){ "[{\"name\"", SMARK_START, sh_bare_rest(s, list_more(s, next)) };
    return n;
}

/* ---- a header with the name, then JSON ---- */

static uint32_t fenced_args(struct sbuild *s, const struct stool *t, uint32_t next)
{
    const struct dialect_row *r = s->row;
    struct gbuild *b = &s->c.b;
    uint32_t at = sh_lay(s, args(s, t, next));

    if (r->source && strstr(r->source, "```json"))
        at = gb_split(
            b, at, gb_lit(b, "```json", sh_lay(s, args(s, t, sh_lay(s, gb_lit(b, "```", next))))));
    return at;
}

static uint32_t after_header(struct sbuild *s, const struct stool *t, uint32_t next)
{
    const struct dialect_row *r = s->row;
    struct gbuild *b = &s->c.b;
    uint32_t value = fenced_args(s, t, next), at = sh_mark(s, r->name_end, value);

    if (r->flags & DIALECT_BRACE_ENDS)
        at = gb_split(b, at, value);
    if (r->flags & DIALECT_COUNTED)
        at = gb_lit(b, ":", number(s, at));
    else if (r->id_sep && !(r->flags & DIALECT_ID_FIRST))
        at = gb_split(b, at, sh_mark(s, r->id_sep, id_text(s, 1, 40, at)));
    return at;
}

static uint32_t named_call(struct sbuild *s, uint32_t next)
{
    const struct dialect_row *r = s->row;
    uint32_t at =
        names(s, after_header, r->call_end ? sh_lay(s, sh_mark(s, r->call_end, next)) : next);

    if (r->flags & DIALECT_COUNTED)
        at = gb_lit(&s->c.b, "functions.", at);
    if (r->flags & DIALECT_ID_FIRST)
        at = id_text(s, 1, 40, sh_mark(s, r->id_sep, at));
    return at;
}

/* ---- elements, keyword arguments, braces ---- */

static uint32_t after_xml_name(struct sbuild *s, const struct stool *t, uint32_t next)
{
    const struct dialect_row *r = s->row;
    uint32_t at = sh_mark(s, r->name_end, args(s, t, next));

    return r->flags & DIALECT_INDEXED ? sh_mark(s, r->id_sep, number(s, at)) : at;
}

static uint32_t xml_call(struct sbuild *s, uint32_t next)
{
    return names(s, after_xml_name, sh_lay(s, sh_mark(s, s->row->call_end, next)));
}

static uint32_t braces_call(struct sbuild *s, uint32_t next)
{
    return names(s, args, sh_lay(s, sh_mark(s, s->row->call_end, next)));
}

/* ---- sections ---- */

static uint32_t one_call(struct sbuild *s, uint32_t next)
{
    return s->row->kind == DIALECT_XML ? xml_call(s, next) : named_call(s, next);
}

uint32_t sh_section(struct sbuild *s, uint32_t next)
{
    const struct dialect_row *r = s->row;
    uint32_t more, first, end;

    switch (r->kind) {
    case DIALECT_JSON:
        end = close_mark(s, next);
        return sh_lay(s, gb_split(&s->c.b, object_list(s, end), objects(s, end)));
    case DIALECT_PYTHON:
        return sh_lay(s, python_list(s, close_mark(s, next)));
    case DIALECT_BRACES:
        return braces_call(s, next);
    case DIALECT_NAMED:
    case DIALECT_XML:
        if (!r->call)
            return one_call(s, next);
        more = rounds(s, close_mark(s, next));
        first = sh_lay(s, sh_mark(s, r->call, one_call(s, more)));
        if (!s->p->one_call)
            (void)sc_set_next(&s->c, more, first);
        return first;
    default:
        return GNODE_FAIL;
    }
}

uint32_t sh_call_rest(struct sbuild *s, uint32_t next)
{
    const struct dialect_row *r = s->row;
    uint32_t more = rounds(s, gb_split(&s->c.b, close_mark(s, next), next));

    if (!s->p->one_call)
        (void)sc_set_next(&s->c, more, sh_lay(s, sh_mark(s, r->call, one_call(s, more))));
    return one_call(s, more);
}

/* ---- harmony ---- */

static uint32_t after_recipient(struct sbuild *s, const struct stool *t, uint32_t next)
{
    struct gbuild *b = &s->c.b;
    uint32_t at = sh_mark(s, "<|message|>", args(s, t, next)), json = gb_lit(b, "json", at);

    json = gb_split(b, json, sh_mark(s, "<|constrain|>", json));
    at = gb_split(b, at, gb_lit(b, " ", json));
    return gb_split(b, at, sh_mark(s, "<|channel|>", gb_lit(b, "commentary", at)));
}

uint32_t sh_recipient(struct sbuild *s, uint32_t next)
{
    uint32_t end = gb_split(&s->c.b, next, sh_mark(s, "<|call|>", next));

    return names(s, after_recipient, end);
}
