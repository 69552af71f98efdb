/* hearth completion: scripts for shells, made from the table of commands. Options are asked of the
 * program itself (--help), so that the script never goes stale. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "config.h"
#if HEARTH_HAVE_SERVER
#include "cli/remote.h"
#include "library/library.h"
#include "serve/folders.h"
#endif

/* Written for bash 4 and for the bashcompinit of zsh; awk and sed are those of any system. */
static const char bash_script[] =
    "_hearth_help() {\n"
    "    \"$@\" --help 2>/dev/null\n"
    "}\n"
    "# What follows an option: its choices with | between them, the name of its value, or "
    "nothing.\n"
    "_hearth_value() {\n"
    "    local option=$1\n"
    "    shift\n"
    "    _hearth_help \"$@\" | awk -v o=\"$option\" '\n"
    "        /^  -/ || /^      --/ {\n"
    "            on = 0\n"
    "            split($0, w, \" \")\n"
    "            k = w[1] ~ /,$/ ? 2 : 1\n"
    "            if (o == w[k] || o \",\" == w[1]) {\n"
    "                on = 1\n"
    "                text = $0\n"
    "                if (substr($0, index($0, w[k]) + length(w[k]), 2) ~ /^ [^ ]/) arg = w[k + 1]\n"
    "            }\n"
    "            next\n"
    "        }\n"
    "        /^                    / { if (on) text = text \" \" $0; next }\n"
    "        { on = 0 }\n"
    "        END {\n"
    "            if (arg != \"\" && match(text, /\\([^ ()]+\\|[^ ()]+\\)$/))\n"
    "                arg = substr(text, RSTART + 1, RLENGTH - 2)\n"
    "            print arg\n"
    "        }'\n"
    "}\n"
    "_hearth() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i n=1\n"
    "    local words=\"\" value=\"\" files=no\n"
    "    local -a command\n"
    "    command=(\"${COMP_WORDS[0]}\")\n"
    "    case ${COMP_WORDS[1]} in daemon | help | inspect | key | log | server) n=2 ;; esac\n"
    "    [[ ${COMP_WORDS[1]} == help && ${COMP_WORDS[2]} =~ ^(daemon|inspect|key|log|server)$ ]] "
    "&& n=3\n"
    "    for ((i = 1; i <= n && i < COMP_CWORD; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} != help ]] && command+=(\"${COMP_WORDS[i]}\")\n"
    "    done\n"
    "    [[ $prev == -* ]] && value=$(_hearth_value \"$prev\" \"${command[@]}\")\n"
    "    if [[ $value == *\"|\"* ]]; then\n"
    "        words=${value//|/ }\n"
    "    elif [[ -z $value && $cur == -* ]]; then\n"
    "        words=$(_hearth_help \"${command[@]}\" | grep -oE -- '--[a-z][a-z-]+')\n"
    "    elif [[ -z $value ]] && ((COMP_CWORD <= n)); then\n"
    "        words=$(_hearth_help \"${command[@]}\" | sed -n 's/^  \\([a-z][a-z-]*\\)  .*/\\1/p')\n"
    "    elif [[ -z $value ]]; then\n"
    "        case ${COMP_WORDS[1]} in bench | chat | inspect) files=yes ;; esac\n"
    "        case ${COMP_WORDS[1]} in\n"
    "        chat | load | ls) words=$(\"${COMP_WORDS[0]}\" completion models 2>/dev/null) ;;\n"
    "        unload) words=$(\"${COMP_WORDS[0]}\" completion loaded 2>/dev/null) ;;\n"
    "        completion) words=\"bash zsh fish\" ;;\n"
    "        esac\n"
    "    fi\n"
    "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "    case $value in FILE* | DIR | *PROGRAM) files=yes ;; esac\n"
    "    if [[ $files == yes && -z ${COMPREPLY[*]} ]]; then\n"
    "        compopt -o filenames 2>/dev/null\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -F _hearth hearth\n";

static const char zsh_script[] = "#compdef hearth\n"
                                 "autoload -U +X bashcompinit && bashcompinit\n";

static const char fish_head[] = "complete -c hearth -f\n";

/* Options, names of sub-commands and models come from the program itself. */
static const char fish_tail[] =
    "function __hearth_help\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] (string match -v -- '-*' $words[2..3]) --help 2>/dev/null\n"
    "end\n"
    "complete -c hearth -n '__fish_seen_subcommand_from bench chat inspect' -F\n"
    "complete -c hearth -n 'not __fish_use_subcommand' -a '(__hearth_help | string match -r -- "
    "\"--[a-z][a-z-]+\")'\n"
    "complete -c hearth -n '__fish_seen_subcommand_from daemon inspect key log server' -f -a "
    "'(__hearth_help | string replace -rf \"^  ([a-z][a-z-]*)  +(.*)\" \"\\$1\\t\\$2\")'\n"
    "complete -c hearth -n '__fish_seen_subcommand_from chat load ls' -a '(hearth completion "
    "models 2>/dev/null)'\n"
    "complete -c hearth -n '__fish_seen_subcommand_from unload' -f -a '(hearth completion loaded "
    "2>/dev/null)'\n"
    "complete -c hearth -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";

/* A summary may have an apostrophe. */
static void print_quoted(const char *text)
{
    (void)putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            (void)putchar('\\');
        (void)putchar(*text);
    }
    (void)putchar('\'');
}

static void print_fish(void)
{
    (void)fputs(fish_head, stdout);
    for (const struct command *c = commands(); c->name; c++) {
        if (c->is_hidden)
            continue;
        (void)printf("complete -c hearth -n __fish_use_subcommand -a %s -d ", c->name);
        print_quoted(c->summary);
        (void)putchar('\n');
    }
    (void)fputs(fish_tail, stdout);
}

#if HEARTH_HAVE_SERVER
/* For the scripts: names, one a line; nothing where there are none. */
static void print_models(void)
{
    struct library *library = NULL;

    if (!library_here(&library, NULL))
        for (uint32_t i = 0; i < library_n(library); i++)
            if (library_at(library, i)->is_selected)
                (void)puts(library_at(library, i)->key);
    library_close(library);
}

static void print_loaded(void)
{
    struct client c;
    struct js *list = NULL;

    if (!client_find(&c, NULL))
        (void)instances_of(&c, &list, NULL);
    for (size_t i = 0; i < js_len(list); i++)
        if (js_str(js_get(js_at(list, i), "identifier"), NULL))
            (void)puts(js_str(js_get(js_at(list, i), "identifier"), NULL));
    js_close(list);
}
#endif

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
#if HEARTH_HAVE_SERVER
    if (strcmp(shell, "models") == 0 || strcmp(shell, "loaded") == 0) {
        if (*shell == 'm')
            print_models();
        else
            print_loaded();
        return EXIT_DONE;
    }
#endif
    if (strcmp(shell, "zsh") != 0 && strcmp(shell, "bash") != 0)
        return usage("hearth completion needs one of bash, zsh, fish");
    if (strcmp(shell, "zsh") == 0)
        (void)fputs(zsh_script, stdout);
    (void)fputs(bash_script, stdout);
    return EXIT_DONE;
}
