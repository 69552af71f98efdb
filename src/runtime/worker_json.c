/* What daemon and worker tell each other when a model is opened, as JSON: tables of members. */
#include <string.h>

#include "base/attr.h"
#include "base/jsonw.h"
#include "runtime/worker.h"

enum member_kind { MEMBER_TEXT, MEMBER_BOOL, MEMBER_U32, MEMBER_U64 };

/* MEMBER_TEXT: a char array of size bytes. Enums are MEMBER_U32. */
struct member {
    const char *name;
    enum member_kind kind;
    uint32_t offset, size;
    uint32_t max; /* MEMBER_U32 */
};

_Static_assert(sizeof(enum kv_type) == sizeof(uint32_t), "enums travel as 32 bits");

#define MEMBER_OF(type, name, kind, max)                                                           \
    {                                                                                              \
#name, kind, (uint32_t)offsetof(struct type, name),                                        \
            (uint32_t)sizeof(((struct type *)0)->name), max                                        \
    }
#define ANY UINT32_MAX

static const struct member open_members[] = {
    MEMBER_OF(worker_open, path, MEMBER_TEXT, 0),
    MEMBER_OF(worker_open, is_asset, MEMBER_BOOL, 0),
    MEMBER_OF(worker_open, embeddings, MEMBER_BOOL, 0),
    MEMBER_OF(worker_open, n_ctx, MEMBER_U32, ANY),
    MEMBER_OF(worker_open, n_batch, MEMBER_U32, ANY),
    MEMBER_OF(worker_open, n_seq, MEMBER_U32, ANY),
    MEMBER_OF(worker_open, n_thread, MEMBER_U32, ANY),
    MEMBER_OF(worker_open, type_k, MEMBER_U32, KV_Q4_0),
    MEMBER_OF(worker_open, type_v, MEMBER_U32, KV_Q4_0),
    MEMBER_OF(worker_open, cache_bytes_max, MEMBER_U64, 0),
    MEMBER_OF(worker_open, n_expert_used, MEMBER_U32, ANY),
    MEMBER_OF(worker_open, no_sandbox, MEMBER_BOOL, 0),
    MEMBER_OF(worker_open, dialect, MEMBER_TEXT, 0),
    MEMBER_OF(worker_open, volatile_lines, MEMBER_TEXT, 0),
};

static const struct member ready_members[] = {
    MEMBER_OF(worker_ready, n_ctx, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, n_ctx_train, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, n_seq, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, n_batch, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, n_vocab, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, n_embd, MEMBER_U32, ANY),
    MEMBER_OF(worker_ready, has_logits, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, can_embed, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, can_rank, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, has_template, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, tools_native, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, reasons, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, arch, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, type_name, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, dialect, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, dialect_found, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, reasoning, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, device, MEMBER_TEXT, 0),
    MEMBER_OF(worker_ready, kv_bytes, MEMBER_U64, 0),
    MEMBER_OF(worker_ready, weight_bytes, MEMBER_U64, 0),
    MEMBER_OF(worker_ready, seccomp, MEMBER_BOOL, 0),
    MEMBER_OF(worker_ready, landlock_abi, MEMBER_U32, INT32_MAX),
};

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "sizes travel as 64 bits");

static const struct member stats_members[] = {
    MEMBER_OF(worker_stats, work, MEMBER_U32, WORKER_EMBEDDING),
    MEMBER_OF(worker_stats, n_job, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, n_waiting, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.n_seq_running, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.n_seq_waiting, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.n_page, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.n_page_used, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.n_page_cached, MEMBER_U32, ANY),
    MEMBER_OF(worker_stats, engine.kv_bytes, MEMBER_U64, 0),
    MEMBER_OF(worker_stats, engine.scratch_bytes, MEMBER_U64, 0),
    MEMBER_OF(worker_stats, engine.n_step, MEMBER_U64, 0),
    MEMBER_OF(worker_stats, engine.n_tok_prompt, MEMBER_U64, 0),
    MEMBER_OF(worker_stats, engine.n_tok_cached, MEMBER_U64, 0),
    MEMBER_OF(worker_stats, engine.n_tok_generated, MEMBER_U64, 0),
};

/* ---- both ways ---- */

