/* Passes of the pre-tokenizers: what pre.c lists and pre_scan.c matches. */
#ifndef TEXT_PRE_INT_H
#define TEXT_PRE_INT_H

#include "text/pre.h"

enum pass_kind {
    PASS_RUN,      /* prefix? set{min,max}                                          */
    PASS_GPT2,     /* GPT-2's pattern                                               */
    PASS_WORDS,    /* the family of Llama 3, GPT-4 and o200k, by the fields below   */
    PASS_CLAUSES,  /* the family of DeepSeek V3: punctuation and symbols by name    */
    PASS_DIGITS3,  /* digits in groups of three counted from the right              */
    PASS_SPLIT3,   /* the same as cuts alone: before groups of three ASCII digits   */
    PASS_SENTINEL, /* <sentinel:DIGITS>                                            */
    PASS_IMAGE,    /* IMGIMG, one to four letters A-I, Z                           */
    PASS_TRAIL,    /* white space at the end of the piece                          */
    PASS_BLANKS,   /* tab, newline, four spaces, two spaces                        */
};

enum pass_set {
    SET_NEWLINE,      /* \r \n                                          */
    SET_LINE,         /* \n against everything else                     */
    SET_NUMBER,       /* \p{N}                                          */
    SET_DIGIT,        /* 0-9                                            */
    SET_LETTER,       /* \p{L}                                          */
    SET_PUNCT,        /* \p{P}                                          */
    SET_PUNCT_MATH,   /* \p{P} $+<=>^~|                                 */
    SET_PUNCT_TICK,   /* the same and `                                 */
    SET_PUNCT_ASCII,  /* \p{P} and all ASCII punctuation                */
    SET_DEEPSEEK_ABC, /* letters with case                              */
    SET_DEEPSEEK_PUNCT,
    SET_DEEPSEEK_CJK,
    SET_KANA_HAN,
    SET_YOUTU, /* four sets side by side                         */
    SET_AFMOE_CJK,
    SET_BLOOM,
};

enum pass_prefix { PREFIX_NONE, PREFIX_WHITE, PREFIX_BLANK };

enum word_kind {
    WORD_LETTERS, /* \p{L}+                                                       */
    WORD_MARKED,  /* [\p{L}\p{M}]+                                                */
    WORD_CASED,   /* upper* lower+ | upper+ lower*, where only ASCII has case     */
    WORD_CASED_MARKED,
    WORD_PHRASE,  /* letters with marks, joined by single spaces                  */
    WORD_NOT_HAN, /* \p{L}+ without Han, which makes runs of its own              */
};

enum tail_kind { TAIL_NONE, TAIL_LINES, TAIL_LINES_SLASH, TAIL_ONE };
enum apostrophe { APOS_NONE, APOS_FIRST, APOS_SUFFIX };
enum space_kind { SPACE_LINES, SPACE_CASCADE };

struct pre_pass {
    uint8_t kind;
    /* PASS_RUN */
    uint8_t set, prefix, min, max; /* max 0: no limit */
    /* PASS_WORDS, PASS_CLAUSES */
    uint8_t word, apos, digits; /* digits: at most so many, 0 = no limit */
    uint8_t tail, space;
    uint8_t punct_not; /* classes that end a run of punctuation */
    uint8_t one_line;  /* PASS_CLAUSES: newlines stand alone */
};

/* The end of the match that starts at i, or i itself. Looks at [i, stop) only. */
size_t pre_match(struct pre_work *w, const struct pre_pass *p, size_t i, size_t stop);

#endif
