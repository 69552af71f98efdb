/* Proves: models are found where they lie, under the names they should have, each once, with what
 * they can do; and no file, folder or link does harm. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "library/library_int.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sys.h"
#include "support/fixtures.h"
#include "support/tiny.h"
#include "unit/library/rig.h"

#define FILE_Q8_0   7U
#define FILE_Q4_K_M 15U
#define FILE_F16    1U

/* Proves: keys from folders, variants from quantizations, the selected one nearest to Q4_K_M, names
 * with and without case, publisher and variant, and paths. */
static void keys_and_variants(void **state)
{
    struct rig *r = *state;
    const struct library_model *m;

    rig_quant(r, "own/models/Acme/Lynx-3B-GGUF/lynx-3b-Q8_0.gguf", FILE_Q8_0);
    rig_quant(r, "own/models/Acme/Lynx-3B-GGUF/lynx-3b-Q4_K_M.gguf", FILE_Q4_K_M);
    rig_quant(r, "own/models/Acme/Lynx-3B-GGUF/lynx-3b-other-Q4_K_M.gguf", FILE_Q4_K_M);
    rig_quant(r, "own/models/zoo/otter-Q8_0.gguf", FILE_Q8_0);
    rig_quant(r, "own/models/beaver-F16.gguf", FILE_F16);
    rig_quant(r, "own/models/a/b/c/d/deep.gguf", FILE_F16);
    rig_open(r, false);
    assert_int_equal(library_n(r->library), 6);
    m = library_at(r->library, 1);
    assert_string_equal(m->key, "acme/lynx-3b");
    assert_string_equal(m->variant, "lynx-3b-other-q4_k_m"); /* its quantization was taken */
    assert_string_equal(library_at(r->library, 2)->variant, "q4_k_m");
    assert_string_equal(library_at(r->library, 3)->variant, "q8_0");
    m = rig_find(r, "acme/lynx-3b");
    assert_true(m->is_selected);
    assert_int_equal(m->n_variant, 3);
    assert_string_equal(m->short_key, "lynx-3b");
    assert_string_equal(m->publisher, "Acme");
    assert_string_equal(m->arch_name, "Llama");
    assert_string_equal(m->shown_path, "Acme/Lynx-3B-GGUF/lynx-3b-Q4_K_M.gguf");
    assert_true(m->size_bytes > 0 && m->modified_unix_s > 0 && m->bits > 0);
    assert_int_equal(m->quant_bits, 4); /* by name, whatever its scales take */
    assert_int_equal(m->type, MODEL_LLM);
    /* 3 layers, 2 heads for keys and values of 16 elements each, f16 */
    assert_int_equal(m->kv_token_bytes, 3 * 2 * (16 + 16) * 2);
    assert_int_equal(m->state_bytes, 0);
    assert_int_equal(m->n_layer, 3);
    assert_ptr_equal(rig_find(r, "LYNX-3b"), m);
    assert_ptr_equal(rig_find(r, "Acme/Lynx-3B-GGUF"), m);
    assert_ptr_equal(rig_find(r, m->path), m);
    assert_string_equal(rig_find(r, "acme/lynx-3b@Q8_0")->quant, "Q8_0");
    assert_string_equal(rig_find(r, "lynx-3b@q8_0")->quant, "Q8_0");
    assert_null(library_find(r->library, "acme/lynx-3b@q2_k"));
    assert_null(library_find(r->library, "acme/lynx"));
    assert_null(library_find(r->library, ""));
    assert_string_equal(rig_find(r, "otter")->key, "zoo/otter");
    assert_string_equal(rig_find(r, "beaver")->key, "local/beaver");
    assert_string_equal(rig_find(r, "a/b")->shown_path, "a/b/c/d/deep.gguf");
    assert_string_equal(library_near(r->library, "acme/lynx-4b"), "acme/lynx-3b");
    assert_string_equal(library_near(r->library, "linx-3b"), "acme/lynx-3b");
    assert_string_equal(library_near(r->library, "ynx"), "acme/lynx-3b");
    assert_null(library_near(r->library, "something-else-entirely"));
    assert_null(library_near(r->library, ""));
}

