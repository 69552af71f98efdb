/* Proves: the log of a daemon in the background stands in a bounded file of the day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "os/file.h"
#include "serve/feed_int.h"

static char home[64];

static void path_of(char *path, size_t cap, int days_back, const char *suffix)
{
    const time_t t = time(NULL) - days_back * (time_t)86400;
    char day[32];
    struct tm tm;

    assert_non_null(localtime_r(&t, &tm));
    assert_true(strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0);
    (void)snprintf(path, cap, "%s/logs/%s%s", home, day, suffix);
}

static void on_change(void *arg)
{
    (void)arg;
}

static void begin(struct app *app, enum log_level level)
{
    memset(app, 0, sizeof(*app));
    (void)snprintf(home, sizeof(home), "/tmp/hearth-log-XXXXXX");
    assert_non_null(mkdtemp(home));
    app->home = home;
    assert_int_equal(loop_open(&app->loop, NULL), ERR_OK);
    assert_int_equal(feed_open(&app->feed, on_change, NULL, NULL), ERR_OK);
    assert_int_equal(log_out_open(app, true, level, NULL), ERR_OK);
}

static void end(struct app *app)
{
    char path[256];

    log_out_close();
    feed_close(app->feed);
    loop_close(app->loop);
    for (int back = 0; back < 2; back++) { /* the test may run over midnight */
        path_of(path, sizeof(path), back, ".log");
        (void)unlink(path);
        path_of(path, sizeof(path), back, ".1.log");
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/logs", home);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(home), 0);
}

/* Proves: lines have moment, level and room; what is below the level is left out; old files go. */
static void lines(void **state)
{
    char path[256], old[256];
    struct buf text;
    struct app app;

    (void)state;
    begin(&app, LOG_INFO);
    path_of(old, sizeof(old), 20, ".log");
    assert_int_equal(file_write(old, "x", 1, NULL), ERR_OK);
    path_of(path, sizeof(path), 0, ".log");
    log_info("room", "one %d", 1);
    log_debug("room", "two");
    buf_init(&text, MEM_OTHER, 4096);
    assert_int_equal(file_read(&text, path, NULL), ERR_OK);
    assert_non_null(strstr(buf_str(&text), "][INFO][room] one 1\n"));
    assert_null(strstr(buf_str(&text), "two"));
    assert_false(file_exists(old));
    buf_finish(&text);
    end(&app);
}

/* Proves: a full file is put aside once, so that two of them are the most there is. */
static void bounded(void **state)
{
    char path[256], older[256], long_line[900];
    uint64_t size = 0, size_older = 0;
    struct app app;

    (void)state;
    memset(long_line, 'x', sizeof(long_line));
    long_line[sizeof(long_line) - 1] = '\0';
    begin(&app, LOG_INFO);
    for (int i = 0; i < 45000; i++) /* 42 MB */
        log_info("room", "%s", long_line);
    path_of(path, sizeof(path), 0, ".log");
    path_of(older, sizeof(older), 0, ".1.log");
    assert_int_equal(file_size(path, &size, NULL), ERR_OK);
    assert_int_equal(file_size(older, &size_older, NULL), ERR_OK);
    assert_in_range(size, 1, 17 << 20);
    assert_in_range(size_older, 16 << 20, 17 << 20);
    end(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
