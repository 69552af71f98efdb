/* Tools of a request: their names, their list, and which of them must be called. */
#include <stdio.h>
#include <string.h>

#include "serve/request_int.h"
#include "serve/write_int.h"

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool is_shown(const struct tool_def *tools, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(tools[i].shown, name) == 0)
            return true;
    }
    return false;
}

/* Without special characters, which would end a name early in some models' forms of a call. */
static const char *shown_name(struct reader *r, const struct tool_def *tools, uint32_t n,
                              struct job_str name)
{
    char *s = arena_new(r->arena, name.len + 24);
    size_t len = 0, whole;

    if (!s) {
        read_fail_memory(r);
        return "";
    }
    for (size_t i = 0; i < name.len; i++) {
        if (is_plain(name.s[i]))
            s[len++] = name.s[i];
    }
    if (len == 0) {
        memcpy(s, "tool", 4);
        len = 4;
    }
    whole = len;
    for (uint32_t i = 2; is_shown(tools, n, s) && i < REQUEST_TOOLS_MAX + 2; i++)
        (void)snprintf(s + whole, 16, "_%u", i);
    return s;
}

static void write_tool(struct jsonw *w, const struct tool_def *t)
{
    static const char empty[] = "{\"type\":\"object\",\"properties\":{}}";

    jsonw_obj(w);
    jsonw_key(w, "type");
    jsonw_str(w, "function");
    jsonw_key(w, "function");
    jsonw_obj(w);
    jsonw_key(w, "name");
    jsonw_str(w, t->shown);
    if (t->description.s) {
        jsonw_key(w, "description");
        jsonw_strn(w, t->description.s, t->description.len);
    }
    jsonw_key(w, "parameters");
    if (t->parameters)
        jsonw_js(w, t->parameters);
    else
        jsonw_raw(w, empty, sizeof(empty) - 1);
    if (t->strict) {
        jsonw_key(w, "strict");
        jsonw_bool(w, true);
    }
    jsonw_obj_end(w);
    jsonw_obj_end(w);
}

static void take_tools(struct reader *r, struct request *q, struct tool_def *tools, uint32_t n)
{
    struct jsonw w;
    struct buf b;

    buf_init(&b, MEM_REQUEST, JOB_BYTES_MAX);
    jsonw_init(&w, &b);
    jsonw_arr(&w);
    for (uint32_t i = 0; i < n && read_ok(r); i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (tools[k].name.len == tools[i].name.len &&
                memcmp(tools[k].name.s, tools[i].name.s, tools[i].name.len) == 0)
                read_fail(r, "invalid_value", "tools", "two tools have the name '%.*s'",
                          (int)(tools[i].name.len < 64 ? tools[i].name.len : 64), tools[i].name.s);
        }
        tools[i].shown = shown_name(r, tools, i, tools[i].name);
        write_tool(&w, &tools[i]);
        /* Names are needed when the answer is written; the request's JSON is gone by then. */
        tools[i].name = read_keep(r, tools[i].name.s, tools[i].name.len);
        tools[i].parameters = NULL;
    }
    jsonw_arr_end(&w);
    if (b.failed)
        read_fail_memory(r);
    else if (n && read_ok(r))
        q->job.tools = read_keep(r, b.data, b.len);
    q->tools = tools;
    q->n_tool = read_ok(r) ? n : 0;
    buf_finish(&b);
}

struct job_str request_shown_name(const struct request *q, struct job_str name)
{
    for (uint32_t i = 0; name.s && i < q->n_tool; i++) {
        const struct tool_def *t = &q->tools[i];

        if (t->name.len == name.len && memcmp(t->name.s, name.s, name.len) == 0)
            return (struct job_str){ t->shown, strlen(t->shown) };
    }
    return name;
}

struct job_str request_own_name(const struct request *q, const char *shown)
{
    for (uint32_t i = 0; i < q->n_tool; i++) {
        if (strcmp(q->tools[i].shown, shown) == 0)
            return q->tools[i].name;
    }
    return (struct job_str){ shown, strlen(shown) };
}

void request_tool_choice(struct reader *r, struct request *q, const char *key,
                         enum job_tool_choice choice, struct job_str name)
{
    struct job_str shown = request_shown_name(q, name);

