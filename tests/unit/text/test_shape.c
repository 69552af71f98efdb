/* Proves: what the grammar of a shape lets through, the dialect's own parser reads back as what was
 * asked for. Sentences are drawn at random, a byte at a time, for every dialect, family of thoughts
 * and choice of tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/shape.h"

#define TEXT_MAX    6000U
#define MATCH_BYTES ((size_t)64 << 20)

static const char tools_text[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{\"type\":"
    "\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":9},"
    "\"days\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":99},\"unit\":{\"enum\":[\"c\",\"f\"]}"
    ",\"where\":{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"array\",\"items\":{"
    "\"type\":"
    "\"number\"},\"maxItems\":3}},\"required\":[\"at\"],\"additionalProperties\":false}},"
    "\"required\":[\"city\"],\"additionalProperties\":false}}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"now\"}},"
    "{\"type\":\"function\",\"function\":{\"name\":\"either-or\",\"strict\":true,\"parameters\":{"
    "\"$defs\":{\"w\":{\"type\":\"string\",\"pattern\":\"^[a-z<]{2,5}$\"}},\"type\":\"object\","
    "\"properties\":{\"a\":{\"$ref\":\"#/$defs/w\"},\"b b\":{\"type\":[\"boolean\",\"null\"]},"
    "\"text\":{\"type\":\"string\"}},\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b b\"]}],"
    "\"additionalProperties\":false}}}]";

static struct js *tools;
static struct grammar *args_of[3];

/* ---- random sentences ---- */

static uint64_t seed = 1;

static uint32_t rnd(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(seed >> 33) % n;
}

/* What ends things is drawn more often, or texts would hardly end. */
static uint32_t weight(unsigned c)
{
    static const char often[] = "\"}])>|`<";

    if (c && c < 0x80 && strchr(often, (int)c))
        return 60;
    return c == '\n' ? 12 : c < 0x20 ? 1 : 4;
}

static const char *value_end(const struct dialect_row *row)
{
    return row->flags & DIALECT_ELEMENTS ? "]<]minimax[>[</text>" : row->val_end;
}

/* In free text marks would hardly ever come up. */
static void draw_mark(struct gmatch *m, const struct dialect *d, uint32_t *at, struct buf *out)
{
    const struct reasoning_row *t = d->reasoning.row;
    const char *const marks[] = { t ? t->close : NULL, t ? t->open : NULL, d->row->trigger[0],
                                  d->row->trigger[1],  d->row->val_end,    d->row->call_end,
                                  d->row->close,       "<|start|>",        "<|message|>",
                                  "to=functions.",     "{\"name\"",        "get_weather\n" };
    const char *mark = d->row->val_end && rnd(2) ? value_end(d->row) : marks[rnd(12)];
    uint32_t to = *at;

    for (size_t i = 0; mark && mark[i]; i++)
        assert_int_equal(gmatch_byte(m, &to, (uint8_t)mark[i], NULL), ERR_OK);
    if (!mark || !to)
        return;
    (void)buf_adds(out, mark);
    *at = to;
}

/* False: it did not end in time. */
static bool draw(const struct grammar *g, const struct dialect *d, struct buf *out)
{
    struct gmatch *m = NULL;
    uint32_t at;
    bool ended = false;

    assert_int_equal(gmatch_open(&m, g, true, MATCH_BYTES, NULL), ERR_OK);
    at = gmatch_start(m);
    while (out->len < TEXT_MAX) {
        uint32_t to[256], sum = 0, pick;
        unsigned c;

        if (gmatch_may_end(m, at) && rnd(12) == 0) {
            ended = true;
            break;
        }
        if (rnd(8) == 0)
            draw_mark(m, d, &at, out);
        for (c = 0; c < 256; c++) {
            to[c] = at;
            assert_int_equal(gmatch_byte(m, &to[c], (uint8_t)c, NULL), ERR_OK);
            sum += to[c] ? weight(c) : 0;
        }
        ended = gmatch_must_end(m, at);
        if (ended)
            break;
        assert_true(sum > 0);
        pick = rnd(sum);
        for (c = 0; pick >= (to[c] ? weight(c) : 0); c++)
            pick -= to[c] ? weight(c) : 0;
        (void)buf_addc(out, (char)c);
        at = to[c];
    }
    gmatch_close(m);
    return ended;
}

/* ---- what the parser reads ---- */

struct seen {
    struct buf content, thought, args;
    uint32_t n_call, n_whole, n_bad;
    char name[64];
};

