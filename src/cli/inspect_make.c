/* hearth inspect make-model: published shapes with random weights, for measuring. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/progress.h"
#include "model/model.h"
#include "os/sys.h"

static bool on_bytes(void *arg, uint64_t done, uint64_t total)
{
    progress_show(arg, total ? (float)((double)done / (double)total) : 1.0F);
    return !interrupt_seen(false);
}

int inspect_make_model(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Write a GGUF with seeded random weights in a published model's dimensions",
        .details =
            "Shapes: llama-3.2-1b qwen2.5-0.5b qwen3-0.6b qwen3-4b llama-3.1-8b qwen3-30b-a3b\n"
            "gemma-3-1b gpt-oss-20b nomic-embed. Random weights are fine for speed; the text\n"
            "they give is not.",
    };
    struct shape_params p = { .seed = 1 };
    const char *path = NULL;
    const struct opt rows[] = {
        { .name = "shape",
          .kind = OPT_STR,
          .to = &p.shape,
          .arg = "NAME",
          .help = "a published model's dimensions" },
        { .name = "layers",
          .kind = OPT_U32,
          .to = &p.n_layer,
          .arg = "N",
          .max = MODEL_LAYERS_MAX,
          .help = "so many layers instead of all" },
        { .name = "seed",
          .kind = OPT_U64,
          .to = &p.seed,
          .arg = "S",
          .help = "seed of the weights, default 1" },
        { .name = "type",
          .kind = OPT_STR,
          .to = &p.type,
          .arg = "TYPE",
          .help = "Q4_K_M, Q8_0, F16, …" },
        { .letter = 'o',
          .name = "out",
          .kind = OPT_STR,
          .to = &path,
          .arg = "FILE",
          .help = "file to write" },
    };
    struct positionals rest;
    struct progress bar;
    struct err e = { 0 };
    int done =
        args_begin(argc, argv, "hearth inspect make-model", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc;

    if (done >= 0)
        return done;
    if (!p.shape || !p.type || !path || rest.n)
        return usage("hearth inspect make-model needs --shape NAME, --type TYPE and --out FILE");
    progress_begin(&bar, "Writing", path, false);
    interrupt_watch(true); /* so that no half of the file stays behind */
    rc = model_make_shape(path, &p, on_bytes, &bar, &e);
    progress_end(&bar);
    return rc ? fail(&e) : EXIT_DONE;
}
