/* Proves: POST /v1/chat/completions: which job a request becomes, which bytes events become,
 * whole and streamed, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

#define CHAT "/v1/chat/completions"
#define HI   "'messages':[{'role':'user','content':'Hi'}]"

/* A small question becomes a small job; all that was not said is left to the model. */
static void plain(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'model':'qwen/qwen3-8b'," HI "}");
    fake_job_is(&f, "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]'}");
    assert_string_equal(f.jobs[0].model, "qwen/qwen3-8b");
    fake_play(&f, 0, "begin\nprompt 5 19\nprompt 19 19\nsay Two plus\nsay  two.\ndone eos");
    assert_int_equal(f.q.status, 200);
    fake_is(&f,
            "{'id':'chatcmpl-000000000000000000001','object':'chat.completion','created':0,"
            "'model':'qwen/qwen3-8b','choices':[{'index':0,'message':{'role':'assistant',"
            "'content':'Two plus two.','tool_calls':[]},'logprobs':null,'finish_reason':'stop'}],"
            "'usage':{'prompt_tokens':19,'completion_tokens':7,'total_tokens':26,"
            "'prompt_tokens_details':{'cached_tokens':5},"
            "'completion_tokens_details':{'reasoning_tokens':2}},'stats':{},"
            "'system_fingerprint':'qwen/qwen3-8b'}");
    fake_close(&f);
}

/* Proves: a worker that sends without end, whatever it calls it, fills no memory without end. */
static void bounded(void **state)
{
    enum { PIECE = 8 << 20 };
    char *text = malloc(PIECE);
    struct job_event ev = { .text = text, .len = PIECE };
    struct fake f;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', PIECE);
    fake_open(&f);
    fake_post(&f, CHAT, "{" HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19");
    for (int i = 0; i < 40 && !f.q.status; i++) {
        ev.kind = i % 2 ? JOB_EV_CONTENT : JOB_EV_REASONING;
        fake_event(&f, 0, &ev);
    }
    assert_int_equal(f.q.status, 500);
    fake_has(&f, "too large");
    fake_close(&f);
    free(text);
}

#define CHUNK(delta, finish)                                                                       \
    "data: {'id':'chatcmpl-000000000000000000001','object':'chat.completion.chunk','created':0,"   \
    "'model':'qwen/qwen3-8b','system_fingerprint':'qwen/"                                          \
    "qwen3-8b','choices':[{'index':0,'delta':{" delta "},'logprobs':null,'finish_reason':" finish  \
    "}]}\n\n"

/* The stream: role first, thoughts and text apart, an empty delta with the reason, [DONE]. */
static void streamed(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'stream':true," HI "}");
    assert_string_equal(f.jobs[0].model, "(none)");
    fake_play(&f, 0, "begin");
    assert_int_equal(f.q.status, 0); /* what fails now is still a plain error */
    fake_play(&f, 0, "prompt 0 19\nthink Hm\nsay Two\nsay  plus\ndone length");
    fake_is(&f, CHUNK("'role':'assistant','reasoning_content':'Hm'", "null")
                    CHUNK("'content':'Two'", "null") CHUNK("'content':' plus'", "null")
                        CHUNK("", "'length'") "data: [DONE]\n\n");
    assert_true(f.q.ended);
    fake_close(&f);
}

/* include_usage: null in every chunk, then one with the numbers and no choices. */
static void usage(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{'stream':true,'stream_options':{'include_usage':true},'cache_debug':true," HI "}");
    fake_job_is(&f, "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]',"
                    "'report_miss':1}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay A\ndone eos");
    assert_non_null(strstr(fake_seen(&f), "'finish_reason':'stop'}],'usage':null}"));
    assert_non_null(strstr(f.seen, "'choices':[],'usage':{'prompt_tokens':19,"
                                   "'completion_tokens':7,'total_tokens':26,"
                                   "'prompt_tokens_details':{'cached_tokens':5,'first_miss':5},"
                                   "'completion_tokens_details':{'reasoning_tokens':2}}}\n\n"
                                   "data: [DONE]\n\n"));
    fake_close(&f);
}

