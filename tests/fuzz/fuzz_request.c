/* Any body for any route of the dialects (the first byte chooses it): it is refused or becomes
 * jobs, whose events are answered. */
#include <string.h>

#include "base/attr.h"
#include "fuzz/fuzz.h"
#include "unit/serve/fake.h"

#define BODY_MAX (64U << 10)

static const char script[] = "begin\nprompt 5 19\nthink Hm\nsay Hello\ncall 0 f\nargs 0 {\"a\":1}\n"
                             "end 0\nsay more\ndone eos";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/responses",
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/api/v1/chat",
        "/api/v1/models/load",
        "/api/v1/models/unload",
        "/v1/rerank",
        "/tokenize",
        "/detokenize",
        "/api/v0/chat/completions",
    };
    static struct fake f;
    static char body[BODY_MAX];

    if (size < 1 || size > BODY_MAX)
        return 0;
    memcpy(body, data + 1, size - 1);
    body[size - 1] = '\0';
    fake_open(&f);
    fake_send(&f, HTTP_POST, paths[data[0] % COUNT_OF(paths)], body);
    fake_store_run(&f);
    for (uint32_t i = 0; i < f.n_job; i++)
        fake_play(&f, i, script);
    fake_store_run(&f);
    if (!f.q.ended && f.q.gone)
        fake_gone(&f);
    fake_close(&f);
    return 0;
}
