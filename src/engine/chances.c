/* What the model itself thinks of a token. */
#include <float.h>
#include <math.h>

#include "engine/engine.h"

uint32_t engine_chances(const float *logits, uint32_t n_vocab, int32_t token, uint32_t n_top,
                        float *logprob, struct token_prob *top)
{
    double sum = 0, log_sum;
    float max = -FLT_MAX;
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_vocab; i++) {
        uint32_t k;

        max = logits[i] > max ? logits[i] : max;
        if (n_top == 0 || (n == n_top && !(logits[i] > top[n_top - 1].logprob)))
            continue;
        k = n < n_top ? n++ : n_top - 1;
        for (; k > 0 && top[k - 1].logprob < logits[i]; k--)
            top[k] = top[k - 1];
        top[k] = (struct token_prob){ (int32_t)i, logits[i] };
    }
    for (uint32_t i = 0; i < n_vocab; i++)
        sum += (double)expf(logits[i] - max);
    log_sum = (double)max + log(sum);
    for (uint32_t i = 0; i < n; i++)
        top[i].logprob = (float)((double)top[i].logprob - log_sum);
    *logprob = (float)((double)logits[token] - log_sum);
    return n;
}