/* Every sampling field finds its place. */
static void sampling(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{'temperature':0.5,'top_p':0.25,'top_k':40,'min_p':0.125,'typical_p':0.75,"
              "'repeat_penalty':1.5,'presence_penalty':-1,'frequency_penalty':2,'seed':42,"
              "'logit_bias':{'5':-100,'6':1.5},'max_tokens':9,'max_completion_tokens':8,"
              "'stop':['a','b'],'n':2,'logprobs':true,'top_logprobs':3,'ttl':60,"
              "'reasoning_effort':'high','chat_template_kwargs':{'enable_thinking':false},"
              "'context_overflow':'rollingWindow','user':'me','store':true,'unknown':{}," HI "}");
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]',"
                "'template_kwargs':'{\\'enable_thinking\\':false}','reasoning':1,'effort':'high',"
                "'given':511,'temperature':0.5,'top_p':0.25,'min_p':0.125,'typical':0.75,"
                "'repeat':1.5,'presence':-1,'frequency':2,'top_k':40,'seed':42,'n_predict':8,"
                "'n_choice':2,'logprobs':1,'n_top':3,'overflow':2,"
                "'bias':[5,null,6,1.5],'stops':['a','b']}");
    assert_true(f.jobs[0].target.ttl_s == 60);
    fake_gone(&f);
    assert_true(f.jobs[0].cancelled);
    fake_close(&f);
}

/* All roles and forms of content in the shape of templates. */
static void messages(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{'messages':[{'role':'developer','content':'Be brief'},"
              "{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]},"
              "{'role':'assistant','content':null,'reasoning_content':'hm','tool_calls':[{'id':'1',"
              "'type':'function','function':{'name':'f','arguments':''}}]},"
              "{'role':'tool','tool_call_id':'1','content':[{'type':'text','text':'42'}]},"
              "{'role':'assistant','content':'So','name':'x'}]}");
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'Be brief\\'},"
                "{\\'role\\':\\'user\\',\\'content\\':[{\\'type\\':\\'text\\',\\'text\\':\\'a\\'},"
                "{\\'type\\':\\'text\\',\\'text\\':\\'b\\'}]},"
                "{\\'role\\':\\'assistant\\',\\'content\\':null,\\'reasoning_content\\':\\'hm\\',"
                "\\'tool_calls\\':[{\\'id\\':\\'1\\',\\'type\\':\\'function\\',\\'function\\':"
                "{\\'name\\':\\'f\\',\\'arguments\\':\\'{}\\'}}]},"
                "{\\'role\\':\\'tool\\',\\'content\\':\\'42\\',\\'tool_call_id\\':\\'1\\'},"
                "{\\'role\\':\\'assistant\\',\\'content\\':\\'So\\',\\'name\\':\\'x\\'}]',"
                "'continue_last':1}");
    fake_gone(&f);
    fake_close(&f);
}

#define TOOLS                                                                                      \
    "'tools':[{'type':'function','function':{'name':'shop.find','description':'Finds',"            \
    "'parameters':{'type':'object','$defs':{'x':{}}},'strict':true}},"                             \
    "{'type':'function','function':{'name':'shop find'}}]"

/* Tools: names without special characters for the model, the caller's in the answer. */
static void tools(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{" TOOLS ",'parallel_tool_calls':false,'tool_choice':{'type':'function','function':"
              "{'name':'shop find'}}," HI "}");
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]',"
                "'tools':'[{\\'type\\':\\'function\\',\\'function\\':{\\'name\\':\\'shopfind\\',"
                "\\'description\\':\\'Finds\\',\\'parameters\\':{\\'type\\':\\'object\\',"
                "\\'$defs\\':{\\'x\\':{}}},\\'strict\\':true}},"
                "{\\'type\\':\\'function\\',\\'function\\':{\\'name\\':\\'shopfind_2\\',"
                "\\'parameters\\':{\\'type\\':\\'object\\',\\'properties\\':{}}}}]',"
                "'tool_choice':3,'tool_name':'shopfind_2','no_parallel_calls':1}");
    fake_play(&f, 0,
              "begin\nprompt 0 19\ncall 0 shopfind_2\nargs 0 {\"a\":\nargs 0 1}\nend 0\n"
              "call 1 shopfind 77\nargs 1 {}\nend 1\ndone eos");
    assert_non_null(strstr(fake_seen(&f),
                           "'message':{'role':'assistant','content':null,'tool_calls':["
                           "{'id':'000000000','type':'function','function':{'name':'shop find',"
                           "'arguments':'{\\'a\\':1}'}},{'id':'77','type':'function','function':"
                           "{'name':'shop.find','arguments':'{}'}}]},'logprobs':null,"
                           "'finish_reason':'tool_calls'}]"));
    fake_close(&f);
}

