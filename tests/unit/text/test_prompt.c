/* Proves: conversations reach a template in a form that it accepts, nothing of them is lost, and
 * what is to be left out is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "formats/gguf.h"
#include "os/file.h"
#include "text/prompt.h"

static struct gguf *file;
static struct tok *tok;

static int open_tok(void **state)
{
    const char *root = getenv("HEARTH_SOURCE");
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/assets/hearth-guide.gguf", root ? root : ".");
    if (!file_exists(path))
        return 0;
    return gguf_open(&file, path, NULL) || tok_open(&tok, file, NULL);
}

static int close_tok(void **state)
{
    (void)state;
    tok_close(tok);
    gguf_close(file);
    return 0;
}

/* What a template shows of its messages: role, colon, content, bar. */
#define SHOW "{{ m.role }}:{{ m.content }}|"
#define EACH "{% for m in messages %}" SHOW "{% endfor %}"
#define OPEN "{% if add_generation_prompt %}>{% endif %}"

struct made {
    struct tmpl *tmpl;
    struct prompt_format f;
    struct buf out;
    struct prompt_bars bars;
    struct err e;
    enum err_code rc;
};

static void make_as(struct made *m, const char *source, const char *dialect)
{
    if (!tok)
        skip();
    *m = (struct made){ 0 };
    buf_init(&m->out, MEM_OTHER, 1U << 24);
    if (source && tmpl_open(&m->tmpl, source, strlen(source), &m->e))
        fail_msg("%s", m->e.text);
    assert_int_equal(
        prompt_format_open(&m->f,
                           &(struct prompt_source){ .tok = tok,
                                                    .tmpl = m->tmpl,
                                                    .source = source,
                                                    .dialect = dialect,
                                                    .source_len = source ? strlen(source) : 0 },
                           &m->e),
        ERR_OK);
}

static void make(struct made *m, const char *source)
{
    make_as(m, source, NULL);
}

static void unmake(struct made *m)
{
    prompt_format_close(&m->f);
    tmpl_close(m->tmpl);
    prompt_bars_finish(&m->bars);
    buf_finish(&m->out);
}

static const char *render(struct made *m, const char *messages, struct prompt_params p)
{
    struct js *j = NULL;

    buf_clear(&m->out);
    m->e = (struct err){ 0 };
    assert_int_equal(js_parse(&j, messages, strlen(messages), NULL), ERR_OK);
    p.messages = j;
    m->rc = prompt_render(&m->f, &p, &m->out, &m->bars, &m->e);
    js_close(j);
    return buf_str(&m->out);
}

#define NO_PARAMS ((struct prompt_params){ 0 })
#define S(text)   "{\"role\":\"system\",\"content\":\"" text "\"}"
#define U(text)   "{\"role\":\"user\",\"content\":\"" text "\"}"
#define A(text)   "{\"role\":\"assistant\",\"content\":\"" text "\"}"

/* Proves: what a template takes is given as it is. */
static void conversations_are_shown_as_they_are(void **state)
{
    struct made m;

    (void)state;
    make(&m, EACH OPEN);
    assert_string_equal(render(&m, "[" S("s") "," U("u") "," A("a") "," U("v") "]", NO_PARAMS),
                        "system:s|user:u|assistant:a|user:v|>");
    assert_string_equal(
        render(&m,
               "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},"
               "{\"type\":\"text\",\"text\":\"y\"}]},{\"role\":\"assistant\","
               "\"content\":null}]",
               NO_PARAMS),
        "user:xy|assistant:|>");
    unmake(&m);
}

/* Proves: tools reach a template where it looks for them: as text in a variable of its own, with
 * the date, or in the system message, which is made when there is none. */
