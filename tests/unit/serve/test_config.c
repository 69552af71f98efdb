/* Proves: the configuration is read strictly, and written so that nothing of the user's is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serve/config_int.h"

static const char all[] =
    "{\"server\":{\"address\":\"0.0.0.0\",\"port\":4321,\"cors\":true,\"requireKey\":true,"
    "\"origins\":[\"https://a.example\",\"app://"
    "b\"],\"hosts\":[\"box\"],\"mine\":[1,{\"x\":null}]},"
    "\"log\":{\"prompts\":true},"
    "\"models\":{\"jit\":false,\"jitTtlSeconds\":60.5,\"keepLast\":false,\"guardrail\":\"strict\","
    "\"queueMax\":7,\"cacheBytesMax\":4294967296,\"volatileLines\":[\"Date: \",\"Now \"]},"
    "\"modelFolders\":[\"/a/b\",\"/c\"],"
    "\"modelDefaults\":{\"p/m\":{\"contextLength\":8192,\"kCacheType\":\"q8_0\","
    "\"temperature\":0,\"topK\":-1,\"seed\":9007199254740991,\"note\":\"keep\"},\"q\":{}},"
    "\"other\":{\"deep\":[true,1.5,\"t\"]}}";

/* Proves: without a file everything has its default. */
static void defaults(void **state)
{
    struct config c;
    struct err e;

    (void)state;
    assert_int_equal(config_read(&c, NULL, 0, &e), ERR_OK);
    assert_string_equal(c.address, "127.0.0.1");
    assert_int_equal(c.port, 1234);
    assert_false(c.cors || c.require_key || c.log_prompts);
    assert_true(c.runtime.jit && c.runtime.jit_keep_last && c.runtime.jit_ttl_s == 3600.0);
    assert_null(config_model(&c, "x"));
    config_close(&c);
}

static void check_all(const struct config *c)
{
    const struct model_defaults *d = config_model(c, "p/m");

    assert_string_equal(c->address, "0.0.0.0");
    assert_int_equal(c->port, 4321);
    assert_true(c->cors && c->require_key && c->log_prompts);
    assert_string_equal(c->origins, "https://a.example app://b");
    assert_string_equal(c->hosts, "box");
    assert_false(c->runtime.jit || c->runtime.jit_keep_last);
    assert_true(c->runtime.jit_ttl_s == 60.5);
    assert_int_equal(c->runtime.guardrail, GUARD_STRICT);
    assert_int_equal(c->runtime.queue_max, 7);
    assert_int_equal(c->runtime.cache_bytes_max, 4294967296);
    assert_string_equal(c->runtime.volatile_lines, "Date: \nNow ");
    assert_int_equal(c->n_folder, 2);
    assert_string_equal(c->folders[1], "/c");
    assert_int_equal(c->n_model, 2);
    assert_non_null(d);
    assert_int_equal(d->load.n_ctx, 8192);
    assert_true(d->load.has_kv_type);
    assert_int_equal(d->load.type_k, KV_Q8_0);
    assert_int_equal(d->load.type_v, KV_F16);
    assert_int_equal(d->sampling.given, JOB_HAS_TEMPERATURE | JOB_HAS_TOP_K | JOB_HAS_SEED);
    assert_int_equal(d->sampling.top_k, -1);
    assert_int_equal(d->sampling.seed, 9007199254740991);
}

/* Proves: every member is read, written and read again, and unknown ones stay. */
static void round_trip(void **state)
{
    struct config c, again;
    struct buf text, text_again;
    struct err e;

    (void)state;
    assert_int_equal(config_read(&c, all, sizeof(all) - 1, &e), ERR_OK);
    check_all(&c);
    buf_init(&text, MEM_OTHER, 65536);
    config_write(&c, &text);
    assert_int_equal(config_read(&again, text.data, text.len, &e), ERR_OK);
    check_all(&again);
    buf_init(&text_again, MEM_OTHER, 65536);
    config_write(&again, &text_again);
    assert_string_equal(text_again.data, text.data);
    assert_non_null(strstr(text.data, "\"mine\":[1,{\"x\":null}]"));
    assert_non_null(strstr(text.data, "\"note\":\"keep\""));
    assert_non_null(strstr(text.data, "\"other\":{\"deep\":[true,1.5,\"t\"]}"));
    buf_finish(&text);
    buf_finish(&text_again);
    config_close(&c);
    config_close(&again);
}

