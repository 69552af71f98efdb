/* Scripts of events for stand-in jobs. */
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

struct words { /* what is left of a line */
    char *at;
};

static char *word(struct words *w)
{
    char *s = w->at, *end = strchr(s, ' ');

    if (end)
        *end = '\0';
    w->at = end ? end + 1 : s + strlen(s);
    return s;
}

/* \n, \xHH and \\ in a text. */
static size_t unescape(char *s)
{
    char *to = s;

    for (char *from = s; *from; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else if (from[0] == '\\' && from[1] == 'x') {
            char hex[3] = { from[2], from[3], 0 };

            *to++ = (char)strtoul(hex, NULL, 16);
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return (size_t)(to - s);
}

static void play_done(struct fake *f, uint32_t i, struct job_event *ev, struct words *w)
{
    static const char *const names[] = { "eos",    "stop",    "tool_calls",
                                         "length", "context", "cancelled" };
    struct job_done d = { .n_prompt = 19,
                          .n_cached = 5,
                          .n_generated = 7,
                          .n_reasoning = 2,
                          .miss_at = 5,
                          .queue_s = 0.5,
                          .prompt_s = 0.25,
                          .generate_s = 0.125,
                          .first_token_s = 0.75 };
    const char *finish = word(w);

    ev->kind = JOB_EV_DONE;
    ev->done = &d;
    ev->is_last = true;
    for (size_t k = 0; k < COUNT_OF(names); k++) {
        if (strcmp(names[k], finish) == 0)
            d.finish = (enum job_finish)k;
    }
    if (d.finish == JOB_END_STOP) {
        d.stop.s = w->at;
        d.stop.len = unescape(w->at);
    }
    /* a choice that others follow: "done-more" was said, see play_line */
    ev->is_last = !ev->n_total;
    ev->n_total = 0;
    fake_event(f, i, ev);
}

static void play_token(struct fake *f, uint32_t i, struct job_event *ev, struct words *w)
{
    struct job_prob top[JOB_TOP_MAX];
    struct job_token t = { { 1, 0, "", 0 }, top, 0 };

    t.self.logprob = strtof(word(w), NULL);
    t.self.text = word(w);
    t.self.len = (uint32_t)unescape((char *)(uintptr_t)t.self.text);
    while (*w->at) {
        struct job_prob *p = &top[t.n_top++];

        p->id = (int32_t)t.n_top;
        p->logprob = strtof(word(w), NULL);
        p->text = word(w);
        p->len = (uint32_t)unescape((char *)(uintptr_t)p->text);
    }
    ev->kind = JOB_EV_TOKENS;
    ev->tokens = &t;
    ev->n_token = 1;
    fake_event(f, i, ev);
}

static void play_fail(struct fake *f, uint32_t i, struct job_event *ev, struct words *w)
{
    static const char *const parts[JOB_PART_COUNT] = {
        [JOB_PART_MODEL] = "@model",         [JOB_PART_PROMPT] = "@prompt",
        [JOB_PART_VARIABLES] = "@variables", [JOB_PART_TOOLS] = "@tools",
        [JOB_PART_SHAPE] = "@shape",         [JOB_PART_BIAS] = "@bias",
        [JOB_PART_STOPS] = "@stops",         [JOB_PART_DIMENSION] = "@dimension",
    };
    char *name = word(w), *part = strchr(name, '@');

    ev->kind = JOB_EV_FAILED;
    ev->is_last = true;
    for (int k = 0; part && k < JOB_PART_COUNT; k++) {
        if (parts[k] && strcmp(parts[k], part) == 0)
            ev->part = (enum job_part)k;
    }
    if (part)
        *part = '\0';
    for (int k = 0; k < JOB_ERR_COUNT; k++) {
        if (strcmp(job_error_name((enum job_error)k), name) == 0)
            ev->error = (enum job_error)k;
    }
    ev->text = w->at;
    ev->len = strlen(w->at);
    ev->retry_after_s = ev->error == JOB_ERR_BUSY ? 3 : 0;
    fake_event(f, i, ev);
}

static void play_text(struct fake *f, uint32_t i, struct job_event *ev, enum job_event_kind kind,
                      struct words *w)
{
    ev->kind = kind;
    ev->text = w->at;
    ev->len = unescape(w->at);
    fake_event(f, i, ev);
}

static void play_call(struct fake *f, uint32_t i, struct job_event *ev, const char *verb,
                      struct words *w)
{
    static const struct {
        const char *verb;
        enum job_event_kind kind;
    } kinds[] = { { "call", JOB_EV_CALL_BEGIN },
                  { "args", JOB_EV_CALL_ARGS },
                  { "end", JOB_EV_CALL_END },
                  { "cut", JOB_EV_CALL_CUT },
                  { "drop", JOB_EV_CALL_DROP } };

    ev->call = (uint32_t)strtoul(word(w), NULL, 10);
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        if (strcmp(kinds[k].verb, verb) == 0)
            ev->kind = kinds[k].kind;
    }
    if (ev->kind == JOB_EV_CALL_BEGIN) {
        ev->name = word(w);
        ev->id = w->at;
    } else {
        ev->text = w->at;
        ev->len = unescape(w->at);
    }
    fake_event(f, i, ev);
}

static void play_line(struct fake *f, uint32_t i, char *line)
{
    struct job_event ev = { .instance = "qwen/qwen3-8b" };
    struct words w = { line };
    const char *verb;

    if (line[0] == '#')
        ev.choice = (uint32_t)strtoul(word(&w) + 1, NULL, 10);
    verb = word(&w);
    if (strcmp(verb, "say") == 0) {
        play_text(f, i, &ev, JOB_EV_CONTENT, &w);
    } else if (strcmp(verb, "think") == 0) {
        play_text(f, i, &ev, JOB_EV_REASONING, &w);
    } else if (strcmp(verb, "begin") == 0 || strcmp(verb, "loading") == 0) {
        ev.kind = verb[0] == 'b' ? JOB_EV_BEGIN : JOB_EV_LOADING;
        ev.share = strtof(w.at, NULL);
        ev.load_s = verb[0] == 'b' ? (double)ev.share : 0;
        fake_event(f, i, &ev);
    } else if (strcmp(verb, "prompt") == 0) {
        ev.kind = JOB_EV_PROMPT;
        ev.n_done = (uint32_t)strtoul(word(&w), NULL, 10);
        ev.n_total = (uint32_t)strtoul(w.at, NULL, 10);
        fake_event(f, i, &ev);
    } else if (strncmp(verb, "done", 4) == 0) {
        ev.n_total = strcmp(verb, "done-more") == 0;
        play_done(f, i, &ev, &w);
    } else if (strcmp(verb, "token") == 0) {
        play_token(f, i, &ev, &w);
    } else if (strcmp(verb, "fail") == 0) {
        play_fail(f, i, &ev, &w);
    } else {
        play_call(f, i, &ev, verb, &w);
    }
}

void fake_play(struct fake *f, uint32_t i, const char *script)
{
    char *copy = mem_strndup(MEM_OTHER, script, strlen(script));

    for (char *line = copy, *end; line && *line; line = end ? end + 1 : NULL) {
        end = strchr(line, '\n');
        if (end)
            *end = '\0';
        play_line(f, i, line);
    }
    mem_free(copy);
}
