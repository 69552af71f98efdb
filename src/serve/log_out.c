/* The daemon's log: where lines go that base/log.h gets from any thread.
 *
 * A line is written at once, under a lock, so that a crash loses nothing; a copy goes by mailbox to
 * the loop's thread while somebody listens. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/mailbox.h"
#include "os/path.h"
#include "os/sys.h"
#include "os/thread.h"
#include "serve/feed_int.h"

#define LOG_LINE_MAX   1400U
#define LOG_FILE_BYTES (16ULL << 20) /* then the day's file begins anew, one older is kept */
#define LOG_DAYS_KEPT  14
#define LOG_DAYS_SWEPT 60 /* so far back old files are looked for */
#define LOG_BOX_MAX    1024U
#define DAY_S          86400
#define STAMP_BYTES    32U

struct log_line {
    struct msg msg;
    enum log_level level;
    int64_t unix_s;
    char text[LOG_LINE_MAX];
};

static struct log_out {
    struct lock lock; /* of the file */
    bool to_file;
    char dir[PATH_BYTES_MAX];
    char day[STAMP_BYTES]; /* of the open file */
    struct file_append file;
    struct mailbox box;
    struct loop_watch watch;
    struct app *app;
    bool is_listened; /* under the lock too */
} out;

static const char *const names[] = { "NONE", "ERROR", "WARN", "INFO", "DEBUG" };

static void stamp(char to[STAMP_BYTES], int64_t unix_s, bool with_time)
{
    const time_t t = (time_t)unix_s;
    struct tm tm;

    to[0] = '\0';
    if (!localtime_r(&t, &tm))
        return;
    if (with_time)
        (void)strftime(to, STAMP_BYTES, "%Y-%m-%d %H:%M:%S", &tm);
    else
        (void)strftime(to, STAMP_BYTES, "%Y-%m-%d", &tm);
}

/* ---- the file of the day ---- */

static void path_of(char to[PATH_BYTES_MAX], const char *day, const char *suffix)
{
    if (snprintf(to, PATH_BYTES_MAX, "%.4000s/%.31s%s", out.dir, day, suffix) < 0)
        to[0] = '\0';
}

static void sweep(int64_t now)
{
    char day[STAMP_BYTES], path[PATH_BYTES_MAX];

    for (int64_t back = LOG_DAYS_KEPT; back < LOG_DAYS_SWEPT; back++) {
        stamp(day, now - back * DAY_S, false);
        path_of(path, day, ".log");
        (void)remove(path);
        path_of(path, day, ".1.log");
        (void)remove(path);
    }
}

/* Opens the day's file, or begins it anew when it is full. */
static void turn_file(int64_t now)
{
    char day[STAMP_BYTES], path[PATH_BYTES_MAX], older[PATH_BYTES_MAX];

    stamp(day, now, false);
    if (strcmp(day, out.day) == 0 && out.file.n_bytes < LOG_FILE_BYTES)
        return;
    path_of(path, day, ".log");
    if (strcmp(day, out.day) == 0) {
        path_of(older, day, ".1.log");
        (void)rename(path, older);
    } else {
        sweep(now);
    }
    file_append_close(&out.file);
    (void)file_append_open(&out.file, path, NULL);
    memcpy(out.day, day, sizeof(day));
}

/* ---- lines ---- */

static void sink(enum log_level level, const char *room, const char *line)
{
    const int64_t now = clock_unix_s();
    char time_text[STAMP_BYTES], text[LOG_LINE_MAX];
    struct log_line *copy;
    bool is_listened;
    int len;

    stamp(time_text, now, true);
    len = snprintf(text, sizeof(text), "[%s][%s][%s] %s\n", time_text, names[level], room, line);
    if (len < 0)
        return;
    len = (size_t)len < sizeof(text) ? len : (int)sizeof(text) - 1;
    lock_take(&out.lock);
    if (out.to_file) {
        turn_file(now);
        (void)file_append(&out.file, text, (size_t)len);
    } else {
        (void)fwrite(text, 1, (size_t)len, stderr);
    }
    is_listened = out.is_listened;
    lock_give(&out.lock);
    if (!is_listened)
        return;
    copy = mem_alloc_zero(MEM_OTHER, sizeof(*copy));
    if (!copy)
        return;
    copy->level = level;
    copy->unix_s = now;
    memcpy(copy->text, text, (size_t)len - 1);
    if (!mailbox_post(&out.box, &copy->msg))
        mem_free(copy); /* more lines than anybody reads */
}

static void send_line(const struct log_line *line)
{
    static const char *const levels[] = { "none", "error", "warn", "info", "debug" };
    struct jsonw w;
    struct buf json;

    buf_init(&json, MEM_REQUEST, FEED_RECORD_BYTES);
    jsonw_init(&w, &json);
    jsonw_obj(&w);
    jsonw_key(&w, "timestamp");
    jsonw_int(&w, line->unix_s * 1000);
    jsonw_key(&w, "data");
    jsonw_obj(&w);
    jsonw_key(&w, "type");
    jsonw_str(&w, "server.log");
    jsonw_key(&w, "content");
    jsonw_str(&w, line->text);
    jsonw_key(&w, "level");
    jsonw_str(&w, levels[line->level]);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    feed_send(out.app->feed, FEED_LOG, NULL, &json);
    buf_finish(&json);
}

static void take_lines(bool send)
{
    struct msg *next;

    for (struct msg *m = mailbox_take(&out.box); m; m = next) {
        struct log_line *line = (struct log_line *)(void *)m;

        next = m->next;
        if (send)
            send_line(line);
        mem_free(line);
    }
}

static void on_box(struct loop_watch *w, unsigned events)
{
    (void)w;
    (void)events;
    take_lines(true);
}

void log_out_listened(bool is_listened)
{
    lock_take(&out.lock);
    out.is_listened = is_listened;
    lock_give(&out.lock);
}

/* ---- opening ---- */

enum err_code log_out_open(struct app *app, bool to_file, enum log_level level, struct err *e)
{
    enum err_code rc;

    memset(&out, 0, sizeof(out));
    out.to_file = to_file;
    out.file._fd = -1;
    rc = path_join(out.dir, app->home, "logs", e);
    if (!rc && to_file)
        rc = dir_create(out.dir, e);
    if (!rc)
        rc = mailbox_init(&out.box, LOG_BOX_MAX, e);
    if (rc)
        return rc;
    rc = loop_watch(app->loop, &out.watch, out.box.wake_fd, LOOP_IN, on_box, NULL, e);
    if (rc) {
        mailbox_finish(&out.box);
        return rc;
    }
    lock_init(&out.lock);
    out.app = app;
    log_setup(level, sink);
    return ERR_OK;
}

/* Other threads have ended. */
void log_out_close(void)
{
    if (!out.app)
        return;
    log_setup(LOG_WARN, NULL);
    loop_unwatch(out.app->loop, &out.watch);
    take_lines(false);
    mailbox_finish(&out.box);
    file_append_close(&out.file);
    lock_finish(&out.lock);
    out.app = NULL;
}
