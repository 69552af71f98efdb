/* The table of tensor types. Numbers, block sizes and names are GGUF's. */
#include "formats/dtype.h"

#include <string.h>

#include "base/num.h"
#include "formats/blocks.h"
#include "formats/codecs.h"

const int8_t iq4_values[16] = { -127, -104, -83, -65, -49, -35, -22, -10,
                                1,    13,   25,  38,  53,  69,  89,  113 };
const int8_t fp4_values_x2[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };

/* clang-format off */
#define PLAIN(bytes, read, write)      1,      bytes,                false, read, write, false
#define QUANT(n, block, read, write)   n,      sizeof(struct block), true,  read, write, false
#define SMALL(block, read, write)      QK_K,   sizeof(struct block), true,  read, write, true

static const struct dtype_info table[DT_LIMIT] = {
    [DT_F32]     = { "F32",     PLAIN(4, f32_read, f32_write) },
    [DT_F16]     = { "F16",     PLAIN(2, f16_read, f16_write) },
    [DT_BF16]    = { "BF16",    PLAIN(2, bf16_read, bf16_write) },
    [DT_F64]     = { "F64",     PLAIN(8, f64_read, NULL) },
    [DT_I8]      = { "I8",      PLAIN(1, i8_read, NULL) },
    [DT_I16]     = { "I16",     PLAIN(2, i16_read, NULL) },
    [DT_I32]     = { "I32",     PLAIN(4, i32_read, NULL) },
    [DT_I64]     = { "I64",     PLAIN(8, i64_read, NULL) },
    [DT_Q4_0]    = { "Q4_0",    QUANT(QK, block_q4_0, q4_0_read, q4_0_write) },
    [DT_Q4_1]    = { "Q4_1",    QUANT(QK, block_q4_1, q4_1_read, q4_1_write) },
    [DT_Q5_0]    = { "Q5_0",    QUANT(QK, block_q5_0, q5_0_read, q5_0_write) },
    [DT_Q5_1]    = { "Q5_1",    QUANT(QK, block_q5_1, q5_1_read, q5_1_write) },
    [DT_Q8_0]    = { "Q8_0",    QUANT(QK, block_q8_0, q8_0_read, q8_0_write) },
    [DT_Q8_1]    = { "Q8_1",    QUANT(QK, block_q8_1, q8_1_read, q8_1_write) },
    [DT_Q1_0]    = { "Q1_0",    QUANT(128, block_q1_0, q1_0_read, q1_0_write) },
    [DT_Q2_0]    = { "Q2_0",    QUANT(64, block_q2_0, q2_0_read, q2_0_write) },
    [DT_Q2_K]    = { "Q2_K",    QUANT(QK_K, block_q2_k, q2_k_read, q2_k_write) },
    [DT_Q3_K]    = { "Q3_K",    QUANT(QK_K, block_q3_k, q3_k_read, q3_k_write) },
    [DT_Q4_K]    = { "Q4_K",    QUANT(QK_K, block_q4_k, q4_k_read, q4_k_write) },
    [DT_Q5_K]    = { "Q5_K",    QUANT(QK_K, block_q5_k, q5_k_read, q5_k_write) },
    [DT_Q6_K]    = { "Q6_K",    QUANT(QK_K, block_q6_k, q6_k_read, q6_k_write) },
    [DT_Q8_K]    = { "Q8_K",    QUANT(QK_K, block_q8_k, q8_k_read, q8_k_write) },
    [DT_IQ2_XXS] = { "IQ2_XXS", SMALL(block_iq2_xxs, iq2_xxs_read, iq2_xxs_write) },
    [DT_IQ2_XS]  = { "IQ2_XS",  SMALL(block_iq2_xs, iq2_xs_read, iq2_xs_write) },
    [DT_IQ2_S]   = { "IQ2_S",   SMALL(block_iq2_s, iq2_s_read, iq2_s_write) },
    [DT_IQ1_S]   = { "IQ1_S",   SMALL(block_iq1_s, iq1_s_read, iq1_s_write) },
    [DT_IQ1_M]   = { "IQ1_M",   SMALL(block_iq1_m, iq1_m_read, iq1_m_write) },
    [DT_IQ3_XXS] = { "IQ3_XXS", QUANT(QK_K, block_iq3_xxs, iq3_xxs_read, iq3_xxs_write) },
    [DT_IQ3_S]   = { "IQ3_S",   QUANT(QK_K, block_iq3_s, iq3_s_read, iq3_s_write) },
    [DT_IQ4_NL]  = { "IQ4_NL",  QUANT(QK, block_iq4_nl, iq4_nl_read, iq4_nl_write) },
    [DT_IQ4_XS]  = { "IQ4_XS",  QUANT(QK_K, block_iq4_xs, iq4_xs_read, iq4_xs_write) },
    [DT_TQ1_0]   = { "TQ1_0",   QUANT(QK_K, block_tq1_0, tq1_0_read, tq1_0_write) },
    [DT_TQ2_0]   = { "TQ2_0",   QUANT(QK_K, block_tq2_0, tq2_0_read, tq2_0_write) },
    [DT_MXFP4]   = { "MXFP4",   QUANT(QK, block_mxfp4, mxfp4_read, mxfp4_write) },
    [DT_NVFP4]   = { "NVFP4",   QUANT(64, block_nvfp4, nvfp4_read, nvfp4_write) },
};
/* clang-format on */

const struct dtype_info *dtype_info(uint32_t type)
{
    return type < DT_LIMIT && table[type].name ? &table[type] : NULL;
}

/* Names are ASCII; independent of the locale. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return *a == *b;
}

bool dtype_by_name(const char *name, enum dtype *type)
{
    for (uint32_t i = 0; i < DT_LIMIT; i++) {
        if (table[i].name && same_name(table[i].name, name)) {
            *type = (enum dtype)i;
            return true;
        }
    }
    return false;
}

enum err_code dtype_bytes(uint32_t type, uint64_t n, uint64_t *bytes, struct err *e)
{
    const struct dtype_info *info = dtype_info(type);

    if (!info)
        return err_set(e, ERR_FORMAT, "tensor type %u is not known", type);
    if (n % info->block_n)
        return err_set(e, ERR_FORMAT, "%llu elements are no multiple of %s's block of %u",
                       (unsigned long long)n, info->name, info->block_n);
    if (mul_u64(n / info->block_n, info->block_bytes, bytes))
        return err_set(e, ERR_FORMAT, "the size of %llu elements of %s overflows",
                       (unsigned long long)n, info->name);
    return ERR_OK;
}
