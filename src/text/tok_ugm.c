/* Unigram ("t5"): the text is normalized by the model's own table, then cut where the sum of the
 * tokens' log probabilities is largest (Viterbi, one pass forward, one back).
 *
 * The normalization table is SentencePiece's precompiled_charsmap: a 32-bit length, a double array
 * with XOR-ed bases whose leaves are offsets, then the NUL-terminated replacements. */
#include <float.h>
#include <string.h>

#include "text/tok_int.h"
#include "text/unicode.h"

#define UNK_PENALTY 10.0F
#define NODE_LEAF   (1U << 8) /* a replacement hangs at this node */

struct best {
    double score;
    uint32_t from;
    int32_t id;
};

/* ---- building ---- */

static enum err_code copy_charsmap(struct tok *t, const struct tok_vocab *v, struct err *e)
{
    uint32_t bytes = 0;

    if (!v->charsmap)
        return ERR_OK;
    if (v->charsmap_len >= 4)
        memcpy(&bytes, v->charsmap, 4);
    if (v->charsmap_len < 5 || bytes >= v->charsmap_len - 4)
        return err_set(e, ERR_FORMAT,
                       "tokenizer.ggml.precompiled_charsmap: %zu bytes, its array says %u",
                       v->charsmap_len, bytes);
    t->n_xcda = bytes / 4;
    t->n_replacement = v->charsmap_len - 4 - bytes;
    t->xcda = mem_alloc_n(MEM_MODEL, t->n_xcda + 1, 4);
    t->replacement =
        mem_strndup(MEM_MODEL, (const char *)v->charsmap + 4 + bytes, t->n_replacement);
    if (!t->xcda || !t->replacement)
        return err_set(e, ERR_OOM, "tokenizer: no memory for its normalization table");
    memcpy(t->xcda, v->charsmap + 4, t->n_xcda * 4);
    return ERR_OK;
}

enum err_code tok_build_ugm(struct tok *t, const struct tok_vocab *v, struct err *e)
{
    float least = FLT_MAX;
    bool ok = trie_init(&t->trie) && trie_init(&t->user);

    for (uint32_t i = 0; ok && i < t->n_vocab; i++) {
        size_t len;
        const char *s = strs_at(&t->spell, i, &len);

        if ((t->bits[i] & BIT_NORMAL) && t->score[i] < least)
            least = t->score[i];
        if (t->bits[i] & (BIT_NORMAL | BIT_USER | BIT_UNUSED))
            ok = trie_add(&t->trie, s, len, i);
        if (ok && (t->bits[i] & BIT_USER))
            ok = trie_add(&t->user, s, len, i);
    }
    if (!ok)
        return err_set(e, ERR_OOM, "tokenizer: no memory for a trie of %u tokens", t->n_vocab);
    t->unk_score = (double)(least - UNK_PENALTY);
    return copy_charsmap(t, v, e);
}

/* ---- normalization ---- */

/* Bytes at the start of s that lead into some user-defined token: they stay as they are. */
static size_t user_prefix(const struct tok *t, const char *s, size_t len)
{
    uint32_t node = 0;
    size_t i = 0;

    for (; i < len; i++) {
        node = trie_step(&t->user, node, (unsigned char)s[i]);
        if (node == TRIE_NONE)
            break;
    }
    return i;
}

static uint32_t node_base(uint32_t node)
{
    return (node >> 10) << ((node & (1U << 9)) >> 6);
}

/* The longest prefix that the table rewrites: its length (0: none), *to its replacement. */
static size_t rewrite(const struct tok *t, const char *s, size_t len, const char **to)
{
    size_t best = 0;
    uint32_t at;

    if (t->n_xcda == 0)
        return 0;
    at = node_base(t->xcda[0]);
    for (size_t i = 0; i < len && s[i]; i++) {
        unsigned char c = (unsigned char)s[i];
        uint32_t node;

        at ^= c;
        if (at >= t->n_xcda)
            break;
        node = t->xcda[at];
        if ((node & (1U << 31 | 0xFFU)) != c)
            break;
        at ^= node_base(node);
        if (node & NODE_LEAF) {
            uint32_t where = at < t->n_xcda ? t->xcda[at] & ~(1U << 31) : UINT32_MAX;

            if (where >= t->n_replacement)
                break;
            best = i + 1;
            *to = t->replacement + where;
        }
    }
    return best;
}

struct norm {
    struct tok_work *w;
    bool has_prefix; /* the space before the first word is written */
    bool in_word;
};

