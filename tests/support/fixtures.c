/* Finding and reading test data. Files packed by gzip are unpacked by the system's gzip program, so
 * that the tests need no library that the product does not need. */
#include "support/fixtures.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "os/file.h"

#define FIXTURE_BYTES_MAX ((size_t)1 << 30)

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *fixtures_dir(void)
{
    static char found[FIXTURE_PATH_BYTES];
    const char *given = getenv("HEARTH_FIXTURES"), *source = getenv("HEARTH_SOURCE");
    int n;

    if (given && given[0])
        n = snprintf(found, sizeof(found), "%s", given);
    else
        n = snprintf(found, sizeof(found), "%s/../shared/fixtures", source ? source : ".");
    return n > 0 && (size_t)n < sizeof(found) && is_folder(found) ? found : NULL;
}

const char *fixture_path(char *out, const char *a, const char *b)
{
    const char *dir = fixtures_dir();
    int n;

    if (!dir)
        skip();
    n = snprintf(out, FIXTURE_PATH_BYTES, "%s/%s%s%s", dir, a, b ? "/" : "", b ? b : "");
    assert_true(n > 0 && (size_t)n < FIXTURE_PATH_BYTES);
    return out;
}

/* What `gzip -dc path` prints. */
static void unpack(struct buf *b, const char *path)
{
    int ends[2], status = 0;
    pid_t child;
    ssize_t n;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execlp("gzip", "gzip", "-dc", path, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    for (;;) {
        assert_true(buf_reserve(b, 65536));
        n = read(ends[0], b->data + b->len, 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        b->len += (size_t)n;
        b->data[b->len] = '\0';
    }
    (void)close(ends[0]);
    assert_true(waitpid(child, &status, 0) == child);
    if (status != 0)
        fail_msg("gzip -dc %s ended with status %d", path, status);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), n_end = strlen(end);

    return n >= n_end && strcmp(s + n - n_end, end) == 0;
}

struct buf fixture_read(const char *a, const char *b)
{
    char path[FIXTURE_PATH_BYTES];
    struct err e = { 0 };
    struct buf text;

    (void)fixture_path(path, a, b);
    buf_init(&text, MEM_OTHER, FIXTURE_BYTES_MAX);
    if (!file_exists(path) && strlen(path) + 4 < sizeof(path))
        (void)snprintf(path + strlen(path), 4, ".gz");
    if (!file_exists(path))
        fail_msg("no fixture %s", path);
    if (ends_with(path, ".gz"))
        unpack(&text, path);
    else if (file_read(&text, path, &e))
        fail_msg("%s", e.text);
    return text;
}

struct js *fixture_json(const char *a, const char *b)
{
    struct buf text = fixture_read(a, b);
    struct err e = { 0 };
    struct js *root;

    if (js_parse(&root, buf_str(&text), text.len, &e))
        fail_msg("%s/%s: %s", a, b ? b : "", e.text);
    buf_finish(&text);
    return root;
}

/* The bytes of a file as an aligned array of values of `size` bytes. */
static void *array_of(const char *a, const char *b, size_t size, size_t *n)
{
    struct buf bytes = fixture_read(a, b);
    void *values = mem_alloc(MEM_OTHER, bytes.len);

    assert_non_null(values);
    assert_int_equal(bytes.len % size, 0);
    if (bytes.len)
        memcpy(values, bytes.data, bytes.len);
    *n = bytes.len / size;
    buf_finish(&bytes);
    return values;
}

float *fixture_f32(const char *a, const char *b, size_t *n)
{
    return array_of(a, b, sizeof(float), n);
}

double *fixture_f64(const char *a, const char *b, size_t *n)
{
    return array_of(a, b, sizeof(double), n);
}

double nmse(const float *a, const float *ref, size_t n)
{
    double error = 0.0, power = 0.0;

    for (size_t i = 0; i < n; i++) {
        double d = (double)a[i] - (double)ref[i];

        if (!isfinite(a[i]))
            return HUGE_VAL;
        error += d * d;
        power += (double)ref[i] * (double)ref[i];
    }
    return power > 0.0 ? error / power : (error > 0.0 ? HUGE_VAL : 0.0);
}

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

float test_uniform(uint64_t *state)
{
    return (float)((double)(test_random(state) >> 40) / (double)(1U << 23) - 1.0);
}
