/* A JSON schema on its way to an automaton.
 *
 *   schema_parse.c   JSON to struct sch: one node per schema object
 *   schema_ref.c     references, resolved within the document
 *   schema_not.c     the complement of a node, as a node
 *   schema_expand.c  a conjunction of nodes as alternatives of plain ones: applicators are gone
 *   schema_eval.c    what unevaluatedItems and unevaluatedProperties still have to judge
 *   schema_valid.c   whether a given value satisfies a node: for enum and const
 *   schema_format.c  formats as regular expressions or bounds
 *   schema_number.c, schema_string.c, schema_array.c, schema_object.c: one type each
 *   schema_uniq.c    values that places of an array of distinct items can take
 *   schema_trie.c    one of several given texts
 *   schema_same.c    equal schemas as one node
 *   schema.c         rules, one for every conjunction of nodes that is met
 *
 * Failure is sticky (c->rc); the first error carries the JSON pointer of its keyword. */
#ifndef TEXT_SCHEMA_INT_H
#define TEXT_SCHEMA_INT_H

#include "base/arena.h"
#include "base/attr.h"
#include "text/grammar_int.h"
#include "text/regex_int.h"

#define SCHEMA_BYTES_MAX  ((size_t)512 << 20)
#define SCHEMA_NODES_MAX  100000U
#define SCHEMA_WORK_MAX   20000000U
#define SCHEMA_DEPTH_MAX  200U
#define SCHEMA_NO_MAX     UINT32_MAX
#define SCHEMA_FLATS_MAX  2000U
#define SCHEMA_VALUES_MAX 16384U /* of an enum: each is a reading of its own at first */
#define SCHEMA_DIGITS_MAX 400U
#define SCHEMA_PARTS_MAX  5000U

enum {
    ST_NULL = 1,
    ST_TRUE = 2,
    ST_FALSE = 4,
    ST_INT = 8, /* numbers without a fraction */
    ST_FRAC = 16,
    ST_STR = 32,
    ST_ARR = 64,
    ST_OBJ = 128,
    ST_NUM = ST_INT | ST_FRAC,
    ST_ALL = 255
};

struct skey {
    const char *s;
    size_t len;
};

struct spattern {
    struct skey text,
        may_hold; /* may_hold: its negation says that this does not match; else text */
    bool negated;
};

struct sprop {
    struct skey key;
    struct sch *value;
};

struct schs {
    struct sch **at;
    uint32_t n, cap;
};

/* Alternatives: at least one of them, or exactly one. */
struct sgroup {
    struct schs alt;
    bool exactly_one, busy;
    uint8_t *disjoint; /* [n * n], made when first needed */
    struct sgroup *after;
};

struct sdep {
    struct skey key;
    struct sch *forbid, *present, *then; /* the key is absent, or it is there and this holds */
    struct sdep *after;
};

/* Some property exists: a name that is none of the keys, matches none of `avoid` and (unless NULL)
 * `match` and satisfies `names`, with a value of `value`. */
struct ssome {
    const struct sprop *key, *avoid;
    uint32_t n_key, n_avoid;
    const struct skey *match;
    struct sch *names, *value; /* names NULL: any */
};

struct sch {
    uint32_t id;
    const char *ptr; /* JSON pointer */
    uint8_t types;
    const struct js *min, *max, *above, *below, *multiple, *no_multiple;
    uint32_t min_len, max_len, min_items, max_items, min_props, max_props, min_contains,
        max_contains, contains_from; /* items before that index do not count */
    struct spattern *pattern;
    uint32_t n_pattern;
    struct skey *not_in; /* strings */
    uint32_t n_not_in;
    struct schs prefix;
    struct sch *items, *contains, *additional, *names, *unev_items, *unev_props;
    struct sch *unev_or; /* unev_items or one of some contains: the last one made */
    struct ssome *some;
    bool unique, has_enum;
    struct sprop *prop, *by_pattern;
    uint32_t n_prop, n_by_pattern;
    struct skey *required;
    uint32_t n_required;
    const struct js **value; /* enum */
    uint32_t n_value;
    /* applicators */
    struct schs all;
    struct sgroup *groups;
    struct sch * not, *if_, *then, *else_, *ref;
    struct sdep *deps;
    struct sch *negation, *negation_of;
};

