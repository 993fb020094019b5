
/*
 * Copyright (C) llm-policy authors
 *
 * ASCII characters; other bytes are not changed.
 */


#ifndef LLMP_ASCII_H_INCLUDED_
#define LLMP_ASCII_H_INCLUDED_


#include "base/llmp.h"


/* returns a letter in lower case, and other bytes unchanged */

static inline u_char
llmp_ascii_lower(u_char ch)
{
    return (u_char) (ch | ((u_char) (ch - 'A') < 26 ? 0x20 : 0));
}


/* returns a letter in upper case, and other bytes unchanged */

static inline u_char
llmp_ascii_upper(u_char ch)
{
    return (u_char) (ch & ((u_char) (ch - 'a') < 26 ? 0xdf : 0xff));
}


/* returns 1 if two strings differ at most in the case of ASCII letters */

static inline llmp_uint_t
llmp_ascii_same_letters(const llmp_str_t *a, const llmp_str_t *b)
{
    size_t  i;

    for (i = 0; i < a->len && i < b->len; i++) {
        if (llmp_ascii_lower(a->data[i]) != llmp_ascii_lower(b->data[i])) {
            return 0;
        }
    }

    return a->len == b->len;
}


/* returns 1 if ch is a letter or a digit */

static inline llmp_uint_t
llmp_ascii_is_alnum(u_char ch)
{
    return (ch >= '0' && ch <= '9')
           || (llmp_ascii_lower(ch) >= 'a' && llmp_ascii_lower(ch) <= 'z');
}


#endif /* LLMP_ASCII_H_INCLUDED_ */
