/* Proves: for any sequence of events and any cutting of its text, a stream's pieces joined are what
 * the same events give unstreamed, in every dialect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/json.h"
#include "serve/write_int.h"
#include "unit/serve/fake.h"

#define ROUNDS 150U

/* ---- random scripts ---- */
static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % n;
}

/* Text in lines of a verb, cut at any byte. */
static void add_text(struct buf *b, const char *verb, const char *text)
{
    size_t n = strlen(text), at = 0;

    while (at < n) {
        size_t len = 1 + random_below(7);

        (void)buf_addf(b, "%s ", verb);
        for (size_t i = at; i < n && i < at + len; i++)
            (void)buf_addf(b, "\\x%02x", (unsigned char)text[i]);
        (void)buf_addc(b, '\n');
        at += len;
    }
}

static void add_call(struct buf *b, uint32_t i, bool is_cut)
{
    static const char *const args[] = { "{}", "{\"a\":1}",
                                        "{\"a\":\"\xC3\xA9\xE2\x82\xAC\",\"b\":[1,2,{\"c\":null}]}",
                                        "" };
    const char *text = args[random_below(COUNT_OF(args))];
    char verb[32];

    (void)buf_addf(b, "call %u f id%u\n", i, i);
    (void)snprintf(verb, sizeof(verb), "args %u", i);
    add_text(b, verb, is_cut ? "{\"a\":[1" : text);
    (void)buf_addf(b, "%s %u\n", is_cut ? "cut" : "end", i);
}

static void random_script(struct buf *b, bool calls)
{
    static const char *const texts[] = {
        "Hello", " w\xC3\xB6rld",  "\xE2\x82\xAC 5 \xF0\x9F\x98\x80!",
        "\n\n",  "\"quoted\" \\ ", "<b>",
        "a",
    };
    static const char *const ends[] = { "done eos", "done stop END", "done length",
                                        "done context" };
    uint32_t n = random_below(9), n_call = 0;
    bool is_cut = calls && random_below(4) == 0;

    buf_clear(b);
    (void)buf_adds(b, "begin\nprompt 5 19\nprompt 19 19\n");
    for (uint32_t i = 0; i < n; i++) {
        switch (random_below(calls ? 3 : 2)) {
        case 0:
            add_text(b, "think", texts[random_below(COUNT_OF(texts))]);
            break;
        case 1:
            add_text(b, "say", texts[random_below(COUNT_OF(texts))]);
            break;
        default:
            add_call(b, n_call++, false);
            break;
        }
    }
    if (is_cut)
        add_call(b, n_call, true);
    (void)buf_adds(b, is_cut ? "done length" : ends[random_below(COUNT_OF(ends))]);
}

/* ---- joined streams ---- */
typedef void (*record_fn)(void *arg, const char *type, const struct js *data);

static void each_record(const struct buf *stream, record_fn fn, void *arg)
{
    for (const char *at = strstr(buf_str(stream), "data: "); at; at = strstr(at + 1, "\ndata: ")) {
        const char *from = strstr(at, "data: ") + 6;
        size_t len = strcspn(from, "\n");
        struct js *j = NULL;

        if (strncmp(from, "[DONE]", 6) == 0)
            return;
        assert_int_equal(js_parse(&j, from, len, NULL), ERR_OK);
        fn(arg, js_str(js_get(j, "type"), NULL), j);
        js_close(j);
    }
}

static void add_str(struct buf *b, const struct js *v)
{
    size_t len;
    const char *s = js_str(v, &len);

    if (s)
        (void)buf_add(b, s, len);
}

static void value_text(const struct js *v, struct buf *b)
{
    struct jsonw w;

    buf_clear(b);
    jsonw_init(&w, b);
    jsonw_js(&w, v);
}

/* One line an item: its kind, its name, its text, joined from deltas or taken from the whole. */
struct joined {
    struct buf text, last;
    char kind[32];
};

static void joined_init(struct joined *j)
{
    buf_init(&j->text, MEM_OTHER, 1U << 24);
    buf_init(&j->last, MEM_OTHER, 1U << 24);
    j->kind[0] = '\0';
}

static void joined_finish(struct joined *j)
{
    buf_finish(&j->text);
    buf_finish(&j->last);
}

static void joined_flush(struct joined *j)
{
    if (j->kind[0])
        (void)buf_addf(&j->text, "%s:%s\n", j->kind, buf_str(&j->last));
    j->kind[0] = '\0';
    buf_clear(&j->last);
}

static void joined_begin(struct joined *j, const char *kind)
{
    joined_flush(j);
    (void)snprintf(j->kind, sizeof(j->kind), "%s", kind);
}

/* ---- chat completions: content, thoughts and calls, each in one ---- */
struct chat_sum {
    struct buf content, thoughts, calls;
    char finish[32];
};

static void chat_init(struct chat_sum *s)
{
    buf_init(&s->content, MEM_OTHER, 1U << 24);
    buf_init(&s->thoughts, MEM_OTHER, 1U << 24);
    buf_init(&s->calls, MEM_OTHER, 1U << 24);
    s->finish[0] = '\0';
}

