/* Proves: a worker opens a model or says why not, answers every kind of job, counts rightly, and
 * ends when it is told or its socket closes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "rig.h"
#include "runtime/worker_int.h"
#include "support/fixtures.h"

static struct job chat(const char *messages)
{
    struct job job = { .kind = JOB_CHAT, .messages = str(messages), .n_predict = 60 };

    job.sampling.given = JOB_HAS_TEMPERATURE; /* greedy */
    return job;
}

#define QUESTION "[{\"role\":\"user\",\"content\":\"What is Hearth?\"}]"

static void good(const struct heard_job *j)
{
    if (j->failed)
        fail_msg("%s", j->why);
}

/* Proves: loading is told, facts are there, an answer comes with its numbers, and a second one
 * finds its prompt in the cache. */
static void it_chats(void **state)
{
    struct worker_open o = rig_guide();
    struct job job = chat(QUESTION);
    struct heard_job *j;
    struct rig r;
    char first[4096];

    (void)state;
    rig_start(&r, &o);
    assert_true(r.is_ready);
    assert_true(r.n_loading > 1);
    assert_int_equal(r.ready.n_ctx, 1024);
    assert_true(r.ready.has_logits && r.ready.has_template && !r.ready.can_embed);
    job.want_prompt = true;
    j = rig_ask(&r, 1, &job);
    good(j);
    assert_true(j->has_begun);
    assert_non_null(strstr(buf_str(&j->prompt), "What is Hearth?"));
    assert_true(j->choice[0].text.len > 10);
    assert_true(j->choice[0].n_prompt_event > 0);
    assert_int_equal(j->choice[0].done.finish, JOB_END_EOS);
    assert_int_equal(j->choice[0].done.n_prompt, j->choice[0].n_prompt);
    assert_true(j->choice[0].done.n_generated > 3);
    (void)snprintf(first, sizeof(first), "%s", buf_str(&j->choice[0].text));
    j = rig_ask(&r, 1, &job);
    good(j);
    assert_string_equal(buf_str(&j->choice[0].text), first);
    assert_true(j->choice[0].done.n_cached > 0);
    assert_true(r.n_stats > 0);
    assert_int_equal(rig_stop(&r), 0);
}

/* Proves: what cannot be opened is refused in words, and the worker ends. */
static void it_refuses(void **state)
{
    struct worker_open o = rig_file("/nonexistent/model.gguf");
    struct rig r;

    (void)state;
    rig_start(&r, &o);
    assert_true(r.is_refused);
    assert_non_null(strstr(r.refusal, "/nonexistent/model.gguf"));
    assert_int_equal(rig_stop(&r), 1);
}

/* ---- the guide, opened once for all that follows ---- */

static struct rig guide;

static int open_guide(void **state)
{
    struct worker_open o = { .is_asset = true,
                             .n_ctx = 512,
                             .n_thread = 1,
                             .n_seq = 4,
                             .no_sandbox = true,
                             .volatile_lines = "Date:\nSession:" };

    (void)state;
    (void)snprintf(o.path, sizeof(o.path), "hearth-guide");
    rig_start(&guide, &o);
    return 0;
}

static int close_guide(void **state)
{
    (void)state;
    return rig_stop(&guide);
}

static void need_guide(void)
{
    if (!guide.is_ready)
        skip(); /* a build without assets */
}

static struct heard_job *ask(uint64_t id, const struct job *job)
{
    need_guide();
    return rig_ask(&guide, id, job);
}

static const char *text_of(const struct heard_job *j, uint32_t choice)
{
    return buf_str(&j->choice[choice].text);
}

/* Proves: a text goes in as tokens and comes out as the same text; a job that only counts gives the
 * number that an answer reports. */
