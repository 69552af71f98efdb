/* Any text as the cache of models and as another program's settings: what is read survives being
 * written and read again. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "library/library_int.h"

static void settings(const char *text, size_t len)
{
    char folder[PATH_BYTES_MAX];

    if (settings_downloads(text, len, folder))
        CHECK(folder[0] == '/' && strlen(folder) < PATH_BYTES_MAX);
    else
        CHECK(folder[0] == '\0');
}

static void again(const struct cache_entry *e)
{
    const struct candidate c = { .path = e->path, .size = e->size, .mtime_ns = e->mtime_ns };
    const struct facts *f;
    struct cache second;
    struct buf text;

    buf_init(&text, MEM_OTHER, CACHE_BYTES_MAX);
    cache_begin(&text);
    cache_add(&text, true, &c, &e->facts);
    cache_end(&text);
    CHECK(!text.failed);
    cache_parse(&second, text.data, text.len);
    f = cache_find(&second, &c);
    CHECK(f && f->type == e->facts.type && f->n_param == e->facts.n_param &&
          f->n_vocab == e->facts.n_vocab && f->reasons == e->facts.reasons &&
          strcmp(f->name, e->facts.name) == 0 && strcmp(f->quant, e->facts.quant) == 0);
    cache_close(&second);
    buf_finish(&text);
}

static void read_cache(const char *text, size_t len)
{
    struct cache c;

    cache_parse(&c, text, len);
    for (uint32_t i = 0; i < c.n; i++) {
        char name[NAME_BYTES];

        name_short(name, c.at[i].facts.name, c.at[i].facts.quant);
        name_arch(name, c.at[i].facts.arch);
        name_params(name, &c.at[i].facts);
        again(&c.at[i]);
    }
    cache_close(&c);
}

/* The bytes as a whole text, and as the entries between our own head and end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text;

    settings((const char *)data, size);
    read_cache((const char *)data, size);
    buf_init(&text, MEM_OTHER, CACHE_BYTES_MAX);
    cache_begin(&text);
    (void)buf_add(&text, data, size);
    cache_end(&text);
    if (!text.failed)
        read_cache(text.data, text.len);
    buf_finish(&text);
    return 0;
}
