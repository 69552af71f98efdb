/* Prompts: the context that a template sees, the forms that are tried, and what probes told. */
#include "text/prompt.h"

#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "text/prompt_int.h"

/* For files without a template whose vocabulary has ChatML's marks. */
static const char chatml[] =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/* For base models: a dialogue in plain words, which they continue. */
static const char plain[] = "{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n"
                            "{% else %}{{ 'User' if m.role == 'user' else 'Assistant' }}: {{ "
                            "m.content }}\n{% endif %}{% endfor %}"
                            "{% if add_generation_prompt %}Assistant:{% endif %}";

/* Stands behind the text that is to be continued, to be found in what was rendered. */
#define HERE_BYTES 48U

/* ---- writing the context ---- */

static void write_token(struct jsonw *w, const struct tok *t, const char *key, int32_t id)
{
    size_t len = 0;
    const char *s = id == TOK_NONE ? "" : tok_spelling(t, id, &len);

    jsonw_key(w, key);
    jsonw_strn(w, s, len);
}

static void write_arguments(struct jsonw *w, const struct js *args, bool as_text)
{
    size_t len;
    const char *s = js_str(args, &len);
    struct js *value = NULL;

    jsonw_key(w, "arguments");
    if (!as_text && s && js_parse(&value, s, len, NULL) == ERR_OK && js_kind(value) == JS_OBJ) {
        jsonw_raw(w, s, len);
    } else if (as_text && !s) {
        struct buf text;
        struct jsonw inner;

        buf_init(&text, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
        jsonw_init(&inner, &text);
        jsonw_js(&inner, args);
        jsonw_strn(w, buf_str(&text), text.len);
        w->out->failed = w->out->failed || text.failed;
        buf_finish(&text);
    } else {
        jsonw_js(w, args);
    }
    js_close(value);
}

#define SHORT_ID 9U

/* Nine letters and digits that stand for the id. */
static void write_short_id(struct jsonw *w, const char *id)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    size_t len = strlen(id);
    uint64_t h = 14695981039346656037ULL; /* FNV-1a */
    char text[SHORT_ID + 1];

    if (len == SHORT_ID && strspn(id, set) == len) {
        jsonw_str(w, id);
        return;
    }
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)id[i]) * 1099511628211ULL;
    for (unsigned i = 0; i < SHORT_ID; i++, h /= sizeof(set) - 1)
        text[i] = set[h % (sizeof(set) - 1)];
    text[SHORT_ID] = '\0';
    jsonw_str(w, text);
}

/* Where ids say the name and count the calls, those of other makers are put in such words. */
static void write_counted_id(struct jsonw *w, const struct turns *t, const char *id)
{
    static const char prefix[] = "functions.";
    char text[DIALECT_NAME_MAX + 64];
    uint32_t n = 0;

    for (uint32_t i = 0; i < t->n && strncmp(id, prefix, strlen(prefix)) != 0; i++)
        for (size_t k = 0; k < t->at[i].n_call; k++, n++) {
            const struct js *call = js_at(t->at[i].calls, t->at[i].i_call + k);
            const char *of = js_str(js_get(call, "id"), NULL);
            const char *name = js_str(js_get(js_get(call, "function"), "name"), NULL);

            if (!of || !name || strcmp(of, id) != 0)
                continue;
            (void)snprintf(text, sizeof(text), "%s%.*s:%u", prefix, (int)DIALECT_NAME_MAX, name, n);
            jsonw_str(w, text);
            return;
        }
    jsonw_str(w, id);
}

static void write_id(struct jsonw *w, const struct turns *t, const struct prompt_format *f,
                     const char *id)
{
    if (f->dialect.row && (f->dialect.row->flags & DIALECT_COUNTED))
        write_counted_id(w, t, id);
    else if (t->detail >= DETAIL_WORDS)
        write_short_id(w, id);
    else
        jsonw_str(w, id);
}

