/* Any JSON as a job: it is read or refused, and what was read is written and read as the same. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "runtime/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct js *j = NULL, *j2 = NULL;
    struct job job, again;
    struct arena a;
    struct buf text, text2;

    if (js_parse(&j, (const char *)data, size, NULL) != ERR_OK)
        return 0;
    arena_init(&a, MEM_OTHER, 4096, (size_t)64 << 20);
    buf_init(&text, MEM_OTHER, (size_t)64 << 20);
    buf_init(&text2, MEM_OTHER, (size_t)64 << 20);
    if (job_read(&job, j, &a, NULL) == ERR_OK) {
        CHECK(job_write(&job, &text));
        CHECK(js_parse(&j2, text.data, text.len, NULL) == ERR_OK);
        CHECK(job_read(&again, j2, &a, NULL) == ERR_OK);
        CHECK(job_write(&again, &text2));
        CHECK(text.len == text2.len && memcmp(text.data, text2.data, text.len) == 0);
    }
    js_close(j);
    js_close(j2);
    buf_finish(&text);
    buf_finish(&text2);
    arena_finish(&a);
    return 0;
}
