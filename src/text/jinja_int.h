/* The evaluator's state and the functions its files share.
 *
 * Failure is sticky: jr_fail keeps the first error in r->rc, every later call does nothing useful
 * and returns some harmless value; loops look at r->rc. */
#ifndef TEXT_JINJA_INT_H
#define TEXT_JINJA_INT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "text/jinja_ast_int.h"
#include "text/jinja_value_int.h"
#include "text/template.h"

enum jsignal { JSIG_NONE, JSIG_BREAK, JSIG_CONTINUE };

struct jbinding {
    uint32_t sym;
    struct jval value;
};

struct jscope {
    struct jscope *parent; /* NULL: the outermost, whose variables are r->global */
    struct jbinding *at;
    uint32_t n, cap;
};

struct jrun {
    const struct tmpl *t;
    struct arena arena;
    struct buf *out;
    size_t out_base; /* length of out before this rendering */
    size_t bytes_max;
    uint64_t n_step_left, n_step_max;
    uint64_t ask_at; /* when so many are left, stop is asked again */
    const struct stop_ask *stop;
    uint32_t n_call, n_call_max; /* macros and loops within each other          */
    uint32_t n_nest, n_nest_max; /* nodes and values within each other          */
    enum err_code rc;
    struct err *e;
    const struct jnode *at; /* statement that runs                              */
    uint32_t line;
    enum jsignal sig;
    struct jscope *scope;
    struct jval *global; /* by symbol; UNSET = not defined */
    int64_t now;
    int32_t zone;
};

/* ---- failure, limits, memory (jinja_run.c) ---- */
void jr_fail(struct jrun *r, const char *fmt, ...) ATTR_PRINTF(2, 3); /* ERR_TEMPLATE with place */
void jr_limit(struct jrun *r, const char *fmt, ...) ATTR_PRINTF(2, 3);
void jr_raise(struct jrun *r, const char *text, size_t len); /* exactly this text */
/* False (and failed) when the steps are used up, or the rendering is given up. Work on n bytes
 * costs n / 16 steps. */
bool jr_step(struct jrun *r, size_t n);
bool jr_nest(struct jrun *r); /* one level deeper; true needs jr_unnest */
void jr_unnest(struct jrun *r);
void *jr_new(struct jrun *r, size_t n, size_t size); /* zeroed; NULL: failed */
void jr_write(struct jrun *r, const char *s, size_t len);
/* The text written since mark becomes a string and leaves the output. */
struct jval jr_take(struct jrun *r, size_t mark);
/* Prints a string value in an error: at most the first bytes, whole characters. */
int jr_cut(const struct jval *s);

/* ---- making values (jinja_value.c) ---- */
struct jval jv_none(void);
struct jval jv_unset(void);
struct jval jv_bool(bool b);
struct jval jv_int(int64_t i);
struct jval jv_float(double f);
struct jval jv_lit(const char *s); /* static text */
struct jval jv_strn(const char *s, size_t len);
struct jval jv_copy(struct jrun *r, const char *s, size_t len);
struct jval jv_concat(struct jrun *r, struct jval a, struct jval b); /* two strings */
struct jval jv_repeat(struct jrun *r, struct jval s, int64_t n);
struct jval jv_list(struct jrun *r, struct jval *at, size_t n, enum jkind kind); /* takes at */
struct jval jv_list_concat(struct jrun *r, struct jval a, struct jval b);
struct jval jv_pair(struct jrun *r, struct jval a, struct jval b);
struct jval jv_undef_name(struct jrun *r, struct jval name);
struct jval jv_undef_attr(struct jrun *r, struct jval obj, struct jval name, bool is_security);
struct jval jv_undef_text(struct jrun *r, struct jval text);
bool jv_is(const struct jval *v, const char *text); /* a string equal to text */
void jr_fail_undef(struct jrun *r, struct jval v);

