/* Messages to turns: what is left out, joined or said in other words before a template sees it. */
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "text/prompt_int.h"

#define TURNS_BYTES_MAX ((size_t)4 * PROMPT_TEXT_BYTES_MAX)
#define CUT_MARK        "\n[…]\n"

static enum err_code no_memory(struct err *e)
{
    return err_set(e, ERR_OOM, "no memory for the conversation");
}

static bool is_role(const struct turn *t, const char *role)
{
    return strcmp(t->role, role) == 0;
}

/* ---- texts ---- */

static char *text_new(struct turns *t, size_t len)
{
    return len < TURNS_BYTES_MAX ? arena_new(&t->arena, len + 1) : NULL;
}

static char *joined(struct turns *t, const char *a, size_t a_len, const char *b, size_t b_len)
{
    char *s = text_new(t, a_len + b_len);

    if (!s)
        return NULL;
    memcpy(s, a, a_len);
    memcpy(s + a_len, b, b_len);
    return s;
}

bool turn_append(struct turns *t, struct turn *turn, const char *text, size_t len)
{
    char *s = joined(t, turn->text, turn->len, text, len);

    if (!s)
        return false;
    turn->text = s;
    turn->len += len;
    return true;
}

/* A blank line between what were two texts. */
static bool turn_join(struct turns *t, struct turn *turn, const struct turn *more)
{
    if (turn->len && more->len && !turn_append(t, turn, "\n\n", 2))
        return false;
    return turn_append(t, turn, more->text, more->len);
}

/* A list of parts as one text. */
static enum err_code read_parts(struct turns *t, uint32_t i, const struct js *parts,
                                struct turn *out, struct err *e)
{
    size_t n = 0, len;
    char *all;

    for (size_t k = 0; k < js_len(parts); k++) {
        const struct js *part = js_at(parts, k);
        const char *type = js_str(js_get(part, "type"), NULL);
        const char *text = js_str(js_get(part, "text"), &len);

        if (!type || strcmp(type, "text") != 0 || !text)
            return err_set(
                e, ERR_FORMAT,
                "messages[%u].content[%zu]: expected a part of type 'text', found '%.40s'", i, k,
                type ? type : "none");
        n += len; /* together no longer than the request */
    }
    all = text_new(t, n);
    if (!all)
        return no_memory(e);
    out->text = all;
    for (size_t k = 0; k < js_len(parts); k++) {
        const char *text = js_str(js_get(js_at(parts, k), "text"), &len);

        memcpy(all + out->len, text, len);
        out->len += len;
    }
    return ERR_OK;
}

static enum err_code read_content(struct turns *t, uint32_t i, const struct js *m, struct turn *out,
                                  struct err *e)
{
    const struct js *content = js_get(m, "content");
    const char *s = js_str(content, &out->len);

    out->text = s ? s : "";
    if (s)
        return ERR_OK;
    out->len = 0;
    if (js_kind(content) == JS_ARR)
        return read_parts(t, i, content, out, e);
    if (content && js_kind(content) != JS_NULL)
        return err_set(e, ERR_FORMAT, "messages[%u].content: expected a string, found %s", i,
                       js_kind_name(js_kind(content)));
    return ERR_OK;
}

static enum err_code read_turn(struct turns *t, uint32_t i, const struct js *m, struct turn *out,
                               struct err *e)
{
    const struct js *calls = js_get(m, "tool_calls");

    *out = (struct turn){ .role = js_str(js_get(m, "role"), NULL),
                          .name = js_str(js_get(m, "name"), NULL),
                          .call_id = js_str(js_get(m, "tool_call_id"), NULL) };
    if (!out->role)
        return err_set(e, ERR_FORMAT, "messages[%u].role: expected a string, found %s", i,
                       js_kind_name(js_kind(js_get(m, "role"))));
    out->thought = js_str(js_get(m, "reasoning_content"), &out->thought_len);
    if (calls && js_kind(calls) != JS_ARR && js_kind(calls) != JS_NULL)
        return err_set(e, ERR_FORMAT, "messages[%u].tool_calls: expected an array, found %s", i,
                       js_kind_name(js_kind(calls)));
    out->calls = js_len(calls) ? calls : NULL;
    out->n_call = js_len(calls);
    return read_content(t, i, m, out, e);
}

/* ---- cuts ---- */

/* The middle of a text goes, at borders of characters. */
static bool cut_text(struct turns *t, struct turn *turn, size_t keep)
{
    size_t head = keep / 2, tail = turn->len - (keep - keep / 2);
    const char *text = turn->text;
    size_t len = turn->len;

    if (keep >= len)
        return true;
    while (head && ((unsigned char)text[head] & 0xC0) == 0x80)
        head--;
    while (tail < len && ((unsigned char)text[tail] & 0xC0) == 0x80)
        tail++;
    turn->len = head;
    return turn_append(t, turn, CUT_MARK, strlen(CUT_MARK)) &&
           turn_append(t, turn, text + tail, len - tail);
}