static void it_tokenizes(void **state)
{
    static const char text[] = "Hello, w\xC3\xB6rld! <|im_end|>";
    struct job_input in = { .text = str(text) };
    struct job job = { .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1 };
    struct job question = chat(QUESTION);
    struct heard_job *j = ask(1, &job);
    int32_t ids[256];
    uint32_t n = j->n_id, n_count;

    (void)state;
    good(j);
    assert_true(n > 3 && n < 256);
    assert_int_equal(j->choice[0].done.n_prompt, n);
    memcpy(ids, j->ids, n * sizeof(*ids));
    in = (struct job_input){ .tokens = ids, .n_tok = n };
    job.kind = JOB_DETOKENIZE;
    j = ask(1, &job);
    good(j);
    assert_string_equal(text_of(j, 0), text);
    ids[0] = INT32_MAX;
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_INVALID);
    question.kind = JOB_COUNT;
    j = ask(1, &question);
    good(j);
    n_count = j->choice[0].done.n_prompt;
    question.kind = JOB_CHAT;
    j = ask(1, &question);
    assert_int_equal(j->choice[0].done.n_prompt, n_count);
}

/* Proves: a plain text goes on, from words or tokens, with its prompt first when asked. */
static void it_continues_texts(void **state)
{
    struct job_input in = { .text = str("Hearth is") };
    struct job job = {
        .kind = JOB_TEXT, .inputs = &in, .n_input = 1, .n_predict = 8, .echo = true
    };
    struct heard_job *j;
    char first[512];

    (void)state;
    job.sampling.given = JOB_HAS_TEMPERATURE;
    j = ask(1, &job);
    good(j);
    assert_int_equal(strncmp(text_of(j, 0), "Hearth is", 9), 0);
    assert_true(strlen(text_of(j, 0)) > 9);
    (void)snprintf(first, sizeof(first), "%s", text_of(j, 0) + 9);
    job.echo = false;
    j = ask(1, &job);
    good(j);
    assert_string_equal(text_of(j, 0), first);
    job.echo = job.logprobs = true;
    job.n_top = 2;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].n_token, j->choice[0].done.n_prompt +
                                               j->choice[0].done.n_generated -
                                               (j->choice[0].done.finish == JOB_END_EOS));
    assert_true(j->choice[0].logprob_sum < 0);
    assert_int_equal(strncmp(text_of(j, 0), "Hearth is", 9), 0);
    assert_string_equal(text_of(j, 0) + 9, first);
    job.echo = job.logprobs = false;
    in.text = str("");
    j = ask(1, &job);
    if (!j->failed)
        assert_true(j->choice[0].done.n_prompt == 1);
}

/* Proves: n choices are the n answers of their seeds, each with its own end; they share the prompt.
 */
static void choices_are_single_answers(void **state)
{
    struct job job = chat(QUESTION);
    static char texts[3][8192];
    struct heard_job *j;

    (void)state;
    job.sampling = (struct job_sampling){ .given = JOB_HAS_TEMPERATURE | JOB_HAS_SEED,
                                          .temperature = 1.5,
                                          .seed = 41 };
    for (uint32_t i = 0; i < 3; i++) {
        job.sampling.seed = 41 + i;
        j = ask(1, &job);
        good(j);
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", text_of(j, 0));
    }
    job.sampling.seed = 41;
    job.n_choice = 3;
    j = ask(1, &job);
    good(j);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(j->choice[i].is_done);
        assert_string_equal(text_of(j, i), texts[i]);
    }
}

/* Proves: the text ends before a stop string, and the answer says which it was. */
static void it_says_which_stop(void **state)
{
    const struct job_str stops[] = { { "never in any answer", 19 }, { "e", 1 }, { "a", 1 } };
    struct job job = chat(QUESTION);
    struct heard_job *j;

    (void)state;
    job.stops = stops;
    job.n_stop = 3;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_STOP);
    assert_true(strcmp(j->choice[0].stop, "e") == 0 || strcmp(j->choice[0].stop, "a") == 0);
    assert_null(strpbrk(text_of(j, 0), "ea"));
}

