/* Tables on standard output: columns parted by four spaces, left aligned, headings dimmed. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"

#define TABLE_COLUMNS_MAX 12U
#define TABLE_ROWS_MAX    8192U

struct table {
    struct arena arena;
    const char **cells; /* [n_row][n_column] */
    uint32_t n_column, n_row;
    bool failed;
};

/* headings[n_column] become the first row. */
void table_begin(struct table *t, const char *const *headings, uint32_t n_column);
/* The next cell, left to right, top to bottom; the text is copied. */
void table_cell(struct table *t, const char *fmt, ...) ATTR_PRINTF(2, 3);
void table_print(const struct table *t);
void table_end(struct table *t);

#endif
