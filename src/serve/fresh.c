/* Lists of models are of now: what was put into a folder a moment ago is in them. Owns the requests
 * that wait for the library to look. */
#include "base/mem.h"
#include "os/sys.h"
#include "serve/app_int.h"

#define FRESH_S 1.0 /* a list so old is new enough */

struct fresh {
    struct app *app;
    struct http_req *q; /* NULL: the client has gone */
    void (*then)(struct http_req *q, void *app);
    struct fresh *next;
};

static void on_gone(void *arg)
{
    ((struct fresh *)arg)->q = NULL;
}

static void drop(struct fresh *f)
{
    struct fresh **at = &f->app->fresh;

    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        *at = f->next;
    mem_free(f);
}

static void on_looked(void *arg)
{
    struct fresh *f = arg;

    f->app->looked_s = clock_s();
    if (f->q)
        f->then(f->q, f->app);
    drop(f);
}

void app_look(struct app *app, struct http_req *q, void (*then)(struct http_req *q, void *app))
{
    struct fresh *f = mem_alloc(MEM_OTHER, sizeof(*f));

    if (!f) {
        then(q, app);
        return;
    }
    *f = (struct fresh){ .app = app, .q = q, .then = then, .next = app->fresh };
    app->fresh = f;
    http_on_gone(q, on_gone, f);
    http_answers_soon(q);
    if (library_scan(app->library, on_looked, f, NULL)) {
        then(q, app); /* with the list as it is */
        drop(f);
    }
}

void app_fresh(struct app *app, struct http_req *q, void (*then)(struct http_req *q, void *app))
{
    if (app->looked_s > 0.0 && clock_s() - app->looked_s < FRESH_S)
        then(q, app);
    else
        app_look(app, q, then);
}

void app_fresh_close(struct app *app)
{
    while (app->fresh)
        drop(app->fresh);
}
