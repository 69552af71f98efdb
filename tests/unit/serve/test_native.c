/* Proves: the native API: chats that are kept, their streams, lists, loading and unloading; and
 * ranking and tokens beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

#define CHAT    "/api/v1/chat"
#define RESP(n) "resp_00000000000000000000000000000000000000000000000" n

#define STATS                                                                                      \
    "'stats':{'input_tokens':19,'cached_input_tokens':5,'total_output_tokens':7,"                  \
    "'reasoning_output_tokens':2,'tokens_per_second':56,'time_to_first_token_seconds':0.25"

/* A question, its answer, and the next question with what was said before it. */
static void conversation(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT,
              "{'model':'qwen/qwen3-8b','input':'Hi','system_prompt':'Be brief','temperature':0.5,"
              "'top_k':5,'max_output_tokens':9,'reasoning':'on','context_length':4096}");
    fake_job_is(&f, "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'Be brief\\'},"
                    "{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'}]','reasoning':1,'given':3,"
                    "'temperature':0.5,'top_k':5,'n_predict':9}");
    assert_int_equal(f.jobs[0].target.n_ctx, 4096);
    fake_play(&f, 0, "begin\nprompt 5 19\nthink Hm\nsay Good day!\ndone eos");
    fake_store_run(&f);
    assert_int_equal(f.q.status, 200);
    fake_is(&f,
            "{'model_instance_id':'qwen/qwen3-8b','output':[{'type':'reasoning','content':'Hm'},"
            "{'type':'message','content':'Good day!'}]," STATS "},'response_id':'" RESP("1") "'}");
    fake_post(&f, CHAT,
              "{'model':'qwen/qwen3-8b','previous_response_id':'" RESP(
                  "1") "','input':["
                       "{'type':'text','content':'a'},{'type':'message','content':'b'}]}");
    fake_store_run(&f);
    fake_job_is(&f,
                "{'messages':'[{\\'role\\':\\'system\\',\\'content\\':\\'Be brief\\'},"
                "{\\'role\\':\\'user\\',\\'content\\':\\'Hi\\'},"
                "{\\'role\\':\\'assistant\\',\\'content\\':\\'Good day!\\',"
                "\\'reasoning_content\\':\\'Hm\\'},"
                "{\\'role\\':\\'user\\',\\'content\\':[{\\'type\\':\\'text\\',\\'text\\':\\'a\\'},"
                "{\\'type\\':\\'text\\',\\'text\\':\\'b\\'}]}]'}");
    fake_play(&f, 0, "begin\nprompt 5 19\nsay C\ndone eos");
    fake_store_run(&f);
    assert_string_equal(f.stored[1].previous, RESP("1"));
    fake_post(
        &f, CHAT,
        "{'model':'qwen/qwen3-8b','previous_response_id':'" RESP("2") "','input':'x',"
                                                                      "'system_prompt':'New'}");
    fake_store_run(&f);
    assert_non_null(
        strstr(fake_job(&f, 0), "'[{\\'role\\':\\'system\\',\\'content\\':\\'New\\'},"));
    fake_gone(&f);
    fake_close(&f);
}

#define EVENT(name, rest) "event: " name "\ndata: {'type':'" name "'" rest "}\n\n"
#define ID                ",'model_instance_id':'qwen/qwen3-8b'"

/* The stream with a load before it; the end is the whole answer. */
static void streamed(void **state)
{
    static const char expected[] = EVENT("chat.start", ID) EVENT("model_load.start", ID) EVENT(
        "model_load.progress", ID ",'progress':0") EVENT("model_load.progress", ID ",'progress':1")
        EVENT("model_load.end", ID ",'load_time_seconds':2.5") EVENT("prompt_processing.start", "")
            EVENT("prompt_processing.progress",
                  ",'progress':0.25") EVENT("prompt_processing.progress", ",'progress':1")
                EVENT("prompt_processing.end", "") EVENT("reasoning.start", "")
                    EVENT("reasoning.delta", ",'content':'Hm'") EVENT("reasoning.end", "")
                        EVENT("message.start", "") EVENT("message.delta", ",'content':'A'")
                            EVENT("message.delta", ",'content':'B'") EVENT("message.end", "")
                                EVENT("chat.end",
                                      ",'result':{'model_instance_id':'qwen/qwen3-8b','output':["
                                      "{'type':'reasoning','content':'Hm'},{'type':'message',"
                                      "'content':'AB'}]," STATS ",'model_load_time_seconds':2.5}}");
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'model':'qwen/qwen3-8b','input':'Hi','stream':true,'store':false}");
    fake_play(&f, 0,
              "loading 0\nloading 1\nbegin 2.5\nprompt 5 20\nprompt 20 20\nthink Hm\nsay A\n"
              "say B\ndone eos");
    fake_is(&f, expected);
    assert_true(f.q.ended);
    fake_close(&f);
}

