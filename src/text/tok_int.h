/* Inside of the tokenizers: tables of one vocabulary and what the kinds share.
 *
 * Two numberings: an `id` is a token of the vocabulary; a `sym` is an id, or beyond n_vocab a byte
 * string that merges mention but that is no token. All tables are immutable after tok_build. */
#ifndef TEXT_TOK_INT_H
#define TEXT_TOK_INT_H

#include "text/pre.h"
#include "text/tok.h"

#define TOK_SYM_NONE        UINT32_MAX
#define TOK_RANK_NONE       UINT32_MAX
#define TOK_SPACE           "\xE2\x96\x81" /* U+2581: how vocabularies spell a space */
#define TOK_SPACE_LEN       3U
#define TOK_TEXT_TOTAL      0x7FFFFFFFU /* bytes of all spellings of one vocabulary */
#define TOK_TOKEN_BYTES_MAX 65535U
#define TOK_MARK_BYTES_MAX  1024U /* a special token's spelling */
#define TOK_MARK_GROUPS_MAX 512U  /* different lengths of special tokens */

/* ---- byte strings by number, and back (tok_strs.c) ---- */
struct strs_slot {
    uint32_t tag;   /* upper half of the hash */
    uint32_t i_one; /* index + 1, 0 when free */
};

struct strs {
    char *data;
    size_t len, cap;
    uint32_t *start; /* n + 1 offsets into data */
    uint32_t n, n_cap;
    struct strs_slot *slot;
    uint32_t mask; /* slots - 1 */
};

/* Room for n strings without growing the hash table. */
bool strs_init(struct strs *s, uint32_t n);
void strs_finish(struct strs *s);
/* Appends a string as number s->n. Of equal strings the one added last is found; empty ones never
 * are. False: out of memory or TOK_TEXT_TOTAL reached. */
bool strs_push(struct strs *s, const char *text, size_t len);
uint32_t strs_find(const struct strs *s, const char *text, size_t len); /* or TOK_SYM_NONE */
/* Finds or appends. */
bool strs_intern(struct strs *s, const char *text, size_t len, uint32_t *i);

static inline const char *strs_at(const struct strs *s, uint32_t i, size_t *len)
{
    *len = s->start[i + 1] - s->start[i];
    return s->data + s->start[i];
}

/* ---- trie over bytes (tok_trie.c): nodes are numbers, 0 is the root ---- */
struct trie_edge {
    uint64_t key; /* (node << 8 | byte) + 1, 0 when free */
    uint32_t node;
};

struct trie {
    struct trie_edge *edge;
    uint64_t mask;
    uint32_t *value; /* per node: id + 1, 0 when none */
    uint32_t n_node, n_cap;
};

#define TRIE_NONE UINT32_MAX

bool trie_init(struct trie *t);
void trie_finish(struct trie *t);
bool trie_add(struct trie *t, const char *text, size_t len, uint32_t value);
uint32_t trie_step(const struct trie *t, uint32_t node, unsigned char c); /* or TRIE_NONE */

/* ---- one vocabulary ---- */
enum tok_model { TOK_SPM, TOK_BPE, TOK_WPM, TOK_UGM, TOK_RWKV };

/* A token's properties; several may hold at once. */
enum tok_bit {
    BIT_NORMAL = 1,
    BIT_UNKNOWN = 2,
    BIT_CONTROL = 4,
    BIT_USER = 8,
    BIT_UNUSED = 16,
    BIT_BYTE = 32,
    BIT_LSTRIP = 64,  /* swallows white space before it in the text */
    BIT_RSTRIP = 128, /* ... behind it */
};

enum tok_special {
    SPECIAL_BOS,
    SPECIAL_EOS,
    SPECIAL_EOT,
    SPECIAL_EOM,
    SPECIAL_UNK,
    SPECIAL_SEP,
    SPECIAL_PAD,
    SPECIAL_MASK,
    SPECIAL_FIM_PRE,
    SPECIAL_FIM_SUF,
    SPECIAL_FIM_MID,
    SPECIAL_FIM_PAD,
    SPECIAL_FIM_REP,
    SPECIAL_FIM_SEP,
    SPECIAL_COUNT
};