/* Proves: parts are one model with the sum of their sizes; a missing part, the first too, makes it
 * unusable and says so. */
static void split_models(void **state)
{
    struct rig *r = *state;
    const struct library_model *m;
    uint64_t one, two;

    rig_part(r, "own/models/p/whole/m-00001-of-00002.gguf", 0);
    rig_part(r, "own/models/p/whole/m-00002-of-00002.gguf", 1);
    rig_part(r, "own/models/p/no-second/m-00001-of-00002.gguf", 0);
    rig_part(r, "own/models/p/no-first/m-00002-of-00002.gguf", 1);
    rig_open(r, false);
    assert_int_equal(library_n(r->library), 3);
    assert_int_equal(file_size(rig_path(r, "own/models/p/whole/m-00001-of-00002.gguf"), &one, NULL),
                     ERR_OK);
    assert_int_equal(file_size(rig_path(r, "own/models/p/whole/m-00002-of-00002.gguf"), &two, NULL),
                     ERR_OK);
    m = rig_find(r, "p/whole");
    assert_string_equal(m->why, "");
    assert_int_equal(m->type, MODEL_LLM);
    assert_int_equal(m->size_bytes, one + two);
    m = rig_find(r, "p/no-second");
    assert_int_equal(m->type, MODEL_UNUSABLE);
    assert_non_null(strstr(m->why, "1 of 2 parts"));
    assert_int_equal(rig_find(r, "p/no-first")->type, MODEL_UNUSABLE);
}

/* Proves: projectors, adapters, matrices and downloads under way are no models. */
static void left_out(void **state)
{
    static const struct rig_key adapter[] = { { "general.type", "adapter" }, { 0 } };
    static const struct rig_key matrix[] = { { "general.type", "imatrix" }, { 0 } };
    static const struct rig_key model[] = { { "general.type", "model" }, { 0 } };
    static const struct rig_key clip[] = { { "general.architecture", "clip" }, { 0 } };
    static const struct rig_key plain[] = { { 0 } };
    struct rig *r = *state;

    rig_model(r, "own/models/p/m/model.gguf", model);
    rig_model(r, "own/models/p/m/adapter.gguf", adapter);
    rig_model(r, "own/models/p/m/matrix.gguf", matrix);
    rig_model(r, "own/models/p/m/vision.gguf", clip);
    rig_model(r, "own/models/p/m/mmproj-model-f16.gguf", plain);
    rig_model(r, "own/models/p/m/model2.gguf.part", plain);
    rig_model(r, "own/models/p/m/.hidden.gguf", plain);
    rig_text(r, "own/models/p/m/README.md", "x", 1);
    for (unsigned pass = 0; pass < 2; pass++) { /* found, then out of the cache */
        rig_open(r, false);
        assert_int_equal(library_n(r->library), 1);
        assert_string_equal(library_at(r->library, 0)->shown_path, "p/m/model.gguf");
    }
}

/* Proves: what is broken is listed with the reason and never selected before what is not. */
static void broken_files(void **state)
{
    static const struct rig_key unknown[] = { { "general.architecture", "nobody-knows" }, { 0 } };
    struct rig *r = *state;
    struct buf whole;

    rig_text(r, "own/models/p/noise/n.gguf", "GGUF\xff\xff\xff\xff noise", 14);
    rig_text(r, "own/models/p/empty/e.gguf", "", 0);
    rig_model(r, "own/models/p/unknown/u.gguf", unknown);
    rig_quant(r, "own/models/p/mixed/good-Q8_0.gguf", FILE_Q8_0);
    buf_init(&whole, MEM_OTHER, 1U << 24);
    assert_int_equal(file_read(&whole, r->base, NULL), ERR_OK);
    rig_text(r, "own/models/p/mixed/a-cut.gguf", whole.data, whole.len / 2);
    buf_finish(&whole);
    rig_open(r, false);
    assert_int_equal(library_n(r->library), 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct library_model *m = library_at(r->library, i);

        if (strstr(m->path, "good"))
            continue;
        assert_int_equal(m->type, MODEL_UNUSABLE);
        assert_true(m->why[0]);
    }
    assert_non_null(strstr(rig_find(r, "p/unknown")->why, "nobody-knows"));
    assert_string_equal(rig_find(r, "p/mixed")->quant, "Q8_0");
}

