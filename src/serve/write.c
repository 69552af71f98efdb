/* Values that several dialects write into JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/write_int.h"

void jsonw_job_str(struct jsonw *w, struct job_str s)
{
    if (s.s)
        jsonw_strn(w, s.s, s.len);
    else
        jsonw_null(w);
}

void jsonw_float(struct jsonw *w, float v)
{
    char text[32];

    if (!isfinite(v)) {
        jsonw_null(w);
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, (double)v);
        if (digits == 9 || strtof(text, NULL) == v)
            break;
    }
    jsonw_raw(w, text, strlen(text));
}

void jsonw_buf(struct jsonw *w, const struct buf *b)
{
    jsonw_strn(w, buf_str(b), b->len);
}

static void base64_group(struct buf *out, const uint8_t *in, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t v = (uint32_t)in[0] << 16 | (n > 1 ? (uint32_t)in[1] << 8 : 0) | (n > 2 ? in[2] : 0);
    char text[4] = { digits[v >> 18], digits[v >> 12 & 63], '=', '=' };

    if (n > 1)
        text[2] = digits[v >> 6 & 63];
    if (n > 2)
        text[3] = digits[v & 63];
    (void)buf_add(out, text, sizeof(text));
}

void jsonw_base64_floats(struct jsonw *w, const float *v, uint32_t n)
{
    uint8_t group[3];
    size_t have = 0;

    jsonw_raw(w, "\"", 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;

        memcpy(&bits, &v[i], sizeof(bits));
        for (int k = 0; k < 4; k++) {
            group[have++] = (uint8_t)(bits >> (8 * k));
            if (have == 3) {
                base64_group(w->out, group, have);
                have = 0;
            }
        }
    }
    if (have)
        base64_group(w->out, group, have);
    (void)buf_addc(w->out, '"');
}

void jsonw_key_str(struct jsonw *w, const char *key, const char *s)
{
    jsonw_key(w, key);
    if (s)
        jsonw_str(w, s);
    else
        jsonw_null(w);
}

void jsonw_key_uint(struct jsonw *w, const char *key, uint64_t v)
{
    jsonw_key(w, key);
    jsonw_uint(w, v);
}

void jsonw_key_bool(struct jsonw *w, const char *key, bool v)
{
    jsonw_key(w, key);
    jsonw_bool(w, v);
}

void jsonw_key_null(struct jsonw *w, const char *key)
{
    jsonw_key(w, key);
    jsonw_null(w);
}

void jsonw_key_seconds(struct jsonw *w, const char *key, double v)
{
    jsonw_key(w, key);
    jsonw_num(w, round(v * 1e6) / 1e6);
}

void jsonw_total_usage(struct jsonw *w, uint64_t n_tok)
{
    jsonw_key(w, "usage");
    jsonw_obj(w);
    jsonw_key_uint(w, "prompt_tokens", n_tok);
    jsonw_key_uint(w, "total_tokens", n_tok);
    jsonw_obj_end(w);
}

const char *instance_status(const struct instance_info *i)
{
    if (i->state == INSTANCE_LOADING)
        return "loading";
    switch (i->work) {
    case WORK_PROMPT:
        return "processingPrompt";
    case WORK_GENERATING:
        return "generating";
    case WORK_EMBEDDING:
        return "computingEmbedding";
    default:
        return "idle";
    }
}