/* What a vocabulary is built from: the GGUF keys, or a test's own arrays. Nothing is kept. */
struct tok_vocab {
    struct gguf_str model, pre, name, arch; /* empty when absent */
    uint32_t n;
    const struct gguf_str *tokens; /* [n] */
    const float *scores;           /* [n] or NULL */
    const int32_t *types;          /* [n] or NULL: enum tok_attr */
    const struct gguf_str *merges; /* [n_merge] "left right" */
    size_t n_merge;
    bool has_merges;
    int64_t special[SPECIAL_COUNT]; /* -1: absent */
    int64_t cls;
    /* -1: absent, else 0 or 1 */
    int8_t add_bos, add_eos, add_sep, add_space_prefix, remove_extra_spaces, lowercase,
        strip_accents;
    const uint8_t *charsmap; /* normalization rules of a unigram model, or NULL */
    size_t charsmap_len;
};

void tok_vocab_init(struct tok_vocab *v); /* everything absent */
enum err_code tok_build(struct tok **out, const struct tok_vocab *v, struct err *e);

struct merge {
    uint64_t pair; /* left sym << 32 | right sym; UINT64_MAX when free */
    uint32_t rank, sym;
};

/* Special tokens of one length, searched for together. */
struct mark_group {
    uint32_t len;
    uint8_t first[32]; /* set of first bytes */
    int16_t only;      /* the one first byte, -1 when there are several */
};

struct marks {
    struct mark_group *group; /* longest first */
    uint32_t n;
};

struct tok {
    enum tok_model model;
    char *kind, *pre;
    const struct pre_def *pre_def;
    uint32_t n_vocab, max_len; /* max_len: bytes of the longest spelling */
    struct strs spell;         /* [n_vocab], then syms when is_raw */
    struct strs raw;           /* byte-level BPE: the bytes each token stands for */
    uint8_t *bits;             /* [n_vocab] enum tok_bit */
    float *score;              /* [n_vocab] */
    uint32_t *rank;            /* SPM: [n_vocab] order of merging, best score first */
    uint8_t *is_end;           /* [n_vocab] */
    uint8_t *is_control;       /* [n_vocab] tok_control_next()'s */
    struct trie control;       /* their spellings, of two characters and more, in small letters */
    int32_t special[SPECIAL_COUNT];
    bool add_bos, add_eos, add_sep, add_space_prefix, ignore_merges, clean_spaces;
    bool remove_extra_spaces, escape_spaces, lowercase, strip_accents;
    bool is_raw;            /* BPE on UTF-8 as it is, spaces spelled TOK_SPACE */
    uint32_t byte_sym[256]; /* byte-level BPE: each byte's sym; else its <0xXX> token or NONE */
    bool cut_after[256];    /* is_raw, SPM: no token has this byte right before TOK_SPACE */
    struct merge *merge;
    uint32_t merge_mask;
    struct trie trie; /* WPM, UGM, RWKV: all tokens that may be matched */
    struct trie user; /* UGM: user-defined tokens, which normalization leaves alone */
    uint32_t *xcda;   /* UGM: the charsmap's double array */
    size_t n_xcda;
    char *replacement; /* UGM: NUL-terminated texts, the last one always ended */
    size_t n_replacement;
    double unk_score;
    struct marks marks[2]; /* [0] only what plain text may hold, [1] with parse_special */
};

/* tok_special.c: properties by well-known spellings, end-of-answer set, marks. */
enum err_code tok_detect_special(struct tok *t, struct err *e);
enum err_code tok_build_marks(struct tok *t, struct err *e);
void tok_set_strip(struct tok *t, const struct tok_vocab *v);

/* tok_control.c: is_control as the vocabulary tells it, before tok_detect_special; then the rest.
 */
enum err_code tok_note_control(struct tok *t, struct err *e);
enum err_code tok_build_control(struct tok *t, struct err *e);

/* tok_bpe.c, tok_ugm.c: tables of their kind. */
enum err_code tok_build_bpe(struct tok *t, const struct tok_vocab *v, struct err *e);
enum err_code tok_build_ugm(struct tok *t, const struct tok_vocab *v, struct err *e);