/* Proves: circles and other names for the same file or folder give each model once; links out of
 * the tree are followed; pipes, dangling links, odd names and depth do no harm. */
static void hostile_trees(void **state)
{
    struct rig *r = *state;
    const char *cleaned = "q/"
                          "?"
                          "?"
                          "?"; /* in pieces: no trigraph */
    char odd[RIG_PATH_BYTES], shown[RIG_PATH_BYTES];

    rig_quant(r, "own/models/p/m/one.gguf", FILE_F16);
    rig_quant(r, "elsewhere/two.gguf", FILE_F16);
    assert_int_equal(symlink(rig_path(r, "own/models"), rig_path(r, "own/models/p/circle")), 0);
    assert_int_equal(symlink("..", rig_path(r, "own/models/p/m/up")), 0);
    assert_int_equal(symlink("one.gguf", rig_path(r, "own/models/p/m/again.gguf")), 0);
    assert_int_equal(
        link(rig_path(r, "own/models/p/m/one.gguf"), rig_path(r, "own/models/p/m/three.gguf")), 0);
    assert_int_equal(symlink(rig_path(r, "elsewhere"), rig_path(r, "own/models/p/far")), 0);
    assert_int_equal(symlink("none", rig_path(r, "own/models/p/m/dangling.gguf")), 0);
    assert_int_equal(symlink("self.gguf", rig_path(r, "own/models/p/m/self.gguf")), 0);
    assert_int_equal(mkfifo(rig_path(r, "own/models/p/m/pipe.gguf"), 0600), 0);
    assert_int_equal(mkdir(rig_path(r, "own/models/p/m/folder.gguf"), 0700), 0);
    rig_quant(r, "own/models/1/2/3/4/5/6/too-deep/x.gguf", FILE_F16);
    (void)snprintf(odd, sizeof(odd), "own/models/q/\xff\x01\n/m\xfe.gguf");
    rig_quant(r, odd, FILE_F16);
    rig_open(r, false);
    assert_int_equal(library_n(r->library), 3);
    assert_string_equal(rig_find(r, "p/m")->shown_path, "p/m/again.gguf");
    assert_int_equal(rig_find(r, "p/m")->type, MODEL_LLM);
    assert_non_null(library_find(r->library, "p/far"));
    (void)snprintf(shown, sizeof(shown), "%s%sm?.gguf", cleaned, "/");
    assert_string_equal(rig_find(r, cleaned)->shown_path, shown);
    assert_int_equal(rig_find(r, cleaned)->type, MODEL_LLM);
}

/* Proves: what was learned is taken from the cache while size and time are the same, and looked at
 * anew when they are not, when the cache is damaged, or when another version wrote it. */