struct jvec { /* zero-initialise: a list under construction */
    struct jval *at;
    size_t n, cap;
};
bool jvec_add(struct jrun *r, struct jvec *v, struct jval x);
struct jval jvec_list(struct jrun *r, struct jvec *v);

/* ---- asking values (jinja_value.c, jinja_compare.c) ---- */
const char *jv_type(const struct jval *v); /* Python's type name */
bool jv_truth(const struct jval *v);
bool jv_is_num(const struct jval *v);     /* bool, int, big, float */
bool jv_is_intlike(const struct jval *v); /* bool, int, big     */
double jv_num(const struct jval *v);
bool jv_len(const struct jval *v, size_t *n); /* false: has no length */
bool jv_eq(struct jrun *r, const struct jval *a, const struct jval *b);
/* Orders a and b; false and failed when Python refuses. op is for the message. */
bool jv_order(struct jrun *r, const struct jval *a, const struct jval *b, enum jop op, int *cmp);
bool jv_in(struct jrun *r, const struct jval *x, const struct jval *in);
/* Stable ascending sort of n items by key. */
void jv_sort(struct jrun *r, struct jpair *at, size_t n, bool is_reverse);

/* ---- dictionaries (jinja_dict.c) ---- */
struct jval jv_dict(struct jrun *r, struct jdict **d);
bool jdict_set(struct jrun *r, struct jdict *d, struct jval key, struct jval value);
const struct jval *jdict_get(struct jrun *r, const struct jdict *d, const struct jval *key);
uint32_t jv_hash(struct jrun *r, const struct jval *v); /* fails for lists and dicts */

/* ---- iterating (jinja_iter.c) ---- */
struct jiter {
    struct jval src;
    size_t i, i_byte;
};
bool jiter_open(struct jrun *r, struct jiter *it, struct jval src); /* false: failed */
bool jiter_next(struct jrun *r, struct jiter *it, struct jval *out);
struct jval jv_to_list(struct jrun *r, struct jval src, enum jkind kind);
struct jval jv_range(struct jrun *r, const struct jargs *a);

struct jgen {
    bool (*next)(struct jrun *r, struct jgen *g, struct jval *out);
    const char *type;
    struct jiter src;
    bool is_started, is_done;
    struct jval in, arg[3];
    const struct jfilter_def *filter;
    const struct jtest_def *test;
    struct jargs args;
    struct jval attr;
    size_t i, n;
    bool is_attr, is_reject;
    struct jdict seen;
    const struct jnode *node; /* of a filtered loop */
    struct jscope *scope;
};
struct jval jv_gen(struct jrun *r, struct jgen **g, struct jval in);

/* ---- integers beyond 64 bits and arithmetic (jinja_big.c, jinja_op.c) ---- */
/* False: too many digits, or no memory. Digits are valid in base. */
bool jbig_parse(struct arena *a, const char *digits, size_t len, unsigned base, bool is_neg,
                struct jval *out);
struct jval jint_add(struct jrun *r, const struct jval *a, const struct jval *b, bool is_sub);
struct jval jint_mul(struct jrun *r, const struct jval *a, const struct jval *b);
/* Floor division: b is not zero. */
void jint_divmod(struct jrun *r, const struct jval *a, const struct jval *b, struct jval *q,
                 struct jval *m);
struct jval jint_pow(struct jrun *r, const struct jval *a, int64_t n);
int jint_cmp(const struct jval *a, const struct jval *b);
double jbig_num(const struct jval *v);
struct jval jint_from_float(struct jrun *r, double f); /* truncates; fails for inf and nan */
void jbig_write(struct jrun *r, const struct jval *v);
struct jval jop_math(struct jrun *r, enum jop op, struct jval a, struct jval b);
struct jval jop_neg(struct jrun *r, struct jval a, bool is_neg);
struct jval jop_item(struct jrun *r, struct jval obj, struct jval key);
struct jval jop_slice(struct jrun *r, struct jval obj, const struct jval bound[3]);
struct jval jop_attr(struct jrun *r, struct jval obj, struct jval name);
/* Without looking into a dictionary. */
struct jval jop_attr_only(struct jrun *r, struct jval obj, struct jval name);
/* One argument as an integer; false and failed otherwise. UNSET and none give preset. */
bool jv_to_int(struct jrun *r, const struct jval *v, int64_t preset, int64_t *out);

