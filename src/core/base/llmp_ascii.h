
/*
 * Copyright (C) llm-policy authors
 *
 * Characters of ASCII; others are left as they are.
 */


#ifndef LLMP_ASCII_H_INCLUDED_
#define LLMP_ASCII_H_INCLUDED_


#include "base/llmp.h"


/* returns the letter in lower case */

static inline u_char
llmp_ascii_lower(u_char ch)
{
    return (u_char) (ch | ((u_char) (ch - 'A') < 26 ? 0x20 : 0));
}


/* returns whether it is a letter or a digit */

static inline llmp_uint_t
llmp_ascii_is_alnum(u_char ch)
{
    return (ch >= '0' && ch <= '9')
           || (llmp_ascii_lower(ch) >= 'a' && llmp_ascii_lower(ch) <= 'z');
}


#endif /* LLMP_ASCII_H_INCLUDED_ */
