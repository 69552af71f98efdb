/* hearth serve: the server in the foreground. */
#include <stdio.h>

#include "cli/commands.h"
#include "serve/serve.h"

static void on_ready(void *arg, const char *address, uint16_t port)
{
    const struct serve_params *p = arg;

    if (p->background)
        return;
    if (port)
        (void)fprintf(
            stderr,
            "Hearth serves on http://%s:%u (OpenAI: /v1, Anthropic: /v1/messages, native: "
            "/api/v1). Ctrl-C stops it.\n",
            address, port);
}

int cmd_serve(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Serve models to other programs, in the foreground",
        .details = "OpenAI clients use http://127.0.0.1:1234/v1, Anthropic clients\n"
                   "http://127.0.0.1:1234. Models are loaded when a request names them.\n"
                   "Beyond this machine (--bind) an API key is needed: `hearth key create`.\n"
                   "Running answers end before the server does; a second Ctrl-C ends it at once.",
    };
    struct serve_params p = { .listen = true, .port = -1 };
    uint32_t port = 0;
    bool port_given = false;
    const struct opt rows[] = {
        { .letter = 'p',
          .name = "port",
          .kind = OPT_U32,
          .to = &port,
          .arg = "N",
          .max = 65535,
          .given = &port_given,
          .help = "TCP port, 0 = a free one; default: the last used, else 1234" },
        { .name = "bind",
          .kind = OPT_STR,
          .to = &p.address,
          .arg = "ADDRESS",
          .help = "listen on this address; default: 127.0.0.1" },
        { .name = "cors",
          .kind = OPT_FLAG,
          .to = &p.cors,
          .given = &p.has_cors,
          .help = "let web pages of any origin use the server" },
        { .name = "background",
          .kind = OPT_FLAG,
          .to = &p.background,
          .help = "for `hearth daemon up`: no TCP port yet, log into a file" },
        { .name = "no-sandbox",
          .kind = OPT_FLAG,
          .to = &p.no_sandbox,
          .help = "do not confine the workers (for debuggers)" },
    };
    struct positionals rest;
    struct err e = { 0 };
    int rc = args_begin(argc, argv, "hearth serve", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (rest.n)
        return usage("hearth serve takes no argument '%s'", rest.at[0]);
    p.level = rest.has_level ? rest.level : LOG_INFO;
    if (port_given)
        p.port = (int32_t)port;
    p.listen = !p.background;
    p.on_ready = on_ready;
    p.arg = &p;
    return serve_run(&p, &e) ? fail(&e) : EXIT_DONE;
}
