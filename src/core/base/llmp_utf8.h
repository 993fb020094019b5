
/*
 * Copyright (C) llm-policy authors
 *
 * UTF-8 in contiguous texts.
 */


#ifndef LLMP_UTF8_H_INCLUDED_
#define LLMP_UTF8_H_INCLUDED_


#include "base/llmp.h"


/*
 * Returns the length of the character at p in bytes, or 0 if it is not well
 * formed by RFC 3629 or ends after last.  p must be before last.
 */
size_t llmp_utf8_len(const u_char *p, const u_char *last);

/*
 * Copies a NUL-terminated text for display.  Bytes that are not UTF-8 become
 * "?", and so do control characters, which could forge a line of a log.  The
 * copy is cut at a character boundary to size bytes, with its NUL.  Returns its
 * length without the NUL.
 */
size_t llmp_utf8_copy(char *dst, size_t size, const char *src);

/*
 * Returns whether a text is UTF-8 and has only characters that are seen, and
 * spaces: no control characters, no line separators, none without a width, none
 * that change the direction of writing.
 */
llmp_uint_t llmp_utf8_is_visible(const llmp_str_t *text);


/* returns the code point of the character at p; len is from llmp_utf8_len() */

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


/* writes a code point as UTF-8; returns its length in bytes, at most 4 */

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
