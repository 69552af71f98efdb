/* What the statement parser and the expression parser share. */
#ifndef TEXT_JINJA_PARSE_INT_H
#define TEXT_JINJA_PARSE_INT_H

#include "base/attr.h"
#include "text/jinja_ast_int.h"

struct jmacro_frame { /* the macros around the place that is parsed */
    struct jmacro_frame *outer;
    struct jsig *sig;
};

struct jparse {
    struct tmpl *t;
    const struct jtok *tok; /* current */
    struct err *e;
    enum err_code rc;
    const char *construct; /* for errors: "{{ }}", "{% for %}" */
    char construct_text[40];
    uint32_t depth, n_loop;
    struct jmacro_frame *macro;
    uint32_t n_macro;      /* seen so far */
    struct jnode *unknown; /* first filter or test that does not exist */
    uint32_t *sym_slot;
    size_t n_sym_slot, sym_cap;
};

struct jnode_list {
    struct jnode **at;
    uint32_t n, cap;
};

/* Failure is sticky, like in the evaluator. The functions return NULL then. */
void jp_fail(struct jparse *p, const char *fmt, ...) ATTR_PRINTF(2, 3);
void jp_unexpected(struct jparse *p, const char *expected);
void *jp_new(struct jparse *p, size_t n, size_t size);
struct jnode *jp_node(struct jparse *p, enum jnode_kind kind);
bool jp_add(struct jparse *p, struct jnode_list *l, struct jnode *n);
struct jnode *jp_list(struct jparse *p, struct jnode *n, const struct jnode_list *l);
uint32_t jp_sym(struct jparse *p, const char *s, size_t len);
bool jp_enter(struct jparse *p);
void jp_leave(struct jparse *p);

bool jp_is_op(const struct jparse *p, const char *op);
bool jp_is_name(const struct jparse *p, const char *name);
bool jp_skip_op(struct jparse *p, const char *op);
bool jp_skip_name(struct jparse *p, const char *name);
bool jp_need_op(struct jparse *p, const char *op);
bool jtok_is(const struct jtok *t, enum jtok_kind kind, const char *text);

/* Expressions (jinja_expr.c). */
struct jnode *jp_expr(struct jparse *p, bool with_cond);
/* A tuple without brackets; end_name: a name that ends it, or NULL. */
struct jnode *jp_tuple(struct jparse *p, bool with_cond, const char *end_name);
struct jnode *jp_primary(struct jparse *p);
struct jnode *jp_filters(struct jparse *p, struct jnode *in, bool start_inline);

#endif
