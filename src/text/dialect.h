/* Chat dialects: how a model's answer is cut into thoughts, text and tool calls.
 *
 * A dialect is a row of a table (what surrounds a call, what its arguments look like) and a row of
 * reasoning marks. Which one a model speaks is found from its template: a probe conversation is
 * rendered and every row's own parser tries to read the call back. The parser is incremental; its
 * events joined are the same for every cutting of the text. Text that is not a whole, valid call is
 * content: nothing is lost and nothing is invented. */
#ifndef TEXT_DIALECT_H
#define TEXT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "text/reasoning.h"
#include "text/template.h"

#define DIALECT_TRIGGERS  3U
#define DIALECT_TYPES     7U
#define DIALECT_NAME_MAX  128U       /* bytes of a function's name or a call's id */
#define DIALECT_CALL_MAX  (4U << 20) /* bytes of one call's text; longer ones are content */
#define DIALECT_CALLS_MAX 1024U      /* calls of one answer; what follows is content */

enum dialect_kind {
    DIALECT_NONE,    /* no calls                                                    */
    DIALECT_JSON,    /* objects with name and arguments, alone or in a list         */
    DIALECT_NAMED,   /* a header with the name, then the arguments as JSON          */
    DIALECT_HARMONY, /* NAMED whose header says to which channel a message belongs  */
    DIALECT_XML,     /* one element a parameter                                     */
    DIALECT_PYTHON,  /* a list of calls f(a=1, b='x')                               */
    DIALECT_BRACES,  /* call:f{a:1,b:<|"|>x<|"|>}                                   */
};

enum dialect_flag {
    DIALECT_BARE = 1U,           /* a call may also begin with '{' or '[' at the answer's start */
    DIALECT_NAME_IS_KEY = 2U,    /* {"f": {arguments}}                                          */
    DIALECT_ID_FIRST = 4U,       /* header: id, id_sep, name; else name, id_sep, id             */
    DIALECT_BRACE_ENDS = 8U,     /* '{' ends the name as well                                   */
    DIALECT_TRIM_LINES = 16U,    /* one line break at both ends of a value is layout            */
    DIALECT_COUNTED = 32U,       /* header is an id: functions.NAME:NUMBER                      */
    DIALECT_ALL_TEXT = 64U,      /* the name "all" addresses the user; prompts end in a trigger */
    DIALECT_START_ONLY = 128U,   /* triggers count only where an answer or line begins          */
    DIALECT_FIRST_ONLY = 256U,   /* only at the very start of an answer or message              */
    DIALECT_INDEXED = 512U,      /* what stands behind id_sep is the call's place, no id        */
    DIALECT_CDATA = 1024U,       /* XML: values with marks in them stand in <![CDATA[ ]]>       */
    DIALECT_LINES = 2048U,       /* several calls of a section may stand on lines, without a list */
    DIALECT_MIXED = 4096U,       /* JSON: a list may hold f(a=1, b='x') instead of objects       */
    DIALECT_SORTED = 8192U,      /* arguments are written in the order of their names           */
    DIALECT_ELEMENTS = 16384U,   /* XML: parameters are elements of their name; values nest     */
    DIALECT_FIRST_LINE = 32768U, /* a header may be an answer's first line, without a trigger:
                                    only names of offered tools count                          */
    DIALECT_TOLD = 65536U,       /* JSON: templates that show no past calls take them as text */
};

/* A row. Strings are NULL where a dialect has no such mark. */
struct dialect_row {
    const char *name;
    enum dialect_kind kind;
    unsigned flags;
    const char *trigger[DIALECT_TRIGGERS]; /* begins calls: also what a lazy grammar waits for */
    const char *close;                     /* ends them */
    const char *call, *call_end;           /* around each call in between */
    const char *id_sep, *name_end;
    const char *arg, *key_end, *val, *val_end; /* XML; BRACES: val is around strings */
    const char *types[DIALECT_TYPES]; /* XML: behind key_end, says what the value is; the first one
                                         means text, the others JSON */
    const char *source; /* text in a template that can show its tools but not a call */
};

