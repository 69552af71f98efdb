/* hearth inspect: the engine's open windows. One file per family of sub-commands. */
#include "cli/commands.h"

static const struct command table[] = {
    { .name = "gguf",
      .summary = "Header, keys, tensors and the plan of a model file",
      .run = inspect_gguf },
    { .name = "tokens", .summary = "Text on standard input to token ids", .run = inspect_tokens },
    { .name = "text", .summary = "Token ids on standard input to text", .run = inspect_text },
    { .name = "logits", .summary = "Raw logits of every position", .run = inspect_logits },
    { .name = "embedding",
      .summary = "The embedding of a text or of tokens",
      .run = inspect_embedding },
    { .name = "template", .summary = "Render a chat template", .run = inspect_template },
    { .name = "dequant",
      .summary = "Raw blocks on standard input to float32",
      .run = inspect_dequant },
    { .name = "quant", .summary = "Raw float32 on standard input to blocks", .run = inspect_quant },
    { .name = "sample", .summary = "Run a chain of samplers over logits", .run = inspect_sample },
    { .name = "grammar",
      .summary = "Check a text against a JSON schema or a GBNF grammar",
      .run = inspect_grammar },
    { .name = "hardware", .summary = "What this machine offers", .run = inspect_hardware },
    { .name = "make-model",
      .summary = "Write a model of a published shape with random weights",
      .run = inspect_make_model },
    { .name = NULL },
};

int cmd_inspect(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Look into model files, tokenizers, templates and the engine's numbers",
        .details = "Data goes to standard output, messages to standard error. Exit code 0\n"
                   "on success, 1 when the input deserves a refusal, 2 on wrong usage.",
    };

    return commands_run("hearth inspect", &cmd, table, argc, argv);
}
