/* HTTP requests by libcurl, opened at run time: the program starts, and answers all else, without
 * it. Owns the names of libcurl's functions; nothing else in the tree knows them. */
#include "os/fetch.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "os/os_int.h"

#define CONNECT_S_DEFAULT 5.0
#define HEADER_BYTES_MAX  1024U

/* The library's functions, each with the type that its header gives. */
struct curl_calls {
    void *handle;
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    void (*easy_cleanup)(CURL *);
    const char *(*easy_strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
};

struct transfer {
    struct fetch *f;
    struct curl_calls c;
    CURL *easy;
    struct curl_slist *headers;
    bool has_stopped; /* on_data wants no more */
    bool is_full;     /* the answer does not fit its buffer */
    bool is_out_of_memory;
};

static bool find_call(void *handle, const char *name, void *to, size_t size)
{
    void *at = dlsym(handle, name);

    memcpy(to, &at, size); /* ISO C has no cast from data to functions */
    return at != NULL;
}

static enum err_code open_library(struct curl_calls *c, struct err *e)
{
    static const char *const files[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

    *c = (struct curl_calls){ 0 };
    for (size_t i = 0; i < COUNT_OF(files) && !c->handle; i++)
        c->handle = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
    if (!c->handle)
        return err_set(e, ERR_UNSUPPORTED,
                       "libcurl is not installed (Debian: apt-get install libcurl4)");
#define FIND(field, name) find_call(c->handle, name, &c->field, sizeof(c->field))
    if (FIND(easy_init, "curl_easy_init") && FIND(easy_setopt, "curl_easy_setopt") &&
        FIND(easy_perform, "curl_easy_perform") && FIND(easy_getinfo, "curl_easy_getinfo") &&
        FIND(easy_cleanup, "curl_easy_cleanup") && FIND(easy_strerror, "curl_easy_strerror") &&
        FIND(slist_append, "curl_slist_append") && FIND(slist_free_all, "curl_slist_free_all"))
        return ERR_OK;
#undef FIND
    (void)dlclose(c->handle);
    return err_set(e, ERR_UNSUPPORTED, "the installed libcurl lacks functions of version 7");
}

static size_t on_piece(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * n; /* the library's promise: size is 1 */

    if (t->f->on_data) {
        t->has_stopped = !t->f->on_data(t->f->arg, data, len);
        return t->has_stopped ? 0 : len;
    }
    if (!t->f->answer)
        return len;
    t->is_full = len > t->f->answer->max - t->f->answer->len;
    t->is_out_of_memory = !t->is_full && !buf_add(t->f->answer, data, len);
    return t->is_full || t->is_out_of_memory ? 0 : len;
}

/* The library asks this now and then, whatever the network does. */
static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct transfer *t = arg;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    t->has_stopped = t->has_stopped || !t->f->goes_on(t->f->arg);
    return t->has_stopped;
}

static enum err_code add_header(struct transfer *t, const char *text, struct err *e)
{
    struct curl_slist *longer = t->c.slist_append(t->headers, text);

    if (!longer)
        return err_set(e, ERR_OOM, "no memory for a request");
    t->headers = longer;
    return ERR_OK;
}

static enum err_code add_headers(struct transfer *t, struct err *e)
{
    char text[HEADER_BYTES_MAX];
    enum err_code rc = ERR_OK;