/* A conjunction without applicators. */
struct sflat {
    struct sch **atom;
    uint32_t n;
    uint8_t types;
};

struct sflats {
    struct sflat *at;
    uint32_t n, cap;
};

struct smemo; /* parsed schemas by their JSON value; rules by their conjunction */

/* Keywords, and schemas, that a lax reading passes over: JSON pointers. */
#define SCHEMA_SKIPS_MAX 32U
struct sskips {
    char at[SCHEMA_SKIPS_MAX][GRAMMAR_POINTER_BYTES];
    uint32_t n;
};

struct sctx {
    struct gbuild b;
    struct arena a;
    const struct js *root;
    const char *root_ptr;   /* its JSON pointer */
    struct sres *resources; /* of the document, as far as they are known */
    struct sanchor *anchors;
    const struct js *walked; /* the root whose resources are all known */
    enum schema_mode mode;
    const struct sskips *skips; /* NULL: none */
    char escape;                /* strings spell this character as \\u00XX: '<' or '[', else 0 */
    bool is_old;                /* draft-07 and before: nothing beside $ref counts */
    bool is_2019;               /* contains leaves items unevaluated */
    bool has_unev;              /* some unevaluated... depends on what else holds */
    uint32_t n_sch, n_asked;
    uint64_t work;
    struct sch *any, *none;
    struct smemo **parsed, **rules; /* [SMEMO_BUCKETS] */
    struct ssame **same;            /* NULL: none yet */
    struct smemo *todo, **todo_end;
    uint32_t rule_ws, rule_char, rule_string;
    unsigned depth;
    struct nitem **number_states; /* room for those of one number */
    struct js *bound;             /* numbers that formats are bounded by; NULL: not needed yet */
    struct grammar_place *place;
    const char *where; /* what is being filled: the place of failures that name none */
    struct err *e;
};

/* ---- failure and memory (schema.c) ---- */
enum err_code sc_fail(struct sctx *c, enum err_code rc, const char *ptr, const char *fmt, ...)
    ATTR_PRINTF(4, 5);
void *sc_new(struct sctx *c, size_t n, size_t size); /* zeroed; NULL: failed */
bool sc_work(struct sctx *c, uint64_t n);            /* false: failed */
struct sch *sc_sch(struct sctx *c, const char *ptr); /* allows everything; never NULL */
void sc_add(struct sctx *c, struct schs *list, struct sch *s);
bool skey_eq(struct skey a, struct skey b);

/* ---- schema_parse.c ---- */
struct sch *sc_parse(struct sctx *c, const struct js *v, const char *ptr, const struct js *base);
uint8_t sc_type_of(const struct js *v); /* one ST_ bit */
/* ptr + "/" + key with ~ and / escaped. */
const char *sc_child_n(struct sctx *c, const char *ptr, struct skey key);
const char *sc_child(struct sctx *c, const char *ptr, const char *key);
const char *sc_child_i(struct sctx *c, const char *ptr, size_t i);

/* ---- schema_ref.c ---- */
enum sref_kind { SREF_PLAIN, SREF_DYNAMIC, SREF_RECURSIVE };
/* The schema that a reference at ptr, within the resource base, means. */
struct sch *sc_ref(struct sctx *c, const char *ref, const struct js *base, const char *ptr,
                   enum sref_kind kind);
/* The resource that v belongs to: itself when it has an $id, else base. */
const struct js *sc_base(struct sctx *c, const struct js *v, const struct js *base,
                         const char *ptr);

/* ---- schema_same.c ---- */
/* The node that stands for s and all that say the same. */
struct sch *sc_same(struct sctx *c, struct sch *s);

