/* The interactive conversation: prompt, commands, answers. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "cli/chat.h"
#include "cli/lineedit.h"
#include "cli/units.h"
#include "config.h"
#include "os/file.h"
#include "os/path.h"
#include "os/sys.h"

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

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
    engine_stats(c->g, &s);
    units_memory(kv, sizeof(kv), s.kv_bytes);
    (void)printf("context            %u of %u tokens, cache %s\n",
                 c->has_timing ? c->timing.n_prompt + c->timing.n_generated : 0, engine_n_ctx(c->g),
                 kv);
    return GO_ON;
}

static void save_json(const struct chat *c, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "model");
    jsonw_str(&w, c->o->model);
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
    { "/system", "[TEXT]", "show or replace the system prompt; 'none' removes it", do_system },
    { "/system-prompt", "[TEXT]", "the same", do_system },
    { "/clear", "", "forget the conversation, keep the system prompt", do_clear },
    { "/stats", "", "numbers of the last answer", do_stats },
    { "/save", "FILE", "write the conversation to a file (.md or .json)", do_save },
    { "/exit", "", "leave (also Ctrl-D)", do_exit },
    { "/quit", "", "the same", do_exit },
};

static enum after do_help(struct chat *c, const char *arg)
{
    (void)c;
    (void)arg;
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        (void)printf("  %-15s %-7s %s\n", commands[i].name, commands[i].args, commands[i].help);
    (void)printf(
        "\nSeveral lines: end a line with \\, or put them between two lines of \"\"\", or paste "
        "them.\n"
        "Ctrl-C stops an answer. Up and down recall earlier entries, Ctrl-R searches them.\n");
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
    const struct model_info *m = engine_model(c->g);
    char params[32];

    units_count(params, sizeof(params), m->n_param);
    (void)printf("%sHearth %s%s  %s  %s%s, %s parameters, context %u%s\n", c->color ? BOLD : "",
                 HEARTH_VERSION, c->color ? PLAIN : "", path_base(c->o->model), c->color ? DIM : "",
                 m->type_name, params, engine_n_ctx(c->g), c->color ? PLAIN : "");
    (void)printf("%s/help lists commands, Ctrl-C stops an answer, Ctrl-D leaves%s\n\n",
                 c->color ? DIM : "", c->color ? PLAIN : "");
}

static void converse(struct chat *c, const struct buf *entry)
{
    struct err e = { 0 };

    uint32_t before = c->n_message;

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
        (void)printf("%s(the context of %u tokens is full)%s\n", c->color ? DIM : "",
                     engine_n_ctx(c->g), c->color ? PLAIN : "");
    if (c->o->stats)
        chat_print_stats(c, stderr);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
}

/* One entry typed. */
static enum after take(struct chat *c, struct lineedit *le, const struct buf *entry, bool *warned)
{
    const char *text = buf_str(entry);
    struct err e = { 0 };

    if (text[strspn(text, " \t\n")] == '\0')
        return GO_ON;
    if (lineedit_remember(le, text, &e) && !*warned) {
        (void)fprintf(stderr, "warning: the history cannot be kept: %s\n", e.text);
        *warned = true;
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

int chat_repl(struct chat *c)
{
    const char *words[COUNT_OF(commands) + 1] = { NULL };
    char path[PATH_BYTES_MAX];
    struct lineedit *le = NULL;
    struct buf entry;
    struct err e = { 0 };
    bool warned = false, leaving = false;
    enum after after = GO_ON;

    for (size_t i = 0; i < COUNT_OF(commands); i++)
        words[i] = commands[i].name;
    history_path(path);
    if (lineedit_open(&le, path[0] ? path : NULL, words, &e))
        return fail(&e);
    buf_init(&entry, MEM_REQUEST, LINEEDIT_ENTRY_BYTES_MAX);
    welcome(c);
    while (after == GO_ON) {
        enum line_result r;

        interrupt_watch(true);
        r = lineedit_read(le, "› ", &entry);
        interrupt_watch(false);
        if (r == LINE_END || (r == LINE_INTERRUPT && leaving))
            break;
        leaving = r == LINE_INTERRUPT;
        if (r == LINE_READ)
            after = take(c, le, &entry, &warned);
        else if (r == LINE_INTERRUPT)
            (void)printf("(Ctrl-C again, Ctrl-D or /exit leaves)\n");
        else
            (void)fprintf(stderr, "error: an entry may have %u bytes at most\n",
                          LINEEDIT_ENTRY_BYTES_MAX);
    }
    (void)fputc('\n', stdout);
    buf_finish(&entry);
    lineedit_close(le);
    return EXIT_DONE;
}
