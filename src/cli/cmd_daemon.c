/* hearth daemon up | down | status | install: the background process that owns models and port. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "config.h"
#include "os/file.h"
#include "os/process.h"
#include "os/sys.h"

#define UNIT_BYTES   8192U
#define DOWN_WAIT_MS 120000U
#define DOWN_STEP_MS 50U

static enum err_code status_of(const struct client *c, int64_t *pid, struct err *e)
{
    struct js *answer = NULL;
    enum err_code rc = client_call(c, "GET", "/hearth/status", NULL, &answer, e);

    *pid = js_int(js_get(answer, "pid"));
    js_close(answer);
    return rc;
}

static void print_running(int64_t pid, bool json)
{
    if (json)
        (void)printf("{\"status\":\"running\",\"pid\":%lld,\"isDaemon\":true,\"version\":\"%s\"}\n",
                     (long long)pid, HEARTH_VERSION);
    else
        (void)printf("hearth %s is running (PID %lld)\n", HEARTH_VERSION, (long long)pid);
}

static int up(int argc, char **argv)
{
    static const struct command cmd = { .summary = "Start the daemon in the background" };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    struct client c;
    struct err e = { 0 };
    int64_t pid = 0;
    int rc = args_begin(argc, argv, "hearth daemon up", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_need(&c, &e) || status_of(&c, &pid, &e))
        return fail(&e);
    print_running(pid, json);
    return EXIT_DONE;
}

static int down(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Stop the daemon; running answers end first",
    };
    bool now = false;
    const struct opt rows[] = {
        { .name = "now", .kind = OPT_FLAG, .to = &now, .help = "do not wait for running answers" },
    };
    struct positionals rest;
    struct client c;
    struct buf body;
    struct err e = { 0 };
    int64_t pid = 0;
    int rc = args_begin(argc, argv, "hearth daemon down", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_find(&c, &e) || status_of(&c, &pid, &e))
        return fail(&e);
    buf_init(&body, MEM_OTHER, UNIT_BYTES);
    (void)buf_adds(&body, now ? "{\"now\":true}" : "{}");
    rc = client_call(&c, "POST", "/hearth/shutdown", &body, NULL, &e) ? fail(&e) : EXIT_DONE;
    buf_finish(&body);
    if (rc != EXIT_DONE)
        return rc;
    (void)fprintf(stderr, "Shutting down ...\n");
    for (uint32_t waited = 0; waited < DOWN_WAIT_MS && process_alive((int32_t)pid);
         waited += DOWN_STEP_MS)
        sleep_ms(DOWN_STEP_MS);
    if (process_alive((int32_t)pid)) {
        (void)err_set(&e, ERR_LIMIT,
                      "the daemon (PID %lld) still ends its answers; --now does not wait",
                      (long long)pid);
        return fail(&e);
    }
    (void)fprintf(stderr, "The daemon has ended.\n");
    return EXIT_DONE;
}

static int status(int argc, char **argv)
{
    static const struct command cmd = { .summary = "Say whether the daemon runs" };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" },
    };
    struct positionals rest;
    struct client c;
    int64_t pid = 0;
    int rc = args_begin(argc, argv, "hearth daemon status", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_find(&c, NULL) == ERR_OK && status_of(&c, &pid, NULL) == ERR_OK)
        print_running(pid, json);
    else
        (void)puts(json ? "{\"status\":\"not-running\"}" : "The daemon is not running.");
    return EXIT_DONE;
}

/* ---- a service of the user's, for systemd ---- */

static enum err_code unit_path(char *out, struct err *e)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char base[PATH_BYTES_MAX];
    enum err_code rc = ERR_OK;

    if (!config || !config[0]) {
        if (!home || !home[0])
            return err_set(e, ERR_NOT_FOUND, "HOME is not set: where should the unit go?");
        rc = path_join(base, home, ".config", e);
        config = base;
    }
    if (!rc)
        rc = path_join(out, config, "systemd/user/hearth.service", e);
    return rc;
}

