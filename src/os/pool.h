/* Compute pool: a fixed team of threads that runs one function together, over and over.
 *
 * The calling thread is member 0; the others spin briefly for work and then sleep. Owner: one
 * thread. */
#ifndef OS_POOL_H
#define OS_POOL_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

#define POOL_THREADS_MAX 256U

struct pool;

/* n_thread 1 .. POOL_THREADS_MAX members including the caller. */
enum err_code pool_create(struct pool **out, uint32_t n_thread, struct err *e);
void pool_destroy(struct pool *p); /* NULL is fine */
uint32_t pool_n_thread(const struct pool *p);

/* Runs fn(arg, i_thread, n_thread) on every member; returns when all are done. */
void pool_run(struct pool *p, void (*fn)(void *arg, uint32_t i_thread, uint32_t n_thread),
              void *arg);

/* Inside fn: waits until every member has arrived. Memory written before is visible after. */
void pool_barrier(struct pool *p);

/* Inside fn: hands out 0, 1, 2 … to whoever asks: dynamic shares of a job. Every pool_run starts at
 * 0; pool_ticket_reset by one member between two barriers starts again. */
uint32_t pool_ticket(struct pool *p);
void pool_ticket_reset(struct pool *p);

#endif
