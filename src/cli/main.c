/* The `hearth` command: a table of commands. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "config.h"
#include "os/cpu.h"
#include "os/sys.h"

static const struct command table[] = {
    { .name = "chat",
      .group = "Models",
      .args = "[MODEL]",
      .summary = "Talk with a model in the terminal",
      .run = cmd_chat },
#if HEARTH_HAVE_SERVER
    { .name = "load", .args = "[MODEL]", .summary = "Load a model into memory", .run = cmd_load },
    { .name = "unload", .args = "[ID]", .summary = "Take it out again", .run = cmd_unload },
    { .name = "ls", .args = "[MODEL]", .summary = "List the models on disk", .run = cmd_ls },
    { .name = "list", .is_hidden = true, .args = "[MODEL]", .run = cmd_ls }, /* its other name */
    { .name = "ps", .args = "", .summary = "List the models in memory", .run = cmd_ps },
    { .name = "serve",
      .group = "For other programs",
      .args = "",
      .summary = "Serve models, in the foreground",
      .run = cmd_serve },
    { .name = "server",
      .args = "COMMAND",
      .summary = "The same in the background: start, stop, status",
      .run = cmd_server },
    { .name = "status",
      .args = "",
      .summary = "Say whether the server runs and what is loaded",
      .run = cmd_status },
    { .name = "log", .args = "COMMAND", .summary = "Follow prompts and answers", .run = cmd_log },
    { .name = "key", .args = "COMMAND", .summary = "API keys of the server", .run = cmd_key },
    { .name = "daemon",
      .args = "COMMAND",
      .summary = "The background process that holds models and port",
      .run = cmd_daemon },
#endif
    { .name = "inspect",
      .group = "Look inside",
      .args = "COMMAND",
      .summary = "Model files, tokenizers, templates, the engine's numbers",
      .run = cmd_inspect },
    { .name = "bench",
      .args = "[FILE]",
      .summary = "Measure the speed of a model on this machine",
      .run = cmd_bench },
    { .name = "completion",
      .group = "This program",
      .args = "SHELL",
      .summary = "Print a completion script for bash, zsh or fish",
      .run = cmd_completion },
#if HEARTH_HAVE_SERVER
    { .name = "worker", .is_hidden = true, .args = "", .run = cmd_worker },
#endif
    { .name = "version", .args = "", .summary = "Print the version", .run = cmd_version },
    { .name = NULL },
};

const struct command *commands(void)
{
    return table;
}

const struct command *command_find(const struct command *rows, const char *name)
{
    for (; rows->name; rows++) {
        if (strcmp(rows->name, name) == 0)
            return rows;
    }
    return NULL;
}

static void commands_help(FILE *to, const char *path, const struct command *cmd,
                          const struct command *rows)
{
    static const char *const colors[] = { "\033[1;36m", "\033[1;32m", "\033[1;33m", "\033[1;35m" };
    bool color = to == stdout && tty_is(1);
    uint32_t n_group = 0;

    (void)fprintf(to, "%s\n\nUsage: %s COMMAND [OPTIONS]\n", cmd->summary, path);
    if (!rows->group)
        (void)fprintf(to, "\nCommands\n");
    for (; rows->name; rows++) {
        if (rows->group)
            (void)fprintf(to, "\n%s%s%s\n", color ? colors[n_group++ % COUNT_OF(colors)] : "",
                          rows->group, color ? "\033[0m" : "");
        if (!rows->is_hidden)
            (void)fprintf(to, "  %-14s %s\n", rows->name, rows->summary);
    }
    if (cmd->details)
        (void)fprintf(to, "\n%s\n", cmd->details);
    (void)fprintf(to, "\n%s COMMAND --help tells more about each.\n", path);
}

static int unknown_command(const char *path, const struct command *rows, const char *word)
{
    const char *names[64];
    const char *near;
    size_t n = 0;

    for (; rows->name && n < COUNT_OF(names); rows++)
        if (!rows->is_hidden)
            names[n++] = rows->name;
    near = nearest(word, names, n);
    if (near)
        return usage("unknown command '%s'; did you mean '%s %s'?", word, path, near);
    return usage("unknown command '%s'; '%s --help' lists them", word, path);
}

