/* Which dialect a template speaks: probes first, its text second. */
#include <string.h>

#include "base/jsonw.h"
#include "text/dialect_int.h"

#define PROBE_BYTES_MAX (1U << 20)

static const struct tmpl_limits limits = { .n_step = 200000, .bytes = 8U << 20 };

#define TOOL                                                                                       \
    "{\"type\":\"function\",\"function\":{\"name\":\"probe_tool\",\"description\":\"Probes.\","    \
    "\"parameters\":{\"type\":\"object\",\"properties\":{\"probe_arg\":{\"type\":\"string\","      \
    "\"description\":\"A word.\"}},\"required\":[\"probe_arg\"]}}}"
#define USER     "{\"role\":\"user\",\"content\":\"Hello.\"}"
#define GENERATE ",\"add_generation_prompt\":true"
#define SYSTEM   "{\"role\":\"system\",\"content\":\"Be brief.\"},"
#define CALL_BEGIN                                                                                 \
    ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"call00001\","             \
    "\"type\":\"function\",\"function\":{\"name\":\"probe_tool\",\"arguments\":"
#define COUNTED_BEGIN                                                                              \
    ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"functions.probe_tool:"    \
    "0\","                                                                                         \
    "\"type\":\"function\",\"function\":{\"name\":\"probe_tool\",\"arguments\":"
#define CALL_END "}}]}"
#define RESULT                                                                                     \
    ",{\"role\":\"tool\",\"tool_call_id\":\"call00001\",\"name\":\"probe_tool\","                  \
    "\"content\":\"probe_result\"}"
#define CALL_TURN                                                                                  \
    ",{\"role\":\"assistant\",\"metadata\":\"probe_tool\","                                        \
    "\"content\":" ARGS_TEXT "}"
#define RESULT_TURN ",{\"role\":\"observation\",\"content\":\"probe_result\"}"
#define ARGS_OBJECT "{\"probe_arg\":\"probe_value\"}"
#define ARGS_TEXT   "\"{\\\"probe_arg\\\": \\\"probe_value\\\"}\""

struct probe {
    const struct tmpl *t;
    unsigned offers;
    bool starved; /* memory was refused: what was learned is worth nothing */
};

/* A system message that brings the tools. */
static const char *offer_message(const struct probe *p)
{
    if (p->offers & DIALECT_OFFER_MESSAGE)
        return "{\"role\":\"system\",\"content\":\"\",\"tools\":[" TOOL "]},";
    if (p->offers & DIALECT_OFFER_SPEC)
        return "{\"role\":\"system\",\"content\":\"\",\"tools\":\"[probe_tool]\"},";
    return "";
}

/* Renders messages (the inside of the list) with more members; false: the template refuses. */
static bool render(struct probe *p, const char *messages, const char *more, bool tools,
                   struct buf *out)
{
    struct buf json;
    struct js *context = NULL;
    enum err_code rc;

    buf_clear(out);
    buf_init(&json, MEM_OTHER, PROBE_BYTES_MAX);
    (void)buf_addf(&json,
                   "{\"messages\":[%s%s],\"tools\":%s,\"bos_token\":\"<s>\",\"eos_token\":\"</s>\""
                   "%s%s}",
                   tools ? offer_message(p) : "", messages, tools ? "[" TOOL "]" : "null",
                   !(p->offers & DIALECT_OFFER_TEXT) ? ""
                   : tools ? ",\"functions\":\"[probe_tool]\",\"datetime\":\"now\""
                           : ",\"functions\":\"[]\",\"datetime\":\"now\"",
                   more);
    rc = json.failed ? ERR_OOM : js_parse(&context, json.data, json.len, NULL);
    if (!rc)
        rc = tmpl_render(p->t, context, 1700000000, 0, &limits, out, NULL);
    js_close(context);
    buf_finish(&json);
    p->starved = p->starved || rc == ERR_OOM;
    return rc == ERR_OK && !out->failed;
}

/* ---- does a row read the probe's call? ---- */

struct seen {
    struct buf args;
    unsigned n_call, n_other;
};

static void on_probe(void *arg, const struct dialect_event *ev)
{
    struct seen *seen = arg;

    if (ev->kind == DIALECT_CALL_BEGIN && strcmp(ev->name, "probe_tool") != 0)
        seen->n_other++;
    if (ev->kind == DIALECT_CALL_ARGS)
        (void)buf_add(&seen->args, ev->text, ev->len);
    seen->n_call += ev->kind == DIALECT_CALL_END;
    seen->n_other += ev->kind == DIALECT_CALL_DROP || ev->kind == DIALECT_CALL_CUT;
}