    if (t->f->body)
        rc = add_header(t, "Content-Type: application/json", e);
    if (!rc) /* the answer to a question before the body costs a round trip */
        rc = add_header(t, "Expect:", e);
    if (!rc && t->f->bearer) {
        int n = snprintf(text, sizeof(text), "Authorization: Bearer %s", t->f->bearer);

        if (n < 0 || (size_t)n >= sizeof(text) || strpbrk(t->f->bearer, "\r\n"))
            return err_set(e, ERR_ARG, "an API key has at most %u characters and no line breaks",
                           HEADER_BYTES_MAX - 24U);
        rc = add_header(t, text, e);
    }
    return rc;
}

static long in_ms(double s, double otherwise_s)
{
    double ms = (s > 0 ? s : otherwise_s) * 1000.0;

    return ms < 1e9 ? (long)ms : 1000000000L;
}

/* The options differ in the type of their values, hence one macro and not a table. */
#define SET(option, value)                                                                         \
    if (!why)                                                                                      \
    why = t->c.easy_setopt(t->easy, option, value)

static CURLcode set_options(struct transfer *t)
{
    const struct fetch *f = t->f;
    CURLcode why = CURLE_OK;

    SET(CURLOPT_URL, f->url);
    SET(CURLOPT_CUSTOMREQUEST, f->method);
    SET(CURLOPT_HTTPHEADER, t->headers);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, ""); /* whatever the environment says */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_USERAGENT, "hearth");
    SET(CURLOPT_WRITEFUNCTION, on_piece);
    SET(CURLOPT_WRITEDATA, (void *)t);
    SET(CURLOPT_CONNECTTIMEOUT_MS, in_ms(f->connect_s, CONNECT_S_DEFAULT));
    if (f->goes_on) {
        SET(CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(CURLOPT_XFERINFODATA, (void *)t);
        SET(CURLOPT_NOPROGRESS, 0L);
    }
    if (f->total_s > 0)
        SET(CURLOPT_TIMEOUT_MS, in_ms(f->total_s, 0));
    if (f->unix_socket)
        SET(CURLOPT_UNIX_SOCKET_PATH, f->unix_socket);
    if (f->body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_CUSTOMREQUEST, f->method);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body_len);
        SET(CURLOPT_POSTFIELDS, f->body);
    }
    return why;
}

#undef SET

static enum err_code outcome(struct transfer *t, CURLcode why, struct err *e)
{
    const struct fetch *f = t->f;
    const char *where = f->unix_socket ? f->unix_socket : f->url;

    switch (why) {
    case CURLE_OK:
        return ERR_OK;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return err_set(e, ERR_NOT_FOUND, "nobody answers at %s", where);
    case CURLE_OUT_OF_MEMORY:
        return err_set(e, ERR_OOM, "no memory for a request to %s", where);
    case CURLE_OPERATION_TIMEDOUT:
        return err_set(e, ERR_LIMIT, "no answer from %s within the time allowed", where);
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_WRITE_ERROR:
        if (t->has_stopped)
            return err_set(e, ERR_CANCELLED, "the answer was not read to its end");
        if (t->is_full)
            return err_set(e, ERR_LIMIT, "the answer from %s is longer than %zu bytes", where,
                           f->answer->max);
        if (t->is_out_of_memory)
            return err_set(e, ERR_OOM, "no memory for the answer from %s", where);
        break;
    default:
        break;
    }
    return err_set(e, ERR_IO, "request to %s failed: %s", where, t->c.easy_strerror(why));
}

static enum err_code transfer_run(struct transfer *t, struct err *e)
{
    enum err_code rc;
    CURLcode why;
    long status = 0;

    t->easy = t->c.easy_init();
    if (!t->easy)
        return err_set(e, ERR_OOM, "no memory for a request");
    rc = add_headers(t, e);
    if (rc)
        return rc;
    why = set_options(t);
    if (!why)
        why = t->c.easy_perform(t->easy);
    if (t->c.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        t->f->status = (int)status;
    return outcome(t, why, e);
}

enum err_code fetch_run(struct fetch *f, struct err *e)
{
    struct transfer t = { .f = f };
    enum err_code rc;

    f->status = 0;
    if (strncasecmp(f->url, "http://", 7) != 0 && strncasecmp(f->url, "https://", 8) != 0)
        return err_set(e, ERR_ARG, "%s is no address of a server: http:// or https:// is missing",
                       f->url);
    rc = open_library(&t.c, e);
    if (rc)
        return rc;
    rc = transfer_run(&t, e);
    t.c.slist_free_all(t.headers);
    if (t.easy)
        t.c.easy_cleanup(t.easy);
    /* The library stays: it registers things that unloading would leave dangling. */
    return rc;
}