/* How much of a line stays: its prefix when it is one that changes, else all. */
static size_t line_keep(const char *line, size_t len, const char *prefixes)
{
    while (*prefixes) {
        size_t n = strcspn(prefixes, "\n");

        if (n && n <= len && memcmp(line, prefixes, n) == 0)
            return n;
        prefixes += n + (prefixes[n] == '\n');
    }
    return len;
}

static bool drop_volatile(struct turns *t, struct turn *turn, const char *prefixes)
{
    char *s = joined(t, turn->text, turn->len, "", 0);
    size_t n = 0;

    if (!s)
        return false;
    for (size_t at = 0; at < turn->len;) {
        const char *line = turn->text + at;
        const char *end = memchr(line, '\n', turn->len - at);
        size_t len = end ? (size_t)(end - line) : turn->len - at;
        size_t keep = line_keep(line, len, prefixes);

        memcpy(s + n, line, keep);
        n += keep;
        if (end)
            s[n++] = '\n';
        at += len + (end != NULL);
    }
    turn->text = s;
    turn->len = n;
    return true;
}

/* ---- templates without tools ---- */

/* A call as text between two marks. */
static bool append_call(struct turns *t, struct turn *turn, const struct js *call,
                        const char *begin, const char *end)
{
    const struct js *f = js_get(call, "function");
    const char *name = js_str(js_get(f ? f : call, "name"), NULL);
    const struct js *args = js_get(f ? f : call, "arguments");
    struct buf text;
    struct jsonw w;
    size_t len;
    const char *s = js_str(args, &len);
    bool ok;

    buf_init(&text, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    if (turn->len)
        (void)buf_addc(&text, '\n');
    (void)buf_adds(&text, begin);
    jsonw_init(&w, &text);
    jsonw_obj(&w);
    jsonw_key(&w, "name");
    jsonw_str(&w, name ? name : "");
    jsonw_key(&w, "arguments");
    if (s && len)
        jsonw_raw(&w, s, len);
    else
        jsonw_js(&w, args);
    jsonw_obj_end(&w);
    (void)buf_adds(&text, end);
    ok = !text.failed && turn_append(t, turn, buf_str(&text), text.len);
    buf_finish(&text);
    return ok;
}

/* Calls and results as text, in the form that dialect_generic_prompt describes. */
static bool say_generic(struct turns *t, struct turn *turn)
{
    static const char begin[] = "[TOOL_RESULT]", end[] = "[END_TOOL_RESULT]";

    for (size_t i = 0; i < js_len(turn->calls); i++)
        if (!append_call(t, turn, js_at(turn->calls, i), "[TOOL_REQUEST]", "[END_TOOL_REQUEST]"))
            return false;
    turn->calls = NULL;
    if (!is_role(turn, "tool"))
        return true;
    turn->role = "user";
    turn->name = turn->call_id = NULL;
    turn->text = joined(t, begin, strlen(begin), turn->text, turn->len);
    turn->len += strlen(begin);
    return turn->text && turn_append(t, turn, end, strlen(end));
}

/* Calls as text in the form that the model itself writes. */
static bool tell_calls(struct turns *t, struct turn *turn, const struct dialect_row *row)
{
    char begin[64], end[64];

    (void)snprintf(begin, sizeof(begin), "%s ", row->trigger[0]);
    (void)snprintf(end, sizeof(end), " %s", row->close);
    for (size_t i = 0; i < turn->n_call; i++)
        if (!append_call(t, turn, js_at(turn->calls, turn->i_call + i), begin, end))
            return false;
    turn->calls = NULL;
    turn->n_call = 0;
    return true;
}

/* The description of the tools goes behind the system's text. */
static enum err_code offer_generic(struct turns *t, const struct js *tools, struct err *e)
{
    struct turn offer = { .role = "system", .text = "" };
    struct buf list, text;
    struct jsonw w;
    bool ok;

    buf_init(&list, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    buf_init(&text, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    jsonw_init(&w, &list);
    jsonw_js(&w, tools);
    ok = !list.failed && dialect_generic_prompt(&text, buf_str(&list), list.len) &&
         turn_append(t, &offer, buf_str(&text), text.len);
    if (ok && t->n && is_role(&t->at[0], "system")) {
        ok = turn_join(t, &t->at[0], &offer);
    } else if (ok) {
        memmove(t->at + 1, t->at, t->n * sizeof(*t->at)); /* turns_read left room for it */
        t->at[0] = offer;
        t->n++;
    }
    buf_finish(&list);
    buf_finish(&text);
    return ok ? ERR_OK : no_memory(e);
}

/* Templates that take tools from the system message: it is made if there is none. */
static void offer_message(struct turns *t, const struct js *tools)
{
    struct turn offer = { .role = "system", .text = "" };

    if (!t->n || !is_role(&t->at[0], "system")) {
        memmove(t->at + 1, t->at, t->n * sizeof(*t->at)); /* turns_read left room for it */
        t->at[0] = offer;
        t->n++;
    }
    t->at[0].tools = tools;
}

/* ---- forms ---- */

/* All system messages as one, at the beginning. */
static bool gather_system(struct turns *t)
{
    struct turn system = { .role = "system", .text = "" };
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n; i++) {
        if (!is_role(&t->at[i], "system"))
            t->at[n++] = t->at[i];
        else if (!turn_join(t, &system, &t->at[i]))
            return false;
    }
    if (n < t->n) {
        memmove(t->at + 1, t->at, n * sizeof(*t->at));
        t->at[0] = system;
        n++;
    }
    t->n = n;
    return true;
}

static bool can_join(const struct turn *a, const struct turn *b)
{
    return strcmp(a->role, b->role) == 0 && (is_role(a, "user") || is_role(a, "assistant")) &&
           !a->calls && !b->calls;
}

static bool join_neighbours(struct turns *t)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n; i++) {
        if (!n || !can_join(&t->at[n - 1], &t->at[i]))
            t->at[n++] = t->at[i];
        else if (!turn_join(t, &t->at[n - 1], &t->at[i]))
            return false;
    }
    t->n = n;
    return true;
}