/* ---- printing (jinja_repr.c, jinja_json.c) ---- */
void jv_write_str(struct jrun *r, const struct jval *v);
void jv_write_repr(struct jrun *r, const struct jval *v);
struct jval jv_to_str(struct jrun *r, struct jval v); /* keeps markup */
struct jval jv_plain(struct jval v);                  /* without markup */
struct jval jv_escape(struct jrun *r, struct jval v);
size_t jfloat_text(double f, char text[40]); /* Python's repr */
struct jval jv_to_json(struct jrun *r, const struct jval *a);

/* ---- characters (jinja_char.c) ---- */
uint32_t jchar_next(const char *s, size_t len, size_t *i); /* invalid byte: U+FFFD, 1 byte */
bool jchar_is_space(uint32_t c);
bool jchar_is_alpha(uint32_t c);
bool jchar_is_digit(uint32_t c);
bool jchar_is_word(uint32_t c); /* letter, number, underscore */
bool jchar_is_upper(uint32_t c);
bool jchar_is_lower(uint32_t c);
bool jchar_is_printable(uint32_t c);
uint32_t jchar_upper(uint32_t c);
uint32_t jchar_lower(uint32_t c);
enum jcase { JCASE_UPPER, JCASE_LOWER, JCASE_TITLE, JCASE_CAPITAL, JCASE_SWAP };
struct jval jstr_case(struct jrun *r, struct jval s, enum jcase how);
size_t jstr_count(const struct jval *s); /* code points */
/* Byte offset of code point i <= count. */
size_t jstr_offset(const struct jval *s, size_t i);
struct jval jstr_strip(struct jval s, const struct jval *chars, bool left, bool right);

/* ---- strings (jinja_str.c, jinja_format.c, jinja_time.c) ---- */
/* First needle in s from byte `from`; SIZE_MAX when there is none. */
size_t jstr_find(const struct jval *s, const struct jval *needle, size_t from);
/* The last needle that ends at or before byte end. */
size_t jstr_rfind(struct jrun *r, const struct jval *s, const struct jval *needle, size_t end);
struct jval jstr_replace(struct jrun *r, struct jval s, struct jval from, struct jval to,
                         int64_t n);
struct jval jstr_split(struct jrun *r, struct jval s, const struct jval *sep, int64_t n_max);
struct jval jstr_rsplit(struct jrun *r, struct jval s, const struct jval *sep, int64_t n_max);
struct jval jstr_lines(struct jrun *r, struct jval s, bool keep_ends);
struct jval jstr_join(struct jrun *r, struct jval sep, struct jval items);
struct jval jstr_pad(struct jrun *r, struct jval s, int64_t width, struct jval fill, char how);
struct jval jstr_percent(struct jrun *r, struct jval fmt, struct jval args);
struct jval jstr_format(struct jrun *r, struct jval fmt, const struct jargs *a);
struct jval jtime_format(struct jrun *r, struct jval fmt);

/* ---- calls, filters, tests, methods ---- */
struct jfunc_def {
    const char *name;
    struct jval (*run)(struct jrun *r, const struct jargs *a);
};
struct jmethod_def {
    const char *name;
    const char *param; /* names, those without default end with '!'; NULL: raw arguments */
    struct jval (*run)(struct jrun *r, struct jval self, const struct jval *v);
    struct jval (*run_raw)(struct jrun *r, struct jval self, const struct jargs *a);
};
struct jmethod {
    struct jval self;
    const struct jmethod_def *def;
};
struct jfilter_def {
    const char *name;
    const char *param;
    struct jval (*run)(struct jrun *r, struct jval in, const struct jval *v);
    struct jval (*run_raw)(struct jrun *r, struct jval in, const struct jargs *a);
};
struct jtest_def {
    const char *name;
    unsigned n_arg;
    bool (*run)(struct jrun *r, const struct jval *v, const struct jval *arg);
};
#define JARG_MAX 8U

