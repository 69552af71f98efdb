/* Proves: POST /v1/messages and count_tokens: requests to jobs, events to messages and streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

#define MESSAGES "/v1/messages"
#define HI       "'messages':[{'role':'user','content':'Hi'}]"
#define HI_JOB   "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]'"

/* A question and its answer: thoughts, text, a call, each a block. */
static void whole(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, MESSAGES,
              "{'model':'qwen3-8b','max_tokens':100,'temperature':0.5,'top_k':3,"
              "'stop_sequences':['x'],'cache_debug':true,"
              "'tools':[{'name':'get_stock','description':'d','input_schema':{'type':'object'},"
              "'cache_control':{'type':'ephemeral'}}],"
              "'thinking':{'type':'enabled','budget_tokens':1024}," HI "}");
    fake_job_is(&f, HI_JOB ",'tools':'[{\\'type\\':\\'function\\',\\'function\\':{\\'name\\':"
                           "\\'get_stock\\',\\'description\\':\\'d\\',\\'parameters\\':"
                           "{\\'type\\':\\'object\\'}}}]','reasoning':1,'reasoning_budget':1024,"
                           "'given':3,'temperature':0.5,'top_k':3,'n_predict':100,'report_miss':1,"
                           "'stops':['x']}");
    fake_play(&f, 0,
              "begin\nprompt 5 19\nthink Need it.\nsay Let me check.\ncall 0 get_stock\n"
              "args 0 {\"sku\":\nargs 0 \"A\"}\nend 0\ndone tool_calls");
    assert_int_equal(f.q.status, 200);
    fake_is(&f, "{'id':'msg_000000000000000000000001','type':'message','role':'assistant',"
                "'model':'qwen/qwen3-8b','content':[{'type':'thinking','thinking':'Need it.',"
                "'signature':'local'},{'type':'text','text':'Let me check.'},{'type':'tool_use',"
                "'id':'toolu_000000000000000000000002','name':'get_stock','input':{'sku':'A'}}],"
                "'stop_reason':'tool_use','stop_sequence':null,'usage':{'input_tokens':14,"
                "'output_tokens':7,'cache_creation_input_tokens':0,'cache_read_input_tokens':5,"
                "'first_miss':5}}");
    fake_close(&f);
}

#define EVENT(name, rest) "event: " name "\ndata: {'type':'" name "'" rest "}\n\n"

/* The stream's order and words. */
static void streamed(void **state)
{
    static const char expected[] = EVENT(
        "message_start",
        ",'message':{'id':'msg_000000000000000000000001','type':'message','role':'assistant',"
        "'model':'qwen/qwen3-8b','content':[],'stop_reason':null,'stop_sequence':null,"
        "'usage':{'input_tokens':14,'output_tokens':1,'cache_creation_input_tokens':0,"
        "'cache_read_input_tokens':5}}")
        EVENT("content_block_start",
              ",'index':0,'content_block':{'type':'thinking','thinking':'','signature':''}")
            EVENT("ping", "") EVENT("content_block_delta",
                                    ",'index':0,'delta':{'type':'thinking_delta','thinking':'Hm'}")
                EVENT("content_block_delta",
                      ",'index':0,'delta':{'type':'signature_delta','signature':'local'}")
                    EVENT("content_block_stop", ",'index':0") EVENT(
                        "content_block_start",
                        ",'index':1,'content_block':{'type':'text','text':''}")
                        EVENT("content_block_delta",
                              ",'index':1,'delta':{'type':'text_delta','text':'Let me'}")
                            EVENT("content_block_delta",
                                  ",'index':1,'delta':{'type':'text_delta','text':' see.'}")
                                EVENT("content_block_stop", ",'index':1") EVENT(
                                    "content_block_start",
                                    ",'index':2,'content_block':{'type':'tool_use',"
                                    "'id':'toolu_000000000000000000000002','name':'f','input':{}}")
                                    EVENT("content_block_delta",
                                          ",'index':2,'delta':{'type':'input_json_delta','partial_"
                                          "json':'{\\'a\\':1}'}") EVENT("content_block_stop",
                                                                        ",'index':2")
                                        EVENT("message_delta", ",'delta':{'stop_reason':'tool_use',"
                                                               "'stop_sequence':null},'usage':{"
                                                               "'input_tokens':14,'output_tokens':"
                                                               "7,'cache_creation_input_tokens':0,"
                                                               "'cache_read_input_tokens':5}")
                                            EVENT("message_stop", "");
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, MESSAGES, "{'stream':true,'tools':[{'name':'f','input_schema':{}}]," HI "}");
    fake_play(&f, 0,
              "begin\nprompt 5 19\nthink Hm\nsay Let me\nsay  see.\ncall 0 f\n"
              "args 0 {\"a\":1}\nend 0\ndone tool_calls");
    fake_is(&f, expected);
    assert_true(f.q.ended);
    fake_close(&f);
}