/* ---- schema_not.c ---- */
struct sch *sc_not(struct sctx *c, struct sch *s);

/* ---- schema_expand.c ---- */
bool sc_expand(struct sctx *c, const struct schs *list, struct sflats *out);
/* What a key's value, an item and the names of properties must satisfy. False: forbidden. */
bool sflat_key(struct sctx *c, const struct sflat *f, struct skey key, struct schs *out);
bool sflat_item(struct sctx *c, const struct sflat *f, uint32_t i, struct schs *out);
bool sch_requires(const struct sch *s, struct skey key);
bool sflat_requires(const struct sflat *f, struct skey key);
bool sflat_has_enum(const struct sflat *f);
/* The enum's values that satisfy everything. */
const struct js **sflat_values(struct sctx *c, const struct sflat *f, uint32_t *n);
bool sc_matches(struct sctx *c, struct skey pattern, struct skey text, const char *ptr);

/* ---- schema_eval.c ---- */
/* Whether nothing that holds with s, which has unev_props, speaks of a property: of this name, or
 * (key.s NULL) of a name that is not listed and matches the patterns of `matches` only. */
struct spatterns {
    const struct skey *at;
    uint32_t n, mask;
};
bool sflat_unevaluated(struct sctx *c, const struct sflat *f, struct sch *s, struct skey key,
                       const struct spatterns *matches);
/* What s, which has unev_items, says of item i; NULL: nothing. */
struct sch *sflat_unevaluated_item(struct sctx *c, const struct sflat *f, struct sch *s,
                                   uint32_t i);
/* Whether v, of which everything else in s holds, satisfies unev_items and unev_props. */
bool sc_valid_unevaluated(struct sctx *c, const struct sch *s, const struct js *v);

/* ---- schema_valid.c ---- */
bool sc_valid(struct sctx *c, const struct sch *s, const struct js *v);
bool sc_valid_own(struct sctx *c, const struct sch *s, uint32_t i); /* a value of its own enum */
bool sc_valid_key(struct sctx *c, const struct sch *s, struct skey key);
bool sc_has_key(const struct js *v, struct skey key);
bool sc_equal(const struct js *a, const struct js *b); /* as values */
/* Whether a property of that name could be the one that `some` asks for. */
bool sc_may_be_some(struct sctx *c, const struct ssome *some, struct skey key, const char *ptr);

/* ---- schema_format.c ---- */
/* Adds what a format says to s, which has room for one more pattern; false: no such format. */
bool sc_format(struct sctx *c, struct sch *s, struct skey name);

/* ---- schema_trie.c ---- */
struct strie;
/* t (NULL: no text yet) and one text more, behind which `leaf` follows. */
const struct strie *strie_add(struct sctx *c, const struct strie *t, struct skey text,
                              uint32_t leaf);
uint32_t strie_entry(struct sctx *c, const struct strie *t); /* the node to enter; NULL: FAIL */

/* ---- schema_number.c ---- */
/* -1, 0, 1: a against b, exactly as decimal text. */
int sc_compare(const struct js *a, const struct js *b);
bool sflat_range_empty(const struct sflat *f);
uint32_t sc_number(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next);
size_t sc_number_text(const struct js *v, char *out, size_t cap); /* canonical decimal text */

/* ---- one type each: nodes that read a value and go on to next ---- */
uint32_t sc_string(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next);
uint32_t sc_array(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next);
uint32_t sc_object(struct sctx *c, const struct sflat *f, bool canonical, uint32_t next);
/* ---- schema_uniq.c ---- */
/* The values of a list of nodes, if they can be told: enums and the words of JSON. */
struct svalues {
    const struct schs *list;
    const struct js **v;
    uint32_t n, count; /* count: with the words; SCHEMA_NO_MAX unless known */
    uint8_t types, lits;
    bool known;
};
bool sc_values(struct sctx *c, const struct schs *list, struct svalues *out); /* false: failed */
bool sc_may_meet(struct sctx *c, const struct svalues *a, const struct svalues *b);
/* Whether place i always has a value left that no place before it has taken. */
enum stuple { STUPLE_ALWAYS, STUPLE_UNSURE, STUPLE_NEVER };
enum stuple sc_tuple_place(struct sctx *c, const struct svalues *places, uint32_t i);