static void tools_go_where_they_are_read(void **state)
{
    static const char list[] =
        "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]";
    struct prompt_params p = { .unix_s = 951827696, .zone_s = 3600 }; /* 2000-02-29 12:34:56 */
    struct js *tools = NULL, *kwargs = NULL;
    struct made m;

    (void)state;
    assert_int_equal(js_parse(&tools, list, strlen(list), NULL), ERR_OK);
    assert_int_equal(js_parse(&kwargs, "{\"datetime\":\"now\"}", 18, NULL), ERR_OK);
    make(&m, "{{ '' + functions + '@' + datetime + '|' }}" EACH
             "{% for m in messages %}{% for c in m.tool_calls or [] %}functools[{\"name\": \"{{ "
             "c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}}]{% endfor "
             "%}{% endfor %}" OPEN);
    assert_string_equal(render(&m, "[" U("u") "]", p), "[]@2000-02-29 13:34:56|user:u|>");
    p.tools = tools;
    p.kwargs = kwargs;
    assert_string_equal(render(&m, "[" U("u") "]", p),
                        "[{\"name\":\"f\",\"parameters\":{}}]@now|user:u|>");
    unmake(&m);
    make(&m, "{% for m in messages %}" SHOW "{% if m.tools %}{{ '<|tool|>' + m.tools + '<|/tool|>' "
             "}}{% endif %}{% endfor %}" OPEN);
    assert_string_equal(render(&m, "[" U("u") "]", p),
                        "system:|<|tool|>[{\"name\":\"f\",\"parameters\":{}}]<|/tool|>user:u|>");
    assert_string_equal(render(&m, "[" S("s") "," U("u") "]", p),
                        "system:s|<|tool|>[{\"name\":\"f\",\"parameters\":{}}]<|/tool|>user:u|>");
    p.tools = NULL;
    assert_string_equal(render(&m, "[" U("u") "]", p), "user:u|>");
    unmake(&m);
    js_close(tools);
    js_close(kwargs);
}

#define CALL_OF(id, name)                                                                          \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name                      \
    "\",\"arguments\":\"{}\"}}"
#define RESULT_OF(id, text)                                                                        \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"" text "\"}"

/* Proves: what a template asks for in so many words it gets: short ids that still belong together,
 * one call a turn with its result, descriptions. What it does not ask for stays as it is. */
static void refused_details_are_changed(void **state)
{
    static const char two[] =
        "[" U("u") ",{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[" CALL_OF(
            "call_1", "f") "," CALL_OF("call_2", "g") "]}," RESULT_OF("call_2",
                                                                      "r2") "," RESULT_OF("call_1",
                                                                                          "r1") "]";
    static const char show[] =
        "{# <tool_call> #}{{ tools | tojson if tools }}{% for m in messages %}{{ m.role }}:{{ "
        "m.content }}{% for c in m.tool_calls or [] %}({{ "
        "c.function.name }} {{ c.id }}){% endfor %}{% if m.tool_call_id %}={{ m.tool_call_id }}{% "
        "endif %}|{% endfor %}";
    static const char nine[] =
        "{% for m in messages %}{% for c in m.tool_calls or [] %}{% if c.id | "
        "length != 9 %}{{ raise_exception('nine') }}{% endif %}{% endfor %}{% "
        "endfor %}";
    static const char single[] = "{% for m in messages %}{% if m.tool_calls | length > 1 %}{{ "
                                 "raise_exception('one') }}{% endif %}{% endfor %}";
    static const char list[] =
        "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\","
        "\"properties\":{\"p\":{\"type\":\"string\"},\"o\":{\"type\":\"object\"}}}}}]";
    struct prompt_params p = { 0 };
    struct js *tools = NULL;
    char source[2048], id[2][10];
    const char *text;
    struct made m;

    (void)state;
    make(&m, show);
    assert_string_equal(render(&m, two, NO_PARAMS),
                        "user:u|assistant:a(f call_1)(g call_2)|tool:r2=call_2|tool:r1=call_1|");
    unmake(&m);
    (void)snprintf(source, sizeof(source), "%s%s", nine, show);
    make(&m, source);
    text = render(&m, two, NO_PARAMS);
    assert_int_equal(m.rc, ERR_OK);
    assert_int_equal(
        sscanf(text, "user:u|assistant:a(f %9[0-9A-Za-z])(g %9[0-9A-Za-z])|", id[0], id[1]), 2);
    assert_string_not_equal(id[0], id[1]);
    (void)snprintf(source, sizeof(source), "|tool:r2=%s|tool:r1=%s|", id[1], id[0]);
    assert_non_null(strstr(text, source));
    unmake(&m);
    (void)snprintf(source, sizeof(source), "%s%s", single, show);
    make(&m, source);
    text = render(&m, two, NO_PARAMS);
    assert_int_equal(m.rc, ERR_OK);
    (void)snprintf(source, sizeof(source),
                   "user:u|assistant:a(f %s)|tool:r1=%s|assistant:(g %s)|tool:r2=%s|", id[0], id[0],
                   id[1], id[1]);
    assert_string_equal(text, source);
    unmake(&m);
    assert_int_equal(js_parse(&tools, list, strlen(list), NULL), ERR_OK);
    p.tools = tools;
    (void)snprintf(source, sizeof(source),
                   "{%% for t in tools or [] %%}{{ 'Does ' + t.function.description }}{%% for k, v "
                   "in t.function.parameters.properties.items() %%}{{ '' + v.description }}{{ "
                   "'map' if v.type == "
                   "'object' and v.additionalProperties.x is undefined }}{%% "
                   "endfor %%}{%% endfor %%}%s",
                   show);
    make(&m, source);
    text = render(&m, "[" U("u") "]", p);
    assert_int_equal(m.rc, ERR_OK);
    assert_non_null(
        strstr(text, "Does map[{\"type\": \"function\", \"function\": {\"description\": \"\""));
    unmake(&m);
    js_close(tools);
}