/* Why it stopped. */
static void stops(void **state)
{
    static const struct {
        const char *done, *expected;
    } cases[] = {
        { "done eos", "'stop_reason':'end_turn','stop_sequence':null" },
        { "done stop END", "'stop_reason':'stop_sequence','stop_sequence':'END'" },
        { "done length", "'stop_reason':'max_tokens','stop_sequence':null" },
        { "done context", "'stop_reason':'max_tokens','stop_sequence':null" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_post(&f, MESSAGES, "{" HI "}");
        fake_play(&f, 0, "begin\nprompt 0 19\nsay a");
        fake_play(&f, 0, cases[i].done);
        fake_has(&f, cases[i].expected);
    }
    /* a call that was cut off has no arguments that one could use */
    fake_post(&f, MESSAGES, "{'tools':[{'name':'f','input_schema':{}}]," HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\ncall 0 f\nargs 0 {\"a\ncut 0\ndone length");
    fake_has(&f, "'name':'f','input':{}}],'stop_reason':'max_tokens'");
    fake_close(&f);
}

/* A conversation with tools, thoughts and results, in the shape of templates. */
static void history(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(
        &f, MESSAGES,
        "{'system':[{'type':'text','text':'One','cache_control':{'type':'ephemeral'}},"
        "{'type':'text','text':'Two'}],'messages':["
        "{'role':'user','content':[{'type':'text','text':'Stock?'},{'type':'document','source':"
        "{'type':'text','media_type':'text/plain','data':'doc'}}]},"
        "{'role':'assistant','content':[{'type':'thinking','thinking':'hm','signature':'local'},"
        "{'type':'redacted_thinking','data':'x'},{'type':'text','text':'Wait'},"
        "{'type':'tool_use','id':'toolu_1','name':'f','input':{'a':[1]}}]},"
        "{'role':'user','content':[{'type':'tool_result','tool_use_id':'toolu_1','is_error':true,"
        "'content':[{'type':'text','text':'no'},{'type':'text','text':'way'}]},"
        "{'type':'tool_result','tool_use_id':'toolu_2'},{'type':'text','text':'And?'}]},"
        "{'role':'assistant','content':'Well'}]}");
    fake_job_is(
        &f, "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':[{\\'type\\':\\'text\\',"
            "\\'text\\':\\'One\\'},{\\'type\\':\\'text\\',\\'text\\':\\'Two\\'}]},"
            "{\\'role\\':\\'user\\',\\'content\\':[{\\'type\\':\\'text\\',\\'text\\':\\'Stock?\\'},"
            "{\\'type\\':\\'text\\',\\'text\\':\\'doc\\'}]},"
            "{\\'role\\':\\'assistant\\',\\'content\\':\\'Wait\\',\\'reasoning_content\\':\\'hm\\',"
            "\\'tool_calls\\':[{\\'id\\':\\'toolu_1\\',\\'type\\':\\'function\\',\\'function\\':"
            "{\\'name\\':\\'f\\',\\'arguments\\':\\'{\\\\\\'a\\\\\\':[1]}\\'}}]},"
            "{\\'role\\':\\'tool\\',\\'content\\':\\'Error: no\\\\nway\\',"
            "\\'tool_call_id\\':\\'toolu_1\\'},"
            "{\\'role\\':\\'tool\\',\\'content\\':\\'\\',\\'tool_call_id\\':\\'toolu_2\\'},"
            "{\\'role\\':\\'user\\',\\'content\\':[{\\'type\\':\\'text\\',\\'text\\':\\'And?\\'}]},"
            "{\\'role\\':\\'assistant\\',\\'content\\':\\'Well\\'}]','continue_last':1}");
    fake_gone(&f);
    fake_close(&f);
}

/* Choices of tools, thinking, structured output. */
static void choices(void **state)
{
    static const struct {
        const char *field, *expected;
    } cases[] = {
        { "'tool_choice':{'type':'any','disable_parallel_tool_use':true}",
          "'tool_choice':2,'no_parallel_calls':1" },
        { "'tool_choice':{'type':'tool','name':'f'}", "'tool_choice':3,'tool_name':'f'" },
        { "'tool_choice':{'type':'none'}", "'tool_choice':1" },
        { "'thinking':{'type':'disabled'}", "'reasoning':2" },
        { "'output_config':{'format':{'type':'json_schema','schema':{'type':'null'}}}",
          "'schema':'{\\'type\\':\\'null\\'}'" },
        { "'output_format':{'type':'json_schema','schema':{'type':'null'}}",
          "'schema':'{\\'type\\':\\'null\\'}'" },
        { "'metadata':{'user_id':'x'},'service_tier':'auto','context_overflow':'truncateMiddle'",
          "'overflow':1" },
    };
    char body[512];
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        (void)snprintf(body, sizeof(body), "{'tools':[{'name':'f','input_schema':{}}],%s,%s}",
                       cases[i].field, HI);
        fake_post(&f, MESSAGES, body);
        if (!strstr(fake_job(&f, 0), cases[i].expected))
            print_error("expected %s\nin %s\n", cases[i].expected, fake_job(&f, 0));
        assert_non_null(strstr(fake_job(&f, 0), cases[i].expected));
        fake_gone(&f);
    }
    fake_close(&f);
}

/* Counting generates nothing. */
static void count(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/v1/messages/count_tokens", "{'system':'S','stream':true," HI "}");
    fake_job_is(&f, "{'kind':6,'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'S\\'},"
                    "{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]'}");
    fake_play(&f, 0, "begin\ndone eos");
    fake_is(&f, "{'input_tokens':19}");
    fake_close(&f);
}

/* Errors in a stream, and before one. */
static void failures(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, MESSAGES, "{'stream':true," HI "}");
    fake_play(&f, 0, "begin\nfail worker it died");
    assert_int_equal(f.q.status, 500);
    fake_has(&f, "{'type':'error','error':{");
    fake_post(&f, MESSAGES, "{'stream':true," HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\nfail worker it died");
    fake_has(&f, "event: error\ndata: {'type':'error','error':{");
    assert_null(strstr(f.seen, "message_stop"));
    assert_true(f.q.ended);
    fake_close(&f);
}

static void refusals(void **state)
{
    static const struct {
        const char *body, *text;
    } cases[] = {
        { "{}", "messages" },
        { "{'messages':[]}", "messages" },
        { "{'messages':[{'role':'system','content':'x'}]}", "messages[0].role" },
        { "{'messages':[{'role':'user','content':[]}]}", "messages[0].content" },
        { "{'messages':[{'role':'user','content':[{'type':'image','source':{}}]}]}",
          "messages[0].content[0].type: images" },
        { "{'messages':[{'role':'user','content':[{'type':'document','source':"
          "{'type':'base64'}}]}]}",
          "messages[0].content[0].source.type: documents are supported as plain text only" },
        { "{'messages':[{'role':'user','content':[{'type':'tool_result'}]}]}",
          "messages[0].content[0].tool_use_id" },
        { "{'tools':[{'type':'web_search_20250305','name':'web_search'}]," HI "}",
          "tools[0].type" },
        { "{'tools':[{'name':'f'}]," HI "}", "tools[0].input_schema" },
        { "{'tool_choice':{'type':'any'}," HI "}", "tool_choice" },
        { "{'thinking':{'type':'deep'}," HI "}", "thinking.type" },
        { "{'max_tokens':0," HI "}", "max_tokens" },
        { "{'system':5," HI "}", "system" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_post(&f, MESSAGES, cases[i].body);
        assert_int_equal(f.q.status, 400);
        assert_int_equal(f.n_job, 0);
        fake_has(&f, cases[i].text);
    }
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),    cmocka_unit_test(streamed), cmocka_unit_test(stops),
        cmocka_unit_test(history),  cmocka_unit_test(choices),  cmocka_unit_test(count),
        cmocka_unit_test(failures), cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
