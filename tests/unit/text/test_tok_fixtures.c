/* Proves: every stored vocabulary tokenizes and detokenizes as the reference does, byte for byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/fixtures.h"
#include "text/tok.h"

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static void add_base64(struct buf *out, const char *s)
{
    uint32_t bits = 0;
    unsigned n = 0;

    for (; *s && base64_digit(*s) >= 0; s++) {
        bits = bits << 6 | (uint32_t)base64_digit(*s);
        n += 6;
        if (n >= 8) {
            n -= 8;
            buf_addc(out, (char)(bits >> n));
        }
    }
}

/* The member `name`, or `name`_b64 decoded; false when there is neither. */
static bool get_bytes(const struct js *line, const char *name, struct buf *out)
{
    char key[32];
    size_t len;
    const char *s = js_str(js_get(line, name), &len);

    buf_init(out, MEM_OTHER, 1U << 28);
    if (s) {
        buf_add(out, s, len);
        return true;
    }
    snprintf(key, sizeof(key), "%s_b64", name);
    s = js_str(js_get(line, key), &len);
    if (s)
        add_base64(out, s);
    return s != NULL;
}

struct score {
    unsigned n, n_ids, n_detok, n_plain;
};

static void show(const char *what, const struct js *line, const struct ids *got)
{
    size_t len;
    const char *s = js_str(js_get(line, "text"), &len);

    print_error("%s differs for: %.*s\n  got:", what, (int)(len < 200 ? len : 200),
                s ? s : "(b64)");
    for (size_t i = 0; i < got->n && i < 40; i++)
        print_error(" %d", got->at[i]);
    print_error("\n  expected:");
    for (size_t i = 0; i < js_len(js_get(line, "ids")) && i < 40; i++)
        print_error(" %d", (int)js_int(js_at(js_get(line, "ids"), i)));
    print_error("\n");
}

static bool same_ids(const struct js *want, const struct ids *got)
{
    if (js_len(want) != got->n)
        return false;
    for (size_t i = 0; i < got->n; i++) {
        if (js_int(js_at(want, i)) != got->at[i])
            return false;
    }
    return true;
}

/* Decodes at once, and token by token where the text is valid UTF-8. */
static bool same_text(const struct tok *t, const struct ids *ids, bool special,
                      const struct buf *want)
{
    struct buf all, pieces;
    struct tok_stream s = { .tok = t, .special = special };
    struct err e = { 0 };
    bool same;

    buf_init(&all, MEM_OTHER, 1U << 28);
    buf_init(&pieces, MEM_OTHER, 1U << 28);
    assert_int_equal(tok_decode(t, ids->at, ids->n, special, &all, &e), ERR_OK);
    for (size_t i = 0; i < ids->n; i++)
        assert_int_equal(tok_stream_next(&s, ids->at[i], &pieces, &e), ERR_OK);
    assert_int_equal(tok_stream_end(&s, &pieces, &e), ERR_OK);
    same = strcmp(buf_str(&all), buf_str(want)) == 0 && all.len == want->len;
    if (same && !strstr(buf_str(&pieces), "\xEF\xBF\xBD"))
        same = pieces.len == all.len && strcmp(buf_str(&all), buf_str(&pieces)) == 0;
    if (!same)
        print_error("got:      %.300s\nexpected: %.300s\n", buf_str(&all), buf_str(want));
    buf_finish(&all);
    buf_finish(&pieces);
    return same;
}

