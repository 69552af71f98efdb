/* $HEARTH_HOME/config.json: read and written by tables, so that both agree. */
#include "serve/config_int.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/path.h"

#define CONFIG_BYTES_MAX (4U << 20)
#define COPY_DEPTH_MAX   64U

enum member_kind {
    M_BOOL,
    M_U16,
    M_U32,
    M_U64,
    M_NUM,
    M_SEED,
    M_INT,
    M_TEXT,
    M_WORDS, /* a list of texts without blanks, kept with blanks between */
    M_LINES, /* the same with line breaks */
    M_GUARD,
    M_KV,
};

struct member {
    const char *section; /* NULL: of a model's defaults */
    const char *name;
    enum member_kind kind;
    unsigned given;  /* enum job_given */
    size_t at, size; /* in struct config, or in struct model_defaults */
    double max, min; /* of numbers */
};

#define OF(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
#define OFM(field)                                                                                 \
    offsetof(struct model_defaults, field), sizeof(((struct model_defaults *)0)->field)
#define DAY_S      86400.0
#define TOKENS_MAX 16777216.0
#define EXACT_MAX  9007199254740992.0 /* beyond it JSON numbers are not exact */

/* clang-format off */
static const struct member members[] = {
    { "server", "address", M_TEXT, 0, OF(address), 0, 0 },
    { "server", "port", M_U16, 0, OF(port), 65535, 0 },
    { "server", "cors", M_BOOL, 0, OF(cors), 0, 0 },
    { "server", "requireKey", M_BOOL, 0, OF(require_key), 0, 0 },
    { "server", "origins", M_WORDS, 0, OF(origins), 0, 0 },
    { "server", "hosts", M_WORDS, 0, OF(hosts), 0, 0 },
    { "log", "prompts", M_BOOL, 0, OF(log_prompts), 0, 0 },
    { "models", "jit", M_BOOL, 0, OF(runtime.jit), 0, 0 },
    { "models", "jitTtlSeconds", M_NUM, 0, OF(runtime.jit_ttl_s), 366 * DAY_S, 0 },
    { "models", "keepLast", M_BOOL, 0, OF(runtime.jit_keep_last), 0, 0 },
    { "models", "guardrail", M_GUARD, 0, OF(runtime.guardrail), 0, 0 },
    { "models", "queueMax", M_U32, 0, OF(runtime.queue_max), WORKER_QUEUE_MAX, 0 },
    { "models", "cacheBytesMax", M_U64, 0, OF(runtime.cache_bytes_max), EXACT_MAX, 0 },
    { "models", "volatileLines", M_LINES, 0, OF(runtime.volatile_lines), 0, 0 },
};

static const struct member model_members[] = {
    { NULL, "contextLength", M_U32, 0, OFM(load.n_ctx), TOKENS_MAX, 0 },
    { NULL, "evalBatchSize", M_U32, 0, OFM(load.n_batch), 65536, 0 },
    { NULL, "parallel", M_U32, 0, OFM(load.n_parallel), 1024, 0 },
    { NULL, "threads", M_U32, 0, OFM(load.n_thread), 256, 0 },
    { NULL, "numExperts", M_U32, 0, OFM(load.n_expert_used), 4096, 0 },
    { NULL, "kCacheType", M_KV, 0, OFM(load.type_k), 0, 0 },
    { NULL, "vCacheType", M_KV, 0, OFM(load.type_v), 0, 0 },
    { NULL, "ttlSeconds", M_NUM, 0, OFM(load.ttl_s), 366 * DAY_S, 0 },
    { NULL, "temperature", M_NUM, JOB_HAS_TEMPERATURE, OFM(sampling.temperature), 100, 0 },
    { NULL, "topK", M_INT, JOB_HAS_TOP_K, OFM(sampling.top_k), 1e6, -1 },
    { NULL, "topP", M_NUM, JOB_HAS_TOP_P, OFM(sampling.top_p), 1, 0 },
    { NULL, "minP", M_NUM, JOB_HAS_MIN_P, OFM(sampling.min_p), 1, 0 },
    { NULL, "typicalP", M_NUM, JOB_HAS_TYPICAL, OFM(sampling.typical), 1, 0 },
    { NULL, "repeatPenalty", M_NUM, JOB_HAS_REPEAT, OFM(sampling.repeat), 10, 0 },
    { NULL, "presencePenalty", M_NUM, JOB_HAS_PRESENCE, OFM(sampling.presence), 10, -10 },
    { NULL, "frequencyPenalty", M_NUM, JOB_HAS_FREQUENCY, OFM(sampling.frequency), 10, -10 },
    { NULL, "seed", M_SEED, JOB_HAS_SEED, OFM(sampling.seed), EXACT_MAX, 0 },
};
/* clang-format on */