static void cache_is_used(void **state)
{
    const char *cache = "own/cache/models.json";
    static const struct rig_key named[] = { { "general.name", "First name" }, { 0 } };
    const struct timeval times[2] = { { 1000, 0 }, { 1000, 0 } };
    struct rig *r = *state;
    struct buf text;
    char *at;

    rig_model(r, "own/models/p/m/m.gguf", named);
    rig_open(r, false);
    assert_string_equal(rig_find(r, "m")->display_name, "First name");
    buf_init(&text, MEM_OTHER, 1U << 20);
    assert_int_equal(file_read(&text, rig_path(r, cache), NULL), ERR_OK);
    at = strstr(text.data, "First");
    assert_non_null(at);
    memcpy(at, "Other", 5);
    rig_text(r, cache, text.data, text.len);
    rig_open(r, false);
    assert_string_equal(rig_find(r, "m")->display_name, "Other name");
    assert_int_equal(rig_find(r, "m")->kv_token_bytes, 3 * 2 * (16 + 16) * 2);
    assert_int_equal(utimes(rig_path(r, "own/models/p/m/m.gguf"), times), 0);
    rig_open(r, false);
    assert_string_equal(rig_find(r, "m")->display_name, "First name");
    assert_int_equal(rig_find(r, "m")->modified_unix_s, 1000);
    for (size_t len = 0; len < text.len; len += 37) {
        rig_text(r, cache, text.data, len);
        rig_open(r, false);
        assert_string_equal(rig_find(r, "m")->display_name, "First name");
    }
    buf_clear(&text);
    assert_int_equal(file_read(&text, rig_path(r, cache), NULL), ERR_OK);
    at = strstr(text.data, "First");
    memcpy(at, "Other", 5);
    at = strstr(text.data, "\"version\":\"");
    at[11]++;
    rig_text(r, cache, text.data, text.len);
    rig_open(r, false);
    assert_string_equal(rig_find(r, "m")->display_name, "First name");
    buf_finish(&text);
}

/* Proves: LM Studio's models are found in its folder, in the one its settings name and behind its
 * pointer; bad settings are no matter. */
static void foreign_folders(void **state)
{
    struct rig *r = *state;
    char text[RIG_PATH_BYTES + 64];

    rig_quant(r, ".lmstudio/models/pub/one/one.gguf", FILE_F16);
    rig_quant(r, "moved/pub/two/two.gguf", FILE_F16);
    (void)snprintf(text, sizeof(text), "{\"downloadsFolder\":\"%s/moved\",\"x\":[1]}", r->home);
    rig_text(r, ".lmstudio/settings.json", text, strlen(text));
    rig_open(r, true);
    assert_non_null(library_find(r->library, "pub/one"));
    assert_non_null(library_find(r->library, "pub/two"));
    rig_text(r, ".lmstudio/settings.json", "{\"downloadsFolder\":7", 20);
    rig_open(r, true);
    assert_non_null(library_find(r->library, "pub/one"));
    assert_null(library_find(r->library, "pub/two"));
    rig_quant(r, "third/models/pub/three/three.gguf", FILE_F16);
    (void)snprintf(text, sizeof(text), "%s/third\n", r->home);
    rig_text(r, ".lmstudio-home-pointer", text, strlen(text));
    rig_open(r, true);
    assert_non_null(library_find(r->library, "pub/three"));
    assert_null(library_find(r->library, "pub/one"));
    assert_false(file_exists(rig_path(r, "third/cache/models.json")));
    rig_open(r, false);
    assert_int_equal(library_n(r->library), 0);
}

/* Proves: the built-in models are listed, usable, and found by their names. */
static void built_in_models(void **state)
{
    struct rig *r = *state;
    const struct library_model *m;

    rig_open(r, true);
    assert_int_equal(library_n(r->library), 2);
    m = rig_find(r, "hearth-guide");
    assert_string_equal(m->key, "hearth/hearth-guide");
    assert_string_equal(m->path, "hearth-guide");
    assert_true(m->is_asset);
    assert_int_equal(m->type, MODEL_LLM);
    assert_true(m->modified_unix_s > 1700000000 && m->modified_unix_s <= clock_unix_s() + 1);
    assert_true(m->size_bytes > 100000 && m->kv_token_bytes > 0 && m->n_vocab > 0);
    assert_true(rig_find(r, "hearth/hearth-guide-draft")->is_asset);
}

