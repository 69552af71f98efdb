/* hearth inspect template: renders a chat template, nothing added. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/now.h"
#include "cli/open.h"
#include "os/file.h"
#include "text/template.h"

struct template_job {
    struct tmpl *tmpl;
    struct now now;
};

/* The template of a model file, or a file's text. */
static enum err_code open_template(struct tmpl **out, const char *model, const char *path,
                                   struct err *e)
{
    struct gguf *g = NULL;
    struct gguf_str source = { 0 };
    struct buf text;
    bool found = false;
    enum err_code rc;

    *out = NULL;
    buf_init(&text, MEM_REQUEST, TMPL_SOURCE_BYTES_MAX);
    if (path) {
        rc = file_read(&text, path, e);
        source = (struct gguf_str){ buf_str(&text), text.len };
    } else {
        rc = open_gguf(&g, model, e);
        if (!rc)
            rc = gguf_get_str(g, "tokenizer.chat_template", &source, &found, e);
        if (!rc && !found)
            rc = err_set(e, ERR_NOT_FOUND, "%s has no chat template", model);
    }
    if (!rc)
        rc = tmpl_open(out, source.s, source.len, e);
    gguf_close(g);
    buf_finish(&text);
    return rc;
}

static enum err_code render(const struct template_job *job, const struct js *context,
                            struct buf *out, struct err *e)
{
    struct now now = job->now;
    const char *text = js_str(js_get(context, "now"), NULL);

    if (text) {
        enum err_code rc = now_parse(text, &now, e);

        if (rc)
            return rc;
    }
    return tmpl_render(job->tmpl, context, now.unix_s, now.zone_s, NULL, out, e);
}

static enum err_code template_line(void *arg, const struct js *line, struct buf *out, struct err *e)
{
    struct buf text;
    struct jsonw w;
    enum err_code rc;

    buf_init(&text, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = render(arg, line, &text, e);
    if (!rc) {
        jsonw_init(&w, out);
        jsonw_obj(&w);
        jsonw_key(&w, "text");
        jsonw_strn(&w, buf_str(&text), text.len);
        jsonw_obj_end(&w);
    }
    buf_finish(&text);
    return rc;
}

static enum err_code template_once(const struct template_job *job, const char *input, struct err *e)
{
    struct buf json, text;
    struct js *context = NULL;
    enum err_code rc;

    buf_init(&json, MEM_REQUEST, INPUT_BYTES_MAX);
    buf_init(&text, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = strcmp(input, "-") == 0 ? file_read_stdin(&json, e) : file_read(&json, input, e);
    if (!rc)
        rc = js_parse(&context, buf_str(&json), json.len, e);
    if (!rc && js_kind(context) != JS_OBJ)
        rc = err_set(e, ERR_FORMAT, "%s: expected a JSON object with \"messages\"", input);
    if (!rc)
        rc = tmpl_render(job->tmpl, context, job->now.unix_s, job->now.zone_s, NULL, &text, e);
    if (!rc)
        rc = stdout_write(buf_str(&text), text.len, e);
    js_close(context);
    buf_finish(&json);
    buf_finish(&text);
    return rc;
}

int inspect_template(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Render a chat template with the variables of a JSON object",
        .details =
            "With --jsonl: a JSON object per line on standard input, \"now\" allowed in it;\n"
            "a line {\"text\":\"…\"} or {\"error\":\"…\"} for each.",
    };
    const char *model = NULL, *path = NULL, *input = NULL, *now = NULL;
    bool jsonl = false;
    struct template_job job = { .now = now_local() };
    const struct opt rows[] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .name = "template",
          .kind = OPT_STR,
          .to = &path,
          .arg = "FILE",
          .help = "template file instead of a model's" },
        { .name = "input",
          .kind = OPT_STR,
          .to = &input,
          .arg = "FILE",
          .help = "JSON object with \"messages\" and other variables; - is standard input" },
        { .name = "now",
          .kind = OPT_STR,
          .to = &now,
          .arg = "ISO-8601",
          .help = "the time that strftime_now sees" },
        { .name = "jsonl", .kind = OPT_FLAG, .to = &jsonl, .help = "a JSON object a line" },
    };
    struct positionals rest;
    struct err e = { 0 };
    int done = args_begin(argc, argv, "hearth inspect template", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc = ERR_OK;

    if (done >= 0)
        return done;
    if (!model == !path || !input == !jsonl || rest.n)
        return usage("hearth inspect template needs --model FILE or --template FILE, and --input "
                     "FILE or --jsonl");
    if (now)
        rc = now_parse(now, &job.now, &e);
    if (rc)
        return usage("--now: %s", e.text);
    rc = open_template(&job.tmpl, model, path, &e);
    if (!rc)
        rc = jsonl ? each_line(template_line, &job, &e) : template_once(&job, input, &e);
    tmpl_close(job.tmpl);
    return rc ? fail(&e) : EXIT_DONE;
}