static bool accepts(const struct grammar *g, const char *s, size_t len)
{
    struct gmatch *m = NULL;
    uint32_t at;
    bool ok;

    assert_int_equal(gmatch_open(&m, g, true, MATCH_BYTES, NULL), ERR_OK);
    at = gmatch_start(m);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(gmatch_byte(m, &at, (uint8_t)s[i], NULL), ERR_OK);
    ok = at && gmatch_may_end(m, at);
    gmatch_close(m);
    return ok;
}

/* Shapes spell the first character of marks as an escape, which the schema's own grammar does not
 * know where a pattern rules. */
static void unescape(struct buf *b)
{
    char *at;

    while ((at = b->len ? strstr(b->data, "\\u003c") : NULL)) {
        *at = '<';
        memmove(at + 1, at + 6, strlen(at + 6) + 1);
        b->len -= 5;
    }
}

static void check_args(struct seen *s)
{
    static const char *const names[] = { "get_weather", "now", "either-or" };
    unsigned i = 0;

    unescape(&s->args);
    while (i < 3 && strcmp(names[i], s->name) != 0)
        i++;
    if (i == 3 || (i == 1 ? strcmp(buf_str(&s->args), "{}") != 0 && s->args.len > 30
                          : !accepts(args_of[i], buf_str(&s->args), s->args.len))) {
        print_error("%s(%s)\n", s->name, buf_str(&s->args));
        s->n_bad++;
    }
}

static void on_event(void *arg, const struct dialect_event *ev)
{
    struct seen *s = arg;

    switch (ev->kind) {
    case DIALECT_CONTENT:
        (void)buf_add(&s->content, ev->text, ev->len);
        break;
    case DIALECT_REASONING:
        (void)buf_add(&s->thought, ev->text, ev->len);
        break;
    case DIALECT_CALL_BEGIN:
        s->n_call++;
        (void)snprintf(s->name, sizeof(s->name), "%s", ev->name);
        buf_clear(&s->args);
        break;
    case DIALECT_CALL_ARGS:
        (void)buf_add(&s->args, ev->text, ev->len);
        break;
    case DIALECT_CALL_END:
        s->n_whole++;
        check_args(s);
        break;
    default:
        s->n_bad++;
    }
}

static void parse(const struct shape_spec *q, const struct buf *text, struct seen *out)
{
    struct dialect_params p = { .dialect = q->dialect,
                                .calls = q->tools && q->choice != SHAPE_NONE,
                                .reasoning = q->reasoning,
                                .tools = q->tools,
                                .prompt = q->prompt,
                                .prompt_len = q->prompt_len,
                                .on_event = on_event,
                                .arg = out };
    struct dialect_stream *s = NULL;

    *out = (struct seen){ 0 };
    buf_init(&out->content, MEM_OTHER, 1U << 20);
    buf_init(&out->thought, MEM_OTHER, 1U << 20);
    buf_init(&out->args, MEM_OTHER, 1U << 20);
    assert_int_equal(dialect_stream_open(&s, &p, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, buf_str(text), text->len, NULL), ERR_OK);
    assert_int_equal(dialect_end(s, false, NULL), ERR_OK);
    dialect_stream_close(s);
}

static void seen_finish(struct seen *s)
{
    buf_finish(&s->content);
    buf_finish(&s->thought);
    buf_finish(&s->args);
}

typedef bool (*verdict_fn)(const struct shape_spec *p, const struct seen *s);

/* n sentences; at least a fifth of them must have come to an end. */
static void try_shape(const struct shape_spec *p, unsigned n, verdict_fn ok)
{
    struct shape *sh = NULL;
    struct grammar_place place;
    struct err e = { 0 };
    unsigned n_ended = 0;

    if (shape_open(&sh, p, &place, &e))
        fail_msg("%s: %s (%s)", p->dialect->row->name, e.text, place.pointer);
    assert_non_null(shape_grammar(sh));
    for (unsigned i = 0; i < n; i++) {
        struct buf text;
        struct seen seen;

        buf_init(&text, MEM_OTHER, 2 * TEXT_MAX);
        if (draw(shape_grammar(sh), p->dialect, &text)) {
            n_ended++;
            parse(p, &text, &seen);
            if (seen.n_bad || !ok(p, &seen))
                fail_msg("%s/%s: %u calls, %u whole, content \"%s\" of\n%s", p->dialect->row->name,
                         p->dialect->reasoning.row ? p->dialect->reasoning.row->name : "-",
                         seen.n_call, seen.n_whole, buf_str(&seen.content), buf_str(&text));
            seen_finish(&seen);
        }
        buf_finish(&text);
    }
    if (n_ended * 5 < n)
        fail_msg("%s: only %u of %u sentences ended", p->dialect->row->name, n_ended, n);
    shape_close(sh);
}

