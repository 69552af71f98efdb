/* Sockets: listeners and pairs. Close with net_close. Any thread. */
#ifndef OS_NET_H
#define OS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NET_ADDR_BYTES 64U

/* Listens on address ("127.0.0.1", "::1", "0.0.0.0", a name of a local interface's address) and
 * port; port 0 takes a free one. *port_used is what was taken. Non-blocking, close-on-exec.
 * ERR_ARG: no such address; ERR_IO: in use (the sentence names address and port). */
enum err_code net_listen_tcp(int *fd, const char *address, uint16_t port, uint16_t *port_used,
                             struct err *e);

/* Listens on a Unix socket at path, mode 0600. A socket file that nobody listens on is replaced;
 * ERR_IO when somebody does. */
enum err_code net_listen_unix(int *fd, const char *path, struct err *e);
enum err_code net_connect_unix(int *fd, const char *path, struct err *e); /* blocking */

/* A connected pair of stream sockets, both non-blocking and close-on-exec. */
enum err_code net_pair(int fds[2], struct err *e);

/* Takes one waiting connection, non-blocking and close-on-exec. false: none is waiting. */
bool net_accept(int listener, int *fd);

/* Reads or writes what is possible now. *n is 0 when the call would block; ERR_IO on failure,
 * ERR_CANCELLED when the other end has closed (reading only). Writing never raises SIGPIPE. */
enum err_code net_read(int fd, void *to, size_t cap, size_t *n, struct err *e);
enum err_code net_write(int fd, const void *data, size_t len, size_t *n, struct err *e);

/* The other end has closed its writing half, and all that it sent was read. */
bool net_has_ended(int fd);
/* Ends both directions without closing: whoever reads or writes fd learns of it. */
void net_shutdown(int fd);
/* A second file of the same socket, close-on-exec; -1: no more files. */
int net_dup(int fd);

void net_close(int *fd); /* sets it to -1; -1 is fine */

/* Whether an address means this machine alone: 127.0.0.0/8, ::1, "localhost". */
bool net_is_loopback(const char *address);

#endif
