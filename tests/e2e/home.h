/* A daemon of the product's own program in a home that is thrown away, for tests from outside. */
#ifndef E2E_HOME_H
#define E2E_HOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/http_client.h"

#define HOME_WAIT_S 60 /* for anything: no measure of speed */

/* What an allocator may keep without a leak: a sanitizer's keeps what was freed for long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOME_IS_WATCHED 1
#define HOME_SLACK_KIB  (512 * 1024)
#else
#define HOME_IS_WATCHED 0
#define HOME_SLACK_KIB  1024
#endif

struct home {
    char path[64];
    char socket[96];
    pid_t pid;
    uint16_t port;
};

/* Limits of the daemon and what it starts; 0 = as they are. */
struct home_limits {
    uint64_t memory_bytes; /* of address space */
    uint64_t file_bytes;   /* size of a file */
    uint32_t n_file;
    bool is_held; /* to permissions of files, also when root runs the tests */
};

bool home_make(struct home *h, const char *config_json); /* config_json may be NULL */
bool home_start(struct home *h, const char *program, const struct home_limits *limits);
bool home_is_up(const struct home *h);
/* Tells it to end and waits; true when it ended well and no sanitizer had anything to say of it or
 * its workers. What they said is shown otherwise, and always with HOME_VERBOSE in the environment.
 */
bool home_stop(struct home *h);
void home_remove(struct home *h);
long home_memory_kib(const struct home *h); /* private memory of the daemon alone */

/* One request on a connection of its own; key may be NULL. Freed with answer_finish. */
void home_ask(const struct home *h, const char *method, const char *path, const char *body,
              const char *key, struct answer *a);
/* Over the Unix socket. */
void home_control(const struct home *h, const char *method, const char *path, const char *body,
                  struct answer *a);
bool answer_has(const struct answer *a, const char *word);
/* {"error":{"message"… or what takes its place in each family. */
bool answer_is_typed(const struct answer *a);

/* Asks path over the socket until word is there (or, not, is gone). */
bool home_until(const struct home *h, const char *path, const char *word, bool is_there);

#endif
