/* Proves: OpenAI's lists of models, legacy completions and embeddings, and the native beta that
 * adds to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "unit/serve/fake.h"

/* A list of models as it is written: ids and what is told of each. */
static const char *listed(char *room, size_t cap, const char *const rows[][3], size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(room + len, cap - len,
                                "%s{'id':'%s','object':'model','created':0,"
                                "'owned_by':'organization_owner','type':'%s',%s}",
                                i ? "," : "", rows[i][0], rows[i][1], rows[i][2]);
    return room;
}

/* Loaded models first, then instances with names of their own, then all that could be loaded. */
static void models(void **state)
{
    static const char loaded[] = "'state':'loaded','max_context_length':40960,"
                                 "'loaded_context_length':8192";
    static const char *const rows[][3] = {
        { "qwen/qwen3-8b", "llm", loaded },
        { "mine", "llm", loaded },
        { "google/gemma-3-4b", "llm", "'state':'not-loaded','max_context_length':131072" },
        { "jina/jina-reranker", "reranker", "'state':'not-loaded','max_context_length':1024" },
        { "nomic/nomic-embed", "embeddings", "'state':'not-loaded','max_context_length':2048" },
        { "qwen/qwen3-8b@q8_0", "llm", "'state':'not-loaded','max_context_length':40960" },
    };
    char room[4096], text[4200];
    struct fake f;

    (void)state;
    fake_open(&f);
    f.instances[1] = f.instances[0];
    f.instances[1].id = "mine";
    f.n_instance = 2;
    fake_send(&f, HTTP_GET, "/v1/models", NULL);
    (void)snprintf(text, sizeof(text), "{'object':'list','data':[%s]}",
                   listed(room, sizeof(room), rows, COUNT_OF(rows)));
    fake_is(&f, text);
    fake_send(&f, HTTP_GET, "/v1/models/nomic/nomic-embed", NULL);
    fake_is(&f, listed(room, sizeof(room), &rows[4], 1));
    f.settings.jit = false;
    fake_send(&f, HTTP_GET, "/v1/models", NULL);
    fake_has(&f, "'id':'mine'");
    assert_null(strstr(f.seen, "not-loaded"));
    fake_close(&f);
}

/* One model, by key, by short key, by an instance's name; 404 names what is near. */
static void model(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_send(&f, HTTP_GET, "/v1/models/gemma-3-4b", NULL);
    fake_has(&f, "'id':'google/gemma-3-4b'");
    fake_send(&f, HTTP_GET, "/v1/models/qwen4", NULL);
    assert_int_equal(f.q.status, 404);
    fake_has(&f, "no model \"qwen4\" here; did you mean \"qwen/qwen3-8b\"?");
    fake_has(&f, "'param':'model','code':'model_not_found'");
    fake_close(&f);
}

#define USAGE                                                                                      \
    "'usage':{'prompt_tokens':19,'completion_tokens':7,'total_tokens':26,"                         \
    "'prompt_tokens_details':{'cached_tokens':5},'completion_tokens_details':{"                    \
    "'reasoning_tokens':2}}"
#define STATS                                                                                      \
    "'stats':{'tokens_per_second':56,'time_to_first_token':0.25,'generation_time':0.125,"          \
    "'stop_reason':'eosFound'},'model_info':{'arch':'qwen3','quant':'Q4_K_M','format':'gguf',"     \
    "'context_length':8192},'runtime':{'name':'hearth-cpu','version':'0.1.0',"                     \
    "'supported_formats':['gguf']}"

