/* From GGUF keys to the source that tok_build takes. */
#include <string.h>

#include "base/arena.h"
#include "text/tok_int.h"

#define KEY(name) "tokenizer.ggml." name

struct reader {
    const struct gguf *g;
    struct arena a;
    struct tok_vocab v;
};

static enum err_code read_str(struct reader *r, const char *key, struct gguf_str *out,
                              struct err *e)
{
    bool found;

    *out = (struct gguf_str){ .s = "" };
    return gguf_get_str(r->g, key, out, &found, e);
}

static enum err_code read_names(struct reader *r, struct err *e)
{
    enum err_code rc = read_str(r, KEY("model"), &r->v.model, e);

    if (!rc &&
        (r->v.model.len == 0 || (r->v.model.len == 4 && memcmp(r->v.model.s, "none", 4) == 0) ||
         (r->v.model.len == 8 && memcmp(r->v.model.s, "no_vocab", 8) == 0)))
        return err_set(e, ERR_NOT_FOUND, "%s: no tokenizer in this file", gguf_path(r->g));
    if (!rc)
        rc = read_str(r, KEY("pre"), &r->v.pre, e);
    if (!rc)
        rc = read_str(r, "general.name", &r->v.name, e);
    if (!rc)
        rc = read_str(r, "general.architecture", &r->v.arch, e);
    return rc;
}

/* An array of at least n_min elements, or NULL when the key is absent. */
static enum err_code find_array(const struct reader *r, const char *key, uint64_t n_min,
                                const struct gguf_kv **kv, struct err *e)
{
    *kv = gguf_find(r->g, key);
    if (!*kv)
        return ERR_OK;
    if ((*kv)->type != GGUF_ARR)
        return err_set(e, ERR_FORMAT, "%s: expected an array, found %s", key,
                       gguf_type_name((*kv)->type));
    if ((*kv)->n < n_min || (*kv)->n > TOK_VOCAB_MAX)
        return err_set(e, ERR_FORMAT, "%s: expected %llu to %u elements, found %llu", key,
                       (unsigned long long)n_min, TOK_VOCAB_MAX, (unsigned long long)(*kv)->n);
    return ERR_OK;
}

static enum err_code read_strings(struct reader *r, const char *key, uint64_t n_min,
                                  const struct gguf_str **out, size_t *n, struct err *e)
{
    const struct gguf_kv *kv;
    enum err_code rc = find_array(r, key, n_min, &kv, e);
    struct gguf_str *s;

    *out = NULL;
    *n = 0;
    if (rc || !kv)
        return rc;
    s = arena_new_n(&r->a, (size_t)kv->n, sizeof(*s));
    if (!s)
        return err_set(e, ERR_OOM, "%s: no memory for %llu strings", key,
                       (unsigned long long)kv->n);
    for (uint64_t i = 0; i < kv->n; i++) {
        rc = gguf_elem_str(r->g, kv, i, &s[i], e);
        if (rc)
            return rc;
    }
    *out = s;
    *n = (size_t)kv->n;
    return ERR_OK;
}

static enum err_code read_scores(struct reader *r, struct err *e)
{
    const struct gguf_kv *kv;
    enum err_code rc = find_array(r, KEY("scores"), r->v.n, &kv, e);
    float *s;

    if (rc || !kv)
        return rc;
    s = arena_new_n(&r->a, r->v.n, sizeof(*s));
    if (!s)
        return err_set(e, ERR_OOM, "%s: no memory for %u scores", KEY("scores"), r->v.n);
    for (uint32_t i = 0; i < r->v.n; i++) {
        double d;

        rc = gguf_elem_f64(r->g, kv, i, &d, e);
        if (rc)
            return rc;
        s[i] = (float)d;
    }
    r->v.scores = s;
    return ERR_OK;
}

static enum err_code read_types(struct reader *r, struct err *e)
{
    const struct gguf_kv *kv;
    enum err_code rc = find_array(r, KEY("token_type"), r->v.n, &kv, e);
    int32_t *t;

    if (rc || !kv)
        return rc;
    t = arena_new_n(&r->a, r->v.n, sizeof(*t));
    if (!t)
        return err_set(e, ERR_OOM, "%s: no memory for %u types", KEY("token_type"), r->v.n);
    for (uint32_t i = 0; i < r->v.n; i++) {
        int64_t x;

        rc = gguf_elem_i64(r->g, kv, i, &x, e);
        if (rc)
            return rc;
        t[i] = x >= 0 && x <= 255 ? (int32_t)x : 0;
    }
    r->v.types = t;
    return ERR_OK;
}

static enum err_code read_lists(struct reader *r, struct err *e)
{
    size_t n;
    enum err_code rc = read_strings(r, KEY("tokens"), 1, &r->v.tokens, &n, e);

