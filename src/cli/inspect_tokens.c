/* hearth inspect tokens, hearth inspect text: a model's tokenizer from outside. */
#include <string.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/open.h"
#include "os/file.h"

static enum err_code open_tok(struct tok **out, const char *model, struct err *e)
{
    struct gguf *g = NULL;
    enum err_code rc = open_gguf(&g, model, e);

    *out = NULL;
    if (!rc)
        rc = tok_open(out, g, e);
    gguf_close(g);
    return rc;
}

static void write_ids(struct jsonw *w, const struct ids *ids)
{
    jsonw_key(w, "ids");
    jsonw_arr(w);
    for (size_t i = 0; i < ids->n; i++)
        jsonw_int(w, ids->at[i]);
    jsonw_arr_end(w);
}

static enum err_code write_pieces(struct jsonw *w, const struct tok *t, const struct ids *ids,
                                  struct err *e)
{
    struct buf piece;
    enum err_code rc = ERR_OK;

    buf_init(&piece, MEM_REQUEST, INPUT_BYTES_MAX);
    jsonw_key(w, "pieces");
    jsonw_arr(w);
    for (size_t i = 0; !rc && i < ids->n; i++) {
        buf_clear(&piece);
        rc = tok_piece(t, ids->at[i], &piece, e);
        jsonw_strn(w, buf_str(&piece), piece.len);
    }
    jsonw_arr_end(w);
    buf_finish(&piece);
    return rc;
}

static enum err_code tokens_line(void *arg, const struct js *line, struct buf *out, struct err *e)
{
    const struct js *special = js_get(line, "add_special");
    size_t len;
    const char *text = js_str(js_get(line, "text"), &len);
    struct tok_params p = { .add_special = !special || js_bool(special),
                            .parse_special = js_bool(js_get(line, "parse_special")) };
    struct ids ids;
    struct jsonw w;
    enum err_code rc;

    if (!text)
        return err_set(e, ERR_ARG, "the line has no string \"text\"");
    ids_init(&ids);
    rc = tok_encode(arg, text, len, p, &ids, e);
    if (!rc) {
        jsonw_init(&w, out);
        jsonw_obj(&w);
        write_ids(&w, &ids);
        jsonw_obj_end(&w);
    }
    ids_finish(&ids);
    return rc;
}

static enum err_code tokens_once(const struct tok *t, struct tok_params p, struct err *e)
{
    struct buf in, out;
    struct ids ids;
    struct jsonw w;
    enum err_code rc = read_input(&in, e);

    ids_init(&ids);
    buf_init(&out, MEM_REQUEST, INPUT_BYTES_MAX);
    if (!rc)
        rc = tok_encode(t, buf_str(&in), in.len, p, &ids, e);
    if (!rc) {
        jsonw_init(&w, &out);
        jsonw_obj(&w);
        write_ids(&w, &ids);
        rc = write_pieces(&w, t, &ids, e);
        jsonw_obj_end(&w);
        (void)buf_addc(&out, '\n');
    }
    if (!rc)
        rc = buf_check(&out, "the output", e);
    if (!rc)
        rc = stdout_write(out.data, out.len, e);
    buf_finish(&in);
    buf_finish(&out);
    ids_finish(&ids);
    return rc;
}

int inspect_tokens(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Text on standard input, byte for byte, to {\"ids\":[…],\"pieces\":[…]}",
        .details = "With --jsonl: lines "
                   "{\"text\":\"…\",\"add_special\":bool,\"parse_special\":bool}, a\n"
                   "line {\"ids\":[…]} or {\"error\":\"…\"} for each.",
    };
    const char *model = NULL;
    bool no_special = false, parse_special = false, jsonl = false;
    const struct opt rows[] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .name = "no-special",
          .kind = OPT_FLAG,
          .to = &no_special,
          .help = "add no BOS, EOS or CLS" },
        { .name = "parse-special",
          .kind = OPT_FLAG,
          .to = &parse_special,
          .help = "the text of a special token becomes that token" },
        { .name = "jsonl", .kind = OPT_FLAG, .to = &jsonl, .help = "a JSON object a line" },
    };
    struct tok_params p;
    struct positionals rest;
    struct tok *t = NULL;
    struct err e = { 0 };
    int done = args_begin(argc, argv, "hearth inspect tokens", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc;

    if (done >= 0)
        return done;
    if (!model || rest.n)
        return usage(
            "hearth inspect tokens needs --model FILE and reads the text on standard input");
    p = (struct tok_params){ .add_special = !no_special, .parse_special = parse_special };
    rc = open_tok(&t, model, &e);
    if (!rc)
        rc = jsonl ? each_line(tokens_line, t, &e) : tokens_once(t, p, &e);
    tok_close(t);
    return rc ? fail(&e) : EXIT_DONE;
}

