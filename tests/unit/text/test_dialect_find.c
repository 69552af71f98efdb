/* Proves: every stored chat template is recognised: its dialect, how it was found, whether it
 * offers tools itself, its thoughts and the variables that switch them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "text/dialect.h"

#define SET "chat-templates"

struct expected {
    const char *template_name, *dialect, *found, *reasoning;
    bool native;
    unsigned vars;
};

static const struct expected table[] = {
    { "Apertus-8B-Instruct", "apertus", "probe", "inner", true, 1 },
    { "Bielik-11B-v3.0-Instruct", "hermes", "probe", "think", true, 1 },
    { "ByteDance-Seed-OSS", "seed", "probe", "seed", true, 8 },
    { "CohereForAI-c4ai-command-r-plus-tool_use", "command-r", "probe", "", true, 0 },
    { "CohereForAI-c4ai-command-r7b-12-2024-tool_use", "command-r7b", "probe", "command", true, 1 },
    { "GLM-4.6", "glm", "probe", "think", true, 1 },
    { "GigaChat3-10B-A1.8B", "gigachat", "probe", "", true, 0 },
    { "HuggingFaceTB-SmolLM3-3B", "generic", "default", "think", false, 1 },
    { "Kimi-K2-Instruct", "kimi", "probe", "", true, 0 },
    { "LFM2-8B-A1B", "lfm2", "template text", "", true, 0 },
    { "LFM2.5-Instruct", "lfm2", "template text", "think", true, 0 },
    { "MiMo-VL", "hermes", "probe", "", true, 0 },
    { "MiniMax-M2", "minimax", "probe", "think", true, 0 },
    { "Mistral-Small-3.2-24B-Instruct-2506", "mistral-args", "probe", "", true, 0 },
    { "NVIDIA-Nemotron-Nano-v2", "nemotron", "probe", "think", true, 0 },
    { "NousResearch-Hermes-3-Llama-3.1-8B-tool_use", "hermes", "probe", "", true, 0 },
    { "Qwen-Qwen2.5-7B-Instruct", "hermes", "probe", "", true, 0 },
    { "Qwen-Qwen3-0.6B", "hermes", "probe", "think", true, 1 },
    { "Qwen3-Coder", "qwen3-coder", "probe", "", true, 0 },
    { "Qwen3.5-4B", "qwen3-coder", "probe", "think", true, 1 },
    { "StepFun3.5-Flash", "qwen3-coder", "probe", "think", true, 0 },
    { "deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "deepseek-v3", "template text", "think", false,
      0 },
    { "deepseek-ai-DeepSeek-V3.1", "deepseek-v3.1", "probe", "think", false, 3 },
    { "fireworks-ai-llama-3-firefunction-v2", "firefunction", "probe", "", true, 0 },
    { "google-gemma-2-2b-it", "generic", "default", "", false, 0 },
    { "google-gemma-4-31B-it", "gemma", "probe", "gemma", true, 1 },
    { "ibm-granite-granite-3.3-2B-Instruct", "granite", "template text", "think-response", true,
      2 },
    { "ibm-granite-granite-4.0", "hermes", "probe", "", true, 0 },
    { "llama-cpp-deepseek-r1", "deepseek-v3", "template text", "think", false, 0 },
    { "llama-cpp-rwkv-world", "generic", "default", "think", false, 1 },
    { "meetkai-functionary-medium-v3.1", "functionary", "probe", "", true, 0 },
    { "meta-llama-Llama-3.1-8B-Instruct", "llama3", "probe", "", true, 0 },
    { "meta-llama-Llama-3.2-3B-Instruct", "llama3", "probe", "", true, 0 },
    { "microsoft-Phi-3.5-mini-instruct", "generic", "default", "", false, 0 },
    { "mistralai-Mistral-Nemo-Instruct-2407", "mistral", "probe", "", true, 0 },
    { "openai-gpt-oss-120b", "harmony", "probe", "harmony", true, 4 },
    { "openbmb-MiniCPM5-1B", "minicpm", "probe", "think", true, 1 },
    { "tencent-Hy3", "hunyuan", "probe", "think-opensource", true, 132 },
    { "unsloth-Apriel-1.5", "apriel", "probe", "apriel", true, 0 },
    { "upstage-Solar-Open-100B", "solar", "probe", "solar", true, 4 },
};

static const struct expected *row_of(const char *name)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].template_name, name) == 0)
            return &table[i];
    return NULL;
}

/* True when the template is seen as the table says; templates the table does not know must be
 * found without a crash and are printed. */
