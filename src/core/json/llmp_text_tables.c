
/*
 * Copyright (C) llm-policy authors
 *
 * Constants and tables for vectors of bytes.  They are in a file of their own,
 * since a compiler that has the values would load each from an immediate for
 * every block, which costs more than the rest.
 *
 * UTF-8 is checked with the tables of John Keiser and Daniel Lemire
 * ("Validating UTF-8 In Less Than One Instruction Per Byte", 2020): each of
 * three tables maps a nibble to the errors that it can be part of.
 */


#include "json/llmp_text_tables.h"


/* errors of two adjacent bytes */

#define LLMP_SHORT       0x01  /* a leading byte, then no continuation byte */
#define LLMP_LONG        0x02  /* an ASCII byte, then a continuation byte */
#define LLMP_OVERLONG_3  0x04
#define LLMP_LARGE       0x08  /* beyond U+10FFFF */
#define LLMP_SURROGATE   0x10
#define LLMP_OVERLONG_2  0x20
#define LLMP_LARGE_1000  0x40  /* beyond U+13FFFF; the next has the same bit */
#define LLMP_OVERLONG_4  0x40
#define LLMP_FOLLOW      0x80  /* two continuation bytes: no error if the second
                                  is the 3rd or 4th byte */

#define LLMP_ANY         (LLMP_SHORT | LLMP_LONG | LLMP_FOLLOW)
#define LLMP_FOLLOWS     (LLMP_LONG | LLMP_OVERLONG_2 | LLMP_FOLLOW)


#define llmp_text_4(...)    __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__
#define llmp_text_64(byte)                                                    \
    { llmp_text_4(llmp_text_4(byte, byte, byte, byte)) }


const u_char  llmp_text_rows[LLMP_ROWS][64]
    __attribute__((aligned(64))) = {

    [LLMP_ROW_SPACE] = llmp_text_64(' '),
    [LLMP_ROW_QUOTE] = llmp_text_64('"'),
    [LLMP_ROW_BACKSLASH] = llmp_text_64('\\'),
    [LLMP_ROW_CONTROL] = llmp_text_64(0x1f),
    [LLMP_ROW_NIBBLE] = llmp_text_64(0x0f),
    [LLMP_ROW_80] = llmp_text_64(0x80),
    [LLMP_ROW_LEAD_3] = llmp_text_64(0xe0 - 0x80),
    [LLMP_ROW_LEAD_4] = llmp_text_64(0xf0 - 0x80),

    [LLMP_ROW_FIRST_HIGH] = { llmp_text_4(
        LLMP_LONG, LLMP_LONG, LLMP_LONG, LLMP_LONG,
        LLMP_LONG, LLMP_LONG, LLMP_LONG, LLMP_LONG,
        LLMP_FOLLOW, LLMP_FOLLOW, LLMP_FOLLOW, LLMP_FOLLOW,
        LLMP_SHORT | LLMP_OVERLONG_2,
        LLMP_SHORT,
        LLMP_SHORT | LLMP_OVERLONG_3 | LLMP_SURROGATE,
        LLMP_SHORT | LLMP_LARGE | LLMP_LARGE_1000 | LLMP_OVERLONG_4
    ) },

    [LLMP_ROW_FIRST_LOW] = { llmp_text_4(
        LLMP_ANY | LLMP_OVERLONG_2 | LLMP_OVERLONG_3 | LLMP_OVERLONG_4,
        LLMP_ANY | LLMP_OVERLONG_2,
        LLMP_ANY,
        LLMP_ANY,
        LLMP_ANY | LLMP_LARGE,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000 | LLMP_SURROGATE,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000,
        LLMP_ANY | LLMP_LARGE | LLMP_LARGE_1000
    ) },

    [LLMP_ROW_SECOND_HIGH] = { llmp_text_4(
        LLMP_SHORT, LLMP_SHORT, LLMP_SHORT, LLMP_SHORT,
        LLMP_SHORT, LLMP_SHORT, LLMP_SHORT, LLMP_SHORT,
        LLMP_FOLLOWS | LLMP_OVERLONG_3 | LLMP_LARGE_1000 | LLMP_OVERLONG_4,
        LLMP_FOLLOWS | LLMP_OVERLONG_3 | LLMP_LARGE,
        LLMP_FOLLOWS | LLMP_SURROGATE | LLMP_LARGE,
        LLMP_FOLLOWS | LLMP_SURROGATE | LLMP_LARGE,
        LLMP_SHORT, LLMP_SHORT, LLMP_SHORT, LLMP_SHORT
    ) },

    /* kind of a byte: control character, or last byte of an escape of one
       character, "\\/bfnrt, whose nibbles have a bit in common */

    [LLMP_ROW_KIND_HIGH] = { llmp_text_4(
        0x80, 0x80, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0
    ) },

    [LLMP_ROW_KIND_LOW] = { llmp_text_4(
        0x80, 0x80, 0x80 | 1 | 4 | 8, 0x80,
        0x80 | 8, 0x80, 0x80 | 4, 0x80,
        0x80, 0x80, 0x80, 0x80,
        0x80 | 2, 0x80, 0x80 | 4, 0x80 | 1
    ) }
};
