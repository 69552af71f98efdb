/* Proves: keys, families' names and sizes are derived as people expect them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "library/library_int.h"

/* Proves: formats and the file's own quantization leave a name, nothing else does. */
static void short_names(void **state)
{
    static const char *const cases[][3] = {
        { "Qwen3-8B-GGUF", "Q4_K_M", "qwen3-8b" },
        { "Qwen3-8B-Q4_K_M-GGUF", "Q4_K_M", "qwen3-8b" },
        { "Qwen3-8B-GGUF-Q4_K_M", "Q4_K_M", "qwen3-8b" },
        { "meta-llama-3.1-8b-instruct.Q8_0", "Q8_0", "meta-llama-3.1-8b-instruct" },
        { "tiny-Q4_K_M", "Q8_0", "tiny-q4_k_m" },
        { "gguf", "", "gguf" },
        { "-gguf", "", "-gguf" },
        { "q8_0", "Q8_0", "q8_0" },
        { "", "Q8_0", "" },
        { "Ünïcode-GGUF", "", "Ünïcode" },
    };
    char out[NAME_BYTES], long_name[600];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        name_short(out, cases[i][0], cases[i][1]);
        assert_string_equal(out, cases[i][2]);
    }
    memset(long_name, 'A', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    name_short(out, long_name, long_name);
    assert_int_equal(strlen(out), NAME_BYTES - 1);
}

/* Proves: architectures for people, whatever the text. */
static void family_names(void **state)
{
    static const char *const cases[][2] = {
        { "qwen3", "Qwen3" },       { "qwen3moe", "Qwen3 MoE" },
        { "llama", "Llama" },       { "nomic-bert", "Nomic Bert" },
        { "gpt-oss", "GPT Oss" },   { "glm4moe", "GLM4 MoE" },
        { "ernie4_5", "Ernie4 5" }, { "", "" },
        { "moe", "MoE" },           { "a\xff", "A\xff" },
    };
    char out[NAME_BYTES], long_name[600];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        name_arch(out, cases[i][0]);
        assert_string_equal(out, cases[i][1]);
    }
    memset(long_name, 'm', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    name_arch(out, long_name);
    assert_int_equal(strlen(out), NAME_BYTES - 1);
}

/* Proves: the file's label where it is one, else the counted size, with the active share of
 * experts. */
static void sizes(void **state)
{
    static const struct {
        const char *label;
        uint64_t n_param, n_active;
        uint32_t n_expert;
        const char *want;
    } cases[] = {
        { "8B", 1, 1, 0, "8B" },
        { "8x7B", 1, 1, 0, "8x7B" },
        { "26B-A4B", 1, 1, 0, "26B-A4B" },
        { "0.6B", 1, 1, 0, "0.6B" },
        { "large", 8030000000, 8030000000, 0, "8B" },
        { "8B; rm", 1240000000, 0, 0, "1.2B" },
        { "", 137000000, 137000000, 0, "137M" },
        { "", 13000000000, 13000000000, 0, "13B" },
        { "", 999999999, 0, 0, "1B" },
        { "", 30500000000, 3300000000, 128, "30B-A3.3B" },
        { "", 1700000000000, 0, 0, "1.7T" },
        { "", 4300, 0, 0, "4.3K" },
        { "", 12, 0, 0, "12" },
        { "", 0, 0, 0, "" },
    };
    char out[NAME_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct facts f = { .n_param = cases[i].n_param,
                           .n_active = cases[i].n_active,
                           .n_expert = cases[i].n_expert };

        (void)strncpy(f.size_label, cases[i].label, sizeof(f.size_label) - 1);
        name_params(out, &f);
        assert_string_equal(out, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_names),
        cmocka_unit_test(family_names),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