static bool only_calls(const struct shape_spec *p, const struct seen *s)
{
    return s->n_call == s->n_whole && s->n_whole >= 1 && (!p->one_call || s->n_whole == 1) &&
           s->content.len == 0 && (!p->name || strcmp(s->name, p->name) == 0);
}

static void test_required(void **state)
{
    size_t n_row, n_think;
    const struct dialect_row *rows = dialect_rows(&n_row);
    const struct reasoning_row *thinks = reasoning_rows(&n_think);

    (void)state;
    for (size_t i = 0; i < n_row; i++) {
        bool harmony = rows[i].kind == DIALECT_HARMONY;
        struct dialect d = { .row = &rows[i],
                             .reasoning = { .row = harmony ? reasoning_named("harmony")
                                                           : &thinks[1 + i % (n_think - 1)] } };
        struct shape_spec p = { .dialect = &d, .tools = tools, .choice = SHAPE_REQUIRED };

        try_shape(&p, 10, only_calls);
        p.reasoning = true;
        p.one_call = true;
        try_shape(&p, 10, only_calls);
        p.prompt = d.reasoning.row->open;
        p.prompt_len = strlen(p.prompt);
        try_shape(&p, 5, only_calls);
        p.choice = SHAPE_NAMED;
        p.name = "either-or";
        p.one_call = false;
        try_shape(&p, 10, only_calls);
        if (rows[i].flags & DIALECT_ALL_TEXT) {
            p.prompt = rows[i].trigger[0];
            p.prompt_len = strlen(p.prompt);
            try_shape(&p, 10, only_calls);
        }
    }
}

static bool whole_calls(const struct shape_spec *p, const struct seen *s)
{
    return s->n_call == s->n_whole && (!p->one_call || s->n_whole <= 1);
}

/* Free text, and calls that are whole wherever one begins. */
static void test_auto(void **state)
{
    size_t n_row, n_think;
    const struct dialect_row *rows = dialect_rows(&n_row);
    const struct reasoning_row *thinks = reasoning_rows(&n_think);

    (void)state;
    for (size_t i = 0; i < n_row; i++) {
        bool harmony = rows[i].kind == DIALECT_HARMONY;
        struct dialect d = { .row = &rows[i],
                             .reasoning = { .row = harmony ? reasoning_named("harmony")
                                                           : &thinks[1 + i % (n_think - 1)] } };
        struct shape_spec p = { .dialect = &d, .tools = tools };

        try_shape(&p, 40, whole_calls);
        p.reasoning = true;
        p.one_call = true;
        try_shape(&p, 20, whole_calls);
        p.one_call = false;
        p.prompt = rows[i].flags & DIALECT_ALL_TEXT ? rows[i].trigger[0] : d.reasoning.row->open;
        p.prompt_len = strlen(p.prompt);
        try_shape(&p, 20, whole_calls);
    }
}

static struct js *answer;
static struct grammar *answer_grammar;

static bool is_answer(const struct shape_spec *p, const struct seen *s)
{
    struct buf copy;
    bool ok;

    if (s->n_whole)
        return p->tools && only_calls(p, s);
    buf_init(&copy, MEM_OTHER, 1U << 20);
    (void)buf_add(&copy, buf_str(&s->content), s->content.len);
    unescape(&copy);
    ok = s->n_call == 0 && accepts(answer_grammar, buf_str(&copy), copy.len);
    buf_finish(&copy);
    return ok;
}

/* A value of the schema behind the thought, or calls where there are tools. */
static void test_answer(void **state)
{
    static const char text[] = "{\"type\":\"object\",\"properties\":{\"what\":{\"type\":\"string\","
                               "\"maxLength\":20},\"n\":{\"type\":\"array\",\"items\":{\"type\":"
                               "\"integer\"},\"maxItems\":3}},\"required\":[\"what\"],"
                               "\"additionalProperties\":false}";
    size_t n_row, n_think;
    const struct dialect_row *rows = dialect_rows(&n_row);
    const struct reasoning_row *thinks = reasoning_rows(&n_think);

    (void)state;
    assert_int_equal(js_parse(&answer, text, strlen(text), NULL), ERR_OK);
    assert_int_equal(grammar_of_schema(&answer_grammar, answer, NULL, NULL), ERR_OK);
    for (size_t i = 0; i < n_row; i++) {
        bool harmony = rows[i].kind == DIALECT_HARMONY;
        struct dialect d = { .row = &rows[i],
                             .reasoning = { .row = harmony ? reasoning_named("harmony")
                                                           : &thinks[1 + i % (n_think - 1)] } };
        struct shape_spec p = { .dialect = &d, .schema = answer, .reasoning = true };

        try_shape(&p, 10, is_answer);
        p.prompt = rows[i].flags & DIALECT_ALL_TEXT ? rows[i].trigger[0] : d.reasoning.row->open;
        p.prompt_len = strlen(p.prompt);
        try_shape(&p, 10, is_answer);
        if (rows[i].flags & DIALECT_BARE)
            continue; /* an object may be a call or an answer: see the parser */
        p.tools = tools;
        try_shape(&p, 10, is_answer);
    }
    grammar_close(answer_grammar);
    js_close(answer);
}