/* What fails in a stream is told, and then what there was. */
static void failures(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, CHAT, "{'model':'qwen/qwen3-8b','input':'Hi','stream':true}");
    fake_play(&f, 0, "begin\nfail context too long");
    assert_int_equal(f.q.status, 400);
    assert_false(f.q.streams);
    fake_has(&f, "{'error':{'message':'too long','type':'invalid_request',"
                 "'code':'context_length_exceeded'}}");
    fake_post(&f, CHAT, "{'model':'qwen/qwen3-8b','input':'Hi','stream':true}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay A\nfail worker it died");
    fake_has(&f,
             EVENT("message.end",
                   "") "event: error\ndata: {'type':'error','error':{"
                       "'message':'it died','type':'internal_error','code':'worker_failed'}}\n\n"
                       "event: chat.end\n");
    fake_has(&f, "'output':[{'type':'message','content':'A'}]");
    assert_null(strstr(f.seen, "response_id"));
    assert_true(f.q.ended);
    fake_close(&f);
}

static void refusals(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *param, *code;
    } cases[] = {
        { "{'input':'a'}", 400, "model", "missing_required_parameter" },
        { "{'model':'m'}", 400, "input", "missing_required_parameter" },
        { "{'model':'m','input':'a','tools':[]}", 400, "tools", "unrecognized_keys" },
        { "{'model':'m','input':[{'type':'text','content':'a','x':1}]}", 400, "input[0].x",
          "unrecognized_keys" },
        { "{'model':'m','input':[{'type':'image','data_url':'x'}]}", 400, "input[0].type",
          "unsupported_value" },
        { "{'model':'m','input':[{'type':'video','content':'x'}]}", 400, "input[0].type",
          "invalid_value" },
        { "{'model':'m','input':[]}", 400, "input", "invalid_value" },
        { "{'model':'m','input':'a','temperature':1.5}", 400, "temperature", "invalid_value" },
        { "{'model':'m','input':'a','reasoning':'much'}", 400, "reasoning", "invalid_value" },
        { "{'model':'qwen/qwen3-8b','input':'a','reasoning':'low'}", 400, "reasoning",
          "invalid_value" },
        { "{'model':'gemma-3-4b','input':'a','reasoning':'on'}", 400, "reasoning",
          "invalid_value" },
        { "{'model':'m','input':'a','integrations':['mcp/x']}", 403, "integrations",
          "permission_denied" },
        { "{'model':'m','input':'a','previous_response_id':'x'}", 400, "previous_response_id",
          "invalid_value" },
        { "{'model':'m','input':'a','previous_response_id':'resp_x'}", 404, "previous_response_id",
          "previous_response_not_found" },
        { "{'model':'m','input':'a','context_length':0}", 400, "context_length", "invalid_value" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_refuses(&f, CHAT, cases[i].body, cases[i].status, cases[i].param, cases[i].code);
    }
    fake_post(&f, CHAT, "{'model':'gemma-3-4b','input':'a','reasoning':'off'}");
    assert_int_equal(f.n_job, 1);
    fake_gone(&f);
    fake_close(&f);
}