static bool check_template(const char *name)
{
    const struct expected *x = row_of(name);
    const char *think;
    char file[256];
    struct dialect d;
    struct tmpl *t = NULL;
    struct buf text;
    bool ok;

    snprintf(file, sizeof(file), "%s.jinja", name);
    text = fixture_read(SET, file);
    assert_int_equal(tmpl_open(&t, buf_str(&text), text.len, NULL), ERR_OK);
    assert_int_equal(dialect_find(&d, t, buf_str(&text), text.len, NULL), ERR_OK);
    think = d.reasoning.row ? d.reasoning.row->name : "";
    ok = !x ||
         (strcmp(x->dialect, d.row->name) == 0 &&
          strcmp(x->found, dialect_found_name(d.found)) == 0 && strcmp(x->reasoning, think) == 0 &&
          x->native == d.native && x->vars == d.reasoning.vars);
    if (!x || !ok)
        printf("    { \"%s\", \"%s\", \"%s\", \"%s\", %s, %u }, /* %s */\n", name, d.row->name,
               dialect_found_name(d.found), think, d.native ? "true" : "false", d.reasoning.vars,
               x ? "differs" : "not in the table");
    tmpl_close(t);
    buf_finish(&text);
    return ok;
}

/* All stored templates. */
static void test_all_templates(void **state)
{
    unsigned n_bad = 0;
    struct js *index;
    const struct js *list;

    (void)state;
    if (!fixtures_dir())
        skip();
    index = fixture_json(SET, "index.json");
    list = js_get(index, "templates");
    for (size_t i = 0; i < js_len(list); i++)
        n_bad += !check_template(js_str(js_get(js_at(list, i), "name"), NULL));
    js_close(index);
    assert_int_equal(n_bad, 0);
}

/* A model without a template gets the generic form. */
static void test_no_template(void **state)
{
    struct dialect d;

    (void)state;
    assert_int_equal(dialect_find(&d, NULL, NULL, 0, NULL), ERR_OK);
    assert_string_equal(d.row->name, "generic");
    assert_false(d.native);
    assert_null(d.reasoning.row);
    assert_int_equal(d.found, DIALECT_BY_DEFAULT);
}

#define TURNS                                                                                      \
    "{% for m in messages %}<{{ m.role }}>{% if m.reasoning_content %}<think>{{ "                  \
    "m.reasoning_content }}</think>{% endif %}{{ m.content }}"
#define GO     "{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"
#define GLM_GO "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"

