/* The scalar kernels of attention over one cache page, and the reference's table. */
#include <math.h>

#include "base/num.h"
#include "compute/cpu/ref/ref.h"

#define HEAD_CHUNK 256U

static void qk_f32(uint32_t n, uint32_t head, const float *q, const float *k, float *s)
{
    for (uint32_t j = 0; j < n; j++)
        s[j] = ref_dot(head, k + (size_t)j * head, q);
}

static void qk_f16(uint32_t n, uint32_t head, const float *q, const uint16_t *k, float *s)
{
    for (uint32_t j = 0; j < n; j++) {
        const uint16_t *row = k + (size_t)j * head;
        float lane[16] = { 0 };

        for (uint32_t d = 0; d < head; d++)
            lane[d % 16] += f16_to_f32(row[d]) * q[d];
        s[j] = ref_lanes_sum(lane);
    }
}

static void pv_f32(uint32_t n, uint32_t head, uint32_t stride, const float *p, const float *v,
                   float *acc)
{
    for (uint32_t j = 0; j < n; j++)
        for (uint32_t d = 0; d < head; d++)
            acc[d] = fmaf(p[j], v[(size_t)j * stride + d], acc[d]);
}

static void pv_f16(uint32_t n, uint32_t head, uint32_t stride, const float *p, const uint16_t *v,
                   float *acc)
{
    for (uint32_t j = 0; j < n; j++)
        for (uint32_t d = 0; d < head; d++)
            acc[d] = fmaf(p[j], f16_to_f32(v[(size_t)j * stride + d]), acc[d]);
}

static float exp_sum(uint32_t n, float max, float *s)
{
    float lane[16] = { 0 };

    for (uint32_t j = 0; j < n; j++) {
        s[j] = expf(s[j] - max);
        lane[j % 16] += s[j];
    }
    return ref_lanes_sum(lane);
}

static float max_of(uint32_t n, const float *s)
{
    float max = -INFINITY;

    for (uint32_t j = 0; j < n; j++)
        max = s[j] > max ? s[j] : max;
    return max;
}

void ref_init_attention(struct cpu_kernels *k)
{
    k->qk_f16 = qk_f16;
    k->qk_f32 = qk_f32;
    k->pv_f16 = pv_f16;
    k->pv_f32 = pv_f32;
    k->exp_sum = exp_sum;
    k->max = max_of;
}

void cpu_kernels_init_ref(struct cpu_kernels *k)
{
    k->isa = "scalar";
    ref_init_linear(k);
    ref_init_vec(k);
    ref_init_attention(k);
}