/* Answers as templates render them, and near misses. */
static const struct {
    const char *row, *think, *prompt, *text;
    enum shape_choice choice;
    bool ok;
} rendered[] = {
    { "hermes", "", "", "\n\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n",
      SHAPE_REQUIRED, true },
    { "firefunction", "", "", " functools[{\"name\": \"now\", \"arguments\": {}}]", SHAPE_REQUIRED,
      true },
    { "llama3", "", "",
      "[{\"name\": \"now\", \"arguments\": {}}, {\"name\": \"now\", \"arguments\": {}}]",
      SHAPE_REQUIRED, true },
    { "llama3", "", "", "[{\"name\": \"now\", \"arguments\": {}}, {\"name\": \"nobody\"",
      SHAPE_REQUIRED, false },
    { "llama3", "", "", "[{\"name\": \"now\", \"arguments\": {}}]", SHAPE_AUTO, true },
    { "apriel", "", "",
      "<tool_calls>\n{\"name\": \"now\", \"arguments\": {}}\n{\"name\": \"now\", "
      "\"arguments\": {}}\n</tool_calls>",
      SHAPE_REQUIRED, true },
    { "lfm2", "", "",
      "<|tool_call_start|>[get_weather(city='Bonn', days=3, where={'at': [1, 2.5]}), "
      "now()]<|tool_call_end|>",
      SHAPE_REQUIRED, true },
    { "lfm2", "", "", "<|tool_call_start|>[get_weather(city='Bonn', days=100)]<|tool_call_end|>",
      SHAPE_REQUIRED, false },
    { "lfm2", "", "", "<|tool_call_start|>[get_weather(city='0123456789')]<|tool_call_end|>",
      SHAPE_REQUIRED, false },
    { "lfm2", "", "", "<|tool_call_start|>[either-or(b b=None)]<|tool_call_end|>", SHAPE_REQUIRED,
      false },
    { "lfm2", "", "", "<|tool_call_start|>[either-or(\"b b\":None)]<|tool_call_end|>",
      SHAPE_REQUIRED, true },
    { "pythonic", "", "", "[now(), get_weather(city=\"x\")]", SHAPE_REQUIRED, true },
    { "pythonic", "", "", "[now(1)] and more", SHAPE_AUTO, false },
    { "pythonic", "", "", "[now()]", SHAPE_AUTO, true },
    { "olmo3", "", "", "<function_calls>\nnow()\nget_weather(city='x')\n</function_calls>",
      SHAPE_REQUIRED, true },
    { "gemma", "gemma", "",
      "<|tool_call>call:get_weather{city:<|\"|>x, "
      "\"y\"<|\"|>,days:3,unit:<|\"|>c<|\"|>,where:{at:[1,2]}}<tool_call|>",
      SHAPE_REQUIRED, true },
    { "gemma", "gemma", "", "<|tool_call>call:either-or{\"b b\":None}<tool_call|>", SHAPE_REQUIRED,
      true },
    { "gemma", "gemma", "",
      "<|tool_call>call:either-or{a:<|\"|>ab<|\"|>,\"b b\":true,text:<|\"|><|\"|>}<tool_call|>",
      SHAPE_REQUIRED, true },
    { "gemma", "gemma", "",
      "<|tool_call>call:get_weather{city:<|\"|>x<|\"|>,where:{at:[1,2,3,4]}}<tool_call|>",
      SHAPE_REQUIRED, false },
    { "functiongemma", "", "",
      "<start_function_call>call:get_weather{city:<escape>x<escape>,where:{at:[]}}<end_"
      "function_call>",
      SHAPE_REQUIRED, true },
    { "seed", "seed", "",
      "<seed:tool_call>\n<function=get_weather>\n<parameter=city>a\n</"
      "parameter>\n<parameter=where>{'at': [1, 2]}</parameter>\n</function>\n</seed:tool_call>",
      SHAPE_REQUIRED, true },
    { "seed", "seed", "",
      "<seed:tool_call>\n<function=either-or>\n<parameter=b "
      "b>True</parameter>\n<parameter=text>x\n</parameter>\n</function>\n</seed:tool_call>",
      SHAPE_REQUIRED, true },
    { "seed", "seed", "",
      "<seed:tool_call>\n<function=either-or>\n<parameter=b "
      "b>true</parameter>\n</function>\n</seed:tool_call>",
      SHAPE_REQUIRED, true },
    { "seed", "seed", "",
      "<seed:tool_call>\n<function=either-or>\n<parameter=b "
      "b>Truth</parameter>\n</function>\n</seed:tool_call>",
      SHAPE_REQUIRED, false },
    { "minicpm", "", "",
      "<function name=\"either-or\"><param name=\"b b\">False</param><param "
      "name=\"text\"><![CDATA[a < b]]></param></function>",
      SHAPE_REQUIRED, true },
    { "minimax-m3", "minimax-m3", "",
      "</mm:think>]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke "
      "name=\"get_weather\">]<]minimax[>[<city>x]<]minimax[>[</"
      "city>]<]minimax[>[<days>3]<]minimax[>[</"
      "days>]<]minimax[>[<where>]<]minimax[>[<at>]<]minimax[>[<item>1]<]minimax[>[</"
      "item>]<]minimax[>[<item>2.5]<]minimax[>[</item>]<]minimax[>[</at>]<]minimax[>[</"
      "where>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>",
      SHAPE_REQUIRED, true },
    { "minimax-m3", "minimax-m3", "",
      "]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke "
      "name=\"get_weather\">]<]minimax[>[<city>x]<]minimax[>[</"
      "city>]<]minimax[>[<where>{\"at\": "
      "[]}]<]minimax[>[</where>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>",
      SHAPE_REQUIRED, true },
    { "minimax-m3", "minimax-m3", "",
      "]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke "
      "name=\"get_weather\">]<]minimax[>[<city>x]<]minimax[>[</"
      "city>]<]minimax[>[<where>]<]minimax[>[<at>]<]minimax[>[<item>1]<]minimax[>[</"
      "item>]<]minimax[>[<item>1]<]minimax[>[</item>]<]minimax[>[<item>1]<]minimax[>[</"
      "item>]<]minimax[>[<item>1]<]minimax[>[</item>]<]minimax[>[</at>]<]minimax[>[</"
      "where>]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>",
      SHAPE_REQUIRED, false },
    { "minimax-m3", "minimax-m3", "",
      "]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke "
      "name=\"get_weather\">]<]minimax[>[<city>x]<]minimax[>[</"
      "city>]<]minimax[>[<where>]<]minimax[>[<at>]<]minimax[>[<item>one]<]minimax[>[</"
      "item>]<]minimax[>[</at>]<]minimax[>[</where>]<]minimax[>[</invoke>\n]<]minimax[>[</"
      "tool_call>",
      SHAPE_REQUIRED, false },
    { "kimi-k3", "kimi-k3", "<|open|>think<|sep|>",
      "t<|close|>think<|sep|><|open|>response<|sep|><|close|>response<|sep|><|open|>tools<|sep|"
      "><|open|>call tool=\"get_weather\" index=\"1\"<|sep|><|open|>argument key=\"city\" "
      "type=\"string\"<|sep|>x<|close|>argument<|sep|><|open|>argument key=\"days\" "
      "type=\"number\"<|sep|>3<|close|>argument<|sep|><|open|>argument key=\"where\" "
      "type=\"object\"<|sep|>{\"at\": "
      "[1]}<|close|>argument<|sep|><|close|>call<|sep|><|open|>call tool=\"now\" "
      "index=\"2\"<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|>",
      SHAPE_REQUIRED, true },
    { "kimi-k3", "kimi-k3", "",
      "<|open|>tools<|sep|><|open|>call tool=\"get_weather\" "
      "index=\"1\"<|sep|><|open|>argument key=\"city\" "
      "type=\"number\"<|sep|>3<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>"
      "<|close|>message<|sep|>",
      SHAPE_REQUIRED, false },
    { "deepseek-v4", "think", "",
      "\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke "
      "name=\"now\">\n\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
      SHAPE_REQUIRED, true },
    { "atem", "atem", "",
      " to=now<|message|><atem:function_calls>\n<atem:invoke "
      "name=\"now\">\n</atem:invoke>\n</atem:function_calls><|eom|><|start|>assistant "
      "to=now<|message|><atem:function_calls>\n<atem:invoke "
      "name=\"now\">\n</atem:invoke>\n</atem:function_calls>",
      SHAPE_REQUIRED, true },
    { "atem", "atem", "",
      " to=self<|message|>t <atem:function_calls>\n<atem:invoke "
      "name=\"now\">\n</atem:invoke>\n</atem:function_calls><|eom|><|start|>assistant "
      "to=now<|message|><atem:function_calls>\n<atem:invoke "
      "name=\"now\">\n</atem:invoke>\n</atem:function_calls>",
      SHAPE_REQUIRED, true },
    { "atem", "atem", "", " to=user<|message|>Ok.", SHAPE_REQUIRED, false },
    { "atem", "atem", "",
      " to=user<|message|>Ok. <atem:function_calls>\n<atem:invoke "
      "name=\"now\">\n</atem:invoke>\n</atem:function_calls> is how.",
      SHAPE_AUTO, true },
    { "atem", "atem", "",
      " to=now<|message|><atem:function_calls>\n<atem:invoke "
      "name=\"nobody\">\n</atem:invoke>\n</atem:function_calls>",
      SHAPE_AUTO, false },
    { "command-r7b", "command", "<|START_THINKING|>",
      "<|END_THINKING|><|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"now\", "
      "\"parameters\": {}}]<|END_ACTION|>",
      SHAPE_REQUIRED, true },
    { "minicpm3", "minicpm3", "",
      "<|thought_start|>\nt\n<|thought_end|>\n<|tool_call_start|>\n```python\nget_weather(city="
      "\"x\","
      "days=3)\nnow()\n```\n<|tool_call_end|>\n",
      SHAPE_REQUIRED, true },
    { "minicpm3", "", "",
      "<|tool_call_start|>\n```python\nget_weather(city=3)\n```\n<|tool_call_end|>", SHAPE_AUTO,
      false },
    { "hyperclova", "", "",
      " -> tool/function_call\n[{\"name\": \"now\", \"arguments\": {}}]<|im_end|>", SHAPE_REQUIRED,
      true },
    { "hyperclova", "", "", "\nOk.", SHAPE_AUTO, true },
    { "hyperclova", "", "", " -> tool/function_call\n[{\"name\": \"nobody\"", SHAPE_AUTO, false },
    { "nemotron-mini", "", "",
      "<toolcall> {\"name\": \"now\", \"arguments\": {}} </toolcall> <toolcall> {\"name\": "
      "\"now\", "
      "\"arguments\": {}} </toolcall>",
      SHAPE_REQUIRED, true },
    { "nemotron-mini", "", "", "Ok. <toolcall> {\"name\": \"nobody\"", SHAPE_AUTO, false },
    { "glm-4", "", "", "now\n{}", SHAPE_REQUIRED, true },
    { "glm-4", "", "",
      "now\n{}<|assistant|>get_weather\n{\"city\": \"x\", \"where\": {\"at\": [1]}}",
      SHAPE_REQUIRED, true },
    { "glm-4", "", "", "get_weather\n{\"city\": 3}", SHAPE_REQUIRED, false },
    { "glm-4", "", "", "\nOk.", SHAPE_REQUIRED, false },
    { "glm-4", "", "", "nobody\n{}", SHAPE_REQUIRED, false },
    { "glm-4", "", "", "\nOk.", SHAPE_AUTO, true },
    { "glm-4", "", "", "now\n{}", SHAPE_AUTO, true },
    { "glm-4", "", "", "now\nis the time.", SHAPE_AUTO, true },
    { "glm-4", "", "", "now", SHAPE_AUTO, true },
    { "glm-4", "", "", "now\n{1}", SHAPE_AUTO, false },
    { "glm-4", "", "", "get_weather\n{\"city\": 3}", SHAPE_AUTO, false },
    { "glm-4", "", "", "\nLet me see.<|assistant|>now\n{}<|assistant|>\nDone.", SHAPE_AUTO, true },
    { "glm-4", "", "", "\nLet me see.<|assistant|>nobody\n{}", SHAPE_AUTO, false },
    { "glm-4", "", "", "now\n{}\nget_weather\n{\"city\": 3}", SHAPE_AUTO, false },
    { "glm-4", "think", "<think>", "t</think>\n\nnow\n{}", SHAPE_REQUIRED, true },
    { "glm-4", "think", "<think>", "t</think>\n\nnow\n{1}", SHAPE_AUTO, false },
    { "qwen3-coder", "", "", "<function=now>\n</function>\n</tool_call>", SHAPE_AUTO, true },
    { "qwen3-coder", "", "", "<function=nobody>\n</function>\n</tool_call>", SHAPE_AUTO, false },
};

