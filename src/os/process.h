/* Child processes of this same program, and files that say that one is running. */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct process {
    int32_t pid; /* 0 = none */
    int pidfd;   /* readable when it has ended; -1 when the system has none */
};

/* How a child ended. */
struct process_end {
    bool signalled;
    bool
        killed; /* by the signal that cannot be caught: process_kill, or the system out of memory */
    int code;   /* exit code, or signal number */
};

struct process_params {
    const char *const *argv; /* NULL-terminated; argv[0] is only a name: this program is run */
    int fd;                  /* given to the child as file 3; -1: none */
    int fd_err;              /* as its standard error; -1: /dev/null */
    /* NULL-terminated: variables of the environment that the child gets, by name or, with a "*" at
     * one end, by the rest of it. NULL: all of them. */
    const char *const *env;
    bool detach;          /* own session; outlives the parent */
    bool die_with_parent; /* killed by the system when the parent's thread ends */
};

/* Runs this program anew. Standard input and output of the child are /dev/null. No other file is
 * inherited. ERR_IO, ERR_OOM. */
enum err_code process_start(struct process *p, const struct process_params *params, struct err *e);
void process_signal(const struct process *p, int signal);
void process_kill(const struct process *p); /* at once, with no chance to tidy up */
/* Collects the end of a child if it has ended; never waits. Closes pidfd. */
bool process_ended(struct process *p, struct process_end *end);
/* The same, waiting up to timeout_ms. */
bool process_wait(struct process *p, uint32_t timeout_ms, struct process_end *end);
/* For a child that ends with its parent: SIGTERM, SIGINT and SIGHUP, which terminals and service
 * managers send to a whole group, mean nothing to this process. */
void process_ignore_terminate(void);
/* A pipe for a child's standard error: fds[1] is for process_start, fds[0] never blocks. ERR_IO. */
enum err_code process_words(int fds[2], struct err *e);
/* What is there, *n bytes, 0 = nothing now. False: nothing will come any more. */
bool process_words_read(int fd, void *to, size_t cap, size_t *n);
bool process_alive(int32_t pid); /* any process */
int32_t process_self(void);
uint64_t process_rss_bytes(int32_t pid);  /* resident memory now; 0 when unknown */
uint64_t process_file_bytes(int32_t pid); /* of it, pages of mapped files: given back under need */

/* One instance: locks path (created, mode 0600) for the life of this process and writes the pid
 * into it. ERR_CANCELLED: another process holds it, whose pid is *other. */
struct pid_file {
    int _fd_plus_1; /* 0: not held */
};
enum err_code pid_file_take(struct pid_file *f, const char *path, int32_t *other, struct err *e);
void pid_file_give(struct pid_file *f, const char *path); /* not held, zeroed: does nothing */
/* The pid of who holds it, 0 when nobody does. */
int32_t pid_file_holder(const char *path);

#endif