static const char *const guards[] = { [GUARD_OFF] = "off",
                                      [GUARD_RELAXED] = "relaxed",
                                      [GUARD_BALANCED] = "balanced",
                                      [GUARD_STRICT] = "strict" };

/* ---- reading ---- */

static enum err_code wrong(const char *where, const struct member *m, const char *expected,
                           const struct js *v, struct err *e)
{
    return err_set(e, ERR_FORMAT, "config.json: %.100s.%s: expected %s, found %s", where, m->name,
                   expected, js_kind_name(js_kind(v)));
}

static enum err_code read_number(void *to, const struct member *m, const char *where,
                                 const struct js *v, struct err *e)
{
    const double value = js_num(v);
    const bool is_whole = m->kind != M_NUM;
    char expected[96];

    if (!js_is_num(v) || !(value >= m->min && value <= m->max) ||
        (is_whole && value != floor(value))) {
        (void)snprintf(expected, sizeof(expected), "a%s number from %.0f to %.0f",
                       is_whole ? " whole" : "", m->min, m->max);
        return wrong(where, m, expected, v, e);
    }
    if (m->kind == M_NUM)
        memcpy(to, &value, sizeof(value));
    else if (m->kind == M_U16)
        *(uint16_t *)to = (uint16_t)value;
    else if (m->kind == M_U32)
        *(uint32_t *)to = (uint32_t)value;
    else if (m->kind == M_INT)
        *(int32_t *)to = (int32_t)value;
    else
        *(uint64_t *)to = (uint64_t)value;
    return ERR_OK;
}

/* Texts end at their first NUL: one inside is refused. */
static bool copy_text(char *to, size_t cap, const char *s, size_t len)
{
    if (!s || len >= cap || memchr(s, '\0', len))
        return false;
    memcpy(to, s, len);
    to[len] = '\0';
    return true;
}

static enum err_code read_list(char *to, const struct member *m, const char *where,
                               const struct js *v, struct err *e)
{
    const char between = m->kind == M_WORDS ? ' ' : '\n';
    size_t at = 0;

    to[0] = '\0';
    if (js_kind(v) != JS_ARR)
        return wrong(where, m, "a list of texts", v, e);
    for (size_t i = 0; i < js_len(v); i++) {
        size_t len;
        const char *s = js_str(js_at(v, i), &len);

        if (!s || len == 0 || memchr(s, between, len) || len + 1 >= m->size - at)
            return wrong(where, m, "short texts without blanks or line breaks in the list",
                         js_at(v, i), e);
        if (at > 0)
            to[at++] = between;
        if (!copy_text(to + at, m->size - at, s, len))
            return wrong(where, m, "texts without NUL", v, e);
        at += len;
    }
    return ERR_OK;
}

static enum err_code read_member(void *base, const struct member *m, const char *where,
                                 const struct js *v, struct err *e)
{
    void *to = (char *)base + m->at;
    size_t len = 0;
    const char *s = js_str(v, &len);

    switch (m->kind) {
    case M_BOOL:
        if (js_kind(v) != JS_BOOL)
            return wrong(where, m, "true or false", v, e);
        *(bool *)to = js_bool(v);
        return ERR_OK;
    case M_TEXT:
        return copy_text(to, m->size, s, len) ? ERR_OK : wrong(where, m, "a short text", v, e);
    case M_WORDS:
    case M_LINES:
        return read_list(to, m, where, v, e);
    case M_GUARD:
        for (int i = 0; s && i <= GUARD_STRICT; i++) {
            if (strcmp(s, guards[i]) == 0) {
                *(enum guardrail *)to = (enum guardrail)i;
                return ERR_OK;
            }
        }
        return wrong(where, m, "\"off\", \"relaxed\", \"balanced\" or \"strict\"", v, e);
    case M_KV:
        if (!s || !kv_type_by_name(s, (enum kv_type *)to))
            return wrong(where, m, "the name of a cache type such as \"q8_0\"", v, e);
        return ERR_OK;
    default:
        return read_number(to, m, where, v, e);
    }
}

