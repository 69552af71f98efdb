/* Values of the template language: Python's, as far as templates can see them.
 *
 * A value is 32 bytes and copied freely; what it points to lives in the rendering's arena, the
 * template's arena or the caller's JSON, and never changes once a template can see it, except for
 * namespaces, loops, generators, cyclers, joiners and lists that are appended to or popped from.
 * Strings are UTF-8 slices. A string or list with an owner may have room behind it: appending to
 * the value that ends where the owner's used part ends takes place there, so that building a text
 * piece by piece is linear. */
#ifndef TEXT_JINJA_VALUE_INT_H
#define TEXT_JINJA_VALUE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum jkind {
    JV_UNSET, /* an argument that was not given */
    JV_UNDEF,
    JV_NONE,
    JV_BOOL,
    JV_INT,
    JV_BIG,
    JV_FLOAT,
    JV_STR,
    JV_LIST,
    JV_TUPLE,
    JV_DICT,
    JV_VIEW,
    JV_RANGE,
    JV_GEN,
    JV_FUNC,
    JV_METHOD,
    JV_MACRO,
    JV_NS,
    JV_LOOP,
    JV_CYCLER,
    JV_JOINER,
};

enum jflag {
    JF_MARKUP = 1, /* string marked safe: + and % escape what is joined to it      */
    JF_GROUP = 2,  /* tuple made by groupby: has .grouper and .list                */
    JF_VIEW_KEYS = 4,
    JF_VIEW_VALUES = 8,
    JF_VIEW_ITEMS = 16,
};

struct jval {
    uint8_t kind, flag;
    union {
        bool b;
        int64_t i;
        double f;
        const char *s;
        const struct jbig *big;
        const struct jlist *list;
        struct jlist *own_list;   /* the same, where it may change */
        const struct jdict *dict; /* also of a view */
        const struct jrange *range;
        const struct jundef *undef; /* NULL: no more is known */
        const struct jfunc_def *func;
        const struct jmethod *method;
        struct jgen *gen;
        struct jmacro *macro;
        struct jns *ns;
        struct jloop *loop;
        struct jcycler *cycler;
        struct jjoiner *joiner;
    } u;
    size_t len;         /* bytes of a string       */
    struct jowner *own; /* of a string, or NULL    */
};

struct jbig {
    bool is_neg;
    uint32_t n;
    uint32_t limb[]; /* least significant first, no leading zero; never fits int64 */
};

struct jowner {
    size_t used, cap;
    char data[];
};

struct jlist {
    struct jval *at;
    size_t n;
    struct jlist_owner *own;
};

struct jlist_owner {
    size_t used, cap;
    struct jval at[];
};

struct jrange {
    int64_t start, stop, step;
    size_t n;
};

struct jundef {
    struct jval name; /* string, or UNSET when `text` says it all */
    struct jval obj;  /* UNSET: a variable                        */
    struct jval text;
    bool is_security;
};

struct jpair {
    struct jval key, value;
};

struct jdict {
    struct jpair *at; /* in order of insertion */
    size_t n, cap;
    uint32_t *slot; /* index + 1, 0 = free; NULL while small */
    size_t n_slot;  /* power of two                          */
};

struct jns {
    struct jdict d;
};

struct jcycler {
    const struct jlist *items;
    size_t pos;
};

struct jjoiner {
    struct jval sep;
    bool is_used;
};

/* Arguments of one call. */
struct jargs {
    const struct jval *pos;
    size_t n_pos;
    const struct jpair *key;
    size_t n_key;
};

#endif
