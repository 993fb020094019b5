
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text in blocks, with SSE2, which every x86-64 CPU has.
 */


#if (__x86_64__)

#include <immintrin.h>

#include "json/llmp_json_char.h"
#include "json/llmp_text_sse2.h"


#define LLMP_BLOCK(name)  llmp_text_sse2_##name
#define LLMP_BLOCK_TARGET

typedef struct {
    __m128i   v[4];
} llmp_text_sse2_t;

typedef uint64_t  llmp_text_sse2_error_t;


static inline llmp_text_sse2_t
llmp_text_sse2_load(const u_char *p)
{
    llmp_text_sse2_t  b;

    b.v[0] = _mm_loadu_si128((const __m128i *) p);
    b.v[1] = _mm_loadu_si128((const __m128i *) (p + 16));
    b.v[2] = _mm_loadu_si128((const __m128i *) (p + 32));
    b.v[3] = _mm_loadu_si128((const __m128i *) (p + 48));

    return b;
}


static inline uint64_t
llmp_text_sse2_mask(__m128i a, __m128i b, __m128i c, __m128i d)
{
    uint32_t  low, high;

    low = (uint32_t) _mm_movemask_epi8(a)
          | (uint32_t) _mm_movemask_epi8(b) << 16;
    high = (uint32_t) _mm_movemask_epi8(c)
           | (uint32_t) _mm_movemask_epi8(d) << 16;

    return low | (uint64_t) high << 32;
}


static inline uint64_t
llmp_text_sse2_equal(const llmp_text_sse2_t *b, char ch)
{
    __m128i  with = _mm_set1_epi8(ch);

    return llmp_text_sse2_mask(_mm_cmpeq_epi8(b->v[0], with),
                               _mm_cmpeq_epi8(b->v[1], with),
                               _mm_cmpeq_epi8(b->v[2], with),
                               _mm_cmpeq_epi8(b->v[3], with));
}


/* returns a mask of the unsigned bytes that are at least ch */

static inline uint64_t
llmp_text_sse2_least(const llmp_text_sse2_t *b, u_char ch)
{
    __m128i  with = _mm_set1_epi8((char) ch);

    return llmp_text_sse2_mask(
               _mm_cmpeq_epi8(_mm_max_epu8(b->v[0], with), b->v[0]),
               _mm_cmpeq_epi8(_mm_max_epu8(b->v[1], with), b->v[1]),
               _mm_cmpeq_epi8(_mm_max_epu8(b->v[2], with), b->v[2]),
               _mm_cmpeq_epi8(_mm_max_epu8(b->v[3], with), b->v[3]));
}


static inline int
llmp_text_sse2_special(const llmp_text_sse2_t *b)
{
    int      i;
    __m128i  special;

    special = _mm_setzero_si128();

    for (i = 0; i < 4; i++) {

        /* as signed bytes, control characters and bytes of multibyte
           characters are both less than a space */

        special = _mm_or_si128(special,
                      _mm_or_si128(
                          _mm_cmplt_epi8(b->v[i], _mm_set1_epi8(' ')),
                          _mm_or_si128(
                              _mm_cmpeq_epi8(b->v[i], _mm_set1_epi8('"')),
                              _mm_cmpeq_epi8(b->v[i], _mm_set1_epi8('\\')))));
    }

    return _mm_movemask_epi8(special) != 0;
}


static inline int
llmp_text_sse2_marked(const llmp_text_sse2_t *b)
{
    int      i;
    __m128i  marked;

    marked = _mm_setzero_si128();

    for (i = 0; i < 4; i++) {
        marked = _mm_or_si128(marked,
                    _mm_or_si128(
                        _mm_cmpeq_epi8(b->v[i], _mm_set1_epi8('"')),
                        _mm_or_si128(
                            _mm_cmpeq_epi8(b->v[i], _mm_set1_epi8('\\')),
                            _mm_cmpeq_epi8(_mm_min_epu8(b->v[i],
                                                        _mm_set1_epi8(0x1f)),
                                           b->v[i]))));
    }

    return _mm_movemask_epi8(marked) != 0;
}


/* returns 1 more often than necessary: for all escapes */

static inline int
llmp_text_sse2_stops(const llmp_text_sse2_t *b, const u_char *p)
{
    return llmp_text_sse2_marked(b) || p[-1] == '\\';
}


static inline int
llmp_text_sse2_ascii(const llmp_text_sse2_t *b)
{
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(b->v[0], b->v[1]),
                                          _mm_or_si128(b->v[2], b->v[3])))
           == 0;
}