static enum err_code read_sections(struct config *c, const struct js *root, struct err *e)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; i < COUNT_OF(members) && !rc; i++) {
        const struct js *section = js_get(root, members[i].section);
        const struct js *v = js_get(section, members[i].name);

        if (section && js_kind(section) != JS_OBJ)
            return err_set(e, ERR_FORMAT, "config.json: %s: expected an object, found %s",
                           members[i].section, js_kind_name(js_kind(section)));
        if (v)
            rc = read_member(c, &members[i], members[i].section, v, e);
    }
    return rc;
}

static enum err_code read_folders(struct config *c, const struct js *v, struct err *e)
{
    if (!v)
        return ERR_OK;
    if (js_kind(v) != JS_ARR || js_len(v) > LIBRARY_FOLDERS_MAX)
        return err_set(e, ERR_FORMAT,
                       "config.json: modelFolders: expected a list of up to %u paths",
                       LIBRARY_FOLDERS_MAX);
    for (size_t i = 0; i < js_len(v); i++) {
        size_t len;
        const char *s = js_str(js_at(v, i), &len);

        if (!s || s[0] != '/' || !copy_text(c->folders[i], sizeof(c->folders[i]), s, len))
            return err_set(e, ERR_FORMAT,
                           "config.json: modelFolders[%zu]: expected an absolute path of up to %u "
                           "bytes",
                           i, CONFIG_TEXT_BYTES - 1);
        c->n_folder++;
    }
    return ERR_OK;
}

static enum err_code read_model(struct model_defaults *d, const char *key, size_t len,
                                const struct js *v, struct err *e)
{
    enum err_code rc = ERR_OK;

    if (!copy_text(d->key, sizeof(d->key), key, len))
        return err_set(e, ERR_FORMAT, "config.json: modelDefaults: a key is longer than %zu bytes",
                       sizeof(d->key) - 1);
    if (js_kind(v) != JS_OBJ)
        return err_set(e, ERR_FORMAT, "config.json: modelDefaults.%.100s: expected an object",
                       d->key);
    for (size_t i = 0; i < COUNT_OF(model_members) && !rc; i++) {
        const struct member *m = &model_members[i];
        const struct js *value = js_get(v, m->name);

        if (!value)
            continue;
        rc = read_member(d, m, d->key, value, e);
        d->sampling.given |= m->given;
        d->load.has_kv_type = d->load.has_kv_type || m->kind == M_KV;
    }
    return rc;
}

static enum err_code read_models(struct config *c, const struct js *v, struct err *e)
{
    enum err_code rc = ERR_OK;

    if (!v || (js_kind(v) == JS_OBJ && js_len(v) == 0))
        return ERR_OK;
    if (js_kind(v) != JS_OBJ || js_len(v) > CONFIG_MODELS_MAX)
        return err_set(e, ERR_FORMAT,
                       "config.json: modelDefaults: expected an object of up to %u models",
                       CONFIG_MODELS_MAX);
    c->models = mem_alloc_n(MEM_OTHER, js_len(v), sizeof(*c->models));
    if (!c->models)
        return err_set(e, ERR_OOM, "no memory for the defaults of %zu models", js_len(v));
    for (void *it = js_first(v); it && !rc; it = js_next(v, it)) {
        size_t len;
        const char *key = js_key(it, &len);

        rc = read_model(&c->models[c->n_model], key, len, js_value(it), e);
        c->n_model++;
    }
    return rc;
}

enum err_code config_read(struct config *c, const char *text, size_t len, struct err *e)
{
    enum err_code rc;

