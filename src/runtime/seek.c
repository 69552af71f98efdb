/* Models that are not in the list: the folders are looked through once more before anybody is told
 * that there is no such model, so that one that was put there a moment ago is found. */
#include "base/mem.h"
#include "os/sys.h"
#include "runtime/runtime_int.h"

#define SEEK_GAP_S 0.5 /* between two looks: questions for what is not there cost little */

static void on_time(struct loop_timer *t);

bool rt_is_unknown(const struct runtime *r, const char *model)
{
    return model && model[0] && !rt_instance_named(r, model) && !library_find(r->library, model);
}

/* The list is new. Who came after the look began waits for another one, unless found. */
static void on_looked(void *arg)
{
    struct runtime *r = arg;
    bool any;

    r->t_looked = clock_s();
    r->is_seeking = false;
    any = rt_jobs_sought(r, r->seek_serial);
    any = rt_loads_sought(r, r->seek_serial) || any;
    if (any)
        rt_seek(r);
    rt_check_drained(r);
}

static void on_time(struct loop_timer *t)
{
    struct runtime *r = t->arg;

    /* A look that is under way already may have passed by the file. */
    r->seek_serial = library_is_new(r->library) ? 0 : r->serial;
    if (library_scan(r->library, on_looked, r, NULL)) {
        r->seek_serial = r->serial; /* then with the list as it is */
        on_looked(r);
    }
}

void rt_seek(struct runtime *r)
{
    double at_s = r->t_looked > 0.0 ? r->t_looked + SEEK_GAP_S : 0.0;

    if (r->is_seeking)
        return;
    r->is_seeking = true;
    /* The heap has room: see rt_soon. */
    (void)loop_timer_at(r->loop, &r->seek, at_s, on_time, r, NULL);
}