/* systemd takes "%" for itself and blanks for the end of a word. */
static void add_quoted(struct buf *b, const char *s)
{
    (void)buf_addc(b, '"');
    for (; *s; s++) {
        if (*s == '%')
            (void)buf_addc(b, '%');
        if (*s == '"' || *s == '\\')
            (void)buf_addc(b, '\\');
        (void)buf_addc(b, *s);
    }
    (void)buf_addc(b, '"');
}

static enum err_code write_unit(struct buf *b, struct err *e)
{
    char program[PATH_BYTES_MAX];
    const char *home = getenv("HEARTH_HOME");

    if (!program_path(program, sizeof(program)))
        return err_set(e, ERR_IO, "cannot find out where this program is");
    (void)buf_adds(b, "[Unit]\n"
                      "Description=Hearth, language models at home\n"
                      "After=network.target\n\n"
                      "[Service]\n"
                      "Type=simple\n"
                      "ExecStart=");
    add_quoted(b, program);
    (void)buf_adds(b, " serve\n");
    if (home && home[0]) {
        (void)buf_adds(b, "Environment=");
        add_quoted(b, "HEARTH_HOME=");
        b->len--; /* the closing quote: the value goes on inside */
        for (const char *s = home; *s; s++) {
            if (*s == '%')
                (void)buf_addc(b, '%');
            (void)buf_addc(b, *s);
        }
        (void)buf_adds(b, "\"\n");
    }
    (void)buf_adds(b, "Restart=on-failure\n"
                      "RestartSec=2\n"
                      "TimeoutStopSec=120\n"
                      "NoNewPrivileges=yes\n"
                      "LockPersonality=yes\n"
                      "RestrictSUIDSGID=yes\n\n"
                      "[Install]\n"
                      "WantedBy=default.target\n");
    return buf_check(b, "the unit", e);
}

static int install(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Write a systemd unit that starts the server with your session",
        .details = "Nothing is started: the command to type is printed.",
    };
    bool print = false;
    const struct opt rows[] = {
        { .name = "print", .kind = OPT_FLAG, .to = &print, .help = "only show the unit" },
    };
    struct positionals rest;
    char path[PATH_BYTES_MAX], dir[PATH_BYTES_MAX];
    struct buf b;
    struct err e = { 0 };
    int rc = args_begin(argc, argv, "hearth daemon install", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    buf_init(&b, MEM_OTHER, UNIT_BYTES);
    rc = write_unit(&b, &e) || unit_path(path, &e) ? EXIT_REFUSED : EXIT_DONE;
    if (rc == EXIT_DONE && print) {
        (void)fputs(buf_str(&b), stdout);
    } else if (rc == EXIT_DONE) {
        (void)snprintf(dir, sizeof(dir), "%.*s", (int)(path_base(path) - path - 1), path);
        if (dir_create(dir, &e) || file_write(path, buf_str(&b), b.len, &e))
            rc = EXIT_REFUSED;
        else
            (void)fprintf(stderr,
                          "%s is written. To start it now and with every session:\n"
                          "  systemctl --user daemon-reload && systemctl --user enable --now "
                          "hearth\n",
                          path);
    }
    buf_finish(&b);
    return rc == EXIT_DONE ? rc : fail(&e);
}

int cmd_daemon(int argc, char **argv)
{
    static const struct command cmd = { .summary =
                                            "The background process that holds models in memory" };
    static const struct command table[] = {
        { .name = "up", .summary = "Start it", .run = up },
        { .name = "down", .summary = "Stop it", .run = down },
        { .name = "status", .summary = "Does it run?", .run = status },
        { .name = "install", .summary = "Start it with your session (systemd)", .run = install },
        { .name = NULL },
    };

    return commands_run("hearth daemon", &cmd, table, argc, argv);
}