    *c = (struct config){ .address = "127.0.0.1",
                          .port = 1234,
                          .runtime = { .jit = true,
                                       .jit_ttl_s = 3600,
                                       .jit_keep_last = true,
                                       .guardrail = GUARD_BALANCED } };
    if (!text)
        return ERR_OK;
    rc = js_parse(&c->_file, text, len, e);
    if (!rc && js_kind(c->_file) != JS_OBJ)
        rc = err_set(e, ERR_FORMAT, "config.json: expected an object, found %s",
                     js_kind_name(js_kind(c->_file)));
    if (!rc)
        rc = read_sections(c, c->_file, e);
    if (!rc)
        rc = read_folders(c, js_get(c->_file, "modelFolders"), e);
    if (!rc)
        rc = read_models(c, js_get(c->_file, "modelDefaults"), e);
    if (rc)
        config_close(c);
    return rc;
}

enum err_code config_open(struct config *c, const char *home, struct err *e)
{
    char path[PATH_BYTES_MAX];
    enum err_code rc = path_join(path, home, "config.json", e);
    struct buf text;

    *c = (struct config){ 0 };
    if (rc)
        return rc;
    buf_init(&text, MEM_OTHER, CONFIG_BYTES_MAX);
    rc = file_exists(path) ? file_read(&text, path, e) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND)
        rc = config_read(c, NULL, 0, e);
    else if (!rc)
        rc = config_read(c, buf_str(&text), text.len, e);
    buf_finish(&text);
    return rc;
}

void config_close(struct config *c)
{
    mem_free(c->models);
    js_close(c->_file);
    c->models = NULL;
    c->n_model = 0;
    c->_file = NULL;
}

const struct model_defaults *config_model(const struct config *c, const char *key)
{
    for (uint32_t i = 0; i < c->n_model; i++) {
        if (strcmp(c->models[i].key, key) == 0)
            return &c->models[i];
    }
    return NULL;
}

void config_sampling(const struct model_defaults *d, struct job_sampling *s)
{
    for (size_t i = 0; i < COUNT_OF(model_members); i++) {
        const struct member *m = &model_members[i];
        const size_t at = m->at - offsetof(struct model_defaults, sampling);

        if (!m->given || !(d->sampling.given & m->given) || s->given & m->given)
            continue;
        memcpy((char *)s + at, (const char *)&d->sampling + at, m->size);
        s->given |= m->given;
    }
}

/* ---- writing ---- */

/* A value as it stood in the file; deeper than any sensible setting is left out as null. */
static void copy_value(struct jsonw *w, const struct js *v, unsigned depth)
{
    size_t len;
    const char *s = js_str(v, &len);

    switch (depth < COPY_DEPTH_MAX ? js_kind(v) : JS_NULL) {
    case JS_NULL:
        jsonw_null(w);
        break;
    case JS_BOOL:
        jsonw_bool(w, js_bool(v));
        break;
    case JS_INT:
        jsonw_int(w, js_int(v));
        break;
    case JS_REAL:
        jsonw_num(w, js_num(v));
        break;
    case JS_STR:
        jsonw_strn(w, s, len);
        break;
    case JS_ARR:
        jsonw_arr(w);
        for (size_t i = 0; i < js_len(v); i++)
            copy_value(w, js_at(v, i), depth + 1);
        jsonw_arr_end(w);
        break;
    case JS_OBJ:
        jsonw_obj(w);
        for (void *it = js_first(v); it; it = js_next(v, it)) {
            jsonw_key(w, js_key(it, NULL));
            copy_value(w, js_value(it), depth + 1);
        }
        jsonw_obj_end(w);
        break;
    }
}

static void write_list(struct jsonw *w, const char *list, char between)
{
    jsonw_arr(w);
    while (*list) {
        const char *end = strchr(list, between);
        size_t len = end ? (size_t)(end - list) : strlen(list);

        jsonw_strn(w, list, len);
        list += end ? len + 1 : len;
    }
    jsonw_arr_end(w);
}

