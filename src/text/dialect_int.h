/* The insides of the answer's parser, shared by its files. Bytes are taken one at a time, which is
 * what makes the joined events independent of how the text was cut; pieces of the same kind are
 * joined again before they are delivered. */
#ifndef TEXT_DIALECT_INT_H
#define TEXT_DIALECT_INT_H

#include "base/buf.h"
#include "text/dialect.h"

#define HOLD_MAX   128U /* longer than any mark */
#define HEADER_MAX 512U /* name, id and what stands between them */
#define NEST_MAX   100U /* of arguments */

enum match { MATCH_NO, MATCH_PART, MATCH_FULL };

/* Which of n strings (NULL: none) the held bytes are, or could become. */
enum match dialect_match(const char *hold, size_t len, const char *const *marks, unsigned n,
                         unsigned *which);

/* ---- JSON, byte by byte ---- */
enum jscan_state {
    JSCAN_VALUE,
    JSCAN_ITEM, /* a value or ']' */
    JSCAN_KEY,
    JSCAN_MEMBER, /* a key or '}' */
    JSCAN_COLON,
    JSCAN_AFTER,
    JSCAN_STR,
    JSCAN_ESC,
    JSCAN_HEX,
    JSCAN_LOW, /* the backslash of a low surrogate */
    JSCAN_LOW_U,
    JSCAN_NUM,
    JSCAN_WORD,
};
enum jscan_num { NUM_SIGN, NUM_ZERO, NUM_INT, NUM_DOT, NUM_FRAC, NUM_E, NUM_E_SIGN, NUM_EXP };
enum jscan_result { JSCAN_MORE, JSCAN_DONE, JSCAN_BAD };
struct jscan {
    enum jscan_state state;
    enum jscan_num num;
    bool is_key, high;
    unsigned n_hex, hex;
    const char *word; /* rest of true, false, null */
    uint32_t depth;
    bool is_obj[NEST_MAX];
};
/* One byte of one value. DONE: with c the outermost array, object or string ended. */
enum jscan_result jscan_feed(struct jscan *j, char c);
/* Is it one object, blanks around it aside? */
bool jscan_is_object(const char *s, size_t len);
bool jscan_is_value(const char *s, size_t len);

/* ---- the machine ---- */
enum ds_mode {
    DS_CONTENT,
    DS_REASONING,
    DS_HEAD,     /* a message's header that is layout */
    DS_CALL,     /* behind a trigger: a call, or the end */
    DS_HEADER,   /* name and id */
    DS_ARGS_AT,  /* before the '{' of NAMED arguments */
    DS_ARGS,     /* in them */
    DS_CALL_END, /* behind them: the mark of a call's end */
    DS_OBJECT,   /* in a JSON call object */
    DS_PARAM,    /* XML: a parameter or the end of the call */
    DS_KEY,
    DS_VAL_AT,
    DS_VAL,
    DS_VALUES, /* arguments of PYTHON and BRACES */
};

/* A JSON call object being read. */
enum object_key { KEY_OTHER, KEY_NAME, KEY_ID, KEY_ARGS, KEY_INNER };
struct object_state {
    struct jscan scan;
    uint32_t base; /* depth of the members that matter */
    enum object_key key;
    bool in_value, has_args, args_done, args_string;
};

/* Arguments in a notation of their own, turned into JSON. */
enum vconv_state {
    VCONV_VALUE,
    VCONV_KEY_AT,
    VCONV_KEY,
    VCONV_COLON,
    VCONV_AFTER,
    VCONV_STR,
    VCONV_QUOTE,
    VCONV_ESC,
    VCONV_HEX,
    VCONV_WORD
};
struct vconv {
    enum vconv_state state;
    char quote; /* '"' or '\''; 0: the row's own mark */
    bool is_key, python, is_first;
    unsigned n_hex;
    uint32_t depth;
    char stack[NEST_MAX]; /* '(' '{' '[' */
};

