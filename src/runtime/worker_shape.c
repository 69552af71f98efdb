/* What holds an answer: a schema, a grammar, the tools that are offered. */
#include <string.h>

#include "runtime/worker_int.h"

static const char any_object[] = "{\"type\":\"object\"}";

static enum err_code refuse(enum err_code rc, const char *what, const struct grammar_place *place,
                            const struct err *why, struct err *e)
{
    if (!rc)
        return ERR_OK;
    if (!*place->pointer)
        return err_set(e, rc, "%s: %.400s", what, why->text);
    return err_set(e, rc, "%s: %.300s, at %.150s", what, why->text, place->pointer);
}

#define SKIPPED_BYTES_MAX ((size_t)64 << 10)

/* Frees what was passed over, and says so. */
static void tell_skipped(struct task *t, struct buf *skipped)
{
    if (skipped->len)
        outbox_log(&t->w->prepare_out, 3,
                   "job %llu: what cannot be enforced in the schema is passed over: %.400s",
                   (unsigned long long)t->id, buf_str(skipped));
    buf_finish(skipped);
}

/* One of them at most counts; the schema is the narrowest. */
static enum err_code pick_schema(struct task *t, struct err *e)
{
    if (t->schema || !t->job.json_object)
        return ERR_OK;
    return js_parse(&t->schema, any_object, strlen(any_object), e);
}

static enum err_code hold_text(struct task *t, struct err *e)
{
    enum schema_mode mode = t->job.schema_strict ? SCHEMA_STRICT : SCHEMA_LAX;
    struct grammar_place place = { "" };
    struct err why = { 0 };
    struct buf skipped;
    enum err_code rc = ERR_OK;

    buf_init(&skipped, MEM_REQUEST, SKIPPED_BYTES_MAX);
    if (t->schema)
        rc = grammar_of_schema_as(&t->grammar, t->schema, mode, &t->stop, &skipped, &place, &why);
    else if (t->job.grammar.s)
        rc = grammar_of_gbnf(&t->grammar, t->job.grammar.s, t->job.grammar.len, &t->stop, &why);
    tell_skipped(t, &skipped);
    return refuse(rc, t->schema ? "schema" : "grammar", &place, &why, e);
}

static enum err_code hold_chat(struct task *t, struct err *e)
{
    static const enum shape_choice choices[] = { [JOB_TOOLS_AUTO] = SHAPE_AUTO,
                                                 [JOB_TOOLS_NONE] = SHAPE_NONE,
                                                 [JOB_TOOLS_REQUIRED] = SHAPE_REQUIRED,
                                                 [JOB_TOOLS_NAMED] = SHAPE_NAMED };
    const struct job *job = &t->job;
    struct buf skipped;
    const struct shape_spec p = {
        .dialect = &t->w->format.dialect,
        .tok = engine_tok(t->w->g),
        .tools = t->tools && js_len(t->tools) ? t->tools : NULL,
        .choice = choices[job->tool_choice],
        .name = job->tool_name.s ? arena_strndup(&t->arena, job->tool_name.s, job->tool_name.len)
                                 : NULL,
        .one_call = job->no_parallel_calls,
        .schema = t->schema,
        .mode = job->schema_strict ? SCHEMA_STRICT : SCHEMA_LAX,
        .gbnf = t->schema ? NULL : job->grammar.s,
        .gbnf_len = job->grammar.len,
        .reasoning = !job->keep_reasoning,
        .prompt = buf_str(&t->prompt),
        .prompt_len = t->prompt.len,
        .stop = &t->stop,
        .skipped = &skipped
    };
    struct grammar_place place = { "" };
    struct err why = { 0 };
    enum err_code rc;

    if (!p.tools && !p.schema && !p.gbnf && p.choice != SHAPE_REQUIRED && p.choice != SHAPE_NAMED)
        return ERR_OK;
    if (p.choice == SHAPE_NAMED && !p.name)
        return err_set(e, ERR_ARG, "tool_choice: no tool is named");
    buf_init(&skipped, MEM_REQUEST, SKIPPED_BYTES_MAX);
    rc = shape_open(&t->shape, &p, &place, &why);
    tell_skipped(t, &skipped);
    return refuse(rc, p.schema ? "schema" : p.gbnf ? "grammar" : "tools", &place, &why, e);
}

enum err_code prepare_shape(struct task *t, struct err *e)
{
    enum err_code rc = pick_schema(t, e);
    const struct grammar *held;

    t->part = t->schema || t->job.grammar.s ? JOB_PART_SHAPE : JOB_PART_TOOLS;
    if (rc)
        return rc;
    rc = t->job.kind == JOB_CHAT ? hold_chat(t, e) : hold_text(t, e);
    held = t->shape ? shape_grammar(t->shape) : t->grammar;
    return rc || !held ? rc : engine_learn_grammar(t->w->g, held, e);
}
