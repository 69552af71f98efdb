/* Tokenizers: text to token ids and back, for the four kinds that GGUF knows.
 *
 *   "llama"  SentencePiece BPE by scores, with byte fallback
 *   "gpt2"   byte-level BPE by merges, cut first by a named pre-tokenizer
 *   "bert"   WordPiece, greedy longest match
 *   "t5"     unigram, best path (Viterbi)
 *
 * A struct tok is immutable after tok_open: any thread may use it at once. Memory per call is
 * linear in the text; time n log n at worst. */
#ifndef TEXT_TOK_H
#define TEXT_TOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"
#include "formats/gguf.h"

struct tok;

#define TOK_NONE           (-1)
#define TOK_VOCAB_MAX      (16U * 1024U * 1024U)
#define TOK_TEXT_BYTES_MAX (1ULL << 30)

enum tok_attr {
    TOK_NORMAL = 1,
    TOK_UNKNOWN = 2,
    TOK_CONTROL = 3,
    TOK_USER_DEFINED = 4,
    TOK_UNUSED = 5,
    TOK_BYTE = 6,
};

struct tok_params {     /* zero-initialise */
    bool add_special;   /* BOS/EOS/CLS/SEP as the vocabulary asks for                             */
    bool parse_special; /* the text of a control token becomes that token: only for trusted text  */
    /* With parse_special: offsets into the text, ascending, that no control token may cross. So
     * parts of a trusted text are kept from spelling one (tok_control_next). */
    const size_t *bars;
    size_t n_bar;
    const struct stop_ask *stop; /* NULL: never */
    /* More ids than these are of no use: once it is certain that there are more, exactly one more
     * than n_max is appended, and which ones they are says nothing. 0: all are wanted. */
    size_t n_max;
};

/* A growing list of ids; zero-initialise with ids_init. */
struct ids {
    int32_t *at;
    size_t n, cap;
};

void ids_init(struct ids *v);
void ids_finish(struct ids *v);
bool ids_add(struct ids *v, int32_t id); /* false: out of memory, contents kept */

/* Builds the tables from the metadata of an open file. The file need not outlive the tokenizer.
 * Errors: ERR_FORMAT (bad arrays, ids out of range, cyclic merges ...), ERR_UNSUPPORTED (unknown
 * model or pre-tokenizer, by name), ERR_NOT_FOUND when the file has no tokenizer, ERR_OOM. */
enum err_code tok_open(struct tok **out, const struct gguf *g, struct err *e);
void tok_close(struct tok *t); /* NULL is fine */

/* Appends the ids of len bytes (need not be valid UTF-8). ERR_LIMIT, ERR_CANCELLED, ERR_OOM. */
enum err_code tok_encode(const struct tok *t, const char *text, size_t len, struct tok_params p,
                         struct ids *out, struct err *e);

/* Control tokens here are those that form a conversation, so that only trusted text may spell them:
 * what the vocabulary calls control or unknown, and what is known by its spelling to open or close
 * a turn. Where in text[from, len) the next spelling of one begins (two characters or more, letters
 * of ASCII in any case); len: nowhere. A bar behind the first character there keeps the token out.
 * at_end: also where the text's end, or white space there, cuts a spelling off, unless what is left
 * of it begins with a letter or digit. */
size_t tok_control_next(const struct tok *t, const char *text, size_t len, size_t from,
                        bool at_end);

/* Appends the exact text of ids. special: control tokens are written out, else left out; with
 * special false, leading BOS/CLS and trailing EOS/SEP disappear. ERR_ARG when an id is out of
 * range. */
enum err_code tok_decode(const struct tok *t, const int32_t *ids, size_t n, bool special,
                         struct buf *out, struct err *e);

/* ---- streaming: one token at a time, whole UTF-8 characters only ---- */
/* Spaces that a later character may still take away; private. */
struct tok_tidy {
    uint8_t _rule1, _rule2, _rule3;
};

struct tok_stream { /* zero-initialise; no memory of its own */
    const struct tok *tok;
    bool special; /* print control tokens too */
    bool raw;     /* each token exactly as tok_piece has it: the text goes on behind another one, no
                     first space is taken away and no spaces are tidied */
    bool _started, _eos;
    uint8_t _n_held;
    char _held[4]; /* first bytes of a character that is not whole yet */
    struct tok_tidy _tidy;
};

/* Appends to out the text that id completes; text of a cut-off character is held back until it is
 * whole; bytes that can never become a character are emitted as U+FFFD. The pieces joined equal
 * tok_decode when that is valid UTF-8 (unless raw). */
enum err_code tok_stream_next(struct tok_stream *s, int32_t id, struct buf *out, struct err *e);

/* Ends the stream: what is still held comes as U+FFFD. */
enum err_code tok_stream_end(struct tok_stream *s, struct buf *out, struct err *e);

/* ---- facts ---- */
uint32_t tok_n_vocab(const struct tok *t);
const char *tok_kind(const struct tok *t); /* "llama", "gpt2", "bert", "t5" */
const char *tok_pre(const struct tok *t);  /* name of the pre-tokenizer, "" when none */
enum tok_attr tok_attr(const struct tok *t, int32_t id);
/* The token's raw spelling in the vocabulary (not NUL-terminated). */
const char *tok_spelling(const struct tok *t, int32_t id, size_t *len);
/* The bytes this token stands for inside a text (what tok_decode writes in the middle of one;
 * special tokens as their spelling). Appends to out. */
enum err_code tok_piece(const struct tok *t, int32_t id, struct buf *out, struct err *e);
/* The id whose spelling is exactly this, TOK_NONE when there is none. */
int32_t tok_find(const struct tok *t, const char *s, size_t len);

int32_t tok_bos(const struct tok *t);
int32_t tok_eos(const struct tok *t);
int32_t tok_unk(const struct tok *t);
int32_t tok_pad(const struct tok *t);
int32_t tok_mask(const struct tok *t);
bool tok_adds_bos(const struct tok *t);
bool tok_adds_eos(const struct tok *t);
/* True for every token that ends an answer: eos, eot, and the well-known end-of-turn spellings. */
bool tok_is_end(const struct tok *t, int32_t id);

#endif
