
/*
 * Copyright (C) llm-policy authors
 *
 * UTF-8 of texts that are in one piece.
 */


#ifndef LLMP_UTF8_H_INCLUDED_
#define LLMP_UTF8_H_INCLUDED_


#include "base/llmp.h"


/*
 * Returns how many bytes the character at p takes, or 0 if they are not well
 * formed by RFC 3629 or go beyond last.  p must be before last.
 */
size_t llmp_utf8_len(const u_char *p, const u_char *last);

/*
 * Copies a text that is to be shown to people: what is not UTF-8, and control
 * characters, which could forge a line of a log, become "?"; what is more
 * than size bytes with the NUL is cut at a character boundary.  Returns
 * the length.
 */
size_t llmp_utf8_copy(char *dst, size_t size, const char *src);


/* the code point of a character whose length llmp_utf8_len() gave */

static inline uint32_t
llmp_utf8_decode(const u_char *p, size_t len)
{
    size_t    i;
    uint32_t  code;

    code = (len == 1) ? *p : *p & (0x7fu >> len);

    for (i = 1; i < len; i++) {
        code = (code << 6) | (p[i] & 0x3f);
    }

    return code;
}


/* writes a code point, 4 bytes at most; returns how many */

static inline size_t
llmp_utf8_encode(u_char *dst, uint32_t code)
{
    if (code < 0x80) {
        dst[0] = (u_char) code;
        return 1;
    }

    if (code < 0x800) {
        dst[0] = (u_char) (0xc0 | (code >> 6));
        dst[1] = (u_char) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code < 0x10000) {
        dst[0] = (u_char) (0xe0 | (code >> 12));
        dst[1] = (u_char) (0x80 | ((code >> 6) & 0x3f));
        dst[2] = (u_char) (0x80 | (code & 0x3f));
        return 3;
    }

    dst[0] = (u_char) (0xf0 | (code >> 18));
    dst[1] = (u_char) (0x80 | ((code >> 12) & 0x3f));
    dst[2] = (u_char) (0x80 | ((code >> 6) & 0x3f));
    dst[3] = (u_char) (0x80 | (code & 0x3f));

    return 4;
}


#endif /* LLMP_UTF8_H_INCLUDED_ */
