/* Compiled templates: tokens, nodes, and the doors between lexer, parser and evaluator.
 *
 * Nodes live in the template's arena and never change after tmpl_open. Names are numbered, so that
 * the evaluator compares integers. */
#ifndef TEXT_JINJA_AST_INT_H
#define TEXT_JINJA_AST_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "text/jinja_value_int.h"

#define JINJA_PARSE_DEPTH_MAX 200U
#define JINJA_TEMPLATE_BYTES  ((size_t)1 << 30) /* memory of one compiled template */

enum jtok_kind {
    JT_DATA,
    JT_VAR_BEGIN,
    JT_VAR_END,
    JT_BLOCK_BEGIN,
    JT_BLOCK_END,
    JT_NAME,
    JT_INT,
    JT_FLOAT,
    JT_STRING,
    JT_OP, /* the operator is in text */
    JT_EOF,
};

struct jtok {
    enum jtok_kind kind;
    uint32_t line;
    const char *s; /* spelling: of a string without its quotes, of data the text itself */
    size_t len;
};

/* Cuts the source into tokens (an array that ends with JT_EOF, in the arena). */
enum err_code jlex_run(struct arena *a, const char *source, size_t len, struct jtok **tok,
                       struct err *e);

enum jnode_kind {
    /* expressions */
    JN_CONST,
    JN_NAME,    /* sym                                              */
    JN_LIST,    /* kid                                              */
    JN_TUPLE,   /* kid                                              */
    JN_DICT,    /* kid: key, value, key, value ...                  */
    JN_MATH,    /* kid[0] op[0] kid[1] op[1] ...: left to right     */
    JN_CONCAT,  /* kid                                              */
    JN_AND,     /* kid                                              */
    JN_OR,      /* kid                                              */
    JN_NOT,     /* a                                                */
    JN_NEG,     /* a                                                */
    JN_POS,     /* a                                                */
    JN_COMPARE, /* like JN_MATH                                     */
    JN_COND,    /* a if b else c (c may be NULL)                    */
    JN_ATTR,    /* a . val                                          */
    JN_ITEM,    /* a [ b ]                                          */
    JN_SLICE,   /* a : b : c, each may be NULL                      */
    JN_CALL,    /* a ( arg )                                        */
    JN_FILTER,  /* a (NULL: the text of a block) | val ( arg )      */
    JN_TEST,    /* a is val ( arg )                                 */
    /* statements */
    JN_TEXT,      /* val                                              */
    JN_OUTPUT,    /* kid: expressions                                 */
    JN_BODY,      /* kid: statements                                  */
    JN_IF,        /* kid: test, body, test, body ...; c: else         */
    JN_FOR,       /* a target, b iterable, c filter, kid: body, else  */
    JN_SET,       /* a target, b value                                */
    JN_SETBLOCK,  /* a target, b filter or NULL, c body               */
    JN_MACRO,     /* sym, sig, c body                                 */
    JN_CALLBLK,   /* a call, sig, c body                              */
    JN_FILTERBLK, /* b filter, c body                                */
    JN_WITH,      /* kid: target, value ...; c body                   */
    JN_SCOPE,     /* c body in a scope of its own                     */
    JN_BLOCK,     /* c body, without the scopes around it             */
    JN_GENERATE,  /* c body: {% generation %}                         */
    JN_BREAK,
    JN_CONTINUE,
    JN_REFUSE, /* val: why this statement cannot run                 */
    JN_NSREF,  /* target: sym . val                                  */
};

enum jop {
    JO_ADD,
    JO_SUB,
    JO_MUL,
    JO_DIV,
    JO_FLOORDIV,
    JO_MOD,
    JO_POW,
    JO_EQ,
    JO_NE,
    JO_LT,
    JO_LE,
    JO_GT,
    JO_GE,
    JO_IN,
    JO_NOTIN,
};

struct jarg_node {
    struct jnode **pos;
    uint32_t n_pos;
    struct jval *key; /* strings */
    struct jnode **value;
    uint32_t n_key;
    struct jnode *star, *star2; /* *args and **kwargs, or NULL */
};

/* Parameters of a macro or of a call block. */
struct jsig {
    uint32_t *sym;
    struct jval *name;
    struct jnode **preset; /* one per parameter, NULL without default */
    uint32_t n;
    bool uses_caller, uses_kwargs, uses_varargs;
};

struct jnode {
    uint8_t kind;      /* enum jnode_kind */
    bool is_recursive; /* JN_FOR */
    bool is_scoped;    /* JN_BLOCK */
    bool is_closure;   /* JN_FOR: the body makes macros, which keep its scope */
    uint32_t line, sym, n;
    struct jnode **kid;
    uint8_t *op;
    struct jnode *a, *b, *c;
    struct jval val;
    struct jarg_node *arg;
    struct jsig *sig;
    const struct jfilter_def *filter;
    const struct jtest_def *test;
};

/* Names with fixed numbers come first, in this order. */
enum jsym { JSYM_LOOP, JSYM_CALLER, JSYM_KWARGS, JSYM_VARARGS, JSYM_FIXED };

struct tmpl {
    struct arena arena;
    struct jnode *root;
    struct jval *sym; /* the names, n_sym of them, as strings */
    uint32_t n_sym;
};

/* Parses the tokens into t->root, t->sym and t->n_sym. */
enum err_code jparse_run(struct tmpl *t, const struct jtok *tok, struct err *e);

#endif
