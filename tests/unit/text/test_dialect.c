/* Proves: answers in every dialect are cut into thoughts, text and calls as expected, and the
 * joined events do not depend on how the answer was streamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/dialect.h"

/* What came out, as text: T(thought) C(content) <index:name/id>arguments and then . (whole), ~ (cut
 * off) or ! (dropped). */
struct seen {
    struct buf out;
    int kind;
    uint32_t index;
};

static void on_event(void *arg, const struct dialect_event *ev)
{
    struct seen *s = arg;
    bool text = ev->kind == DIALECT_REASONING || ev->kind == DIALECT_CONTENT;

    if (s->kind != (int)ev->kind && (s->kind == DIALECT_REASONING || s->kind == DIALECT_CONTENT))
        (void)buf_addc(&s->out, ')');
    if (text && s->kind != (int)ev->kind)
        (void)buf_adds(&s->out, ev->kind == DIALECT_REASONING ? "T(" : "C(");
    if (ev->kind == DIALECT_CALL_BEGIN)
        (void)buf_addf(&s->out, "<%u:%s/%s>", ev->index, ev->name, ev->id);
    if (text || ev->kind == DIALECT_CALL_ARGS)
        (void)buf_add(&s->out, ev->text, ev->len);
    if (ev->kind == DIALECT_CALL_END)
        (void)buf_addc(&s->out, '.');
    if (ev->kind == DIALECT_CALL_CUT)
        (void)buf_addc(&s->out, '~');
    if (ev->kind == DIALECT_CALL_DROP)
        (void)buf_addc(&s->out, '!');
    s->kind = (int)ev->kind;
}

struct sample {
    const char *dialect, *reasoning, *prompt, *text, *expected;
    bool truncated;
};

static struct js *tools;
static bool offers_none; /* as found in a template that knows calls, but offers no tools */

/* Feeds the sample in pieces that end at a, b and the end. */
static void run(const struct sample *x, size_t a, size_t b, struct buf *out)
{
    size_t len = strlen(x->text);
    struct dialect d = { .row = dialect_named(x->dialect),
                         .reasoning = { .row = reasoning_named(x->reasoning) },
                         .both = offers_none };
    struct seen seen = { .kind = -1 };
    struct dialect_params p = { .dialect = &d,
                                .calls = true,
                                .reasoning = true,
                                .tools = tools,
                                .prompt = x->prompt,
                                .prompt_len = x->prompt ? strlen(x->prompt) : 0,
                                .on_event = on_event,
                                .arg = &seen };
    struct dialect_stream *s = NULL;

    assert_non_null(d.row);
    buf_init(&seen.out, MEM_OTHER, 1U << 20);
    assert_int_equal(dialect_stream_open(&s, &p, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, x->text, a, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, x->text + a, b - a, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, x->text + b, len - b, NULL), ERR_OK);
    assert_int_equal(dialect_end(s, x->truncated, NULL), ERR_OK);
    dialect_stream_close(s);
    if (seen.kind == DIALECT_REASONING || seen.kind == DIALECT_CONTENT)
        (void)buf_addc(&seen.out, ')');
    *out = seen.out;
}