static void run_line(const struct tok *t, const struct js *line, struct score *n)
{
    struct tok_params p = { .add_special = js_bool(js_get(line, "add_special")),
                            .parse_special = js_bool(js_get(line, "parse_special")) };
    struct buf text, detok, plain;
    struct ids ids, want;
    struct err e = { 0 };
    bool ok;

    assert_true(get_bytes(line, "text", &text));
    assert_true(get_bytes(line, "detok", &detok));
    ids_init(&ids);
    ids_init(&want);
    for (size_t i = 0; i < js_len(js_get(line, "ids")); i++)
        assert_true(ids_add(&want, (int32_t)js_int(js_at(js_get(line, "ids"), i))));
    assert_int_equal(tok_encode(t, buf_str(&text), text.len, p, &ids, &e), ERR_OK);
    n->n++;
    ok = same_ids(js_get(line, "ids"), &ids);
    n->n_ids += ok;
    if (!ok)
        show("encoding", line, &ids);
    ok = same_text(t, &want, true, &detok);
    n->n_detok += ok;
    if (!ok)
        show("decoding", line, &ids);
    ok = get_bytes(line, "detok_plain", &plain);
    ok = same_text(t, &want, false, ok ? &plain : &detok);
    n->n_plain += ok;
    if (!ok)
        show("plain decoding", line, &ids);
    buf_finish(&text);
    buf_finish(&detok);
    buf_finish(&plain);
    ids_finish(&ids);
    ids_finish(&want);
}

static double now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Prints how fast a megabyte of the cases' own texts is tokenized; claims nothing. */
static void print_speed(const struct tok *t, const struct buf *all, const char *name, double open_s)
{
    struct ids ids;
    double start;
    size_t n = 0;

    ids_init(&ids);
    start = now_s();
    while (n < 1000000) {
        ids.n = 0;
        assert_int_equal(tok_encode(t, all->data, all->len, (struct tok_params){ 0 }, &ids, NULL),
                         ERR_OK);
        n += all->len;
    }
    print_message("%-15s %5.1f MB/s, opened in %3.0f ms\n", name,
                  (double)n / 1e6 / (now_s() - start), open_s * 1e3);
    ids_finish(&ids);
}

static void run_vocab(const char *name, const char *tests, const char *file, struct score *sum)
{
    struct buf model = fixture_read("tokenizers", file), lines = fixture_read("tokenizers", tests);
    struct buf all;
    struct score n = { 0 };
    struct err e = { 0 };
    struct gguf *g;
    struct tok *t;
    double start;

    buf_init(&all, MEM_OTHER, 1U << 28);
    assert_int_equal(gguf_open_memory(&g, model.data, model.len, name, &e), ERR_OK);
    start = now_s();
    if (tok_open(&t, g, &e) != ERR_OK)
        fail_msg("%s: %s", name, e.text);
    start = now_s() - start;
    gguf_close(g);
    buf_finish(&model);
    for (char *at = lines.data, *end; *at; at = end) {
        struct js *line;
        size_t len;
        const char *s;

        end = strchr(at, '\n');
        end = end ? end + 1 : at + strlen(at);
        assert_int_equal(js_parse(&line, at, (size_t)(end - at), &e), ERR_OK);
        run_line(t, line, &n);
        s = js_str(js_get(line, "text"), &len);
        if (s)
            buf_add(&all, s, len);
        js_close(line);
    }
    print_message("%-15s %u cases: %u encoded, %u decoded, %u decoded plain\n", name, n.n, n.n_ids,
                  n.n_detok, n.n_plain);
    print_speed(t, &all, name, start);
    sum->n += n.n;
    sum->n_ids += n.n_ids;
    sum->n_detok += n.n_detok;
    sum->n_plain += n.n_plain;
    tok_close(t);
    buf_finish(&lines);
    buf_finish(&all);
}

/* Proves: all cases of all vocabularies in the index. */
static void all_cases_match(void **state)
{
    char path[FIXTURE_PATH_BYTES];
    struct js *index;
    struct score sum = { 0 };

    (void)state;
    fixture_path(path, "tokenizers", NULL);
    index = fixture_json("tokenizers", "index.json");
    for (size_t i = 0; i < js_len(index); i++) {
        const struct js *v = js_at(index, i);

        run_vocab(js_str(js_get(v, "name"), NULL), js_str(js_get(v, "tests"), NULL),
                  js_str(js_get(v, "gguf"), NULL), &sum);
    }
    js_close(index);
    assert_int_equal(sum.n_ids, sum.n);
    assert_int_equal(sum.n_detok, sum.n);
    assert_int_equal(sum.n_plain, sum.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cases_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
