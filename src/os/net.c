/* Sockets of this machine: listeners, pairs, reading and writing what is possible now. */
#include "os/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/os_int.h"

#define BACKLOG          1024
#define ACCEPT_TRIES_MAX 16U /* connections that were given up while they waited */

static enum err_code fail(struct err *e, int why, const char *verb, const char *what)
{
    enum err_code rc = os_fail(e, why, verb, what);

    if (e && rc == ERR_NOT_FOUND) /* only files that are opened are ever not there */
        e->code = ERR_IO;
    return rc == ERR_NOT_FOUND ? ERR_IO : rc;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage at = { 0 };
    socklen_t len = sizeof(at);

    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)&at)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)(const void *)&at)->sin6_port);
}

/* One candidate; returns the file or -1 with errno. */
static int listen_at(const struct addrinfo *ai)
{
    const int on = 1, off = 0;
    int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), why;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* what it accepts inherits */
    if (ai->ai_family == AF_INET6)                                   /* "::" means both families */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

enum err_code net_listen_tcp(int *fd, const char *address, uint16_t port, uint16_t *port_used,
                             struct err *e)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                              .ai_socktype = SOCK_STREAM };
    char service[8], what[NET_ADDR_BYTES + 16];
    struct addrinfo *list = NULL;
    int why;

    *fd = -1;
    *port_used = 0;
    (void)snprintf(service, sizeof(service), "%u", port);
    (void)snprintf(what, sizeof(what), "%s port %u", address, port);
    why = getaddrinfo(address, service, &hints, &list);
    if (why == EAI_NONAME && address[0]) { /* a name: by the system's tables */
        hints.ai_flags &= ~AI_NUMERICHOST;
        why = getaddrinfo(address, service, &hints, &list);
    }
    if (why)
        return err_set(e, why == EAI_MEMORY ? ERR_OOM : ERR_ARG,
                       "%s is no address to listen on: %s", address, gai_strerror(why));
    for (const struct addrinfo *ai = list; ai && *fd < 0; ai = ai->ai_next)
        *fd = listen_at(ai);
    why = errno;
    freeaddrinfo(list);
    if (*fd < 0)
        return why == EADDRNOTAVAIL
                   ? err_set(e, ERR_ARG, "%s is no address of this machine", address)
                   : fail(e, why, "listen on", what);
    *port_used = port_of(*fd);
    return ERR_OK;
}

static enum err_code unix_address(struct sockaddr_un *at, const char *path, struct err *e)
{
    size_t len = strlen(path);

    *at = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (len == 0 || len >= sizeof(at->sun_path))
        return err_set(e, ERR_LIMIT, "a socket's path may have 1 to %zu bytes, %s has %zu",
                       sizeof(at->sun_path) - 1, path, len);
    memcpy(at->sun_path, path, len + 1);
    return ERR_OK;
}

static enum err_code unix_socket(int *fd, int flags, struct err *e)
{
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    return *fd < 0 ? fail(e, errno, "create", "a socket") : ERR_OK;
}

enum err_code net_connect_unix(int *fd, const char *path, struct err *e)
{
    struct sockaddr_un at;
    enum err_code rc;
    int why;

    *fd = -1;
    rc = unix_address(&at, path, e);
    if (!rc)
        rc = unix_socket(fd, 0, e);
    if (rc)
        return rc;
    do {
        why = connect(*fd, (const struct sockaddr *)&at, sizeof(at)) == 0 ? 0 : errno;
    } while (why == EINTR);
    if (!why)
        return ERR_OK;
    net_close(fd);
    if (why == ECONNREFUSED)
        return err_set(e, ERR_NOT_FOUND, "nobody listens on %s", path);
    return os_fail(e, why, "connect to", path);
}

/* Removes a socket that nobody listens on; anything else at that path stays. */
static enum err_code remove_stale(const char *path, struct err *e)
{
    enum err_code rc;
    struct stat st;
    int fd;

    if (lstat(path, &st) != 0)
        return errno == ENOENT ? ERR_OK : os_fail(e, errno, "look at", path);
    if (!S_ISSOCK(st.st_mode))
        return err_set(e, ERR_IO, "cannot listen on %s: it is not a socket", path);
    rc = net_connect_unix(&fd, path, e);
    if (!rc) {
        net_close(&fd);
        return err_set(e, ERR_IO, "cannot listen on %s: another process does", path);
    }
    if (rc != ERR_NOT_FOUND)
        return rc;
    if (unlink(path) != 0 && errno != ENOENT)
        return os_fail(e, errno, "remove", path);
    return ERR_OK;
}

enum err_code net_listen_unix(int *fd, const char *path, struct err *e)
{
    struct sockaddr_un at;
    enum err_code rc;

    *fd = -1;
    rc = unix_address(&at, path, e);
    if (!rc)
        rc = remove_stale(path, e);
    if (!rc)
        rc = unix_socket(fd, SOCK_NONBLOCK, e);
    if (rc)
        return rc;
    /* The mode of the unbound socket becomes the file's: it is never open to others. */
    if (fchmod(*fd, 0600) == 0 && bind(*fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
        chmod(path, 0600) == 0 && listen(*fd, BACKLOG) == 0)
        return ERR_OK;
    rc = os_fail(e, errno, "listen on", path);
    net_close(fd);
    return rc;
}

enum err_code net_pair(int fds[2], struct err *e)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0)
        return ERR_OK;
    fds[0] = fds[1] = -1;
    return fail(e, errno, "create", "a pair of sockets");
}

bool net_accept(int listener, int *fd)
{
    for (unsigned i = 0; i < ACCEPT_TRIES_MAX; i++) {
        *fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (*fd >= 0)
            return true;
        if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO)
            break;
    }
    return false;
}

enum err_code net_read(int fd, void *to, size_t cap, size_t *n, struct err *e)
{
    ssize_t got;

    *n = 0;
    if (cap == 0)
        return ERR_OK;
    do {
        got = recv(fd, to, cap, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return ERR_OK;
    if (got == 0 || (got < 0 && errno == ECONNRESET))
        return err_set(e, ERR_CANCELLED, "the other end has closed the connection");
    if (got < 0)
        return fail(e, errno, "read from", "a socket");
    *n = (size_t)got;
    return ERR_OK;
}

enum err_code net_write(int fd, const void *data, size_t len, size_t *n, struct err *e)
{
    ssize_t put;

    *n = 0;
    if (len == 0)
        return ERR_OK;
    do {
        put = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return ERR_OK;
    if (put < 0)
        return fail(e, errno, "write to", "a socket");
    *n = (size_t)put;
    return ERR_OK;
}

bool net_has_ended(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void net_shutdown(int fd)
{
    (void)shutdown(fd, SHUT_RDWR);
}

int net_dup(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void net_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

bool net_is_loopback(const char *address)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM };
    struct addrinfo *ai = NULL;
    bool yes = false;

    if (strcasecmp(address, "localhost") == 0)
        return true;
    if (!address[0] || getaddrinfo(address, NULL, &hints, &ai) != 0)
        return false;
    if (ai->ai_family == AF_INET) {
        const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)ai->ai_addr;

        yes = ntohl(in4->sin_addr.s_addr) >> 24 == 127;
    } else if (ai->ai_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)ai->ai_addr;

        yes = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
              (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && in6->sin6_addr.s6_addr[12] == 127);
    }
    freeaddrinfo(ai);
    return yes;
}
