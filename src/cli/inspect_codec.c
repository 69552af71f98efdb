/* hearth inspect dequant, hearth inspect quant: the reference codecs of tensor types. */
#include <string.h>

#include "base/num.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "formats/dtype.h"
#include "os/file.h"

struct codec_job {
    const struct dtype_info *type;
    uint32_t n_row; /* elements a row */
    const char *imatrix;
};

/* Options that both commands share; gives an exit code, or -1 to go on. */
static int codec_begin(int argc, char **argv, bool to_blocks, struct codec_job *job)
{
    const struct command cmd = {
        .summary = to_blocks ? "Raw float32 on standard input to raw blocks"
                             : "Raw blocks on standard input to raw float32",
    };
    const char *name = NULL;
    const struct opt rows[] = {
        { .name = "type",
          .kind = OPT_STR,
          .to = &name,
          .arg = "TYPE",
          .help = "tensor type, e.g. Q4_K" },
        { .name = "row",
          .kind = OPT_U32,
          .to = &job->n_row,
          .arg = "N",
          .min = 1,
          .max = 1U << 30,
          .help = "elements of a row; default: one block" },
        { .name = "imatrix",
          .kind = OPT_STR,
          .to = &job->imatrix,
          .arg = "FILE",
          .help = "importance of the row's columns, raw float32" },
    };
    struct positionals rest;
    enum dtype type;
    int done = args_begin(argc, argv, to_blocks ? "hearth inspect quant" : "hearth inspect dequant",
                          &cmd, rows, to_blocks ? 3 : 2, &rest);

    if (done >= 0)
        return done;
    if (!name)
        return usage("--type TYPE is needed");
    if (!dtype_by_name(name, &type))
        return usage("--type: '%s' is no tensor type", name);
    job->type = dtype_info((uint32_t)type);
    if (!job->n_row)
        job->n_row = job->type->block_n;
    if (job->n_row % job->type->block_n)
        return usage("--row %u is not a multiple of %s's block of %u", job->n_row, job->type->name,
                     job->type->block_n);
    return -1;
}

static size_t row_bytes(const struct codec_job *job)
{
    return (size_t)job->n_row / job->type->block_n * job->type->block_bytes;
}

/* Rows of `from` bytes in `in` become rows of `to` bytes in `out`. */
static enum err_code room_for_rows(const struct buf *in, size_t from, size_t to, size_t *n,
                                   struct buf *out, struct err *e)
{
    size_t bytes;

    if (in->len % from)
        return err_set(e, ERR_FORMAT,
                       "standard input holds %zu bytes, not a multiple of a row's %zu", in->len,
                       from);
    *n = in->len / from;
    if (mul_size(*n, to, &bytes) || !buf_reserve(out, bytes))
        return err_set(e, ERR_LIMIT, "no memory for %zu rows of %zu bytes", *n, to);
    out->len = bytes;
    return ERR_OK;
}

static enum err_code dequant_rows(const struct codec_job *job, const struct buf *in,
                                  struct buf *out, struct err *e)
{
    size_t from = row_bytes(job), to = job->n_row * sizeof(float), n = 0;
    enum err_code rc = room_for_rows(in, from, to, &n, out, e);

    for (size_t i = 0; !rc && i < n; i++)
        job->type->dequantize(job->n_row, in->data + i * from,
                              (float *)(void *)(out->data + i * to));
    return rc;
}

static enum err_code quant_rows(const struct codec_job *job, const struct buf *in,
                                const float *importance, struct buf *out, struct err *e)
{
    size_t from = job->n_row * sizeof(float), to = row_bytes(job), n = 0;
    enum err_code rc = room_for_rows(in, from, to, &n, out, e);

    for (size_t i = 0; !rc && i < n; i++)
        job->type->quantize(job->n_row, (const float *)(const void *)(in->data + i * from),
                            importance, out->data + i * to);
    return rc;
}

static enum err_code read_importance(const struct codec_job *job, struct buf *b, struct err *e)
{
    enum err_code rc = file_read(b, job->imatrix, e);

    if (!rc && b->len != job->n_row * sizeof(float))
        rc = err_set(e, ERR_FORMAT, "%s holds %zu bytes, expected %u float32 (%zu bytes)",
                     job->imatrix, b->len, job->n_row, job->n_row * sizeof(float));
    return rc;
}

static int codec_run(const struct codec_job *job, bool to_blocks)
{
    struct buf in, out, imatrix;
    struct err e = { 0 };
    enum err_code rc = ERR_OK;

    buf_init(&in, MEM_REQUEST, INPUT_BYTES_MAX);
    buf_init(&out, MEM_REQUEST, INPUT_BYTES_MAX * 8);
    buf_init(&imatrix, MEM_REQUEST, INPUT_BYTES_MAX);
    if (to_blocks ? !job->type->quantize : !job->type->dequantize)
        rc = err_set(&e, ERR_UNSUPPORTED, "type %s cannot be %s", job->type->name,
                     to_blocks ? "written" : "read");
    if (!rc && job->imatrix)
        rc = read_importance(job, &imatrix, &e);
    if (!rc)
        rc = file_read_stdin(&in, &e);
    if (!rc && to_blocks)
        rc = quant_rows(job, &in, (const float *)(const void *)imatrix.data, &out, &e);
    else if (!rc)
        rc = dequant_rows(job, &in, &out, &e);
    if (!rc)
        rc = stdout_write(buf_str(&out), out.len, &e);
    buf_finish(&in);
    buf_finish(&out);
    buf_finish(&imatrix);
    return rc ? fail(&e) : EXIT_DONE;
}

int inspect_dequant(int argc, char **argv)
{
    struct codec_job job = { 0 };
    int done = codec_begin(argc, argv, false, &job);

    return done >= 0 ? done : codec_run(&job, false);
}

int inspect_quant(int argc, char **argv)
{
    struct codec_job job = { 0 };
    int done = codec_begin(argc, argv, true, &job);

    return done >= 0 ? done : codec_run(&job, true);
}
