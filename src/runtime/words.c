/* What a worker writes to its standard error: the last words of one that crashes, a sanitizer's
 * report. It has no other use, as the worker's own log comes in frames. Each line goes to the log
 * under the worker's name, so many as are worth reading; the rest is read and dropped, so that
 * nobody can fill a disk or stop a worker by it. */
#include <string.h>

#include "base/log.h"
#include "os/net.h"
#include "runtime/runtime_int.h"

#define LINES_MAX  256U       /* of one process */
#define DRAIN_MAX  (1U << 20) /* bytes read when it has ended; a pipe holds less */
#define READ_BYTES ((size_t)4096)

static void tell(struct instance *in, const char *text, size_t len)
{
    rt_tell(in->r, &(struct runtime_event){ .kind = RT_LOG,
                                            .instance = in->id,
                                            .model_key = in->model.key,
                                            .model_path = in->model.path,
                                            .level = LOG_ERROR,
                                            .text = text,
                                            .len = len });
}

static void end_line(struct instance *in)
{
    static const char enough[] = "(more that it says is not logged)";
    struct rt_words *w = &in->words;

    if (w->len > 0 && w->n_line < LINES_MAX)
        tell(in, w->line, w->len);
    else if (w->len > 0 && w->n_line == LINES_MAX)
        tell(in, enough, sizeof(enough) - 1);
    w->n_line += w->len > 0 && w->n_line <= LINES_MAX;
    w->len = 0;
}

static void take(struct instance *in, const char *text, size_t len)
{
    struct rt_words *w = &in->words;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' || w->len == sizeof(w->line))
            end_line(in);
        if (text[i] != '\n')
            w->line[w->len++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    }
}

/* One piece; false: there is nothing more now, or ever. */
static bool hear(struct instance *in, bool *has_ended)
{
    char text[READ_BYTES];
    size_t n;

    *has_ended = !process_words_read(in->words.fd, text, sizeof(text), &n);
    take(in, text, n);
    return n > 0;
}

static void close_words(struct instance *in)
{
    end_line(in);
    loop_unwatch(in->r->loop, &in->words.watch);
    net_close(&in->words.fd);
    in->words.is_open = false;
}

static void on_words(struct loop_watch *watch, unsigned events)
{
    struct instance *in = watch->arg;
    bool has_ended;

    (void)events;
    (void)hear(in, &has_ended);
    if (has_ended)
        close_words(in);
}

enum err_code rt_words_open(struct instance *in, int *fd_err, struct err *e)
{
    int pair[2];
    enum err_code rc = process_words(pair, e);

    if (rc)
        return rc;
    in->words.fd = pair[0];
    in->words.len = in->words.n_line = 0;
    in->words.is_open = true;
    *fd_err = pair[1];
    rc = loop_watch(in->r->loop, &in->words.watch, pair[0], LOOP_IN, on_words, in, e);
    if (rc) {
        close_words(in);
        net_close(fd_err);
    }
    return rc;
}

void rt_words_close(struct instance *in)
{
    size_t n = 0;
    bool has_ended = false;

    if (!in->words.is_open)
        return;
    while (n < DRAIN_MAX && hear(in, &has_ended) && !has_ended)
        n += READ_BYTES;
    close_words(in);
}