static void write_member(struct jsonw *w, const void *base, const struct member *m)
{
    const void *at = (const char *)base + m->at;
    double number;

    jsonw_key(w, m->name);
    switch (m->kind) {
    case M_BOOL:
        jsonw_bool(w, *(const bool *)at);
        break;
    case M_U16:
        jsonw_uint(w, *(const uint16_t *)at);
        break;
    case M_U32:
        jsonw_uint(w, *(const uint32_t *)at);
        break;
    case M_U64:
    case M_SEED:
        jsonw_uint(w, *(const uint64_t *)at);
        break;
    case M_INT:
        jsonw_int(w, *(const int32_t *)at);
        break;
    case M_NUM:
        memcpy(&number, at, sizeof(number));
        jsonw_num(w, number);
        break;
    case M_TEXT:
        jsonw_str(w, at);
        break;
    case M_WORDS:
        write_list(w, at, ' ');
        break;
    case M_LINES:
        write_list(w, at, '\n');
        break;
    case M_GUARD:
        jsonw_str(w, guards[*(const enum guardrail *)at]);
        break;
    case M_KV:
        jsonw_str(w, kv_type_name(*(const enum kv_type *)at));
        break;
    }
}

/* Members of v that no table knows stay as they are. */
static void write_unknown(struct jsonw *w, const struct js *v, const struct member *table, size_t n,
                          const char *section)
{
    if (!v || js_kind(v) != JS_OBJ)
        return;
    for (void *it = js_first(v); it; it = js_next(v, it)) {
        bool is_known = false;

        for (size_t i = 0; i < n && !is_known; i++)
            is_known = strcmp(table[i].name, js_key(it, NULL)) == 0 &&
                       (!section || strcmp(table[i].section, section) == 0);
        if (is_known)
            continue;
        jsonw_key(w, js_key(it, NULL));
        copy_value(w, js_value(it), 0);
    }
}

static void write_section(struct jsonw *w, const struct config *c, const char *section)
{
    jsonw_key(w, section);
    jsonw_obj(w);
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (strcmp(members[i].section, section) == 0)
            write_member(w, c, &members[i]);
    }
    write_unknown(w, js_get(c->_file, section), members, COUNT_OF(members), section);
    jsonw_obj_end(w);
}

static bool is_set(const struct model_defaults *d, const struct member *m)
{
    static const char zero[16];

    if (m->given)
        return d->sampling.given & m->given;
    if (m->kind == M_KV)
        return d->load.has_kv_type;
    return memcmp((const char *)d + m->at, zero, m->size) != 0;
}

static void write_models(struct jsonw *w, const struct config *c)
{
    const struct js *file = js_get(c->_file, "modelDefaults");

    jsonw_key(w, "modelDefaults");
    jsonw_obj(w);
    for (uint32_t i = 0; i < c->n_model; i++) {
        const struct model_defaults *d = &c->models[i];

        jsonw_key(w, d->key);
        jsonw_obj(w);
        for (size_t k = 0; k < COUNT_OF(model_members); k++) {
            if (is_set(d, &model_members[k]))
                write_member(w, d, &model_members[k]);
        }
        write_unknown(w, js_get(file, d->key), model_members, COUNT_OF(model_members), NULL);
        jsonw_obj_end(w);
    }
    jsonw_obj_end(w);
}

static bool is_ours(const char *key)
{
    static const char *const ours[] = { "server", "log", "models", "modelFolders",
                                        "modelDefaults" };

    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        if (strcmp(ours[i], key) == 0)
            return true;
    }
    return false;
}

void config_write(const struct config *c, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    write_section(&w, c, "server");
    write_section(&w, c, "log");
    write_section(&w, c, "models");
    jsonw_key(&w, "modelFolders");
    jsonw_arr(&w);
    for (uint32_t i = 0; i < c->n_folder; i++)
        jsonw_str(&w, c->folders[i]);
    jsonw_arr_end(&w);
    write_models(&w, c);
    if (c->_file) {
        for (void *it = js_first(c->_file); it; it = js_next(c->_file, it)) {
            if (is_ours(js_key(it, NULL)))
                continue;
            jsonw_key(&w, js_key(it, NULL));
            copy_value(&w, js_value(it), 0);
        }
    }
    jsonw_obj_end(&w);
    (void)buf_addc(out, '\n');
}

enum err_code config_save(struct config *c, const char *home, struct err *e)
{
    char path[PATH_BYTES_MAX];
    enum err_code rc = path_join(path, home, "config.json", e);
    struct buf text;

    if (rc)
        return rc;
    buf_init(&text, MEM_OTHER, CONFIG_BYTES_MAX);
    config_write(c, &text);
    rc = buf_check(&text, "config.json", e);
    if (!rc)
        rc = file_write(path, text.data, text.len, e);
    buf_finish(&text);
    return rc;
}