/* ---- text ---- */

struct text_job {
    const struct tok *tok;
    bool special;
};

static enum err_code text_line(void *arg, const struct js *line, struct buf *out, struct err *e)
{
    const struct text_job *job = arg;
    struct ids ids;
    struct buf text;
    struct jsonw w;
    enum err_code rc;

    ids_init(&ids);
    buf_init(&text, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = ids_of_json(js_get(line, "ids"), &ids, e);
    if (!rc)
        rc = tok_decode(job->tok, ids.at, ids.n, job->special, &text, e);
    if (!rc) {
        jsonw_init(&w, out);
        jsonw_obj(&w);
        jsonw_key(&w, "text");
        jsonw_strn(&w, buf_str(&text), text.len);
        jsonw_obj_end(&w);
    }
    buf_finish(&text);
    ids_finish(&ids);
    return rc;
}

/* {"ids":[…]} or ids parted by blanks or commas. */
static enum err_code read_ids(struct ids *ids, struct err *e)
{
    struct buf in;
    struct js *root = NULL;
    enum err_code rc = read_input(&in, e);
    size_t i = 0;

    while (i < in.len && (in.data[i] == ' ' || in.data[i] == '\n' || in.data[i] == '\t'))
        i++;
    if (!rc && i < in.len && in.data[i] == '{') {
        rc = js_parse(&root, in.data, in.len, e);
        if (!rc)
            rc = ids_of_json(js_get(root, "ids"), ids, e);
        js_close(root);
    } else if (!rc) {
        rc = parse_ids(buf_str(&in), in.len, ids, e);
    }
    buf_finish(&in);
    return rc;
}

static enum err_code text_once(const struct text_job *job, struct err *e)
{
    struct ids ids;
    struct buf text;
    enum err_code rc;

    ids_init(&ids);
    buf_init(&text, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = read_ids(&ids, e);
    if (!rc)
        rc = tok_decode(job->tok, ids.at, ids.n, job->special, &text, e);
    if (!rc)
        rc = stdout_write(buf_str(&text), text.len, e);
    buf_finish(&text);
    ids_finish(&ids);
    return rc;
}

int inspect_text(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Token ids on standard input to their text, byte for byte",
        .details = "Reads {\"ids\":[…]} or ids parted by blanks or commas.\n"
                   "With --jsonl: lines {\"ids\":[…]}, a line {\"text\":\"…\"} for each.",
    };
    const char *model = NULL;
    bool jsonl = false;
    struct text_job job = { 0 };
    const struct opt rows[] = {
        { .letter = 'm',
          .name = "model",
          .kind = OPT_STR,
          .to = &model,
          .arg = "FILE",
          .help = "model file, or a built-in model's name" },
        { .name = "special",
          .kind = OPT_FLAG,
          .to = &job.special,
          .help = "print special tokens too" },
        { .name = "jsonl", .kind = OPT_FLAG, .to = &jsonl, .help = "a JSON object a line" },
    };
    struct positionals rest;
    struct tok *t = NULL;
    struct err e = { 0 };
    int done = args_begin(argc, argv, "hearth inspect text", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc;

    if (done >= 0)
        return done;
    if (!model || rest.n)
        return usage("hearth inspect text needs --model FILE and reads ids on standard input");
    rc = open_tok(&t, model, &e);
    job.tok = t;
    if (!rc)
        rc = jsonl ? each_line(text_line, &job, &e) : text_once(&job, &e);
    tok_close(t);
    return rc ? fail(&e) : EXIT_DONE;
}
