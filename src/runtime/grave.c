/* Workers that were killed, until the system has taken them back: that may last (a large memory, a
 * slow disk), and the loop does not wait for it. */
#include "base/mem.h"
#include "runtime/runtime_int.h"

#define KILL_WAIT_MS 2000U

struct rt_grave {
    struct runtime *r;
    struct rt_grave *next;
    struct process process;
    struct loop_watch watch;
};

static void grave_free(struct rt_grave *g)
{
    struct rt_grave **at = &g->r->graves;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    loop_unwatch(g->r->loop, &g->watch);
    mem_free(g);
}

static void on_end(struct loop_watch *w, unsigned events)
{
    struct rt_grave *g = w->arg;
    struct runtime *r = g->r;
    struct process_end end;

    (void)events;
    if (!process_ended(&g->process, &end))
        return;
    grave_free(g);
    rt_room_made(r);
}

void rt_bury(struct runtime *r, struct process *p)
{
    struct process_end end;
    struct rt_grave *g;

    if (p->pid <= 0 || process_ended(p, &end))
        return;
    process_kill(p);
    g = p->pidfd >= 0 ? mem_alloc_zero(MEM_OTHER, sizeof(*g)) : NULL;
    if (!g || loop_watch(r->loop, &g->watch, p->pidfd, LOOP_IN, on_end, g, NULL)) {
        mem_free(g);
        (void)process_wait(p, KILL_WAIT_MS, &end);
        return;
    }
    g->r = r;
    g->process = *p;
    g->next = r->graves;
    r->graves = g;
    *p = (struct process){ .pidfd = -1 };
}

void rt_graves_close(struct runtime *r)
{
    while (r->graves) {
        struct process_end end;

        (void)process_wait(&r->graves->process, KILL_WAIT_MS, &end);
        grave_free(r->graves);
    }
}
