
/*
 * Copyright (C) llm-policy authors
 *
 * Hexadecimal digits.
 */


#ifndef LLMP_HEX_H_INCLUDED_
#define LLMP_HEX_H_INCLUDED_


#include "base/llmp.h"


/* returns the value of a digit, in either case, or -1 if ch is no digit */

static inline int
llmp_hex_value(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}


/* writes a byte as two digits, in lower case; returns the position after
   them */

static inline u_char *
llmp_hex_write(u_char *p, u_char byte)
{
    static const u_char  digits[] = "0123456789abcdef";

    *p++ = digits[byte >> 4];
    *p++ = digits[byte & 0x0f];

    return p;
}


#endif /* LLMP_HEX_H_INCLUDED_ */
