/* The scalar element-wise kernels and norms: plain formulas on libm, sums in double. */
#include "compute/cpu/ref/ref.h"

#include <math.h>

#define SQRT_HALF    0.70710678118654752F
#define SQRT_2_BY_PI 0.79788456080286536F

static void norm(enum norm_kind kind, uint32_t n, const float *x, const float *w, const float *b,
                 float eps, const float *add, float *out)
{
    double mean = 0, sum = 0;
    float scale, shift;

    if (kind == NORM_LAYER) {
        for (uint32_t i = 0; i < n; i++)
            mean += (double)x[i];
        mean /= n;
    }
    for (uint32_t i = 0; i < n; i++)
        sum += ((double)x[i] - mean) * ((double)x[i] - mean);
    if (kind != NORM_L2)
        sum /= n;
    scale = (float)(1.0 / sqrt(sum + (double)eps));
    shift = (float)mean;
    for (uint32_t i = 0; i < n; i++) {
        float y = (x[i] - shift) * scale;

        if (w)
            y *= w[i];
        if (b)
            y += b[i];
        out[i] = add ? add[i] + y : y;
    }
}

static float sigmoid(float x)
{
    return 1.0F / (1.0F + expf(-x));
}

static float gelu_tanh(float x)
{
    return 0.5F * x * (1.0F + tanhf(SQRT_2_BY_PI * x * (1.0F + 0.044715F * x * x)));
}

static float swiglu_clamp(float gate, float up)
{
    float g = fminf(gate, 7.0F), u = fmaxf(-7.0F, fminf(up, 7.0F));

    return g * sigmoid(1.702F * g) * (u + 1.0F);
}

/* x * sigmoid(x) is 0 at minus infinity, not 0 * -inf. */
static float activate(enum act_kind act, float x)
{
    switch (act) {
    case ACT_SILU:
        return x < -1e4F ? 0 : x * sigmoid(x);
    case ACT_GELU_TANH:
        return x < -1e4F ? 0 : gelu_tanh(x);
    case ACT_GELU_ERF:
        return x < -1e4F ? 0 : 0.5F * x * erfcf(-x * SQRT_HALF);
    case ACT_RELU:
        return x < 0 ? 0 : x;
    case ACT_RELU_SQ:
        return x < 0 ? 0 : x * x;
    case ACT_SIGMOID:
    case ACT_SWIGLU_CLAMP:
        return sigmoid(x);
    }
    return x;
}

static void glu(enum act_kind act, uint32_t n, const float *gate, const float *up, float *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (act == ACT_SWIGLU_CLAMP)
            out[i] = swiglu_clamp(gate[i], up ? up[i] : 0);
        else
            out[i] = up ? activate(act, gate[i]) * up[i] : activate(act, gate[i]);
    }
}

static void rope(enum rope_pairing pairing, uint32_t n_rot, const float *cos, const float *sin,
                 float *x)
{
    uint32_t n_pair = n_rot / 2, step = pairing == ROPE_HALVES ? 1 : 2;
    uint32_t other = pairing == ROPE_HALVES ? n_pair : 1;

    for (uint32_t i = 0; i < n_pair; i++) {
        float *a = x + i * step, *b = a + other;
        float x0 = *a, x1 = *b;

        *a = x0 * cos[i] - x1 * sin[i];
        *b = x0 * sin[i] + x1 * cos[i];
    }
}

static void add(uint32_t n, const float *x, const float *y, float scale, float *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = x[i] + scale * y[i];
}

static void f32_to_f16_row(size_t n, const float *x, uint16_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = f32_to_f16(x[i]);
}

static void softcap(uint32_t n, float cap, float *x)
{
    for (uint32_t i = 0; i < n; i++)
        x[i] = cap * tanhf(x[i] / cap);
}

static void scale_all(size_t n, float s, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= s;
}

void ref_init_vec(struct cpu_kernels *k)
{
    k->norm = norm;
    k->glu = glu;
    k->rope = rope;
    k->add = add;
    k->f32_to_f16_row = f32_to_f16_row;
    k->softcap = softcap;
    k->scale = scale_all;
}
