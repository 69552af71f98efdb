/* Prompt tokens beside answers, by measurement. */
#include "base/num.h"
#include "engine/share_int.h"

/* While nothing is known: this share of a batch. */
#define FIRST_SHARE_DIV 8U
#define FIRST_TOK_MIN   32U
#define SMOOTH          0.25

static bool has_changed(const struct pace *p, uint32_t n_answer)
{
    return n_answer > p->n_answer + p->n_answer / 4 || n_answer + p->n_answer / 4 < p->n_answer;
}

/* How much longer than one of answers alone a step may take. */
static double stretch_of(uint32_t n_answer, uint32_t n_prompt)
{
    double crowd = 1.0 + (PACE_STRETCH - 1.0) * n_prompt / n_answer;

    if (crowd > PACE_CROWD_MAX)
        return PACE_CROWD_MAX;
    return crowd > PACE_STRETCH ? crowd : PACE_STRETCH;
}

uint32_t pace_budget(const struct pace *p, uint32_t n_answer, uint32_t n_prompt, uint32_t n_batch)
{
    uint32_t room = n_batch > n_answer ? n_batch - n_answer : 0;
    double n;

    if (p->answers_s > 0.0 && p->n_mixed >= (has_changed(p, n_answer) ? 4U : PACE_REFRESH))
        return 0;
    if (p->answers_s <= 0.0 || p->token_s <= 0.0)
        return min_u32(room, max_u32(n_batch / FIRST_SHARE_DIV, FIRST_TOK_MIN));
    n = (stretch_of(n_answer, n_prompt) - 1.0) * p->answers_s / p->token_s;
    if (!(n < (double)room))
        return room;
    if (n < PACE_TOK_MIN)
        return min_u32(room, PACE_TOK_MIN);
    return (uint32_t)n;
}

static void smooth(double *mean, double value)
{
    *mean = *mean > 0.0 ? *mean + SMOOTH * (value - *mean) : value;
}

void pace_note(struct pace *p, uint32_t n_answer, uint32_t n_prompt_tok, double seconds)
{
    if (n_answer && !n_prompt_tok) {
        if (has_changed(p, n_answer))
            p->answers_s = 0.0;
        smooth(&p->answers_s, seconds);
        p->n_answer = n_answer;
        p->n_mixed = 0;
    } else if (n_answer) {
        double extra = seconds - p->answers_s;

        p->n_mixed++;
        if (p->answers_s > 0.0 && !has_changed(p, n_answer))
            smooth(&p->token_s, (extra > 0.0 ? extra : 0.01 * seconds) / n_prompt_tok);
    } else if (n_prompt_tok >= FIRST_TOK_MIN && p->token_s <= 0.0) {
        p->token_s = seconds / n_prompt_tok;
    }
}
