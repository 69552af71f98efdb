/* hearth version */
#include <stdio.h>

#include "cli/commands.h"
#include "config.h"

int cmd_version(int argc, char **argv)
{
    static const struct command cmd = { .summary = "Print the version" };
    struct positionals rest;
    int rc = args_begin(argc, argv, "hearth version", &cmd, NULL, 0, &rest);

    if (rc >= 0)
        return rc;
    (void)printf("hearth %s\n", HEARTH_VERSION);
    return EXIT_DONE;
}