static void chat_finish(struct chat_sum *s)
{
    buf_finish(&s->content);
    buf_finish(&s->thoughts);
    buf_finish(&s->calls);
}

static void chat_add(struct chat_sum *s, const struct js *choice, const struct js *m)
{
    const struct js *calls = js_get(m, "tool_calls");
    const char *finish = js_str(js_get(choice, "finish_reason"), NULL);

    add_str(&s->content, js_get(m, "content"));
    add_str(&s->thoughts, js_get(m, "reasoning_content"));
    for (size_t i = 0; i < js_len(calls); i++) {
        const struct js *f = js_get(js_at(calls, i), "function");

        if (js_get(js_at(calls, i), "id")) {
            (void)buf_adds(&s->calls, "\n");
            add_str(&s->calls, js_get(js_at(calls, i), "id"));
            add_str(&s->calls, js_get(f, "name"));
        }
        add_str(&s->calls, js_get(f, "arguments"));
    }
    if (finish)
        (void)snprintf(s->finish, sizeof(s->finish), "%s", finish);
}

static void chat_record(void *arg, const char *type, const struct js *data)
{
    const struct js *choice = js_at(js_get(data, "choices"), 0);

    (void)type;
    chat_add(arg, choice, js_get(choice, "delta"));
}

static void compare_chat(struct fake *f, const struct js *whole)
{
    const struct js *choice = js_at(js_get(whole, "choices"), 0);
    struct chat_sum once, streamed;

    chat_init(&once);
    chat_init(&streamed);
    chat_add(&once, choice, js_get(choice, "message"));
    each_record(&f->q.out, chat_record, &streamed);
    assert_string_equal(buf_str(&once.content), buf_str(&streamed.content));
    assert_string_equal(buf_str(&once.thoughts), buf_str(&streamed.thoughts));
    assert_string_equal(buf_str(&once.calls), buf_str(&streamed.calls));
    assert_string_equal(once.finish, streamed.finish);
    chat_finish(&once);
    chat_finish(&streamed);
}

/* ---- messages: blocks ---- */
/* What is no whole object (an answer cut off) is an empty one in the unstreamed message. */
static void mend_input(struct buf *b)
{
    struct js *j = NULL;

    if (js_parse(&j, buf_str(b), b->len, NULL)) {
        buf_clear(b);
        (void)buf_adds(b, "{}");
    }
    js_close(j);
}

static void block_record(void *arg, const char *type, const struct js *data)
{
    static const char *const pieces[] = { "text", "thinking", "partial_json" };
    struct joined *j = arg;
    const struct js *delta = js_get(data, "delta");

    if (strcmp(type, "content_block_start") == 0)
        joined_begin(j, js_str(js_get(js_get(data, "content_block"), "type"), NULL));
    for (size_t i = 0; strcmp(type, "content_block_delta") == 0 && i < COUNT_OF(pieces); i++)
        add_str(&j->last, js_get(delta, pieces[i]));
    if (strcmp(type, "content_block_stop") == 0 && strcmp(j->kind, "tool_use") == 0)
        mend_input(&j->last);
    if (strcmp(type, "message_delta") == 0) {
        joined_begin(j, "end");
        add_str(&j->last, js_get(delta, "stop_reason"));
        add_str(&j->last, js_get(delta, "stop_sequence"));
    }
}

static void compare_messages(struct fake *f, const struct js *whole)
{
    const struct js *content = js_get(whole, "content");
    struct joined once, streamed;
    struct buf input;

    buf_init(&input, MEM_OTHER, 1U << 20);
    joined_init(&once);
    joined_init(&streamed);
    each_record(&f->q.out, block_record, &streamed);
    joined_flush(&streamed);
    for (size_t i = 0; i < js_len(content); i++) {
        const struct js *block = js_at(content, i);
        const char *type = js_str(js_get(block, "type"), NULL);

        joined_begin(&once, type);
        add_str(&once.last, js_get(block, "text"));
        add_str(&once.last, js_get(block, "thinking"));
        value_text(js_get(block, "input"), &input);
        if (strcmp(type, "tool_use") == 0)
            (void)buf_add(&once.last, input.data, input.len);
    }
    joined_begin(&once, "end");
    add_str(&once.last, js_get(whole, "stop_reason"));
    add_str(&once.last, js_get(whole, "stop_sequence"));
    joined_flush(&once);
    assert_string_equal(buf_str(&once.text), buf_str(&streamed.text));
    joined_finish(&once);
    joined_finish(&streamed);
    buf_finish(&input);
}

/* ---- responses: deltas, and the last record's response ---- */
struct response_sum {
    struct joined joined;
    struct buf output;
    char status[32];
};

static void response_record(void *arg, const char *type, const struct js *data)
{
    struct response_sum *s = arg;
    const struct js *response = js_get(data, "response");

    if (strcmp(type, "response.output_item.added") == 0)
        joined_begin(&s->joined, js_str(js_get(js_get(data, "item"), "id"), NULL));
    add_str(&s->joined.last, js_get(data, "delta"));
    if (response) {
        value_text(js_get(response, "output"), &s->output);
        (void)snprintf(s->status, sizeof(s->status), "%s",
                       js_str(js_get(response, "status"), NULL));
    }
}