/* How a template takes tools, beside its variable "tools". */
enum dialect_offer {
    DIALECT_OFFER_TEXT = 1U,    /* variables "functions", their JSON text, and "datetime" */
    DIALECT_OFFER_MESSAGE = 2U, /* the system message's member "tools", the list          */
    DIALECT_OFFER_SPEC = 4U,    /* the same as JSON text                                  */
};

enum dialect_found { DIALECT_BY_PROBE, DIALECT_BY_SOURCE, DIALECT_BY_DEFAULT, DIALECT_BY_NAME };

/* What was learned about a template; a plain value without memory of its own. */
struct dialect {
    const struct dialect_row *row; /* never NULL after dialect_find or dialect_named */
    struct reasoning reasoning;
    enum dialect_found found;
    bool native;     /* the template itself offers tools; else use dialect_generic_prompt */
    bool args_text;  /* the template wants a past call's arguments as text, not as an object */
    bool both;       /* it knows calls, but does not offer tools: see dialect_row_used */
    bool told;       /* its text shows tools and results, but no past calls: they are told in the
                        content, in the row's form */
    bool metadata;   /* a past call is a turn of its own, its name the member "metadata" and its
                        arguments the text; a result is an "observation" */
    unsigned offers; /* enum dialect_offer */
};

/* Table and names. */
const struct dialect_row *dialect_rows(size_t *n);
const struct dialect_row *dialect_named(const char *name); /* NULL: no such */
const char *dialect_found_name(enum dialect_found f); /* "probe", "template text", "default", ... */

/* The row that calls are asked for in: the generic one where the template knows calls, but offers
 * no tools. Answers are read in both. */
const struct dialect_row *dialect_row_used(const struct dialect *d);

/* Finds a template's dialect. t, source: NULL for models without a template. A template that fails
 * on every probe is no error: its source decides, then the generic row. ERR_OOM. */
enum err_code dialect_find(struct dialect *out, const struct tmpl *t, const char *source,
                           size_t len, struct err *e);

/* For templates that cannot show tools: a system prompt that describes them and the generic form.
 * tools: as in an OpenAI request, the JSON text of the list. */
bool dialect_generic_prompt(struct buf *out, const char *tools, size_t len);

/* ---- the parser ---- */
enum dialect_event_kind {
    DIALECT_REASONING,  /* text                                                       */
    DIALECT_CONTENT,    /* text                                                       */
    DIALECT_CALL_BEGIN, /* index, name, id ("" unless the model gave one)             */
    DIALECT_CALL_ARGS,  /* index, a piece of the arguments' JSON text                 */
    DIALECT_CALL_END,   /* index: the call is whole                                   */
    DIALECT_CALL_CUT,   /* index: the answer ended within it                          */
    DIALECT_CALL_DROP,  /* index: it was no valid call; its text follows as content   */
};

struct dialect_event {
    enum dialect_event_kind kind;
    uint32_t index;
    const char *name, *id, *text; /* valid during the callback */
    size_t len;
};

typedef void (*dialect_event_fn)(void *arg, const struct dialect_event *ev);

struct dialect_params {
    const struct dialect *dialect; /* outlives the stream */
    bool calls;                    /* tools were offered; else marks of calls are text */
    bool reasoning;                /* split thoughts off; else they stay content, marks too */
    const struct js *tools;        /* NULL, or the list as in a request: types of parameters */
    const char *prompt;            /* the rendered prompt: whether it opened a thought or a call */
    size_t prompt_len;
    dialect_event_fn on_event;
    void *arg;
};

struct dialect_stream;

/* One thread at a time. */
enum err_code dialect_stream_open(struct dialect_stream **out, const struct dialect_params *p,
                                  struct err *e);
void dialect_stream_close(struct dialect_stream *s); /* NULL is fine */

/* Whole UTF-8 characters. Events come from inside. ERR_OOM. */
enum err_code dialect_feed(struct dialect_stream *s, const char *text, size_t len, struct err *e);

/* What was held back. truncated: the answer was cut off (length), not ended by the model: a call
 * that is not whole ends with DIALECT_CALL_CUT; otherwise it is dropped into the content. */
enum err_code dialect_end(struct dialect_stream *s, bool truncated, struct err *e);

bool dialect_is_thinking(const struct dialect_stream *s);
uint32_t dialect_n_call(const struct dialect_stream *s); /* whole calls so far */

#endif