static void write_call(struct jsonw *w, const struct turns *t, const struct prompt_format *format,
                       const struct js *call)
{
    const struct js *f = js_get(call, "function");
    const char *id = js_str(js_get(call, "id"), NULL);
    const char *name;

    if (!f)
        f = call;
    name = js_str(js_get(f, "name"), NULL);
    jsonw_obj(w);
    if (id) {
        jsonw_key(w, "id");
        write_id(w, t, format, id);
    }
    jsonw_key(w, "type");
    jsonw_str(w, "function");
    jsonw_key(w, "function");
    jsonw_obj(w);
    jsonw_key(w, "name");
    jsonw_str(w, name ? name : "");
    write_arguments(w, js_get(f, "arguments"), format->dialect.args_text);
    jsonw_obj_end(w);
    jsonw_obj_end(w);
}

/* The function whose call a result answers: some templates want its name. */
static const char *called_name(const struct turns *t, uint32_t before, const char *id)
{
    for (uint32_t i = before; id && i-- > 0;) {
        for (size_t k = 0; k < js_len(t->at[i].calls); k++) {
            const struct js *call = js_at(t->at[i].calls, k);
            const char *of = js_str(js_get(call, "id"), NULL);

            if (of && strcmp(of, id) == 0)
                return js_str(js_get(js_get(call, "function"), "name"), NULL);
        }
    }
    return NULL;
}

static void write_text(struct jsonw *w, const struct turn *turn, bool typed)
{
    jsonw_key(w, "content");
    if (!typed) {
        jsonw_strn(w, turn->text, turn->len);
        return;
    }
    jsonw_arr(w);
    jsonw_obj(w);
    jsonw_key(w, "type");
    jsonw_str(w, "text");
    jsonw_key(w, "text");
    jsonw_strn(w, turn->text, turn->len);
    jsonw_obj_end(w);
    jsonw_arr_end(w);
}

/* The members of an object, which stays open; one of them is written by `other`. */
static void write_members(struct jsonw *w, const struct js *v, const char *name,
                          void (*other)(struct jsonw *w, const struct js *v))
{
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        size_t len;
        const char *key = js_key(it, &len);

        jsonw_keyn(w, key, len);
        if (other && js_kind(js_value(it)) == JS_OBJ && (!name || strcmp(key, name) == 0))
            other(w, js_value(it));
        else
            jsonw_js(w, js_value(it));
    }
}

static void write_description(struct jsonw *w, const struct js *v)
{
    jsonw_obj(w);
    if (js_get(v, "description"))
        return;
    jsonw_key(w, "description");
    jsonw_str(w, "");
}

static void write_property(struct jsonw *w, const struct js *v)
{
    const char *type = js_str(js_get(v, "type"), NULL);

    write_description(w, v);
    write_members(w, v, NULL, NULL);
    if (type && strcmp(type, "object") == 0 && !js_get(v, "additionalProperties")) {
        jsonw_key(w, "additionalProperties");
        jsonw_obj(w);
        jsonw_obj_end(w);
    }
    jsonw_obj_end(w);
}

static void write_properties(struct jsonw *w, const struct js *v)
{
    jsonw_obj(w);
    write_members(w, v, NULL, write_property);
    jsonw_obj_end(w);
}

static void write_parameters(struct jsonw *w, const struct js *v)
{
    jsonw_obj(w);
    write_members(w, v, "properties", write_properties);
    jsonw_obj_end(w);
}

/* A function whose parts say what they are, if only with empty words. */
static void write_described(struct jsonw *w, const struct js *f)
{
    write_description(w, f);
    write_members(w, f, "parameters", write_parameters);
    jsonw_obj_end(w);
}

static void write_tools(struct jsonw *w, const struct js *tools, enum prompt_detail detail)
{
    if (detail == DETAIL_NONE) {
        jsonw_js(w, tools);
        return;
    }
    jsonw_arr(w);
    for (size_t i = 0; i < js_len(tools); i++) {
        const struct js *tool = js_at(tools, i), *f = js_get(tool, "function");

        if (js_kind(f) != JS_OBJ) {
            jsonw_js(w, tool);
            continue;
        }
        jsonw_obj(w);
        jsonw_key(w, "type");
        jsonw_str(w, "function");
        jsonw_key(w, "function");
        write_described(w, f);
        jsonw_obj_end(w);
    }
    jsonw_arr_end(w);
}