static bool row_reads(struct probe *probe, const struct dialect_row *row,
                      const struct reasoning_row *think, const struct buf *prompt, const char *text,
                      size_t len)
{
    const struct dialect d = { .row = row, .reasoning = { .row = think } };
    struct seen seen = { 0 };
    const struct dialect_params p = { .dialect = &d,
                                      .calls = true,
                                      .reasoning = think != NULL,
                                      .prompt = prompt ? buf_str(prompt) : NULL,
                                      .prompt_len = prompt ? prompt->len : 0,
                                      .on_event = on_probe,
                                      .arg = &seen };
    struct dialect_stream *s;
    struct js *args = NULL;
    const char *value = NULL;
    enum err_code rc;
    bool ok;

    buf_init(&seen.args, MEM_OTHER, PROBE_BYTES_MAX);
    rc = dialect_stream_open(&s, &p, NULL);
    if (!rc)
        rc = dialect_feed(s, text, len, NULL);
    if (!rc)
        rc = dialect_end(s, false, NULL);
    if (!rc && seen.n_call == 1 && !seen.n_other)
        rc = js_parse(&args, buf_str(&seen.args), seen.args.len, NULL);
    value = js_str(js_get(args, "probe_arg"), NULL);
    ok = value && strcmp(value, "probe_value") == 0;
    probe->starved = probe->starved || rc == ERR_OOM;
    js_close(args);
    dialect_stream_close(s);
    buf_finish(&seen.args);
    return ok;
}

/* Where the answer begins in a rendered conversation: behind what the generation prompt shares. */
static size_t answer_at(const struct buf *prompt, const struct buf *full)
{
    size_t n = 0;

    while (n < prompt->len && n < full->len && prompt->data[n] == full->data[n])
        n++;
    if (n == prompt->len)
        return n;
    while (n && !strchr("\n>]", full->data[n - 1]))
        n--;
    return n;
}

static const struct dialect_row *row_of(struct probe *p, const struct buf *prompt,
                                        const struct buf *full, const struct reasoning_row *think)
{
    size_t n_row, at = answer_at(prompt, full);
    const struct dialect_row *rows = dialect_rows(&n_row);

    if (!full->len || !strstr(full->data + at, "probe_tool"))
        return NULL;
    for (size_t i = 0; i < n_row; i++)
        if (row_reads(p, &rows[i], think, at == prompt->len ? prompt : NULL, full->data + at,
                      full->len - at))
            return &rows[i];
    return NULL;
}

/* Where a template takes its tools from: the prompt shows them, at times only beside a system
 * message. */
static bool shows_tools(struct probe *p, struct buf *prompt)
{
    static const unsigned ways[] = { 0, DIALECT_OFFER_TEXT, DIALECT_OFFER_MESSAGE,
                                     DIALECT_OFFER_SPEC };
    bool shows = false;

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]) && !shows; i++) {
        p->offers = ways[i];
        shows = (render(p, USER, GENERATE, true, prompt) && prompt->len &&
                 strstr(prompt->data, "probe_tool")) ||
                (!ways[i] && render(p, SYSTEM USER, GENERATE, true, prompt) && prompt->len &&
                 strstr(prompt->data, "probe_tool"));
    }
    p->offers = shows ? p->offers : 0;
    if (!render(p, USER, GENERATE, true, prompt))
        buf_clear(prompt);
    return shows;
}

/* Past calls: some templates show only their ids, which say the name then. */
static void probe_calls(struct dialect *d, struct probe *p, struct buf *prompt, struct buf *full)
{
    static const char *const calls[] = {
        USER CALL_BEGIN ARGS_OBJECT CALL_END,      USER CALL_BEGIN ARGS_OBJECT CALL_END RESULT,
        USER COUNTED_BEGIN ARGS_OBJECT CALL_END,   USER CALL_BEGIN ARGS_TEXT CALL_END,
        USER CALL_BEGIN ARGS_TEXT CALL_END RESULT, USER COUNTED_BEGIN ARGS_TEXT CALL_END,
    };
    enum { N_CALL = 6, FIRST_TEXT = 3 };
    bool rendered = false;

    for (unsigned i = 0; i < N_CALL && !d->row; i++) {
        if (!render(p, calls[i], ",\"add_generation_prompt\":false", true, full))
            continue;
        d->row = row_of(p, prompt, full, d->reasoning.row);
        d->args_text = i >= FIRST_TEXT && (d->row || !rendered);
        rendered = true;
    }
    if (!d->row && render(p, USER CALL_TURN, ",\"add_generation_prompt\":false", true, full)) {
        d->row = row_of(p, prompt, full, d->reasoning.row);
        d->metadata = d->row != NULL;
    }
    if (d->row)
        d->found = DIALECT_BY_PROBE;
}