/* Proves: a value of the wrong kind or range is named with its place and what was expected. */
static void refusals(void **state)
{
    static const struct {
        const char *text, *named;
    } rows[] = {
        { "[]", "expected an object" },
        { "{", "line 1" },
        { "{\"server\":1}", "server: expected an object" },
        { "{\"server\":{\"port\":65536}}", "server.port: expected a whole number from 0 to 65535" },
        { "{\"server\":{\"port\":1.5}}", "server.port" },
        { "{\"server\":{\"port\":\"1\"}}", "found string" },
        { "{\"server\":{\"cors\":1}}", "server.cors: expected true or false" },
        { "{\"server\":{\"origins\":\"x\"}}", "server.origins: expected a list" },
        { "{\"server\":{\"origins\":[\"a b\"]}}", "server.origins" },
        { "{\"server\":{\"hosts\":[\"\"]}}", "server.hosts" },
        { "{\"server\":{\"address\":\"a\\u0000b\"}}", "server.address" },
        { "{\"models\":{\"jitTtlSeconds\":-1}}", "models.jitTtlSeconds" },
        { "{\"models\":{\"guardrail\":\"none\"}}", "models.guardrail" },
        { "{\"models\":{\"volatileLines\":[\"a\\nb\"]}}", "models.volatileLines" },
        { "{\"modelFolders\":[\"relative\"]}", "modelFolders[0]" },
        { "{\"modelFolders\":{}}", "modelFolders" },
        { "{\"modelDefaults\":[]}", "modelDefaults" },
        { "{\"modelDefaults\":{\"m\":1}}", "modelDefaults.m" },
        { "{\"modelDefaults\":{\"m\":{\"topP\":2}}}", "m.topP: expected a number from 0 to 1" },
        { "{\"modelDefaults\":{\"m\":{\"kCacheType\":\"q9\"}}}", "m.kCacheType" },
        { "{\"modelDefaults\":{\"m\":{\"seed\":1e300}}}", "m.seed" },
    };
    struct config c;
    struct err e;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(config_read(&c, rows[i].text, strlen(rows[i].text), &e), ERR_FORMAT);
        if (!strstr(e.text, rows[i].named))
            fail_msg("%s: %s not in: %s", rows[i].text, rows[i].named, e.text);
        assert_null(c.models);
    }
}

/* Proves: long lists are refused, not cut. */
static void too_long(void **state)
{
    struct config c;
    struct buf text;
    struct err e;

    (void)state;
    buf_init(&text, MEM_OTHER, 1U << 20);
    (void)buf_adds(&text, "{\"server\":{\"hosts\":[\"a\"");
    for (unsigned i = 0; i < CONFIG_TEXT_BYTES; i++)
        (void)buf_adds(&text, ",\"b\"");
    (void)buf_adds(&text, "]}}");
    assert_int_equal(config_read(&c, text.data, text.len, &e), ERR_FORMAT);
    buf_clear(&text);
    (void)buf_adds(&text, "{\"modelFolders\":[\"/a\"");
    for (unsigned i = 0; i < LIBRARY_FOLDERS_MAX; i++)
        (void)buf_adds(&text, ",\"/b\"");
    (void)buf_adds(&text, "]}");
    assert_int_equal(config_read(&c, text.data, text.len, &e), ERR_FORMAT);
    buf_finish(&text);
}

/* Proves: a model's defaults stand behind what a request says. */
static void below_requests(void **state)
{
    struct job_sampling s = { .given = JOB_HAS_TEMPERATURE, .temperature = 0.7 };
    struct config c;
    struct err e;

    (void)state;
    assert_int_equal(config_read(&c, all, sizeof(all) - 1, &e), ERR_OK);
    config_sampling(config_model(&c, "p/m"), &s);
    assert_true(s.temperature == 0.7);
    assert_int_equal(s.given, JOB_HAS_TEMPERATURE | JOB_HAS_TOP_K | JOB_HAS_SEED);
    assert_int_equal(s.top_k, -1);
    assert_int_equal(s.seed, 9007199254740991);
    config_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults), cmocka_unit_test(round_trip),     cmocka_unit_test(refusals),
        cmocka_unit_test(too_long), cmocka_unit_test(below_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