static void add_space(struct norm *n)
{
    if (n->w->t->escape_spaces)
        buf_add(&n->w->text, TOK_SPACE, TOK_SPACE_LEN);
    else
        buf_addc(&n->w->text, ' ');
}

static void add_text(struct norm *n, const char *s, size_t len)
{
    const struct tok *t = n->w->t;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == ' ') {
            n->in_word = false;
            if (!t->remove_extra_spaces)
                add_space(n);
            continue;
        }
        if (!n->in_word) {
            n->in_word = true;
            if ((t->add_space_prefix && !n->has_prefix) || t->remove_extra_spaces) {
                add_space(n);
                n->has_prefix = true;
            }
        }
        buf_addc(&n->w->text, s[i]);
    }
}

static void normalize(struct tok_work *w, const char *s, size_t len)
{
    struct norm n = { .w = w };

    buf_clear(&w->text);
    for (size_t i = 0; i < len && work_goes_on(w, 1);) {
        const char *to = NULL;
        size_t k = user_prefix(w->t, s + i, len - i);
        uint32_t cp;

        if (k > 0) {
            add_text(&n, s + i, k);
        } else if ((k = rewrite(w->t, s + i, len - i, &to)) > 0) {
            add_text(&n, to, strlen(to));
        } else {
            k = unicode_decode(s + i, len - i, &cp);
            if (k == 1 && (unsigned char)s[i] >= 0x80)
                add_text(&n, "\xEF\xBF\xBD", 3);
            else
                add_text(&n, s + i, k);
        }
        i += k;
    }
}

/* ---- best path ---- */

static size_t char_len(char c)
{
    static const uint8_t len[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4 };

    return len[(unsigned char)c >> 4];
}

static void offer(struct best *b, double score, size_t from, int32_t id)
{
    if (score > b->score)
        *b = (struct best){ .score = score, .from = (uint32_t)from, .id = id };
}

/* Every token that starts at i, and the unknown one when none spans the whole character. */
static void step(const struct tok_work *w, struct best *best, size_t i)
{
    const struct tok *t = w->t;
    const char *s = w->text.data;
    size_t len = w->text.len;
    size_t n_char = char_len(s[i]);
    double score = best[i].score;
    uint32_t node = 0;
    bool has_char = false;

    if (n_char > len - i)
        n_char = len - i;
    for (size_t j = i; j < len; j++) {
        node = trie_step(&t->trie, node, (unsigned char)s[j]);
        if (node == TRIE_NONE)
            break;
        if (t->trie.value[node] && work_may_make(w, t->trie.value[node] - 1)) {
            uint32_t id = t->trie.value[node] - 1;
            double own = (t->bits[id] & BIT_USER) ? 0.0 : (double)t->score[id];

            has_char |= j + 1 - i == n_char;
            offer(&best[j + 1], score + own, i, (int32_t)id);
        }
    }
    if (!has_char)
        offer(&best[i + n_char], score + t->unk_score, i, t->special[SPECIAL_UNK]);
}

static bool walk_back(struct tok_work *w, const struct best *best, size_t len)
{
    int32_t unk = w->t->special[SPECIAL_UNK];
    size_t first = w->out->n, n;
    bool was_unk = false;

    for (size_t i = len; i > 0; i = best[i].from) {
        bool is_unk = best[i].id == unk;

        if (best[i].id != TOK_NONE && !(is_unk && was_unk) && !work_id(w, best[i].id))
            return false;
        was_unk = is_unk;
    }
    n = w->out->n - first;
    for (size_t k = 0; k < n / 2; k++) {
        int32_t *a = &w->out->at[first + k], *b = &w->out->at[first + n - 1 - k], tmp = *a;

        *a = *b;
        *b = tmp;
    }
    return true;
}

bool tok_encode_ugm(struct tok_work *w, const char *text, size_t len)
{
    struct best *best;
    size_t n;

    normalize(w, text, len);
    if (w->is_stopped)
        return false;
    n = w->text.len;
    if (w->text.failed || !work_need(w, &w->best, &w->best_cap, n + 1, sizeof(*best))) {
        w->is_oom = true;
        return false;
    }
    best = w->best;
    for (size_t i = 0; i <= n; i++)
        best[i] = (struct best){ .score = i ? -DBL_MAX : 0, .id = w->t->special[SPECIAL_UNK] };
    for (size_t i = 0; i < n;) {
        size_t k = char_len(w->text.data[i]);

        if (!work_goes_on(w, 1))
            return false;
        step(w, best, i);
        i += k < n - i ? k : n - i;
    }
    return walk_back(w, best, n);
}
