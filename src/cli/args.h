/* Command-line options as tables: one row an option, one table a command. Parsing, help, "did you
 * mean" and shell completion all read the same rows. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"

enum opt_kind {
    OPT_FLAG,   /* bool *                                        */
    OPT_STR,    /* const char **                                 */
    OPT_U32,    /* uint32_t *, min .. max                        */
    OPT_U64,    /* uint64_t *                                    */
    OPT_F32,    /* float *, min .. max                           */
    OPT_CHOICE, /* const char **, one of `choices` parted by '|' */
    OPT_LIST,   /* struct opt_list *: may be given several times */
    OPT_HEAD,   /* a heading in the help, not an option          */
};

#define OPT_LIST_MAX 64U

struct opt_list {
    const char *at[OPT_LIST_MAX];
    uint32_t n;
};

struct opt {
    char letter;      /* 0: none */
    const char *name; /* without dashes; "file" kinds of values are told by `arg` */
    enum opt_kind kind;
    void *to;
    const char *arg;  /* placeholder in the help, e.g. "FILE"; completion knows FILE and DIR */
    const char *help; /* one line */
    const char *choices;
    double min, max; /* both 0: no bounds */
    bool *given;     /* set when the option appears; may be NULL */
    bool is_hidden;  /* the help leaves it out */
};

struct command {
    const char *name;
    const char *group;                 /* heading above it in the list; NULL: as the one before */
    const char *args;                  /* "[MODEL]", for the usage line */
    const char *summary;               /* one line for the list */
    const char *details;               /* more for its own help; may be NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; gives the exit code */
    bool is_hidden;                    /* not for people: no list has it */
    bool takes_host;                   /* --host and --port: it may ask a server elsewhere */
};

#define EXIT_DONE    0
#define EXIT_REFUSED 1   /* the input deserves it: the message says what and where */
#define EXIT_USAGE   2   /* wrong usage; main gives 1 for it, but for `inspect` and `bench` */
#define EXIT_STOPPED 130 /* interrupted */

/* What is left after the options. */
struct positionals {
    const char *at[16];
    uint32_t n;
    enum log_level level; /* with has_level: --quiet, --verbose or --log-level, which all commands
                           * take without a row; their help leaves them out */
    bool has_level;
    const char *host; /* --host: name or address, NULL = not given */
    uint16_t port;    /* --port, with has_port */
    bool has_port;
};

/* Parses argv[1..]. ERR_ARG with a sentence (and a suggestion) on anything unknown. `--` ends
 * options; *wants_help is set by --help and -h, and stops parsing. takes_host: --host and --port
 * are options of this command. */
enum err_code args_parse(int argc, char **argv, const struct opt *rows, size_t n_row,
                         bool takes_host, struct positionals *rest, bool *wants_help,
                         struct err *e);

/* A name or an address alone: no scheme, no port, no path. */
bool args_is_host(const char *host);

/* Parses; prints help (exit code 0) or the error (2), also when words are left for a command that
 * takes none (cmd->args). Returns -1 when the command shall go on. */
int args_begin(int argc, char **argv, const char *path, const struct command *cmd,
               const struct opt *rows, size_t n_row, struct positionals *rest);

void args_help(FILE *to, const char *path, const struct command *cmd, const struct opt *rows,
               size_t n_row);

/* Writes text that may come from elsewhere: control characters, which could command a terminal,
 * become '?', but for line breaks and tabs. */
void print_safe(FILE *to, const char *text);

/* "error: …" to standard error; returns the exit code that fits. */
int fail(const struct err *e);
int usage(const char *fmt, ...) ATTR_PRINTF(1, 2);

/* The name among `names` nearest to `word`, NULL when none is near. */
const char *nearest(const char *word, const char *const *names, size_t n);

#endif
