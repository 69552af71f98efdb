/* Proves: /v1/responses: items in and out, streams, state: storing, continuing, reading, deleting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

#define RESPONSES "/v1/responses"
#define RESP(n)   "resp_00000000000000000000000000000000000000000000000" n
#define HEX(n)    "0000000000000000000000000000000" n

#define TAIL(tools, effort, usage, store)                                                          \
    "'tools':" tools ",'tool_choice':'auto','parallel_tool_calls':true,'max_tool_calls':null,"     \
    "'truncation':'disabled','text':{'format':{'type':'text'}},'reasoning':{'effort':" effort ","  \
    "'summary':null},'temperature':null,'top_p':null,'presence_penalty':0,'frequency_penalty':0,"  \
    "'top_logprobs':0,'max_output_tokens':null,'usage':" usage ",'store':" store                   \
    ",'background':false,'service_tier':'default','metadata':{},'user':null,"                      \
    "'safety_identifier':null,'prompt_cache_key':null}"
#define HEAD(id, completed, status)                                                                \
    "{'id':'" id "','object':'response','created_at':0,'completed_at':" completed                  \
    ",'status':'" status "','error':null,'incomplete_details':null,'instructions':null,"           \
    "'model':'qwen/qwen3-8b','previous_response_id':null,"
#define USAGE                                                                                      \
    "{'input_tokens':19,'input_tokens_details':{'cached_tokens':5},'output_tokens':7,"             \
    "'output_tokens_details':{'reasoning_tokens':2},'total_tokens':26}"

/* A question and its answer, kept before it is told. */
static void whole(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES, "{'model':'qwen3-8b','input':'Hi','reasoning':{'effort':'low'}}");
    fake_job_is(&f, "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]','reasoning':1,"
                    "'effort':'low'}");
    fake_play(&f, 0, "begin\nprompt 5 19\nthink Hm\nsay 31\ndone eos");
    assert_int_equal(f.q.status, 0);
    fake_store_run(&f);
    assert_int_equal(f.q.status, 200);
    fake_is(&f,
            HEAD(RESP("1"), "0",
                 "completed") "'output':["
                              "{'id':'rs_" HEX(
                                  "2") "','type':'reasoning','summary':[],'content':["
                                       "{'type':'reasoning_text','text':'Hm'}]},"
                                       "{'id':'msg_" HEX(
                                           "3") "','type':'message','role':'assistant','status':'"
                                                "completed',"
                                                "'content':[{'type':'output_text','text':'31','"
                                                "annotations':[],'logprobs':[]}]}]," TAIL(
                                                    "[]", "'low'", USAGE, "true"));
    assert_int_equal(f.n_stored, 1);
    assert_string_equal(f.stored[0].id, RESP("1"));
    assert_string_equal(f.stored[0].previous, "");
    assert_string_equal(f.stored[0].family, "openai");
    assert_non_null(strstr(f.stored[0].body, "{\"input\":[{\"type\":\"message\",\"role\":\"user\","
                                             "\"content\":\"Hi\"}],\"response\":{\"id\":"));
    fake_close(&f);
}

#define EVENT(name, n, rest)                                                                       \
    "event: " name "\ndata: {'type':'" name "','sequence_number':" n rest "}\n\n"
#define BEGUN                                                                                      \
    ",'response':" HEAD(RESP("1"), "null", "in_progress") "'output':[]," TAIL(                     \
        "[{'type':'function','name':'f'}]", "null", "null", "false")
#define RS              "'rs_" HEX("2") "'"
#define MSG             "'msg_" HEX("3") "'"
#define FC              "'fc_" HEX("4") "'"
#define AT(id, index)   ",'item_id':" id ",'output_index':" index
#define PART(id, index) AT(id, index) ",'content_index':0"
#define THOUGHT(text)   "{'type':'reasoning_text','text':'" text "'}"
#define OUT(text)       "{'type':'output_text','text':'" text "','annotations':[],'logprobs':[]}"
#define RS_ITEM                                                                                    \
    "{'id':" RS ",'type':'reasoning','summary':[],"                                                \
    "'content':[" THOUGHT("Hm") "]}"
#define MSG_ITEM(status, parts)                                                                    \
    "{'id':" MSG ",'type':'message','role':'assistant','status':'" status "','content':[" parts "]}"
#define FC_ITEM(args, status)                                                                      \
    "{'id':" FC ",'type':'function_call','call_id':'c1','name':'f','arguments':'" args             \
    "','status':'" status "'}"