/* Puts the arguments of `name` into v[JARG_MAX] as `param` says; false: failed. */
bool jargs_bind(struct jrun *r, const char *name, const char *param, const struct jargs *a,
                struct jval *v);
const struct jfilter_def *jfilter_find(const char *name, size_t len);
/* The tables of jinja_filter_seq.c, _gen.c and _str.c. */
const struct jfilter_def *jfilter_seq(size_t *n);
const struct jfilter_def *jfilter_gen(size_t *n);
const struct jfilter_def *jfilter_str(size_t *n);
/* item.a.b or item.0 as filters with an attribute look it up; attr UNSET or none: the item. */
struct jval jattr_get(struct jrun *r, struct jval item, const struct jval *attr);
/* Strings in lower case, unless case matters. */
struct jval jfold_case(struct jrun *r, struct jval v, bool is_sensitive);
const struct jtest_def *jtest_find(const char *name, size_t len);
struct jval jfilter_run(struct jrun *r, const struct jfilter_def *f, struct jval in,
                        const struct jargs *a);
bool jtest_run(struct jrun *r, const struct jtest_def *t, struct jval v, const struct jargs *a);
/* A method of v, or NULL. *is_unsafe: Python has it, the sandbox refuses it. */
const struct jmethod_def *jmethod_find(const struct jval *v, const struct jval *name,
                                       bool *is_unsafe);
const struct jmethod_def *jmethod_find_str(const struct jval *name);
struct jval jcall(struct jrun *r, struct jval f, const struct jargs *a);
struct jval jglobal_find(const struct jval *name); /* UNSET: no such */

/* ---- evaluator (jinja_eval.c, jinja_stmt.c, jinja_loop.c, jinja_macro.c) ---- */
struct jval jeval(struct jrun *r, const struct jnode *n);
struct jval jeval_filter(struct jrun *r, const struct jnode *n, struct jval in);
bool jeval_args(struct jrun *r, const struct jarg_node *n, struct jargs *out);
void jexec(struct jrun *r, const struct jnode *n);
void jexec_for(struct jrun *r, const struct jnode *n);
void jassign(struct jrun *r, const struct jnode *target, struct jval v);
struct jscope *jscope_push(struct jrun *r);
void jscope_pop(struct jrun *r, struct jscope *parent);
void jscope_set(struct jrun *r, uint32_t sym, struct jval v);
struct jval jscope_get(struct jrun *r, uint32_t sym); /* UNSET: not defined */

struct jmacro {
    const struct jnode *node;
    struct jval name;
    struct jscope *scope; /* where it was made */
};
struct jval jmacro_make(struct jrun *r, const struct jnode *n, struct jval name);
struct jval jmacro_call(struct jrun *r, struct jmacro *m, const struct jargs *a);
struct jval jmacro_attr(struct jrun *r, const struct jmacro *m, const struct jval *name);

struct jloop {
    const struct jnode *node;
    struct jscope *scope; /* around the loop */
    struct jiter it;
    struct jval prev, cur, next, changed;
    bool has_next, has_changed, is_counted, is_ended;
    size_t i, n, depth;
};
struct jval jloop_attr(struct jrun *r, struct jloop *l, const struct jval *name);
size_t jloop_length(struct jrun *r, struct jloop *l);
bool jloop_next(struct jrun *r, struct jloop *l, struct jval *out);
struct jval jloop_call(struct jrun *r, struct jloop *l, const struct jargs *a);
struct jval jloop_method(struct jrun *r, struct jloop *l, const char *name, const struct jargs *a);

#endif