int commands_run(const char *path, const struct command *cmd, const struct command *rows, int argc,
                 char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const struct command *sub;

    if (!word) {
        commands_help(stderr, path, cmd, rows);
        return EXIT_USAGE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        char *help[] = { argv[argc > 2 ? 2 : 1], argv[argc > 3 ? 3 : 1], (char[]){ "--help" },
                         NULL };

        if (argc > 3) /* help inspect gguf */
            return (sub = command_find(rows, argv[2])) != NULL
                       ? sub->run(3, help)
                       : unknown_command(path, rows, argv[2]);
        help[1] = help[2];
        help[2] = NULL;
        if (argc > 2) {
            sub = command_find(rows, argv[2]);
            return sub ? sub->run(2, help) : unknown_command(path, rows, argv[2]);
        }
        commands_help(stdout, path, cmd, rows);
        return EXIT_DONE;
    }
    sub = command_find(rows, word);
    return sub ? sub->run(argc - 1, argv + 1) : unknown_command(path, rows, word);
}

/* HEARTH_CPU_MASK names the only features that may be used, e.g. "avx2" or "none": for tests and
 * for reports of wrong results. Names it does not know are an error, so that a typing mistake does
 * not measure the wrong kernels. */
static bool mask_features(const char *names)
{
    uint32_t allowed = 0;

    while (*names) {
        size_t len = strcspn(names, ",");
        bool known = len == 4 && memcmp(names, "none", 4) == 0;

        for (uint32_t bit = 1; bit; bit <<= 1) {
            const char *name = cpu_feature_name(bit);

            if (name && strlen(name) == len && memcmp(name, names, len) == 0) {
                allowed |= bit;
                known = true;
            }
        }
        if (!known)
            return false;
        names += len + (names[len] == ',');
    }
    cpu_mask(allowed);
    return true;
}

int main(int argc, char **argv)
{
    static const struct command hearth = {
        .name = "hearth",
        .summary = "Hearth " HEARTH_VERSION " runs large language models at home",
        .details =
            "hearth chat                 talks with the built-in model\n"
            "hearth chat FILE.gguf       talks with a model of yours\n"
            "hearth chat -p \"…\"          answers once and exits\n\n"
            "Every command takes one of --quiet (no messages), --verbose and --log-level\n"
            "debug|info|warn|error|none."
#if HEARTH_HAVE_SERVER
            "\nchat, load, unload, ls, ps and status ask a server elsewhere with --host NAME\n"
            "and --port N."
#endif
        ,
    };
    static char help[] = "--help";
    char *const name = argc > 0 ? argv[0] : help;
    char *bare[] = { name, help, NULL };
    const char *mask = getenv("HEARTH_CPU_MASK"), *word = argc > 1 ? argv[1] : help;
    int rc;

    os_init();
    js_init();
    if (mask && !mask_features(mask))
        return usage(
            "HEARTH_CPU_MASK: '%s' is not a list of features; 'hearth inspect hardware' names them",
            mask);
    if (!setlocale(LC_CTYPE, "") || strcmp(setlocale(LC_CTYPE, NULL), "C") == 0)
        (void)setlocale(LC_CTYPE, "C.UTF-8"); /* text is UTF-8, whatever a bare system says */
    if (strcmp(word, "--version") == 0 || strcmp(word, "-v") == 0)
        rc = cmd_version(1, argv);
    else
        rc = commands_run("hearth", &hearth, table, argc > 1 ? argc : 2, argc > 1 ? argv : bare);
    /* Scripts around `inspect` and `bench` tell wrong usage from refused input. */
    if (rc == EXIT_USAGE && strcmp(word, "inspect") != 0 && strcmp(word, "bench") != 0)
        rc = EXIT_REFUSED;
    if (fflush(stdout) != 0 && rc == EXIT_DONE) {
        (void)fputs("error: standard output could not be written\n", stderr);
        rc = EXIT_REFUSED;
    }
    return rc;
}