static void write_member(const struct member *m, const char *at, struct jsonw *w)
{
    uint64_t u64 = 0;
    uint32_t u32 = 0;
    bool b = false;

    jsonw_key(w, m->name);
    switch (m->kind) {
    case MEMBER_TEXT:
        jsonw_strn(w, at, strnlen(at, m->size));
        return;
    case MEMBER_BOOL:
        memcpy(&b, at, sizeof(b));
        jsonw_bool(w, b);
        return;
    case MEMBER_U32:
        memcpy(&u32, at, sizeof(u32));
        jsonw_uint(w, u32);
        return;
    case MEMBER_U64:
        memcpy(&u64, at, sizeof(u64));
        jsonw_int(w, (int64_t)u64);
        return;
    }
}

static bool write_members(const struct member *rows, size_t n, const void *from, struct buf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_obj(&w);
    for (size_t i = 0; i < n; i++)
        write_member(&rows[i], (const char *)from + rows[i].offset, &w);
    jsonw_obj_end(&w);
    return !out->failed;
}

static enum err_code read_member(const struct member *m, const struct js *v, char *at,
                                 struct err *e)
{
    int64_t i = js_int(v);
    bool b = js_bool(v);
    size_t len;
    const char *s;

    switch (m->kind) {
    case MEMBER_TEXT:
        s = js_str(v, &len);
        if (!s || strlen(s) != len)
            return err_set(e, ERR_FORMAT, "%s: expected a string, found %s", m->name,
                           js_kind_name(js_kind(v)));
        if (len >= m->size)
            return err_set(e, ERR_LIMIT, "%s: %zu bytes, limit %u", m->name, len, m->size - 1);
        memcpy(at, s, len + 1);
        return ERR_OK;
    case MEMBER_BOOL:
        if (js_kind(v) != JS_BOOL)
            return err_set(e, ERR_FORMAT, "%s: expected true or false, found %s", m->name,
                           js_kind_name(js_kind(v)));
        memcpy(at, &b, sizeof(b));
        return ERR_OK;
    case MEMBER_U32:
    case MEMBER_U64:
        if (js_kind(v) != JS_INT)
            return err_set(e, ERR_FORMAT, "%s: expected an integer, found %s", m->name,
                           js_kind_name(js_kind(v)));
        if (m->kind == MEMBER_U32 && (i < 0 || i > (int64_t)m->max))
            return err_set(e, ERR_LIMIT, "%s is %lld, expected 0 to %u", m->name, (long long)i,
                           m->max);
        if (m->kind == MEMBER_U32)
            memcpy(at, &(uint32_t){ (uint32_t)i }, sizeof(uint32_t));
        else
            memcpy(at, &i, sizeof(i));
        return ERR_OK;
    }
    return ERR_OK;
}

/* Unknown members are refused; missing ones stay zero. */
static enum err_code read_members(const struct member *rows, size_t n, const struct js *j, void *to,
                                  struct err *e)
{
    if (js_kind(j) != JS_OBJ)
        return err_set(e, ERR_FORMAT, "expected an object, found %s", js_kind_name(js_kind(j)));
    for (void *it = js_first(j); it; it = js_next(j, it)) {
        const char *name = js_key(it, NULL);
        enum err_code rc;
        size_t i = 0;

        while (i < n && strcmp(rows[i].name, name) != 0)
            i++;
        if (i == n)
            return err_set(e, ERR_FORMAT, "there is no member '%.60s'", name);
        rc = read_member(&rows[i], js_value(it), (char *)to + rows[i].offset, e);
        if (rc)
            return rc;
    }
    return ERR_OK;
}

bool worker_open_write(const struct worker_open *o, struct buf *out)
{
    return write_members(open_members, COUNT_OF(open_members), o, out);
}

enum err_code worker_open_read(struct worker_open *out, const struct js *j, struct err *e)
{
    *out = (struct worker_open){ 0 };
    return read_members(open_members, COUNT_OF(open_members), j, out, e);
}

bool worker_ready_write(const struct worker_ready *r, struct buf *out)
{
    return write_members(ready_members, COUNT_OF(ready_members), r, out);
}

enum err_code worker_ready_read(struct worker_ready *out, const struct js *j, struct err *e)
{
    *out = (struct worker_ready){ 0 };
    return read_members(ready_members, COUNT_OF(ready_members), j, out, e);
}

bool worker_stats_write(const struct worker_stats *s, struct buf *out)
{
    return write_members(stats_members, COUNT_OF(stats_members), s, out);
}

enum err_code worker_stats_read(struct worker_stats *out, const struct js *j, struct err *e)
{
    *out = (struct worker_stats){ 0 };
    return read_members(stats_members, COUNT_OF(stats_members), j, out, e);
}
