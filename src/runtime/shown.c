/* What API clients hear of a failure: the model's name and the reason. Where its file lies is the
 * owner's business, and stays in the log and in the answers to the owner's own commands. */
#include <string.h>

#include "runtime/runtime_int.h"

/* How many bytes a and b have in common at their beginnings. */
static size_t common(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] && a[n] == b[n])
        n++;
    return n;
}

void rt_shown(char out[ERR_TEXT_BYTES], const char *why, const struct library_model *m)
{
    const char *slash = strrchr(m->path, '/');
    const size_t path_len = strlen(m->path), dir_len = slash ? (size_t)(slash + 1 - m->path) : 0;
    struct buf text;

    buf_init(&text, MEM_OTHER, ERR_TEXT_BYTES - 1);
    while (*why) {
        size_t n = m->path[0] == '/' ? common(why, m->path) : 0;

        if (n > 0 && n < path_len && why[n] == '\0' && dir_len > 1)
            n = path_len; /* the sentence was cut off within the path */
        if (n == path_len && n > 0) {
            (void)buf_adds(&text, m->key);
            why += strnlen(why, path_len);
        } else if (n >= dir_len && dir_len > 1) {
            why += dir_len; /* another part of the same model: its name alone */
        } else if (!buf_addc(&text, *why++)) {
            break;
        }
    }
    memcpy(out, buf_str(&text), text.len);
    out[text.len] = '\0';
    buf_finish(&text);
}
