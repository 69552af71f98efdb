/* hearth inspect gguf: header, keys, tensors and the plan of a model file. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/open.h"
#include "cli/units.h"
#include "os/file.h"

#define ARRAY_SHOWN   8U   /* elements of a long array */
#define STRING_SHOWN  200U /* bytes of a long string, in text form */
#define OUT_BYTES_MAX (1U << 30)

/* ---- values ---- */

static bool is_real(enum gguf_type t)
{
    return t == GGUF_F32 || t == GGUF_F64;
}

static bool is_signed(enum gguf_type t)
{
    return t == GGUF_I8 || t == GGUF_I16 || t == GGUF_I32 || t == GGUF_I64;
}

static void write_elem(struct jsonw *w, const struct gguf *g, const struct gguf_kv *kv, uint64_t i)
{
    enum gguf_type t = kv->type == GGUF_ARR ? kv->arr_type : kv->type;
    struct gguf_str s = { 0 };
    uint64_t u = 0;
    int64_t n = 0;
    double d = 0.0;

    if (t == GGUF_STR && !gguf_elem_str(g, kv, i, &s, NULL)) {
        jsonw_strn(w, s.s, s.len);
    } else if (is_real(t) && !gguf_elem_f64(g, kv, i, &d, NULL)) {
        jsonw_num(w, d);
    } else if (is_signed(t) && !gguf_elem_i64(g, kv, i, &n, NULL)) {
        jsonw_int(w, n);
    } else if (!gguf_elem_u64(g, kv, i, &u, NULL)) {
        if (t == GGUF_BOOL)
            jsonw_bool(w, u != 0);
        else
            jsonw_uint(w, u);
    } else {
        jsonw_null(w);
    }
}

static void write_value(struct jsonw *w, const struct gguf *g, const struct gguf_kv *kv,
                        uint64_t n_max)
{
    if (kv->type != GGUF_ARR) {
        write_elem(w, g, kv, 0);
        return;
    }
    jsonw_arr(w);
    for (uint64_t i = 0; i < kv->n && i < n_max; i++)
        write_elem(w, g, kv, i);
    jsonw_arr_end(w);
}

/* ---- JSON ---- */

static void json_keys(struct jsonw *w, const struct gguf *g)
{
    jsonw_key(w, "metadata");
    jsonw_arr(w);
    for (size_t i = 0; i < gguf_n_kv(g); i++) {
        const struct gguf_kv *kv = gguf_kv_at(g, i);

        jsonw_obj(w);
        jsonw_key(w, "key");
        jsonw_strn(w, kv->key.s, kv->key.len);
        jsonw_key(w, "type");
        jsonw_str(w, gguf_type_name(kv->type));
        if (kv->type == GGUF_ARR) {
            jsonw_key(w, "element_type");
            jsonw_str(w, gguf_type_name(kv->arr_type));
            jsonw_key(w, "count");
            jsonw_uint(w, kv->n);
        }
        jsonw_key(w, "value");
        write_value(w, g, kv, ARRAY_SHOWN);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

static void json_tensors(struct jsonw *w, const struct gguf *g)
{
    jsonw_key(w, "tensors");
    jsonw_arr(w);
    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_str(w, t->name);
        jsonw_key(w, "type");
        jsonw_str(w, dtype_info(t->type)->name);
        jsonw_key(w, "shape");
        jsonw_arr(w);
        for (uint32_t d = 0; d < t->n_dims; d++)
            jsonw_uint(w, t->ne[d]);
        jsonw_arr_end(w);
        jsonw_key(w, "file");
        jsonw_uint(w, t->i_file);
        jsonw_key(w, "offset");
        jsonw_uint(w, t->offset);
        jsonw_key(w, "bytes");
        jsonw_uint(w, t->bytes);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

static uint64_t n_elements(const struct gguf *g)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        sum += t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
    }
    return sum;
}

static void json_model(struct jsonw *w, const struct model *m, const struct err *why)
{
    jsonw_key(w, "model");
    if (!m) {
        jsonw_null(w);
        jsonw_key(w, "unsupported");
        jsonw_str(w, why->text);
        return;
    }
    jsonw_obj(w);
    jsonw_key(w, "architecture");
    jsonw_str(w, model_info(m)->arch);
    jsonw_key(w, "name");
    jsonw_str(w, model_info(m)->name);
    jsonw_key(w, "type");
    jsonw_str(w, model_info(m)->type_name);
    jsonw_key(w, "parameters");
    jsonw_uint(w, model_info(m)->n_param);
    jsonw_key(w, "layers");
    jsonw_uint(w, model_info(m)->n_layer);
    jsonw_key(w, "context_length");
    jsonw_uint(w, model_info(m)->n_ctx_train);
    jsonw_key(w, "vocabulary");
    jsonw_uint(w, model_info(m)->n_vocab);
    jsonw_obj_end(w);
}

static void json_plan(struct jsonw *w, const struct model *m)
{
    struct buf lines;

    buf_init(&lines, MEM_OTHER, OUT_BYTES_MAX);
    model_print_layers(m, &lines);
    jsonw_key(w, "plan");
    jsonw_arr(w);
    for (const char *at = buf_str(&lines); *at;) {
        size_t len = strcspn(at, "\n");

        jsonw_strn(w, at, len);
        at += len + (at[len] == '\n');
    }
    jsonw_arr_end(w);
    buf_finish(&lines);
}

static void print_json(const struct gguf *g, const struct model *m, const struct err *why,
                       struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "file");
    jsonw_str(&w, gguf_path(g));
    jsonw_key(&w, "version");
    jsonw_uint(&w, gguf_version(g));
    jsonw_key(&w, "files");
    jsonw_uint(&w, gguf_n_files(g));
    jsonw_key(&w, "bytes");
    jsonw_uint(&w, gguf_bytes(g));
    jsonw_key(&w, "alignment");
    jsonw_uint(&w, gguf_alignment(g));
    jsonw_key(&w, "data_offset");
    jsonw_uint(&w, gguf_data_start(g));
    jsonw_key(&w, "elements");
    jsonw_uint(&w, n_elements(g));
    json_model(&w, m, why);
    json_keys(&w, g);
    json_tensors(&w, g);
    if (m)
        json_plan(&w, m);
    jsonw_obj_end(&w);
    (void)buf_addc(out, '\n');
}

