/* Inside serve/ only: values that several dialects write into JSON. */
#ifndef SERVE_WRITE_INT_H
#define SERVE_WRITE_INT_H

#include <stdint.h>

#include "base/jsonw.h"
#include "runtime/job.h"
#include "runtime/runtime.h"

void jsonw_job_str(struct jsonw *w, struct job_str s); /* null when absent */
void jsonw_float(struct jsonw *w, float v);            /* shortest that reads back as the same */
void jsonw_buf(struct jsonw *w, const struct buf *b);  /* as a string */
/* n floats, little-endian, as one base64 string. */
void jsonw_base64_floats(struct jsonw *w, const float *v, uint32_t n);

/* Members in one go. */
void jsonw_key_str(struct jsonw *w, const char *key, const char *s); /* NULL: null */
void jsonw_key_uint(struct jsonw *w, const char *key, uint64_t v);
void jsonw_key_bool(struct jsonw *w, const char *key, bool v);
void jsonw_key_null(struct jsonw *w, const char *key);
void jsonw_key_seconds(struct jsonw *w, const char *key, double v); /* to the microsecond */
/* The member "usage" of what generates nothing. */
void jsonw_total_usage(struct jsonw *w, uint64_t n_tok);

/* "idle", "processingPrompt", "generating", "computingEmbedding" or "loading". */
const char *instance_status(const struct instance_info *i);

#endif
