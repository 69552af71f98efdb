/* How a shape is put together. Fragments are built back to front like all grammars
 * (grammar_int.h), all in rule 0 of one grammar, so that GNODE_RET ends the answer.
 *
 *   shape.c        the sentence as a whole: thoughts, text, calls, values
 *   shape_text.c   marks as control tokens or bytes; free text up to one of several marks
 *   shape_call.c   what stands behind a trigger, for each kind of dialect
 *   shape_args.c   a tool's arguments in the dialect's notation
 *   shape_value.c  values in that notation */
#ifndef TEXT_SHAPE_INT_H
#define TEXT_SHAPE_INT_H

#include "text/dialect_int.h"
#include "text/schema_int.h"
#include "text/shape.h"

#define SHAPE_MARKS_MAX 48U  /* control tokens */
#define SHAPE_MARK_MAX  128U /* bytes of a mark */

struct stool {
    const char *name;
    const struct js *params; /* NULL: takes no arguments */
    struct js *own;          /* NULL, or params written again */
    char ptr[48];            /* of params */
    bool strict;
    uint32_t args; /* rule of its arguments */
};

struct sbuild {
    struct sctx c;
    const struct shape_spec *p;
    const struct dialect_row *row;     /* NULL: no calls */
    const struct dialect_row *alt;     /* another form that is read, too; NULL: none */
    const struct reasoning_row *think; /* NULL: no thoughts */
    struct stool *tool;
    uint32_t n_tool;
    int32_t mark[SHAPE_MARKS_MAX]; /* control tokens that marks are made of */
    uint32_t n_mark;
    uint32_t rule_value; /* the answer's text; 0: it is free */
    uint32_t rule_lay;   /* optional layout: a few blanks and line breaks */
    uint32_t n_nested;   /* values that were written in the dialect's own notation */
};

/* ---- shape_text.c ---- */
/* Makes the control tokens of a mark (NULL is fine) known; before anything is built. */
void sh_know(struct sbuild *s, const char *mark);
/* A mark, then next: control tokens where the vocabulary has them, else bytes. NULL or "": next. A
 * mark that ends with a token which ends answers ends the sentence. */
uint32_t sh_mark(struct sbuild *s, const char *mark, uint32_t next);
uint32_t sh_lay(struct sbuild *s, uint32_t next);
bool sh_is_token(const struct sbuild *s, const char *mark);

enum smark_at {
    SMARK_ANYWHERE,
    SMARK_LINE,  /* at the start, or behind a blank */
    SMARK_START, /* at the start, or behind blanks at the start */
};
struct smark {
    const char *text;
    enum smark_at at;
    uint32_t to; /* where the sentence goes on */
};
/* Free text from its start to the first of n marks, or to its end: `end`, GNODE_FAIL where it must
 * not end. */
uint32_t sh_text(struct sbuild *s, const struct smark *mark, uint32_t n, uint32_t end);

/* ---- shape_call.c ---- */
/* What stands behind a trigger: one call, or more unless one_call; then next. */
uint32_t sh_section(struct sbuild *s, uint32_t next);
/* The same behind the mark of its first call. */
uint32_t sh_call_rest(struct sbuild *s, uint32_t next);
/* A call object whose name key was read already; its end; then next. */
uint32_t sh_bare_rest(struct sbuild *s, uint32_t next);
/* Calls of a bare dialect without trigger. */
uint32_t sh_bare(struct sbuild *s, uint32_t next);
/* How they begin in free text: at most max marks, from each of which the sentence goes on; text:
 * where it goes on if it turns out to be text. */
uint32_t sh_bare_marks(struct sbuild *s, struct smark *m, uint32_t max, uint32_t text,
                       uint32_t next);
/* Harmony, behind "to=functions.": name, rest of the header, arguments, end. */
uint32_t sh_recipient(struct sbuild *s, uint32_t next);

/* ---- shape_value.c ---- */
struct sraw {
    const char *end; /* a mark that the text does not contain */
    bool is_direct;  /* no line breaks at its borders, which would be layout */
    bool is_quoted;  /* no backslashes, which would be escapes */
    bool no_json;    /* nothing that would be read as another type of JSON */
};
/* The strings among the values of a list, as they stand, then next. */
uint32_t sh_raw(struct sbuild *s, const struct schs *value, const struct sraw *as, uint32_t next);
uint32_t sh_json(struct sbuild *s, const struct schs *value, uint32_t next);
uint32_t sh_json_of(struct sbuild *s, const struct schs *value, uint8_t types, uint32_t next);
/* A value in the dialect's own notation, or as JSON; schema: what the parser will see of it. */
uint32_t sh_nested(struct sbuild *s, const struct schs *value, const struct js *schema,
                   unsigned depth, uint32_t next);
bool sh_key_ok(const struct sbuild *s, struct skey key); /* of XML */
/* A key with its sign ("=" or ":"; NULL: as in a dict of Python), then next. */
uint32_t sh_member(struct sbuild *s, struct skey key, const char *sign, uint32_t next);
char *sh_element_end(struct sbuild *s, const char *key); /* what ends an element of that name */

/* ---- shape_args.c ---- */
/* Puts the properties of t->params in the order of their names; t->own is then to be closed. */
enum err_code sh_sort(struct sbuild *s, struct stool *t);
/* Makes the rule t->args. */
void sh_args(struct sbuild *s, struct stool *t);

#endif