    if (rc)
        return rc;
    if (!r->v.tokens)
        return err_set(e, ERR_FORMAT, "%s is missing", KEY("tokens"));
    r->v.n = (uint32_t)n;
    rc = read_scores(r, e);
    if (!rc)
        rc = read_types(r, e);
    if (!rc)
        rc = read_strings(r, KEY("merges"), 0, &r->v.merges, &r->v.n_merge, e);
    r->v.has_merges = r->v.merges != NULL;
    return rc;
}

static enum err_code read_id(const struct reader *r, const char *key, int64_t *out, struct err *e)
{
    const struct gguf_kv *kv = gguf_find(r->g, key);

    return kv && kv->type != GGUF_ARR ? gguf_elem_i64(r->g, kv, 0, out, e) : ERR_OK;
}

static enum err_code read_ids(struct reader *r, struct err *e)
{
    /* Later names of the same token win: the last three are the older spelling. */
    static const struct {
        const char *key;
        enum tok_special which;
    } keys[] = {
        { KEY("bos_token_id"), SPECIAL_BOS },         { KEY("eos_token_id"), SPECIAL_EOS },
        { KEY("eot_token_id"), SPECIAL_EOT },         { KEY("eom_token_id"), SPECIAL_EOM },
        { KEY("unknown_token_id"), SPECIAL_UNK },     { KEY("seperator_token_id"), SPECIAL_SEP },
        { KEY("padding_token_id"), SPECIAL_PAD },     { KEY("mask_token_id"), SPECIAL_MASK },
        { KEY("fim_pre_token_id"), SPECIAL_FIM_PRE }, { KEY("fim_suf_token_id"), SPECIAL_FIM_SUF },
        { KEY("fim_mid_token_id"), SPECIAL_FIM_MID }, { KEY("fim_pad_token_id"), SPECIAL_FIM_PAD },
        { KEY("fim_rep_token_id"), SPECIAL_FIM_REP }, { KEY("fim_sep_token_id"), SPECIAL_FIM_SEP },
        { KEY("prefix_token_id"), SPECIAL_FIM_PRE },  { KEY("suffix_token_id"), SPECIAL_FIM_SUF },
        { KEY("middle_token_id"), SPECIAL_FIM_MID },
    };
    enum err_code rc = ERR_OK;

    for (size_t i = 0; !rc && i < COUNT_OF(keys); i++)
        rc = read_id(r, keys[i].key, &r->v.special[keys[i].which], e);
    return rc ? rc : read_id(r, KEY("cls_token_id"), &r->v.cls, e);
}

static enum err_code read_flags(struct reader *r, struct err *e)
{
    const struct {
        const char *key;
        int8_t *out;
    } keys[] = {
        { KEY("add_bos_token"), &r->v.add_bos },
        { KEY("add_eos_token"), &r->v.add_eos },
        { KEY("add_sep_token"), &r->v.add_sep },
        { KEY("add_space_prefix"), &r->v.add_space_prefix },
        { KEY("remove_extra_whitespaces"), &r->v.remove_extra_spaces },
        { KEY("normalizer.lowercase"), &r->v.lowercase },
        { KEY("normalizer.strip_accents"), &r->v.strip_accents },
    };

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        bool value = false, found = false;
        enum err_code rc = gguf_get_bool(r->g, keys[i].key, &value, &found, e);

        if (rc)
            return rc;
        if (found)
            *keys[i].out = value;
    }
    return ERR_OK;
}

static enum err_code read_charsmap(struct reader *r, struct err *e)
{
    const char *key = KEY("precompiled_charsmap");
    const struct gguf_kv *kv = gguf_find(r->g, key);

    if (!kv)
        return ERR_OK;
    if (kv->type != GGUF_ARR || (kv->arr_type != GGUF_U8 && kv->arr_type != GGUF_I8))
        return err_set(e, ERR_FORMAT, "%s: expected an array of bytes", key);
    r->v.charsmap = kv->data;
    r->v.charsmap_len = (size_t)kv->n;
    return ERR_OK;
}

enum err_code tok_open(struct tok **out, const struct gguf *g, struct err *e)
{
    struct reader r = { .g = g };
    enum err_code rc;

    *out = NULL;
    arena_init(&r.a, MEM_OTHER, 64U * 1024U, (size_t)1 << 30);
    tok_vocab_init(&r.v);
    rc = read_names(&r, e);
    if (!rc)
        rc = read_lists(&r, e);
    if (!rc)
        rc = read_ids(&r, e);
    if (!rc)
        rc = read_flags(&r, e);
    if (!rc)
        rc = read_charsmap(&r, e);
    if (!rc)
        rc = tok_build(out, &r.v, e);
    arena_finish(&r.a);
    return rc;
}