/* Proves: further folders count, each once, also when they lie in one another. */
static void configured_folders(void **state)
{
    struct rig *r = *state;
    char one[RIG_PATH_BYTES], two[RIG_PATH_BYTES];
    const char *const folders[] = { one, two, one, "/none/such" };
    const struct library_params p = {
        .folders = folders, .n_folder = 4, .no_assets = true, .no_foreign = true
    };

    rig_quant(r, "more/pub/one/one.gguf", FILE_F16);
    (void)snprintf(one, sizeof(one), "%s", rig_path(r, "more"));
    (void)snprintf(two, sizeof(two), "%s", rig_path(r, "more/pub"));
    assert_int_equal(library_open(&r->library, &p, NULL), ERR_OK);
    assert_int_equal(library_scan(r->library, NULL, NULL, NULL), ERR_OK);
    assert_int_equal(library_n(r->library), 1);
    assert_string_equal(library_at(r->library, 0)->key, "pub/one");
}

/* Proves: whichever allocation fails, a scan ends with an error or with a list whose models are
 * usable or say that memory was short, nothing leaks, and the next scan is whole. */
static void short_of_memory(void **state)
{
    struct rig *r = *state;
    const struct library_params p = { .no_assets = true, .no_foreign = true };
    enum err_code rc = ERR_OOM;
    size_t before = mem_in_use(MEM_OTHER) + mem_in_use(MEM_MODEL);

    rig_quant(r, "own/models/p/m/m.gguf", FILE_F16);
    for (uint64_t n = 1; n < 2000; n++) {
        struct library *l;

        (void)remove(rig_path(r, "own/cache/models.json"));
        (void)mem_fail_at(n, 1);
        rc = library_open(&l, &p, NULL);
        if (!rc)
            rc = library_scan(l, NULL, NULL, NULL);
        n = mem_fail_at(0, 0) < n ? 2000 : n; /* all that there are have been made to fail */
        assert_true(rc == ERR_OK || rc == ERR_OOM);
        if (!rc && library_n(l) == 1 && library_at(l, 0)->type == MODEL_UNUSABLE)
            assert_non_null(strstr(library_at(l, 0)->why, "memory"));
        library_close(l);
        assert_int_equal(mem_in_use(MEM_OTHER) + mem_in_use(MEM_MODEL), before);
    }
    assert_int_equal(rc, ERR_OK);
    rig_open(r, false);
    assert_int_equal(rig_find(r, "m")->type, MODEL_LLM);
}

/* ---- on a loop ---- */

struct waiting {
    struct loop *loop;
    struct library *library;
    uint32_t n_done, n_again;
};

static void on_done(void *arg)
{
    struct waiting *w = arg;

    w->n_done++;
    if (w->n_done == 3) { /* a scan may be asked for from inside */
        assert_int_equal(library_n(w->library), 1);
        assert_int_equal(library_scan(w->library, on_done, w, NULL), ERR_OK);
    }
    if (w->n_done == 4)
        loop_stop(w->loop);
}

/* Proves: scans on a thread come back on the loop; those that are asked for meanwhile are joined;
 * closing in the middle of one is fine. */
