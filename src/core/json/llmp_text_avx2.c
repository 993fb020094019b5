
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text in blocks, with AVX2.
 */


#if (__x86_64__)

#include <immintrin.h>

#include "json/llmp_text_avx2.h"
#include "json/llmp_text_tables.h"


#define LLMP_BLOCK(name)   llmp_text_avx2_##name
#define LLMP_BLOCK_TARGET  __attribute__((target("avx2,bmi")))

/* a row of llmp_text_rows */
#define LLMP_ROW(name)  llmp_text_avx2_row(LLMP_ROW_##name)


typedef struct {
    __m256i   v[2];
} llmp_text_avx2_t;

typedef __m256i  llmp_text_avx2_error_t;


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_row(llmp_text_row_e row)
{
    return _mm256_load_si256((const __m256i *) llmp_text_rows[row]);
}


LLMP_BLOCK_TARGET
static inline llmp_text_avx2_t
llmp_text_avx2_load(const u_char *p)
{
    llmp_text_avx2_t  b;

    b.v[0] = _mm256_loadu_si256((const __m256i *) p);
    b.v[1] = _mm256_loadu_si256((const __m256i *) (p + 32));

    return b;
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_mask(__m256i a, __m256i b)
{
    return (uint32_t) _mm256_movemask_epi8(a)
           | (uint64_t) (uint32_t) _mm256_movemask_epi8(b) << 32;
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_equal(const llmp_text_avx2_t *b, char ch)
{
    __m256i  with = _mm256_set1_epi8(ch);

    return llmp_text_avx2_mask(_mm256_cmpeq_epi8(b->v[0], with),
                               _mm256_cmpeq_epi8(b->v[1], with));
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_special_32(__m256i v)
{
    /* as signed bytes, control characters and bytes of multibyte characters are
       both less than a space */

    return _mm256_or_si256(_mm256_cmpgt_epi8(LLMP_ROW(SPACE), v),
               _mm256_or_si256(_mm256_cmpeq_epi8(v, LLMP_ROW(QUOTE)),
                               _mm256_cmpeq_epi8(v, LLMP_ROW(BACKSLASH))));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx2_special(const llmp_text_avx2_t *b)
{
    return _mm256_movemask_epi8(
               _mm256_or_si256(llmp_text_avx2_special_32(b->v[0]),
                               llmp_text_avx2_special_32(b->v[1]))) != 0;
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_marked_32(__m256i v)
{
    __m256i  most;

    most = LLMP_ROW(CONTROL);

    return _mm256_or_si256(
               _mm256_cmpeq_epi8(_mm256_max_epu8(v, most), most),
               _mm256_or_si256(
                   _mm256_cmpeq_epi8(v, LLMP_ROW(QUOTE)),
                   _mm256_cmpeq_epi8(v,
                       LLMP_ROW(BACKSLASH))));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx2_marked(const llmp_text_avx2_t *b)
{
    return _mm256_movemask_epi8(
               _mm256_or_si256(llmp_text_avx2_marked_32(b->v[0]),
                               llmp_text_avx2_marked_32(b->v[1]))) != 0;
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx2_ascii(const llmp_text_avx2_t *b)
{
    return _mm256_movemask_epi8(_mm256_or_si256(b->v[0], b->v[1])) == 0;
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_quote(const llmp_text_avx2_t *b)
{
    return llmp_text_avx2_equal(b, '"');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_backslash(const llmp_text_avx2_t *b)
{
    return llmp_text_avx2_equal(b, '\\');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_control(const llmp_text_avx2_t *b)
{
    __m256i  most = LLMP_ROW(CONTROL);

    return llmp_text_avx2_mask(
               _mm256_cmpeq_epi8(_mm256_max_epu8(b->v[0], most), most),
               _mm256_cmpeq_epi8(_mm256_max_epu8(b->v[1], most), most));
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_letter_u(const llmp_text_avx2_t *b)
{
    return llmp_text_avx2_equal(b, 'u');
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_digit_d(const llmp_text_avx2_t *b)
{
    return llmp_text_avx2_equal(b, 'd') | llmp_text_avx2_equal(b, 'D');
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_hex_32(__m256i v)
{
    __m256i  digit, letter;

    digit = _mm256_sub_epi8(v, _mm256_set1_epi8('0'));
    digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)),
                              digit);

    letter = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
    letter = _mm256_sub_epi8(letter, _mm256_set1_epi8('a'));
    letter = _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)),
                               letter);

    return _mm256_or_si256(digit, letter);
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_hex(const llmp_text_avx2_t *b)
{
    return llmp_text_avx2_mask(llmp_text_avx2_hex_32(b->v[0]),
                               llmp_text_avx2_hex_32(b->v[1]));
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_nibble(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), LLMP_ROW(NIBBLE));
}


/* returns the kind of each byte: negative for a control character, positive for
   the last byte of a simple escape, 0 for others */

LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_kind_32(__m256i v)
{
    return _mm256_and_si256(
               _mm256_shuffle_epi8(LLMP_ROW(KIND_HIGH),
                                   llmp_text_avx2_nibble(v)),
               _mm256_shuffle_epi8(LLMP_ROW(KIND_LOW), v));
}


LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_avx2_simple(const llmp_text_avx2_t *b, const u_char *p,
    uint64_t escaped)
{
    (void) p;
    (void) escaped;

    return llmp_text_avx2_mask(
               _mm256_cmpgt_epi8(llmp_text_avx2_kind_32(b->v[0]),
                                 _mm256_setzero_si256()),
               _mm256_cmpgt_epi8(llmp_text_avx2_kind_32(b->v[1]),
                                 _mm256_setzero_si256()));
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_stops_32(__m256i v, const u_char *p)
{
    __m256i  one, two, three, kind, quote, backslash;

    backslash = LLMP_ROW(BACKSLASH);

    one = _mm256_loadu_si256((const __m256i *) (p - 1));
    two = _mm256_loadu_si256((const __m256i *) (p - 2));
    three = _mm256_loadu_si256((const __m256i *) (p - 3));

    one = _mm256_cmpeq_epi8(one, backslash);
    two = _mm256_cmpeq_epi8(two, backslash);
    three = _mm256_cmpeq_epi8(three, backslash);

    kind = llmp_text_avx2_kind_32(v);
    quote = _mm256_cmpeq_epi8(v, LLMP_ROW(QUOTE));

    one = _mm256_andnot_si256(_mm256_andnot_si256(three, two), one);
    two = _mm256_or_si256(two,
                          _mm256_cmpeq_epi8(kind, _mm256_setzero_si256()));

    return _mm256_or_si256(kind, _mm256_blendv_epi8(quote, two, one));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx2_stops(const llmp_text_avx2_t *b, const u_char *p)
{
    return _mm256_movemask_epi8(
               _mm256_or_si256(llmp_text_avx2_stops_32(b->v[0], p),
                               llmp_text_avx2_stops_32(b->v[1], p + 32)))
           != 0;
}


LLMP_BLOCK_TARGET
static inline void
llmp_text_avx2_clear(llmp_text_avx2_error_t *error)
{
    *error = _mm256_setzero_si256();
}


LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_utf8_32(__m256i v, __m256i one, __m256i two, __m256i three)
{
    __m256i  pair, due;

    pair = _mm256_and_si256(
               _mm256_shuffle_epi8(LLMP_ROW(FIRST_HIGH),
                                   llmp_text_avx2_nibble(one)),
               _mm256_shuffle_epi8(LLMP_ROW(FIRST_LOW),
                                   _mm256_and_si256(one,
                                       LLMP_ROW(NIBBLE))));
    pair = _mm256_and_si256(pair,
               _mm256_shuffle_epi8(LLMP_ROW(SECOND_HIGH),
                                   llmp_text_avx2_nibble(v)));

    /* third byte of three, third or fourth byte of four */

    due = _mm256_or_si256(
              _mm256_subs_epu8(two, LLMP_ROW(LEAD_3)),
              _mm256_subs_epu8(three, LLMP_ROW(LEAD_4)));
    due = _mm256_and_si256(due, LLMP_ROW(80));

    return _mm256_xor_si256(pair, due);
}


LLMP_BLOCK_TARGET
static inline void
llmp_text_avx2_utf8(llmp_text_avx2_error_t *error, const llmp_text_avx2_t *b,
    const u_char *p)
{
    __m256i  e, m;

    e = llmp_text_avx2_utf8_32(b->v[0],
            _mm256_loadu_si256((const __m256i *) (p - 1)),
            _mm256_loadu_si256((const __m256i *) (p - 2)),
            _mm256_loadu_si256((const __m256i *) (p - 3)));
    m = _mm256_permute2x128_si256(b->v[0], b->v[1], 0x21);
    e = _mm256_or_si256(e, llmp_text_avx2_utf8_32(b->v[1],
            _mm256_alignr_epi8(b->v[1], m, 15),
            _mm256_alignr_epi8(b->v[1], m, 14),
            _mm256_alignr_epi8(b->v[1], m, 13)));
    *error = _mm256_or_si256(*error, e);
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx2_failed(const llmp_text_avx2_error_t *error)
{
    return !_mm256_testz_si256(*error, *error);
}


#define LLMP_BLOCK_TEXT  llmp_text_avx2

#include "json/llmp_text_block.h"

#endif