/* Every event of a stream with thoughts, text and a call, in order and numbered. */
static void streamed(void **state)
{
    static const char *const expected[] = {
        EVENT("response.created", "0", BEGUN),
        EVENT("response.in_progress", "1", BEGUN),
        EVENT("response.output_item.added", "2",
              ",'output_index':0,'item':{'id':" RS ",'type':'reasoning','status':'in_progress',"
              "'summary':[],'content':[]}"),
        EVENT("response.content_part.added", "3", PART(RS, "0") ",'part':" THOUGHT("")),
        EVENT("response.reasoning_text.delta", "4", PART(RS, "0") ",'delta':'Hm'"),
        EVENT("response.reasoning_text.done", "5", PART(RS, "0") ",'text':'Hm'"),
        EVENT("response.content_part.done", "6", PART(RS, "0") ",'part':" THOUGHT("Hm")),
        EVENT("response.output_item.done", "7", ",'output_index':0,'item':" RS_ITEM),
        EVENT("response.output_item.added", "8",
              ",'output_index':1,'item':" MSG_ITEM("in_progress", "")),
        EVENT("response.content_part.added", "9", PART(MSG, "1") ",'part':" OUT("")),
        EVENT("response.output_text.delta", "10", PART(MSG, "1") ",'delta':'3','logprobs':[]"),
        EVENT("response.output_text.delta", "11", PART(MSG, "1") ",'delta':'1','logprobs':[]"),
        EVENT("response.output_text.done", "12", PART(MSG, "1") ",'text':'31','logprobs':[]"),
        EVENT("response.content_part.done", "13", PART(MSG, "1") ",'part':" OUT("31")),
        EVENT("response.output_item.done", "14",
              ",'output_index':1,'item':" MSG_ITEM("completed", OUT("31"))),
        EVENT("response.output_item.added", "15",
              ",'output_index':2,'item':" FC_ITEM("", "in_progress")),
        EVENT("response.function_call_arguments.delta", "16", AT(FC, "2") ",'delta':'{}'"),
        EVENT("response.function_call_arguments.done", "17",
              AT(FC, "2") ",'arguments':'{}','name':'f'"),
        EVENT("response.output_item.done", "18",
              ",'output_index':2,'item':" FC_ITEM("{}", "completed")),
        EVENT("response.completed", "19",
              ",'response':" HEAD(RESP("1"), "0", "completed") "'output':[" RS_ITEM "," MSG_ITEM(
                  "completed",
                  OUT("31")) "," FC_ITEM("{}",
                                         "completed") "]," TAIL("[{'type':'function','name':'f'}]",
                                                                "null", USAGE, "false")),
    };
    const char *at;
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(
        &f, RESPONSES,
        "{'input':'Hi','stream':true,'store':false,'tools':[{'type':'function','name':'f'}]}");
    fake_play(&f, 0,
              "begin\nprompt 5 19\nthink Hm\nsay 3\nsay 1\ncall 0 f c1\nargs 0 {}\nend 0\n"
              "done tool_calls");
    at = fake_seen(&f);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        size_t n = strlen(expected[i]);

        if (strncmp(at, expected[i], n) != 0)
            print_error("event %zu: expected %s\nfound %s\n", i, expected[i], at);
        assert_true(strncmp(at, expected[i], n) == 0);
        at += n;
    }
    assert_string_equal(at, "");
    assert_true(f.q.ended);
    assert_int_equal(f.n_stored, 0);
    fake_close(&f);
}

/* A stored answer is continued: its turns come first, its instructions do not. */
static void continued(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES,
              "{'input':'Hi','instructions':'Be brief','tools':[{'type':'function','name':'f'}]}");
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'Be brief\\'},"
                "{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]','tools':'[{\\'type\\':"
                "\\'function\\',\\'function\\':{\\'name\\':\\'f\\',\\'parameters\\':{\\'type\\':"
                "\\'object\\',\\'properties\\':{}}}}]'}");
    fake_play(&f, 0,
              "begin\nprompt 5 19\nthink Hm\nsay A\ncall 0 f c1\nargs 0 {}\nend 0\n"
              "done tool_calls");
    fake_store_run(&f);
    assert_int_equal(f.q.status, 200);
    fake_post(&f, RESPONSES,
              "{'previous_response_id':'" RESP(
                  "1") "','input':[{'type':'function_call_output',"
                       "'call_id':'c1','output':[{'type':'input_text','text':'42'}]}]}");
    assert_int_equal(f.n_job, 0);
    fake_store_run(&f);
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'},"
                "{\\'role\\':\\'assistant\\',\\'content\\':\\'A\\',"
                "\\'reasoning_content\\':\\'Hm\\',\\'tool_calls\\':[{\\'id\\':\\'c1\\',"
                "\\'type\\':\\'function\\',\\'function\\':{\\'name\\':\\'f\\',"
                "\\'arguments\\':\\'{}\\'}}]},"
                "{\\'role\\':\\'tool\\',\\'content\\':\\'42\\',\\'tool_call_id\\':\\'c1\\'}]'}");
    fake_play(&f, 0, "begin\nprompt 5 19\nsay B\ndone eos");
    fake_store_run(&f);
    fake_has(&f, "'previous_response_id':'" RESP("1") "'");
    assert_string_equal(f.stored[1].previous, RESP("1"));
    /* and again, from the second */
    fake_post(&f, RESPONSES,
              "{'previous_response_id':'resp_000000000000000000000000000000000000"
              "000000000005','input':'C'}");
    fake_store_run(&f);
    if (!f.n_job)
        print_error("%s\n", f.stored[1].id);
    assert_non_null(strstr(fake_job(&f, 0), "{\\'role\\':\\'assistant\\',\\'content\\':\\'B\\'},"
                                            "{\\'role\\':\\'user\\',\\'content\\':\\'C\\'}]'"));
    fake_gone(&f);
    fake_close(&f);
}