/* The tools as JSON text, each as it stands in its wrapper. */
static void write_spec(struct jsonw *w, const struct js *tools)
{
    struct buf text;
    struct jsonw inner;

    buf_init(&text, MEM_REQUEST, PROMPT_TEXT_BYTES_MAX);
    jsonw_init(&inner, &text);
    jsonw_arr(&inner);
    for (size_t i = 0; i < js_len(tools); i++) {
        const struct js *tool = js_at(tools, i), *f = js_get(tool, "function");

        jsonw_js(&inner, f ? f : tool);
    }
    jsonw_arr_end(&inner);
    jsonw_strn(w, buf_str(&text), text.len);
    w->out->failed = w->out->failed || text.failed;
    buf_finish(&text);
}

/* Tools that the first system message brings. */
static void write_own_tools(struct jsonw *w, const struct turn *turn, const struct prompt_format *f)
{
    if (!turn->tools)
        return;
    jsonw_key(w, "tools");
    if (f->dialect.offers & DIALECT_OFFER_SPEC)
        write_spec(w, turn->tools);
    else
        jsonw_js(w, turn->tools);
}

static void write_turn(struct jsonw *w, const struct turns *t, uint32_t i,
                       const struct prompt_format *f)
{
    const struct turn *turn = &t->at[i];
    const struct reasoning_row *row = f->dialect.reasoning.row;
    const char *key = f->dialect.reasoning.key;
    const char *name = turn->name ? turn->name : called_name(t, i, turn->call_id);

    jsonw_obj(w);
    jsonw_key(w, "role");
    jsonw_str(w, turn->role);
    write_text(w, turn, f->typed_content);
    write_own_tools(w, turn, f);
    if (turn->metadata) {
        jsonw_key(w, "metadata");
        jsonw_str(w, turn->metadata);
    }
    if (turn->thought) {
        jsonw_key(w, "reasoning_content");
        jsonw_strn(w, turn->thought, turn->thought_len);
    }
    /* Channels take no thought beside text and a call. */
    if (turn->thought && key && !(row && row->harmony && turn->calls && turn->len)) {
        jsonw_key(w, key);
        jsonw_strn(w, turn->thought, turn->thought_len);
    }
    if (turn->calls) {
        jsonw_key(w, "tool_calls");
        jsonw_arr(w);
        for (size_t k = 0; k < turn->n_call; k++)
            write_call(w, t, f, js_at(turn->calls, turn->i_call + k));
        jsonw_arr_end(w);
    }
    if (turn->call_id) {
        jsonw_key(w, "tool_call_id");
        write_id(w, t, f, turn->call_id);
    }
    if (name) {
        jsonw_key(w, "name");
        jsonw_str(w, name);
    }
    jsonw_obj_end(w);
}

void turns_write(const struct turns *t, const struct prompt_format *f, struct jsonw *w)
{
    jsonw_arr(w);
    for (uint32_t i = 0; i < t->n; i++)
        write_turn(w, t, i, f);
    jsonw_arr_end(w);
}

/* What a request sets itself goes before the dialect's own switches. */
static void write_reasoning(struct jsonw *w, const struct prompt_format *f,
                            const struct prompt_params *p)
{
    static const struct {
        const char *name;
        enum reasoning_var var;
    } vars[] = { { "enable_thinking", REASONING_ENABLE_THINKING },
                 { "thinking", REASONING_THINKING },
                 { "reasoning_effort", REASONING_EFFORT },
                 { "thinking_budget", REASONING_BUDGET },
                 { "thinking_mode", REASONING_MODE },
                 { "thinking_effort", REASONING_THINKING_EFFORT },
                 { "reasoning_strength", REASONING_STRENGTH } };
    struct reasoning r = f->dialect.reasoning;

    for (size_t i = 0; i < COUNT_OF(vars); i++)
        if (js_get(p->kwargs, vars[i].name))
            r.vars &= ~(unsigned)vars[i].var;
    reasoning_write(&r, &p->reasoning, w);
}

enum err_code prompt_check_variables(const struct js *kwargs, struct err *e)
{
    static const char *const taken[] = { "messages", "tools", "add_generation_prompt", "bos_token",
                                         "eos_token" };