/* One entry a key, variants within it, instances with their settings. */
static void models(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_send(&f, HTTP_GET, "/api/v1/models", NULL);
    fake_has(&f, "{'type':'llm','publisher':'qwen','key':'qwen/qwen3-8b','display_name':'Qwen3 8B',"
                 "'architecture':'qwen3','quantization':{'name':'Q4_K_M','bits_per_weight':4},"
                 "'size_bytes':5027784512,'params_string':'8B','loaded_instances':[{"
                 "'id':'qwen/qwen3-8b','config':{'context_length':8192,'eval_batch_size':512,"
                 "'parallel':4,'flash_attention':true,'offload_kv_cache_to_gpu':false},"
                 "'status':'idle','queued':0,'ttl_ms':null,'idle_ms':0,'last_used_unix_ms':null}],"
                 "'max_context_length':40960,'format':'gguf','capabilities':{'vision':false,"
                 "'trained_for_tool_use':true,'reasoning':{'allowed_options':['on','off'],"
                 "'default':'on'}},'description':null,'variants':['qwen/qwen3-8b@q4_k_m',"
                 "'qwen/qwen3-8b@q8_0'],'selected_variant':'qwen/qwen3-8b@q4_k_m'}]}");
    fake_has(&f, "{'type':'embedding','publisher':'nomic','key':'nomic/nomic-embed',"
                 "'display_name':'Nomic Embed','quantization':{'name':'F16','bits_per_weight':16},"
                 "'size_bytes':260000000,'params_string':null,'loaded_instances':[],"
                 "'max_context_length':2048,'format':'gguf'}");
    fake_close(&f);
}

static void load_event(struct fake *f, const struct load_event *ev)
{
    f->load.fn(f->load.arg, ev);
}

/* Loading waits for its end; what the CPU cannot do is refused. */
static void load(void **state)
{
    static const char *const refused[][2] = {
        { "{}", "model" },
        { "{'model':'m','gpu':'max'}", "gpu" },
        { "{'model':'m','gpu':0.5}", "gpu" },
        { "{'model':'m','offload_kv_cache_to_gpu':true}", "offload_kv_cache_to_gpu" },
        { "{'model':'m','flash_attention':false}", "flash_attention" },
        { "{'model':'m','speed':9}", "speed" },
        { "{'model':'m','k_cache_type':'q2'}", "k_cache_type" },
        { "{'model':'m','context_length':'x'}", "context_length" },
        { "{'model':'m\\u0000n'}", "model" },
        { "{'model':'m','identifier':'a\\u0000b'}", "identifier" },
        { "{'model':'m','identifier':'a\\nb'}", "identifier" },
        { "{'model':'m','identifier':''}", "identifier" },
    };
    struct load_event ev = { .kind = LOAD_PROGRESS };
    struct fake f;

    (void)state;
    fake_open(&f);
    f.instances[0].load_s = 3.18;
    fake_post(&f, "/api/v1/models/load",
              "{'model':'qwen3-8b','context_length':8192,'eval_batch_size':256,'num_experts':2,"
              "'flash_attention':true,'offload_kv_cache_to_gpu':false,'gpu':'off','parallel':2,"
              "'identifier':'mine','ttl':60,'k_cache_type':'q8_0','echo_load_config':true}");
    assert_string_equal(f.load.model, "qwen3-8b");
    assert_string_equal(f.load.identifier, "mine");
    assert_int_equal(f.load.options.n_ctx, 8192);
    assert_int_equal(f.load.options.n_batch, 256);
    assert_int_equal(f.load.options.n_expert_used, 2);
    assert_int_equal(f.load.options.n_parallel, 2);
    assert_int_equal(f.load.options.type_k, KV_Q8_0);
    assert_true(f.load.options.has_kv_type && f.load.options.ttl_s == 60);
    load_event(&f, &ev);
    assert_int_equal(f.q.status, 0);
    ev = (struct load_event){ .kind = LOAD_READY, .info = &f.instances[0] };
    load_event(&f, &ev);
    fake_is(&f, "{'type':'llm','instance_id':'qwen/qwen3-8b','load_time_seconds':3.18,"
                "'status':'loaded','load_config':{'context_length':8192,'eval_batch_size':512,"
                "'flash_attention':true,'offload_kv_cache_to_gpu':false,'parallel':4}}");
    fake_post(&f, "/api/v1/models/load", "{'model':'m'}");
    ev = (struct load_event){ .kind = LOAD_FAILED, .error = JOB_ERR_MEMORY, .text = "too big" };
    load_event(&f, &ev);
    assert_int_equal(f.q.status, 400);
    fake_has(&f, "'code':'insufficient_memory'");
    fake_post(&f, "/api/v1/models/load", "{'model':'m'}");
    fake_gone(&f);
    assert_true(f.load.cancelled);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        fake_refuses(&f, "/api/v1/models/load", refused[i][0], 400, refused[i][1], NULL);
    }
    fake_close(&f);
}