/* Proves: where a template knows calls as turns with the name in their header, calls become such
 * turns in their order, and results observations. */
static void calls_become_turns(void **state)
{
    static const char turns[] =
        "{% for t in tools or [] %}{{ t.function.name }}{% endfor %}{% for m in messages %}{% if "
        "m.role != 'tool' %}<|{{ m.role }}|>{{ m.metadata }}\n{{ m.content }}{% endif %}{% endfor "
        "%}{% if add_generation_prompt %}<|assistant|>{% endif %}";
    static const char talk[] =
        "[" U("u") ",{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[" CALL_OF(
            "c1", "f") ",{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\","
                       "\"arguments\":{\"q\":[1,\"Ã¼\"]}}},{\"function\":{\"name\":\"h\"}}]}"
                       "," RESULT_OF("c1", "r1") "," RESULT_OF("c2", "r2") "]";
    static const char shown[] =
        "<|user|>\nu<|assistant|>\na<|assistant|>f\n{}<|assistant|>g\n{\"q\":[1,\"Ã¼\"]}"
        "<|assistant|>h\n{}<|observation|>\nr1<|observation|>\nr2<|assistant|>";
    struct made m;

    (void)state;
    make(&m, turns);
    assert_string_equal(m.f.dialect.row->name, "glm-4");
    assert_true(m.f.dialect.native && m.f.dialect.metadata);
    assert_string_equal(render(&m, talk, NO_PARAMS), shown);
    assert_int_equal(m.rc, ERR_OK);
    unmake(&m);
    make(&m, "{% for m in messages if m.role != 'observation' %}<|{{ m.role }}|>{{ m.metadata "
             "}}\n{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif "
             "%}"); /* shows no results: calls are told in the generic form */
    assert_false(m.f.dialect.native);
    (void)render(&m, talk, NO_PARAMS);
    assert_non_null(strstr(buf_str(&m.out), "[TOOL_REQUEST]{\"name\":\"f\",\"arguments\":{}}"));
    assert_non_null(strstr(buf_str(&m.out), "[TOOL_RESULT]r1[END_TOOL_RESULT]"));
    unmake(&m);
}