    if (!kwargs)
        return ERR_OK;
    if (js_kind(kwargs) != JS_OBJ)
        return err_set(e, ERR_FORMAT, "template variables: expected an object, found %s",
                       js_kind_name(js_kind(kwargs)));
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        if (js_get(kwargs, taken[i]))
            return err_set(e, ERR_ARG, "the template variable '%s' cannot be set by a request",
                           taken[i]);
    return ERR_OK;
}

/* Seconds as date and time of day. */
static void write_time(struct jsonw *w, int64_t s)
{
    static const int64_t day_s = 86400, cycle = 146097; /* days of 400 years */
    int64_t day = s / day_s - (s % day_s < 0), rest = s - day * day_s;
    int64_t d = day + 719468,
            era = (d >= 0 ? d : d - cycle + 1) / cycle; /* since March of year 0 */
    int64_t of_era = d - era * cycle;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100),
            month = (5 * of_year + 2) / 153;
    char text[64];

    (void)snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d",
                   (int)(year + era * 400 + (month >= 10)),
                   (int)(month < 10 ? month + 3 : month - 9),
                   (int)(of_year - (153 * month + 2) / 5 + 1), (int)(rest / 3600),
                   (int)(rest / 60 % 60), (int)(rest % 60));
    jsonw_str(w, text);
}

static void write_context(const struct prompt_format *f, const struct prompt_params *p,
                          const struct turns *t, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    jsonw_key(&w, "messages");
    turns_write(t, f, &w);
    if (p->tools && js_len(p->tools) && f->dialect.native) {
        jsonw_key(&w, "tools");
        write_tools(&w, p->tools, t->detail);
    }
    if ((f->dialect.offers & DIALECT_OFFER_TEXT) && !js_get(p->kwargs, "functions")) {
        jsonw_key(&w, "functions");
        write_spec(&w, p->tools);
    }
    if ((f->dialect.offers & DIALECT_OFFER_TEXT) && !js_get(p->kwargs, "datetime")) {
        jsonw_key(&w, "datetime");
        write_time(&w, p->unix_s + p->zone_s);
    }
    jsonw_key(&w, "add_generation_prompt");
    jsonw_bool(&w, !p->continue_last);
    for (void *it = js_first(p->kwargs); it; it = js_next(p->kwargs, it)) {
        jsonw_key(&w, js_key(it, NULL));
        jsonw_js(&w, js_value(it));
    }
    write_reasoning(&w, f, p);
    write_token(&w, f->tok, "bos_token", tok_bos(f->tok));
    write_token(&w, f->tok, "eos_token", tok_eos(f->tok));
    jsonw_obj_end(&w);
}

/* ---- rendering ---- */

static bool contains(const char *text, size_t len, const char *what)
{
    return memmem(text, len, what, strlen(what)) != NULL;
}

/* A mark that no message holds. */
static bool mark_end(struct turns *t, char here[HERE_BYTES])
{
    struct turn *last = &t->at[t->n - 1];
    unsigned i = 0;
    bool taken = true;

    for (; taken && i < 1000; i++) {
        taken = false;
        (void)snprintf(here, HERE_BYTES, "hearth-goes-on-here-%u", i);
        for (uint32_t k = 0; k < t->n; k++)
            taken = taken || contains(t->at[k].text, t->at[k].len, here);
    }
    return !taken && turn_append(t, last, here, strlen(here));
}

/* Cuts the prompt where the mark is. */
static enum err_code cut_at_mark(struct buf *out, size_t from, const char *here, struct err *e)
{
    size_t n = strlen(here);

    for (size_t at = out->len; at >= from + n; at--) {
        if (memcmp(out->data + at - n, here, n) == 0) {
            out->len = at - n;
            out->data[out->len] = '\0';
            return ERR_OK;
        }
    }
    return err_set(e, ERR_TEMPLATE,
                   "the chat template does not show the last message, so it cannot be continued");
}

static enum err_code render_turns(const struct prompt_format *f, const struct prompt_params *p,
                                  struct turns *t, struct buf *out, struct prompt_bars *bars,
                                  struct err *e)
{
    const struct tmpl_limits limits = { .stop = p->stop };
    size_t from = out->len;
    char here[HERE_BYTES], mark[GUARD_BYTES] = "";
    struct js *context = NULL;
    struct buf json;
    enum err_code rc;

