/* The library: its list, its thread while it looks, and questions by name. */
#include "library/library.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "library/library_int.h"
#include "os/mailbox.h"
#include "os/sys.h"
#include "os/thread.h"

#define ROOM        "library"
#define WAITERS_MAX 64U
#define NEAR_BYTES  96U /* of a name that something near is looked for */
#define NEAR_PART   3U  /* shorter ones are part of everything */

struct library {
    struct loop *loop;
    struct arena folders_arena;
    const char **folders;
    struct scan_params scan;
    atomic_bool stop; /* set when closing, read by the thread */

    struct catalog catalog;
    struct {
        void (*done)(void *arg);
        void *arg;
    } waiter[WAITERS_MAX];
    uint32_t n_waiter;

    struct thread thread;
    bool is_scanning, was_scanned;
    struct mailbox box;
    struct loop_watch watch;

    /* filled by the thread, taken when its message has come */
    struct msg msg;
    struct catalog next;
    enum err_code rc;
    struct err err;
};

/* ---- scanning ---- */

static void thread_main(void *arg)
{
    struct library *l = arg;

    l->rc = scan(&l->next, &l->scan, &l->err);
    CHECK(mailbox_post(&l->box, &l->msg));
}

/* The new list takes the old one's place; with an error the old one stays. */
static void take_result(struct library *l)
{
    if (l->rc) {
        log_warn(ROOM, "the list of models stays as it was: %s", l->err.text);
        return;
    }
    catalog_close(&l->catalog);
    l->catalog = l->next;
    l->next = (struct catalog){ 0 };
    log_info(ROOM, "%u models", l->catalog.n);
}

static void tell_waiters(struct library *l)
{
    uint32_t n = l->n_waiter;

    l->n_waiter = 0;
    for (uint32_t i = 0; i < n; i++) {
        void (*done)(void *arg) = l->waiter[i].done;

        if (done)
            done(l->waiter[i].arg);
    }
}

static void on_scanned(struct loop_watch *w, unsigned events)
{
    struct library *l = w->arg;

    (void)events;
    if (!mailbox_take(&l->box))
        return;
    thread_join(&l->thread);
    l->is_scanning = false;
    l->was_scanned = true;
    take_result(l);
    tell_waiters(l);
}

bool library_is_new(const struct library *l)
{
    return l->loop && !l->was_scanned;
}

enum err_code library_scan(struct library *l, void (*done)(void *arg), void *arg, struct err *e)
{
    enum err_code rc;

    if (!l->loop) {
        l->rc = scan(&l->next, &l->scan, &l->err);
        if (l->rc)
            return err_set(e, l->rc, "%s", l->err.text);
        take_result(l);
        if (done)
            done(arg);
        return ERR_OK;
    }
    if (l->n_waiter == WAITERS_MAX)
        return err_set(e, ERR_LIMIT, "%u callers wait for the list of models already", WAITERS_MAX);
    if (!l->is_scanning) {
        rc = thread_start(&l->thread, "library", thread_main, l, e);
        if (rc)
            return rc;
        l->is_scanning = true;
    }
    l->waiter[l->n_waiter].done = done;
    l->waiter[l->n_waiter].arg = arg;
    l->n_waiter++;
    return ERR_OK;
}

/* ---- opening and closing ---- */

static enum err_code copy_folders(struct library *l, const struct library_params *p, struct err *e)
{
    uint32_t n = min_u32(p->n_folder, LIBRARY_FOLDERS_MAX);

    arena_init(&l->folders_arena, MEM_OTHER, 4096,
               (size_t)(LIBRARY_FOLDERS_MAX + 1) * PATH_BYTES_MAX);
    l->folders = arena_new_n(&l->folders_arena, LIBRARY_FOLDERS_MAX, sizeof(*l->folders));
    for (uint32_t i = 0; l->folders && i < n; i++) {
        l->folders[i] = arena_strndup(&l->folders_arena, p->folders[i], strlen(p->folders[i]));
        if (!l->folders[i])
            return err_set(e, ERR_LIMIT, "the names of the model folders are too long");
    }
    l->scan.folders = l->folders;
    l->scan.n_folder = n;
    return l->folders ? ERR_OK : err_set(e, ERR_OOM, "no memory for the library");
}

enum err_code library_open(struct library **out, const struct library_params *p, struct err *e)
{
    struct library *l = mem_alloc_zero(MEM_OTHER, sizeof(*l));
    enum err_code rc;

