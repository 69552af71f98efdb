/* An exchange that keeps its answer, or goes on with one that was kept. */
#include <string.h>

#include "base/log.h"
#include "serve/exchange_int.h"

static void on_stored(void *arg, const struct err *err)
{
    struct exchange *x = arg;

    if (err)
        log_warn("serve", "a response could not be stored: %s", err->text);
    if (!exchange_is_over(x))
        x->_on_stored(x, err == NULL);
    exchange_drop(x);
}

void exchange_store(struct exchange *x, const char *id, const char *previous_id, const char *family,
                    void (*fn)(struct exchange *x, bool is_stored))
{
    struct store_response r = { .id = id,
                                .previous_id = previous_id ? previous_id : "",
                                .family = family,
                                .model = x->model,
                                .body = buf_str(&x->out),
                                .body_len = x->out.len };
    struct err e = { ERR_OK, "" };

    x->_on_stored = fn;
    exchange_hold(x);
    if (buf_check(&x->out, "a stored response", &e) == ERR_OK &&
        store_response_put(x->app->store, &r, on_stored, x, &e) == ERR_OK)
        return;
    on_stored(x, &e);
}

static void use_chain(struct exchange *x, const struct store_response *chain, uint32_t n,
                      const struct err *err)
{
    if (err && err->code != ERR_NOT_FOUND) {
        exchange_fail(x, &(struct http_error){ .status = 500, .text = err->text });
        return;
    }
    if (err || n == 0 || strcmp(chain[n - 1].family, x->_family) != 0) {
        read_fail(&x->reader, "previous_response_not_found", "previous_response_id",
                  "no such response is stored here");
        x->reader.error.status = x->_unknown_status;
        exchange_refuse(x);
        return;
    }
    x->_on_chain(x, chain, n);
}

static void on_chain(void *arg, const struct store_response *chain, uint32_t n,
                     const struct err *err)
{
    struct exchange *x = arg;

    if (!exchange_is_over(x))
        use_chain(x, chain, n, err);
    exchange_drop(x);
}

void exchange_chain(struct exchange *x, const char *id, const char *family, int unknown_status,
                    void (*fn)(struct exchange *x, const struct store_response *chain, uint32_t n))
{
    struct err e;

    x->_on_chain = fn;
    x->_family = family;
    x->_unknown_status = unknown_status;
    exchange_hold(x);
    if (store_response_chain(x->app->store, id, on_chain, x, &e)) {
        exchange_fail(x, &(struct http_error){ .status = 503, .text = "the store is busy" });
        exchange_drop(x);
    }
}