/* Templates of one trait each. */
static const struct {
    const char *source, *dialect, *found;
    bool native, args_text;
    unsigned offers;
    bool metadata;
} traits[] = {
    /* tools as JSON text in a variable of its own, and a date: without them it fails */
    { "{{ 'Tools: ' + functions + datetime }}" TURNS
      "{% for c in m.tool_calls %}functools[{\"name\": \"{{ c.function.name }}\", \"arguments\": "
      "{{ "
      "c.function.arguments | tojson }}}]{% endfor %}" GO,
      "firefunction", "probe", true, false, DIALECT_OFFER_TEXT, false },
    /* tools in the system message, as text */
    { "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% if m.tools %}{{ '<|tool|>' + "
      "m.tools + "
      "'<|/tool|>' }}{% endif %}" GO,
      "phi-4", "template text", true, false, DIALECT_OFFER_SPEC, false },
    /* as a list, with calls that nobody here knows: described in the generic form instead */
    { "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for t in m.tools or [] %}{{ "
      "t['function']['name'] }}{% endfor %}" GO,
      "generic", "default", false, false, 0, false },
    /* arguments that must be text */
    { "{{ tools | tojson }}" TURNS "{% for c in m.tool_calls %}{{ '<tool_call>{\"name\": \"' + "
      "c.function.name + '\", \"arguments\": ' + c.function.arguments + '}</tool_call>' }}{% "
      "endfor "
      "%}" GO,
      "hermes", "probe", true, true, 0, false },
    /* the same behind a prompt that begins the call, and only known by its text otherwise */
    { "{{ tools | tojson }}{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% "
      "for c "
      "in m.tool_calls %}{{ '>>>' + c.function.name + '\n' + c.function.arguments }}{% endfor %}{% "
      "else %}{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}<assistant>>>>{% "
      "endif %}",
      "functionary-v3.2", "probe", true, true, 0, false },
    /* nothing of a call but its id */
    { "{{ tools | tojson }}" TURNS
      "{% for c in m.tool_calls %}<|tool_calls_section_begin|><|tool_call_"
      "begin|>{{ c.id }}<|tool_call_argument_begin|>{{ c.function.arguments | tojson "
      "}}<|tool_call_end|><|tool_calls_section_end|>{% endfor %}" GO,
      "kimi", "probe", true, false, 0, false },
    /* an own form that has no row */
    { "{{ tools | tojson }}" TURNS "{% for c in m.tool_calls %}CALL {{ c.function.name }} WITH {{ "
      "c.function.arguments | tojson }}{% endfor %}" GO,
      "generic", "default", false, false, 0, false },
    /* bare objects in the past, but asked for behind a mark */
    { "{{ tools | tojson }} Answer functools[...] " TURNS
      "{% for c in m.tool_calls %}{\"name\": \"{{ c.function.name }}\", \"arguments\": {{ "
      "c.function.arguments | tojson }}}{% endfor %}" GO,
      "firefunction", "template text", true, false, 0, false },
    /* keyword calls that are asked for, but shown in a way that nobody reads */
    { "{{ tools | tojson }} Answer [func_name1(a=1)] " TURNS
      "{% for c in m.tool_calls %}[{{ c.function.name }}(?)]{% endfor %}" GO,
      "pythonic", "template text", true, false, 0, false },
    /* shows calls, but nobody is told of tools */
    { TURNS "{% for c in m.tool_calls %}<tool_call>{\"name\": \"{{ c.function.name }}\", "
            "\"arguments\": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}" GO,
      "hermes", "probe", false, false, 0, false },
    /* tells of them beside a system message only */
    { "{% if messages[0].role == 'system' %}{{ tools | tojson }}{% endif %}" TURNS
      "{% for c in m.tool_calls %}<tool_call>{\"name\": \"{{ c.function.name }}\", "
      "\"arguments\": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}" GO,
      "hermes", "probe", true, false, 0, false },
    /* leaves results out */
    { "{{ tools | tojson }}{% for m in messages if m.role != 'tool' %}<{{ m.role }}>{{ m.content "
      "}}{% for c in m.tool_calls %}<tool_call>{\"name\": \"{{ c.function.name }}\", "
      "\"arguments\": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}" GO,
      "hermes", "probe", false, false, 0, false },
    /* fenced lines of keyword calls */
    { "{{ tools | tojson }}" TURNS
      "{% if m.tool_calls %}<|tool_call_start|>\n```python\n{% for c in "
      "m.tool_calls %}{{ c.function.name }}({% for k, v in c.function.arguments.items() %}{{ k "
      "}}={{ "
      "v | tojson }}{% endfor %})\n{% endfor %}```\n<|tool_call_end|>\n{% endif %}" GO,
      "minicpm3", "probe", true, false, 0, false },
    /* a message to the tools */
    { "{{ tools | tojson }}{% for m in messages %}<|im_start|>{{ m.role }}{% if m.tool_calls %} -> "
      "tool/function_call\n[{% for c in m.tool_calls %}{\"name\": \"{{ c.function.name }}\", "
      "\"arguments\": {{ c.function.arguments | tojson }}}{% endfor %}]{% else %}\n{{ m.content "
      "}}{% "
      "endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant{% endif "
      "%}",
      "hyperclova", "probe", true, false, 0, false },
    /* shows tools and results, and calls only in what an answer says */
    { "{% for t in tools or [] %}<tool> {{ t | tojson }} </tool>{% endfor %}{% for m in messages "
      "%}{{ '<extra_id_1>Tool' if m.role == 'tool' else '<extra_id_1>' + m.role }}\n{{ m.content "
      "}}\n{% endfor %}{% if add_generation_prompt %}<extra_id_1>assistant\n{% endif %}",
      "nemotron-mini", "template text", true, false, 0, false },
    /* calls as turns whose header is the name, results as observations */
    { "{% for t in tools or [] %}{{ t.function.name }}{% endfor %}{% for m in messages %}{% if "
      "m.role in ['user', 'assistant', 'observation'] %}<|{{ m.role }}|>{{ m.metadata }}\n{{ "
      "m.content }}{% endif %}" GLM_GO,
      "glm-4", "probe", true, false, 0, true },
    { "{% for m in messages %}{% if m.tools is defined %}{% for t in m.tools %}{{ "
      "t['function']['name'] }}{% endfor %}{% endif %}{% if m.content %}<|{{ m.role }}|>{{ "
      "m['metadata'] }}\n{{ m.content }}{% endif %}" GLM_GO,
      "glm-4", "probe", true, false, DIALECT_OFFER_MESSAGE, true },
    /* the same from the member that others use */
    { "{{ tools | tojson }}{% for m in messages %}{% for c in m.tool_calls or [] %}<|assistant|>{{ "
      "c.function.name }}\n{{ c.function.arguments | tojson }}{% else %}<|{{ m.role }}|>\n{{ "
      "m.content }}{% endfor %}" GLM_GO,
      "glm-4", "probe", true, false, 0, false },
    /* results that it leaves out */
    { "{{ tools | tojson }}{% for m in messages if m.role != 'observation' %}<|{{ m.role }}|>{{ "
      "m.metadata }}\n{{ m.content }}" GLM_GO,
      "glm-4", "probe", false, false, 0, true },
    /* a list of keyword calls, bare */
    { "{{ tools | tojson }}" TURNS "{% if m.tool_calls %}[{% for c in m.tool_calls %}{{ "
      "c.function.name }}({% for k, v in c.function.arguments.items() %}{{ k }}={{ v | tojson }}{% "
      "endfor %}){% endfor %}]{% endif %}" GO,
      "pythonic", "probe", true, false, 0, false },
};

