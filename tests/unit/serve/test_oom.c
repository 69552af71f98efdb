/* Proves: when memory is refused anywhere in the server's handling of a request, that request is
 * answered or cut off, and everything else goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/http_client.h"
#include "unit/serve/rig.h"

#define N_FAIL 60U

/* Sends without allocating anything here; whatever comes, comes to an end: the client half-closes.
 */
static void try(struct rig *r, const char *request, uint64_t i_fail)
{
    int fd = client_tcp(r->port);
    char piece[4096];

    (void)mem_fail_at(i_fail, 0);
    (void)client_try_send(fd, request, strlen(request));
    client_half_close(fd);
    while (recv(fd, piece, sizeof(piece), 0) > 0) {
    }
    (void)mem_fail_at(0, 0);
    client_close(fd);
}

static void each_allocation(void **state)
{
    static const struct rig_limits limits = { .half_s = 0.002 };
    static const char *const requests[] = {
        "POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        ("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
         "5\r\nhello\r\n0\r\n\r\n"),
        "GET /v1/models/x HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/silent HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
    };
    struct http_stats s = { .n_connection_now = 99 };
    struct answer a;
    struct rig r;

    (void)state;
    rig_open(&r, &limits, NULL);
    for (size_t k = 0; k < COUNT_OF(requests); k++) {
        for (uint64_t i = 1; i <= N_FAIL; i++)
            try(&r, requests[k], i);
        client_ask(r.port, "GET /quick HTTP/1.1\r\n", NULL, &a);
        assert_int_equal(a.status, 200);
        answer_finish(&a);
    }
    while (s.n_connection_now > 1)
        rig_stats(&r, &s);
    rig_close(&r);
    assert_int_equal(mem_in_use(MEM_REQUEST), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