/* Unknown ids, ids of other kinds. */
static void unknown(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES, "{'previous_response_id':'resp_77','input':'C'}");
    fake_store_run(&f);
    assert_int_equal(f.q.status, 400);
    fake_has(&f, "'param':'previous_response_id','code':'previous_response_not_found'");
    fake_post(&f, RESPONSES, "{'previous_response_id':'chat_77','input':'C'}");
    assert_int_equal(f.q.status, 400);
    fake_has(&f, "'param':'previous_response_id','code':'invalid_value'");
    fake_send(&f, HTTP_GET, RESPONSES "/resp_77", NULL);
    fake_store_run(&f);
    assert_int_equal(f.q.status, 404);
    fake_send(&f, HTTP_DELETE, RESPONSES "/resp_77", NULL);
    fake_store_run(&f);
    assert_int_equal(f.q.status, 404);
    /* the client leaves while the store looks */
    fake_post(&f, RESPONSES, "{'previous_response_id':'resp_77','input':'C'}");
    fake_gone(&f);
    fake_store_run(&f);
    assert_int_equal(f.n_job, 0);
    fake_send(&f, HTTP_GET, RESPONSES "/resp_77", NULL);
    fake_gone(&f);
    fake_store_run(&f);
    fake_close(&f);
}

/* Stored ones can be read and deleted. */
static void retrieved(void **state)
{
    struct fake f;
    char *first;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES, "{'input':'Hi'}");
    fake_play(&f, 0, "begin\nprompt 5 19\nsay A\ndone eos");
    fake_store_run(&f);
    (void)fake_seen(&f);
    first = mem_strndup(MEM_OTHER, f.seen, strlen(f.seen));
    fake_send(&f, HTTP_GET, RESPONSES "/" RESP("1"), NULL);
    fake_store_run(&f);
    fake_is(&f, first);
    mem_free(first);
    fake_send(&f, HTTP_DELETE, RESPONSES "/" RESP("1"), NULL);
    fake_store_run(&f);
    fake_is(&f, "{'id':'" RESP("1") "','object':'response','deleted':true}");
    fake_send(&f, HTTP_GET, RESPONSES "/" RESP("1"), NULL);
    fake_store_run(&f);
    assert_int_equal(f.q.status, 404);
    fake_close(&f);
}

/* A full disk costs the state, not the answer, and the answer says so. */
static void disk_full(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    f.disk_full = true;
    fake_post(&f, RESPONSES, "{'input':'Hi'}");
    fake_play(&f, 0, "begin\nprompt 5 19\nsay A\ndone eos");
    fake_store_run(&f);
    assert_int_equal(f.q.status, 200);
    fake_has(&f, "'store':false");
    fake_close(&f);
}

/* Cut by the limit: incomplete, and so is what was cut. */
static void incomplete(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES, "{'input':'Hi','max_output_tokens':5,'store':false}");
    assert_non_null(strstr(fake_job(&f, 0), "'n_predict':5"));
    fake_play(&f, 0, "begin\nprompt 5 19\nsay A\ndone length");
    fake_has(&f, "'status':'incomplete','error':null,"
                 "'incomplete_details':{'reason':'max_output_tokens'}");
    fake_has(&f, "'role':'assistant','status':'incomplete'");
    fake_has(&f, "'max_output_tokens':5");
    fake_post(&f, RESPONSES, "{'input':'Hi','stream':true}");
    fake_play(&f, 0, "begin\nprompt 5 19\nsay A\nfail worker it died");
    fake_has(&f, "event: error\ndata: {'type':'error','sequence_number':5,'code':'worker_failed',"
                 "'message':'it died','param':null}\n\nevent: response.failed\n");
    fake_has(&f, "'status':'failed','error':{'code':'worker_failed','message':'it died'}");
    assert_true(f.q.ended);
    fake_close(&f);
}