/* Proves: a template that shows no past calls gets them in the words that its model writes. */
static void calls_are_told(void **state)
{
    static const char talk[] =
        "[" U("u") ",{\"role\":\"assistant\",\"content\":\"a\",\"tool_calls\":[" CALL_OF(
            "c1", "f") "," CALL_OF("c2", "g") "]}," RESULT_OF("c1", "r1") "," RESULT_OF("c2",
                                                                                        "r2") "]";
    static const char source[] =
        "{% for t in tools or [] %}{{ t.function.name }}{% endfor %}{% for m in messages %}{{ "
        "'<extra_id_1>Tool' if m.role == 'tool' else '<extra_id_1>' + m.role }}\n{{ m.content "
        "}}\n{% endfor %}";
    struct made m;

    (void)state;
    make(&m, source);
    assert_true(m.f.dialect.native && m.f.dialect.told);
    assert_string_equal(render(&m, talk, NO_PARAMS),
                        "<extra_id_1>user\nu\n<extra_id_1>assistant\na\n<toolcall> "
                        "{\"name\":\"f\",\"arguments\":{}} </toolcall>\n<toolcall> "
                        "{\"name\":\"g\",\"arguments\":{}} "
                        "</toolcall>\n<extra_id_1>Tool\nr1\n<extra_id_1>Tool\nr2\n");
    unmake(&m);
    make_as(&m, source, "mistral"); /* other forms are not told */
    assert_null(strstr(render(&m, talk, NO_PARAMS), "name"));
    unmake(&m);
    make_as(&m, source, "generic");
    assert_non_null(strstr(render(&m, talk, NO_PARAMS), "[TOOL_REQUEST]"));
    assert_null(strstr(buf_str(&m.out), "toolcall"));
    unmake(&m);
}

/* Proves: ids that have to say a call's name and place do. */
static void counted_ids_are_made(void **state)
{
    static const char talk[] =
        "[" U("u") ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" CALL_OF(
            "x1", "f") "," CALL_OF("functions.g:7", "g") "]}," RESULT_OF("x1", "r") "]";
    struct made m;

    (void)state;
    make(&m, "{{ tools | tojson if tools }}{% for m in messages %}{{ m.content }}{% for c in "
             "m.tool_calls or [] "
             "%}<|tool_calls_section_begin|><|tool_call_begin|>{{ c.id "
             "}}<|tool_call_argument_begin|>{{ c.function.arguments | tojson "
             "}}<|tool_call_end|><|tool_calls_section_end|>{% endfor %}{% if m.tool_call_id %}={{ "
             "m.tool_call_id }}{% endif %}{% endfor %}");
    assert_string_equal(m.f.dialect.row->name, "kimi");
    (void)render(&m, talk, NO_PARAMS);
    assert_int_equal(m.rc, ERR_OK);
    assert_non_null(strstr(buf_str(&m.out), "<|tool_call_begin|>functions.f:0<"));
    assert_non_null(strstr(buf_str(&m.out), "<|tool_call_begin|>functions.g:7<"));
    assert_non_null(strstr(buf_str(&m.out), "r=functions.f:0"));
    unmake(&m);
}

/* Proves: a past thought is where its template looks for it. */
static void thoughts_go_where_they_are_read(void **state)
{
    static const char *const keys[] = { "reasoning_content", "thinking", "reasoning", "thought" };
    static const char messages[] = "[" U("u") ",{\"role\":\"assistant\",\"content\":\"a\","
                                              "\"reasoning_content\":\"t\"}," U("v") "]";

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        char source[256];
        struct made m;

        (void)snprintf(source, sizeof(source),
                       "{%% for m in messages %%}{%% if m.%s %%}<think>{{ m.%s }}</think>{%% endif "
                       "%%}" SHOW "{%% endfor %%}",
                       keys[i], keys[i]);
        make(&m, source);
        assert_string_equal(render(&m, messages, NO_PARAMS),
                            "user:u|<think>t</think>assistant:a|user:v|");
        unmake(&m);
    }
}

/* Proves: a message may come in very many parts; joining them costs their length alone. */
static void many_parts_are_one_text(void **state)
{
    enum { N_PART = 3000, PART_BYTES = 1000 };
    char part[PART_BYTES + 1];
    struct buf json;
    struct made m;

    (void)state;
    memset(part, 'p', PART_BYTES);
    part[PART_BYTES] = '\0';
    buf_init(&json, MEM_OTHER, 1U << 24);
    (void)buf_adds(&json, "[{\"role\":\"user\",\"content\":[");
    for (int i = 0; i < N_PART; i++)
        (void)buf_addf(&json, "%s{\"type\":\"text\",\"text\":\"%s\"}", i ? "," : "", part);
    (void)buf_adds(&json, "]}]");
    make(&m, EACH OPEN);
    (void)render(&m, buf_str(&json), NO_PARAMS);
    assert_int_equal(m.rc, ERR_OK);
    assert_int_equal(m.out.len, strlen("user:|>") + (size_t)N_PART * PART_BYTES);
    unmake(&m);
    buf_finish(&json);
}