/* Calls in a stream: head first, then pieces of arguments without id and name. */
static void tools_streamed(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{" TOOLS ",'stream':true," HI "}");
    fake_play(&f, 0,
              "begin\nprompt 0 19\ncall 0 shopfind a1\nargs 0 {\"a\":\nargs 0 1}\nend 0\n"
              "call 1 shopfind b2\nargs 1 {}\nend 1\ndone tool_calls");
    fake_is(&f, CHUNK("'role':'assistant','tool_calls':[{'index':0,'id':'a1','type':'function',"
                      "'function':{'name':'shop.find','arguments':''}}]",
                      "null")
                    CHUNK("'tool_calls':[{'index':0,'function':{'arguments':'{\\'a\\':'}}]", "null")
                        CHUNK("'tool_calls':[{'index':0,'function':{'arguments':'1}'}}]", "null")
                            CHUNK("'tool_calls':[{'index':1,'id':'b2','type':'function',"
                                  "'function':{'name':'shop.find','arguments':''}}]",
                                  "null")
                                CHUNK("'tool_calls':[{'index':1,'function':{'arguments':'{}'}}]",
                                      "null") CHUNK("", "'tool_calls'") "data: [DONE]\n\n");
    fake_close(&f);
}

/* What looked like a call and was none is text, and the answer does not claim a call. */
static void dropped(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{" TOOLS "," HI "}");
    fake_play(&f, 0,
              "begin\nprompt 0 19\ncall 0 shopfind\nargs 0 {x\ndrop 0\nsay [CALL]{x\n"
              "done tool_calls");
    assert_non_null(strstr(fake_seen(&f), "'content':'[CALL]{x','tool_calls':[]},'logprobs':null,"
                                          "'finish_reason':'stop'"));
    fake_close(&f);
}

/* Structured output. */
static void formats(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{'response_format':{'type':'json_schema','json_schema':{'name':'city',"
              "'strict':'true','schema':{'type':'object'}}}," HI "}");
    assert_non_null(strstr(fake_job(&f, 0), "'schema':'{\\'type\\':\\'object\\'}',"
                                            "'schema_strict':1"));
    fake_gone(&f);
    fake_post(&f, CHAT, "{'response_format':{'type':'json_object'}," HI "}");
    assert_non_null(strstr(fake_job(&f, 0), "'json_object':1"));
    fake_gone(&f);
    fake_post(&f, CHAT, "{'response_format':{'type':'text'},'reasoning_effort':'none'," HI "}");
    assert_non_null(strstr(fake_job(&f, 0), "'reasoning':2"));
    assert_null(strstr(f.seen, "effort"));
    fake_gone(&f);
    fake_close(&f);
}

/* Log probabilities: those of the text; those of thoughts are left out. */
static void logprobs(void **state)
{
    static const char script[] = "begin\nprompt 0 19\ntoken -1 Hm\nthink Hm\n"
                                 "token -0.5 A -0.5 A -3.5 \\xe2\nsay A\ntoken -2 !\nsay !\n"
                                 "done eos";
    static const char first[] = "{'token':'A','logprob':-0.5,'bytes':[65],'top_logprobs':["
                                "{'token':'A','logprob':-0.5,'bytes':[65]},"
                                "{'token':'\xEF\xBF\xBD','logprob':-3.5,'bytes':[226]}]}";
    static const char second[] = "{'token':'!','logprob':-2,'bytes':[33],'top_logprobs':[]}";
    struct fake f;
    char text[1024];

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'logprobs':true,'top_logprobs':2," HI "}");
    fake_play(&f, 0, script);
    (void)snprintf(text, sizeof(text), "'logprobs':{'content':[%s,%s],'refusal':null},", first,
                   second);
    assert_non_null(strstr(fake_seen(&f), text));
    fake_post(&f, CHAT, "{'logprobs':true,'top_logprobs':2,'stream':true," HI "}");
    fake_play(&f, 0, script);
    (void)snprintf(text, sizeof(text), "{'content':'A'},'logprobs':{'content':[%s],'refusal':null}",
                   first);
    assert_non_null(strstr(fake_seen(&f), text));
    (void)snprintf(text, sizeof(text), "{'content':'!'},'logprobs':{'content':[%s],'refusal':null}",
                   second);
    assert_non_null(strstr(f.seen, text));
    fake_close(&f);
}

/* Several choices: each has its role, its text and its end. */
static void choices(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'n':2," HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\n#1 say b\n#0 say a\n#1 done-more eos\n#0 done length");
    assert_non_null(strstr(fake_seen(&f), "'choices':[{'index':0,'message':{'role':'assistant',"
                                          "'content':'a','tool_calls':[]},'logprobs':null,"
                                          "'finish_reason':'length'},{'index':1,'message':{"
                                          "'role':'assistant','content':'b'"));
    assert_non_null(strstr(f.seen, "'prompt_tokens':19,'completion_tokens':14"));
    fake_close(&f);
}