static void test_rendered(void **state)
{

    (void)state;
    for (size_t i = 0; i < sizeof(rendered) / sizeof(rendered[0]); i++) {
        struct dialect d = { .row = dialect_named(rendered[i].row),
                             .reasoning = { .row = reasoning_named(rendered[i].think) } };
        struct shape_spec p = { .dialect = &d,
                                .tools = tools,
                                .choice = rendered[i].choice,
                                .reasoning = true,
                                .prompt = rendered[i].prompt,
                                .prompt_len = strlen(rendered[i].prompt) };
        struct shape *sh = NULL;
        struct err e = { 0 };

        if (shape_open(&sh, &p, NULL, &e))
            fail_msg("%s: %s", rendered[i].row, e.text);
        if (accepts(shape_grammar(sh), rendered[i].text, strlen(rendered[i].text)) !=
            rendered[i].ok)
            fail_msg("%s: %s:\n%s", rendered[i].row, rendered[i].ok ? "refused" : "accepted",
                     rendered[i].text);
        shape_close(sh);
    }
}

/* Where a template knows calls but offers no tools, both forms are calls. */
static void test_both_forms(void **state)
{
    static const char *const texts[] = {
        "[TOOL_REQUEST]{\"name\":\"now\",\"arguments\":{}}[END_TOOL_REQUEST]",
        "<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>",
    };
    const struct dialect d = { .row = dialect_named("hermes"), .both = true };

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct shape_spec p = { .dialect = &d,
                                .tools = tools,
                                .choice = i < 2 ? SHAPE_REQUIRED : SHAPE_AUTO };
        struct shape *sh = NULL;
        char other[128];

        assert_int_equal(shape_open(&sh, &p, NULL, NULL), ERR_OK);
        assert_true(accepts(shape_grammar(sh), texts[i % 2], strlen(texts[i % 2])));
        (void)snprintf(other, sizeof(other), "%s", texts[i % 2]);
        memcpy(strstr(other, "now"), "not", 3);
        assert_false(accepts(shape_grammar(sh), other, strlen(other)));
        shape_close(sh);
    }
}