    if (!t->n)
        return err_set(e, ERR_FORMAT, "messages: nothing is left of them");
    if (p->continue_last && strcmp(t->at[t->n - 1].role, "assistant") != 0)
        return err_set(e, ERR_ARG,
                       "the last message is the %.40s's: only an assistant's can be "
                       "continued",
                       t->at[t->n - 1].role);
    if (p->continue_last && !mark_end(t, here))
        return err_set(e, ERR_OOM, "no memory for the conversation");
    buf_init(&json, MEM_REQUEST, (size_t)4 * PROMPT_TEXT_BYTES_MAX);
    write_context(f, p, t, &json);
    rc = buf_check(&json, "the conversation", e);
    if (!rc)
        rc = js_parse(&context, buf_str(&json), json.len, e);
    buf_finish(&json);
    if (!rc && bars)
        rc = guard_context(f, &context, p->stop, mark, e);
    if (!rc)
        rc = tmpl_render(f->tmpl, context, p->unix_s, p->zone_s, &limits, out, e);
    js_close(context);
    if (!rc && bars)
        rc = guard_lift(out, from, mark, bars, e);
    if (!rc && p->continue_last)
        rc = cut_at_mark(out, from, here, e);
    return rc;
}

static enum err_code render_as(const struct prompt_format *f, const struct prompt_params *p,
                               enum prompt_form form, enum prompt_detail detail, struct buf *out,
                               struct prompt_bars *bars, struct err *e)
{
    struct turns t;
    enum err_code rc = turns_read(&t, f, p, form, detail, e);

    if (!rc)
        rc = render_turns(f, p, &t, out, bars, e);
    turns_finish(&t);
    return rc;
}

/* Whether details could matter: there are tools, or calls. */
static bool has_details(const struct prompt_params *p)
{
    for (size_t i = 0; i < js_len(p->messages); i++)
        if (js_len(js_get(js_at(p->messages, i), "tool_calls")))
            return true;
    return js_len(p->tools) > 0;
}

enum err_code prompt_render(const struct prompt_format *f, const struct prompt_params *p,
                            struct buf *out, struct prompt_bars *bars, struct err *e)
{
    enum prompt_form begin = f->no_system ? FORM_NO_SYSTEM : FORM_AS_IS;
    int n_detail = has_details(p) ? DETAIL_ONE_CALL + 1 : 1;
    size_t from = out->len;
    struct err first = { 0 }, again = { 0 };
    enum err_code rc = prompt_check_variables(p->kwargs, e);
    bool is_first = true;

    if (rc)
        return rc;
    rc = ERR_TEMPLATE;
    for (int detail = 0; rc == ERR_TEMPLATE && detail < n_detail; detail++)
        for (int form = begin; rc == ERR_TEMPLATE && form <= FORM_NO_SYSTEM; form++) {
            out->len = from;
            rc = render_as(f, p, (enum prompt_form)form, (enum prompt_detail)detail, out, bars,
                           is_first ? &first : &again);
            is_first = false;
        }
    if (rc == ERR_TEMPLATE)
        return err_set(e, rc, "the chat template refuses this conversation: %.300s", first.text);
    if (rc && e)
        *e = first.code == ERR_TEMPLATE ? again : first;
    return rc;
}

/* ---- tokens ---- */

/* Templates often write the begin-of-text token themselves: it must not come twice. */
static bool begins_with_bos(const struct tok *t, const char *text, size_t text_len,
                            const struct prompt_bars *bars)
{
    size_t len;
    const char *bos;

    if (tok_bos(t) == TOK_NONE)
        return false;
    bos = tok_spelling(t, tok_bos(t), &len);
    for (size_t i = 0; i < bars->n && bars->at[i] < len; i++) {
        if (bars->at[i])
            return false; /* a message spells it */
    }
    return len && text_len >= len && memcmp(text, bos, len) == 0;
}

void prompt_bars_finish(struct prompt_bars *b)
{
    mem_free(b->at);
    *b = (struct prompt_bars){ 0 };
}

