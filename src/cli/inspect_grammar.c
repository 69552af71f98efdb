/* hearth inspect grammar: is a text a sentence of a grammar or a value of a schema? */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "os/file.h"
#include "text/grammar.h"

#define MATCH_BYTES_MAX ((size_t)256 << 20)

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* One unit of the text from *i on: a byte or, in hexadecimal texts, FF and four bytes of a token's
 * id. */
static enum err_code step(struct gmatch *m, uint32_t *at, const char *s, size_t len, size_t *i,
                          bool has_tokens, struct err *e)
{
    const uint8_t *u = (const uint8_t *)s + *i;
    uint32_t id;

    if (!has_tokens || u[0] != 0xFF || len - *i < 5) {
        *i += 1;
        return gmatch_byte(m, at, u[0], e);
    }
    id = (uint32_t)u[1] << 24 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 8 | u[4];
    *i += 5;
    return gmatch_token(m, at, (int32_t)id, e);
}

/* *refused: the offset of what cannot stand there, len when only the end cannot; SIZE_MAX: a
 * sentence. */
static enum err_code check_text(const struct grammar *g, const char *s, size_t len, bool has_tokens,
                                size_t *refused, struct err *e)
{
    struct gmatch *m;
    enum err_code rc = gmatch_open(&m, g, true, MATCH_BYTES_MAX, e);
    uint32_t at;

    if (rc)
        return rc;
    at = gmatch_start(m);
    *refused = SIZE_MAX;
    for (size_t i = 0; i < len && !rc && *refused == SIZE_MAX;) {
        size_t from = i;

        if (gmatch_bytes(m) > MATCH_BYTES_MAX / 2)
            rc = gmatch_compact(m, &at, e);
        if (!rc)
            rc = step(m, &at, s, len, &i, has_tokens, e);
        if (!rc && !at)
            *refused = from;
    }
    if (!rc && *refused == SIZE_MAX && !gmatch_may_end(m, at))
        *refused = len;
    gmatch_close(m);
    return rc;
}

/* A text of the input; "hex:" begins raw bytes. */
static enum err_code check_listed(const struct grammar *g, const struct js *text, bool *accepted,
                                  struct err *e)
{
    size_t len, refused = 0, n = 0;
    const char *s = js_str(text, &len);
    bool is_hex;
    struct buf raw;
    enum err_code rc = ERR_OK;

    if (!s)
        return err_set(e, ERR_FORMAT, "\"texts\" holds strings");
    is_hex = len >= 4 && memcmp(s, "hex:", 4) == 0;
    buf_init(&raw, MEM_REQUEST, INPUT_BYTES_MAX);
    for (size_t i = 4; is_hex && i < len && !rc; i += 2, n++) {
        int hi = hex_digit(s[i]), lo = i + 1 < len ? hex_digit(s[i + 1]) : -1;

        if (hi < 0 || lo < 0)
            rc = err_set(e, ERR_FORMAT, "byte %zu of a hexadecimal text is no pair of digits", n);
        else
            buf_addc(&raw, (char)(hi * 16 + lo));
    }
    if (!rc)
        rc = buf_check(&raw, "a text", e);
    if (!rc)
        rc = check_text(g, is_hex ? buf_str(&raw) : s, is_hex ? raw.len : len, is_hex, &refused, e);
    *accepted = refused == SIZE_MAX;
    buf_finish(&raw);
    return rc;
}

static enum err_code compile(const struct js *schema, const char *gbnf, size_t len,
                             struct grammar **out, struct grammar_place *place, struct err *e)
{
    place->pointer[0] = '\0';
    return schema ? grammar_of_schema(out, schema, place, e)
                  : grammar_of_gbnf(out, gbnf, len, NULL, e);
}

static void write_refusal(struct buf *out, const struct err *e, const struct grammar_place *place)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "error");
    jsonw_str(&w, e->text);
    jsonw_key(&w, "pointer");
    jsonw_str(&w, place->pointer);
    jsonw_obj_end(&w);
}

