/* Special tokens: what files forget to say about them (found by well-known spellings, as every GGUF
 * reader does), which ones end an answer, and cutting a text at them.
 *
 * Cutting goes by length: the longest special tokens are looked for in the whole text first, then
 * the next shorter ones in what is left. */
#include <string.h>

#include "base/num.h"
#include "text/tok_int.h"

/* ---- well-known spellings ---- */

static const char *const names_eot[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "<\xEF\xBD\x9C"
    "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
    "<end_of_utterance>",
    NULL,
};
static const char *const names_end[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<|observation|>",
    "<\xEF\xBD\x9C"
    "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>",
    "[e~[",
    NULL,
};
static const char *const names_eom[] = { "<|eom_id|>", NULL };
static const char *const names_fim_pre[] = {
    "<|fim_prefix|>",
    "<fim-prefix>",
    "<fim_prefix>",
    "<\xEF\xBD\x9C"
    "fim\xE2\x96\x81"
    "begin\xEF\xBD\x9C>",
    "<PRE>",
    "\xE2\x96\x81<PRE>",
    "<|code_prefix|>",
    "<|prefix|>",
    NULL,
};
static const char *const names_fim_suf[] = {
    "<|fim_suffix|>",
    "<fim-suffix>",
    "<fim_suffix>",
    "<\xEF\xBD\x9C"
    "fim\xE2\x96\x81hole\xEF\xBD\x9C>",
    "<SUF>",
    "\xE2\x96\x81<SUF>",
    "<|code_suffix|>",
    "<|suffix|>",
    NULL,
};
static const char *const names_fim_mid[] = {
    "<|fim_middle|>",
    "<fim-middle>",
    "<fim_middle>",
    "<\xEF\xBD\x9C"
    "fim\xE2\x96\x81"
    "end\xEF\xBD\x9C>",
    "<MID>",
    "\xE2\x96\x81<MID>",
    "<|code_middle|>",
    "<|middle|>",
    NULL,
};
static const char *const names_fim_pad[] = { "<|fim_pad|>", "<fim-pad>", "<fim_pad>",
                                             "<PAD>",       "[PAD]",     NULL };
static const char *const names_fim_rep[] = { "<|fim_repo|>", "<|repo_name|>", "<fim-repo>",
                                             "<REPO>",       "<reponame>",    NULL };
static const char *const names_fim_sep[] = { "<|file_sep|>", NULL };
/* Parts of an answer's frame that must stay visible. */
static const char *const names_shown[] = { "<|channel|>", "<|message|>", "<|start|>",
                                           "<|constrain|>", NULL };

static int32_t find(const struct tok *t, const char *name)
{
    return tok_find(t, name, strlen(name));
}

/* The first name that exists becomes the special token, and a control token. */
static void detect(struct tok *t, enum tok_special which, const char *const *names)
{
    for (; t->special[which] == TOK_NONE && *names; names++) {
        int32_t id = find(t, *names);

        if (id != TOK_NONE) {
            t->special[which] = id;
            t->bits[id] |= BIT_CONTROL;
        }
    }
}

static bool ends(const struct tok *t, const char *name)
{
    int32_t id = find(t, name);

    return id != TOK_NONE && t->is_end[id];
}

/* Takes a token out of the end set again. */
static void not_end(struct tok *t, const char *name, enum tok_bit bits)
{
    int32_t id = find(t, name);

    if (id != TOK_NONE && t->is_end[id]) {
        t->is_end[id] = 0;
        t->bits[id] = (uint8_t)bits;
    }
}

static bool holds(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(s + i, word, n) == 0)
            return true;
    }
    return false;
}

static void detect_unused(struct tok *t)
{
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);

        if ((t->bits[i] & BIT_CONTROL) && holds(s, len, "unused"))
            t->bits[i] |= BIT_UNUSED;
    }
}

enum err_code tok_detect_special(struct tok *t, struct err *e)
{
    static const enum tok_special ending[] = { SPECIAL_FIM_PAD, SPECIAL_FIM_REP, SPECIAL_FIM_SEP,
                                               SPECIAL_EOS,     SPECIAL_EOT,     SPECIAL_EOM };

