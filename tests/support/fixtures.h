/* Test data with known answers: where it lies and how to read it.
 *
 * The data is not part of the repository. A test that cannot find it calls skip(); it never passes
 * silently. Helpers for files that must be there fail the running test by themselves. */
#ifndef TESTS_SUPPORT_FIXTURES_H
#define TESTS_SUPPORT_FIXTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

/* $HEARTH_FIXTURES, else <source>/../shared/fixtures; NULL when that folder does not exist. The
 * text stays valid until the program ends. */
const char *fixtures_dir(void);

/* fixtures_dir()/a/b into out[FIXTURE_PATH_BYTES]; b may be NULL. Calls skip() without fixtures. */
#define FIXTURE_PATH_BYTES 4096U
const char *fixture_path(char *out, const char *a, const char *b);

/* The whole file; freed with buf_finish. A ".gz" name is unpacked, and a name whose file exists
 * only with ".gz" behind it too. Fails the running test when there is no such file. */
struct buf fixture_read(const char *a, const char *b);

/* The same, parsed; freed with js_close. */
struct js *fixture_json(const char *a, const char *b);

/* Raw little-endian arrays: *n values, freed with mem_free. */
float *fixture_f32(const char *a, const char *b, size_t *n);
double *fixture_f64(const char *a, const char *b, size_t *n);

/* sum((a - ref)^2) / sum(ref^2) in double; infinite when a value of `a` is not finite. */
double nmse(const float *a, const float *ref, size_t n);

/* A small repeatable generator for test inputs: same seed, same numbers, on every machine. */
uint64_t test_random(uint64_t *state);
float test_uniform(uint64_t *state); /* -1 .. 1 */

#endif