#define BOTH "{\"a\": \"x\", \"n\": {\"k\": [1, 2.5e3, true, null]}}"
static const struct sample samples[] = {
    /* hermes: one, text around, thought before, several, empty and nested arguments */
    { "hermes", "think", "", "Hi there.", "C(Hi there.)", false },
    { "hermes", "think", "", " a < b <tool <t", "C( a < b <tool <t)", false },
    { "hermes", "think", "<think>\n",
      "Hm.\n</think>\n\nLet me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": " BOTH
      "}\n</tool_call>",
      "T(Hm.)C(Let me see.)<0:f/>" BOTH ".", false },
    { "hermes", "think", "",
      "<think>\nOne\n\ntwo "
      "</think>\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</"
      "tool_call>\n<tool_call>\n{\"arguments\": {\"q\": \"\\u00fc \xc3\xbc \\\"\"}, \"name\": "
      "\"g\"}\n</tool_call> Done.",
      "T(One\n\ntwo)<0:f/>{}.<1:g/>{\"q\": \"\\u00fc \xc3\xbc \\\"\"}.C(Done.)", false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\"}</tool_call>", "<0:f/>{}.", false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":null}</tool_call>", "<0:f/>{}.",
      false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}</tool_call>",
      "<0:f/>{\"a\": 1}.", false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"id\":7,\"arguments\":{\"a\":1}}</tool_call>",
      "<0:f/7>{\"a\":1}.", false },
    { "hermes", "", "",
      "<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}},"
      "\"x\":1}</tool_call>",
      "<0:f/>{\"a\":1}.", false },
    { "hermes", "", "",
      "x <tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"l1\nl2\"}}</tool_call>",
      "C(x)<0:f/>{\"a\":\"l1\\nl2\"}.", false },
    /* broken ones come back as they were, cut ones end where they were cut */
    { "hermes", "", "", "x\n<tool_call>nothing</tool_call> y",
      "C(x\n<tool_call>nothing</tool_call> y)", false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":tru}}</tool_call>",
      "<0:f/>{\"a\":tru!C(<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":tru}}</tool_call>)",
      false },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":\"bc",
      "<0:f/>{\"a\":\"bc~", true },
    { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}", "<0:f/>{\"a\":1}.",
      true },
    { "hermes", "", "", "<tool_call>{\"na", "C(<tool_call>{\"na)", true },
    { "hermes", "think", "", "<think>endless", "T(endless)", true },
    { "hermes", "think", "", "Say <think> aloud", "C(Say <think> aloud)", false },
    /* xml */
    { "qwen3-coder", "think", "",
      "Ok.\n\n<tool_call>\n<function=typed>\n<parameter=s>\n12\n</parameter>\n<parameter=i>\n12\n</"
      "parameter>\n<parameter=o>\n{\"a\": [1]}\n</parameter>\n<parameter=u>\nl1\n\"l2\" "
      "<b>\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=g>\n</function>\n</"
      "tool_call>",
      "C(Ok.)<0:typed/>{\"s\": \"12\", \"i\": 12, \"o\": {\"a\": [1]}, \"u\": \"l1\\n\\\"l2\\\" "
      "<b>\"}.<1:g/>{}.",
      false },
    { "qwen3-coder", "", "", "<tool_call>\n<function=typed>\n<parameter=s>\nab",
      "<0:typed/>{\"s\": \"ab~", true },
    { "seed", "seed", "",
      "<seed:think>h</"
      "seed:think><seed:tool_call>\n<function=f>\n<parameter=location>Z\xc3\xbcrich</parameter>\n</"
      "function>\n</seed:tool_call>",
      "T(h)<0:f/>{\"location\": \"Z\xc3\xbcrich\"}.", false },
    { "minimax", "think", "<think>\n",
      "h</think>\n\n<minimax:tool_call>\n<invoke name=\"f\">\n<parameter "
      "name=\"a\">1</parameter>\n</invoke>\n<invoke name=\"g\">\n</invoke>\n</minimax:tool_call>",
      "T(h)<0:f/>{\"a\": \"1\"}.<1:g/>{}.", false },
    { "deepseek-dsml", "", "",
      "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" "
      "string=\"true\">1</｜DSML｜parameter>\n<｜DSML｜parameter name=\"b\" "
      "string=\"false\">[1]</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
      "<0:f/>{\"a\": \"1\", \"b\": [1]}.", false },
    { "minicpm", "", "",
      "<function name=\"f\"><param name=\"a\"><![CDATA[x < y ]] </param>]]></param></function>",
      "<0:f/>{\"a\": \"x < y ]] </param>\"}.", false },
    { "hunyuan", "think-opensource", "",
      "<tool_calls:opensource>\n<tool_call:opensource>f<tool_sep:opensource>\n<arg_key:opensource>"
      "a</arg_key:opensource>\n<arg_value:opensource>v</arg_value:opensource>\n</"
      "tool_call:opensource>\n</tool_calls:opensource>",
      "<0:f/>{\"a\": \"v\"}.", false },
    { "glm", "think", "",
      "<think>t</think>\n<tool_call>typed\n<arg_key>i</arg_key>\n<arg_value>5</arg_value>\n</"
      "tool_call>\n<tool_call>g\n</tool_call>",
      "T(t)<0:typed/>{\"i\": 5}.<1:g/>{}.", false },
    /* a header, then JSON */
    { "deepseek-v3", "think", "",
      "A <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{\"a\": "
      "1}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>g\n```json\n{}\n```<"
      "｜tool▁call▁end｜><｜tool▁calls▁end｜>",
      "C(A)<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "deepseek-v3.1", "think", "",
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{\"a\": "
      "1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><"
      "｜tool▁calls▁end｜>",
      "<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "kimi", "", "",
      "B<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{"
      "\"a\": "
      "1}<|tool_call_end|><|tool_call_begin|>functions.g:1<|tool_call_argument_begin|>{}<|tool_"
      "call_end|><|tool_calls_section_end|>",
      "C(B)<0:f/functions.f:0>{\"a\": 1}.<1:g/functions.g:1>{}.", false },
    { "solar", "", "",
      "<|tool_calls|><|tool_call:begin|>id7<|tool_call:name|>f<|tool_call:args|>{\"a\":1}<|tool_"
      "call:end|><|calls|>",
      "<0:f/id7>{\"a\":1}.", false },
    { "mistral-args", "mistral", "",
      "[THINK]t[/THINK][TOOL_CALLS]f[CALL_ID]abc[ARGS]{\"a\": 1}[TOOL_CALLS]g[ARGS]{}",
      "T(t)<0:f/abc>{\"a\": 1}.<1:g/>{}.", false },
    { "mistral-args", "", "", "[TOOL_CALLS]f{\"a\": 1}", "<0:f/>{\"a\": 1}.", false },
    { "functionary", "", "", "<function=f>{\"a\": 1}</function>", "<0:f/>{\"a\": 1}.", false },
    { "functionary-v3.2", "", "x>>>", "all\nHello\n>>>f\n{\"a\": 1}", "C(Hello)<0:f/>{\"a\": 1}.",
      false },
    { "harmony", "harmony", "",
      "<|channel|>analysis<|message|>think < "
      "a<|end|><|start|>assistant<|channel|>commentary<|message|>First.<|end|><|start|>assistant<|"
      "channel|>commentary to=functions.f <|constrain|>json<|message|>{\"a\": 1}<|call|>",
      "T(think < a)C(First.)<0:f/>{\"a\": 1}.", false },
    { "harmony", "harmony", "", " to=functions.f<|channel|>commentary json<|message|>{}<|call|>",
      "<0:f/>{}.", false },
    { "harmony", "harmony", "",
      "<|channel|>analysis<|message|>t<|end|><|start|>assistant<|channel|>final<|message|>Answer."
      "\n",
      "T(t)C(Answer.\n)", false },
    { "harmony", "harmony", "",
      "<|channel|>analysis<|message|>t<|start|>assistant to=functions.f<|message|>d|><|call|>",
      "T(t)C(<|start|>assistant to=functions.f<|message|>d|>)", false },
    { "harmony", "harmony", "", "No channels at all.", "C(No channels at all.)", false },
    /* lists of objects */
    { "mistral", "", "",
      "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"abcdefghi\"}, "
      "{\"name\": \"g\", \"arguments\": {}}]",
      "<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "mistral", "", "",
      "[TOOL_CALLS] [{\"id\": \"abcdefghi\", \"name\": \"f\", \"arguments\": {}}] ok",
      "<0:f/abcdefghi>{}.C(ok)", false },
    { "nemotron", "think", "", "<TOOLCALL>[{\"name\": \"f\", \"arguments\": {}}]</TOOLCALL>",
      "<0:f/>{}.", false },
    { "apriel", "apriel", "",
      "Here are my reasoning steps:\nt\n[BEGIN FINAL RESPONSE]\nA.\n<tool_calls>[{\"name\": \"f\", "
      "\"arguments\": {}, \"id\": \"1\"}]</tool_calls>\n[END FINAL RESPONSE]",
      "T(t)C(A.)<0:f/>{}.", false },
    { "apertus", "inner", "",
      "<|inner_prefix|>t<|inner_suffix|><|tools_prefix|>[{\"f\": {\"a\": 1}}, {\"g\": "
      "{}}]<|tools_suffix|>",
      "T(t)<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "command-r7b", "command", "",
      "<|START_THINKING|>t<|END_THINKING|><|START_ACTION|>[\n    {\"tool_call_id\": \"0\", "
      "\"tool_name\": \"f\", \"parameters\": {\"a\": 1}}\n]<|END_ACTION|>",
      "T(t)<0:f/0>{\"a\": 1}.", false },
    { "command-r", "", "",
      "Action: ```json\n[\n    {\n        \"tool_name\": \"f\",\n        \"parameters\": {\"a\": "
      "1}\n    }\n]```",
      "<0:f/>{\"a\": 1}.", false },
    { "gigachat", "", "", "function call<|role_sep|>\n{\"name\": \"f\", \"arguments\": {}}",
      "<0:f/>{}.", false },
    { "granite", "granite", "",
      "Here is my thought process: t Here is my response: <|tool_call|>[{\"name\": \"f\", "
      "\"arguments\": {}}]",
      "T(t)<0:f/>{}.", false },
    { "granite", "", "", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]<|/tool_call|>",
      "<0:f/>{}.", false },
    { "firefunction", "", "", " functools[{\"name\": \"f\", \"arguments\": {}}]", "<0:f/>{}.",
      false },
    { "llama3", "", "", "{\"name\": \"f\", \"parameters\": {\"a\": \"x\"}}",
      "<0:f/>{\"a\": \"x\"}.", false },
    { "llama3", "", "",
      "<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}}; {\"name\": "
      "\"g\", \"parameters\": {}}",
      "<0:f/>{}.<1:g/>{}.", false },
    { "llama3", "", "", "{\"name\": \"Bob\", \"age\": 3}", "C({\"name\": \"Bob\", \"age\": 3})",
      false },
    { "llama3", "", "", "{}", "C({})", false },
    { "generic", "", "",
      "[TOOL_REQUEST]{\"name\":\"f\",\"arguments\":{}}[END_TOOL_REQUEST]\n[TOOL_REQUEST]{\"name\":"
      "\"g\",\"arguments\":{}}[END_TOOL_REQUEST]",
      "<0:f/>{}.<1:g/>{}.", false },
    /* notations of their own */
    { "gemma", "gemma", "",
      "<|channel>thought\nt<channel|><|tool_call>call:f{a:<|\"|>x < "
      "\"y\"<|\"|>,n:[1,{b:true}],e:{}}<tool_call|><|tool_call>call:g{}<tool_call|>",
      "T(t)<0:f/>{\"a\": \"x < \\\"y\\\"\", \"n\": [1, {\"b\": true}], \"e\": {}}.<1:g/>{}.",
      false },
    { "lfm2", "think", "",
      "<|tool_call_start|>[f(a=\"x\", b=[1, -2.5, 'it\\'s'], c=True, d={'k': None}), "
      "g()]<|tool_call_end|>Wait.",
      "<0:f/>{\"a\": \"x\", \"b\": [1, -2.5, \"it's\"], \"c\": true, \"d\": {\"k\": "
      "null}}.<1:g/>{}.C(Wait.)",
      false },
    { "lfm2", "", "", "<|tool_call_start|>[f(a=b)]<|tool_call_end|>",
      "<0:f/>{\"a\": !C(<|tool_call_start|>[f(a=b)]<|tool_call_end|>)", false },
    /* what newer templates render, and what their models make of it */
    { "minimax-m3", "minimax-m3", "",
      "</mm:think>]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke "
      "name=\"typed\">]<]minimax[>[<s>a\n "
      "b]<]minimax[>[</s>]<]minimax[>[<o>]<]minimax[>[<x>]<]minimax[>[<item>1]<]minimax[>[</"
      "item>]<]minimax[>[<item>y]<]minimax[>[</item>]<]minimax[>[</"
      "x>]<]minimax[>[<o>]<]minimax[>[</o>]<]minimax[>[</"
      "o>]<]minimax[>[<l>]<]minimax[>[<item>2]<]minimax[>[</item>]<]minimax[>[</l>]<]minimax[>[</"
      "invoke>\n]<]minimax[>[<invoke name=\"g\">]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>",
      "<0:typed/>{\"s\": \"a\\n b\", \"o\": {\"x\": [1, \"y\"], \"o\": \"\"}, \"l\": "
      "[2]}.<1:g/>{}.",
      false },
    { "minimax-m3", "minimax-m3", "",
      "<mm:think>t</mm:think>Ok.]<]minimax[>[<tool_call>]<]minimax[>[<invoke "
      "name=\"f\">]<]minimax[>[<a>]<]minimax[>[<b>x]<]minimax[>[</c>]<]minimax[>[</"
      "a>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>",
      "T(t)C(Ok.)<0:f/>{\"a\": !C(]<]minimax[>[<tool_call>]<]minimax[>[<invoke "
      "name=\"f\">]<]minimax[>[<a>]<]minimax[>[<b>x]<]minimax[>[</c>]<]minimax[>[</"
      "a>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>)",
      false },
    { "deepseek-v4", "think", "",
      "\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" "
      "string=\"true\">1</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
      "<0:f/>{\"a\": \"1\"}.", false },
    { "kimi-k3", "kimi-k3", "<|open|>think<|sep|>",
      "t<|close|>think<|sep|><|open|>response<|sep|>Ok.<|close|>response<|sep|><|open|>tools<|sep|>"
      "<|open|>call tool=\"f\" index=\"1\"<|sep|><|open|>argument key=\"a\" "
      "type=\"string\"<|sep|>1<|close|>argument<|sep|><|open|>argument key=\"b\" "
      "type=\"array\"<|sep|>[1]<|close|>argument<|sep|><|close|>call<|sep|><|open|>call tool=\"g\" "
      "index=\"2\"<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|>",
      "T(t)C(Ok.)<0:f/>{\"a\": \"1\", \"b\": [1]}.<1:g/>{}.", false },
    { "kimi-k3", "kimi-k3", "<|open|>think<|sep|>",
      "t<|open|>response<|sep|>Ok.<|close|>response<|sep|><|close|>message<|sep|>", "T(t)C(Ok.)",
      false },
    { "atem", "atem", "<|start|>assistant",
      " to=self<|message|>Not <atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter "
      "name=\"a\">1</atem:parameter>\n</atem:invoke>\n</"
      "atem:function_calls><|eom|><|start|>assistant "
      "to=user<|message|>Ok.<|eom|><|start|>assistant "
      "to=f<|message|><atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter "
      "name=\"a\">1</atem:parameter>\n</atem:invoke>\n</atem:function_calls>",
      "T(Not <atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter "
      "name=\"a\">1</atem:parameter>\n</atem:invoke>\n</atem:function_calls>)C(Ok.)<0:f/>{\"a\": "
      "\"1\"}.",
      false },
    { "atem", "atem", "<|start|>assistant",
      " to=user<|message|>Write <atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter "
      "name=\"a\">1</atem:parameter>\n</atem:invoke>\n</atem:function_calls>",
      "C(Write <atem:function_calls>\n<atem:invoke name=\"f\">\n<atem:parameter "
      "name=\"a\">1</atem:parameter>\n</atem:invoke>\n</atem:function_calls>)",
      false },
    { "atem", "atem", "<|start|>assistant", " to=us", "", true },
    { "step3", "", "",
      "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke "
      "name=\"f\"><steptml:parameter "
      "name=\"a\">1</steptml:parameter></steptml:invoke><｜tool_call_end｜><｜tool_calls_end｜>",
      "<0:f/>{\"a\": \"1\"}.", false },
    { "functiongemma", "", "",
      "<start_function_call>call:f{a:<escape>x, \"y\"<escape>,n:2}<end_function_call>",
      "<0:f/>{\"a\": \"x, \\\"y\\\"\", \"n\": 2}.", false },
    { "olmo3", "", "", "<function_calls>\nf(a=\"x\")\ng()\n</function_calls>",
      "<0:f/>{\"a\": \"x\"}.<1:g/>{}.", false },
    { "internlm", "", "",
      "Ok.<|action_start|><|plugin|>\n{\"name\": \"f\", \"parameters\": {\"a\": 1}}<|action_end|>",
      "C(Ok.)<0:f/>{\"a\": 1}.", false },
    { "longcat", "", "",
      "<longcat_tool_call>{\"name\": \"f\", \"arguments\": {}}</longcat_tool_call>", "<0:f/>{}.",
      false },
    { "granite-20b", "", "",
      "<function_call> {\"name\": \"f\", \"arguments\": {}} <function_call> {\"name\": \"g\", "
      "\"arguments\": {}}",
      "<0:f/>{}.<1:g/>{}.", false },
    { "gigachat-3.1", "", "", "<|function_call|>{\"name\": \"f\", \"arguments\": {\"a\": 1}}",
      "<0:f/>{\"a\": 1}.", false },
    { "minicpm3", "minicpm3", "",
      "<|thought_start|>\nt\n<|thought_end|>\n<|tool_call_start|>\n```python\nf(a=\"x\",n=[1, "
      "{\"k\": null}])\ng()\n```\n<|tool_call_end|>\nOk.",
      "T(t)<0:f/>{\"a\": \"x\", \"n\": [1, {\"k\": null}]}.<1:g/>{}.C(Ok.)", false },
    { "minicpm3", "", "", "<|tool_call_start|>\n```python\nf(a=\"x", "<0:f/>{\"a\": \"x~", true },
    { "minicpm3", "", "", "```python\nf(a=1)\n```", "C(```python\nf(a=1)\n```)", false },
    { "hyperclova", "", "",
      " -> tool/function_call\n[{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", "
      "\"arguments\": {}}]<|im_end|>",
      "<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "hyperclova", "", "", "\nOk -> tool/function_call\n[]", "C(Ok -> tool/function_call\n[])",
      false },
    { "hyperclova", "", "", " -> tool/function_call\n[{\"name\": \"f\", \"arguments\": {\"a",
      "<0:f/>{\"a~", true },
    { "nemotron-mini", "", "",
      "Ok.\n<toolcall> {\"name\": \"f\", \"arguments\": {\"a\": \"\\u00fc\"}} </toolcall> "
      "<toolcall> "
      "{\"name\": \"g\", \"arguments\": {}} </toolcall>",
      "C(Ok.)<0:f/>{\"a\": \"\\u00fc\"}.<1:g/>{}.", false },
    { "nemotron-mini", "", "", "<toolcall> f(1) </toolcall>", "C(<toolcall> f(1) </toolcall>)",
      false },
    /* glm-4: the first line of a turn is the name of an offered tool, or text */
    { "glm-4", "", "", "f\n{\"a\": 1}", "<0:f/>{\"a\": 1}.", false },
    { "glm-4", "", "", "f\n\n " BOTH "", "<0:f/>" BOTH ".", false },
    { "glm-4", "", "", "\nHi there.", "C(Hi there.)", false },
    { "glm-4", "", "", "f\n{}<|assistant|>g\n{\"q\": \"\\u00fc \xc3\xbc\\n\"}",
      "<0:f/>{}.<1:g/>{\"q\": \"\\u00fc \xc3\xbc\\n\"}.", false },
    { "glm-4", "", "", "f\n{}\ng\n{}\nDone.", "<0:f/>{}.<1:g/>{}.C(Done.)", false },
    { "glm-4", "", "", "Let me see.<|assistant|>f\n{}", "C(Let me see.)<0:f/>{}.", false },
    { "glm-4", "", "", "f\n{}<|assistant|>\nDone.", "<0:f/>{}.C(Done.)", false },
    { "glm-4", "", "", "f\nis a letter.", "C(f\nis a letter.)", false },
    { "glm-4", "", "", "find f\n{}", "C(find f\n{})", false },
    { "glm-4", "", "", "h\n{\"a\": 1}", "C(h\n{\"a\": 1})", false },
    { "glm-4", "", "", "f {\"a\": 1}", "C(f {\"a\": 1})", false },
    { "glm-4", "", "", "f\n```json\n{}\n```", "C(f\n```json\n{}\n```)", false },
    { "glm-4", "", "", "Ok.\nf\n{}", "C(Ok.\nf\n{})", false },
    { "glm-4", "", "", "f", "C(f)", false },
    { "glm-4", "", "", "f\n", "C(f\n)", true },
    { "glm-4", "", "", "f\n{\"a\": [1,", "<0:f/>{\"a\": [1,~", true },
    { "glm-4", "", "", "f\n{\"a\": [1,", "<0:f/>{\"a\": [1,!C(f\n{\"a\": [1,)", false },
    { "glm-4", "", "", "f\n{a}", "<0:f/>{!C(f\n{a})", false },
    { "glm-4", "", "", "f<|assistant|>f\n{}", "C(f)<0:f/>{}.", false },
    { "glm-4", "", "", "<|assistant|><|assistant|>f\n{}", "C(<|assistant|>)<0:f/>{}.", false },
    { "glm-4", "", "", "So <|assistant|> or <|assistant|>\nx.",
      "C(So <|assistant|> or <|assistant|>\nx.)", false },
    { "glm-4", "think", "", "\n<think>t</think>\nf\n{}", "T(t)<0:f/>{}.", false },
    { "glm-4", "think", "<think>", "\nt\n</think>\n\nf\n{}", "T(t)<0:f/>{}.", false },
    { "glm-4", "think", "<think>", "\nt\n<|assistant|>f\n{}", "T(t)<0:f/>{}.", false },
    { "glm-4", "think", "<think>", "t\n<|assistant|>\nx</think>y", "T(t\n<|assistant|>\nx)C(y)",
      false },
    { "phi-4", "", "", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]<|/tool_call|>",
      "<0:f/>{}.", false },
    { "pythonic", "", "", "[f(a=1), g()]", "<0:f/>{\"a\": 1}.<1:g/>{}.", false },
    { "pythonic", "", "", "[h(a=1)] is a list", "C([h(a=1)] is a list)", false },
    { "pythonic", "", "", "<|python_start|>[f(a=None)]<|python_end|>", "<0:f/>{\"a\": null}.",
      false },
    { "llama4", "", "", "<|python_start|><|python_end|>{\"name\": \"f\", \"parameters\": {}}",
      "<0:f/>{}.", false },
    { "llama4", "", "", "<|python_start|>[f(a=True), g()]<|python_end|>",
      "<0:f/>{\"a\": true}.<1:g/>{}.", false },
    { "llama3", "", "",
      "[{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {}}]",
      "<0:f/>{}.<1:g/>{}.", false },
    { "lfm2", "", "", "<|tool_call_start|>[f(a='it's \"so\"', b = 'x' )]<|tool_call_end|>",
      "<0:f/>{\"a\": \"it's \\\"so\\\"\", \"b\": \"x\"}.", false },
    { "seed", "seed", "",
      "<seed:tool_call><function=typed><parameter=s>a\n</parameter><parameter=b>True</"
      "parameter><parameter=o>{'k': ['it\\'s', None, 1.5, ()], \"l\": "
      "\"\\x41\"}</parameter></function></seed:tool_call>",
      "<0:typed/>{\"s\": \"a\\n\", \"b\": true, \"o\": {\"k\": [\"it's\", null, 1.5, []], \"l\": "
      "\"\\u0041\"}}.",
      false },
    { "lfm2", "", "", "<|tool_call_start|>[f(a=\"x\"b=\"y\")]<|tool_call_end|>",
      "<0:f/>{\"a\": \"x\"!C(<|tool_call_start|>[f(a=\"x\"b=\"y\")]<|tool_call_end|>)", false },
    { "seed", "seed", "",
      "<seed:tool_call><function=typed><parameter=o>{'k': "
      "nobody}</parameter></function></seed:tool_call>",
      "<0:typed/>{\"o\": \"{'k': nobody}\"}.", false },
    { "qwen3-coder", "", "",
      "<tool_call>\n<function=typed>\n<parameter=n>\nnull\n</parameter>\n<parameter=n2>\n42\n</"
      "parameter>\n<parameter=v>\n{\"a\": "
      "1}\n</parameter>\n<parameter=v>\n42\n</parameter>\n<parameter=v>\n4 "
      "2\n</parameter>\n<parameter=v>\ntrue\n</parameter>\n</function>\n</tool_call>",
      "<0:typed/>{\"n\": null, \"n2\": \"42\", \"v\": {\"a\": 1}, \"v\": 42, \"v\": \"4 2\", "
      "\"v\": \"true\"}.",
      false },
    { "qwen3-coder", "", "",
      "Ok.\n<function=f>\n</function>\n</tool_call>\n<tool_call>\n<function=g>\n</function>\n</"
      "tool_call>",
      "C(Ok.)<0:f/>{}.<1:g/>{}.", false },
    { "qwen3-coder", "think", "<think>\n",
      "t\n<tool_call>\n<function=f>\n</function>\n</tool_call>", "T(t)<0:f/>{}.", false },
    { "qwen3-coder", "think", "<think>\n",
      "t\n<tool_call>\n<function=h>\n</function>\n</tool_call>\nu\n<tool_call></think>Ok.",
      "T(t\n<tool_call>\n<function=h>\n</function>\n</tool_call>\nu\n<tool_call>)C(Ok.)", false },
    { "hermes", "think", "<think>\n",
      "I may <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> or not</think>No.",
      "T(I may <tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> or not)C(No.)",
      false },
    { "kimi", "think", "",
      "<think>t<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_"
      "begin|>{}<|tool_call_end|><|tool_calls_section_end|>",
      "T(t)<0:f/functions.f:0>{}.", false },
    { "kimi", "", "",
      "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_begin|>functions."
      "g:1<|tool_call_argument_begin|>{}",
      "<0:f/functions.f:0>{}.<1:g/functions.g:1>{}.", false },
    { "command-r7b", "command", "", "<|START_TEXT|>Ok.<|END_TEXT|>", "C(Ok.)", false },
    { "gemma", "gemma", "", "<|channel>thought<channel|>Ok.<channel|>", "C(Ok.)", false },
    { "hermes", "think-answer", "", "<think>t</think>\n<answer>\nOk.</answer>", "T(t)C(Ok.)",
      false },
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Each answer, whole. */
static void test_samples(void **state)
{
    unsigned n_bad = 0;

    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct buf out;
        size_t len = strlen(samples[i].text);

        run(&samples[i], len, len, &out);
        if (strcmp(buf_str(&out), samples[i].expected) != 0) {
            printf("%s: %s\n  expected %s\n  got      %s\n", samples[i].dialect, samples[i].text,
                   samples[i].expected, buf_str(&out));
            n_bad++;
        }
        buf_finish(&out);
    }
    assert_int_equal(n_bad, 0);
}

