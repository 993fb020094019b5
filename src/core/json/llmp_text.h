
/*
 * Copyright (C) llm-policy authors
 *
 * Passing over what most of a request is: the text inside its strings.
 */


#ifndef LLMP_TEXT_H_INCLUDED_
#define LLMP_TEXT_H_INCLUDED_


#include "base/llmp.h"

#if (__x86_64__)
#include <emmintrin.h>
#endif


/*
 * Passes over text from p, where a character of a string begins, as long as
 * what follows is one of these, and whole:
 *
 *   - a character by RFC 3629 but a quote, a backslash, a control character;
 *   - an escape of one character, \n or \" for example;
 *   - \uXXXX that is no surrogate, or two that are a pair.
 *
 * Returns where it stopped, which is end if there was nothing else.  buf is
 * where the bytes that may be read begin: what is before p is text that was
 * passed over, or what is between strings.
 */
typedef const u_char *(*llmp_text_pt)(const u_char *buf, const u_char *p,
    const u_char *end);


/* a way to do so; all give the same results */

typedef struct {
    const char    *name;
    llmp_text_pt   text;
    llmp_uint_t    quick;      /* llmp_text_special() may be used as well,
                                  and the lowest byte is the first */
} llmp_text_path_t;


/* the fastest that this CPU runs */
const llmp_text_path_t *llmp_text_best(void);

/* the i-th that this CPU runs, or NULL; the first is the plain one, which is
   what the others have to agree with */
const llmp_text_path_t *llmp_text_path(llmp_uint_t i);


/* what is not plain text of a string: quotes, backslashes, control characters
   and bytes of multibyte characters */
#define llmp_text_is_plain(ch)                                                \
    ((ch) >= 0x20 && (ch) < 0x80 && (ch) != '"' && (ch) != '\\')


/* a mask of the 64 bytes at p that are not plain text, and of 16 */

#if (__x86_64__)

static inline unsigned
llmp_text_special_16(const u_char *p)
{
    __m128i  v;

    v = _mm_loadu_si128((const __m128i *) p);

    /* as signed bytes, control characters and those of multibyte characters
       are both less than a space: less it, they are negative */

    return (unsigned) _mm_movemask_epi8(
               _mm_or_si128(_mm_subs_epi8(v, _mm_set1_epi8(' ')),
                            _mm_or_si128(
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));
}


#else


static inline unsigned
llmp_text_special_16(const u_char *p)
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


static inline uint64_t
llmp_text_special(const u_char *p)
{
    return llmp_text_special_16(p)
           | (uint64_t) llmp_text_special_16(p + 16) << 16
           | (uint64_t) llmp_text_special_16(p + 32) << 32
           | (uint64_t) llmp_text_special_16(p + 48) << 48;
}


/* passes over plain text; buf is as for llmp_text_pt: the last bytes are looked
   at with those before them */

static inline const u_char *
llmp_text_plain(const u_char *buf, const u_char *p, const u_char *end)
{
    unsigned  special;

    for ( /* void */ ; end - p >= 16; p += 16) {
        special = llmp_text_special_16(p);

        if (special != 0) {
            return p + __builtin_ctz(special);
        }
    }

    if (end - buf >= 16) {
        special = llmp_text_special_16(end - 16) >> (16 - (end - p));

        return (special != 0) ? p + __builtin_ctz(special) : end;
    }

    while (p < end && llmp_text_is_plain(*p)) {
        p++;
    }

    return p;
}


#endif /* LLMP_TEXT_H_INCLUDED_ */
