/* hearth chat: options, one-shot answers, and the way into the interactive conversation. */
#include <stdio.h>
#include <string.h>

#include "assets/assets.h"
#include "base/jsonw.h"
#include "base/utf8.h"
#include "cli/chat_place.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/lines.h"
#include "config.h"
#include "os/file.h"
#include "os/sys.h"

#define ROWS 64U

static size_t talk_rows(struct chat_opts *o, struct opt *rows)
{
    const struct opt mine[] = {
        { .letter = 'p',
          .name = "prompt",
          .kind = OPT_STR,
          .to = &o->prompt,
          .arg = "TEXT",
          .help = "answer once and exit; standard input that is piped in follows the text" },
        { .letter = 's',
          .name = "system-prompt",
          .kind = OPT_STR,
          .to = &o->system,
          .arg = "TEXT",
          .help = "instead of the short built-in one" },
        { .name = "no-system",
          .kind = OPT_FLAG,
          .to = &o->no_system,
          .help = "no system prompt at all" },
        { .name = "stats",
          .kind = OPT_FLAG,
          .to = &o->stats,
          .help = "statistics after each answer, on standard error" },
#if HEARTH_HAVE_SERVER
        { .name = "ttl",
          .kind = OPT_U32,
          .to = &o->ttl_s,
          .arg = "SECONDS",
          .min = 1,
          .max = 1U << 30,
          .help = "load the model into the daemon, which unloads it after so long without work "
                  "(default where a daemon runs: 3600)" },
#endif
        { .name = "json",
          .kind = OPT_FLAG,
          .to = &o->json,
          .help = "with -p: one JSON object with the answer and its statistics" },
        { .name = "color",
          .kind = OPT_CHOICE,
          .to = &o->color,
          .arg = "WHEN",
          .choices = "auto|always|never",
          .help = "escape codes" },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

static size_t form_rows(struct chat_opts *o, struct opt *rows)
{
    const struct opt mine[] = {
        { .name = "schema",
          .kind = OPT_STR,
          .to = &o->schema_path,
          .arg = "FILE",
          .help = "answers are JSON that validates against this JSON Schema" },
        { .name = "grammar",
          .kind = OPT_STR,
          .to = &o->grammar_path,
          .arg = "FILE",
          .help = "answers are sentences of this GBNF grammar" },
        { .name = "reasoning",
          .kind = OPT_CHOICE,
          .to = &o->reasoning,
          .arg = "WHEN",
          .choices = "auto|on|off",
          .help = "thoughts before the answer: dimmed in a conversation, between lines <think> and "
                  "</think> with -p" },
        { .name = "reasoning-budget",
          .kind = OPT_U32,
          .to = &o->reasoning_budget,
          .arg = "N",
          .help = "end a thought after so many tokens and go on with the answer" },
        { .name = "template",
          .kind = OPT_STR,
          .to = &o->template_path,
          .arg = "FILE",
          .help = "chat template instead of the model's" },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

static size_t tool_rows(struct chat_opts *o, struct opt *rows)
{
    const struct opt mine[] = {
        { .name = "Tools", .kind = OPT_HEAD },
        { .name = "tools",
          .kind = OPT_STR,
          .to = &o->tools_path,
          .arg = "FILE",
          .help = "offer the tools of this JSON list; calls are shown, one a line" },
        { .name = "tool-command",
          .kind = OPT_LIST,
          .to = &o->tool_commands,
          .arg = "NAME=PROGRAM",
          .help = "run PROGRAM for calls of NAME after a yes: arguments on its input as JSON, its "
                  "output is the result; may be repeated" },
        { .name = "tool-choice",
          .kind = OPT_STR,
          .to = &o->tool_choice,
          .arg = "WHICH",
          .help = "auto, none, required, or the name of a tool that has to be called" },
        { .name = "one-call",
          .kind = OPT_FLAG,
          .to = &o->one_call,
          .help = "at most one call in an answer" },
        { .letter = 'y',
          .name = "yes",
          .kind = OPT_FLAG,
          .to = &o->yes,
          .help = "run tools without asking" },
        { .name = "dialect",
          .kind = OPT_STR,
          .to = &o->dialect,
          .arg = "NAME",
          .help = "how the model writes calls, where that is found wrongly" },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

static size_t choice_rows(struct chat_opts *o, struct opt *rows)
{
    struct sampling *s = &o->sampling;
    const struct opt mine[] = {
        { .name = "Sampling", .kind = OPT_HEAD },
        { .letter = 'n',
          .name = "max-tokens",
          .kind = OPT_U32,
          .to = &o->n_predict,
          .arg = "N",
          .help = "end an answer after so many tokens" },
        { .name = "temp",
          .kind = OPT_F32,
          .to = &s->temperature,
          .given = &o->given.temp,
          .arg = "T",
          .min = 0,
          .max = 100,
          .help = "temperature; 0 always takes the likeliest token (default: the model file's, "
                  "else 0.8)" },
        { .name = "top-k",
          .kind = OPT_U32,
          .to = &s->top_k,
          .given = &o->given.top_k,
          .arg = "K",
          .max = 1U << 30,
          .help = "choose among the K likeliest (default 40; 0: all)" },
        { .name = "top-p",
          .kind = OPT_F32,
          .to = &s->top_p,
          .given = &o->given.top_p,
          .arg = "P",
          .min = 0,
          .max = 1,
          .help = "smallest set with this probability in sum (default 0.95)" },
        { .name = "min-p",
          .kind = OPT_F32,
          .to = &s->min_p,
          .given = &o->given.min_p,
          .arg = "P",
          .min = 0,
          .max = 1,
          .help = "drop what is less likely than P times the best (default 0.05)" },
        { .name = "typical",
          .kind = OPT_F32,
          .to = &s->typical_p,
          .arg = "P",
          .min = 0,
          .max = 1,
          .help = "locally typical sampling (1: off)" },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

static size_t rarer_rows(struct chat_opts *o, struct opt *rows)
{
    struct sampling *s = &o->sampling;
    const struct opt mine[] = {
        { .name = "xtc-probability",
          .kind = OPT_F32,
          .to = &s->xtc_probability,
          .arg = "P",
          .min = 0,
          .max = 1,
          .help = "with this chance, leave out the likely tokens but the least of them (0: off)" },
        { .name = "xtc-threshold",
          .kind = OPT_F32,
          .to = &s->xtc_threshold,
          .arg = "P",
          .min = 0,
          .max = 1,
          .help = "likely is what has this probability (default 0.1)" },
        { .name = "mirostat",
          .kind = OPT_U32,
          .to = &o->mirostat,
          .arg = "0|2",
          .max = 2,
          .help = "2: keep the surprise of the text level instead of the other filters" },
        { .name = "mirostat-tau",
          .kind = OPT_F32,
          .to = &s->mirostat_tau,
          .arg = "X",
          .min = 0,
          .max = 100,
          .help = "its level, in bits (default 5)" },
        { .name = "mirostat-eta",
          .kind = OPT_F32,
          .to = &s->mirostat_eta,
          .arg = "X",
          .min = 0,
          .max = 1,
          .help = "how fast it adapts (default 0.1)" },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

static size_t penalty_rows(struct chat_opts *o, struct opt *rows)
{
    struct sampling *s = &o->sampling;
    const struct opt mine[] = {
        { .name = "repeat-penalty",
          .kind = OPT_F32,
          .to = &s->repeat_penalty,
          .given = &o->given.repeat,
          .arg = "X",
          .min = 0.01,
          .max = 100,
          .help = "weaken tokens that came lately (1: off)" },
        { .name = "frequency-penalty",
          .kind = OPT_F32,
          .to = &s->frequency_penalty,
          .arg = "X",
          .min = -100,
          .max = 100,
          .help = "subtract X per earlier use" },
        { .name = "presence-penalty",
          .kind = OPT_F32,
          .to = &s->presence_penalty,
          .arg = "X",
          .min = -100,
          .max = 100,
          .help = "subtract X after any earlier use" },
        { .name = "dry-multiplier",
          .kind = OPT_F32,
          .to = &s->dry_multiplier,
          .arg = "X",
          .min = 0,
          .max = 100,
          .help = "weaken what would prolong a repetition (0: off)" },
        { .name = "dry-base",
          .kind = OPT_F32,
          .to = &s->dry_base,
          .arg = "X",
          .min = 1,
          .max = 10,
          .help = "by X times more for each token of it (default 1.75)" },
        { .name = "dry-allowed-length",
          .kind = OPT_U32,
          .to = &s->dry_allowed_length,
          .arg = "N",
          .max = 1U << 20,
          .help = "repetitions up to so many tokens are free (default 2)" },
        { .name = "seed",
          .kind = OPT_U64,
          .to = &s->seed,
          .arg = "N",
          .given = &s->has_seed,
          .help = "repeatable choices" },
        { .name = "stop",
          .kind = OPT_LIST,
          .to = &o->stops,
          .arg = "TEXT",
          .help = "end an answer before this text; may be repeated" },
        { .name = "Engine", .kind = OPT_HEAD },
    };

    memcpy(rows, mine, sizeof(mine));
    return COUNT_OF(mine);
}

/* The prompt is the option's text, a blank line, then what is piped in; it may be empty. */
static enum err_code one_prompt(const struct chat_opts *o, struct buf *out, struct err *e)
{
    bool piped = !tty_is(0);

    buf_init(out, MEM_REQUEST, CHAT_TEXT_BYTES_MAX);
    if (o->prompt)
        (void)buf_adds(out, o->prompt);
    if (piped) {
        size_t before = out->len;
        enum err_code rc;

        if (before)
            (void)buf_adds(out, "\n\n");
        rc = file_read_stdin(out, e);
        if (rc)
            return rc;
        while (out->len > before &&
               (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
            out->data[--out->len] = '\0';
    }
    if (!utf8_valid(buf_str(out), out->len))
        return err_set(e, ERR_FORMAT, "the prompt is not valid UTF-8");
    return buf_check(out, "the prompt", e);
}

static void write_calls(const struct chat *c, struct jsonw *w)
{
    jsonw_arr(w);
    for (uint32_t i = 0; i < c->n_call; i++) {
        jsonw_obj(w);
        jsonw_key(w, "name");
        jsonw_str(w, c->calls[i].name);
        jsonw_key(w, "arguments");
        jsonw_raw(w, buf_str(&c->calls[i].args), c->calls[i].args.len);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

static void write_result(const struct chat *c, struct buf *out)
{
    const struct engine_timing *t = &c->timing;
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "model");
    jsonw_str(&w, c->model);
    jsonw_key(&w, "content");
    jsonw_strn(&w, buf_str(&c->answer), c->answer.len);
    if (c->o->tools_path) {
        jsonw_key(&w, "tool_calls");
        write_calls(c, &w);
    }
    jsonw_key(&w, "stats");
    jsonw_obj(&w);
    jsonw_key(&w, "stop_reason");
    jsonw_str(&w, finish_name(c->finish));
    jsonw_key(&w, "tokens_per_second");
    jsonw_fixed(&w,
                t->generate_s > 0.0 && t->n_generated > 1
                    ? (double)(t->n_generated - 1) / t->generate_s
                    : 0.0,
                2);
    jsonw_key(&w, "time_to_first_token");
    jsonw_fixed(&w, t->first_token_s, 3);
    jsonw_key(&w, "prompt_tokens");
    jsonw_uint(&w, t->n_prompt);
    jsonw_key(&w, "predicted_tokens");
    jsonw_uint(&w, t->n_generated);
    jsonw_key(&w, "total_tokens");
    jsonw_uint(&w, (uint64_t)t->n_prompt + t->n_generated);
    jsonw_key(&w, "generation_time");
    jsonw_fixed(&w, t->generate_s, 4);
    jsonw_key(&w, "grammar_time"); /* of it: masks, and following the grammar */
    jsonw_fixed(&w, t->grammar_s, 6);
    jsonw_obj_end(&w);
    jsonw_obj_end(&w);
    (void)buf_addc(out, '\n');
}

static enum err_code finish_output(const struct chat *c, struct err *e)
{
    struct buf out;
    enum err_code rc;

    buf_init(&out, MEM_REQUEST, 4ULL * CHAT_TEXT_BYTES_MAX);
    if (c->o->json)
        write_result(c, &out);
    else if ((!c->answer.len && !c->n_call) ||
             (c->answer.len && !c->n_call && c->answer.data[c->answer.len - 1] != '\n'))
        (void)buf_addc(&out, '\n');
    rc = stdout_write(buf_str(&out), out.len, e);
    buf_finish(&out);
    return rc;
}

static int once(struct chat *c, const struct buf *prompt)
{
    struct err e = { 0 };
    enum err_code rc = chat_add(c, "user", buf_str(prompt), prompt->len, &e);

    if (!rc)
        rc = chat_reply(c, &e);
    if (!rc)
        rc = finish_output(c, &e);
    if (rc)
        return fail(&e);
    if (c->o->stats)
        chat_print_stats(c, stderr);
    if (c->finish == FINISH_CONTEXT)
        (void)fprintf(stderr, "note: the answer ended because the context of %u tokens is full\n",
                      c->n_ctx);
    return c->finish == FINISH_CANCELLED ? EXIT_STOPPED : EXIT_DONE;
}

static int check_options(struct chat_opts *o, bool is_once)
{
    if (o->schema_path && o->grammar_path)
        return usage("--schema and --grammar exclude each other");
    if (o->mirostat == 1)
        return usage("--mirostat is 0 or 2");
    o->sampling.mirostat = (int32_t)o->mirostat;
    if (o->dialect && !dialect_named(o->dialect))
        return usage("--dialect %.64s: no such dialect", o->dialect);
    if (!o->tools_path && (o->tool_commands.n || strcmp(o->tool_choice, "auto") != 0))
        return usage("--tool-command and --tool-choice need --tools");
    for (uint32_t i = 0; i < o->tool_commands.n; i++) {
        const char *eq = strchr(o->tool_commands.at[i], '=');

        if (!eq || eq == o->tool_commands.at[i] || !eq[1])
            return usage("--tool-command %.100s: expected NAME=PROGRAM", o->tool_commands.at[i]);
    }
    if (o->json && !is_once)
        return usage("--json needs a prompt: give -p TEXT or pipe text in");
    return EXIT_DONE;
}

static int chat_run(struct chat_opts *o, const struct positionals *rest)
{
    bool is_once = o->prompt || !tty_is(0);
    int code = check_options(o, is_once);
    char name[CHAT_MODEL_BYTES];
    struct client server;
    struct buf prompt = { 0 };
    struct chat c = { 0 };
    struct err e = { 0 };
    enum err_code rc = ERR_OK;

    if (code != EXIT_DONE)
        return code;
    if (is_once)
        rc = one_prompt(o, &prompt, &e);
    if (!rc && is_once && !prompt.len) {
        buf_finish(&prompt);
        (void)fprintf(stderr, "error: the prompt is empty: give -p TEXT or pipe text in\n");
        return tty_is(0) ? EXIT_REFUSED : EXIT_DONE; /* nothing came out of a pipe: no failure */
    }
    if (!rc)
        rc = chat_place(o, rest, &server, name, &e);
    if (!rc)
        rc = chat_open(&c, o, &e);
    if (rc) {
        buf_finish(&prompt);
        return fail(&e);
    }
    c.is_once = is_once;
    code = is_once ? once(&c, &prompt) : chat_repl(&c);
    buf_finish(&prompt);
    chat_close(&c);
    return code;
}

int cmd_chat(int argc, char **argv)
{
    static const struct command cmd = {
        .args = "[MODEL]",
        .summary = "Talk with a model in the terminal",
        .details =
            "MODEL is the path of a .gguf file, or a key of `hearth ls` or a part of one.\n"
            "Where a daemon runs it answers, and keeps the model loaded for a while. Without\n"
            "MODEL: the only one that it has loaded, else the built-in '" ASSET_GUIDE "'.\n"
            "A prompt may be piped in:\n"
            "  git diff | hearth chat model.gguf -p \"List the risky changes\"",
        .takes_host = HEARTH_HAVE_SERVER,
    };
    struct chat_opts o = { .model = ASSET_GUIDE,
                           .color = "auto",
                           .reasoning = "auto",
                           .tool_choice = "auto",
                           .sampling = sampling_defaults() };
    struct opt rows[ROWS + ENGINE_OPTS_ROWS];
    size_t n = talk_rows(&o, rows);
    struct positionals rest;
    int done;

    n += form_rows(&o, rows + n);
    n += tool_rows(&o, rows + n);
    n += choice_rows(&o, rows + n);
    n += rarer_rows(&o, rows + n);
    n += penalty_rows(&o, rows + n);
    engine_opts_rows(&o.engine, rows + n);
    done = args_begin(argc, argv, "hearth chat", &cmd, rows, n + ENGINE_OPTS_ROWS, &rest);
    if (done >= 0)
        return done;
    if (rest.n > 1)
        return usage("hearth chat takes one model; put the prompt in quotes behind -p");
    return chat_run(&o, &rest);
}
