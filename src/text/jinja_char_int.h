/* Tables of characters (jinja_case.c), for jinja_char.c alone. */
#ifndef TEXT_JINJA_CHAR_INT_H
#define TEXT_JINJA_CHAR_INT_H

#include <stdint.h>

struct jchar_range {
    uint32_t from, to;
};

struct jchar_map {
    uint32_t from, to, step;
    int32_t delta;
};

struct jchar_special { /* one character that becomes up to three */
    uint32_t c, upper[3], title[3];
};

extern const struct jchar_range jchar_digit[79], jchar_small[94];
extern const struct jchar_map jchar_to_upper[194], jchar_to_lower[181];
extern const struct jchar_special jchar_special_upper[102];

#endif