static inline uint64_t
llmp_text_sse2_quote(const llmp_text_sse2_t *b)
{
    return llmp_text_sse2_equal(b, '"');
}


static inline uint64_t
llmp_text_sse2_backslash(const llmp_text_sse2_t *b)
{
    return llmp_text_sse2_equal(b, '\\');
}


static inline uint64_t
llmp_text_sse2_control(const llmp_text_sse2_t *b)
{
    return ~llmp_text_sse2_least(b, ' ');
}


static inline uint64_t
llmp_text_sse2_letter_u(const llmp_text_sse2_t *b)
{
    return llmp_text_sse2_equal(b, 'u');
}


static inline uint64_t
llmp_text_sse2_digit_d(const llmp_text_sse2_t *b)
{
    return llmp_text_sse2_equal(b, 'd') | llmp_text_sse2_equal(b, 'D');
}


static inline uint64_t
llmp_text_sse2_hex(const llmp_text_sse2_t *b)
{
    int               i;
    llmp_text_sse2_t  lower;

    for (i = 0; i < 4; i++) {
        lower.v[i] = _mm_or_si128(b->v[i], _mm_set1_epi8(0x20));
    }

    return (llmp_text_sse2_least(b, '0') & ~llmp_text_sse2_least(b, '9' + 1))
           | (llmp_text_sse2_least(&lower, 'a')
              & ~llmp_text_sse2_least(&lower, 'f' + 1));
}


static inline uint64_t
llmp_text_sse2_simple(const llmp_text_sse2_t *b, const u_char *p,
    uint64_t escaped)
{
    uint64_t  simple, bit;

    (void) b;

    simple = 0;

    for ( /* void */ ; escaped != 0; escaped ^= bit) {
        bit = escaped & -escaped;

        if (llmp_json_char_unescape(p[__builtin_ctzll(bit)])) {
            simple |= bit;
        }
    }

    return simple;
}


static inline void
llmp_text_sse2_clear(llmp_text_sse2_error_t *error)
{
    *error = 0;
}


/* SSE2 has no table lookup: uses masks of leading and continuation bytes */

static inline void
llmp_text_sse2_utf8(llmp_text_sse2_error_t *error, const llmp_text_sse2_t *b,
    const u_char *p)
{
    uint64_t  lead, lead3, lead4, follow, due, before, before3, before4;

    follow = llmp_text_sse2_least(b, 0x80);
    lead = llmp_text_sse2_least(b, 0xc0);
    lead3 = llmp_text_sse2_least(b, 0xe0);
    lead4 = llmp_text_sse2_least(b, 0xf0);

    before = (p[-1] >= 0xc0);
    before3 = (uint64_t) (p[-1] >= 0xe0) << 1 | (p[-2] >= 0xe0);
    before4 = (uint64_t) (p[-1] >= 0xf0) << 2
              | (uint64_t) (p[-2] >= 0xf0) << 1 | (p[-3] >= 0xf0);

    follow &= ~lead;
    due = (lead << 1 | before) | (lead3 << 2 | before3)
          | (lead4 << 3 | before4);

    *error |= due ^ follow;

    /* C0 and C1 are overlong, F5 and above too large */

    *error |= llmp_text_sse2_equal(b, (char) 0xc0)
              | llmp_text_sse2_equal(b, (char) 0xc1)
              | llmp_text_sse2_least(b, 0xf5);

    /* the second byte of three or four may show an overlong form, ... */

    lead3 |= before3 >> 1;

    if (lead3 != 0) {
        lead = llmp_text_sse2_least(b, 0xa0);

        *error |= (llmp_text_sse2_equal(b, (char) 0xe0) << 1
                   | (p[-1] == 0xe0)) & ~lead;

        /* a surrogate, ... */

        *error |= (llmp_text_sse2_equal(b, (char) 0xed) << 1
                   | (p[-1] == 0xed)) & lead;
    }

    lead4 |= before4 >> 2;

    if (lead4 != 0) {
        lead = llmp_text_sse2_least(b, 0x90);

        *error |= (llmp_text_sse2_equal(b, (char) 0xf0) << 1
                   | (p[-1] == 0xf0)) & ~lead;

        /* or a character that is too large */

        *error |= (llmp_text_sse2_equal(b, (char) 0xf4) << 1
                   | (p[-1] == 0xf4)) & lead;
    }
}


static inline int
llmp_text_sse2_failed(const llmp_text_sse2_error_t *error)
{
    return *error != 0;
}


#define LLMP_BLOCK_TEXT  llmp_text_sse2

#include "json/llmp_text_block.h"

#endif
