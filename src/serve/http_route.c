/* Which route a request means: exact paths before prefixes, longer prefixes before shorter. */
#include <string.h>

#include "serve/http_int.h"

/* Length of the match, 0 = none; exact matches count one more than any prefix of the same. */
static size_t match_length(const char *pattern, const char *path, const char **rest)
{
    size_t n = strlen(pattern);

    if (n > 0 && pattern[n - 1] == '*') {
        if (strncmp(pattern, path, n - 1) != 0 || path[n - 1] == '\0')
            return 0;
        *rest = path + n - 1;
        return n;
    }
    *rest = NULL;
    return strcmp(pattern, path) == 0 ? n + 1 : 0;
}

void http_route_find(struct http_match *m, const struct http_route *routes, uint32_t n,
                     enum http_method method, const char *path, bool is_local)
{
    size_t best = 0;

    *m = (struct http_match){ 0 };
    for (uint32_t i = 0; i < n; i++) {
        const char *rest;
        size_t length;

        if (routes[i].local_only && !is_local)
            continue;
        length = match_length(routes[i].path, path, &rest);
        if (length == 0)
            continue;
        m->methods |= routes[i].method;
        if (routes[i].method == method && length > best) {
            best = length;
            m->route = &routes[i];
            m->rest = rest;
        }
    }
}

static bool is_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    return strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

enum http_family http_family_of(const char *path)
{
    if (is_below(path, "/v1/messages"))
        return FAMILY_ANTHROPIC;
    if (is_below(path, "/v1"))
        return FAMILY_OPENAI;
    if (is_below(path, "/api/v0"))
        return FAMILY_OPENAI;
    if (is_below(path, "/api"))
        return FAMILY_NATIVE;
    return FAMILY_PLAIN;
}