/* Every answer with every pair of cuts gives the same joined events. */
static void test_all_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        size_t len = strlen(samples[i].text);
        struct buf whole, out;

        run(&samples[i], len, len, &whole);
        for (size_t a = 0; a <= len; a++)
            for (size_t b = a; b <= len; b += b < a + 3 || len < 60 ? 1 : 7) {
                run(&samples[i], a, b, &out);
                assert_string_equal(buf_str(&whole), buf_str(&out));
                buf_finish(&out);
            }
        buf_finish(&whole);
    }
}

/* An answer that ends anywhere: nothing crashes, whole calls stay whole, and no later byte changes
 * what an earlier one decided. */
static void test_all_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_SAMPLES; i++) {
        size_t len = strlen(samples[i].text);

        for (size_t n = 0; n <= len; n++) {
            char text[4096];
            struct sample x = samples[i];
            struct buf out;

            memcpy(text, x.text, n);
            text[n] = '\0';
            x.text = text;
            for (int truncated = 0; truncated < 2; truncated++) {
                x.truncated = truncated;
                run(&x, n, n, &out);
                buf_finish(&out);
            }
        }
    }
}

/* Every row has a sample. */
static void test_all_rows(void **state)
{
    size_t n;
    const struct dialect_row *rows = dialect_rows(&n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        bool found = false;

        for (size_t k = 0; k < N_SAMPLES; k++)
            found = found || strcmp(samples[k].dialect, rows[i].name) == 0;
        if (!found)
            printf("no sample for %s\n", rows[i].name);
        assert_true(found);
    }
}