static void scans_on_a_thread(void **state)
{
    struct rig *r = *state;
    struct waiting w = { 0 };
    struct library_params p = { .no_assets = true, .no_foreign = true };

    rig_quant(r, "own/models/p/m/m.gguf", FILE_F16);
    assert_int_equal(loop_open(&w.loop, NULL), ERR_OK);
    p.loop = w.loop;
    assert_int_equal(library_open(&w.library, &p, NULL), ERR_OK);
    assert_int_equal(library_n(w.library), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(library_scan(w.library, on_done, &w, NULL), ERR_OK);
    assert_int_equal(loop_run(w.loop, NULL), ERR_OK);
    assert_int_equal(w.n_done, 4);
    assert_int_equal(library_n(w.library), 1);
    assert_int_equal(library_scan(w.library, on_done, &w, NULL), ERR_OK);
    library_close(w.library);
    assert_int_equal(w.n_done, 4);
    loop_close(w.loop);
    library_close(NULL);
}

/* ---- what models are ---- */

/* Proves: encoders, models with a pooling and named embedders embed; rerankers rank; the rest
 * speaks. */
static void types_of_fixtures(void **state)
{
    static const struct {
        const char *name;
        enum model_type type;
    } cases[] = {
        { "bert", MODEL_EMBEDDING },
        { "nomic-bert", MODEL_EMBEDDING },
        { "jina-bert-v2", MODEL_EMBEDDING },
        { "gemma-embedding", MODEL_EMBEDDING },
        { "qwen3-embedding", MODEL_EMBEDDING },
        { "bert-rerank", MODEL_RERANKER },
        { "qwen3-rerank", MODEL_RERANKER },
        { "qwen3", MODEL_LLM },
        { "gemma2", MODEL_LLM },
        { "gpt-oss", MODEL_LLM },
        { "qwen35", MODEL_LLM },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char file[64], path[FIXTURE_PATH_BYTES];
        struct candidate c = { .n_part = 1, .n_part_found = 1, .stem = cases[i].name };
        struct facts f;

        (void)snprintf(file, sizeof(file), "%s.gguf", cases[i].name);
        c.path = fixture_path(path, "archs", file);
        inspect_file(&f, &c);
        if (f.type != cases[i].type)
            fail_msg("%s is of type %d, not %d (%s)", file, (int)f.type, (int)cases[i].type, f.why);
        if (strcmp(cases[i].name, "qwen35") == 0)
            assert_true(f.state_bytes > 0);
    }
}

/* Proves: what templates show: tools, thoughts that can be switched, neither, and nonsense. */
static void templates_tell(void **state)
{
    static const struct {
        const char *file;
        bool tool_use, reasons, reasons_switch, reasons_levels;
    } cases[] = {
        { "Qwen-Qwen3-0.6B.jinja", true, true, true, false },
        { "openai-gpt-oss-120b.jinja", true, true, false, true },
        { NULL, false, false, false, false },
        { "", false, false, false, false },
    };
    struct rig *r = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *source = "{% for m in messages %}{{ m.content }}{% endfor %}";
        struct buf text = { 0 };
        struct rig_key keys[] = { { "tokenizer.chat_template", source }, { 0 } };
        const struct library_model *m;

        if (cases[i].file && cases[i].file[0]) {
            text = fixture_read("chat-templates", cases[i].file);
            keys[0].value = buf_str(&text);
        } else if (!cases[i].file) {
            keys[0].value = "{% for x in";
        }
        rig_model(r, "own/models/p/m/m.gguf", keys);
        buf_finish(&text);
        rig_open(r, false);
        m = rig_find(r, "m");
        assert_int_equal(m->type, MODEL_LLM);
        if (m->tool_use != cases[i].tool_use || m->reasons != cases[i].reasons ||
            m->reasons_switch != cases[i].reasons_switch ||
            m->reasons_levels != cases[i].reasons_levels)
            fail_msg("template %zu: tools %d, reasons %d, switch %d, levels %d", i, m->tool_use,
                     m->reasons, m->reasons_switch, m->reasons_levels);
    }
}

static void facts_text(struct buf *out, const struct facts *f)
{
    const struct candidate c = { .path = "p" };

    buf_init(out, MEM_OTHER, 1U << 16);
    if (f->type == MODEL_UNUSABLE)
        fail_msg("%s", f->why);
    cache_add(out, true, &c, f);
}

/* Proves: of every kind of model, the head alone tells all that the whole file does. */
static void heads_tell_all(void **state)
{
    struct rig *r = *state;
    size_t n;
    const struct tiny *models = tiny_models(&n);

    for (size_t i = 0; i < n; i++) {
        const struct candidate c = {
            .path = rig_path(r, "tiny.gguf"), .stem = "tiny", .n_part = 1, .n_part_found = 1
        };
        struct buf whole, by_head, by_all;
        struct facts f;

        assert_int_equal(tiny_write(&models[i], c.path, NULL), ERR_OK);
        inspect_file(&f, &c);
        facts_text(&by_head, &f);
        buf_init(&whole, MEM_OTHER, 1U << 26);
        assert_int_equal(file_read(&whole, c.path, NULL), ERR_OK);
        inspect_memory(&f, whole.data, whole.len, "tiny");
        facts_text(&by_all, &f);
        assert_string_equal(buf_str(&by_head), buf_str(&by_all));
        buf_finish(&whole);
        buf_finish(&by_head);
        buf_finish(&by_all);
    }
}

