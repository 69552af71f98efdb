/* The marks of thoughts by family, and the template variables that switch them. The marks are text
 * of control tokens in most families; granite's and apriel's are plain sentences. */
#include "text/reasoning.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A row whose opening mark contains another's must come first. */
/* clang-format off */
static const struct reasoning_row rows[] = {
    { .name = "harmony", .open = "<|channel|>analysis<|message|>", .close = "<|end|>",
      .end_text = "<|end|><|start|>assistant<|channel|>final<|message|>", .harmony = true },
    { .name = "seed", .open = "<seed:think>", .close = "</seed:think>",
      .end_text = "</seed:think>" },
    { .name = "think-opensource", .open = "<think:opensource>", .close = "</think:opensource>",
      .end_text = "</think:opensource>" },
    { .name = "kimi-k3", .open = "<|open|>think<|sep|>", .close = "<|close|>think<|sep|>",
      .skip = { "<|open|>response<|sep|>", "<|close|>response<|sep|>", "<|close|>message<|sep|>" },
      .skip_ends = true, .end_text = "<|close|>think<|sep|><|open|>response<|sep|>" },
    { .name = "atem", .open = " to=self<|message|>", .close = "<|eom|>", .skip = { "<|eom|>" },
      .head = { "<|start|>", " to=" }, .head_end = "<|message|>", .inner = "to=self",
      .end_text = "<|eom|><|start|>assistant to=user<|message|>" },
    { .name = "minimax-m3", .open = "<mm:think>", .close = "</mm:think>",
      .end_text = "</mm:think>", .bare_close = true },
    { .name = "mistral", .open = "[THINK]", .close = "[/THINK]", .end_text = "[/THINK]" },
    { .name = "command", .open = "<|START_THINKING|>", .close = "<|END_THINKING|>",
      .skip = { "<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>" },
      .skip_ends = true, .end_text = "<|END_THINKING|>" },
    { .name = "inner", .open = "<|inner_prefix|>", .close = "<|inner_suffix|>",
      .end_text = "<|inner_suffix|>" },
    { .name = "gemma", .open = "<|channel>thought", .close = "<channel|>", .source = "<channel|>",
      .skip = { "<channel|>", "<|channel>thought\n<channel|>" }, .end_text = "<channel|>" },
    { .name = "solar", .open = "<|think|>", .close = "<|end|>",
      .skip = { "<|begin|>assistant", "<|content|>" },
      .end_text = "<|end|><|begin|>assistant<|content|>" },
    { .name = "apriel", .open = "Here are my reasoning steps:", .close = "[BEGIN FINAL RESPONSE]",
      .source = "[BEGIN FINAL RESPONSE]",
      .skip = { "[END FINAL RESPONSE]" }, .end_text = "\n[BEGIN FINAL RESPONSE]\n" },
    { .name = "granite", .open = "Here is my thought process:", .close = "Here is my response:",
      .end_text = "\nHere is my response:\n" },
    { .name = "minicpm3", .open = "<|thought_start|>", .close = "<|thought_end|>",
      .end_text = "\n<|thought_end|>\n" },
    { .name = "thought", .open = "<thought>", .close = "</thought>", .end_text = "\n</thought>\n" },
    { .name = "thinking", .open = "<thinking>", .close = "</thinking>",
      .end_text = "\n</thinking>\n" },
    { .name = "think-answer", .open = "<think>", .close = "</think>",
      .skip = { "<answer>", "</answer>" }, .source = "<answer>\\n",
      .end_text = "\n</think>\n<answer>\n" },
    { .name = "think-response", .open = "<think>", .close = "</think>",
      .skip = { "<response>", "</response>" }, .source = "<response></response>",
      .end_text = "</think><response>" },
    { .name = "think", .open = "<think>", .close = "</think>", .end_text = "\n</think>\n\n" },
};
/* clang-format on */

const struct reasoning_row *reasoning_rows(size_t *n)
{
    *n = COUNT(rows);
    return rows;
}

const struct reasoning_row *reasoning_named(const char *name)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static const char *effort_of(const struct reasoning *r, const struct reasoning_request *q, bool off,
                             enum reasoning_var var)
{
    const char *effort = off ? "low" : q->effort;

    if (off && r->off && var == REASONING_EFFORT)
        return r->off;
    return r->no_medium && strcmp(effort, "medium") == 0 ? "high" : effort;
}

void reasoning_write(const struct reasoning *r, const struct reasoning_request *q, struct jsonw *w)
{
    static const struct {
        const char *name;
        enum reasoning_var var;
    } switches[] = { { "enable_thinking", REASONING_ENABLE_THINKING },
                     { "thinking", REASONING_THINKING },
                     { "thinking_mode", REASONING_MODE } },
      levels[] = { { "reasoning_effort", REASONING_EFFORT },
                   { "thinking_effort", REASONING_THINKING_EFFORT },
                   { "reasoning_strength", REASONING_STRENGTH } };
    bool off = q->mode == REASONING_OFF || (q->effort && strcmp(q->effort, "none") == 0);
    bool given = off || q->mode == REASONING_ON || q->effort;

    for (unsigned i = 0; given && i < COUNT(switches); i++) {
        if (!(r->vars & (unsigned)switches[i].var))
            continue;
        jsonw_key(w, switches[i].name);
        if (switches[i].var == REASONING_MODE)
            jsonw_str(w, off ? "disabled" : "enabled");
        else
            jsonw_bool(w, !off);
    }
    for (unsigned i = 0; (q->effort || off) && i < COUNT(levels); i++) {
        if (!(r->vars & (unsigned)levels[i].var))
            continue;
        jsonw_key(w, levels[i].name);
        jsonw_str(w, effort_of(r, q, off, levels[i].var));
    }
    if ((r->vars & REASONING_EFFORT_OFF) && !q->effort &&
        (off ? !(r->vars & REASONING_EFFORT) : q->mode == REASONING_ON)) {
        jsonw_key(w, "reasoning_effort"); /* some think only when they are told how much */
        jsonw_str(w, off ? r->off : "high");
    }
    if ((off || q->budget) && (r->vars & REASONING_BUDGET)) {
        jsonw_key(w, "thinking_budget");
        jsonw_uint(w, off ? 0 : q->budget);
    }
}

bool reasoning_is_open(const struct reasoning *r, const char *prompt, size_t len)
{
    size_t n;

    if (!r->row || !prompt)
        return false;
    n = strlen(r->row->open);
    while (n && (r->row->open[n - 1] == '\n' || r->row->open[n - 1] == ' '))
        n--;
    while (len && (prompt[len - 1] == '\n' || prompt[len - 1] == ' '))
        len--;
    return len >= n && memcmp(prompt + len - n, r->row->open, n) == 0;
}

bool reasoning_budget_spent(struct reasoning_budget *b, bool thinking)
{
    if (!b->n_max || !thinking || b->n >= b->n_max)
        return false;
    return ++b->n == b->n_max;
}