/* ---- text ---- */

static void text_value(const struct gguf *g, const struct gguf_kv *kv, struct buf *out)
{
    struct buf value;
    struct jsonw w;

    buf_init(&value, MEM_OTHER, OUT_BYTES_MAX);
    jsonw_init(&w, &value);
    write_value(&w, g, kv, ARRAY_SHOWN);
    if (kv->type == GGUF_ARR && kv->n > ARRAY_SHOWN)
        (void)buf_addf(out, "%.*s, … %llu in all]", (int)(value.len - 1), buf_str(&value),
                       (unsigned long long)kv->n);
    else if (value.len > STRING_SHOWN)
        (void)buf_addf(out, "%.*s… (%zu bytes)", (int)STRING_SHOWN, buf_str(&value), value.len);
    else
        (void)buf_adds(out, buf_str(&value));
    buf_finish(&value);
}

static void text_keys(const struct gguf *g, struct buf *out)
{
    (void)buf_addf(out, "\nKeys (%zu)\n", gguf_n_kv(g));
    for (size_t i = 0; i < gguf_n_kv(g); i++) {
        const struct gguf_kv *kv = gguf_kv_at(g, i);

        (void)buf_adds(out, "  ");
        (void)buf_add(out, kv->key.s, kv->key.len);
        (void)buf_addf(out, "  %s%s%s  ", gguf_type_name(kv->type),
                       kv->type == GGUF_ARR ? " of " : "",
                       kv->type == GGUF_ARR ? gguf_type_name(kv->arr_type) : "");
        text_value(g, kv, out);
        (void)buf_addc(out, '\n');
    }
}

static void text_tensors(const struct gguf *g, struct buf *out)
{
    (void)buf_addf(out, "\nTensors (%zu)\n", gguf_n_tensor(g));
    for (size_t i = 0; i < gguf_n_tensor(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        char shape[96];
        size_t at = 0;

        for (uint32_t d = 0; d < t->n_dims; d++)
            at += (size_t)snprintf(shape + at, sizeof(shape) - at, "%s%llu", d ? " x " : "",
                                   (unsigned long long)t->ne[d]);
        (void)buf_addf(out, "  %-40s %-8s %-24s offset %-12llu %llu bytes\n", t->name,
                       dtype_info(t->type)->name, shape, (unsigned long long)t->offset,
                       (unsigned long long)t->bytes);
    }
}

static void text_totals(const struct gguf *g, const struct model *m, const struct err *why,
                        struct buf *out)
{
    char bytes[32], params[32];

    units_bytes(bytes, sizeof(bytes), gguf_bytes(g));
    units_count(params, sizeof(params), m ? model_info(m)->n_param : n_elements(g));
    (void)buf_addf(out, "%s\n  GGUF version %u, %u file%s, %s, alignment %u, data at %llu\n",
                   gguf_path(g), gguf_version(g), gguf_n_files(g), gguf_n_files(g) == 1 ? "" : "s",
                   bytes, gguf_alignment(g), (unsigned long long)gguf_data_start(g));
    (void)buf_addf(out, "  %s parameters", params);
    if (m)
        (void)buf_addf(out, ", %s, %s, %u layers, context %u, vocabulary %u", model_info(m)->arch,
                       model_info(m)->type_name, model_info(m)->n_layer, model_info(m)->n_ctx_train,
                       model_info(m)->n_vocab);
    else
        (void)buf_addf(out, "\n  cannot be run: %s", why->text);
    (void)buf_addc(out, '\n');
}

static void print_text(const struct gguf *g, const struct model *m, const struct err *why,
                       struct buf *out)
{
    text_totals(g, m, why, out);
    text_keys(g, out);
    text_tensors(g, out);
    if (m) {
        (void)buf_adds(out, "\nPlan\n");
        model_print_layers(m, out);
    }
}

int inspect_gguf(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "FILE",
        .summary = "Header, keys, tensors, totals and per layer the plan of a model file",
    };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON object" }
    };
    struct positionals rest;
    struct gguf *g = NULL;
    struct model *m = NULL;
    struct buf out;
    struct err e = { 0 }, why = { 0 };
    int done = args_begin(argc, argv, "hearth inspect gguf", &cmd, rows, COUNT_OF(rows), &rest);
    enum err_code rc;

    if (done >= 0)
        return done;
    if (rest.n != 1)
        return usage("hearth inspect gguf needs one FILE");
    rc = open_gguf(&g, rest.at[0], &e);
    if (rc)
        return fail(&e);
    (void)model_open(&m, g, &why); /* a file that cannot be run can still be looked at */
    buf_init(&out, MEM_OTHER, OUT_BYTES_MAX);
    if (json)
        print_json(g, m, &why, &out);
    else
        print_text(g, m, &why, &out);
    rc = buf_check(&out, "the report", &e);
    if (!rc)
        rc = stdout_write(buf_str(&out), out.len, &e);
    buf_finish(&out);
    model_close(m);
    gguf_close(g);
    return rc ? fail(&e) : EXIT_DONE;
}
