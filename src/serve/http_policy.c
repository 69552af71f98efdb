/* Who may ask: names of this machine, origins of web pages, keys. Pure functions over headers.
 *
 * The threat is a web page in the user's own browser. It can send requests to 127.0.0.1, and with
 * DNS rebinding under its own name; what it cannot do is choose the Host and Origin headers. */
#include <string.h>
#include <strings.h>

#include "serve/http_int.h"

#define PORT_DIGITS_MAX 5U
#define QUAD_PARTS      4U

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "a.b.c.d" with numbers up to 255. */
static bool is_ipv4(const char *s, size_t len)
{
    unsigned n_part = 0;

    for (size_t i = 0; i < len;) {
        unsigned value = 0, n_digit = 0;

        while (i < len && is_digit(s[i]) && n_digit < 3) {
            value = value * 10U + (unsigned)(s[i++] - '0');
            n_digit++;
        }
        if (n_digit == 0 || value > 255 || ++n_part > QUAD_PARTS)
            return false;
        if (i == len)
            break;
        if (s[i++] != '.' || i == len)
            return false;
    }
    return n_part == QUAD_PARTS;
}

/* What stands between "[" and "]": no name can look like it, so its own grammar does not matter. */
static bool is_ipv6(const char *s, size_t len)
{
    return len > 1 && strspn(s, "0123456789abcdefABCDEF:.") >= len && memchr(s, ':', len);
}

/* Splits "name:port" and "[address]:port"; false: neither. */
static bool split_host(const char *host, const char **name, size_t *len, bool *is_bracketed)
{
    const char *end;

    *is_bracketed = host[0] == '[';
    if (*is_bracketed) {
        *name = host + 1;
        end = strchr(host, ']');
        if (!end)
            return false;
        *len = (size_t)(end - *name);
        end++;
    } else {
        *name = host;
        *len = strcspn(host, ":");
        end = host + *len;
    }
    if (*len == 0)
        return false;
    if (*end == '\0')
        return true;
    if (*end != ':')
        return false;
    end++;
    return strlen(end) <= PORT_DIGITS_MAX && end[strspn(end, "0123456789")] == '\0';
}

/* Whether text is one of the words in list, case aside. */
static bool has_word(const char *list, const char *text, size_t len)
{
    while (list && *list) {
        size_t n = strcspn(list, " ");

        if (n == len && strncasecmp(list, text, len) == 0)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

static bool is_word(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && strncasecmp(word, text, len) == 0;
}

bool http_host_ok(const char *host, const char *names)
{
    bool is_bracketed;
    const char *name;
    size_t len;

    if (!split_host(host, &name, &len, &is_bracketed))
        return false;
    if (is_bracketed)
        return is_ipv6(name, len);
    return is_ipv4(name, len) || is_word("localhost", name, len) || has_word(names, name, len);
}

static bool is_loopback(const char *host)
{
    bool is_bracketed;
    const char *name;
    size_t len;

    if (!split_host(host, &name, &len, &is_bracketed))
        return false;
    if (is_bracketed)
        return is_word("::1", name, len);
    return is_word("localhost", name, len) || (is_ipv4(name, len) && strncmp(name, "127.", 4) == 0);
}

enum http_origin http_origin_of(const char *origin, const char *host, const struct http_settings *s)
{
    const char *rest = NULL;

    if (!origin)
        return ORIGIN_NONE;
    if (s->cors)
        return ORIGIN_ANY;
    if (strncasecmp(origin, "http://", 7) == 0)
        rest = origin + 7;
    else if (strncasecmp(origin, "https://", 8) == 0)
        rest = origin + 8;
    if (rest && host && strcasecmp(rest, host) == 0)
        return ORIGIN_NONE; /* our own page: host has been checked */
    if ((rest && is_loopback(rest)) || has_word(s->origins, origin, strlen(origin)))
        return ORIGIN_KNOWN;
    return ORIGIN_FOREIGN;
}

const char *http_key_text(const char *authorization, const char *x_api_key, size_t *len)
{
    const char *text = NULL;

    if (authorization && strncasecmp(authorization, "Bearer ", 7) == 0) {
        text = authorization + 7;
        text += strspn(text, " ");
    } else if (x_api_key) {
        text = x_api_key;
    }
    *len = text ? strlen(text) : 0;
    return *len > 0 ? text : NULL;
}
