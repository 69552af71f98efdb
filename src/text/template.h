/* Chat templates: a sandboxed Jinja engine.
 *
 * Renders what Hugging Face transformers would: jinja2's ImmutableSandboxedEnvironment with
 * trim_blocks and lstrip_blocks, no trailing newline kept, loop controls, {% generation %}, tojson
 * like Python's json.dumps, raise_exception, strftime_now. Bounded in time (steps), memory (arena)
 * and depth; no file, network or environment access. A compiled template is immutable: any thread
 * may render it. */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/stop.h"

struct tmpl;

struct tmpl_limits {             /* zero = default */
    uint64_t n_step;             /* evaluated nodes, default 50 million                         */
    size_t bytes;                /* memory of one rendering, default 256 MiB                    */
    uint32_t n_depth;            /* nesting of expressions, blocks and calls, default 200       */
    const struct stop_ask *stop; /* NULL: never                                          */
};

#define TMPL_SOURCE_BYTES_MAX (4U * 1024U * 1024U)

/* Compiles len bytes of source. ERR_TEMPLATE: line, construct and what was expected. */
enum err_code tmpl_open(struct tmpl **out, const char *source, size_t len, struct err *e);
void tmpl_close(struct tmpl *t); /* NULL is fine */

/* Appends the rendered text. context: a JSON object with the template's variables. now_unix_s:
 * seconds for strftime_now, together with the offset of the local zone in seconds. Errors:
 * ERR_TEMPLATE (raise_exception: exactly its message; otherwise line and construct), ERR_LIMIT
 * (which limit, and the line), ERR_CANCELLED, ERR_OOM. */
enum err_code tmpl_render(const struct tmpl *t, const struct js *context, int64_t now_unix_s,
                          int32_t zone_s, const struct tmpl_limits *limits, struct buf *out,
                          struct err *e);

#endif
