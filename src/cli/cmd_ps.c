/* hearth ps: the models in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/table.h"
#include "os/file.h"

#define JSON_BYTES (64U << 20)
#define ROWS_MAX   1024U

static void short_time(char *out, size_t cap, double seconds)
{
    if (seconds >= 3570.0) /* what would be "60m" */
        (void)snprintf(out, cap, "%.0fh", seconds / 3600.0);
    else if (seconds >= 59.5)
        (void)snprintf(out, cap, "%.0fm", seconds / 60.0);
    else
        (void)snprintf(out, cap, "%.0fs", seconds);
}

static void ttl_cell(struct table *t, const struct js *m)
{
    double ttl = js_num(js_get(m, "ttlMs")) / 1000.0, idle = js_num(js_get(m, "idleMs")) / 1000.0;
    char left[16], total[16];

    if (ttl <= 0.0) {
        table_cell(t, "%s", "");
        return;
    }
    short_time(left, sizeof(left), ttl > idle ? ttl - idle : 0.0);
    short_time(total, sizeof(total), ttl);
    table_cell(t, "%s / %s", left, total);
}

static void status_cell(struct table *t, const char *status)
{
    char upper[32];
    size_t n = 0;

    for (; status && status[n] && n < sizeof(upper) - 1; n++)
        upper[n] = status[n] >= 'a' && status[n] <= 'z' ? (char)(status[n] - 'a' + 'A') : status[n];
    upper[n] = '\0';
    table_cell(t, "%s", n ? upper : "-"); /* servers of others do not tell */
}

static void row(struct table *t, const struct js *m)
{
    int64_t parallel = js_int(js_get(m, "parallel"));
    const char *device = js_str(js_get(m, "deviceIdentifier"), NULL);

    table_cell(t, "%s", js_str(js_get(m, "identifier"), NULL));
    table_cell(t, "%s", js_str(js_get(m, "modelKey"), NULL));
    status_cell(t, js_str(js_get(m, "status"), NULL));
    table_size(t, (uint64_t)js_int(js_get(m, "sizeBytes")));
    table_cell(t, "%lld", (long long)js_int(js_get(m, "contextLength")));
    if (parallel)
        table_cell(t, "%lld", (long long)parallel);
    else
        table_cell(t, "-");
    table_cell(t, "%s", device ? device : "Local");
    ttl_cell(t, m);
}

static int by_identifier(const void *a, const void *b)
{
    return strcmp(js_str(js_get(*(const struct js *const *)a, "identifier"), NULL),
                  js_str(js_get(*(const struct js *const *)b, "identifier"), NULL));
}

static void print_plain(const struct js *list)
{
    static const char *const headings[] = { "IDENTIFIER", "MODEL",    "STATUS", "SIZE",
                                            "CONTEXT",    "PARALLEL", "DEVICE", "TTL" };
    const struct js *sorted[ROWS_MAX];
    size_t n = 0;
    struct table t;

    if (!js_len(list)) {
        (void)puts("No model is loaded; `hearth load MODEL` loads one.");
        return;
    }
    table_begin(&t, headings, COUNT_OF(headings));
    for (size_t i = 0; i < js_len(list) && n < ROWS_MAX; i++)
        if (js_str(js_get(js_at(list, i), "identifier"), NULL))
            sorted[n++] = js_at(list, i);
    qsort(sorted, n, sizeof(sorted[0]), by_identifier);
    for (size_t i = 0; i < n; i++)
        row(&t, sorted[i]);
    (void)puts("");
    table_print(&t);
    table_end(&t);
}

/* list: NULL where no daemon runs. Gives the exit code. */
static int show(const struct js *list, bool json, struct err *e)
{
    struct buf b;
    int rc;

    if (!json) {
        print_plain(list);
        return EXIT_DONE;
    }
    buf_init(&b, MEM_OTHER, JSON_BYTES);
    if (list)
        (void)js_write(list, &b);
    else
        (void)buf_adds(&b, "[]");
    (void)buf_addc(&b, '\n');
    rc = buf_check(&b, "the list", e) || stdout_write(buf_str(&b), b.len, e) ? fail(e) : EXIT_DONE;
    buf_finish(&b);
    return rc;
}

int cmd_ps(int argc, char **argv)
{
    static const struct command cmd = { .summary = "List the models in memory",
                                        .takes_host = true };
    bool json = false;
    const struct opt rows[] = {
        { .name = "json", .kind = OPT_FLAG, .to = &json, .help = "one JSON array" },
    };
    struct positionals rest;
    struct client c;
    struct js *list = NULL;
    struct err e = { 0 };
    int rc = args_begin(argc, argv, "hearth ps", &cmd, rows, COUNT_OF(rows), &rest);

    if (rc >= 0)
        return rc;
    if (client_is_elsewhere(&rest))
        client_at(&c, &rest);
    else if (client_find(&c, &e))
        return show(NULL, json, &e);
    if (instances_of(&c, &list, &e))
        return fail(&e);
    rc = show(list, json, &e);
    js_close(list);
    return rc;
}