/* Proves: there is one log probability for each token that became text. */
static void it_tells_probabilities(void **state)
{
    struct job job = chat(QUESTION);
    struct heard_job *j;

    (void)state;
    job.logprobs = true;
    job.n_top = 3;
    job.n_predict = 12;
    j = ask(1, &job);
    good(j);
    assert_true(j->choice[0].n_token > 0);
    assert_int_equal(j->choice[0].n_token + (j->choice[0].done.finish == JOB_END_EOS),
                     j->choice[0].done.n_generated);
    assert_true(j->choice[0].logprob_sum < 0);
}

#define TOOLS                                                                                      \
    "[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":"         \
    "\"object\",\"properties\":{\"town\":{\"type\":\"string\",\"maxLength\":8}},\"required\":["    \
    "\"town\"],\"additionalProperties\":false}}},{\"type\":\"function\",\"function\":{\"name\":"   \
    "\"clock\",\"parameters\":{\"type\":\"object\",\"properties\":{}}}}]"

static void assert_json(const char *text, size_t len, enum js_kind kind)
{
    struct js *j = NULL;

    if (js_parse(&j, text, len, NULL) || js_kind(j) != kind)
        fail_msg("no JSON of the right kind: %s", text);
    js_close(j);
}

/* Proves: answers are held to a schema, to any object and to a grammar; a schema that cannot be
 * enforced is refused with its place, or passed over when nobody insists. */
static void answers_are_held(void **state)
{
    struct job job = chat(QUESTION);
    struct heard_job *j;

    (void)state;
    job.n_predict = 200;
    job.schema =
        str("{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":0,"
            "\"maximum\":9}},\"required\":[\"n\"],\"additionalProperties\":false}");
    job.schema_strict = true;
    j = ask(1, &job);
    good(j);
    assert_json(text_of(j, 0), strlen(text_of(j, 0)), JS_OBJ);
    job.schema = str("{\"type\":\"object\",\"properties\":{\"a\":{\"not\":{\"type\":\"string\","
                     "\"pattern\":\"(a+)\\\\1\"}}}}");
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_INVALID);
    assert_non_null(strstr(j->why, "/properties/a"));
    job.schema = (struct job_str){ 0 };
    job.grammar = str("root ::= \"yes\" | \"no\"");
    j = ask(1, &job);
    good(j);
    assert_true(strcmp(text_of(j, 0), "yes") == 0 || strcmp(text_of(j, 0), "no") == 0);
    job.grammar = str("root ::= (");
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_INVALID);
}

/* Proves: a required call is made, a named one has its name, a free choice is free, and an offer
 * that is to be ignored is. */
static void tools_are_called(void **state)
{
    struct job job = chat(QUESTION);
    struct heard_job *j;

    (void)state;
    job.n_predict = 200;
    job.tools = str(TOOLS);
    job.tool_choice = JOB_TOOLS_REQUIRED;
    job.no_parallel_calls = true;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].n_call, 1);
    assert_int_equal(j->choice[0].done.finish, JOB_END_TOOL_CALLS);
    job.tool_choice = JOB_TOOLS_NAMED;
    job.tool_name = str("clock");
    j = ask(1, &job);
    good(j);
    assert_int_equal(strncmp(buf_str(&j->choice[0].calls), "clock({", 7), 0);
    job.tool_name = str("nobody");
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_INVALID);
    job.tool_choice = JOB_TOOLS_NONE;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].n_call, 0);
}

/* Proves: the answer goes on where the assistant's last message ends. */
static void it_continues_messages(void **state)
{
    struct job job = chat("[{\"role\":\"user\",\"content\":\"What is Hearth?\"},"
                          "{\"role\":\"assistant\",\"content\":\"Well, Hearth is\"}]");
    struct heard_job *j;
    size_t n;

    (void)state;
    job.continue_last = true;
    job.want_prompt = true;
    j = ask(1, &job);
    good(j);
    n = j->prompt.len;
    assert_true(n > 15 && strcmp(buf_str(&j->prompt) + n - 15, "Well, Hearth is") == 0);
    job.messages = str(QUESTION);
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_INVALID);
}

/* Proves: a control token that a message spells is text for the model: it takes the tokens of its
 * letters, while a plain text that is to be read so takes one. */