/* A prompt continued: whole, and as a stream. */
static void completion(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/v1/completions", "{'prompt':'Truth is','max_tokens':5,'echo':true,'n':1}");
    assert_string_equal(fake_job(&f, 0), "{'kind':1,'parse_special':1,'echo':1,'n_predict':5,"
                                         "'n_choice':1,'inputs':['Truth is']}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay Truth is\nsay  a matter.\ndone eos");
    fake_is(&f, "{'id':'cmpl-000000000000000000001','object':'text_completion','created':0,"
                "'model':'qwen/qwen3-8b','choices':[{'index':0,'text':'Truth is a matter.',"
                "'logprobs':null,'finish_reason':'stop'}]," USAGE ",'stats':{}}");
    fake_post(&f, "/v1/completions", "{'prompt':[1,2,3],'stream':true}");
    assert_string_equal(fake_job(&f, 0), "{'kind':1,'parse_special':1,'inputs':[[1,2,3]]}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\ndone stop .");
    fake_is(&f, "data: {'id':'cmpl-000000000000000000002','object':'text_completion','created':0,"
                "'model':'qwen/qwen3-8b','choices':[{'index':0,'text':'a','logprobs':null,"
                "'finish_reason':null}]}\n\n"
                "data: {'id':'cmpl-000000000000000000002','object':'text_completion','created':0,"
                "'model':'qwen/qwen3-8b','choices':[{'index':0,'text':'','logprobs':null,"
                "'finish_reason':'stop'}]}\n\ndata: [DONE]\n\n");
    fake_close(&f);
}

/* Several prompts are several jobs, whose choices are counted through. */
static void completions(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/v1/completions", "{'prompt':['a','b'],'n':2}");
    assert_int_equal(f.n_job, 2);
    fake_play(&f, 1, "begin\nprompt 0 19\n#0 say b0\n#1 say b1\n#0 done-more eos\n#1 done eos");
    assert_int_equal(f.q.status, 0);
    fake_play(&f, 0, "begin\nprompt 0 19\n#0 say a0\n#1 say a1\n#0 done-more eos\n#1 done eos");
    fake_has(&f, "'choices':[{'index':0,'text':'a0','logprobs':null,'finish_reason':'stop'},"
                 "{'index':1,'text':'a1','logprobs':null,'finish_reason':'stop'},"
                 "{'index':2,'text':'b0','logprobs':null,'finish_reason':'stop'},"
                 "{'index':3,'text':'b1','logprobs':null,'finish_reason':'stop'}],"
                 "'usage':{'prompt_tokens':38,'completion_tokens':28,'total_tokens':66");
    /* one fails: all do, and the others are cancelled */
    fake_post(&f, "/v1/completions", "{'prompt':['a','b']}");
    fake_play(&f, 0, "begin\nfail internal oh");
    assert_int_equal(f.q.status, 500);
    assert_true(f.jobs[1].cancelled);
    fake_close(&f);
}

/* The old form of log probabilities; offsets count characters. */
static void completion_probs(void **state)
{
    static const char script[] = "begin\nprompt 0 19\ntoken -0.5 \\xc3\\xa9 -0.5 \\xc3\\xa9 -3 b\n"
                                 "say \\xc3\\xa9\ntoken -1 x\nsay x\ndone eos";
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_post(&f, "/v1/completions", "{'prompt':'a','logprobs':2}");
    fake_play(&f, 0, script);
    fake_has(&f, "'logprobs':{'tokens':['\xC3\xA9','x'],'token_logprobs':[-0.5,-1],"
                 "'top_logprobs':[{'\xC3\xA9':-0.5,'b':-3},{}],'text_offset':[0,1]}");
    fake_post(&f, "/v1/completions", "{'prompt':'a','logprobs':2,'stream':true}");
    fake_play(&f, 0, script);
    fake_has(&f, "'text':'x','logprobs':{'tokens':['x'],'token_logprobs':[-1],'top_logprobs':[{}],"
                 "'text_offset':[1]}");
    /* those of a repeated prompt too; nothing stands before its first token */
    fake_post(&f, "/v1/completions", "{'prompt':'ab','logprobs':0,'echo':true}");
    fake_play(&f, 0,
              "begin\nprompt 0 19\ntoken nan a\ntoken -2 b\nsay ab\ntoken -1 x\nsay x\ndone eos");
    fake_has(&f, "'text':'abx','logprobs':{'tokens':['a','b','x'],'token_logprobs':[null,-2,-1],"
                 "'top_logprobs':[{},{},{}],'text_offset':[0,1,2]}");
    fake_close(&f);
}

