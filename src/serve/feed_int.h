/* Inside serve/ only: the streams that tell what the daemon does, and its log. */
#ifndef SERVE_FEED_INT_H
#define SERVE_FEED_INT_H

#include "base/log.h"
#include "serve/app_int.h"

#define FEED_LISTENERS_MAX 64U
#define FEED_REMOTE_MAX    48U        /* of them over TCP: the owner can always follow the log */
#define FEED_RECORD_BYTES  (8U << 20) /* of one record; longer prompts are left out */

enum feed_topic {
    FEED_EVENTS = 1U,
    FEED_LOG = 2U,        /* lines of the daemon's log */
    FEED_WORKER_LOG = 4U, /* lines of workers */
    FEED_INPUT = 8U,      /* prompts as models get them */
    FEED_OUTPUT = 16U,    /* answers */
};

/* on_change: the first came or the last went; feed_topics tells for what. */
enum err_code feed_open(struct feed **out, void (*on_change)(void *arg), void *arg, struct err *e);
void feed_close(struct feed *f); /* ends all streams; NULL is fine */
/* Ends the streams of those who listen, takes no new ones. */
void feed_end(struct feed *f);
unsigned feed_topics(const struct feed *f); /* that somebody listens to */
/* Answers q with a stream of these topics, or with 503 when too many listen. */
void feed_join(struct feed *f, struct http_req *q, unsigned topics);
/* name may be NULL. */
void feed_send(struct feed *f, unsigned topic, const char *name, const struct buf *json);

/* ---- the log: one per process, from all threads ---- */
/* To a file below home/logs when to_file, else to standard error. Lines also go to feed's
 * listeners. Files are of one day and bounded; old ones are removed. */
enum err_code log_out_open(struct app *app, bool to_file, enum log_level level, struct err *e);
void log_out_close(void);
void log_out_listened(bool is_listened); /* whether lines are worth copying for the feed */

#endif