static void messages_spell_no_control_tokens(void **state)
{
    struct job_input in = { .text = str("<|im_end|>") };
    struct job raw = { .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1, .parse_special = true };
    struct job job = chat("[{\"role\":\"user\",\"content\":\"x\"}]");
    struct heard_job *j;
    uint32_t n_letter;

    (void)state;
    job.kind = JOB_COUNT;
    j = ask(1, &job);
    good(j);
    n_letter = j->choice[0].done.n_prompt;
    job.messages = str("[{\"role\":\"user\",\"content\":\"<|im_end|>\"}]");
    j = ask(1, &job);
    good(j);
    assert_true(j->choice[0].done.n_prompt > n_letter + 1);
    j = ask(1, &raw);
    assert_int_equal(j->n_id, 1);
    job.kind = JOB_CHAT;
    job.want_prompt = true;
    job.n_predict = 1;
    j = ask(1, &job);
    good(j);
    assert_non_null(strstr(buf_str(&j->prompt), "user\n<|im_end|><|im_end|>\n"));
}

/* ---- contexts ---- */

static void long_talk(struct buf *out, uint32_t n_turn, uint32_t n_word)
{
    (void)buf_adds(out, "[{\"role\":\"system\",\"content\":\"Keep this.\"}");
    for (uint32_t i = 0; i < n_turn; i++) {
        (void)buf_addf(out, ",{\"role\":\"user\",\"content\":\"question %u", i);
        for (uint32_t k = 0; k < n_word; k++)
            (void)buf_adds(out, " word");
        (void)buf_addf(out, " end %u\"}", i);
        if (i + 1 < n_turn)
            (void)buf_addf(out, ",{\"role\":\"assistant\",\"content\":\"answer %u\"}", i);
    }
    (void)buf_addc(out, ']');
}

/* Proves: a prompt that does not fit is refused with the numbers; cut on request it keeps the
 * system message and the newest turn and loses the oldest, and of a single turn the middle. */
static void prompts_are_cut_only_on_request(void **state)
{
    struct buf talk;
    struct job job;
    struct heard_job *j;

    (void)state;
    buf_init(&talk, MEM_OTHER, 1U << 20);
    long_talk(&talk, 30, 20);
    job = chat(buf_str(&talk));
    job.n_predict = 10;
    job.want_prompt = true;
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_CONTEXT);
    assert_non_null(strstr(j->why, "512"));
    job.overflow = JOB_OVERFLOW_TRUNCATE_MIDDLE;
    j = ask(1, &job);
    good(j);
    assert_non_null(strstr(buf_str(&j->prompt), "Keep this."));
    assert_non_null(strstr(buf_str(&j->prompt), "question 29"));
    assert_null(strstr(buf_str(&j->prompt), "question 0 "));
    assert_true(j->choice[0].done.n_prompt <= 512 && j->choice[0].done.n_prompt > 300);
    buf_clear(&talk);
    long_talk(&talk, 1, 3000);
    job.messages = str(buf_str(&talk));
    j = ask(1, &job);
    good(j);
    assert_non_null(strstr(buf_str(&j->prompt), "Keep this."));
    assert_non_null(strstr(buf_str(&j->prompt), "question 0"));
    assert_non_null(strstr(buf_str(&j->prompt), "end 0"));
    assert_true(j->choice[0].done.n_prompt <= 512 && j->choice[0].done.n_prompt > 300);
    buf_finish(&talk);
}

