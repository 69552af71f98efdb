/* The generated tables behind text/unicode.h. */
#ifndef TEXT_UNICODE_INT_H
#define TEXT_UNICODE_INT_H

#include <stddef.h>
#include <stdint.h>

struct unicode_pair {
    uint32_t from, to;
};

extern const uint8_t unicode_block[4352]; /* cp / 256 -> row of the class table */
extern const uint8_t unicode_class_table[][256];
extern const size_t unicode_lower_n, unicode_base_n;
extern const struct unicode_pair unicode_lower[]; /* ascending by from */
extern const struct unicode_pair unicode_base[];

#endif
