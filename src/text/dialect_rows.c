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
      .trigger = { "<｜tool▁calls▁begin｜>" }, .close = "<｜tool▁calls▁end｜>",
      .call = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", .call_end = "<｜tool▁call▁end｜>",
      .name_end = "\n", .source = "'```json'" },
    { .name = "deepseek-v3.1", .kind = DIALECT_NAMED,
      .trigger = { "<｜tool▁calls▁begin｜>" }, .close = "<｜tool▁calls▁end｜>",
      .call = "<｜tool▁call▁begin｜>", .call_end = "<｜tool▁call▁end｜>",
      .name_end = "<｜tool▁sep｜>", .source = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>" },
    { .name = "kimi", .kind = DIALECT_NAMED, .flags = DIALECT_COUNTED,
      .trigger = { "<|tool_calls_section_begin|>" }, .close = "<|tool_calls_section_end|>",
      .call = "<|tool_call_begin|>", .call_end = "<|tool_call_end|>",
      .name_end = "<|tool_call_argument_begin|>", .source = "<|tool_calls_section_begin|>" },
    { .name = "solar", .kind = DIALECT_NAMED, .flags = DIALECT_ID_FIRST,
      .trigger = { "<|tool_calls|>" }, .close = "<|calls|>", .call = "<|tool_call:begin|>",
      .call_end = "<|tool_call:end|>", .id_sep = "<|tool_call:name|>",
      .name_end = "<|tool_call:args|>", .source = "<|tool_call:begin|>" },
    { .name = "qwen3-coder", .kind = DIALECT_XML, .flags = DIALECT_TRIM_LINES,
      .trigger = { "<tool_call>" }, .close = "</tool_call>", .call = "<function=",
      .call_end = "</function>", .name_end = ">", .arg = "<parameter=", .key_end = ">",
      .val_end = "</parameter>", .source = "<tool_call>\\n<function=" },
    { .name = "seed", .kind = DIALECT_XML, .flags = DIALECT_TRIM_LINES,
      .trigger = { "<seed:tool_call>" }, .close = "</seed:tool_call>", .call = "<function=",
      .call_end = "</function>", .name_end = ">", .arg = "<parameter=", .key_end = ">",
      .val_end = "</parameter>", .source = "<seed:tool_call>" },
    { .name = "minimax", .kind = DIALECT_XML,
      .trigger = { "<minimax:tool_call>" }, .close = "</minimax:tool_call>",
      .call = "<invoke name=\"", .call_end = "</invoke>", .name_end = "\">",
      .arg = "<parameter name=\"", .key_end = "\">", .val_end = "</parameter>",
      .source = "minimax:tool_call" },
    { .name = "deepseek-dsml", .kind = DIALECT_XML,
      .trigger = { "<｜DSML｜function_calls>" }, .close = "</｜DSML｜function_calls>",
      .call = "<｜DSML｜invoke name=\"", .call_end = "</｜DSML｜invoke>", .name_end = "\">",
      .arg = "<｜DSML｜parameter name=\"", .key_end = "\" string=\"",
      .val_end = "</｜DSML｜parameter>", .source = "DSML" },
    { .name = "minicpm", .kind = DIALECT_XML,
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
    { .name = "gemma", .kind = DIALECT_BRACES,
      .trigger = { "<|tool_call>call:" }, .call_end = "<tool_call|>", .source = "<|tool_call>" },
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
    { .name = "apriel", .kind = DIALECT_JSON,
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
    { .name = "granite", .kind = DIALECT_JSON,
      .trigger = { "<|tool_call|>" }, .close = "<|/tool_call|>",
      .source = "<|tool_call|>" },
    { .name = "firefunction", .kind = DIALECT_JSON,
      .trigger = { "functools" }, .flags = DIALECT_START_ONLY, .source = "functools" },
    { .name = "hermes", .kind = DIALECT_JSON,
      .trigger = { "<tool_call>" }, .close = "</tool_call>", .source = "<tool_call>" },
    { .name = "llama3", .kind = DIALECT_JSON, .flags = DIALECT_BARE,
      .trigger = { "<|python_tag|>" }, .source = "<|python_tag|>" },
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

const char *dialect_found_name(enum dialect_found f)
{
    static const char *const names[] = { "probe", "template text", "default", "name" };

    return names[f];
}