/* A parameter that may be text or something else: text that looks like the latter is that. */
static void test_union(void **state)
{
    static const char text[] =
        "[{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{"
        "\"v\":{"
        "\"type\":[\"string\",\"integer\",\"null\"],\"maximum\":5}},\"required\":[\"v\"],"
        "\"additionalProperties\":false}}]";
    static const struct {
        const char *value;
        bool ok;
    } cases[] = { { "abc", true }, { "3", true },     { "7", false },   { "null", true },
                  { "x 7", true }, { "true", false }, { "[a]", false }, { "nu", true } };
    static const char *const names[] = { "qwen3-coder", "glm", "minimax-m3" };
    static const char *const forms[] = {
        "<tool_call>\n<function=f>\n<parameter=v>\n%s\n</parameter>\n</function>\n</tool_call>",
        "<tool_call>f\n<arg_key>v</arg_key>\n<arg_value>%s</arg_value>\n</tool_call>",
        "]<]minimax[>[<tool_call>]<]minimax[>[<invoke "
        "name=\"f\">]<]minimax[>[<v>%s]<]minimax[>[</v>"
        "]<]minimax[>[</invoke>]<]minimax[>[</tool_call>"
    };
    struct js *list = NULL;

    (void)state;
    assert_int_equal(js_parse(&list, text, strlen(text), NULL), ERR_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct dialect d = { .row = dialect_named(names[i]) };
        struct shape_spec p = { .dialect = &d, .tools = list, .choice = SHAPE_REQUIRED };
        struct shape *sh = NULL;

        assert_int_equal(shape_open(&sh, &p, NULL, NULL), ERR_OK);
        for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
            const char *at = strstr(forms[i], "%s");
            struct buf whole;

            buf_init(&whole, MEM_OTHER, 4096);
            (void)buf_add(&whole, forms[i], (size_t)(at - forms[i]));
            (void)buf_adds(&whole, cases[k].value);
            (void)buf_adds(&whole, at + 2);
            if (accepts(shape_grammar(sh), buf_str(&whole), whole.len) != cases[k].ok)
                fail_msg("%s: %s", names[i], cases[k].value);
            buf_finish(&whole);
        }
        shape_close(sh);
    }
    js_close(list);
}