/* The system's text begins the first user message, which is made if there is none. */
static bool lose_system(struct turns *t)
{
    struct turn system;
    uint32_t i = 1;

    if (!t->n || !is_role(&t->at[0], "system"))
        return true;
    system = t->at[0];
    while (i < t->n && !is_role(&t->at[i], "user") && !is_role(&t->at[i], "assistant"))
        i++;
    if (i == t->n || !is_role(&t->at[i], "user")) {
        t->at[0].role = "user";
        return true;
    }
    if (!turn_join(t, &system, &t->at[i]))
        return false;
    t->at[i].text = system.text;
    t->at[i].len = system.len;
    t->n--;
    memmove(t->at, t->at + 1, t->n * sizeof(*t->at));
    return true;
}

static const char *id_of(const struct turn *t, size_t i)
{
    return js_str(js_get(js_at(t->calls, i), "id"), NULL);
}

/* A turn with several calls, at `from` of the old turns, as one turn a call, each followed by its
 * result; returns how many old turns that were. */
static uint32_t part_calls(struct turns *t, const struct turn *old, uint32_t from, uint32_t n)
{
    const struct turn *turn = &old[from];
    uint32_t n_result = 0;

    while (from + 1 + n_result < n && is_role(&old[from + 1 + n_result], "tool"))
        n_result++;
    for (size_t i = 0; i < turn->n_call; i++) {
        const char *id = id_of(turn, i);

        t->at[t->n] = *turn;
        t->at[t->n].i_call = i;
        t->at[t->n].n_call = 1;
        if (i) {
            t->at[t->n].text = "";
            t->at[t->n].len = 0;
            t->at[t->n].thought = NULL;
        }
        t->n++;
        for (uint32_t k = 0; k < n_result; k++) {
            const struct turn *result = &old[from + 1 + k];
            bool fits = id && result->call_id ? strcmp(id, result->call_id) == 0 : k == i;

            if (fits)
                t->at[t->n++] = *result;
        }
    }
    return 1 + n_result;
}

/* No turn has more than one call. */
static bool one_call_each(struct turns *t)
{
    const struct turn *old = t->at;
    uint32_t n = t->n;
    size_t n_more = 0;

    for (uint32_t i = 0; i < n; i++)
        n_more += old[i].n_call * (n - i); /* each of its calls may find each result */
    if (n_more > PROMPT_MESSAGES_MAX)
        return true;
    t->at = arena_new_n(&t->arena, n + n_more + 1, sizeof(*t->at));
    if (!t->at)
        return false;
    t->n = 0;
    for (uint32_t i = 0; i < n;) {
        if (old[i].n_call > 1) {
            i += part_calls(t, old, i, n);
        } else {
            t->at[t->n++] = old[i++];
        }
    }
    return true;
}