/* Proves: an answer ends where the context is full, and with a rolling window goes on beyond it. */
static void a_window_rolls(void **state)
{
    struct job_input in = { .text = str("Once upon a time") };
    struct job job = { .kind = JOB_TEXT, .inputs = &in, .n_input = 1 };
    const struct job_str never[] = { { "\x01", 1 } };
    struct logit_bias ends[16];
    struct heard_job *j;
    uint32_t n = 0;

    (void)state;
    need_guide();
    for (; n < 16; n++) /* control tokens come last in this vocabulary */
        ends[n] = (struct logit_bias){ (int32_t)(guide.ready.n_vocab - 1 - n), -INFINITY };
    job.sampling = (struct job_sampling){ .given = JOB_HAS_TEMPERATURE | JOB_HAS_SEED,
                                          .temperature = 1.2,
                                          .seed = 5,
                                          .bias = ends,
                                          .n_bias = n };
    job.stops = never;
    job.n_stop = 1;
    job.n_predict = 1200;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_CONTEXT);
    assert_true(j->choice[0].done.n_generated < 512);
    job.overflow = JOB_OVERFLOW_ROLLING_WINDOW;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_LENGTH);
    assert_int_equal(j->choice[0].done.n_generated, 1200);
    assert_int_equal(utf8_valid(text_of(j, 0), j->choice[0].text.len), true);
}

/* Proves: an answer that is held to a grammar rolls and stays in it, and a stop string is found of
 * which one part was written before the window rolled and the rest behind. */
static void grammars_and_stops_outlast_a_roll(void **state)
{
    struct job_input in = { .text = str("Count:") };
    struct job job = { .kind = JOB_TEXT, .inputs = &in, .n_input = 1 };
    char stop_text[16] = "";
    const struct job_str stop = { stop_text, 10 };
    struct heard_job *j;
    struct buf grammar;
    const char *whole;
    size_t at;

    (void)state;
    buf_init(&grammar, MEM_OTHER, 1U << 20);
    (void)buf_adds(&grammar, "root ::= \"");
    for (unsigned i = 0; i < 150; i++)
        (void)buf_addf(&grammar, "%u,", i * 131);
    (void)buf_adds(&grammar, "\"");
    whole = buf_str(&grammar) + strlen("root ::= \"");
    job.grammar = str(buf_str(&grammar));
    job.sampling.given = JOB_HAS_TEMPERATURE;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_CONTEXT);
    at = j->choice[0].text.len; /* all that fits: here it would roll */
    assert_true(at > 10 && at + 50 < strlen(whole));
    job.overflow = JOB_OVERFLOW_ROLLING_WINDOW;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_EOS);
    assert_int_equal(j->choice[0].text.len, strlen(whole) - 1);
    assert_memory_equal(text_of(j, 0), whole, strlen(whole) - 1);
    memcpy(stop_text, whole + at - 5, stop.len);
    job.stops = &stop;
    job.n_stop = 1;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_STOP);
    assert_string_equal(j->choice[0].stop, stop_text);
    assert_int_equal(j->choice[0].text.len, at - 5);
    buf_finish(&grammar);
}

/* Proves: the same in a conversation of several turns, which is cut first because it does not fit;
 * what is held to a schema is so behind the roll as well. */
static void conversations_roll(void **state)
{
    struct logit_bias ends[16];
    struct heard_job *j;
    struct buf talk;
    struct job job;

    (void)state;
    need_guide();
    buf_init(&talk, MEM_OTHER, 1U << 20);
    long_talk(&talk, 30, 20);
    job = chat(buf_str(&talk));
    for (uint32_t i = 0; i < 16; i++)
        ends[i] = (struct logit_bias){ (int32_t)(guide.ready.n_vocab - 1 - i), -INFINITY };
    job.sampling = (struct job_sampling){ .given = JOB_HAS_TEMPERATURE | JOB_HAS_SEED,
                                          .temperature = 1.0,
                                          .seed = 3,
                                          .bias = ends,
                                          .n_bias = 16 };
    job.overflow = JOB_OVERFLOW_ROLLING_WINDOW;
    job.n_predict = 900;
    job.n_choice = 2;
    j = ask(1, &job);
    good(j);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(j->choice[i].done.finish, JOB_END_LENGTH);
        assert_int_equal(j->choice[i].done.n_generated, 900);
        assert_true(j->choice[i].done.n_prompt < 512);
    }
    job.n_choice = 1;
    job.schema = str("{\"type\":\"string\",\"minLength\":5000}");
    job.n_predict = 400;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_LENGTH);
    assert_int_equal(j->choice[0].done.n_generated, 400);
    assert_int_equal(*text_of(j, 0), '"');
    job.schema = str("{\"type\":\"array\",\"items\":{\"enum\":[\"one\",\"two\"]},"
                     "\"minItems\":100,\"maxItems\":100}");
    job.n_predict = 2000;
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.finish, JOB_END_EOS);
    assert_true(j->choice[0].done.n_generated > 200);
    assert_json(text_of(j, 0), j->choice[0].text.len, JS_ARR);
    buf_finish(&talk);
}

