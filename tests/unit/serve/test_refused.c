/* Proves: when memory is refused at any moment, a request is still answered, or its stream ended,
 * and nothing of it stays behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

#define STEPS_MAX 2000U

static const char script[] = "begin\nprompt 5 19\nprompt 19 19\ntoken -1 a\nthink Hm\nsay Hello\n"
                             "call 0 f\nargs 0 {\"a\":1}\nend 0\nsay more\ndone stop END";

#define TALK "'messages':[{'role':'user','content':[{'type':'text','text':'a'}]}]"

static const struct {
    const char *path, *body;
} requests[] = {
    { "/v1/chat/completions",
      "{'logprobs':true,'stop':['a','b'],'logit_bias':{'1':2},'chat_template_kwargs':{'a':1},"
      "'tools':[{'type':'function','function':{'name':'f','parameters':{}}}]," TALK },
    { "/v1/completions", "{'prompt':['a',[1,2]],'logprobs':1" },
    { "/v1/messages", "{'tools':[{'name':'f','input_schema':{}}]," TALK },
    { "/v1/responses",
      "{'input':'a','tools':[{'type':'function','name':'f'}],'metadata':{'a':'b'}" },
    { "/api/v1/chat", "{'model':'qwen/qwen3-8b','system_prompt':'S','input':'a'" },
};

/* One request with the n-th allocation refused; true: there were not so many. */
static bool run(const char *path, const char *body, bool stream, uint64_t n)
{
    static struct fake f;
    char text[1024];
    bool past;

    fake_open(&f);
    (void)snprintf(text, sizeof(text), "%s,'stream':%s}", body, stream ? "true" : "false");
    f.fail_at = n;
    fake_post(&f, path, text);
    for (uint32_t i = 0; i < f.n_job; i++)
        fake_play(&f, i, script);
    fake_store_run(&f);
    past = f.fail_at > 1;
    f.fail_at = 0;
    if (!f.q.ended)
        print_error("%s, step %llu: no answer\n", path, (unsigned long long)n);
    assert_true(f.q.ended);
    fake_close(&f);
    return past;
}

static void everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        for (int stream = 0; stream < 2; stream++) {
            uint64_t n = 1;

            while (n < STEPS_MAX && !run(requests[i].path, requests[i].body, stream, n))
                n++;
            assert_in_range(n, 10, STEPS_MAX - 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(everywhere) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
