/* Depthwise convolution over the tokens of a sequence. A share of work is a block of channels of
 * one sequence, all its tokens in order; the rows before the first one come from the state. */
#include <string.h>

#include "base/num.h"
#include "compute/cpu/exec.h"

#define CONV_COLS 128U /* channels of a share: whole cache lines */

/* One share: channels [col, col + n) of one sequence. */
struct conv {
    const struct op_conv1d *o;
    struct seq_run run;
    uint32_t taps, col, n;
    float *w;             /* [taps][CONV_COLS], turned around */
    const float *zeros;   /* [CONV_COLS] */
    const float *history; /* state before the batch, [taps - 1][width]; NULL: zeros */
};

size_t scratch_conv1d(const struct op *op)
{
    return (size_t)(op->conv1d.w->ne[0] + 1) * CONV_COLS * sizeof(float);
}

static void turn_weights(const struct conv *c)
{
    const float *w = weight_f32(c->o->w) + (size_t)c->col * c->taps;

    for (uint32_t i = 0; i < c->n; i++)
        for (uint32_t k = 0; k < c->taps; k++)
            c->w[(size_t)k * CONV_COLS + i] = w[(size_t)i * c->taps + k];
}

/* The input of token `at` of the sequence's tokens in this batch; before them the history. */
static const float *input(const struct exec *x, const struct conv *c, int64_t at)
{
    if (at >= 0 && at < (int64_t)c->run.n_tok)
        return exec_row(x, x->op->src, c->run.first + (size_t)at) + c->col;
    if (!c->history || at >= 0)
        return c->zeros;
    return c->history + (size_t)(at + c->taps - 1) * x->op->dst.width + c->col;
}

static void add_tap(uint32_t n, const float *restrict w, const float *restrict src,
                    float *restrict out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] += w[i] * src[i];
}

static void convolve(const struct exec *x, const struct conv *c)
{
    const float *b = c->o->b ? weight_f32(c->o->b) + c->col : c->zeros;
    int64_t before = c->o->centred ? c->taps / 2 : c->taps - 1;

    for (uint32_t t = 0; t < c->run.n_tok; t++) {
        float *out = exec_row(x, x->op->dst, c->run.first + t) + c->col;

        memcpy(out, b, c->n * sizeof(*out));
        for (uint32_t k = 0; k < c->taps; k++)
            add_tap(c->n, c->w + (size_t)k * CONV_COLS, input(x, c, (int64_t)t + k - before), out);
        if (c->o->silu)
            x->k->glu(ACT_SILU, c->n, out, NULL, out);
    }
}

/* The last taps - 1 inputs, in order. */
static void keep_history(const struct exec *x, const struct conv *c, float *state)
{
    int64_t first = (int64_t)c->run.n_tok - (c->taps - 1);

    for (uint32_t k = 0; k + 1 < c->taps; k++)
        memcpy(state + (size_t)k * x->op->dst.width + c->col, input(x, c, first + k),
               c->n * sizeof(*state));
}

void exec_conv1d(const struct exec *x)
{
    const struct op_conv1d *o = &x->op->conv1d;
    uint32_t width = x->op->dst.width, n_block = (width + CONV_COLS - 1) / CONV_COLS, share;
    struct conv c = { .o = o, .taps = (uint32_t)o->w->ne[0] };
    float *zeros = (float *)(void *)x->scratch;

    memset(zeros, 0, CONV_COLS * sizeof(*zeros));
    c.zeros = zeros;
    c.w = zeros + CONV_COLS;
    while (exec_share(x, 0, x->p->n_run * n_block, &share)) {
        const struct batch_seq *seq;

        c.run = x->p->runs[share / n_block];
        c.col = share % n_block * CONV_COLS;
        c.n = min_u32(CONV_COLS, width - c.col);
        seq = &x->p->batch->seqs[c.run.seq];
        turn_weights(&c);
        c.history = o->state == STATE_NONE || seq->state_in == STATE_NONE
                        ? NULL
                        : exec_state(x, o->state, seq->state_in);
        convolve(x, &c);
        if (o->state != STATE_NONE)
            keep_history(x, &c, exec_state(x, o->state, seq->state_out));
    }
}