/* Vectors as numbers and as base64, in the order of the inputs. */
static void embeddings(void **state)
{
    static const float a[] = { 1.0F, -0.5F, 0.1F }, b[] = { 0.25F, 3.0F, -2.0F };
    struct job_done d = { 0 };
    struct job_event ev;
    struct fake f;

    (void)state;
    fake_open(&f);
    for (int base64 = 0; base64 < 2; base64++) {
        fake_post(&f, "/v1/embeddings",
                  base64 ? "{'model':'nomic-embed','input':['x',[1,2]],'encoding_format':'base64'}"
                         : "{'model':'nomic-embed','input':['x',[1,2]],'dimensions':3}");
        assert_true(f.jobs[0].target.wants_embeddings);
        if (!base64)
            assert_string_equal(fake_job(&f, 0), "{'kind':2,'n_dimension':3,'inputs':['x',[1,2]]}");
        fake_play(&f, 0, "begin");
        ev = (struct job_event){
            .kind = JOB_EV_VECTOR, .input = 1, .vector = b, .n_vector = 3, .n_input_tok = 2
        };
        fake_event(&f, 0, &ev);
        ev = (struct job_event){
            .kind = JOB_EV_VECTOR, .vector = a, .n_vector = 3, .n_input_tok = 4
        };
        fake_event(&f, 0, &ev);
        ev = (struct job_event){ .kind = JOB_EV_DONE, .done = &d, .is_last = true };
        fake_event(&f, 0, &ev);
        fake_is(&f, base64 ? "{'object':'list','data':[{'object':'embedding','index':0,"
                             "'embedding':'AACAPwAAAL/NzMw9'},{'object':'embedding','index':1,"
                             "'embedding':'AACAPgAAQEAAAADA'}],'model':'qwen/qwen3-8b',"
                             "'usage':{'prompt_tokens':6,'total_tokens':6}}"
                           : "{'object':'list','data':[{'object':'embedding','index':0,"
                             "'embedding':[1,-0.5,0.1]},{'object':'embedding','index':1,"
                             "'embedding':[0.25,3,-2]}],'model':'qwen/qwen3-8b',"
                             "'usage':{'prompt_tokens':6,'total_tokens':6}}");
    }
    fake_close(&f);
}

/* What completions and embeddings refuse. */
static void refusals(void **state)
{
    static const struct {
        const char *path, *body, *param;
    } cases[] = {
        { "/v1/completions", "{}", "prompt" },
        { "/v1/completions", "{'prompt':3}", "prompt" },
        { "/v1/completions", "{'prompt':[]}", "prompt" },
        { "/v1/completions", "{'prompt':['a',3]}", "prompt[1]" },
        { "/v1/completions", "{'prompt':[1,-2]}", "prompt[1]" },
        { "/v1/completions", "{'prompt':['a',[1,'b']]}", "prompt[1][1]" },
        { "/v1/completions", "{'prompt':'a','suffix':'b'}", "suffix" },
        { "/v1/completions", "{'prompt':'a','best_of':2}", "best_of" },
        { "/v1/completions", "{'prompt':'a','logprobs':21}", "logprobs" },
        { "/v1/embeddings", "{}", "input" },
        { "/v1/embeddings", "{'input':'a','encoding_format':'hex'}", "encoding_format" },
        { "/v1/embeddings", "{'input':'a','dimensions':0}", "dimensions" },
        { "/v1/embeddings", "{'input':{}}", "input" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_refuses(&f, cases[i].path, cases[i].body, 400, cases[i].param, NULL);
    }
    fake_close(&f);
}

/* What a worker finds wrong is told with the field's name in each API, as what the server itself
 * finds is. */
static void failures(void **state)
{
    static const struct {
        const char *path, *body, *script, *has;
    } cases[] = {
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}", "invalid@bias",
          "'param':'logit_bias'" },
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}", "invalid@shape",
          "'param':'response_format'" },
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}", "invalid@model",
          "'param':'model'" },
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}", "invalid x",
          "'param':null" },
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}", "context@prompt",
          "'param':'messages','code':'context_length_exceeded'" },
        { "/v1/chat/completions", "{'messages':[{'role':'user','content':'a'}]}",
          "invalid@variables", "'param':'chat_template_kwargs'" },
        { "/v1/completions", "{'prompt':'a'}", "invalid@prompt", "'param':'prompt'" },
        { "/v1/embeddings", "{'input':'a'}", "invalid@dimension", "'param':'dimensions'" },
        { "/v1/embeddings", "{'input':'a'}", "context@prompt", "'param':'input'" },
        { "/v1/responses", "{'input':'a'}", "invalid@shape", "'param':'text.format'" },
        { "/v1/responses", "{'input':'a'}", "invalid@tools", "'param':'tools'" },
        { "/v1/messages", "{'messages':[{'role':'user','content':'a'}]}", "invalid@stops why",
          "'message':'stop_sequences: why'" },
        { "/v1/messages/count_tokens", "{'messages':[{'role':'user','content':'a'}]}",
          "invalid@prompt why", "'message':'messages: why'" },
        { "/api/v1/chat", "{'model':'qwen/qwen3-8b','input':'a'}", "invalid@prompt",
          "'param':'input'" },
        { "/v1/rerank", "{'query':'a','documents':['b']}", "context@prompt",
          "'param':'documents'" },
        { "/tokenize", "{'content':'a'}", "invalid@prompt", "'param':'content'" },
        { "/detokenize", "{'tokens':[1]}", "invalid@prompt", "'param':'tokens'" },
    };
    struct fake f;

    (void)state;
    fake_open(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char script[80];

        (void)snprintf(script, sizeof(script), "fail %s", cases[i].script);
        fake_post(&f, cases[i].path, cases[i].body);
        fake_play(&f, 0, script);
        assert_int_equal(f.q.status, 400);
        fake_has(&f, cases[i].has);
    }
    fake_close(&f);
}