    if (!read_ok(r))
        return;
    if ((choice == JOB_TOOLS_REQUIRED || choice == JOB_TOOLS_NAMED) && q->n_tool == 0)
        read_fail(r, "invalid_value", key, "'%s' asks for a call, but there are no tools", key);
    if (choice == JOB_TOOLS_NAMED && !is_shown(q->tools, q->n_tool, shown.s ? shown.s : ""))
        read_fail(r, "invalid_value", key, "'%s': no tool has the name '%.*s'", key,
                  (int)(name.len < 64 ? name.len : 64), name.s ? name.s : "");
    q->job.tool_choice = choice;
    if (choice == JOB_TOOLS_NAMED)
        q->job.tool_name = shown;
}

static void read_tool(struct reader *r, const struct js *v, bool flat, struct tool_def *t)
{
    static const char *const types[] = { "function" };
    const struct js *f = v;
    size_t mark = r->path_len;

    if (!read_is(r, v, JS_OBJ))
        return;
    (void)read_choice(r, v, "type", READ_REQUIRED, types, 1);
    if (!flat) {
        f = read_object(r, v, "function", READ_REQUIRED);
        mark = read_enter(r, "function");
    }
    (void)read_str(r, f, "name", READ_REQUIRED, &t->name);
    if (read_ok(r) && t->name.len == 0)
        read_fail(r, "invalid_value", "name", "a tool's name is empty");
    (void)read_str(r, f, "description", READ_OPTIONAL, &t->description);
    t->parameters = read_object(r, f, "parameters", READ_OPTIONAL);
    (void)read_bool(r, f, "strict", &t->strict);
    read_leave(r, mark);
}

static void read_nested_tool(struct reader *r, const struct js *v, struct tool_def *t)
{
    read_tool(r, v, false, t);
}

static void read_flat_tool(struct reader *r, const struct js *v, struct tool_def *t)
{
    read_tool(r, v, true, t);
}

static void read_choice_of_tool(struct reader *r, const struct js *body, bool flat,
                                struct request *q)
{
    static const char *const modes[] = { "auto", "none", "required" };
    static const char *const types[] = { "function" };
    const struct js *v = read_any(r, body, "tool_choice", READ_OPTIONAL);
    struct job_str name = { NULL, 0 };
    int mode;
    size_t mark;

    if (!v)
        return;
    if (js_kind(v) != JS_OBJ) {
        mode = read_choice(r, body, "tool_choice", READ_OPTIONAL, modes, COUNT_OF(modes));
        if (mode >= 0)
            request_tool_choice(r, q, "tool_choice", (enum job_tool_choice)mode, name);
        return;
    }
    mark = read_enter(r, "tool_choice");
    (void)read_choice(r, v, "type", READ_REQUIRED, types, 1);
    if (!flat)
        v = read_object(r, v, "function", READ_REQUIRED);
    (void)read_str(r, v, "name", READ_REQUIRED, &name);
    read_leave(r, mark);
    request_tool_choice(r, q, "tool_choice", JOB_TOOLS_NAMED, name);
}

void request_tool_list(struct reader *r, const struct js *body, request_tool_fn read,
                       struct request *q)
{
    const struct js *list = read_list(r, body, "tools", READ_OPTIONAL);
    size_t mark = read_enter(r, "tools"), n = js_len(list);
    struct tool_def *tools = NULL;

    if (n > REQUEST_TOOLS_MAX)
        read_fail(r, "invalid_value", NULL, "more than %u tools", REQUEST_TOOLS_MAX);
    if (n && read_ok(r)) {
        tools = arena_new_n(r->arena, n, sizeof(*tools));
        if (!tools)
            read_fail_memory(r);
    }
    for (size_t i = 0; i < n && read_ok(r); i++) {
        size_t in = read_enter_at(r, i);

        read(r, js_at(list, i), &tools[i]);
        read_leave(r, in);
    }
    read_leave(r, mark);
    if (n && read_ok(r))
        take_tools(r, q, tools, (uint32_t)n);
}

void request_openai_tools(struct reader *r, const struct js *body, bool flat, struct request *q)
{
    bool parallel = true;

    request_tool_list(r, body, flat ? read_flat_tool : read_nested_tool, q);
    read_choice_of_tool(r, body, flat, q);
    (void)read_bool(r, body, "parallel_tool_calls", &parallel);
    q->job.no_parallel_calls = !parallel;
}