enum err_code prompt_tokens(const struct prompt_format *f, const char *text, size_t len,
                            const struct prompt_bars *bars, size_t n_max,
                            const struct stop_ask *stop, struct ids *out, struct err *e)
{
    struct tok_params p = { .parse_special = true,
                            .stop = stop,
                            .n_max = n_max,
                            .bars = bars->at,
                            .n_bar = bars->n,
                            .add_special = !begins_with_bos(f->tok, text, len, bars) &&
                                           !tok_adds_eos(f->tok) };

    return tok_encode(f->tok, text, len, p, out, e);
}

/* ---- what a template can do ---- */

#define PROBE_SYSTEM "probe of a system message"
#define PROBE_USER   "probe of a question"

/* Renders the probe in the format as it is; *shows: what it should show is there. ERR_OOM only. */
static enum err_code probe(const struct prompt_format *f, bool system, bool *shows, struct err *e)
{
    static const char with[] = "[{\"role\":\"system\",\"content\":\"" PROBE_SYSTEM "\"},"
                               "{\"role\":\"user\",\"content\":\"" PROBE_USER "\"}]";
    static const char without[] = "[{\"role\":\"user\",\"content\":\"" PROBE_USER "\"}]";
    const char *json = system ? with : without;
    struct prompt_params p = { .unix_s = 1700000000 };
    struct js *messages = NULL;
    struct buf out;
    enum err_code rc;

    buf_init(&out, MEM_OTHER, PROMPT_TEXT_BYTES_MAX);
    rc = js_parse(&messages, json, strlen(json), e);
    p.messages = messages;
    if (!rc)
        rc = render_as(f, &p, FORM_AS_IS, DETAIL_NONE, &out, NULL, e);
    *shows = !rc && contains(buf_str(&out), out.len, system ? PROBE_SYSTEM : PROBE_USER);
    js_close(messages);
    buf_finish(&out);
    return rc == ERR_OOM ? rc : ERR_OK;
}

static enum err_code find_abilities(struct prompt_format *f, struct err *e)
{
    bool shows;
    enum err_code rc = probe(f, false, &shows, e);

    if (!rc && !shows) {
        f->typed_content = true;
        rc = probe(f, false, &shows, e);
        f->typed_content = shows;
    }
    if (!rc)
        rc = probe(f, true, &shows, e);
    f->no_system = !shows;
    return rc;
}

static enum err_code open_fallback(struct prompt_format *f, struct err *e)
{
    const char *source = chatml;

    f->is_fallback = true;
    if (tok_find(f->tok, "<|im_start|>", strlen("<|im_start|>")) == TOK_NONE) {
        f->is_plain = true;
        source = plain;
    }
    return tmpl_open(&f->_own, source, strlen(source), e);
}

static enum err_code pick_dialect(struct prompt_format *f, const char *name, struct err *e)
{
    const struct dialect_row *row;

    if (!name || !*name)
        return ERR_OK;
    row = dialect_named(name);
    if (!row)
        return err_set(e, ERR_ARG, "there is no dialect '%.60s'", name);
    /* The generic one is for templates that show no tools: it replaces what they would. */
    f->dialect.native = f->dialect.native && strcmp(name, "generic") != 0;
    f->dialect.told = f->dialect.told && (row->flags & DIALECT_TOLD);
    f->dialect.row = row;
    f->dialect.found = DIALECT_BY_NAME;
    f->dialect.both = false;
    return ERR_OK;
}

enum err_code prompt_format_open(struct prompt_format *f, const struct prompt_source *s,
                                 struct err *e)
{
    enum err_code rc = ERR_OK;

    *f = (struct prompt_format){ .tok = s->tok, .tmpl = s->tmpl };
    if (!f->tmpl) {
        rc = open_fallback(f, e);
        f->tmpl = f->_own;
    }
    if (rc)
        return rc;
    /* Plain dialogues and ChatML of our own have no thoughts: their text says so. */
    rc = dialect_find(&f->dialect, f->tmpl, s->source && !f->_own ? s->source : "",
                      f->_own ? 0 : s->source_len, e);
    if (!rc)
        rc = pick_dialect(f, s->dialect, e);
    if (!rc)
        rc = find_abilities(f, e);
    if (rc)
        prompt_format_close(f);
    return rc;
}

void prompt_format_close(struct prompt_format *f)
{
    tmpl_close(f->_own);
    *f = (struct prompt_format){ 0 };
}