    t->is_end = mem_alloc_n(MEM_MODEL, t->n_vocab, 1);
    if (!t->is_end)
        return err_set(e, ERR_OOM, "tokenizer: no memory for %u tokens", t->n_vocab);
    detect(t, SPECIAL_EOT, names_eot);
    detect(t, SPECIAL_EOM, names_eom);
    detect(t, SPECIAL_FIM_PRE, names_fim_pre);
    detect(t, SPECIAL_FIM_SUF, names_fim_suf);
    detect(t, SPECIAL_FIM_MID, names_fim_mid);
    detect(t, SPECIAL_FIM_PAD, names_fim_pad);
    detect(t, SPECIAL_FIM_REP, names_fim_rep);
    detect(t, SPECIAL_FIM_SEP, names_fim_sep);
    detect_unused(t);
    for (const char *const *name = names_end; *name; name++) {
        int32_t id = find(t, *name);

        if (id != TOK_NONE) {
            t->is_end[id] = 1;
            t->bits[id] |= BIT_CONTROL;
        }
    }
    for (const char *const *name = names_shown; *name; name++) {
        int32_t id = find(t, *name);

        if (id != TOK_NONE)
            t->bits[id] = BIT_USER;
    }
    for (size_t i = 0; i < COUNT_OF(ending); i++) {
        if (t->special[ending[i]] != TOK_NONE)
            t->is_end[t->special[ending[i]]] = 1;
    }
    /* Where tool calls and answers have end tokens of their own, <|end|> ends one message only. */
    if (ends(t, "<|call|>") || ends(t, "<|calls|>")) {
        if (ends(t, "<|return|>") || ends(t, "<|flush|>"))
            not_end(t, "<|end|>", BIT_USER);
    }
    if (ends(t, "<|tool_response>"))
        not_end(t, "</s>", BIT_NORMAL);
    return ERR_OK;
}

/* ---- white space that belongs to special tokens ---- */

static bool name_holds(const struct gguf_str *name, const char *word)
{
    char lower[256];
    size_t n = name->len < sizeof(lower) ? name->len : sizeof(lower);

    for (size_t i = 0; i < n; i++) {
        char c = name->s[i];

        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return holds(lower, n, word);
}

static void set_strip(struct tok *t, const char *name, uint8_t bit, bool on)
{
    int32_t id = find(t, name);

    if (id != TOK_NONE)
        t->bits[id] = (uint8_t)(on ? t->bits[id] | bit : t->bits[id] & ~bit);
}

/* GGUF has no key for this; the families are known by name. */
void tok_set_strip(struct tok *t, const struct tok_vocab *v)
{
    if (holds(v->pre.s, v->pre.len, "jina-v2-de") || holds(v->pre.s, v->pre.len, "jina-v2-es") ||
        holds(v->pre.s, v->pre.len, "jina-v2-code") ||
        holds(v->arch.s, v->arch.len, "nomic-bert-moe") ||
        holds(v->arch.s, v->arch.len, "jina-bert-v3")) {
        set_strip(t, "<mask>", BIT_LSTRIP, true);
    } else if (name_holds(&v->name, "phi-3") || name_holds(&v->name, "phi3")) {
        for (uint32_t i = 0; i < t->n_vocab; i++) {
            if (t->bits[i] & (BIT_CONTROL | BIT_USER | BIT_UNKNOWN))
                t->bits[i] |= BIT_RSTRIP;
        }
        set_strip(t, "</s>", BIT_RSTRIP, true);
        set_strip(t, "<unk>", BIT_RSTRIP, false);
        set_strip(t, "<s>", BIT_RSTRIP, false);
        set_strip(t, "<|endoftext|>", BIT_RSTRIP, false);
    } else if (name_holds(&v->name, "modern-bert")) {
        set_strip(t, "[MASK]", BIT_LSTRIP, true);
    }
}

/* ---- marks: special tokens in texts ---- */

static bool is_mark(uint8_t bits, bool parse_special)
{
    if (parse_special)
        return (bits & (BIT_CONTROL | BIT_UNKNOWN | BIT_USER)) != 0;
    return (bits & BIT_USER) && !(bits & (BIT_CONTROL | BIT_UNKNOWN));
}

static struct mark_group *group_of(struct marks *m, uint32_t len)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->group[i].len == len)
            return &m->group[i];
    }
    if (m->n == TOK_MARK_GROUPS_MAX)
        return NULL;
    m->group[m->n] = (struct mark_group){ .len = len, .only = -1 };
    return &m->group[m->n++];
}

static void sort_groups(struct marks *m)
{
    for (uint32_t i = 1; i < m->n; i++) {
        struct mark_group g = m->group[i];
        uint32_t k = i;

        for (; k > 0 && m->group[k - 1].len < g.len; k--)
            m->group[k] = m->group[k - 1];
        m->group[k] = g;
    }
}

static void find_only(struct mark_group *g)
{
    unsigned n = 0;

    for (unsigned c = 0; c < 256; c++) {
        if (g->first[c / 8] >> (c % 8) & 1) {
            g->only = (int16_t)c;
            n++;
        }
    }
    if (n != 1)
        g->only = -1;
}

static enum err_code build_marks(struct tok *t, bool parse_special, struct err *e)
{
    struct marks *m = &t->marks[parse_special];

    m->group = mem_alloc_n(MEM_MODEL, TOK_MARK_GROUPS_MAX, sizeof(*m->group));
    if (!m->group)
        return err_set(e, ERR_OOM, "tokenizer: no memory for its special tokens");
    for (uint32_t i = 0; i < t->n_vocab; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);
        struct mark_group *g;