/* Calls that begin without a mark are held for as many tools as the header says. */
static void test_many_tools(void **state)
{
    static const char *const names[] = { "glm-4", "pythonic" };
    static const char *const texts[][2] = { { "t39\n{}", "t39\n{1}" }, { "[t39()]", "[t39(1)]" } };
    struct js *list = NULL;
    struct buf json;

    (void)state;
    buf_init(&json, MEM_OTHER, 1U << 16);
    for (unsigned i = 0; i < 40; i++)
        (void)buf_addf(&json, "%s{\"name\":\"t%02u\"}", i ? "," : "[", i);
    (void)buf_addc(&json, ']');
    assert_int_equal(js_parse(&list, buf_str(&json), json.len, NULL), ERR_OK);
    for (unsigned i = 0; i < 2; i++) {
        struct dialect d = { .row = dialect_named(names[i]),
                             .reasoning = { .row = reasoning_named("think-response") } };
        struct shape_spec p = { .dialect = &d, .tools = list, .reasoning = true };
        struct shape *sh = NULL;

        assert_int_equal(shape_open(&sh, &p, NULL, NULL), ERR_OK);
        assert_true(accepts(shape_grammar(sh), texts[i][0], strlen(texts[i][0])));
        assert_false(accepts(shape_grammar(sh), texts[i][1], strlen(texts[i][1])));
        shape_close(sh);
    }
    js_close(list);
    buf_finish(&json);
}