/* Log probabilities: with each delta, and with the whole text. */
static void logprobs(void **state)
{
    static const char one[] = "{'token':'A','logprob':-0.5,'bytes':[65],'top_logprobs':[]}";
    static const char two[] = "{'token':'B','logprob':-1,'bytes':[66],'top_logprobs':[]}";
    struct fake f;
    char text[512];

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES,
              "{'input':'Hi','include':['message.output_text.logprobs'],'stream':true,"
              "'store':false}");
    fake_play(&f, 0, "begin\nprompt 5 19\ntoken -0.5 A\nsay A\ntoken -1 B\nsay B\ndone eos");
    (void)snprintf(text, sizeof(text), "'delta':'B','logprobs':[%s]", two);
    fake_has(&f, text);
    (void)snprintf(text, sizeof(text), "'text':'AB','logprobs':[%s,%s]", one, two);
    fake_has(&f, text);
    (void)snprintf(text, sizeof(text), "'text':'AB','annotations':[],'logprobs':[%s,%s]", one, two);
    fake_has(&f, text);
    fake_close(&f);
}

/* Items of all kinds. */
static void items(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, RESPONSES,
              "{'truncation':'auto','text':{'format':{'type':'json_schema','name':'x',"
              "'schema':{'type':'object'},'strict':true}},'input':["
              "{'role':'developer','content':'S'},"
              "{'type':'message','role':'user','content':[{'type':'input_text','text':'U'}]},"
              "{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'R'}]},"
              "{'type':'message','role':'assistant','content':[{'type':'output_text','text':'A',"
              "'annotations':[]}]},"
              "{'type':'function_call','call_id':'c','name':'f','arguments':'{}'},"
              "{'type':'function_call_output','call_id':'c','output':'O'}]}");
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'S\\'},"
                "{\\'role\\':\\'user\\',\\'content\\':\\'U\\'},"
                "{\\'role\\':\\'assistant\\',\\'content\\':\\'A\\',\\'reasoning_content\\':\\'R\\',"
                "\\'tool_calls\\':[{\\'id\\':\\'c\\',\\'type\\':\\'function\\',\\'function\\':"
                "{\\'name\\':\\'f\\',\\'arguments\\':\\'{}\\'}}]},"
                "{\\'role\\':\\'tool\\',\\'content\\':\\'O\\',\\'tool_call_id\\':\\'c\\'}]',"
                "'schema':'{\\'type\\':\\'object\\'}','schema_strict':1,'overflow':1}");
    fake_gone(&f);
    fake_close(&f);
}

static void refusals(void **state)
{
    static const struct {
        const char *body, *param;
    } cases[] = {
        { "{}", "input" },
        { "{'input':[]}", "input" },
        { "{'input':7}", "input" },
        { "{'input':[7]}", "input[0]" },
        { "{'input':[{'type':'mcp_call'}]}", "input[0].type" },
        { "{'input':[{'type':'item_reference','id':'x'}]}", "input[0].type" },
        { "{'input':[{'role':'user','content':[{'type':'input_image'}]}]}",
          "input[0].content[0].type" },
        { "{'input':[{'type':'function_call','name':'f','arguments':'{}'}]}", "input[0].call_id" },
        { "{'input':'a','tools':[{'type':'mcp','server_label':'x'}]}", "tools[0].type" },
        { "{'input':'a','background':true}", "background" },
        { "{'input':'a','conversation':'c'}", "conversation" },
        { "{'input':'a','truncation':'some'}", "truncation" },
        { "{'input':'a','reasoning':{'effort':'huge'}}", "reasoning.effort" },
        { "{'input':'a','text':{'format':{'type':'xml'}}}", "text.format.type" },
        { "{'input':'a','text':{'verbosity':'loud'}}", "text.verbosity" },
        { "{'input':'a','text':{'format':{'type':'json_schema','name':1,'schema':{}}}}",
          "text.format.name" },
        { "{'input':'a','include':[5]}", "include[0]" },
        { "{'input':'a','include':['reasoning.encrypted_content','all']}", "include[1]" },
        { "{'input':'a','previous_response_id':'resp_1\\u0000'}", "previous_response_id" },
        { "{'input':[{'type':null,'content':'a'}]}", "input[0].role" },
        { "{'input':'a','store':'yes'}", "store" },
        { "{'input':'a','tool_choice':{'type':'function','name':'g'}}", "tool_choice" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_refuses(&f, RESPONSES, cases[i].body, 400, cases[i].param, NULL);
    }
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),      cmocka_unit_test(streamed),  cmocka_unit_test(continued),
        cmocka_unit_test(unknown),    cmocka_unit_test(retrieved), cmocka_unit_test(disk_full),
        cmocka_unit_test(incomplete), cmocka_unit_test(logprobs),  cmocka_unit_test(items),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