static void compare_responses(struct fake *f, const struct js *whole)
{
    const struct js *output = js_get(whole, "output");
    struct response_sum streamed;
    struct joined once;
    struct buf text;

    joined_init(&once);
    joined_init(&streamed.joined);
    buf_init(&streamed.output, MEM_OTHER, 1U << 24);
    buf_init(&text, MEM_OTHER, 1U << 24);
    each_record(&f->q.out, response_record, &streamed);
    joined_flush(&streamed.joined);
    for (size_t i = 0; i < js_len(output); i++) {
        const struct js *item = js_at(output, i);

        joined_begin(&once, js_str(js_get(item, "id"), NULL));
        add_str(&once.last, js_get(js_at(js_get(item, "content"), 0), "text"));
        add_str(&once.last, js_get(item, "arguments"));
    }
    joined_flush(&once);
    assert_string_equal(buf_str(&once.text), buf_str(&streamed.joined.text));
    value_text(output, &text);
    assert_string_equal(buf_str(&text), buf_str(&streamed.output));
    assert_string_equal(js_str(js_get(whole, "status"), NULL), streamed.status);
    joined_finish(&once);
    joined_finish(&streamed.joined);
    buf_finish(&streamed.output);
    buf_finish(&text);
}

/* ---- native: deltas, and the result ---- */
static void native_record(void *arg, const char *type, const struct js *data)
{
    struct response_sum *s = arg;

    if (strcmp(type, "message.start") == 0 || strcmp(type, "reasoning.start") == 0)
        joined_begin(&s->joined, type[0] == 'm' ? "message" : "reasoning");
    add_str(&s->joined.last, js_get(data, "content"));
    if (strcmp(type, "chat.end") == 0)
        value_text(js_get(data, "result"), &s->output);
}

static void compare_native(struct fake *f, const struct js *whole)
{
    const struct js *output = js_get(whole, "output");
    struct response_sum streamed;
    struct joined once;
    struct buf text;

    joined_init(&once);
    joined_init(&streamed.joined);
    buf_init(&streamed.output, MEM_OTHER, 1U << 24);
    buf_init(&text, MEM_OTHER, 1U << 24);
    each_record(&f->q.out, native_record, &streamed);
    joined_flush(&streamed.joined);
    for (size_t i = 0; i < js_len(output); i++) {
        joined_begin(&once, js_str(js_get(js_at(output, i), "type"), NULL));
        add_str(&once.last, js_get(js_at(output, i), "content"));
    }
    joined_flush(&once);
    assert_string_equal(buf_str(&once.text), buf_str(&streamed.joined.text));
    value_text(whole, &text);
    assert_string_equal(buf_str(&text), buf_str(&streamed.output));
    joined_finish(&once);
    joined_finish(&streamed.joined);
    buf_finish(&streamed.output);
    buf_finish(&text);
}

/* ---- the property ---- */
static void ask(struct fake *f, const char *path, const char *fields, bool stream,
                const char *script)
{
    char body[512];

    (void)snprintf(body, sizeof(body), "{%s,'stream':%s}", fields, stream ? "true" : "false");
    f->n_id = 0; /* the same ids both times */
    fake_post(f, path, body);
    assert_int_equal(f->n_job, 1);
    fake_play(f, 0, script);
    fake_store_run(f);
    assert_int_equal(f->q.status, 200);
    assert_true(f->q.ended);
}

static void check(const char *path, const char *fields, bool calls,
                  void (*compare)(struct fake *f, const struct js *whole))
{
    struct buf script;
    struct fake f;

    seed = 1;
    fake_open(&f);
    buf_init(&script, MEM_OTHER, 1U << 20);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct js *whole = NULL;

        random_script(&script, calls);
        ask(&f, path, fields, false, buf_str(&script));
        assert_int_equal(js_parse(&whole, f.q.out.data, f.q.out.len, NULL), ERR_OK);
        ask(&f, path, fields, true, buf_str(&script));
        compare(&f, whole);
        js_close(whole);
    }
    buf_finish(&script);
    fake_close(&f);
}

static void chat(void **state)
{
    (void)state;
    check("/v1/chat/completions",
          "'messages':[{'role':'user','content':'Hi'}],"
          "'tools':[{'type':'function','function':{'name':'f'}}]",
          true, compare_chat);
}

static void messages(void **state)
{
    (void)state;
    check("/v1/messages",
          "'messages':[{'role':'user','content':'Hi'}],'tools':[{'name':'f','input_schema':{}}]",
          true, compare_messages);
}

static void responses(void **state)
{
    (void)state;
    check("/v1/responses", "'input':'Hi','store':false,'tools':[{'type':'function','name':'f'}]",
          true, compare_responses);
}

static void native(void **state)
{
    (void)state;
    check("/api/v1/chat", "'model':'qwen/qwen3-8b','input':'Hi','store':false", false,
          compare_native);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chat),
        cmocka_unit_test(messages),
        cmocka_unit_test(responses),
        cmocka_unit_test(native),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
