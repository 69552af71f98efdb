/* hearth log stream: what the daemon does, as it happens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/chat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "os/file.h"
#include "os/sys.h"

#define JSON_BYTES (64U << 20)
#define PATH_BYTES 256U

struct following {
    bool json, stats, input, output;
    struct err err;
};

static const char *text_of(const struct js *v, const char *key)
{
    const char *s = js_str(js_get(v, key), NULL);

    return s ? s : "";
}

/* What strangers asked and models answered: a terminal is not theirs to command. */
static void print_text(const char *s)
{
    struct buf b;

    buf_init(&b, MEM_OTHER, JSON_BYTES);
    if (tty_is(1))
        chat_safe_text(s, strlen(s), &b);
    else
        (void)buf_adds(&b, s);
    (void)buf_addc(&b, '\n');
    (void)fwrite(b.data, 1, b.len, stdout);
    buf_finish(&b);
}

static void print_stats(const struct js *stats)
{
    for (void *it = js_first(stats); it; it = js_next(stats, it)) {
        const struct js *v = js_value(it);

        if (js_kind(v) == JS_STR)
            (void)printf("%s: %s\n", js_key(it, NULL), js_str(v, NULL));
        else
            (void)printf("%s: %.6g\n", js_key(it, NULL), js_num(v));
    }
}

static void print_plain(const struct following *f, int64_t ms, const struct js *data)
{
    const char *type = text_of(data, "type");
    bool input = strcmp(type, "llm.prediction.input") == 0;
    time_t s = (time_t)(ms / 1000);
    char when[32] = "";
    struct tm tm;

    if (strcmp(type, "server.log") == 0 || strcmp(type, "runtime.log") == 0) {
        print_text(text_of(data, js_get(data, "content") ? "content" : "message"));
        return;
    }
    if (localtime_r(&s, &tm))
        (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
    (void)printf("timestamp: %s\ntype: %s\nmodelIdentifier: %s\n", when, type,
                 text_of(data, "modelIdentifier"));
    if (input)
        (void)printf("modelPath: %s\n", text_of(data, "modelPath"));
    (void)printf("%s:\n", input ? "input" : "output");
    print_text(text_of(data, input ? "input" : "output"));
    if (f->stats && !input)
        print_stats(js_get(data, "stats"));
    (void)puts("\n");
}

static bool on_event(void *arg, const char *name, const struct js *event)
{
    struct following *f = arg;
    const struct js *data = js_get(event, "data");
    const char *type = text_of(data, "type");
    struct buf b;

    (void)name;
    if ((strcmp(type, "llm.prediction.input") == 0 && !f->input) ||
        (strcmp(type, "llm.prediction.output") == 0 && !f->output))
        return true;
    if (!f->json) {
        print_plain(f, js_int(js_get(event, "timestamp")), data);
        return fflush(stdout) == 0;
    }
    buf_init(&b, MEM_OTHER, JSON_BYTES);
    js_write(event, &b);
    (void)buf_addc(&b, '\n');
    (void)stdout_write(buf_str(&b), b.len, &f->err);
    buf_finish(&b);
    return f->err.code == ERR_OK;
}

static int stream(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Follow what the daemon does, until Ctrl-C",
    };
    const char *source = "model", *filter = NULL;
    struct following f = { 0 };
    const struct opt rows[] = {
        { .letter = 's',
          .name = "source",
          .kind = OPT_CHOICE,
          .to = &source,
          .arg = "SOURCE",
          .choices = "model|server|runtime",
          .help = "what to follow: prompts and answers, requests, workers" },
        { .name = "filter",
          .kind = OPT_CHOICE,
          .to = &filter,
          .arg = "WHICH",
          .choices = "input|output|input,output",
          .help = "of the model's: prompts or answers" },
        { .name = "stats", .kind = OPT_FLAG, .to = &f.stats, .help = "statistics after answers" },
        { .name = "json", .kind = OPT_FLAG, .to = &f.json, .help = "one JSON object a line" },
    };
    struct positionals rest;
    struct client c;
    struct err e = { 0 };
    char path[PATH_BYTES];
    enum err_code err;
    int rc = args_begin(argc, argv, "hearth log stream", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if ((filter || f.stats) && strcmp(source, "model") != 0)
        return usage("--filter and --stats go with --source model only");
    f.input = !filter || strncmp(filter, "input", 5) == 0;
    f.output = !filter || strstr(filter, "output") != NULL;
    err = client_need(&c, &e);
    if (err)
        return fail(&e);
    (void)fprintf(stderr, "Following %s ... (Ctrl-C ends it)\n", source);
    (void)snprintf(path, sizeof(path), "/hearth/log/stream?source=%s", source);
    err = client_stream(&c, "GET", path, NULL, on_event, &f, &e);
    if (f.err.code)
        return fail(&f.err);
    return err && err != ERR_CANCELLED ? fail(&e) : EXIT_DONE;
}

int cmd_log(int argc, char **argv)
{
    static const struct command cmd = { .summary = "What the daemon does" };
    static const struct command table[] = {
        { .name = "stream", .summary = "Follow it live", .run = stream },
        { .name = NULL },
    };

    return commands_run("hearth log", &cmd, table, argc, argv);
}