static void unload(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/api/v1/models/unload", "{'instance_id':'qwen/qwen3-8b'}");
    fake_is(&f, "{'instance_id':'qwen/qwen3-8b'}");
    assert_string_equal(f.unloaded, "qwen/qwen3-8b");
    fake_post(&f, "/api/v1/models/unload", "{'instance_id':'x'}");
    assert_int_equal(f.q.status, 404);
    fake_has(&f, "'type':'model_not_found','param':'instance_id','code':'model_not_found'");
    fake_post(&f, "/api/v1/models/unload", "{'instance_id':'x','y':1}");
    assert_int_equal(f.q.status, 400);
    fake_post(&f, "/api/v1/models/unload", "[");
    fake_has(&f, "'code':'invalid_json'");
    fake_close(&f);
}

/* Best first, as many as asked for. */
static void ranking(void **state)
{
    static const float scores[] = { 0.25F, 0.75F, 0.5F };
    struct job_done d = { 0 };
    struct job_event ev;
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/v1/rerank",
              "{'model':'jina','query':'q','documents':['a',{'text':'b'},'c'],'top_n':2,"
              "'return_documents':true}");
    fake_job_is(&f, "{'kind':3,'query':'q','inputs':['a','b','c']}");
    assert_true(f.jobs[0].target.wants_ranking);
    fake_play(&f, 0, "begin");
    for (uint32_t i = 0; i < 3; i++) {
        ev = (struct job_event){
            .kind = JOB_EV_VECTOR, .input = i, .vector = &scores[i], .n_vector = 1, .n_input_tok = 4
        };
        fake_event(&f, 0, &ev);
    }
    ev = (struct job_event){ .kind = JOB_EV_DONE, .done = &d, .is_last = true };
    fake_event(&f, 0, &ev);
    fake_is(&f, "{'id':'rerank-000000000000000000001','object':'list','model':'qwen/qwen3-8b',"
                "'results':[{'index':1,'relevance_score':0.75,'document':{'text':'b'}},"
                "{'index':2,'relevance_score':0.5,'document':{'text':'c'}}],"
                "'usage':{'prompt_tokens':12,'total_tokens':12}}");
    fake_post(&f, "/v1/rerank", "{'query':'q','documents':['a',7]}");
    fake_has(&f, "'param':'documents[1]'");
    fake_close(&f);
}

static void tokens(void **state)
{
    static const int32_t ids[] = { 1, 22, 333 };
    struct job_done d = { 0 };
    struct job_event ev, done = { .kind = JOB_EV_DONE, .done = &d, .is_last = true };
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/tokenize", "{'content':'Hi','add_special':true,'parse_special':false}");
    fake_job_is(&f, "{'kind':4,'add_special':1,'inputs':['Hi']}");
    assert_true(f.jobs[0].target.any_type);
    ev = (struct job_event){
        .kind = JOB_EV_IDS, .instance = "qwen/qwen3-8b", .ids = ids, .n_id = 3
    };
    fake_event(&f, 0, &ev);
    fake_event(&f, 0, &done);
    fake_is(&f, "{'tokens':[1,22,333],'count':3,'model':'qwen/qwen3-8b'}");
    fake_post(&f, "/detokenize", "{'tokens':[1,22]}");
    fake_job_is(&f, "{'kind':5,'inputs':[[1,22]]}");
    ev = (struct job_event){
        .kind = JOB_EV_TEXT, .instance = "qwen/qwen3-8b", .text = "Hi", .len = 2
    };
    fake_event(&f, 0, &ev);
    fake_event(&f, 0, &done);
    fake_is(&f, "{'content':'Hi','model':'qwen/qwen3-8b'}");
    fake_refuses(&f, "/detokenize", "{'tokens':'Hi'}", 400, "tokens", "invalid_type");
    fake_refuses(&f, "/detokenize", "{'tokens':['Hi']}", 400, "tokens[0]", "invalid_value");
    fake_refuses(&f, "/detokenize", "{'tokens':[[1]]}", 400, "tokens[0]", "invalid_value");
    fake_post(&f, "/tokenize", "{}");
    fake_has(&f, "'param':'content'");
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversation), cmocka_unit_test(streamed), cmocka_unit_test(failures),
        cmocka_unit_test(refusals),     cmocka_unit_test(models),   cmocka_unit_test(load),
        cmocka_unit_test(unload),       cmocka_unit_test(ranking),  cmocka_unit_test(tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