/* The same where a first line is a call's header only when there are tools. */
static void test_no_tools_line(void **state)
{
    struct dialect d = { .row = dialect_named("glm-4") };
    struct seen seen = { .kind = -1 };
    struct dialect_params p = { .dialect = &d, .on_event = on_event, .arg = &seen };
    struct dialect_stream *s;

    (void)state;
    buf_init(&seen.out, MEM_OTHER, 1U << 20);
    assert_int_equal(dialect_stream_open(&s, &p, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, "\nf\n{}", 5, NULL), ERR_OK);
    assert_int_equal(dialect_end(s, false, NULL), ERR_OK);
    assert_string_equal(buf_str(&seen.out), "C(f\n{}");
    dialect_stream_close(s);
    buf_finish(&seen.out);
}

/* Without tools marks of calls are text. */
static void test_no_tools(void **state)
{
    struct dialect d = { .row = dialect_named("hermes") };
    struct seen seen = { .kind = -1 };
    struct dialect_params p = { .dialect = &d, .on_event = on_event, .arg = &seen };
    struct dialect_stream *s;
    static const char text[] = "<think>a</think><tool_call>{\"name\":\"f\"}</tool_call>";

    (void)state;
    buf_init(&seen.out, MEM_OTHER, 1U << 20);
    assert_int_equal(dialect_stream_open(&s, &p, NULL), ERR_OK);
    assert_int_equal(dialect_feed(s, text, strlen(text), NULL), ERR_OK);
    assert_int_equal(dialect_end(s, false, NULL), ERR_OK);
    assert_int_equal(dialect_n_call(s), 0);
    assert_memory_equal(buf_str(&seen.out) + 2, text, strlen(text));
    dialect_stream_close(s);
    buf_finish(&seen.out);
}