/* Proves: system messages in the middle, neighbours of one role and a refused system role are put
 * into a form that the template accepts; its own words tell when nothing helps. */
static void refused_forms_are_tried_again(void **state)
{
    static const char strict[] =
        "{% for m in messages %}{% if m.role == 'system' and not loop.first %}"
        "{{ raise_exception('late system') }}{% endif %}"
        "{% if not loop.first and messages[loop.index0 - 1].role == m.role %}"
        "{{ raise_exception('must alternate') }}{% endif %}" SHOW "{% endfor %}" OPEN;
    static const char none[] =
        "{% for m in messages %}{% if m.role == 'system' %}"
        "{{ raise_exception('no system') }}{% endif %}" SHOW "{% endfor %}" OPEN;
    static const char silent[] =
        "{% for m in messages %}{% if m.role != 'system' %}" SHOW "{% endif %}{% endfor %}" OPEN;
    static const char never[] = "{{ raise_exception('not today') }}";
    struct made m;

    (void)state;
    make(&m, strict);
    assert_string_equal(render(&m, "[" S("s") "," U("u") "," S("t") "," U("v") "]", NO_PARAMS),
                        "system:s\n\nt|user:u\n\nv|>");
    unmake(&m);
    make(&m, none);
    assert_true(m.f.no_system);
    assert_string_equal(render(&m, "[" S("s") "," U("u") "," A("a") "]", NO_PARAMS),
                        "user:s\n\nu|assistant:a|>");
    assert_string_equal(render(&m, "[" S("s") "]", NO_PARAMS), "user:s|>");
    unmake(&m);
    make(&m, silent);
    assert_true(m.f.no_system);
    assert_string_equal(render(&m, "[" S("s") "," U("u") "]", NO_PARAMS), "user:s\n\nu|>");
    unmake(&m);
    make(&m, never);
    (void)render(&m, "[" U("u") "]", NO_PARAMS);
    assert_int_equal(m.rc, ERR_TEMPLATE);
    assert_non_null(strstr(m.e.text, "not today"));
    unmake(&m);
}

/* Proves: templates that read content only as a list get a list. */
static void typed_content_is_found(void **state)
{
    struct made m;

    (void)state;
    make(&m,
         "{% for m in messages %}{% for c in m.content %}{{ c.text }}{% endfor %}|{% endfor %}");
    assert_true(m.f.typed_content);
    assert_string_equal(render(&m, "[" U("u") "," A("a") "]", NO_PARAMS), "u|a|");
    unmake(&m);
}

/* Proves: the prompt ends with the last message's text, whatever the template puts behind it, trims
 * or holds itself. */
static void last_messages_are_continued(void **state)
{
    struct prompt_params p = { .continue_last = true };
    struct made m;

    (void)state;
    make(&m, "{% for m in messages %}{{ m.role }}:{{ m.content | trim }}<end e>{% endfor %}" OPEN);
    assert_string_equal(render(&m, "[" U("u") "," A("e") "]", p), "user:u<end e>assistant:e");
    assert_string_equal(render(&m, "[" U("u") "," A("e ") "]", p), "user:u<end e>assistant:e ");
    assert_string_equal(render(&m, "[" U("u") "," A("") "]", p), "user:u<end e>assistant:");
    (void)render(&m, "[" U("u") "]", p);
    assert_int_equal(m.rc, ERR_ARG);
    unmake(&m);
    make(&m, "{{ messages[0].content }}");
    (void)render(&m, "[" U("u") "," A("e") "]", p);
    assert_int_equal(m.rc, ERR_TEMPLATE);
    unmake(&m);
}

/* Proves: lines that change lose their rest, in the first message only. */
static void volatile_lines_lose_their_rest(void **state)
{
    struct prompt_params p = { .volatile_lines = "Date:\nId" };
    struct made m;

    (void)state;
    make(&m, EACH);
    assert_string_equal(
        render(&m, "[" S("a\\nDate: 1\\n Date: 2\\nIdle\\nDate:") "," U("Date: 3") "]", p),
        "system:a\nDate:\n Date: 2\nId\nDate:|user:Date: 3|");
    assert_string_equal(render(&m, "[" U("Date: 3") "]", p), "user:Date: 3|");
    unmake(&m);
}