/* No body is so large that parsing it would keep everybody else waiting for long. */
static void bodies_are_bounded(void **state)
{
    const struct route_table *const tables[] = { &routes_openai, &routes_responses,
                                                 &routes_anthropic, &routes_native, &routes_extra };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (uint32_t k = 0; k < tables[i]->n; k++)
            assert_true(tables[i]->at[k].body_max <= 16U << 20);
    }
}

/* /api/v0: the same answers with statistics, facts of the model and of the engine. */
static void beta(void **state)
{
    struct fake f;

    (void)state;
    fake_open(&f);
    fake_send(&f, HTTP_GET, "/api/v0/models/qwen/qwen3-8b", NULL);
    fake_is(&f,
            "{'id':'qwen/qwen3-8b','object':'model','type':'llm','publisher':'qwen',"
            "'arch':'qwen3','compatibility_type':'gguf','quantization':'Q4_K_M','state':'loaded',"
            "'max_context_length':40960,'loaded_context_length':8192,'capabilities':['tool_use']}");
    fake_send(&f, HTTP_GET, "/api/v0/models", NULL);
    fake_has(&f, "'state':'not-loaded'");
    fake_post(&f, "/api/v0/chat/completions", "{'messages':[{'role':'user','content':'Hi'}]}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\ndone eos");
    fake_has(&f, USAGE "," STATS);
    fake_post(&f, "/api/v0/chat/completions",
              "{'stream':true,'messages':[{'role':'user','content':'Hi'}]}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\ndone eos");
    fake_has(&f,
             "'delta':{},'logprobs':null,'finish_reason':'stop'}]," STATS "}\n\ndata: [DONE]\n\n");
    fake_post(&f, "/api/v0/completions", "{'prompt':'a'}");
    fake_play(&f, 0, "begin\nprompt 0 19\nsay a\ndone eos");
    fake_has(&f, USAGE "," STATS);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models),
        cmocka_unit_test(model),
        cmocka_unit_test(completion),
        cmocka_unit_test(completions),
        cmocka_unit_test(completion_probs),
        cmocka_unit_test(embeddings),
        cmocka_unit_test(refusals),
        cmocka_unit_test(failures),
        cmocka_unit_test(bodies_are_bounded),
        cmocka_unit_test(beta),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
