/* Any bytes as path, Host and Origin: what is let in is what it looks like. */
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "serve/http_int.h"

static void handler(struct http_req *q, void *arg)
{
    (void)q;
    (void)arg;
}

static const struct http_route routes[] = {
    { HTTP_GET, "/v1/models", handler, FAMILY_OPENAI, 0, 0, false },
    { HTTP_GET, "/v1/models/*", handler, FAMILY_OPENAI, 0, 0, false },
    { HTTP_POST, "/hearth/x", handler, FAMILY_PLAIN, 0, 0, true },
};

/* A host that is let in without being named in the settings has no letters but these. */
static void check_host(const char *host)
{
    if (http_host_ok(host, NULL) && strncasecmp(host, "localhost", 9) != 0)
        CHECK(host[strspn(host, "0123456789abcdefABCDEF.:[]")] == '\0');
}

static void check_path(char *path)
{
    const size_t before = strlen(path), after = http_unescape(path);
    struct http_match m;

    CHECK(after <= before && after == strlen(path));
    http_route_find(&m, routes, COUNT_OF(routes), HTTP_GET, path, false);
    CHECK(!m.route || strncmp(path, "/v1/models", 10) == 0);
    CHECK(!m.rest || *m.rest);
    (void)http_family_of(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct http_settings s = { .origins = "https://a.example" };
    enum http_origin origin;
    char text[256];
    size_t len;

    size = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    check_host(text);
    origin = http_origin_of(text, "localhost:1234", &s);
    CHECK(origin == ORIGIN_FOREIGN || strstr(text, "//"));
    (void)http_key_text(text, text, &len);
    check_path(text);
    return 0;
}