/* Proves: the rest of a line that changes with every request is left out, and so the second
 * question finds the first one's prompt in the cache; without the rule the first differing token is
 * told. */
static void volatile_lines_do_not_spoil_the_cache(void **state)
{
    struct job job =
        chat("[{\"role\":\"system\",\"content\":\"Be kind and patient with everyone.\\n"
             "Date: Monday\\nBe brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
    struct heard_job *j;

    (void)state;
    job.want_prompt = job.report_miss = true;
    j = ask(1, &job);
    good(j);
    assert_non_null(strstr(buf_str(&j->prompt), "Date:\n"));
    job.messages = str("[{\"role\":\"system\",\"content\":\"Be kind and patient with everyone.\\n"
                       "Date: Tuesday\\nBe brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
    j = ask(1, &job);
    good(j);
    assert_int_equal(j->choice[0].done.miss_at, JOB_MISS_NONE);
    assert_int_equal(j->choice[0].done.n_cached, j->choice[0].done.n_prompt - 1);
    job.messages = str("[{\"role\":\"system\",\"content\":\"Be kind and rude with everyone.\\n"
                       "Date: Tuesday\\nBe brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
    j = ask(1, &job);
    good(j);
    assert_true(j->choice[0].done.miss_at > 0 && j->choice[0].done.miss_at != JOB_MISS_NONE);
    assert_int_equal(j->choice[0].done.miss_at, j->choice[0].done.n_cached);
}

/* ---- refusals ---- */

/* Proves: what a request gets wrong is told in one sentence as the request's fault. */
/* Proves: how much longer than the context a prompt is, is told as far as it is worth counting. */
static void long_prompts_are_told_in_numbers(void **state)
{
    static char text[1000001];
    struct job_input in = { .text = { text, 3000 } };
    struct job job = { .kind = JOB_TEXT, .inputs = &in, .n_input = 1 };
    struct heard_job *j;

    (void)state;
    need_guide();
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = "a b c d "[i % 8];
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_CONTEXT);
    assert_int_equal(j->part, JOB_PART_PROMPT);
    assert_non_null(strstr(j->why, "has 1501 tokens, the context holds 512"));
    assert_null(strstr(j->why, "more than"));
    in.text.len = sizeof(text) - 1;
    j = ask(1, &job);
    assert_true(j->failed && j->error == JOB_ERR_CONTEXT);
    assert_non_null(strstr(j->why, "has more than 33280 tokens, the context holds 512"));
    job.overflow = JOB_OVERFLOW_TRUNCATE_MIDDLE;
    job.n_predict = 1;
    good(ask(1, &job));
}

static void refuses(struct job *job, enum job_part part)
{
    const struct heard_job *j = ask(1, job);

    assert_true(j->failed && j->error == JOB_ERR_INVALID);
    assert_true(strlen(j->why) > 10);
    assert_int_equal(j->part, part);
}

static void bad_jobs_are_refused(void **state)
{
    static const char *const messages[] = {
        "[]",
        "{}",
        "nonsense",
        "[{\"content\":\"x\"}]",
        "[{\"role\":\"user\",\"content\":7}]",
        "[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]"
    };
    struct logit_bias bias = { 1 << 30, 1 };
    int32_t ids[1] = { 1 << 30 };
    struct job_input in = { .tokens = ids, .n_tok = 1 };
    struct job job;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        job = chat(messages[i]);
        refuses(&job, JOB_PART_PROMPT);
    }
    job = chat(QUESTION);
    job.sampling.bias = &bias;
    job.sampling.n_bias = 1;
    refuses(&job, JOB_PART_BIAS);
    job = chat(QUESTION);
    job.template_kwargs = str("{\"messages\":[]}");
    refuses(&job, JOB_PART_VARIABLES);
    job = chat(QUESTION);
    job.sampling.given = JOB_HAS_TOP_P;
    job.sampling.top_p = -3;
    refuses(&job, JOB_PART_NONE);
    job = chat(QUESTION);
    job.schema = str("{\"type\":\"nothing\"}");
    refuses(&job, JOB_PART_SHAPE);
    job = chat(QUESTION);
    job.tools = str("[{\"type\":\"function\",\"function\":{\"name\":\"f\","
                    "\"parameters\":{\"type\":\"nothing\"}}}]");
    refuses(&job, JOB_PART_TOOLS);
    job = (struct job){ .kind = JOB_EMBED, .inputs = &in, .n_input = 1 };
    refuses(&job, JOB_PART_MODEL);
    job.kind = JOB_RERANK;
    refuses(&job, JOB_PART_MODEL);
    job.kind = JOB_TEXT;
    refuses(&job, JOB_PART_PROMPT);
    job.kind = JOB_DETOKENIZE;
    refuses(&job, JOB_PART_PROMPT);
    job.n_input = 0;
    refuses(&job, JOB_PART_MODEL);
}

/* Proves: a schema that takes long to compile is given up when its job was cancelled meanwhile. */
static void cancelled_schemas_are_given_up(void **state)
{
    static const char schema[] = "{\"type\":\"string\",\"pattern\":\"^(a|b)*a(a|b){12}$\"}";
    static struct task t;
    struct grammar *g;
    struct err e = { 0 };

    (void)state;
    t.job.kind = JOB_TEXT;
    t.stop = (struct stop_ask){ task_is_cancelled, &t };
    assert_int_equal(js_parse(&t.schema, schema, strlen(schema), NULL), ERR_OK);
    assert_int_equal(grammar_of_schema(&g, t.schema, NULL, &e), ERR_OK); /* it is good */
    grammar_close(g);
    atomic_store(&t.cancel, TASK_CANCELLED);
    assert_int_equal(prepare_shape(&t, &e), ERR_CANCELLED);
    assert_null(t.grammar);
    js_close(t.schema);
}

static void expect_anew(uint32_t id)
{
    guide.jobs[id].is_over = guide.jobs[id].failed = guide.jobs[id].choice[0].is_done = false;
}

#define HUGE_BYTES (24U << 20) /* of a text: it takes a second to tokenize */

/* Proves: rendering, tokenizing and all that is prepared of a huge text is given up when its job is
 * cancelled meanwhile; who comes next is answered. */
static void cancelled_texts_are_given_up(void **state)
{
    static const char head[] = "[{\"role\":\"user\",\"content\":\"", tail[] = "\"}]";
    char *text = malloc(HUGE_BYTES);
    struct job_input in = { .text = { text, HUGE_BYTES } };
    struct job jobs[] = {
        { .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1 },
        { .kind = JOB_TEXT, .inputs = &in, .n_input = 1, .n_predict = 1 },
        { .kind = JOB_COUNT, .messages = { text, HUGE_BYTES } },
    };

    (void)state;
    need_guide();
    assert_non_null(text);
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        const bool is_chat = jobs[i].kind == JOB_COUNT;

        for (size_t k = 0; k < HUGE_BYTES; k++)
            text[k] = "every good boy deserves fruit. "[k % 31];
        if (is_chat) {
            memcpy(text, head, sizeof(head) - 1);
            memcpy(text + HUGE_BYTES - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
        }
        expect_anew(2);
        rig_job(&guide, 2, &jobs[i]);
        while (wire_unsent(&guide.wire))
            (void)rig_read(&guide, 1);
        (void)rig_read(&guide, 50); /* it has begun, and is far from its end */
        assert_false(guide.jobs[2].is_over);
        rig_send(&guide, WIRE_CANCEL, 2, NULL, 0);
        (void)rig_wait(&guide, 2);
        assert_false(guide.jobs[2].failed);
        assert_int_equal(guide.jobs[2].choice[0].done.finish, JOB_END_CANCELLED);
    }
    free(text);
    jobs[0] = chat(QUESTION);
    good(ask(1, &jobs[0]));
}

/* Proves: while one tenant's huge text is prepared and more of its requests wait, another tenant's
 * request comes next, and of what waits in one turn the first that came. */
static void tenants_take_turns(void **state)
{
    static const char head[] = "[{\"role\":\"user\",\"content\":\"", tail[] = "\"}]";
    char *text = malloc(HUGE_BYTES);
    struct job_input in = { .text = str("abc") };
    struct job heavy = { .kind = JOB_COUNT, .messages = { text, HUGE_BYTES }, .tenant = 1 };
    struct job light = { .kind = JOB_TOKENIZE, .inputs = &in, .n_input = 1 };
    static const uint64_t tenants[] = { 1, 1, 1, 2, 2, UINT64_MAX };
    static const uint32_t order[] = { 6, 8, 3, 7, 4, 5 };

    (void)state;
    need_guide();
    assert_non_null(text);
    memset(text, 'a', HUGE_BYTES);
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + HUGE_BYTES - (sizeof(tail) - 1), tail, sizeof(tail) - 1);
    for (uint32_t id = 2; id < 9; id++)
        expect_anew(id);
    rig_job(&guide, 2, &heavy);
    for (uint32_t i = 0; i < COUNT_OF(tenants); i++) {
        light.tenant = tenants[i];
        rig_job(&guide, 3 + i, &light);
    }
    while (wire_unsent(&guide.wire))
        (void)rig_read(&guide, 1);
    for (uint32_t i = 0; i < COUNT_OF(order); i++) {
        const struct heard_job *before = &guide.jobs[i ? order[i - 1] : 2];

        good(rig_wait(&guide, order[i]));
        assert_true(before->ended < guide.jobs[order[i]].ended);
    }
    free(text);
}