/* Proves: messages and the middle of a text are left out, at borders of characters. */
static void cuts_are_made(void **state)
{
    struct prompt_params p = { .cut = { .from = 1, .n = 2 } };
    struct made m;

    (void)state;
    make(&m, EACH);
    assert_string_equal(render(&m, "[" S("s") "," U("a") "," A("b") "," U("c") "]", p),
                        "system:s|user:c|");
    p.cut = (struct prompt_cut){ .in_text = true, .text = 0, .keep = 5 };
    assert_string_equal(render(&m, "[" U("\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4") "]", p),
                        "user:\xC3\xA4\n[\xE2\x80\xA6]\n\xC3\xA4|");
    p.cut.keep = 100;
    assert_string_equal(render(&m, "[" U("short") "]", p), "user:short|");
    unmake(&m);
}

#define TOOLS "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"
#define CALL                                                                                       \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":"            \
    "\"function\","                                                                                \
    "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"x\\\": 1.0}\"}}]}"
#define RESULT "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"42\"}"

/* Proves: a template without tools sees them, calls and results as text, results as the user's. */
static void tools_become_text(void **state)
{
    struct prompt_params p = { 0 };
    struct js *tools = NULL;
    const char *text;
    struct made m;

    (void)state;
    assert_int_equal(js_parse(&tools, TOOLS, strlen(TOOLS), NULL), ERR_OK);
    p.tools = tools;
    make(&m, EACH OPEN);
    assert_false(m.f.dialect.native);
    text = render(&m, "[" U("u") "," CALL "," RESULT "," RESULT "," U("v") "]", p);
    assert_int_equal(strncmp(text, "system:You can call", 19), 0);
    assert_non_null(strstr(text, "|user:u|assistant:[TOOL_REQUEST]{\"name\":\"f\",\"arguments\":"
                                 "{\"x\": 1.0}}[END_TOOL_REQUEST]|user:[TOOL_RESULT]42"
                                 "[END_TOOL_RESULT]\n\n[TOOL_RESULT]42[END_TOOL_RESULT]\n\nv|>"));
    text = render(&m, "[" S("s") "," U("u") "]", p);
    assert_int_equal(strncmp(text, "system:s\n\nYou can call", 22), 0);
    unmake(&m);
    js_close(tools);
}

/* Proves: a template with tools gets arguments as an object, the id and the name of the function
 * that a result belongs to. */
static void native_tools_are_given(void **state)
{
    static const char source[] =
        "{% if tools %}{{ tools[0].function.name }};{% endif %}{% for m in messages %}"
        "{% if m.tool_calls %}{% for c in m.tool_calls %}<tool_call>\n{\"name\": \"{{ "
        "c.function.name }}\", \"arguments\": {{ c.function.arguments | tojson }}}\n</tool_call>"
        "{% endfor %}{% else %}{{ m.role }}:{{ m.name }}:{{ m.content }}{% endif %}|{% endfor %}";
    struct prompt_params p = { 0 };
    struct js *tools = NULL;
    struct made m;

    (void)state;
    assert_int_equal(js_parse(&tools, TOOLS, strlen(TOOLS), NULL), ERR_OK);
    p.tools = tools;
    make(&m, source);
    assert_true(m.f.dialect.native);
    assert_string_equal(render(&m, "[" U("u") "," CALL "," RESULT "]", p),
                        "f;user::u|<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1.0}}\n"
                        "</tool_call>|tool:f:42|");
    unmake(&m);
    js_close(tools);
}

/* Proves: a request's own variables arrive, and go before the switches; those that are not its to
 * set are refused by name. */