/* gpt-oss's manner: thoughts under both names. */
static void harmony(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    (void)snprintf(f.instances[0].ready.reasoning, sizeof(f.instances[0].ready.reasoning),
                   "harmony");
    fake_post(&f, CHAT, "{" HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\nthink Hm\nsay A\ndone eos");
    assert_non_null(strstr(fake_seen(&f), "'reasoning_content':'Hm','reasoning':'Hm'"));
    fake_close(&f);
}

/* A failure is a plain error before the first byte, a record afterwards. */
static void failures(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'stream':true," HI "}");
    fake_play(&f, 0, "begin\nfail busy too many");
    assert_int_equal(f.q.status, 429);
    assert_int_equal(f.q.retry_after_s, 3);
    assert_false(f.q.streams);
    fake_post(&f, CHAT, "{'stream':true," HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay A\nfail worker it died");
    assert_non_null(strstr(fake_seen(&f), "data: {'error':{'message':'it died',"));
    assert_null(strstr(f.seen, "[DONE]"));
    assert_true(f.q.ended);
    fake_close(&f);
}

/* Each refusal names its field. */
static void refusals(void **state)
{
    static const struct {
        const char *body, *param, *code;
    } cases[] = {
        { "{}", "messages", "missing_required_parameter" },
        { "[1]", NULL, "invalid_json" },
        { "{'messages':", NULL, "invalid_json" },
        { "{'messages':[]}", "messages", "invalid_value" },
        { "{'messages':'x'}", "messages", "invalid_type" },
        { "{'messages':[3]}", "messages[0]", "invalid_type" },
        { "{'messages':[{'content':'x'}]}", "messages[0].role", "missing_required_parameter" },
        { "{'messages':[{'role':'chef','content':'x'}]}", "messages[0].role", "invalid_value" },
        { "{'messages':[{'role':'user'}]}", "messages[0].content", "missing_required_parameter" },
        { "{'messages':[{'role':'user','content':[{'type':'image_url'}]}]}",
          "messages[0].content[0].type", "unsupported_value" },
        { "{'messages':[{'role':'user','content':[{'type':'text','text':1}]}]}",
          "messages[0].content[0].text", "invalid_type" },
        { "{'messages':[{'role':'tool','content':'x'}]}", "messages[0].tool_call_id",
          "missing_required_parameter" },
        { "{'messages':[{'role':'assistant','tool_calls':[{'function':{}}]}]}",
          "messages[0].tool_calls[0].function.name", "missing_required_parameter" },
        { "{'temperature':-1," HI "}", "temperature", "invalid_value" },
        { "{'temperature':'hot'," HI "}", "temperature", "invalid_type" },
        { "{'top_p':1.5," HI "}", "top_p", "invalid_value" },
        { "{'seed':1.5," HI "}", "seed", "invalid_type" },
        { "{'stop':['a','']," HI "}", "stop[1]", "invalid_value" },
        { "{'stop':3," HI "}", "stop", "invalid_type" },
        { "{'max_tokens':0," HI "}", "max_tokens", "invalid_value" },
        { "{'n':17," HI "}", "n", "invalid_value" },
        { "{'top_logprobs':2," HI "}", "top_logprobs", "invalid_value" },
        { "{'logit_bias':{'x':1}," HI "}", "logit_bias.x", "invalid_value" },
        { "{'logit_bias':{'+1':1}," HI "}", "logit_bias.+1", "invalid_value" },
        { "{'logit_bias':{' 1':1}," HI "}", "logit_bias. 1", "invalid_value" },
        { "{'logit_bias':{'01':1}," HI "}", "logit_bias.01", "invalid_value" },
        { "{'model':'qwen/qwen3-8b\\u0000x'," HI "}", "model", "invalid_value" },
        { "{'model':'a\\u001b[31m'," HI "}", "model", "invalid_value" },
        { "{'response_format':{'type':'json_schema','json_schema':{'name':5,'schema':{}}}," HI "}",
          "response_format.json_schema.name", "invalid_type" },
        { "{'logit_bias':{'1':101}," HI "}", "logit_bias.1", "invalid_value" },
        { "{'draft_model':'small'," HI "}", "draft_model", "unsupported_parameter" },
        { "{'preset':'p'," HI "}", "preset", "unsupported_parameter" },
        { "{'functions':[]," HI "}", "functions", "unsupported_parameter" },
        { "{'response_format':{'type':'xml'}," HI "}", "response_format.type", "invalid_value" },
        { "{'response_format':{'type':'json_schema'}," HI "}", "response_format.json_schema",
          "missing_required_parameter" },
        { "{'response_format':{'type':'json_schema','json_schema':{}}," HI "}",
          "response_format.json_schema.schema", "missing_required_parameter" },
        { "{'tools':[{'type':'magic'}]," HI "}", "tools[0].type", "invalid_value" },
        { "{'tools':[{'type':'function','function':{}}]," HI "}", "tools[0].function.name",
          "missing_required_parameter" },
        { "{'tool_choice':'required'," HI "}", "tool_choice", "invalid_value" },
        { "{" TOOLS ",'tool_choice':{'type':'function','function':{'name':'g'}}," HI "}",
          "tool_choice", "invalid_value" },
        { "{" TOOLS ",'tool_choice':'sometimes'," HI "}", "tool_choice", "invalid_value" },
        { "{'context_overflow':'forget'," HI "}", "context_overflow", "invalid_value" },
        { "{'stream_options':{'include_usage':1}," HI "}", "stream_options.include_usage",
          "invalid_type" },
        { "{'reasoning_effort':'huge'," HI "}", "reasoning_effort", "invalid_value" },
        { "{'ttl':0," HI "}", "ttl", "invalid_value" },
        { "{'stream':1," HI "}", "stream", "invalid_type" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        fake_refuses(&f, CHAT, cases[i].body, 400, cases[i].param, cases[i].code);
    fake_post(&f, CHAT, "{'draft_model':'','preset':null,'stop':[]," HI "}");
    assert_int_equal(f.n_job, 1);
    fake_gone(&f);
    fake_close(&f);
}

/* Characters that come in pieces leave whole. */
static void whole_characters(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'stream':true," HI "}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\\xe2\nsay \\x82\nsay \\xacb\ndone eos");
    fake_is(&f, CHUNK("'role':'assistant','content':'a'", "null") CHUNK("'content':'\xE2\x82\xAC"
                                                                        "b'",
                                                                        "null")
                    CHUNK("", "'stop'") "data: [DONE]\n\n");
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),    cmocka_unit_test(bounded),
        cmocka_unit_test(streamed), cmocka_unit_test(usage),
        cmocka_unit_test(sampling), cmocka_unit_test(messages),
        cmocka_unit_test(tools),    cmocka_unit_test(tools_streamed),
        cmocka_unit_test(dropped),  cmocka_unit_test(formats),
        cmocka_unit_test(logprobs), cmocka_unit_test(choices),
        cmocka_unit_test(harmony),  cmocka_unit_test(failures),
        cmocka_unit_test(refusals), cmocka_unit_test(whole_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