/* A template that leaves results out cannot lead a conversation with calls. */
static bool shows_results(const struct dialect *d, struct probe *p, struct buf *full)
{
    const char *turns = d->metadata    ? USER CALL_TURN RESULT_TURN
                        : d->args_text ? USER CALL_BEGIN ARGS_TEXT CALL_END RESULT
                                       : USER CALL_BEGIN ARGS_OBJECT CALL_END RESULT;

    return !render(p, turns, GENERATE, true, full) ||
           (full->len && strstr(full->data, "probe_result"));
}

/* Past calls are nowhere in what it shows. */
static bool hides_calls(struct probe *p, struct buf *full)
{
    return render(p, USER CALL_BEGIN ARGS_OBJECT CALL_END, ",\"add_generation_prompt\":false", true,
                  full) &&
           full->len && !strstr(full->data, "probe_value");
}

/* ---- thoughts ---- */

static void probe_var(struct reasoning *r, struct probe *p, enum reasoning_var var,
                      const char *const more[2])
{
    struct buf a, b;

    buf_init(&a, MEM_OTHER, PROBE_BYTES_MAX);
    buf_init(&b, MEM_OTHER, PROBE_BYTES_MAX);
    if (render(p, USER, more[0], false, &a) && render(p, USER, more[1], false, &b) &&
        (a.len != b.len || (a.len && memcmp(a.data, b.data, a.len) != 0)))
        r->vars |= (unsigned)var;
    buf_finish(&a);
    buf_finish(&b);
}

static void probe_vars(struct reasoning *r, struct probe *p)
{
    static const char *const more[][2] = {
        { GENERATE ",\"enable_thinking\":true", GENERATE ",\"enable_thinking\":false" },
        { GENERATE ",\"thinking\":true", GENERATE ",\"thinking\":false" },
        { GENERATE ",\"reasoning_effort\":\"low\"", GENERATE ",\"reasoning_effort\":\"high\"" },
        { GENERATE ",\"thinking_budget\":0", GENERATE ",\"thinking_budget\":512" },
        { GENERATE ",\"thinking_mode\":\"enabled\"", GENERATE ",\"thinking_mode\":\"disabled\"" },
        { GENERATE ",\"thinking_effort\":\"low\"", GENERATE ",\"thinking_effort\":\"high\"" },
        { GENERATE ",\"reasoning_strength\":\"low\"", GENERATE ",\"reasoning_strength\":\"high\"" },
    };

    for (unsigned i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        probe_var(r, p, (enum reasoning_var)(1U << i), more[i]);
}

/* Text in a template, or in what it renders. */
static bool holds(const char *text, size_t len, const char *what)
{
    size_t n = strlen(what);

    while (n && what[n - 1] == '\n')
        n--;
    for (size_t i = 0; i + n <= len; i++)
        if (text[i] == what[0] && memcmp(text + i, what, n) == 0)
            return true;
    return false;
}

/* Which words for efforts a template takes. */
static void probe_words(struct reasoning *r, struct probe *p, const char *source, size_t len)
{
    static const struct {
        const char *word, *quoted[2], *more;
    } offs[] = {
        { "none", { "'none'", "\"none\"" }, GENERATE ",\"reasoning_effort\":\"none\"" },
        { "no_think",
          { "'no_think'", "\"no_think\"" },
          GENERATE ",\"reasoning_effort\":\"no_think\"" },
    };
    static const char medium[] = GENERATE ",\"reasoning_effort\":\"medium\",\"thinking_effort\":"
                                          "\"medium\",\"reasoning_strength\":\"medium\"";
    static const char high[] = GENERATE ",\"reasoning_effort\":\"high\"";
    struct buf out, full;

    buf_init(&out, MEM_OTHER, PROBE_BYTES_MAX);
    buf_init(&full, MEM_OTHER, PROBE_BYTES_MAX);
    r->no_medium = (r->vars & REASONING_LEVELS) && !render(p, USER, medium, false, &out);
    for (unsigned i = 0; i < 2 && !r->off; i++)
        if ((holds(source, len, offs[i].quoted[0]) || holds(source, len, offs[i].quoted[1])) &&
            render(p, USER, offs[i].more, false, &out) && render(p, USER, high, false, &full) &&
            strcmp(buf_str(&out), buf_str(&full)) != 0) {
            r->off = offs[i].word;
            r->vars |= REASONING_EFFORT_OFF;
        }
    buf_finish(&out);
    buf_finish(&full);
}

static const struct reasoning_row *think_in(const char *text, size_t len)
{
    size_t n;
    const struct reasoning_row *rows = reasoning_rows(&n);

    for (size_t i = 0; i < n; i++) {
        const struct reasoning_row *r = &rows[i];

        if (holds(text, len, r->source ? r->source : r->open) ||
            (!r->source && r->close[0] != '<' && holds(text, len, r->close)))
            return r;
    }
    for (size_t i = 0; i < n; i++) /* some know only how to cut a thought away */
        if (!rows[i].source && !rows[i].harmony && strncmp(rows[i].close, "</", 2) == 0 &&
            holds(text, len, rows[i].close))
            return &rows[i];
    return NULL;
}

/* The member of a message in which a template looks for its thought; what it shows of it. */
static const char *probe_thought(struct probe *p, struct buf *full, const char **key)
{
    static const char *const keys[] = { "reasoning_content", "thinking", "reasoning", "thought" };

    for (unsigned i = 0; p->t && i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct buf messages;
        const char *at = NULL;

        buf_init(&messages, MEM_OTHER, PROBE_BYTES_MAX);
        (void)buf_addf(&messages,
                       USER ",{\"role\":\"assistant\",\"content\":\"probe_answer\",\"%s\":"
                            "\"probe_thought\"}",
                       keys[i]);
        p->starved = p->starved || messages.failed;
        if (render(p, buf_str(&messages), ",\"add_generation_prompt\":false", false, full) &&
            full->len)
            at = strstr(full->data, "probe_thought");
        buf_finish(&messages);
        if (at) {
            *key = i ? keys[i] : NULL;
            return at;
        }
    }
    return NULL;
}

static void find_reasoning(struct reasoning *r, struct probe *p, const char *source, size_t len)
{
    struct buf full;
    const char *at;

    buf_init(&full, MEM_OTHER, PROBE_BYTES_MAX);
    at = probe_thought(p, &full, &r->key);
    if (at)
        r->row = think_in(full.data, (size_t)(at - full.data));
    if (!r->row)
        r->row = think_in(source, len);
    buf_finish(&full);
    if (p->t) {
        probe_vars(r, p);
        probe_words(r, p, source, len);
    }
}

/* ---- all ---- */

/* A bare call in a past answer says little where the text asks for one behind a mark. */
static void find_by_source(struct dialect *d, const char *source, size_t len)
{
    size_t n;
    const struct dialect_row *rows = dialect_rows(&n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].source && holds(source, len, rows[i].source) &&
            (!d->row || !(rows[i].flags & DIALECT_BARE))) {
            d->row = &rows[i];
            d->found = DIALECT_BY_SOURCE;
            return;
        }
}

