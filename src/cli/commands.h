/* The commands: one file each; main.c holds the table. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/args.h"

/* Each is run with argv[0] = its name and gives the exit code (args.h). */
int cmd_chat(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_worker(int argc, char **argv);

/* Only where the server is built in (HEARTH_HAVE_SERVER). */
int cmd_serve(int argc, char **argv);
int cmd_server(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_daemon(int argc, char **argv);
int cmd_ls(int argc, char **argv);
int cmd_ps(int argc, char **argv);
int cmd_load(int argc, char **argv);
int cmd_unload(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_key(int argc, char **argv);

/* The sub-commands of inspect, likewise. */
int inspect_gguf(int argc, char **argv);
int inspect_tokens(int argc, char **argv);
int inspect_text(int argc, char **argv);
int inspect_logits(int argc, char **argv);
int inspect_embedding(int argc, char **argv);
int inspect_template(int argc, char **argv);
int inspect_dequant(int argc, char **argv);
int inspect_quant(int argc, char **argv);
int inspect_sample(int argc, char **argv);
int inspect_grammar(int argc, char **argv);
int inspect_hardware(int argc, char **argv);
int inspect_make_model(int argc, char **argv);

/* All commands, ended by a row without name. */
const struct command *commands(void);
const struct command *command_find(const struct command *table, const char *name);

/* Runs the sub-command argv[1] of `cmd`; prints help or an error with a suggestion otherwise. */
int commands_run(const char *path, const struct command *cmd, const struct command *table, int argc,
                 char **argv);

#endif
