/* Between the files that write miniature models. */
#ifndef TESTS_SUPPORT_TINY_INT_H
#define TESTS_SUPPORT_TINY_INT_H

#include "formats/gguf.h"
#include "support/tiny.h"

struct tiny_writer {
    const struct tiny *t;
    struct gguf_out *o;
    struct err *e;
    enum err_code rc; /* the first failure; later calls do nothing */
    bool data;        /* second round: the numbers */
};

/* tiny_keys.c: the metadata. */
void tiny_keys(struct tiny_writer *w);

#endif
