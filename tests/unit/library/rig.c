/* The temporary home of the library's tests. */
#include "unit/library/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dirent.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "formats/gguf.h"
#include "os/file.h"
#include "support/tiny.h"

const char *rig_path(const struct rig *r, const char *name)
{
    static char paths[8][RIG_PATH_BYTES];
    static unsigned next;
    char *path = paths[next++ % 8], *slash;

    (void)snprintf(path, RIG_PATH_BYTES, "%s/%s", r->home, name);
    slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(dir_create(path, NULL), ERR_OK);
    *slash = '/';
    return path;
}

int rig_make(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));
    size_t n;

    (void)snprintf(r->home, sizeof(r->home), "/tmp/hearth-library-XXXXXX");
    if (!mkdtemp(r->home))
        return -1;
    (void)snprintf(r->base, sizeof(r->base), "%s", rig_path(r, "base.gguf"));
    if (setenv("HOME", r->home, 1) || setenv("HEARTH_HOME", rig_path(r, "own/x"), 1) ||
        setenv("HEARTH_HOME", rig_path(r, "own"), 1))
        return -1;
    *state = r;
    return tiny_write(&tiny_models(&n)[0], r->base, NULL) == ERR_OK ? 0 : -1;
}

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL) {
        char inner[4096];
        struct stat st;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            remove_tree(inner);
        else
            (void)unlink(inner);
    }
    if (dir)
        (void)closedir(dir);
    (void)rmdir(path);
}

int rig_drop(void **state)
{
    struct rig *r = *state;

    library_close(r->library);
    remove_tree(r->home);
    free(r);
    return 0;
}

static void copy_data(struct gguf_out *o, const struct gguf *g, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        assert_int_equal(gguf_out_tensor(o, t->name, t->type, t->n_dims, t->ne, NULL), ERR_OK);
    }
    for (size_t i = from; i < to; i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);

        assert_int_equal(gguf_out_data(o, t->data, t->bytes, NULL), ERR_OK);
    }
    assert_int_equal(gguf_out_commit(o, NULL), ERR_OK);
}

static bool is_replaced(const struct gguf_kv *kv, const struct rig_key *keys)
{
    for (; keys && keys->key; keys++) {
        if (strlen(keys->key) == kv->key.len && memcmp(keys->key, kv->key.s, kv->key.len) == 0)
            return true;
    }
    return false;
}

static struct gguf_out *begin(const struct rig *r, const char *name, const struct gguf *g,
                              const struct rig_key *keys)
{
    struct gguf_out *o;

    assert_int_equal(gguf_out_open(&o, rig_path(r, name), NULL), ERR_OK);
    for (size_t i = 0; i < gguf_n_kv(g); i++) {
        if (!is_replaced(gguf_kv_at(g, i), keys))
            assert_int_equal(gguf_out_copy(o, g, gguf_kv_at(g, i), NULL), ERR_OK);
    }
    for (; keys && keys->key; keys++)
        assert_int_equal(gguf_out_str(o, keys->key, keys->value, strlen(keys->value), NULL),
                         ERR_OK);
    return o;
}

static struct gguf *open_base(const struct rig *r)
{
    struct gguf *g;

    assert_int_equal(gguf_open(&g, r->base, NULL), ERR_OK);
    return g;
}

void rig_model(const struct rig *r, const char *name, const struct rig_key *keys)
{
    struct gguf *g = open_base(r);

    copy_data(begin(r, name, g, keys), g, 0, gguf_n_tensor(g));
    gguf_close(g);
}

void rig_quant(const struct rig *r, const char *name, uint32_t file_type)
{
    const struct rig_key none = { 0 };
    struct gguf *g = open_base(r);
    struct gguf_out *o = begin(r, name, g, &none);

    assert_int_equal(gguf_out_u32(o, "general.file_type", file_type, NULL), ERR_OK);
    copy_data(o, g, 0, gguf_n_tensor(g));
    gguf_close(g);
}

void rig_part(const struct rig *r, const char *name, uint32_t no)
{
    const struct rig_key none = { 0 };
    struct gguf *g = open_base(r);
    size_t n = gguf_n_tensor(g), half = n / 2;
    struct gguf_out *o = begin(r, name, g, &none);

    assert_int_equal(gguf_out_u16(o, "split.no", (uint16_t)no, NULL), ERR_OK);
    assert_int_equal(gguf_out_u16(o, "split.count", 2, NULL), ERR_OK);
    assert_int_equal(gguf_out_i32(o, "split.tensors.count", (int32_t)n, NULL), ERR_OK);
    copy_data(o, g, no ? half : 0, no ? n : half);
    gguf_close(g);
}

void rig_text(const struct rig *r, const char *name, const void *data, size_t len)
{
    assert_int_equal(file_write(rig_path(r, name), data, len, NULL), ERR_OK);
}

void rig_open(struct rig *r, bool all)
{
    const struct library_params p = { .no_assets = !all, .no_foreign = !all };
    struct err e = { 0 };

    library_close(r->library);
    r->library = NULL;
    if (library_open(&r->library, &p, &e) || library_scan(r->library, NULL, NULL, &e))
        fail_msg("%s", e.text);
}

const struct library_model *rig_find(const struct rig *r, const char *name)
{
    const struct library_model *m = library_find(r->library, name);

    if (!m)
        fail_msg("no model is called %s", name);
    return m;
}