/* The arguments of a call as the text of a turn. */
static bool args_turn(struct turns *t, struct turn *turn, const struct js *call)
{
    const struct js *f = js_get(call, "function"), *args = js_get(f ? f : call, "arguments");
    const char *name = js_str(js_get(f ? f : call, "name"), NULL);
    struct buf text;
    struct jsonw w;
    size_t len = 0;
    const char *s = js_str(args, &len);
    bool ok;

    *turn = (struct turn){ .role = "assistant", .text = "", .metadata = name ? name : "" };
    if (len)
        return turn_append(t, turn, s, len);
    if (s || !args || js_kind(args) == JS_NULL)
        return turn_append(t, turn, "{}", 2);
    buf_init(&text, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    jsonw_init(&w, &text);
    jsonw_js(&w, args);
    ok = !text.failed && turn_append(t, turn, buf_str(&text), text.len);
    buf_finish(&text);
    return ok;
}

/* Each call is a turn of its own, each result an observation. */
static bool say_metadata(struct turns *t)
{
    const struct turn *old = t->at;
    uint32_t n = t->n;
    size_t n_all = n;

    for (uint32_t i = 0; i < n; i++)
        n_all += old[i].n_call;
    t->at = n_all < UINT32_MAX ? arena_new_n(&t->arena, n_all + 1, sizeof(*t->at)) : NULL;
    if (!t->at)
        return false;
    t->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (old[i].len || !old[i].n_call) {
            struct turn *turn = &t->at[t->n++];

            *turn = old[i];
            turn->calls = NULL;
            turn->n_call = 0;
            if (is_role(turn, "tool")) {
                turn->role = "observation";
                turn->name = turn->call_id = NULL;
            }
        }
        for (size_t k = 0; k < old[i].n_call; k++)
            if (!args_turn(t, &t->at[t->n++], js_at(old[i].calls, old[i].i_call + k)))
                return false;
    }
    return true;
}

static bool please(struct turns *t, const struct prompt_format *f, enum prompt_form form)
{
    bool ok = true;

    if (!f->dialect.native)
        for (uint32_t i = 0; ok && i < t->n; i++)
            ok = say_generic(t, &t->at[i]);
    if (form != FORM_AS_IS)
        ok = ok && gather_system(t);
    if (form == FORM_NO_SYSTEM)
        ok = ok && lose_system(t);
    if (form != FORM_AS_IS || !f->dialect.native)
        ok = ok && join_neighbours(t);
    if (t->detail == DETAIL_ONE_CALL)
        ok = ok && one_call_each(t);
    if (f->dialect.metadata && f->dialect.native)
        ok = ok && say_metadata(t);
    if (f->dialect.told)
        for (uint32_t i = 0; ok && i < t->n; i++)
            ok = tell_calls(t, &t->at[i], f->dialect.row);
    return ok;
}

/* ---- all ---- */

enum err_code turns_read(struct turns *t, const struct prompt_format *f,
                         const struct prompt_params *p, enum prompt_form form,
                         enum prompt_detail detail, struct err *e)
{
    size_t n = js_len(p->messages);
    enum err_code rc = ERR_OK;

    *t = (struct turns){ .detail = detail };
    arena_init(&t->arena, MEM_REQUEST, 16384, TURNS_BYTES_MAX);
    if (js_kind(p->messages) != JS_ARR || n == 0)
        return err_set(e, ERR_FORMAT, "messages: expected a list of at least one, found %s",
                       js_kind(p->messages) == JS_ARR ? "an empty one"
                                                      : js_kind_name(js_kind(p->messages)));
    if (n > PROMPT_MESSAGES_MAX)
        return err_set(e, ERR_LIMIT, "messages: %zu, limit %u", n, PROMPT_MESSAGES_MAX);
    t->at = arena_new_n(&t->arena, n + 1, sizeof(*t->at));
    if (!t->at)
        return no_memory(e);
    for (uint32_t i = 0; !rc && i < n; i++) {
        struct turn *turn = &t->at[t->n];

        if (i >= p->cut.from && i - p->cut.from < p->cut.n)
            continue;
        rc = read_turn(t, i, js_at(p->messages, i), turn, e);
        if (!rc && p->cut.in_text && p->cut.text == i && !cut_text(t, turn, p->cut.keep))
            rc = no_memory(e);
        if (!rc && i == 0 && p->volatile_lines && is_role(turn, "system") &&
            !drop_volatile(t, turn, p->volatile_lines))
            rc = no_memory(e);
        t->n++;
    }
    if (!rc && p->tools && js_len(p->tools) && !f->dialect.native)
        rc = offer_generic(t, p->tools, e);
    if (!rc && !please(t, f, form))
        rc = no_memory(e);
    if (!rc && js_len(p->tools) && f->dialect.native &&
        (f->dialect.offers & (DIALECT_OFFER_MESSAGE | DIALECT_OFFER_SPEC)))
        offer_message(t, p->tools);
    return rc;
}

void turns_finish(struct turns *t)
{
    arena_finish(&t->arena);
}
