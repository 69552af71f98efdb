/* The dialects. Order matters for detection: the first row that reads a probe's call back wins, so
 * rows with more structure stand before those with less, and the generic one last. Facts come from
 * the templates the models are published with. */
#include <string.h>

#include "text/dialect_int.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
static const struct dialect_row rows[] = {
    { .name = "harmony", .kind = DIALECT_HARMONY,
      .trigger = { "<|channel|>", "<|start|>", " to=functions." }, .call_end = "<|call|>",
      .name_end = "<|message|>", .source = "<|channel|>commentary" },
    { .name = "deepseek-v3", .kind = DIALECT_NAMED,
      .trigger = { "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>function<｜tool▁sep｜>" },
      .close = "<｜tool▁calls▁end｜>",
      .call = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", .call_end = "<｜tool▁call▁end｜>",
      .name_end = "\n", .source = "'```json'" },
    { .name = "deepseek-v3.1", .kind = DIALECT_NAMED,
      .trigger = { "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>" },
      .close = "<｜tool▁calls▁end｜>", .call = "<｜tool▁call▁begin｜>", .call_end = "<｜tool▁call▁end｜>",
      .name_end = "<｜tool▁sep｜>", .source = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>" },
    { .name = "kimi", .kind = DIALECT_NAMED, .flags = DIALECT_COUNTED,
      .trigger = { "<|tool_calls_section_begin|>", "<|tool_call_begin|>" },
      .close = "<|tool_calls_section_end|>",
      .call = "<|tool_call_begin|>", .call_end = "<|tool_call_end|>",
      .name_end = "<|tool_call_argument_begin|>", .source = "<|tool_calls_section_begin|>" },
    { .name = "solar", .kind = DIALECT_NAMED, .flags = DIALECT_ID_FIRST,
      .trigger = { "<|tool_calls|>" }, .close = "<|calls|>", .call = "<|tool_call:begin|>",
      .call_end = "<|tool_call:end|>", .id_sep = "<|tool_call:name|>",
      .name_end = "<|tool_call:args|>", .source = "<|tool_call:begin|>" },
    { .name = "seed", .kind = DIALECT_XML, .flags = DIALECT_TRIM_LINES,
      .trigger = { "<seed:tool_call>" }, .close = "</seed:tool_call>", .call = "<function=",
      .call_end = "</function>", .name_end = ">", .arg = "<parameter=", .key_end = ">",
      .val_end = "</parameter>", .source = "<seed:tool_call>" },
    { .name = "qwen3-coder", .kind = DIALECT_XML, .flags = DIALECT_TRIM_LINES,
      .trigger = { "<tool_call>", "<function=" }, .close = "</tool_call>", .call = "<function=",
      .call_end = "</function>", .name_end = ">", .arg = "<parameter=", .key_end = ">",
      .val_end = "</parameter>", .source = "<tool_call>\\n<function=" },
    { .name = "minimax", .kind = DIALECT_XML,
      .trigger = { "<minimax:tool_call>" }, .close = "</minimax:tool_call>",
      .call = "<invoke name=\"", .call_end = "</invoke>", .name_end = "\">",
      .arg = "<parameter name=\"", .key_end = "\">", .val_end = "</parameter>",
      .source = "minimax:tool_call" },
    { .name = "minimax-m3", .kind = DIALECT_XML, .flags = DIALECT_ELEMENTS,
      .trigger = { "]<]minimax[>[<tool_call>" }, .close = "]<]minimax[>[</tool_call>",
      .call = "]<]minimax[>[<invoke name=\"", .call_end = "]<]minimax[>[</invoke>",
      .name_end = "\">", .arg = "]<]minimax[>[<", .key_end = ">", .val_end = "]<]minimax[>[</",
      .source = "']<]minimax[>['" },
    { .name = "deepseek-v4", .kind = DIALECT_XML,
      .trigger = { "<｜DSML｜tool_calls>" }, .close = "</｜DSML｜tool_calls>",
      .call = "<｜DSML｜invoke name=\"", .call_end = "</｜DSML｜invoke>", .name_end = "\">",
      .arg = "<｜DSML｜parameter name=\"", .key_end = "\" string=\"",
      .types = { "true\">", "false\">" }, .val_end = "</｜DSML｜parameter>",
      .source = "dsml_token + 'tool_calls>" },
    { .name = "deepseek-dsml", .kind = DIALECT_XML,
      .trigger = { "<｜DSML｜function_calls>" }, .close = "</｜DSML｜function_calls>",
      .call = "<｜DSML｜invoke name=\"", .call_end = "</｜DSML｜invoke>", .name_end = "\">",
      .arg = "<｜DSML｜parameter name=\"", .key_end = "\" string=\"",
      .types = { "true\">", "false\">" }, .val_end = "</｜DSML｜parameter>", .source = "DSML" },
    { .name = "kimi-k3", .kind = DIALECT_XML, .flags = DIALECT_INDEXED,
      .trigger = { "<|open|>tools<|sep|>" }, .close = "<|close|>tools<|sep|>",
      .call = "<|open|>call tool=\"", .call_end = "<|close|>call<|sep|>",
      .id_sep = "\" index=\"", .name_end = "\"<|sep|>",
      .arg = "<|open|>argument key=\"", .key_end = "\" type=\"",
      .types = { "string\"<|sep|>", "number\"<|sep|>", "boolean\"<|sep|>", "object\"<|sep|>",
                 "array\"<|sep|>", "null\"<|sep|>", "integer\"<|sep|>" },
      .val_end = "<|close|>argument<|sep|>", .source = "open_tag('tools')" },
    { .name = "atem", .kind = DIALECT_XML, .flags = DIALECT_FIRST_ONLY,
      .trigger = { "<atem:function_calls>" }, .close = "</atem:function_calls>",
      .call = "<atem:invoke name=\"", .call_end = "</atem:invoke>", .name_end = "\">",
      .arg = "<atem:parameter name=\"", .key_end = "\">", .val_end = "</atem:parameter>",
      .source = "<atem:invoke" },
    { .name = "step3", .kind = DIALECT_XML,
      .trigger = { "<｜tool_calls_begin｜>" }, .close = "<｜tool_calls_end｜>",
      .call = "<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name=\"",
      .call_end = "</steptml:invoke><｜tool_call_end｜>", .name_end = "\">",
      .arg = "<steptml:parameter name=\"", .key_end = "\">", .val_end = "</steptml:parameter>",
      .source = "<steptml:" },
    { .name = "minicpm", .kind = DIALECT_XML, .flags = DIALECT_CDATA,
      .trigger = { "<function name=\"" }, .call_end = "</function>", .name_end = "\">",
      .arg = "<param name=\"", .key_end = "\">", .val_end = "</param>",
      .source = "<param name=\"" },
    { .name = "hunyuan", .kind = DIALECT_XML,
      .trigger = { "<tool_calls:opensource>" }, .close = "</tool_calls:opensource>",
      .call = "<tool_call:opensource>", .call_end = "</tool_call:opensource>",
      .name_end = "<tool_sep:opensource>", .arg = "<arg_key:opensource>",
      .key_end = "</arg_key:opensource>", .val = "<arg_value:opensource>",
      .val_end = "</arg_value:opensource>", .source = "<tool_sep" },
    { .name = "glm", .kind = DIALECT_XML,
      .trigger = { "<tool_call>" }, .call_end = "</tool_call>",
      .arg = "<arg_key>", .key_end = "</arg_key>", .val = "<arg_value>",
      .val_end = "</arg_value>", .source = "<arg_key>" },
    { .name = "gemma", .kind = DIALECT_BRACES, .flags = DIALECT_SORTED,
      .trigger = { "<|tool_call>call:" }, .call_end = "<tool_call|>", .val = "<|\"|>",
      .source = "<|tool_call>" },
    { .name = "functiongemma", .kind = DIALECT_BRACES, .flags = DIALECT_SORTED,
      .trigger = { "<start_function_call>call:" }, .call_end = "<end_function_call>",
      .val = "<escape>", .source = "<start_function_call>" },
    { .name = "olmo3", .kind = DIALECT_PYTHON, .flags = DIALECT_LINES,
      .trigger = { "<function_calls>" }, .close = "</function_calls>",
      .source = "<function_calls>" },
    { .name = "lfm2", .kind = DIALECT_PYTHON,
      .trigger = { "<|tool_call_start|>" }, .close = "<|tool_call_end|>",
      .source = "List of tools: " },
    { .name = "mistral-args", .kind = DIALECT_NAMED, .flags = DIALECT_BRACE_ENDS,
      .trigger = { "[TOOL_CALLS]" }, .id_sep = "[CALL_ID]", .name_end = "[ARGS]",
      .source = "[ARGS]" },
    { .name = "mistral", .kind = DIALECT_JSON,
      .trigger = { "[TOOL_CALLS]" }, .source = "[TOOL_CALLS]" },
    { .name = "functionary-v3.2", .kind = DIALECT_NAMED, .flags = DIALECT_ALL_TEXT,
      .trigger = { ">>>" }, .name_end = "\n", .source = "<|end_header_id|>\\n\\n>>>" },
    { .name = "functionary", .kind = DIALECT_NAMED,
      .trigger = { "<function=" }, .call_end = "</function>", .name_end = ">",
      .source = "<function=" },
    { .name = "nemotron", .kind = DIALECT_JSON,
      .trigger = { "<TOOLCALL>" }, .close = "</TOOLCALL>", .source = "<TOOLCALL>" },
    { .name = "apriel", .kind = DIALECT_JSON, .flags = DIALECT_LINES,
      .trigger = { "<tool_calls>" }, .close = "</tool_calls>", .source = "<tool_calls>[" },
    { .name = "apertus", .kind = DIALECT_JSON, .flags = DIALECT_NAME_IS_KEY,
      .trigger = { "<|tools_prefix|>" }, .close = "<|tools_suffix|>",
      .source = "<|tools_prefix|>" },
    { .name = "command-r7b", .kind = DIALECT_JSON,
      .trigger = { "<|START_ACTION|>" }, .close = "<|END_ACTION|>",
      .source = "<|START_ACTION|>" },
    { .name = "command-r", .kind = DIALECT_JSON,
      .trigger = { "Action: ```json", "Action:\n```json" }, .close = "```",
      .source = "Action:\\n```json" },
    { .name = "gigachat", .kind = DIALECT_JSON,
      .trigger = { "<|message_sep|>\n\nfunction call<|role_sep|>\n",
                   "function call<|role_sep|>\n" },
      .close = "<|message_sep|>", .source = "function call<|role_sep|>" },
    { .name = "internlm", .kind = DIALECT_JSON,
      .trigger = { "<|action_start|><|plugin|>" }, .close = "<|action_end|>",
      .source = "<|plugin|>" },
    { .name = "longcat", .kind = DIALECT_JSON,
      .trigger = { "<longcat_tool_call>" }, .close = "</longcat_tool_call>",
      .source = "<longcat_tool_call>" },
    { .name = "granite-20b", .kind = DIALECT_JSON,
      .trigger = { "<function_call>" }, .source = "<function_call>" },
    { .name = "gigachat-3.1", .kind = DIALECT_JSON,
      .trigger = { "<|function_call|>" }, .source = "<|function_call|>" },
    { .name = "granite", .kind = DIALECT_JSON,
      .trigger = { "<|tool_call|>" }, .close = "<|/tool_call|>",
      .source = "<|tool_call|>" },
    { .name = "phi-4", .kind = DIALECT_JSON,
      .trigger = { "<|tool_call|>" }, .close = "<|/tool_call|>", .source = "<|/tool|>" },
    { .name = "firefunction", .kind = DIALECT_JSON,
      .trigger = { "functools" }, .flags = DIALECT_START_ONLY, .source = "functools" },
    { .name = "hermes", .kind = DIALECT_JSON,
      .trigger = { "<tool_call>" }, .close = "</tool_call>", .source = "<tool_call>" },
    { .name = "glm-4", .kind = DIALECT_NAMED, .flags = DIALECT_FIRST_LINE,
      .trigger = { "<|assistant|>" }, .name_end = "\n",
      .source = "请使用 Json 格式表示调用的参数" },
    { .name = "pythonic", .kind = DIALECT_PYTHON, .flags = DIALECT_BARE,
      .trigger = { "<|python_start|>" }, .close = "<|python_end|>", .source = "[func_name1(" },
    { .name = "llama3", .kind = DIALECT_JSON, .flags = DIALECT_BARE,
      .trigger = { "<|python_tag|>" }, .source = "<|python_tag|>" },
    { .name = "llama4", .kind = DIALECT_JSON, .flags = DIALECT_BARE | DIALECT_MIXED,
      .trigger = { "<|python_start|>", "<|python_end|>" }, .call = "<|python_end|>",
      .source = "<|python_start|>" },
    { .name = "generic", .kind = DIALECT_JSON,
      .trigger = { "[TOOL_REQUEST]" }, .close = "[END_TOOL_REQUEST]" },
};
/* clang-format on */

const struct dialect_row *dialect_rows(size_t *n)
{
    *n = COUNT(rows);
    return rows;
}

const struct dialect_row *dialect_named(const char *name)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const struct dialect_row *dialect_row_used(const struct dialect *d)
{
    return d->both ? dialect_named("generic") : d->row;
}

const char *dialect_found_name(enum dialect_found f)
{
    static const char *const names[] = { "probe", "template text", "default", "name" };

    return names[f];
}
