/* Tables for people. */
#include "cli/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "cli/args.h"
#include "cli/units.h"
#include "os/sys.h"

#define CELL_BYTES  512U
#define ARENA_BYTES ((size_t)32 << 20)
#define GAP         4U
#define STDOUT      1

#define SMALL_BYTES  128000000U
#define MEDIUM_BYTES 1000000000U
#define LARGE_BYTES  24000000000U

void table_begin(struct table *t, const char *const *headings, uint32_t n_column)
{
    *t = (struct table){ .n_column = n_column };
    arena_init(&t->arena, MEM_OTHER, (size_t)64 << 10, ARENA_BYTES);
    t->cells =
        arena_new_n(&t->arena, (size_t)TABLE_ROWS_MAX * TABLE_COLUMNS_MAX, sizeof(*t->cells));
    t->colors =
        arena_new_n(&t->arena, (size_t)TABLE_ROWS_MAX * TABLE_COLUMNS_MAX, sizeof(*t->colors));
    t->failed = !t->cells || !t->colors;
    for (uint32_t i = 0; i < n_column; i++)
        table_cell(t, "%s", headings[i]);
}

void table_cell(struct table *t, const char *fmt, ...)
{
    char text[CELL_BYTES];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (t->failed || t->n_row >= TABLE_ROWS_MAX * t->n_column)
        return;
    t->cells[t->n_row] = arena_strndup(&t->arena, text, strlen(text));
    t->colors[t->n_row] = NULL;
    t->failed = !t->cells[t->n_row++];
}

void table_color(struct table *t, const char *code)
{
    if (!t->failed && t->n_row)
        t->colors[t->n_row - 1] = code;
}

void table_size(struct table *t, uint64_t bytes)
{
    char size[32] = "";

    if (bytes)
        units_bytes(size, sizeof(size), bytes);
    table_cell(t, "%s", size);
    table_color(t, bytes < SMALL_BYTES    ? "\033[2m"
                   : bytes < MEDIUM_BYTES ? "\033[32m"
                   : bytes < LARGE_BYTES  ? "\033[33m"
                                          : "\033[31m");
}

/* In columns of a terminal: names may be of wide characters, or of marks that take none. */
static uint32_t width(const char *s)
{
    uint32_t n = 0, cp;

    for (size_t i = 0, len = strlen(s); i < len;) {
        unsigned k = utf8_decode(s + i, len - i, &cp);

        n += k ? tty_width(cp) : 1;
        i += k ? k : 1;
    }
    return n;
}

void table_print(const struct table *t)
{
    uint32_t w[TABLE_COLUMNS_MAX] = { 0 }, n = t->failed ? 0 : t->n_row / t->n_column;
    bool color = tty_is(STDOUT);

    for (uint32_t i = 0; i < n * t->n_column; i++)
        w[i % t->n_column] = max_u32(w[i % t->n_column], width(t->cells[i]));
    for (uint32_t r = 0; r < n; r++) {
        const char *const *row = t->cells + (size_t)r * t->n_column;
        uint32_t last = t->n_column;

        while (last > 1 && !row[last - 1][0])
            last--;
        if (color && r == 0)
            (void)fputs("\033[2m", stdout);
        for (uint32_t c = 0; c < last; c++) {
            const char *code = color ? t->colors[(size_t)r * t->n_column + c] : NULL;

            (void)fputs(code ? code : "", stdout);
            print_safe(stdout, row[c]);
            (void)fputs(code ? "\033[0m" : "", stdout);
            if (c + 1 < last)
                (void)printf("%*s", (int)(w[c] - width(row[c]) + GAP), "");
        }
        (void)puts(color && r == 0 ? "\033[0m" : "");
    }
}

void table_end(struct table *t)
{
    arena_finish(&t->arena);
}