    *out = NULL;
    if (!l)
        return err_set(e, ERR_OOM, "no memory for the library");
    l->loop = p->loop;
    l->box.wake_fd = -1;
    l->scan = (struct scan_params){ .no_assets = p->no_assets,
                                    .no_foreign = p->no_foreign,
                                    .stop = &l->stop };
    rc = copy_folders(l, p, e);
    if (!rc)
        rc = mailbox_init(&l->box, 1, e);
    if (!rc && l->loop)
        rc = loop_watch(l->loop, &l->watch, l->box.wake_fd, LOOP_IN, on_scanned, l, e);
    if (rc) {
        library_close(l);
        return rc;
    }
    *out = l;
    return ERR_OK;
}

void library_close(struct library *l)
{
    if (!l)
        return;
    atomic_store(&l->stop, true);
    thread_join(&l->thread);
    if (l->box.wake_fd >= 0)
        (void)mailbox_take(&l->box);
    if (l->loop)
        loop_unwatch(l->loop, &l->watch);
    mailbox_finish(&l->box);
    catalog_close(&l->next);
    catalog_close(&l->catalog);
    arena_finish(&l->folders_arena);
    mem_free(l);
}

/* ---- questions ---- */

uint32_t library_n(const struct library *l)
{
    return l->catalog.n;
}

const struct library_model *library_at(const struct library *l, uint32_t i)
{
    CHECK(i < l->catalog.n);
    return &l->catalog.at[i];
}

/* name is BASE or BASE@VARIANT of this model; case does not count. */
static bool is_called(const struct library_model *m, const char *base, const char *name)
{
    size_t len = strlen(base);

    if (strncasecmp(name, base, len) != 0)
        return false;
    return name[len] == '\0' ? m->is_selected
                             : name[len] == '@' && strcasecmp(name + len + 1, m->variant) == 0;
}

static const struct library_model *find(const struct library *l, const char *name)
{
    for (uint32_t i = 0; i < l->catalog.n; i++) {
        if (is_called(&l->catalog.at[i], l->catalog.at[i].key, name))
            return &l->catalog.at[i];
    }
    for (uint32_t i = 0; i < l->catalog.n; i++) {
        if (is_called(&l->catalog.at[i], l->catalog.at[i].short_key, name))
            return &l->catalog.at[i];
    }
    for (uint32_t i = 0; i < l->catalog.n; i++) {
        if (strcmp(l->catalog.at[i].path, name) == 0)
            return &l->catalog.at[i];
    }
    return NULL;
}

const struct library_model *library_find(const struct library *l, const char *name)
{
    const struct library_model *m = find(l, name);
    char without[NAME_BYTES];

    if (m || strlen(name) >= NAME_BYTES)
        return m;
    name_short(without, name, ""); /* as folders are called: "publisher/Model-GGUF" */
    return find(l, without);
}

/* How many characters must change, at most `most` + 1; a and b have at most NEAR_BYTES. */
static uint32_t edits(const char *a, const char *b, uint32_t most)
{
    size_t n_a = strlen(a), n_b = strlen(b);
    uint32_t row[NEAR_BYTES + 1];

    if ((n_a > n_b ? n_a - n_b : n_b - n_a) > most)
        return most + 1;
    for (uint32_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        uint32_t diagonal = row[0];

        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= n_b; j++) {
            uint32_t change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = min_u32(change, min_u32(row[j], row[j - 1]) + 1);
        }
    }
    return min_u32(row[n_b], most + 1);
}

const char *library_near(const struct library *l, const char *name)
{
    char low[NAME_BYTES];
    const char *best = NULL;
    uint32_t most;

    if (!name[0] || strlen(name) > NEAR_BYTES)
        return NULL;
    name_short(low, name, "");
    low[strcspn(low, "@")] = '\0';
    most = (uint32_t)strlen(low) / 3;
    for (uint32_t i = 0; i < l->catalog.n; i++) { /* a part of a key first */
        if (strlen(low) >= NEAR_PART && strstr(l->catalog.at[i].key, low))
            return l->catalog.at[i].key;
    }
    for (uint32_t i = 0; i < l->catalog.n; i++) {
        const struct library_model *m = &l->catalog.at[i];
        const char *as = strchr(low, '/') ? m->key : m->short_key;
        uint32_t n = strlen(as) <= NEAR_BYTES ? edits(low, as, most) : most + 1;

        if (n <= most) {
            best = m->key;
            if (n == 0)
                break;
            most = n - 1;
        }
    }
    return best;
}
