/* The shape of an answer: thoughts, text, tool calls and structured output as one grammar.
 *
 * A shape is built from what a request asks for and from the dialect that the model speaks. Its
 * sentences are whole answers, control tokens included, as the model writes them behind the prompt:
 * an optional thought, then free text, calls or a value of a schema. What the dialect's parser
 * reads out of such a sentence is what was asked for: calls of offered tools only, arguments that
 * validate against their parameters, as many calls as are allowed.
 *
 *   choice     tools  schema   sentence behind the thought
 *   auto       yes    no       free text; where a call begins, only a whole call can follow
 *   auto       yes    yes      calls, or a value of the schema
 *   none       any    no       free: there is nothing to hold (shape_grammar is NULL)
 *   none       any    yes      a value of the schema
 *   required   yes    any      one call or more, and nothing else
 *   named      yes    any      the same with this tool only
 *
 * Where text is free (in thoughts, between calls) a position of the grammar is free, too: the
 * engine draws there without a mask (see gmatch_is_free). So a shape costs nothing until it
 * matters, and the engine needs no triggers of its own: a struct engine_request takes the grammar
 * as it is. Where a dialect's calls may begin without a mark ("[f(", or f on a line of its own), a
 * free answer holds those of the first 40 tools; calls of others are read as they come.
 *
 * A struct shape is immutable: any thread may use it at once. */
#ifndef TEXT_SHAPE_H
#define TEXT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "text/dialect.h"
#include "text/grammar.h"
#include "text/tok.h"

#define SHAPE_TOOLS_MAX 512U

enum shape_choice {
    SHAPE_AUTO,     /* the model decides                  */
    SHAPE_NONE,     /* no calls                           */
    SHAPE_REQUIRED, /* at least one call                  */
    SHAPE_NAMED,    /* at least one call, of `name` alone */
};

struct shape_spec {                /* zero-initialise; read during shape_open only, but for tok and
                                        dialect nothing need outlive it */
    const struct dialect *dialect; /* never NULL */
    const struct tok *tok;         /* whose control tokens marks are; NULL: marks are plain text */
    const struct js *tools;        /* as in an OpenAI request: a list of {"type":"function",
                                      "function":{"name","parameters"?,"strict"?}}; the inner object
                                      alone will do. NULL: none */
    enum shape_choice choice; /* without tools: as SHAPE_NONE; REQUIRED and NAMED are ERR_ARG */
    const char *name;         /* SHAPE_NAMED */
    bool one_call;            /* parallel_tool_calls: false */
    const struct js *schema;  /* of the answer's text; NULL: free */
    enum schema_mode mode;    /* of `schema`; a tool's parameters are read as SCHEMA_STRICT with
                                 "strict": true, else as SCHEMA_LAX */
    const char *gbnf;         /* instead of `schema`: a grammar of the answer's text */
    size_t gbnf_len;
    bool reasoning;     /* as in struct dialect_params: thoughts are split off. Otherwise the answer
                           begins at once, unless the prompt has opened a thought */
    const char *prompt; /* the rendered prompt: whether it opened a thought or a call */
    size_t prompt_len;
    const struct stop_ask *stop; /* NULL: nobody stops it */
    struct buf *skipped;         /* takes the JSON pointers of what a lax reading passed over, as in
                                    grammar_of_schema_as; NULL: nobody asks */
};

struct shape;

/* ERR_ARG: no such tool, a name that no dialect could call, no sentence possible. ERR_UNSUPPORTED:
 * a keyword cannot be enforced (never for tools that are not strict), or the model's dialect has no
 * calls. ERR_FORMAT, ERR_LIMIT, ERR_CANCELLED. *place (may be NULL) is then the JSON pointer of the
 * keyword: within `schema`, or for tools from the list on
 * ("/0/function/parameters/properties/..."). */
enum err_code shape_open(struct shape **out, const struct shape_spec *p,
                         struct grammar_place *place, struct err *e);
void shape_close(struct shape *s); /* NULL is fine */

/* NULL: the answer is free. Lives as long as the shape. */
const struct grammar *shape_grammar(const struct shape *s);

#endif
