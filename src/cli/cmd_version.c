/* hearth version */
#include <stdio.h>

#include "cli/commands.h"
#include "config.h"

int cmd_version(int argc, char **argv)
{
    static const struct command cmd = { .summary = "Print the version" };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    int rc = args_begin(argc, argv, "hearth version", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (json)
        (void)printf("{\"version\":\"%s\"}\n", HEARTH_VERSION);
    else
        (void)printf("hearth %s\n", HEARTH_VERSION);
    return EXIT_DONE;
}
