/* Errors in each family's shape. */
#include "base/jsonw.h"
#include "unit/serve/fake.h"

void http_error_write(struct buf *out, enum http_family family, const struct http_error *e)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    if (family == FAMILY_ANTHROPIC) {
        jsonw_key(&w, "type");
        jsonw_str(&w, "error");
    }
    jsonw_key(&w, "error");
    jsonw_obj(&w);
    jsonw_key(&w, "message");
    jsonw_str(&w, e->text);
    jsonw_key(&w, "type");
    jsonw_str(&w, e->type ? e->type : "invalid_request_error");
    jsonw_key(&w, "param");
    if (e->param)
        jsonw_str(&w, e->param);
    else
        jsonw_null(&w);
    jsonw_key(&w, "code");
    if (e->code)
        jsonw_str(&w, e->code);
    else
        jsonw_null(&w);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
}

void http_error_of_job(struct http_error *out, enum job_error error, const char *text,
                       uint32_t retry_after_s)
{
    *out = (struct http_error){ .status = error == JOB_ERR_BUSY ? 429 : 500,
                                .text = text,
                                .retry_after_s = retry_after_s };
}