/* The budget says once when a thought has to end; outside of thoughts it does not count. */
static void test_budget(void **state)
{
    struct reasoning_budget b = { .n_max = 3 }, none = { 0 };

    (void)state;
    assert_false(reasoning_budget_spent(&b, true));
    assert_false(reasoning_budget_spent(&b, false));
    assert_false(reasoning_budget_spent(&b, true));
    assert_true(reasoning_budget_spent(&b, true));
    assert_false(reasoning_budget_spent(&b, true));
    assert_false(reasoning_budget_spent(&none, true));
}

/* Templates are told what they know, and nothing else. */
static void test_variables(void **state)
{
    struct reasoning r = { .vars = REASONING_ENABLE_THINKING | REASONING_EFFORT };
    struct reasoning_request q = { .mode = REASONING_OFF };
    struct buf out;
    struct jsonw w;

    (void)state;
    buf_init(&out, MEM_OTHER, 1U << 12);
    jsonw_init(&w, &out);
    jsonw_obj(&w);
    reasoning_write(&r, &q, &w);
    jsonw_obj_end(&w);
    assert_string_equal(buf_str(&out), "{\"enable_thinking\":false,\"reasoning_effort\":\"low\"}");
    buf_clear(&out);
    jsonw_init(&w, &out);
    jsonw_obj(&w);
    q.mode = REASONING_AUTO;
    reasoning_write(&r, &q, &w);
    jsonw_obj_end(&w);
    assert_string_equal(buf_str(&out), "{}");
    buf_finish(&out);
}

