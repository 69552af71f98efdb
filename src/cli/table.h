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
    const char **cells;  /* [n_row][n_column] */
    const char **colors; /* likewise: escape codes, NULL = none */
    uint32_t n_column, n_row;
    bool failed;
};

/* headings[n_column] become the first row. */
void table_begin(struct table *t, const char *const *headings, uint32_t n_column);
/* The next cell, left to right, top to bottom; the text is copied. */
void table_cell(struct table *t, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* The escape code of the last cell's colour, e.g. "\033[32m", for terminals; a constant. */
void table_color(struct table *t, const char *code);
/* A size of a file, its colour telling how large it is (cli.md 1.3); 0: unknown, an empty cell. */
void table_size(struct table *t, uint64_t bytes);
void table_print(const struct table *t);
void table_end(struct table *t);

#endif