enum err_code dialect_find(struct dialect *out, const struct tmpl *t, const char *source,
                           size_t len, struct err *e)
{
    struct probe p = { .t = t };
    struct buf prompt, full;

    *out = (struct dialect){ .found = DIALECT_BY_DEFAULT };
    buf_init(&prompt, MEM_OTHER, PROBE_BYTES_MAX);
    buf_init(&full, MEM_OTHER, PROBE_BYTES_MAX);
    if (t)
        out->native = shows_tools(&p, &prompt);
    out->offers = p.offers;
    if (source)
        find_reasoning(&out->reasoning, &p, source, len);
    if (t)
        probe_calls(out, &p, &prompt, &full);
    if (source && (!out->row || (out->row->flags & DIALECT_BARE)))
        find_by_source(out, source, len);
    if (!out->row) { /* its own offer would be answered in a form that nobody here can read */
        out->row = dialect_named("generic");
        out->native = false;
    }
    if (t && out->native)
        out->native = shows_results(out, &p, &full);
    if (!out->native)
        out->offers &= DIALECT_OFFER_TEXT;
    else
        out->told = (out->row->flags & DIALECT_TOLD) && hides_calls(&p, &full);
    out->both = !out->native && strcmp(out->row->name, "generic") != 0;
    buf_finish(&prompt);
    buf_finish(&full);
    return p.starved ? err_set(e, ERR_OOM, "no memory to look through the chat template") : ERR_OK;
}

bool dialect_generic_prompt(struct buf *out, const char *tools, size_t len)
{
    (void)buf_adds(out, "You can call these tools:\n{\"type\":\"toolArray\",\"tools\":");
    (void)buf_add(out, tools, len);
    (void)buf_adds(
        out,
        "}\n\nTo call one, answer with a block of exactly this form and nothing else:\n"
        "[TOOL_REQUEST]{\"name\":\"NAME\",\"arguments\":{\"KEY\":\"VALUE\"}}"
        "[END_TOOL_REQUEST]\n\n"
        "For several calls write several blocks, one behind the other:\n"
        "[TOOL_REQUEST]{\"name\":\"find\",\"arguments\":{\"what\":\"tea\"}}[END_TOOL_REQUEST]\n"
        "[TOOL_REQUEST]{\"name\":\"clock\",\"arguments\":{}}[END_TOOL_REQUEST]\n\n"
        "Results come as [TOOL_RESULT] blocks; never write those yourself. When no tool "
        "fits, answer in plain words.");
    return !out->failed;
}
