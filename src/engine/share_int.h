/* Who gets how much of the engine: tenants share slots and prompt tokens equally, and prompts leave
 * running answers their pace. Both only decide how work is cut, never what it results in (law 4).
 *
 * Owner: the engine's thread. */
#ifndef ENGINE_SHARE_INT_H
#define ENGINE_SHARE_INT_H

#include <stdbool.h>
#include <stdint.h>

/* ---- fair.c: deficit round robin over tenants, paid afterwards ----
 *
 * Every computed token is charged to its tenant. Who has been charged least is served next; the
 * accounts are shifted so that the best of those that have work stands at 0: waiting without
 * work earns nothing. */
#define TENANTS_MAX     1024U
#define TENANT_DEBT_MAX ((int64_t)1 << 16) /* tokens; nobody is punished for longer than that */

struct tenant {
    uint64_t id;
    int64_t balance; /* <= 0 */
    uint32_t n_live; /* requests that wait or run */
    uint64_t last_use;
};

struct fair {
    struct tenant at[TENANTS_MAX];
    uint32_t n;
    uint64_t tick;
};

/* A request of tenant id begins or ends. At most TENANTS_MAX tenants have requests. */
uint32_t fair_enter(struct fair *f, uint64_t id); /* its place, kept while it has requests */
void fair_leave(struct fair *f, uint32_t place);
void fair_charge(struct fair *f, uint32_t place, uint32_t n_tok);
int64_t fair_balance(const struct fair *f, uint32_t place);

/* ---- pace.c: how many prompt tokens may ride along with answers ----
 *
 * A step with prompt tokens shall take no more than PACE_STRETCH of one without. The cost of a
 * prompt token and the time of a step of answers alone are measured on the way. */
#define PACE_STRETCH   3.0
#define PACE_CROWD_MAX 8.0 /* the same with any number of prompts */
#define PACE_TOK_MIN   2U  /* prompts always move */
#define PACE_REFRESH   64U /* steps after which a step without prompts measures anew */

struct pace {
    double answers_s;  /* a step of n_answer answers alone; 0 = not known */
    uint32_t n_answer; /* of that measurement */
    double token_s;    /* one prompt token beside answers; 0 = not known */
    uint32_t n_mixed;  /* steps with prompts since then */
};

/* Prompt tokens for the next step; 0: this step is to be measured without. n_answer > 0. Where many
 * prompts wait beside few answers, they get more: those who wait for a first word count as much as
 * those who read on. */
uint32_t pace_budget(const struct pace *p, uint32_t n_answer, uint32_t n_prompt, uint32_t n_batch);
/* After a step. */
void pace_note(struct pace *p, uint32_t n_answer, uint32_t n_prompt_tok, double seconds);

#endif
