/* hearth completion: scripts for shells, made from the table of commands. Options are asked of the
 * program itself (--help), so that the script never goes stale. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

static const char bash_script[] =
    "_hearth() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} path=hearth i n=1\n"
    "    case ${COMP_WORDS[1]} in daemon | inspect | key | log | server) n=2 ;; esac\n"
    "    for ((i = 1; i <= n && i < COMP_CWORD; i++)); do path=\"$path ${COMP_WORDS[i]}\"; done\n"
    "    if [[ $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$($path --help 2>/dev/null | grep -oE -- "
    "'--[a-z][a-z-]+')\" -- \"$cur\"))\n"
    "    elif ((COMP_CWORD <= n)); then\n"
    "        COMPREPLY=($(compgen -W \"$($path --help 2>/dev/null | sed -n 's/^  \\([a-z-]*\\) "
    ".*/\\1/p')\" -- \"$cur\"))\n"
    "    else\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -o filenames -F _hearth hearth\n";

static const char zsh_script[] = "#compdef hearth\n"
                                 "autoload -U +X bashcompinit && bashcompinit\n";

static const char fish_head[] = "complete -c hearth -f\n";

static void print_fish(void)
{
    (void)fputs(fish_head, stdout);
    for (const struct command *c = commands(); c->name; c++)
        if (!c->is_hidden)
            (void)printf("complete -c hearth -n __fish_use_subcommand -a %s -d '%s'\n", c->name,
                         c->summary);
    (void)fputs(
        "complete -c hearth -n 'not __fish_use_subcommand' -F -a \"(hearth (commandline -opc)[2..] "
        "--help 2>/dev/null | string match -r -- '--[a-z][a-z-]+')\"\n",
        stdout);
}

int cmd_completion(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "bash|zsh|fish",
        .summary = "Print a completion script for a shell",
        .details =
            "bash: hearth completion bash > ~/.local/share/bash-completion/completions/hearth\n"
            "zsh:  eval \"$(hearth completion zsh)\"\n"
            "fish: hearth completion fish > ~/.config/fish/completions/hearth.fish",
    };
    struct positionals rest;
    int done = args_begin(argc, argv, "hearth completion", &cmd, NULL, 0, &rest);
    const char *shell;

    if (done >= 0)
        return done;
    shell = rest.n == 1 ? rest.at[0] : "";
    if (strcmp(shell, "fish") == 0) {
        print_fish();
        return EXIT_DONE;
    }
    if (strcmp(shell, "zsh") != 0 && strcmp(shell, "bash") != 0)
        return usage("hearth completion needs one of bash, zsh, fish");
    if (strcmp(shell, "zsh") == 0)
        (void)fputs(zsh_script, stdout);
    (void)fputs(bash_script, stdout);
    return EXIT_DONE;
}
