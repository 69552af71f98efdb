/* Random input for kernels and the list of instruction sets. */
#include "conformance/kernel/kernel_test.h"

#include <math.h>

#include "formats/blocks.h"
#include "os/cpu.h"

void isas_open(struct isas *isas)
{
    static const uint32_t masks[ISA_MAX] = { 0, CPU_AVX2, CPU_AVX2 | CPU_AVX512,
                                             CPU_AVX2 | CPU_AVX512 | CPU_AVX512_VNNI };
    uint32_t have = cpu_info()->features;

    isas->n = 0;
    for (uint32_t i = 0; i < ISA_MAX; i++)
        if ((have & masks[i]) == masks[i])
            cpu_kernels_init(&isas->k[isas->n++], masks[i]);
}

uint32_t rnd_u32(struct rnd *r)
{
    r->state = r->state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(r->state >> 32);
}

uint32_t rnd_below(struct rnd *r, uint32_t n)
{
    return (uint32_t)(((uint64_t)rnd_u32(r) * n) >> 32);
}

float rnd_float(struct rnd *r)
{
    return (float)rnd_u32(r) * 0x1p-31F - 1.0F;
}

static bool is_tame(const struct dtype_info *info, const uint8_t *block)
{
    float v[256];

    info->dequantize(info->block_n, block, v);
    for (uint32_t i = 0; i < info->block_n; i++)
        if (!(fabsf(v[i]) < 1e15F))
            return false;
    return true;
}

static void fill_block(struct rnd *r, const struct dtype_info *info, uint8_t *block)
{
    static const uint8_t extremes[] = { 0x00, 0xff, 0x80, 0x7f, 0x0f, 0xf0, 0x3f, 0x01 };
    unsigned mode = rnd_below(r, 8);

    for (unsigned attempt = 0; attempt < 64; attempt++) {
        for (uint32_t i = 0; i < info->block_bytes; i++)
            block[i] = mode == 1 ? extremes[rnd_below(r, 8)] : (uint8_t)rnd_u32(r);
        if (mode != 0 && is_tame(info, block))
            return;
    }
    memset(block, 0, info->block_bytes);
}

void fill_blocks(struct rnd *r, enum dtype type, size_t n, uint8_t *out)
{
    const struct dtype_info *info = dtype_info((uint32_t)type);

    for (size_t i = 0; i < n; i += info->block_n, out += info->block_bytes) {
        float f = rnd_float(r) * (rnd_below(r, 16) ? 1.0F : 1e-6F);
        uint16_t h = type == DT_F16 ? f32_to_f16(f) : f32_to_bf16(f);

        if (type == DT_F32)
            memcpy(out, &f, sizeof(f));
        else if (type == DT_F16 || type == DT_BF16)
            memcpy(out, &h, sizeof(h));
        else
            fill_block(r, info, out);
    }
}

void fill_floats(struct rnd *r, unsigned mode, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        float f = rnd_float(r);

        switch (mode) {
        case 0:
            out[i] = f;
            break;
        case 1:
            out[i] = f < 0 ? -100.0F : 100.0F;
            break;
        case 2:
            out[i] = f * 1e-20F;
            break;
        case 3:
            out[i] = i % 97 == 13 ? 1000.0F * f : 0.01F * f;
            break;
        default:
            out[i] = 0;
        }
    }
}