static void check_words(const struct reasoning *r, enum reasoning_mode mode, const char *effort,
                        const char *expected)
{
    const struct reasoning_request q = { .mode = mode, .effort = effort };
    struct buf out;
    struct jsonw w;

    buf_init(&out, MEM_OTHER, 1U << 12);
    jsonw_init(&w, &out);
    jsonw_obj(&w);
    reasoning_write(r, &q, &w);
    jsonw_obj_end(&w);
    assert_string_equal(buf_str(&out), expected);
    buf_finish(&out);
}

/* In the words that the template takes. */
static void test_words(void **state)
{
    const struct reasoning mode = { .vars = REASONING_MODE | REASONING_STRENGTH };
    const struct reasoning strict = { .vars = REASONING_EFFORT | REASONING_EFFORT_OFF,
                                      .off = "no_think",
                                      .no_medium = true };
    const struct reasoning quiet = { .vars = REASONING_EFFORT_OFF, .off = "none" };
    const struct reasoning k3 = { .vars = REASONING_THINKING_EFFORT, .no_medium = true };

    (void)state;
    check_words(&mode, REASONING_OFF, NULL,
                "{\"thinking_mode\":\"disabled\",\"reasoning_strength\":\"low\"}");
    check_words(&mode, REASONING_ON, NULL, "{\"thinking_mode\":\"enabled\"}");
    check_words(&strict, REASONING_OFF, NULL, "{\"reasoning_effort\":\"no_think\"}");
    check_words(&strict, REASONING_ON, "medium", "{\"reasoning_effort\":\"high\"}");
    check_words(&strict, REASONING_ON, NULL, "{\"reasoning_effort\":\"high\"}");
    check_words(&quiet, REASONING_OFF, NULL, "{\"reasoning_effort\":\"none\"}");
    check_words(&quiet, REASONING_AUTO, NULL, "{}");
    check_words(&k3, REASONING_ON, "medium", "{\"thinking_effort\":\"high\"}");
}