/* Proves: a body that is no job fails that job alone. */
static void a_broken_body_fails_alone(void **state)
{
    struct job job = chat(QUESTION);

    (void)state;
    need_guide();
    guide.jobs[2].is_over = guide.jobs[2].failed = false;
    rig_send(&guide, WIRE_JOB, 2, "{\"kind\":", 8);
    (void)rig_wait(&guide, 2);
    assert_true(guide.jobs[2].failed && guide.jobs[2].error == JOB_ERR_INVALID);
    good(ask(1, &job));
}

int main(void)
{
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(it_chats),
        cmocka_unit_test(it_refuses),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tokenizes),
        cmocka_unit_test(it_continues_texts),
        cmocka_unit_test(choices_are_single_answers),
        cmocka_unit_test(it_says_which_stop),
        cmocka_unit_test(it_tells_probabilities),
        cmocka_unit_test(answers_are_held),
        cmocka_unit_test(tools_are_called),
        cmocka_unit_test(it_continues_messages),
        cmocka_unit_test(messages_spell_no_control_tokens),
        cmocka_unit_test(prompts_are_cut_only_on_request),
        cmocka_unit_test(a_window_rolls),
        cmocka_unit_test(grammars_and_stops_outlast_a_roll),
        cmocka_unit_test(conversations_roll),
        cmocka_unit_test(volatile_lines_do_not_spoil_the_cache),
        cmocka_unit_test(cancelled_schemas_are_given_up),
        cmocka_unit_test(cancelled_texts_are_given_up),
        cmocka_unit_test(tenants_take_turns),
        cmocka_unit_test(long_prompts_are_told_in_numbers),
        cmocka_unit_test(bad_jobs_are_refused),
        cmocka_unit_test(a_broken_body_fails_alone),
    };
    int failed = cmocka_run_group_tests(alone, NULL, NULL);

    return failed + cmocka_run_group_tests(tests, open_guide, close_guide);
}
