/* The codecs behind dtype.c's table, private to formats/. What they promise is in dtype.h. */
#ifndef FORMATS_CODECS_H
#define FORMATS_CODECS_H

#include <stddef.h>

typedef void decode_fn(size_t n, const void *blocks, float *out);
typedef void encode_fn(size_t n, const float *in, const float *importance, void *blocks);

/* floats.c */
decode_fn f32_read, f16_read, bf16_read, f64_read, i8_read, i16_read, i32_read, i64_read;
encode_fn f32_write, f16_write, bf16_write;

/* quant_simple.c */
decode_fn q4_0_read, q4_1_read, q5_0_read, q5_1_read, q8_0_read, q8_1_read, q1_0_read, q2_0_read;
encode_fn q4_0_write, q4_1_write, q5_0_write, q5_1_write, q8_0_write, q8_1_write, q1_0_write,
    q2_0_write;

/* quant_k.c reads, quant_k_write.c writes */
decode_fn q2_k_read, q3_k_read, q4_k_read, q5_k_read, q6_k_read, q8_k_read;
encode_fn q2_k_write, q3_k_write, q4_k_write, q5_k_write, q6_k_write, q8_k_write;

/* quant_iq.c reads, quant_iq_write.c writes */
decode_fn iq1_s_read, iq1_m_read, iq2_xxs_read, iq2_xs_read, iq2_s_read, iq3_xxs_read, iq3_s_read,
    iq4_nl_read, iq4_xs_read;
encode_fn iq1_s_write, iq1_m_write, iq2_xxs_write, iq2_xs_write, iq2_s_write, iq3_xxs_write,
    iq3_s_write, iq4_nl_write, iq4_xs_write;

/* quant_t.c */
decode_fn tq1_0_read, tq2_0_read;
encode_fn tq1_0_write, tq2_0_write;

/* quant_fp4.c */
decode_fn mxfp4_read, nvfp4_read;
encode_fn mxfp4_write, nvfp4_write;

#endif
