/* Calls of tools: collected, shown and, after a yes, run. */
#include <stdio.h>
#include <string.h>

#include "cli/chat.h"
#include "os/file.h"
#include "os/run.h"
#include "os/sys.h"

#define ROUNDS_MAX      16U
#define TOOL_TIMEOUT_MS 120000U
#define TOOL_OUTPUT_MAX (1U << 20)
#define DIM             "\033[2m"
#define PLAIN           "\033[0m"

/* ---- what was called ---- */

/* The call that an event belongs to is always the last one. */
void chat_on_call(struct chat *c, const struct dialect_event *ev)
{
    struct chat_call *call;

    if (ev->kind == DIALECT_CALL_BEGIN) {
        c->skips_call = c->n_call == CHAT_CALLS_MAX;
        if (c->skips_call)
            return;
        call = &c->calls[c->n_call++];
        buf_finish(&call->args);
        buf_init(&call->args, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
        (void)snprintf(call->name, sizeof(call->name), "%s", ev->name);
        /* nine digits: some templates insist on them */
        (void)snprintf(call->id, sizeof(call->id), "%09u", ++c->n_call_ever);
        return;
    }
    if (!c->n_call || c->skips_call)
        return;
    if (ev->kind == DIALECT_CALL_ARGS)
        (void)buf_add(&c->calls[c->n_call - 1].args, ev->text, ev->len);
    if (ev->kind == DIALECT_CALL_CUT || ev->kind == DIALECT_CALL_DROP)
        c->n_call--;
}

void chat_write_calls(struct chat *c, struct jsonw *w)
{
    jsonw_arr(w);
    for (uint32_t i = 0; i < c->n_call; i++) {
        const struct chat_call *k = &c->calls[i];

        jsonw_obj(w);
        jsonw_key(w, "id");
        jsonw_str(w, k->id);
        jsonw_key(w, "type");
        jsonw_str(w, "function");
        jsonw_key(w, "function");
        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_str(w, k->name);
        jsonw_key(w, "arguments");
        jsonw_raw(w, buf_str(&k->args), k->args.len);
        jsonw_obj_end(w);
        jsonw_key(w, "text"); /* the arguments as they were written */
        jsonw_strn(w, buf_str(&k->args), k->args.len);
        jsonw_obj_end(w);
        w->out->failed = w->out->failed || k->args.failed;
    }
    jsonw_arr_end(w);
}

static const char *program_of(const struct chat *c, const char *name)
{
    size_t len = strlen(name);

    for (uint32_t i = 0; i < c->o->tool_commands.n; i++) {
        const char *row = c->o->tool_commands.at[i];

        if (strncmp(row, name, len) == 0 && row[len] == '=')
            return row + len + 1;
    }
    return NULL;
}

/* One line a call: on standard output where nobody runs it, else a note. */
static enum err_code show_calls(struct chat *c, struct err *e)
{
    struct buf out, text;
    enum err_code rc = ERR_OK;

    buf_init(&out, MEM_REQUEST, 2ULL * CHAT_TEXT_BYTES_MAX);
    buf_init(&text, MEM_REQUEST, 2ULL * CHAT_TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < c->n_call && !rc; i++) {
        const struct chat_call *k = &c->calls[i];
        bool runs = program_of(c, k->name) != NULL;

        buf_clear(&out);
        buf_clear(&text);
        (void)buf_addf(&text, "%s %s", k->name, buf_str(&k->args));
        if (c->to_terminal || runs)
            chat_safe_text(buf_str(&text), text.len, &out);
        else
            (void)buf_add(&out, buf_str(&text), text.len);
        (void)buf_addc(&out, '\n');
        if (runs)
            (void)fprintf(stderr, "%stool: %s%s", c->color ? DIM : "", buf_str(&out),
                          c->color ? PLAIN : "");
        else if (!c->o->json)
            rc = stdout_write(buf_str(&out), out.len, e);
    }
    buf_finish(&out);
    buf_finish(&text);
    return rc;
}

/* ---- running them ---- */

static bool says_yes(const struct chat *c, const char *program, const char *name)
{
    char line[64];

    if (c->o->yes)
        return true;
    if (!tty_is(0)) {
        (void)fprintf(stderr,
                      "note: %s was not run: that takes a yes at a terminal, or the option --yes\n",
                      name);
        return false;
    }
    (void)fprintf(stderr, "Run %s for %s? [y/N] ", program, name);
    (void)fflush(stderr);
    return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static enum err_code add_result(struct chat *c, const struct chat_call *k, const char *text,
                                size_t len, struct err *e)
{
    enum err_code rc = chat_add(c, "tool", text, len, e);
    struct message *m = rc ? NULL : &c->messages[c->n_message - 1];

    if (rc)
        return rc;
    m->name = mem_strndup(MEM_REQUEST, k->name, strlen(k->name));
    m->id = mem_strndup(MEM_REQUEST, k->id, strlen(k->id));
    return m->name && m->id ? ERR_OK : err_set(e, ERR_OOM, "no memory for a tool's result");
}

/* What the program writes is the result; how it failed is one, too. */
static enum err_code run_call(struct chat *c, const struct chat_call *k, const char *program,
                              struct err *e)
{
    struct run_call p = { .program = program,
                          .input = buf_str(&k->args),
                          .n_input = k->args.len,
                          .timeout_ms = TOOL_TIMEOUT_MS };
    struct buf raw, out;
    struct err why = { 0 };
    enum err_code rc;
    int code = 0;

    buf_init(&raw, MEM_REQUEST, TOOL_OUTPUT_MAX);
    buf_init(&out, MEM_REQUEST, 4ULL * TOOL_OUTPUT_MAX);
    interrupt_watch(true);
    rc = run_program(&p, &raw, &code, &why);
    interrupt_watch(false);
    (void)interrupt_seen(true);
    while (raw.len && raw.data[raw.len - 1] == '\n')
        raw.data[--raw.len] = '\0';
    chat_safe_text(buf_str(&raw), raw.len, &out);
    if (rc)
        (void)buf_addf(&out, "%serror: %s", out.len ? "\n" : "", why.text);
    else if (code)
        (void)buf_addf(&out, "%serror: exit code %d", out.len ? "\n" : "", code);
    if (rc || code)
        (void)fprintf(stderr, "note: %s failed: %s\n", k->name,
                      rc ? why.text : "its exit code is not 0");
    rc = add_result(c, k, buf_str(&out), out.len, e);
    buf_finish(&raw);
    buf_finish(&out);
    return rc;
}

/* *answered: every call has its result, and the model can go on. */
static enum err_code run_calls(struct chat *c, bool *answered, struct err *e)
{
    enum err_code rc = ERR_OK;

    *answered = true;
    for (uint32_t i = 0; i < c->n_call; i++)
        *answered = *answered && program_of(c, c->calls[i].name);
    for (uint32_t i = 0; i < c->n_call && !rc; i++) {
        static const char no[] = "error: the user has not run this tool";
        const struct chat_call *k = &c->calls[i];
        const char *program = program_of(c, k->name);

        if (*answered && says_yes(c, program, k->name))
            rc = run_call(c, k, program, e);
        else
            rc = add_result(c, k, no, strlen(no), e); /* every call needs a result */
    }
    if (!tty_is(0) && !c->o->yes)
        *answered = false;
    return rc;
}

enum err_code chat_reply(struct chat *c, struct err *e)
{
    uint32_t before = c->n_message;
    bool go_on = true;
    enum err_code rc = ERR_OK;

    for (c->round = 0; go_on && !rc; c->round++) {
        rc = chat_answer(c, e);
        go_on = !rc && c->n_call;
        if (!go_on)
            break;
        if (!c->o->json && c->answer.len && c->answer.data[c->answer.len - 1] != '\n')
            rc = stdout_write("\n", 1, e);
        if (!rc)
            rc = show_calls(c, e);
        if (!rc)
            rc = run_calls(c, &go_on, e);
        if (go_on && c->round + 1 == ROUNDS_MAX) {
            (void)fprintf(stderr, "note: stopped after %u rounds of tool calls\n", ROUNDS_MAX);
            go_on = false;
        }
    }
    if (rc)
        chat_cut(c, before);
    return rc;
}
