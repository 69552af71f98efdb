/* Any text as a chat template, rendered over a small conversation within tight limits. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "text/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char context[] =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a <b> \\u00e4\"},{\"role\":\"assistant\","
        "\"content\":null,\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1.5}}}"
        "]}],"
        "\"tools\":[],\"add_generation_prompt\":true,\"bos_token\":\"<s>\",\"n\":[1,2,3]}";
    const struct tmpl_limits limits = { .n_step = 20000, .bytes = 1U << 20, .n_depth = 50 };
    struct js *values;
    struct tmpl *t;
    struct buf out;

    if (tmpl_open(&t, (const char *)data, size, NULL) != ERR_OK)
        return 0;
    CHECK(js_parse(&values, context, strlen(context), NULL) == ERR_OK);
    buf_init(&out, MEM_OTHER, 1U << 20);
    (void)tmpl_render(t, values, 1700000000, 3600, &limits, &out, NULL);
    buf_finish(&out);
    js_close(values);
    tmpl_close(t);
    return 0;
}