static enum err_code grammar_line(void *arg, const struct js *line, struct buf *out, struct err *e)
{
    const struct js *schema = js_get(line, "schema"), *texts = js_get(line, "texts");
    struct grammar_place place;
    struct grammar *g = NULL;
    size_t len = 0;
    const char *gbnf = js_str(js_get(line, "gbnf"), &len);
    struct jsonw w;
    enum err_code rc;

    (void)arg;
    if (!schema == !gbnf || js_kind(texts) != JS_ARR)
        return err_set(e, ERR_FORMAT, "expected \"texts\" and one of \"schema\" and \"gbnf\"");
    rc = compile(schema, gbnf, len, &g, &place, e);
    if (rc) {
        write_refusal(out, e, &place);
        return ERR_OK;
    }
    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "accept");
    jsonw_arr(&w);
    for (size_t i = 0; i < js_len(texts) && !rc; i++) {
        bool accepted = false;

        rc = check_listed(g, js_at(texts, i), &accepted, e);
        jsonw_bool(&w, accepted);
    }
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    grammar_close(g);
    return rc;
}

/* Standard input against the file; *refused as check_text has it. */
static enum err_code grammar_once(const char *path, bool is_schema, size_t *refused, struct err *e)
{
    struct buf source, text;
    struct js *schema = NULL;
    struct grammar_place place;
    struct grammar *g = NULL;
    enum err_code rc;

    buf_init(&source, MEM_REQUEST, GRAMMAR_SOURCE_BYTES_MAX);
    buf_init(&text, MEM_REQUEST, INPUT_BYTES_MAX);
    rc = file_read(&source, path, e);
    if (!rc && is_schema)
        rc = js_parse(&schema, buf_str(&source), source.len, e);
    if (!rc)
        rc = compile(schema, buf_str(&source), source.len, &g, &place, e);
    if (!rc)
        rc = read_input(&text, e);
    if (!rc)
        rc = check_text(g, buf_str(&text), text.len, false, refused, e);
    grammar_close(g);
    js_close(schema);
    buf_finish(&source);
    buf_finish(&text);
    return rc;
}

int inspect_grammar(int argc, char **argv)
{
    static const struct command cmd = {
        .summary = "Check a text on standard input against a JSON schema or a GBNF grammar",
        .details =
            "Exit code 0 when the whole text is a sentence, 1 when it is not: standard error\n"
            "says at which byte. With --jsonl: lines {\"schema\":…,\"texts\":[…]} or\n"
            "{\"gbnf\":\"…\",\"texts\":[…]}; a text that begins with hex: is raw bytes, FF\n"
            "and four bytes a token's id.",
    };
    const char *schema = NULL, *gbnf = NULL;
    bool jsonl = false;
    const struct opt rows[] = {
        { .name = "schema",
          .kind = OPT_STR,
          .to = &schema,
          .arg = "FILE",
          .help = "a JSON schema" },
        { .name = "gbnf", .kind = OPT_STR, .to = &gbnf, .arg = "FILE", .help = "a GBNF grammar" },
        { .name = "jsonl",
          .kind = OPT_FLAG,
          .to = &jsonl,
          .help = "one grammar and its texts a line, from standard input" },
    };
    struct positionals rest;
    struct err e;
    size_t refused = SIZE_MAX;
    enum err_code rc;
    int code = args_begin(argc, argv, "hearth inspect grammar", &cmd, rows,
                          sizeof(rows) / sizeof(rows[0]), &rest);

    if (code >= 0)
        return code;
    if (rest.n || jsonl + !!schema + !!gbnf != 1)
        return usage("give one of --schema FILE, --gbnf FILE and --jsonl");
    rc = jsonl ? each_line(grammar_line, NULL, &e)
               : grammar_once(schema ? schema : gbnf, schema != NULL, &refused, &e);
    if (rc)
        return fail(&e);
    if (refused == SIZE_MAX)
        return EXIT_DONE;
    (void)fprintf(stderr, "refused at byte %zu\n", refused);
    return EXIT_REFUSED;
}
