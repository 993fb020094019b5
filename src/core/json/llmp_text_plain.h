
/*
 * Copyright (C) llm-policy authors
 *
 * Plain text of a string: ASCII characters except quotes, backslashes and
 * control characters.
 */


#ifndef LLMP_TEXT_PLAIN_H_INCLUDED_
#define LLMP_TEXT_PLAIN_H_INCLUDED_


#if (__x86_64__)
#include <emmintrin.h>
#endif

#include "base/llmp.h"


#define llmp_text_is_plain(ch)                                                \
    ((ch) >= 0x20 && (ch) < 0x80 && (ch) != '"' && (ch) != '\\')


/* returns a mask of the bytes that are not plain text, of 16 bytes at p */

#if (__x86_64__)

static inline unsigned
llmp_text_plain_special_16(const u_char *p)
{
    __m128i  v;

    v = _mm_loadu_si128((const __m128i *) p);

    /* as signed bytes, control characters and bytes of multibyte characters are
       both less than a space: minus a space, they are negative */

    return (unsigned) _mm_movemask_epi8(
               _mm_or_si128(_mm_subs_epi8(v, _mm_set1_epi8(' ')),
                            _mm_or_si128(
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));
}


#else


static inline unsigned
llmp_text_plain_special_16(const u_char *p)
{
    size_t    i;
    unsigned  special;

    special = 0;

    for (i = 0; i < 16; i++) {
        special |= (unsigned) !llmp_text_is_plain(p[i]) << i;
    }

    return special;
}

#endif


/* returns a mask of the bytes that are not plain text, of 64 bytes at p */

static inline uint64_t
llmp_text_plain_special(const u_char *p)
{
    return llmp_text_plain_special_16(p)
           | (uint64_t) llmp_text_plain_special_16(p + 16) << 16
           | (uint64_t) llmp_text_plain_special_16(p + 32) << 32
           | (uint64_t) llmp_text_plain_special_16(p + 48) << 48;
}


/* skips plain text; buf is that of llmp_text_pt: the last bytes are checked
   together with bytes before them */

static inline const u_char *
llmp_text_plain(const u_char *buf, const u_char *p, const u_char *end)
{
    unsigned  special;

    for ( /* void */ ; end - p >= 16; p += 16) {
        special = llmp_text_plain_special_16(p);

        if (special != 0) {
            return p + __builtin_ctz(special);
        }
    }

    if (end - buf >= 16) {
        special = llmp_text_plain_special_16(end - 16) >> (16 - (end - p));

        return (special != 0) ? p + __builtin_ctz(special) : end;
    }

    while (p < end && llmp_text_is_plain(*p)) {
        p++;
    }

    return p;
}


#endif /* LLMP_TEXT_PLAIN_H_INCLUDED_ */