/* Where a template's text knows marks but offers no tools, calls are asked for in the generic form
 * and read in both. */
static void test_both_forms(void **state)
{
    static const struct sample in[] = {
        { "hermes", "", "", "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>", "<0:f/>{}.",
          false },
        { "hermes", "", "",
          "Ok.\n[TOOL_REQUEST]{\"name\":\"f\",\"arguments\":{}}[END_TOOL_REQUEST]\n"
          "[TOOL_REQUEST]{\"name\":\"g\",\"arguments\":{}}[END_TOOL_REQUEST]",
          "C(Ok.)<0:f/>{}.<1:g/>{}.", false },
    };

    (void)state;
    offers_none = true;
    for (size_t i = 0; i < 2; i++) {
        struct buf out;

        run(&in[i], strlen(in[i].text), strlen(in[i].text), &out);
        assert_string_equal(buf_str(&out), in[i].expected);
        buf_finish(&out);
    }
    offers_none = false;
}

int main(void)
{
    static const char json[] =
        "[{\"type\":\"function\",\"function\":{\"name\":\"typed\",\"parameters\":{\"type\":"
        "\"object\","
        "\"properties\":{\"s\":{\"type\":\"string\"},\"i\":{\"type\":\"integer\"},\"o\":{\"type\":"
        "\"object\"},\"b\":{\"type\":\"boolean\"},\"l\":{\"type\":\"array\",\"items\":{\"type\":"
        "\"integer\"}},\"n\":{\"type\":[\"string\",\"null\"]},\"n2\":{\"anyOf\":[{\"type\":"
        "\"string\"},"
        "{\"type\":\"null\"}]},\"v\":{\"oneOf\":[{\"type\":\"object\"},{\"type\":\"string\"},{"
        "\"type\":"
        "\"integer\"}]}}}}},{\"type\":\"function\",\"function\":{\"name\":\"f\"}},"
        "{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),  cmocka_unit_test(test_all_cuts),
        cmocka_unit_test(test_all_ends), cmocka_unit_test(test_all_rows),
        cmocka_unit_test(test_no_tools), cmocka_unit_test(test_no_tools_line),
        cmocka_unit_test(test_budget),   cmocka_unit_test(test_variables),
        cmocka_unit_test(test_words),    cmocka_unit_test(test_both_forms),
    };
    int failed;

    if (js_parse(&tools, json, strlen(json), NULL))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    js_close(tools);
    return failed;
}
