/* Proves: a fuzz target survives its corpus, and simple damage to every file of it: cuts at every
 * place and changed bytes. Runs in every build, without a fuzzer; the corpus is the argument. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz/fuzz.h"
#include "os/file.h"
#include "os/path.h"
#include "support/fixtures.h"

#define INPUT_BYTES_MAX ((size_t)64 << 20)
#define N_DAMAGE        300U /* cuts and changes of a file, each at most */

static const char *corpus;

/* In memory of its exact size, so that the address sanitizer sees a read beyond the end. */
static void feed(const char *data, size_t len)
{
    uint8_t *copy = mem_alloc(MEM_OTHER, len);

    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    mem_free(copy);
}

static void feed_damaged(struct buf *b)
{
    size_t step = b->len / N_DAMAGE + 1;
    uint64_t seed = b->len;

    for (size_t cut = 0; cut < b->len; cut += step)
        feed(b->data, cut);
    for (unsigned i = 0; i < N_DAMAGE && b->len; i++) {
        size_t at = test_random(&seed) % b->len;
        char kept = b->data[at];

        b->data[at] = (char)test_random(&seed);
        feed(b->data, b->len);
        b->data[at] = kept;
    }
}

static void survives_corpus_and_damage(void **state)
{
    DIR *dir = opendir(corpus);
    unsigned n_file = 0;
    struct buf b;

    (void)state;
    if (!dir)
        fail_msg("no corpus %s", corpus);
    buf_init(&b, MEM_OTHER, INPUT_BYTES_MAX);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[PATH_BYTES_MAX];

        if (entry->d_name[0] == '.')
            continue;
        buf_clear(&b);
        assert_int_equal(path_join(path, corpus, entry->d_name, NULL), ERR_OK);
        assert_int_equal(file_read(&b, path, NULL), ERR_OK);
        feed(b.data, b.len);
        feed_damaged(&b);
        n_file++;
    }
    (void)closedir(dir);
    buf_finish(&b);
    assert_true(n_file > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(survives_corpus_and_damage) };

    corpus = argc > 1 ? argv[1] : ".";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
