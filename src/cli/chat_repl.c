/* The interactive conversation: prompt, commands, answers. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/jsonw.h"
#include "cli/chat_place.h"
#include "cli/lineedit.h"
#include "cli/units.h"
#include "config.h"
#include "os/file.h"
#include "os/path.h"
#include "os/sys.h"

#define BOLD        "\033[1m"
#define DIM         "\033[2m"
#define PLAIN       "\033[0m"
#define WORDS_MAX   1024U
#define WORDS_BYTES 16384U

enum after { GO_ON, LEAVE };

struct slash {
    const char *name, *args, *help;
    enum after (*run)(struct chat *c, const char *arg);
};

static void complain(const struct err *e)
{
    (void)fprintf(stderr, "error: %s\n", e->text);
}

/* ---- commands ---- */

static enum after do_help(struct chat *c, const char *arg);

static enum after do_system(struct chat *c, const char *arg)
{
    struct err e = { 0 };

    if (!*arg) {
        (void)printf("%s\n", c->system ? c->system : "(no system prompt)");
        return GO_ON;
    }
    if (chat_set_system(c, strcmp(arg, "none") == 0 ? NULL : arg, &e))
        complain(&e);
    else
        (void)printf("%s\n", c->system ? "System prompt set." : "System prompt removed.");
    return GO_ON;
}

static enum after do_clear(struct chat *c, const char *arg)
{
    (void)arg;
    chat_clear(c);
    if (c->to_terminal)
        (void)fputs("\033[H\033[2J", stdout);
    (void)printf("The conversation starts anew.\n");
    return GO_ON;
}

static enum after do_stats(struct chat *c, const char *arg)
{
    struct engine_stats s;
    char kv[32];

    (void)arg;
    if (!c->has_timing)
        (void)printf("No answer so far.\n");
    chat_print_stats(c, stdout);
    (void)printf("context            %u of %u tokens",
                 c->has_timing ? c->timing.n_prompt + c->timing.n_generated : 0, c->n_ctx);
    if (c->g) {
        engine_stats(c->g, &s);
        units_memory(kv, sizeof(kv), s.kv_bytes);
        (void)printf(", cache %s", kv);
    }
    (void)fputc('\n', stdout);
    return GO_ON;
}

/* ---- the model ---- */

/* Files by their name alone; keys and identifiers whole. */
static const char *shown_name(const struct chat *c)
{
    return c->server || !strstr(c->model, ".gguf") ? c->model : path_base(c->model);
}

static void print_model(const struct chat *c)
{
    char params[32];

    (void)printf("%s%s%s", c->color ? BOLD : "", shown_name(c), c->color ? PLAIN : "");
    (void)printf("  %s", c->color ? DIM : "");
    if (c->g) {
        const struct model_info *m = engine_model(c->g);

        units_count(params, sizeof(params), m->n_param);
        (void)printf("%s, %s parameters, ", m->type_name, params);
    } else {
        (void)printf("%s, ", chat_where(c));
    }
    (void)printf("context %u%s\n", c->n_ctx, c->color ? PLAIN : "");
}

static enum after do_model(struct chat *c, const char *arg)
{
    char name[CHAT_MODEL_BYTES];
    struct err e = { 0 };
    size_t len = strcspn(arg, " \n");
    char word[CHAT_MODEL_BYTES];

    (void)snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : 0), arg);
    if (chat_choose(c, word[0] ? word : NULL, name, &e)) {
        complain(&e);
        return GO_ON;
    }
    if (strcmp(name, c->model) != 0 && chat_use(c, name, &e)) {
        complain(&e);
        if (c->model[0])
            (void)fprintf(stderr, "%s goes on answering.\n", shown_name(c));
        return GO_ON;
    }
    print_model(c);
    return GO_ON;
}

static enum after do_reasoning(struct chat *c, const char *arg)
{
    static const char *const modes[] = { "auto", "on", "off" };
    size_t len = strcspn(arg, " \n");

    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (strlen(modes[i]) == len && memcmp(modes[i], arg, len) == 0) {
            c->reasoning = modes[i];
            len = 0;
        }
    if (len)
        (void)fprintf(stderr, "error: /reasoning takes auto, on or off\n");
    else
        (void)printf("Reasoning: %s\n", c->reasoning);
    return GO_ON;
}

static void save_json(const struct chat *c, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "model");
    jsonw_str(&w, c->model);
    jsonw_key(&w, "messages");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < c->n_message + (c->system ? 1U : 0U); i++) {
        const struct message system = { .role = "system", .text = c->system };
        const struct message *m = c->system ? (i ? &c->messages[i - 1] : &system) : &c->messages[i];

        jsonw_obj(&w);
        jsonw_key(&w, "role");
        jsonw_str(&w, m->role);
        jsonw_key(&w, "content");
        jsonw_str(&w, m->text);
        if (m->calls) {
            jsonw_key(&w, "tool_calls");
            jsonw_raw(&w, m->calls, strlen(m->calls));
        }
        if (m->id) {
            jsonw_key(&w, "tool_call_id");
            jsonw_str(&w, m->id);
        }
        jsonw_obj_end(&w);
    }
    jsonw_arr_end(&w);
    jsonw_obj_end(&w);
    (void)buf_addc(out, '\n');
}