        if (len == 0 || !is_mark(t->bits[i], parse_special))
            continue;
        g = len <= TOK_MARK_BYTES_MAX ? group_of(m, (uint32_t)len) : NULL;
        if (!g)
            return err_set(e, ERR_LIMIT,
                           "tokenizer: special token %u of %zu bytes, limit %u bytes "
                           "and %u different lengths",
                           i, len, TOK_MARK_BYTES_MAX, TOK_MARK_GROUPS_MAX);
        g->first[(unsigned char)s[0] / 8] |= (uint8_t)(1U << ((unsigned char)s[0] % 8));
    }
    sort_groups(m);
    for (uint32_t i = 0; i < m->n; i++)
        find_only(&m->group[i]);
    return ERR_OK;
}

enum err_code tok_build_marks(struct tok *t, struct err *e)
{
    enum err_code rc = build_marks(t, false, e);

    return rc ? rc : build_marks(t, true, e);
}

struct cutter {
    struct tok_work *w;
    const char *text;
    const struct mark_group *group;
    bool parse_special;
    bool is_changed; /* frag_new is in use */
    size_t n_new;
};

/* The next special token of the group's length in [from, stop); TOK_NONE when there is none. */
static int32_t next_mark(const struct cutter *c, size_t from, size_t stop, size_t *at)
{
    const struct mark_group *g = c->group;
    const struct tok *t = c->w->t;

    for (size_t i = from; i + g->len <= stop; i++) {
        unsigned char b = (unsigned char)c->text[i];
        uint32_t id;

        if (g->only >= 0 && b != g->only) {
            const char *hit = memchr(c->text + i, g->only, stop - g->len + 1 - i);

            if (!hit)
                break;
            i = (size_t)(hit - c->text);
        } else if (g->only < 0 && !(g->first[b / 8] >> (b % 8) & 1)) {
            continue;
        }
        id = strs_find(&t->spell, c->text + i, g->len);
        if (id < t->n_vocab && is_mark(t->bits[id], c->parse_special) &&
            !tok_is_barred(c->w, (int32_t)id, i, g->len)) {
            *at = i;
            return (int32_t)id;
        }
    }
    return TOK_NONE;
}

static bool frag_add(struct cutter *c, size_t start, size_t stop, int32_t id)
{
    struct tok_work *w = c->w;

    if (stop <= start && id == TOK_NONE)
        return true;
    if (!work_need(w, (void **)&w->frag_new, &w->frag_new_cap, c->n_new + 1, sizeof(*w->frag_new)))
        return false;
    w->frag_new[c->n_new++] =
        (struct frag){ .start = (uint32_t)start, .len = (uint32_t)(stop - start), .id = id };
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Cuts one fragment; until the first mark is found nothing is copied. */
static bool cut_frag(struct cutter *c, size_t i_frag)
{
    struct tok_work *w = c->w;
    struct frag f = w->frag[i_frag];
    size_t from = f.start, stop = from + f.len, at;
    int32_t id = f.id == TOK_NONE ? next_mark(c, from, stop, &at) : TOK_NONE;

    if (id == TOK_NONE)
        return !c->is_changed || frag_add(c, from, stop, f.id);
    for (size_t i = 0; !c->is_changed && i < i_frag; i++) {
        if (!frag_add(c, w->frag[i].start, w->frag[i].start + w->frag[i].len, w->frag[i].id))
            return false;
    }
    c->is_changed = true;
    for (; id != TOK_NONE; id = next_mark(c, from, stop, &at)) {
        size_t left = at;

        while ((w->t->bits[id] & BIT_LSTRIP) && left > from && is_blank(c->text[left - 1]))
            left--;
        if (!frag_add(c, from, left, TOK_NONE) || !frag_add(c, at, at, id))
            return false;
        from = at + c->group->len;
        while ((w->t->bits[id] & BIT_RSTRIP) && from < stop && is_blank(c->text[from]))
            from++;
    }
    return frag_add(c, from, stop, TOK_NONE);
}

bool tok_partition(struct tok_work *w, const char *text, size_t len, bool parse_special)
{
    const struct marks *m = &w->t->marks[parse_special];

    if (!work_need(w, (void **)&w->frag, &w->frag_cap, 1, sizeof(*w->frag)))
        return false;
    w->n_frag = len > 0;
    w->frag[0] = (struct frag){ .start = 0, .len = (uint32_t)len, .id = TOK_NONE };
    for (uint32_t k = 0; k < m->n; k++) {
        struct cutter c = {
            .w = w, .text = text, .group = &m->group[k], .parse_special = parse_special
        };

        for (size_t i = 0; i < w->n_frag; i++) {
            if (!cut_frag(&c, i) || !work_goes_on(w, min_u32(w->frag[i].len, WORK_PER_ASK)))
                return false;
        }
        if (c.is_changed) {
            struct frag *frag = w->frag;
            size_t cap = w->frag_cap;

            w->frag = w->frag_new;
            w->frag_cap = w->frag_new_cap;
            w->n_frag = c.n_new;
            w->frag_new = frag;
            w->frag_new_cap = cap;
        }
    }
    return true;
}