/* What cannot be is refused at once, with its place. */
static void test_refused(void **state)
{
    struct dialect d = { .row = dialect_named("hermes") };
    struct shape_spec p = { .dialect = &d, .choice = SHAPE_REQUIRED };
    static const struct {
        const char *tools, *place;
        enum err_code rc;
    } cases[] = {
        { "[{\"name\":\"f\",\"strict\":true,\"parameters\":{\"properties\":{\"a\":{\"colour\":1}}}}"
          "]",
          "/0/parameters/properties/a/colour", ERR_UNSUPPORTED },
        { "[{\"name\":\"f\",\"parameters\":{\"properties\":{\"a\":{\"colour\":1,\"format\":\"x\"}}}"
          "}]",
          NULL, ERR_OK },
        { "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"properties\":"
          "{\"a\":{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}},\"required\":[\"a\"]}}}]",
          "/0/function/parameters/properties/a", ERR_ARG },
        { "[{\"name\":\"f\",\"parameters\":{\"type\":\"string\"}}]", "/0/parameters", ERR_ARG },
        { "[{\"name\":\"no good\"}]", "/0", ERR_ARG },
        { "[{\"name\":\"f\"},{\"description\":\"g\"}]", "/1", ERR_ARG },
        { "[]", "", ERR_ARG },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct js *list = NULL;
        struct shape *s = NULL;
        struct grammar_place place;
        struct err e = { 0 };

        assert_int_equal(js_parse(&list, cases[i].tools, strlen(cases[i].tools), NULL), ERR_OK);
        p.tools = list;
        assert_int_equal(shape_open(&s, &p, &place, &e), cases[i].rc);
        if (cases[i].rc) {
            assert_null(s);
            assert_true(e.text[0] != '\0');
            assert_string_equal(place.pointer, cases[i].place);
        }
        shape_close(s);
        js_close(list);
    }
    p.tools = tools;
    p.choice = SHAPE_NAMED;
    p.name = "nobody";
    {
        struct shape *s = NULL;
        struct err e = { 0 };

        assert_int_equal(shape_open(&s, &p, NULL, &e), ERR_ARG);
        assert_non_null(strstr(e.text, "nobody"));
    }
}

/* Proves: a schema of the answer that nothing satisfies is told with its place, the root as well.
 */
static void test_impossible(void **state)
{
    static const struct {
        const char *schema, *place, *text;
    } cases[] = {
        { "{\"type\":\"integer\",\"minimum\":5,\"maximum\":3}", "", "at the root" },
        { "{\"properties\":{\"a\":{\"type\":\"array\",\"minItems\":1,\"items\":false}},"
          "\"required\":[\"a\"],\"type\":\"object\"}",
          "/properties/a", "no answer" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dialect d = { 0 };
        struct shape_spec p = { .dialect = &d };
        struct js *schema = NULL;
        struct shape *s = NULL;
        struct grammar_place place;
        struct err e = { 0 };

        assert_int_equal(js_parse(&schema, cases[i].schema, strlen(cases[i].schema), NULL), ERR_OK);
        p.schema = schema;
        assert_int_equal(shape_open(&s, &p, &place, &e), ERR_ARG);
        assert_int_equal(strncmp(place.pointer, cases[i].place, strlen(cases[i].place)), 0);
        assert_non_null(strstr(e.text, cases[i].text));
        assert_true(*cases[i].place || !*place.pointer);
        js_close(schema);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_impossible), cmocka_unit_test(test_required),
        cmocka_unit_test(test_auto),       cmocka_unit_test(test_answer),
        cmocka_unit_test(test_rendered),   cmocka_unit_test(test_union),
        cmocka_unit_test(test_both_forms), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_tools)
    };

    assert_int_equal(js_parse(&tools, tools_text, strlen(tools_text), NULL), ERR_OK);
    for (unsigned i = 0; i < 3; i++) {
        const struct js *params = js_get(js_get(js_at(tools, i), "function"), "parameters");

        if (params)
            assert_int_equal(grammar_of_schema(&args_of[i], params, NULL, NULL), ERR_OK);
    }
    {
        int rc = cmocka_run_group_tests_name("text-shape", tests, NULL, NULL);

        for (unsigned i = 0; i < 3; i++)
            grammar_close(args_of[i]);
        js_close(tools);
        return rc;
    }
}
