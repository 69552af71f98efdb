/* One HTTP request, for shell scripts: prints "STATUS n", the head, and the body.
 *
 *   ask PORT|SOCKET METHOD PATH [BODY [HEADER]...]
 *
 * Ends with 0 when a whole answer has come, 1 when the server closed before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/http_client.h"

#define REQUEST_BYTES (64U << 20)

int main(int argc, char **argv)
{
    struct answer a;
    struct client c;
    struct buf text;
    bool is_whole;

    if (argc < 4) {
        (void)fputs("usage: ask PORT|SOCKET METHOD PATH [BODY [HEADER]...]\n", stderr);
        return 2;
    }
    buf_init(&text, MEM_OTHER, REQUEST_BYTES);
    (void)buf_addf(&text, "%s %s HTTP/1.1\r\nConnection: close\r\n", argv[2], argv[3]);
    for (int i = 5; i < argc; i++)
        (void)buf_addf(&text, "%s\r\n", argv[i]);
    if (!strstr(buf_str(&text), "\r\nHost:"))
        (void)buf_adds(&text, "Host: localhost\r\n");
    if (argc > 4 && argv[4][0])
        (void)buf_addf(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(argv[4]), argv[4]);
    else
        (void)buf_adds(&text, "\r\n");
    client_begin(&c, argv[1][0] == '/' ? client_unix(argv[1])
                                       : client_tcp((uint16_t)strtoul(argv[1], NULL, 10)));
    (void)client_try_send(c.fd, text.data, text.len);
    client_answer(&c, &a);
    is_whole = !a.is_closed;
    (void)printf("STATUS %d\n%s%s\n", a.status, buf_str(&a.head), buf_str(&a.body));
    answer_finish(&a);
    client_end(&c);
    buf_finish(&text);
    return !is_whole;
}