static void test_traits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++) {
        const char *source = traits[i].source;
        struct dialect d;
        struct tmpl *t = NULL;

        assert_int_equal(tmpl_open(&t, source, strlen(source), NULL), ERR_OK);
        assert_int_equal(dialect_find(&d, t, source, strlen(source), NULL), ERR_OK);
        if (strcmp(d.row->name, traits[i].dialect) != 0 ||
            strcmp(dialect_found_name(d.found), traits[i].found) != 0 ||
            d.native != traits[i].native ||
            d.both != (!d.native && strcmp(d.row->name, "generic") != 0) ||
            d.args_text != traits[i].args_text || d.offers != traits[i].offers ||
            d.metadata != traits[i].metadata)
            fail_msg("%s\n%s, %s, native %d, args_text %d, offers %u, metadata %d", source,
                     d.row->name, dialect_found_name(d.found), d.native, d.args_text, d.offers,
                     d.metadata);
        tmpl_close(t);
    }
}

/* The variables that switch thoughts, and the words that a template takes. */
static void test_variables(void **state)
{
    static const struct {
        const char *head;
        unsigned vars;
        const char *off;
        bool no_medium;
    } cases[] = {
        { "{{ thinking_mode }}", REASONING_MODE, NULL, false },
        { "{{ reasoning_strength }}", REASONING_STRENGTH, NULL, false },
        { "{% if thinking_effort is defined and thinking_effort not in ['low', 'high', 'max'] %}{{ "
          "raise_exception('no') }}{% endif %}{{ thinking_effort }}",
          REASONING_THINKING_EFFORT, NULL, true },
        { "{% if reasoning_effort is defined and reasoning_effort not in ['low', 'high', "
          "'no_think'] "
          "%}{{ raise_exception('no') }}{% endif %}{{ reasoning_effort }}",
          REASONING_EFFORT | REASONING_EFFORT_OFF, "no_think", true },
        { "{{ 'quiet' if reasoning_effort == 'none' }}", REASONING_EFFORT_OFF, "none", false },
        { "{{ reasoning_effort }}", REASONING_EFFORT, NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char source[1024];
        struct dialect d;
        struct tmpl *t = NULL;
        int n = snprintf(source, sizeof(source), "%s%s%s", cases[i].head, TURNS, GO);

        assert_int_equal(tmpl_open(&t, source, (size_t)n, NULL), ERR_OK);
        assert_int_equal(dialect_find(&d, t, source, (size_t)n, NULL), ERR_OK);
        assert_int_equal(d.reasoning.vars, cases[i].vars);
        assert_int_equal(d.reasoning.no_medium, cases[i].no_medium);
        if (cases[i].off)
            assert_string_equal(d.reasoning.off, cases[i].off);
        else
            assert_null(d.reasoning.off);
        tmpl_close(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_templates),
        cmocka_unit_test(test_no_template),
        cmocka_unit_test(test_traits),
        cmocka_unit_test(test_variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