static void save_markdown(const struct chat *c, struct buf *out)
{
    if (c->system)
        (void)buf_addf(out, "## system\n\n%s\n\n", c->system);
    for (uint32_t i = 0; i < c->n_message; i++)
        (void)buf_addf(out, "## %s\n\n%s\n\n", c->messages[i].role, c->messages[i].text);
}

static enum after do_save(struct chat *c, const char *arg)
{
    size_t len = strlen(arg);
    struct buf out;
    struct err e = { 0 };

    if (!len) {
        (void)printf(
            "/save FILE writes the conversation: Markdown when FILE ends in .md, else JSON.\n");
        return GO_ON;
    }
    buf_init(&out, MEM_REQUEST, 4ULL * CHAT_TEXT_BYTES_MAX);
    if (len > 3 && strcmp(arg + len - 3, ".md") == 0)
        save_markdown(c, &out);
    else
        save_json(c, &out);
    if (buf_check(&out, "the conversation", &e) || file_write(arg, buf_str(&out), out.len, &e))
        complain(&e);
    else
        (void)printf("Saved to %s.\n", arg);
    buf_finish(&out);
    return GO_ON;
}

static enum after do_exit(struct chat *c, const char *arg)
{
    (void)c;
    (void)arg;
    return LEAVE;
}

static const struct slash commands[] = {
    { "/help", "", "this list", do_help },
    { "/system", "[TEXT]", "show or replace the system prompt; none: drop it", do_system },
    { "/system-prompt", "[TEXT]", "the same", do_system },
    { "/model", "[NAME]", "go on with another model, or choose from a list", do_model },
    { "/reasoning", "[MODE]", "thoughts before answers: auto, on or off", do_reasoning },
    { "/clear", "", "forget the conversation, keep the system prompt", do_clear },
    { "/stats", "", "numbers of the last answer", do_stats },
    { "/save", "FILE", "write the conversation to a file, .md or .json", do_save },
    { "/exit", "", "leave (also Ctrl-D)", do_exit },
    { "/quit", "", "the same", do_exit },
};

#define HELP_COLUMN 23U /* where what a command does begins */

static enum after do_help(struct chat *c, const char *arg)
{
    (void)c;
    (void)arg;
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        (void)printf("  %s%s%-*s%s\n", commands[i].name, *commands[i].args ? " " : "",
                     (int)(HELP_COLUMN - strlen(commands[i].name) - (*commands[i].args != '\0')),
                     commands[i].args, commands[i].help);
    (void)printf("\nSeveral lines: end a line with \\, put them between two lines of\n"
                 "\"\"\", or paste them. Ctrl-C stops an answer. Up and down recall\n"
                 "earlier entries, Ctrl-R searches them.\n");
    return GO_ON;
}

static enum after run_command(struct chat *c, const char *entry)
{
    const char *names[COUNT_OF(commands)];
    const char *near;
    size_t len = strcspn(entry, " \n");
    char word[64];

    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        names[i] = commands[i].name;
        if (strlen(commands[i].name) == len && memcmp(commands[i].name, entry, len) == 0)
            return commands[i].run(c, entry + len + strspn(entry + len, " "));
    }
    (void)snprintf(word, sizeof(word), "%.*s", (int)(len < 60 ? len : 60), entry);
    near = nearest(word, names, COUNT_OF(names));
    (void)fprintf(stderr, "error: unknown command %s%s%s\n", word,
                  near ? "; did you mean " : "; /help lists them", near ? near : "");
    return GO_ON;
}

/* ---- the loop ---- */

static void welcome(const struct chat *c)
{
    (void)printf("%sHearth %s%s  ", c->color ? BOLD : "", HEARTH_VERSION, c->color ? PLAIN : "");
    print_model(c);
    (void)printf("%s/help lists commands, Ctrl-C stops an answer, Ctrl-D leaves%s\n\n",
                 c->color ? DIM : "", c->color ? PLAIN : "");
}