struct dialect_stream {
    struct dialect_params p;
    const struct dialect_row *row;     /* NULL: no calls */
    const struct dialect_row *alt;     /* the form that the prompt describes, too; or NULL */
    const struct reasoning_row *think; /* NULL: no thoughts */
    const struct reasoning_row *head;  /* NULL: messages have no headers */
    enum ds_mode mode;
    bool at_start; /* nothing but blanks since the answer, or a section of it, began */
    bool had_text; /* content was delivered */
    bool drop_ws;  /* the blanks held are layout unless text follows a call */
    bool in_list, bare;
    bool in_thought;                  /* a section that began where a thought was open, */
    bool thought_start;               /* right at its start */
    bool thought_shut;                /* no more of these */
    bool line_shut;                   /* the line at which the stream stands is no header */
    bool begun;                       /* CALL_BEGIN was delivered */
    bool ended;                       /* dialect_end */
    uint32_t n_call, n_whole, n_here; /* indices used; whole calls; whole calls of this section */
    char hold[HOLD_MAX];
    uint32_t n_hold;
    struct buf ws;       /* blanks before what comes next */
    struct buf raw;      /* what to give back when a call is none */
    struct buf header;   /* name, or a key */
    struct buf id, args; /* id; arguments that wait for the name; a value */
    struct object_state obj;
    struct jscan scan;
    struct vconv conv;
    char val_quote; /* DS_VAL: type of the value: 's' string, 'j' JSON, 'u' either, 'e' elements */
    bool val_nl, val_lines, val_begun, cdata, any_arg;
    char val_mark[HOLD_MAX]; /* ELEMENTS: what ends the value */
    uint32_t val_depth;      /* ELEMENTS: elements of the same name that are open in it, */
    size_t val_scanned;      /* counted so far */
    const struct js *props;  /* the called function's parameters */
    struct buf out;          /* the event that is growing */
    enum dialect_event_kind out_kind;
    uint32_t out_index;
    bool failed;
};

/* ---- dialect.c ---- */
void ds_clear(struct dialect_stream *s, struct buf *b); /* of s: a failure of it is remembered */
void ds_emit(struct dialect_stream *s, enum dialect_event_kind kind, const char *text, size_t len);
void ds_begin(struct dialect_stream *s); /* CALL_BEGIN with s->header and s->id */
void ds_call_whole(struct dialect_stream *s);
void ds_fail(struct dialect_stream *s);  /* what is held was no call: content */
void ds_leave(struct dialect_stream *s); /* the section has ended; what is held is looked at anew */
void ds_call_reset(struct dialect_stream *s);
void ds_text_section(struct dialect_stream *s, enum ds_mode mode, bool drop_ws);
bool ds_name_ok(const char *name, size_t len);
bool ds_tool_known(const struct dialect_stream *s); /* s->header is a tool's name, or all may be */
bool ds_is_blank(char c);
/* Adds c to what is held and compares with marks; blanks before are skipped. */
enum match ds_expect(struct dialect_stream *s, char c, const char *const *marks, unsigned n,
                     unsigned *which);

/* ---- dialect_call.c, dialect_object.c, dialect_xml.c, dialect_value.c: one byte inside calls ----
 */
void ds_call_byte(struct dialect_stream *s, char c);
void ds_section_begin(struct dialect_stream *s);
void ds_after_call(struct dialect_stream *s);
void ds_xml_begin(struct dialect_stream *s);
void ds_xml_byte(struct dialect_stream *s, char c);
void ds_values_begin(struct dialect_stream *s, bool python);
void ds_values_byte(struct dialect_stream *s, char c);
void ds_object_begin(struct dialect_stream *s);
void ds_object_byte(struct dialect_stream *s, char c);
#define DS_ESCAPE_MAX 6U
size_t ds_escape(char c, char out[DS_ESCAPE_MAX]); /* c inside a JSON string */
/* 's': a parameter's value is text as it stands; 'j': JSON where it is some; 'u': JSON where it is
 * some of another type that the schema allows beside text. */
char ds_param_type(const struct js *props, const char *key);
char ds_schema_type(const struct js *schema); /* the same of a parameter's schema */
bool ds_union_is_json(const struct js *schema, const char *text, size_t len);
/* dialect_literal.c: a literal of Python as JSON; false: it is none. */
bool ds_literal_json(struct buf *out, const char *text, size_t len);
/* dialect_tree.c: text with elements in it as JSON; false: it is none. */
bool ds_tree_json(struct buf *out, const struct dialect_row *row, const char *text, size_t len,
                  const struct js *schema);
void ds_put_char(struct dialect_stream *s, char c); /* a character inside a JSON string */

#endif