/* ---- encoding one text: scratch that grows, freed at the end ---- */
struct frag {
    uint32_t start, len;
    int32_t id; /* TOK_NONE: text */
};

struct sym {
    uint32_t at, len; /* in the piece's bytes */
    uint32_t sym;
    uint32_t prev, next; /* UINT32_MAX: none */
};

struct pair {
    uint32_t rank, left, len, sym;
};

struct tok_work {
    const struct tok *t;
    struct ids *out;
    const size_t *bars;
    size_t n_bar;
    struct frag *frag, *frag_new;
    size_t frag_cap, frag_new_cap, n_frag;
    struct buf text; /* the fragment, normalized */
    struct sym *sym;
    size_t sym_cap;
    struct pair *heap;
    size_t heap_cap, n_heap;
    struct pre_work pre;
    void *best; /* UGM's table */
    size_t best_cap;
    const struct stop_ask *stop;
    uint32_t n_work; /* since stop was asked */
    size_t n_stop;   /* so many ids in out are enough; SIZE_MAX: never */
    bool is_oom, is_stopped, is_full;
};

#define WORK_PER_ASK 16384U /* bytes, characters or merges: well below a millisecond */

/* False: the text is given up. n: what was done, at most WORK_PER_ASK. */
bool work_ask(struct tok_work *w);
static inline bool work_goes_on(struct tok_work *w, uint32_t n)
{
    w->n_work += n;
    return w->n_work < WORK_PER_ASK || work_ask(w);
}

/* Room for n elements of bytes each; false and w->is_oom when there is none. */
bool work_need(struct tok_work *w, void **at, size_t *cap, size_t n, size_t bytes);
/* False also when there are enough. */
bool work_id(struct tok_work *w, int32_t id);

/* tok_special.c: cuts the text at special tokens into w->frag. */
bool tok_partition(struct tok_work *w, const char *text, size_t len, bool parse_special);

/* tok_control.c: whether token id at text[at, at + len) is a control token that crosses a bar. */
bool tok_is_barred(const struct tok_work *w, int32_t id, size_t at, size_t len);

/* Where there are bars, ordinary text makes no control token by merging or by the longest match:
 * the ones that may be there were found before. */
static inline bool work_may_make(const struct tok_work *w, uint32_t id)
{
    return !w->n_bar || id >= w->t->n_vocab || !w->t->is_control[id];
}

/* The kinds; false: out of memory, or given up. Each appends to w->out. */
bool tok_encode_spm(struct tok_work *w, const char *text, size_t len, bool space_first);
bool tok_encode_bpe(struct tok_work *w, const char *text, size_t len);
bool tok_encode_wpm(struct tok_work *w, const char *text, size_t len);
bool tok_encode_ugm(struct tok_work *w, const char *text, size_t len);
bool tok_encode_rwkv(struct tok_work *w, const char *text, size_t len);

/* tok_merge.c: merges the w->sym[0 .. n) of the piece as far as the tables allow. What remains is
 * linked from w->sym[0] by next. */
bool tok_merge(struct tok_work *w, const char *piece, size_t n);

/* tok_bpe.c: sym of a merge and its rank, TOK_SYM_NONE when these two do not merge. */
uint32_t tok_merge_find(const struct tok *t, uint32_t left, uint32_t right, uint32_t *rank);

/* tok_bytes.c: the byte-level alphabet of GPT-2, and spellings of bytes. */
uint32_t tok_byte_char(unsigned byte);           /* the character that stands for a byte */
int tok_char_byte(uint32_t cp);                  /* back; -1 for a character outside the alphabet */
int tok_byte_spelled(const char *s, size_t len); /* "<0xXX>" -> byte, else -1 */
/* RWKV's escapes (\n, \t, \r, \xHH, \c) taken away; appends to out. */
void tok_unescape(const char *s, size_t len, struct buf *out);

/* tok_decode.c: one token inside a text; nothing for tokens that have no text. */
void tok_piece_add(const struct tok *t, int32_t id, bool special, struct buf *out);

#endif