static void converse(struct chat *c, const struct buf *entry)
{
    struct err e = { 0 };

    uint32_t before = c->n_message;

    if (!c->model[0]) {
        (void)fprintf(stderr, "error: no model is loaded; /model NAME loads one\n");
        return;
    }
    (void)printf("%s%s%s\n", c->color ? DIM : "", shown_name(c), c->color ? PLAIN : "");
    (void)fflush(stdout);
    if (chat_add(c, "user", buf_str(entry), entry->len, &e)) {
        complain(&e);
        return;
    }
    if (chat_reply(c, &e)) {
        chat_cut(c, before); /* the question can be put again */
        (void)fputc('\n', stdout);
        complain(&e);
        if (e.code == ERR_LIMIT)
            (void)fprintf(stderr, "/clear starts anew; --context N gives more room\n");
        return;
    }
    if ((!c->answer.len && !c->n_call) ||
        (c->answer.len && c->answer.data[c->answer.len - 1] != '\n'))
        (void)fputc('\n', stdout);
    if (c->finish == FINISH_CANCELLED)
        (void)printf("%s(stopped)%s\n", c->color ? DIM : "", c->color ? PLAIN : "");
    if (c->finish == FINISH_CONTEXT)
        (void)printf("%s(the context of %u tokens is full)%s\n", c->color ? DIM : "", c->n_ctx,
                     c->color ? PLAIN : "");
    if (c->o->stats)
        chat_print_stats(c, stderr);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
}

/* One entry typed. */
static enum after take(struct chat *c, struct lineedit *le, const struct buf *entry)
{
    const char *text = buf_str(entry);
    struct err e = { 0 };

    if (text[strspn(text, " \t\n")] == '\0')
        return GO_ON;
    if (lineedit_remember(le, text, &e) && !c->has_warned) {
        (void)fprintf(stderr, "warning: the history cannot be kept: %s\n", e.text);
        c->has_warned = true;
    }
    if (strcmp(text, "exit") == 0 || strcmp(text, "quit") == 0)
        return LEAVE;
    if (text[0] == '/')
        return run_command(c, text);
    converse(c, entry);
    return GO_ON;
}

/* $HEARTH_HOME/history; an empty path when there is no home. */
static void history_path(char *path)
{
    char home[PATH_BYTES_MAX];
    struct err e = { 0 };

    if (!path_home(home, &e) && !dir_create(home, &e) && !path_join(path, home, "history", &e))
        return;
    path[0] = '\0';
    (void)fprintf(stderr, "warning: the history cannot be kept: %s\n", e.text);
}

/* What Tab completes: commands, some with their arguments. */
struct words {
    struct arena arena;
    const char *at[WORDS_MAX + 1];
    uint32_t n;
};

static void add_word(struct words *w, const char *command, const char *arg)
{
    size_t size = strlen(command) + strlen(arg) + 1;
    char *text = w->n < WORDS_MAX ? arena_new_n(&w->arena, size, 1) : NULL;

    if (!text)
        return;
    (void)snprintf(text, size, "%s%s", command, arg);
    w->at[w->n++] = text;
}

static void add_name(void *arg, const char *name)
{
    add_word(arg, "/model ", name);
}

static void words_begin(struct words *w, const struct chat *c)
{
    *w = (struct words){ .n = 0 };
    arena_init(&w->arena, MEM_OTHER, WORDS_BYTES, 16 * WORDS_BYTES);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        add_word(w, commands[i].name, "");
    add_word(w, "/reasoning ", "auto");
    add_word(w, "/reasoning ", "on");
    add_word(w, "/reasoning ", "off");
    chat_names(c, add_name, w);
}

static enum after one_entry(struct chat *c, struct lineedit *le, struct buf *entry)
{
    enum line_result r;

    interrupt_watch(true);
    r = lineedit_read(le, "› ", entry);
    interrupt_watch(false);
    switch (r) {
    case LINE_READ:
        return take(c, le, entry);
    case LINE_DROPPED:
        return GO_ON;
    case LINE_INTERRUPT: /* one that came too late for the answer does not end the conversation */
        if (c->finish != FINISH_CANCELLED)
            return LEAVE;
        c->finish = FINISH_EOS;
        (void)printf("(Ctrl-C again, Ctrl-D or /exit leaves)\n");
        return GO_ON;
    case LINE_FAILED:
        (void)fprintf(stderr, "error: an entry may have %u bytes at most\n",
                      LINEEDIT_ENTRY_BYTES_MAX);
        return GO_ON;
    default:
        return LEAVE;
    }
}

int chat_repl(struct chat *c)
{
    struct words words;
    char path[PATH_BYTES_MAX];
    struct lineedit *le = NULL;
    struct buf entry;
    struct err e = { 0 };

    history_path(path);
    words_begin(&words, c);
    if (lineedit_open(&le, path[0] ? path : NULL, words.at, &e)) {
        arena_finish(&words.arena);
        return fail(&e);
    }
    buf_init(&entry, MEM_REQUEST, LINEEDIT_ENTRY_BYTES_MAX);
    welcome(c);
    while (one_entry(c, le, &entry) == GO_ON)
        (void)fflush(stdout);
    (void)fputc('\n', stdout);
    buf_finish(&entry);
    lineedit_close(le);
    arena_finish(&words.arena);
    return EXIT_DONE;
}