/* Proves: a scan maps no file. One that somebody shortens would end the program with a signal.
 * There is no address space for the mapping here, while the head is found all the same. */
static void nothing_is_mapped(void **state)
{
    const uint64_t spare = 8ULL << 30, hole = 64ULL << 30;
    struct rig *r = *state;
    struct rlimit old, tight;
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu", &pages), 1);
    (void)fclose(f);
    rig_quant(r, "own/models/p/m/m-Q8_0.gguf", FILE_Q8_0);
    assert_int_equal(truncate(rig_path(r, "own/models/p/m/m-Q8_0.gguf"), (off_t)hole), 0);
    assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
    tight = old;
    tight.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + spare;
    assert_int_equal(setrlimit(RLIMIT_AS, &tight), 0);
    rig_open(r, false);
    assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
    assert_string_equal(rig_find(r, "p/m")->why, "");
    assert_int_equal(rig_find(r, "p/m")->type, MODEL_LLM);
    assert_true(rig_find(r, "p/m")->size_bytes == hole);
}

/* Proves: thousands of files of one name get names of their own in one pass, not by trying all
 * against all (cubic, this would not end within the test's time), taken names are passed over, and
 * a stop is heeded. */
static void equal_names(void **state)
{
    static struct candidate files[LIBRARY_MODELS_MAX];
    static struct listed items[LIBRARY_MODELS_MAX];
    const struct facts plain = { .type = MODEL_LLM, .quant = "Q8_0" };
    const struct facts taken = { .type = MODEL_LLM, .quant = "SAME-3" };
    atomic_bool stop = false;
    struct catalog c;
    struct err e = { 0 };

    (void)state;
    for (uint32_t i = 0; i < LIBRARY_MODELS_MAX; i++) {
        files[i] = (struct candidate){
            .path = "p", .shown = "p", .publisher = "P", .model = "M", .stem = "Same"
        };
        items[i] = (struct listed){ .candidate = &files[i], .facts = i == 7 ? &taken : &plain };
    }
    assert_int_equal(catalog_build(&c, items, LIBRARY_MODELS_MAX, &stop, &e), ERR_OK);
    assert_int_equal(c.n, LIBRARY_MODELS_MAX);
    for (uint32_t i = 1; i < c.n; i++) /* sorted */
        assert_true(strcmp(c.at[i - 1].variant, c.at[i].variant) < 0);
    assert_string_equal(c.at[0].variant, "q8_0");
    assert_string_equal(c.at[1].variant, "same");
    assert_string_equal(c.at[c.n - 1].variant, "same-999");
    assert_int_equal(c.at[0].n_variant, LIBRARY_MODELS_MAX);
    catalog_close(&c);
    atomic_store(&stop, true);
    assert_int_equal(catalog_build(&c, items, LIBRARY_MODELS_MAX, &stop, &e), ERR_CANCELLED);
    catalog_close(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_make, rig_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_and_variants), TEST(split_models),      TEST(left_out),
        TEST(broken_files),      TEST(hostile_trees),     TEST(cache_is_used),
        TEST(foreign_folders),   TEST(built_in_models),   TEST(configured_folders),
        TEST(short_of_memory),   TEST(scans_on_a_thread), TEST(types_of_fixtures),
        TEST(templates_tell),    TEST(heads_tell_all),    TEST(nothing_is_mapped),
        TEST(equal_names),
    };

    os_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