/* Members written in another way than in JSON. */
struct sstyle {
    const char *open, *comma, *close;
    /* A member whose value satisfies the list, then next; GNODE_FAIL: it cannot be written. */
    uint32_t (*pair)(void *arg, struct sctx *c, struct skey key, const struct schs *value,
                     uint32_t next);
    void *arg;
};
/* The same without members that the schema neither lists nor speaks of: for arguments of tools.
 * style NULL: as JSON. */
uint32_t sc_arguments(struct sctx *c, const struct sflat *f, const struct sstyle *style,
                      uint32_t next);
/* A string of the set and lengths without quotes, each character as itself; no control characters
 * but line breaks and tabs. */
uint32_t sc_raw(struct sctx *c, const struct rx_set *s, uint32_t min, uint32_t max, uint32_t next);
/* The characters that stand for themselves within quotes; how many ranges. */
#define SCHEMA_PLAIN_MAX 5U
size_t sc_plain_chars(const struct sctx *c, struct cp_range *out);
/* A quoted string of the set and lengths. */
uint32_t sc_quoted(struct sctx *c, const struct rx_set *s, uint32_t min, uint32_t max,
                   uint32_t next);
uint32_t sc_quoted_text(struct sctx *c, struct skey text, uint32_t next);
struct skey sc_quoted_bytes(struct sctx *c, struct skey text); /* that text */
uint32_t sc_literal(struct sctx *c, const struct js *v, bool canonical, uint32_t next);
/* One of the values. */
uint32_t sc_literals(struct sctx *c, const struct js *const *v, uint32_t n, bool canonical,
                     uint32_t next);
/* The string constraints of f into s, min and max. */
bool sflat_strings(struct sctx *c, const struct sflat *f, struct rx_set *s, uint32_t len[2]);

/* ---- schema.c ---- */
/* A context to read schemas in: sc_begin (cost outlives it), then sc_root for each document and
 * rules of them, sc_fill once, gb_end(&c->b), sc_finish. c is zeroed but for place, skips and
 * escape. */
enum err_code sc_begin(struct sctx *c, struct gcost *cost, struct err *e);
struct sch *sc_root(struct sctx *c, const struct js *schema, const char *ptr,
                    enum schema_mode mode);
void sc_fill(struct sctx *c);
void sc_finish(struct sctx *c);
/* ERR_ARG with `what`, for a schema without any value: place is where it contradicts itself, the
 * first rule that needs no other; if that is the whole, the text says so. */
enum err_code sc_contradiction(const struct sctx *c, const char *what, struct err *e);
/* After ERR_UNSUPPORTED at place: true when that is now one more thing to pass over. */
bool sskips_add(struct sskips *s, const struct grammar_place *place);
/* For callers that did not ask for the place: it goes into the text. e may be NULL. */
void sc_say_place(const struct grammar_place *place, struct err *e);
/* Adds what was passed over, unless rc says that nothing came of it. s and out may be NULL. */
void sskips_tell(const struct sskips *s, enum err_code rc, struct buf *out);
uint32_t sc_rule(struct sctx *c, const struct schs *list, bool canonical);
uint32_t sc_ws(struct sctx *c, bool canonical, uint32_t next);
uint32_t sc_set_next(struct sctx *c, uint32_t split, uint32_t next); /* patches a loop */

struct smemo {
    struct smemo *chain, *next_todo;
    const struct js *js, *base;
    struct sch *sch;
    struct schs list;        /* sorted */
    bool canonical, is_leaf; /* leaf: its body calls no other rule of a schema */
    uint32_t rule;
};
#define SMEMO_BUCKETS 4096U

#endif
