
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text in blocks, with AVX-512.
 */


#if (__x86_64__)

#include <immintrin.h>

#include "json/llmp_text_avx512.h"
#include "json/llmp_text_tables.h"


#define LLMP_BLOCK(name)   llmp_text_avx512_##name
#define LLMP_BLOCK_TARGET                                                     \
    __attribute__((target("avx512f,avx512bw,bmi")))

/* a row of llmp_text_rows */
#define LLMP_ROW(name)  llmp_text_avx512_row(LLMP_ROW_##name)


typedef __m512i  llmp_text_avx512_t;
typedef __m512i  llmp_text_avx512_error_t;


LLMP_BLOCK_TARGET
static inline __m512i
llmp_text_avx512_row(llmp_text_row_e row)
{
    return _mm512_load_si512(llmp_text_rows[row]);
}


LLMP_BLOCK_TARGET
static inline llmp_text_avx512_t
llmp_text_avx512_load(const u_char *p)
{
    return _mm512_loadu_si512(p);
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_equal(const llmp_text_avx512_t *b, char ch)
{
    return _mm512_cmpeq_epi8_mask(*b, _mm512_set1_epi8(ch));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_special(const llmp_text_avx512_t *b)
{
    /* as signed bytes, control characters and bytes of multibyte characters are
       both less than a space */

    return (_mm512_cmplt_epi8_mask(*b, LLMP_ROW(SPACE))
            | llmp_text_avx512_equal(b, '"')
            | llmp_text_avx512_equal(b, '\\')) != 0;
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_marked(const llmp_text_avx512_t *b)
{
    return (_mm512_cmplt_epu8_mask(*b, LLMP_ROW(SPACE))
            | llmp_text_avx512_equal(b, '"')
            | llmp_text_avx512_equal(b, '\\')) != 0;
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_ascii(const llmp_text_avx512_t *b)
{
    return _mm512_movepi8_mask(*b) == 0;
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_quote(const llmp_text_avx512_t *b)
{
    return llmp_text_avx512_equal(b, '"');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_backslash(const llmp_text_avx512_t *b)
{
    return llmp_text_avx512_equal(b, '\\');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_control(const llmp_text_avx512_t *b)
{
    return _mm512_cmplt_epu8_mask(*b, LLMP_ROW(SPACE));
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_letter_u(const llmp_text_avx512_t *b)
{
    return llmp_text_avx512_equal(b, 'u');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_digit_d(const llmp_text_avx512_t *b)
{
    return llmp_text_avx512_equal(b, 'd') | llmp_text_avx512_equal(b, 'D');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_hex(const llmp_text_avx512_t *b)
{
    __m512i  digit, letter;

    digit = _mm512_sub_epi8(*b, _mm512_set1_epi8('0'));
    letter = _mm512_sub_epi8(_mm512_or_si512(*b, _mm512_set1_epi8(0x20)),
                             _mm512_set1_epi8('a'));

    return _mm512_cmplt_epu8_mask(digit, _mm512_set1_epi8(10))
           | _mm512_cmplt_epu8_mask(letter, _mm512_set1_epi8(6));
}


LLMP_BLOCK_TARGET
static inline __m512i
llmp_text_avx512_nibble(__m512i v)
{
    return _mm512_and_si512(_mm512_srli_epi16(v, 4), LLMP_ROW(NIBBLE));
}


LLMP_BLOCK_TARGET
static inline __m512i
llmp_text_avx512_kind(__m512i v)
{
    return _mm512_and_si512(
               _mm512_shuffle_epi8(LLMP_ROW(KIND_HIGH),
                                   llmp_text_avx512_nibble(v)),
               _mm512_shuffle_epi8(LLMP_ROW(KIND_LOW), v));
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx512_simple(const llmp_text_avx512_t *b, const u_char *p,
    uint64_t escaped)
{
    (void) p;
    (void) escaped;

    return _mm512_cmpgt_epi8_mask(llmp_text_avx512_kind(*b),
                                  _mm512_setzero_si512());
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_stops(const llmp_text_avx512_t *b, const u_char *p)
{
    __m512i   kind, backslash;
    uint64_t  one, two, three, quote, bad;

    backslash = LLMP_ROW(BACKSLASH);

    one = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p - 1), backslash);
    two = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p - 2), backslash);
    three = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p - 3), backslash);

    quote = llmp_text_avx512_equal(b, '"');

    kind = llmp_text_avx512_kind(*b);
    bad = _mm512_cmpeq_epi8_mask(kind, _mm512_setzero_si512());

    one &= ~two | three;

    return ((quote & ~one) | (one & (two | bad)) | _mm512_movepi8_mask(kind))
           != 0;
}


LLMP_BLOCK_TARGET
static inline void
llmp_text_avx512_clear(llmp_text_avx512_error_t *error)
{
    *error = _mm512_setzero_si512();
}


LLMP_BLOCK_TARGET
static inline void
llmp_text_avx512_utf8(llmp_text_avx512_error_t *error,
    const llmp_text_avx512_t *b, const u_char *p)
{
    __m512i  one, two, three, pair, due;

    one = _mm512_loadu_si512(p - 1);
    two = _mm512_loadu_si512(p - 2);
    three = _mm512_loadu_si512(p - 3);

    pair = _mm512_and_si512(
               _mm512_shuffle_epi8(LLMP_ROW(FIRST_HIGH),
                                   llmp_text_avx512_nibble(one)),
               _mm512_shuffle_epi8(LLMP_ROW(FIRST_LOW),
                                   _mm512_and_si512(one,
                                                    LLMP_ROW(NIBBLE))));
    pair = _mm512_and_si512(pair,
               _mm512_shuffle_epi8(LLMP_ROW(SECOND_HIGH),
                                   llmp_text_avx512_nibble(*b)));

    /* third byte of three, third or fourth byte of four */

    due = _mm512_or_si512(
              _mm512_subs_epu8(two, LLMP_ROW(LEAD_3)),
              _mm512_subs_epu8(three, LLMP_ROW(LEAD_4)));
    due = _mm512_and_si512(due, LLMP_ROW(80));

    *error = _mm512_or_si512(*error, _mm512_xor_si512(pair, due));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_failed(const llmp_text_avx512_error_t *error)
{
    return _mm512_test_epi8_mask(*error, *error) != 0;
}


#define LLMP_BLOCK_TEXT  llmp_text_avx512

#include "json/llmp_text_block.h"

#endif
