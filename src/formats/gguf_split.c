/* Models in several files, NAME-00001-of-0000N.gguf. Each part is a GGUF file with its own tensors
 * and the keys split.no (from 0) and split.count; the first has all other keys. */
#include <stdio.h>
#include <string.h>

#include "formats/gguf_int.h"

#define KEY_NO      "split.no"
#define KEY_COUNT   "split.count"
#define KEY_TENSORS "split.tensors.count"

#define SUFFIX_LEN 20U /* of "-00001-of-00003.gguf" */

/* Five digits at s; false when they are none. */
static bool five_digits(const char *s, uint32_t *out)
{
    *out = 0;
    for (unsigned i = 0; i < 5; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *out = *out * 10 + (uint32_t)(s[i] - '0');
    }
    return true;
}

/* Which part of how many a path names, counted from 1. */
static bool parse_path(const char *path, uint32_t *no, uint32_t *count)
{
    size_t len = strlen(path);
    const char *s = path + len - SUFFIX_LEN;

    return len > SUFFIX_LEN && s[0] == '-' && five_digits(s + 1, no) &&
           memcmp(s + 6, "-of-", 4) == 0 && five_digits(s + 10, count) &&
           strcmp(s + 15, ".gguf") == 0;
}

/* Reads one of the split keys of a part; absent gives 0. The keys' widths differ between writers.
 */
static enum err_code split_key(const struct gguf_part *p, const char *key, uint64_t *out,
                               struct err *e)
{
    struct gguf one = { .path = (char *)p->path, .parts = (struct gguf_part *)p, .n_part = 1 };

    *out = 0;
    return gguf_get_u64(&one, key, out, NULL, e);
}

static enum err_code open_part(const struct gguf *g, uint32_t no, struct err *e)
{
    struct gguf_part *p = &g->parts[no];
    const uint32_t count = g->n_part;
    uint64_t found_no = 0, found_count = 0;
    enum err_code c = gguf_part_open(p, g->head_only, e);

    if (c == ERR_NOT_FOUND)
        return err_set(e, c, "%s: part %u of %u is missing: the model is not fully downloaded",
                       p->path, no + 1, count);
    if (!c)
        c = split_key(p, KEY_NO, &found_no, e);
    if (!c)
        c = split_key(p, KEY_COUNT, &found_count, e);
    if (!c && (found_no != no || found_count != count))
        c = err_set(e, ERR_FORMAT, "%s: says it is part %llu of %llu, expected part %u of %u",
                    p->path, (unsigned long long)found_no + 1, (unsigned long long)found_count,
                    no + 1, count);
    return c;
}

/* Room for count parts, the one already open moved to its place, all with their paths. */
static enum err_code make_parts(struct gguf *g, uint32_t no, uint32_t count, struct err *e)
{
    struct gguf_part *parts = mem_alloc_n(MEM_MODEL, count, sizeof(*parts));
    size_t stem = strlen(g->path) - SUFFIX_LEN;

    if (!parts)
        return err_set(e, ERR_OOM, "%s: no memory for %u parts", g->path, count);
    parts[no] = g->parts[0];
    mem_free(g->parts);
    g->parts = parts;
    g->n_part = count;
    for (uint32_t i = 0; i < count; i++) {
        char *path = arena_strndup(&parts[no].names, g->path, stem + SUFFIX_LEN);

        if (!path)
            return err_set(e, ERR_OOM, "%s: no memory for %u parts", g->path, count);
        (void)snprintf(path + stem, SUFFIX_LEN + 1, "-%05u-of-%05u.gguf", (i + 1) % 100000,
                       count % 100000);
        parts[i].path = path;
    }
    return ERR_OK;
}

/* All parts are open: their keys are no longer needed, the first one's are the model's. */
static enum err_code check_parts(struct gguf *g, struct err *e)
{
    uint64_t total = 0, expected = 0;
    enum err_code c = split_key(&g->parts[0], KEY_TENSORS, &expected, e);

    for (uint32_t i = 0; i < g->n_part; i++)
        total += g->parts[i].n_tensor;
    for (uint32_t i = 1; i < g->n_part; i++)
        gguf_part_drop_keys(&g->parts[i]);
    if (!c && expected && expected != total)
        c = err_set(e, ERR_FORMAT, "%s: the %u parts have %llu tensors, %s says %llu", g->path,
                    g->n_part, (unsigned long long)total, KEY_TENSORS,
                    (unsigned long long)expected);
    return c;
}

enum err_code gguf_split_open(struct gguf *g, struct err *e)
{
    uint64_t no = 0, count = 0;
    uint32_t path_no, path_count;
    enum err_code c = split_key(&g->parts[0], KEY_COUNT, &count, e);

    if (!c)
        c = split_key(&g->parts[0], KEY_NO, &no, e);
    if (c || count <= 1)
        return c;
    if (count > GGUF_SPLITS_MAX || no >= count)
        return err_set(e, ERR_FORMAT, "%s: says it is part %llu of %llu, at most %u are possible",
                       g->path, (unsigned long long)no + 1, (unsigned long long)count,
                       GGUF_SPLITS_MAX);
    if (!g->is_file || !parse_path(g->path, &path_no, &path_count) || path_no != no + 1 ||
        path_count != count)
        return err_set(e, ERR_FORMAT,
                       "%s: is part %llu of %llu and must be named NAME-%05llu-of-%05llu.gguf, "
                       "beside the other parts",
                       g->path, (unsigned long long)no + 1, (unsigned long long)count,
                       (unsigned long long)no + 1, (unsigned long long)count);
    c = make_parts(g, (uint32_t)no, (uint32_t)count, e);
    for (uint32_t i = 0; !c && i < g->n_part; i++) {
        if (i != no)
            c = open_part(g, i, e);
    }
    return c ? c : check_parts(g, e);
}