static void variables_arrive(void **state)
{
    static const char *const taken[] = { "messages", "tools", "add_generation_prompt", "bos_token",
                                         "eos_token" };
    static const char own[] = "{\"enable_thinking\":true,\"mood\":[1,2.0]}";
    struct prompt_params p = { .reasoning.mode = REASONING_OFF };
    struct js *vars = NULL;
    struct made m;

    (void)state;
    make(&m, "{{ enable_thinking }} {{ mood }}{{ messages[0].content }}");
    assert_string_equal(render(&m, "[" U("!") "]", p), "False !");
    assert_int_equal(js_parse(&vars, own, strlen(own), NULL), ERR_OK);
    p.kwargs = vars;
    assert_string_equal(render(&m, "[" U("!") "]", p), "True [1, 2.0]!");
    js_close(vars);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        char json[64];

        (void)snprintf(json, sizeof(json), "{\"%s\":1}", taken[i]);
        assert_int_equal(js_parse(&vars, json, strlen(json), NULL), ERR_OK);
        p.kwargs = vars;
        (void)render(&m, "[" U("!") "]", p);
        assert_int_equal(m.rc, ERR_ARG);
        assert_non_null(strstr(m.e.text, taken[i]));
        js_close(vars);
    }
    unmake(&m);
}

/* Proves: files without a template get one of ours; a dialect can be named. */
static void there_is_always_a_template(void **state)
{
    struct prompt_source s = { .tok = tok, .dialect = "nobody's" };
    struct prompt_format f;
    struct err e = { 0 };
    struct made m;

    (void)state;
    make(&m, NULL);
    assert_true(m.f.is_fallback && !m.f.is_plain); /* the vocabulary has ChatML's marks */
    assert_string_equal(render(&m, "[" U("u") "]", NO_PARAMS),
                        "<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n");
    unmake(&m);
    assert_int_equal(prompt_format_open(&f, &s, &e), ERR_ARG);
    assert_non_null(strstr(e.text, "nobody's"));
    s.dialect = "hermes";
    assert_int_equal(prompt_format_open(&f, &s, &e), ERR_OK);
    assert_string_equal(f.dialect.row->name, "hermes");
    prompt_format_close(&f);
}

/* Proves: messages of a wrong shape are refused with their place, and memory that runs out is an
 * error like others. */
static void wrong_shapes_are_refused(void **state)
{
    static const char *const cases[][2] = {
        { "[]", "messages" },
        { "{}", "messages" },
        { "[" U("u") ",{\"content\":\"x\"}]", "messages[1].role" },
        { "[{\"role\":\"user\",\"content\":{}}]", "messages[0].content" },
        { "[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]", "messages[0].content[0]" },
        { "[{\"role\":\"user\",\"content\":\"\",\"tool_calls\":3}]", "messages[0].tool_calls" },
    };
    enum err_code rc = ERR_OOM;
    struct made m;

    (void)state;
    make(&m, EACH);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)render(&m, cases[i][0], NO_PARAMS);
        assert_int_equal(m.rc, ERR_FORMAT);
        if (!strstr(m.e.text, cases[i][1]))
            fail_msg("%s", m.e.text);
    }
    for (uint64_t n = 1; rc; n++) {
        struct prompt_params p = { .volatile_lines = "D" };
        struct js *j = NULL;
        const char text[] = "[" S("s\\nD 1") "," U("u") "]";

        assert_int_equal(js_parse(&j, text, strlen(text), NULL), ERR_OK);
        p.messages = j;
        buf_clear(&m.out);
        (void)mem_fail_at(n, 1);
        rc = prompt_render(&m.f, &p, &m.out, &m.bars, NULL);
        (void)mem_fail_at(0, 0);
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        js_close(j);
    }
    unmake(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tools_go_where_they_are_read),
        cmocka_unit_test(thoughts_go_where_they_are_read),
        cmocka_unit_test(refused_details_are_changed),
        cmocka_unit_test(calls_become_turns),
        cmocka_unit_test(calls_are_told),
        cmocka_unit_test(counted_ids_are_made),
        cmocka_unit_test(conversations_are_shown_as_they_are),
        cmocka_unit_test(refused_forms_are_tried_again),
        cmocka_unit_test(many_parts_are_one_text),
        cmocka_unit_test(typed_content_is_found),
        cmocka_unit_test(last_messages_are_continued),
        cmocka_unit_test(volatile_lines_lose_their_rest),
        cmocka_unit_test(cuts_are_made),
        cmocka_unit_test(tools_become_text),
        cmocka_unit_test(native_tools_are_given),
        cmocka_unit_test(variables_arrive),
        cmocka_unit_test(there_is_always_a_template),
        cmocka_unit_test(wrong_shapes_are_refused),
    };

    return cmocka_run_group_tests(tests, open_tok, close_tok);
}
