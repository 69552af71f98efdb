/* hearth worker: what the server starts for each loaded model; nobody types it. */
#include <stdlib.h>

#include "cli/commands.h"
#include "os/process.h"
#include "os/sandbox.h"
#include "runtime/worker.h"

#define WORKER_FD  3
#define WORKER_OOM 500 /* a model goes before what the user works with, and is loaded again */

int cmd_worker(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Serve one model to the server that started this process",
        .details = "Started by 'hearth serve' with a socket as file 3; of no use by hand.",
    };
    struct positionals rest;
    int done = args_begin(argc, argv, "hearth worker", &cmd, NULL, 0, &rest);

    if (done >= 0)
        return done;
    if (rest.n)
        return usage("hearth worker takes no arguments");
    process_ignore_terminate(); /* the daemon lets answers end first */
    sandbox_prefer_oom(WORKER_OOM);
    _Exit(worker_main(WORKER_FD)); /* what libraries do at exit needs doors that are shut */
}
