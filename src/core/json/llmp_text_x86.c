
/*
 * Copyright (C) llm-policy authors
 *
 * Text by blocks, with what the CPUs of x86-64 have.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_text_plain.h"
#include "json/llmp_text_scalar.h"
#include "json/llmp_text_tables.h"
#include "json/llmp_text_x86.h"

#if (__x86_64__)

#include <immintrin.h>


/* one of llmp_text_rows, for the set of instructions that is defined */
#define llmp_row(name)  LLMP_BLOCK(row)(LLMP_ROW_##name)


static const u_char *llmp_text_rest(const u_char *buf, const u_char *p,
    const u_char *end);


/* what is less than a block: most of it is plain */

static const u_char *
llmp_text_rest(const u_char *buf, const u_char *p, const u_char *end)
{
    const u_char  *next;

    for ( ;; ) {
        p = llmp_text_plain(buf, p, end);

        if (p == end) {
            return p;
        }

        next = llmp_text_step(p, end);

        if (next == p) {
            return p;
        }

        p = next;
    }
}


/* ---- SSE2, which every one of them has ---- */

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


/* bytes that are ch or more, as unsigned */

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

        /* as signed bytes, control characters and those of multibyte
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


/* not as close as it may be: all escapes are looked at */

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

        if (llmp_scan_unescape(p[__builtin_ctzll(bit)])) {
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


/* no instruction looks up in tables yet: masks, of who leads and who follows */

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

    /* of three bytes or four, the second may tell an overlong form, ... */

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

        /* or one too large */

        *error |= (llmp_text_sse2_equal(b, (char) 0xf4) << 1
                   | (p[-1] == 0xf4)) & lead;
    }
}


static inline int
llmp_text_sse2_failed(const llmp_text_sse2_error_t *error)
{
    return *error != 0;
}


#include "json/llmp_text_block.h"

#undef LLMP_BLOCK
#undef LLMP_BLOCK_TARGET


/* ---- AVX2 ---- */

#define LLMP_BLOCK(name)   llmp_text_avx2_##name
#define LLMP_BLOCK_TARGET  __attribute__((target("avx2,bmi")))

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
    /* as signed bytes, control characters and those of multibyte characters
       are both less than a space */

    return _mm256_or_si256(_mm256_cmpgt_epi8(llmp_row(SPACE), v),
               _mm256_or_si256(_mm256_cmpeq_epi8(v, llmp_row(QUOTE)),
                               _mm256_cmpeq_epi8(v, llmp_row(BACKSLASH))));
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

    most = llmp_row(CONTROL);

    return _mm256_or_si256(
               _mm256_cmpeq_epi8(_mm256_max_epu8(v, most), most),
               _mm256_or_si256(
                   _mm256_cmpeq_epi8(v, llmp_row(QUOTE)),
                   _mm256_cmpeq_epi8(v,
                       llmp_row(BACKSLASH))));
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
    __m256i  most = llmp_row(CONTROL);

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
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), llmp_row(NIBBLE));
}


/* what a byte is: the sign is that of control characters, other bits those of
   simple escapes */

LLMP_BLOCK_TARGET
static inline __m256i
llmp_text_avx2_kind_32(__m256i v)
{
    return _mm256_and_si256(
               _mm256_shuffle_epi8(llmp_row(KIND_HIGH),
                                   llmp_text_avx2_nibble(v)),
               _mm256_shuffle_epi8(llmp_row(KIND_LOW), v));
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

    backslash = llmp_row(BACKSLASH);

    one = _mm256_loadu_si256((const __m256i *) (p - 1));
    two = _mm256_loadu_si256((const __m256i *) (p - 2));
    three = _mm256_loadu_si256((const __m256i *) (p - 3));

    one = _mm256_cmpeq_epi8(one, backslash);
    two = _mm256_cmpeq_epi8(two, backslash);
    three = _mm256_cmpeq_epi8(three, backslash);

    kind = llmp_text_avx2_kind_32(v);
    quote = _mm256_cmpeq_epi8(v, llmp_row(QUOTE));

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
               _mm256_shuffle_epi8(llmp_row(FIRST_HIGH),
                                   llmp_text_avx2_nibble(one)),
               _mm256_shuffle_epi8(llmp_row(FIRST_LOW),
                                   _mm256_and_si256(one,
                                       llmp_row(NIBBLE))));
    pair = _mm256_and_si256(pair,
               _mm256_shuffle_epi8(llmp_row(SECOND_HIGH),
                                   llmp_text_avx2_nibble(v)));

    /* the third byte of three, the third or fourth of four */

    due = _mm256_or_si256(
              _mm256_subs_epu8(two, llmp_row(LEAD_3)),
              _mm256_subs_epu8(three, llmp_row(LEAD_4)));
    due = _mm256_and_si256(due, llmp_row(80));

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


#include "json/llmp_text_block.h"

#undef LLMP_BLOCK
#undef LLMP_BLOCK_TARGET


/* ---- AVX-512 ---- */

#define LLMP_BLOCK(name)   llmp_text_avx512_##name
#define LLMP_BLOCK_TARGET                                                     \
    __attribute__((target("avx512f,avx512bw,bmi")))

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
    /* as signed bytes, control characters and those of multibyte characters
       are both less than a space */

    return (_mm512_cmplt_epi8_mask(*b, llmp_row(SPACE))
            | llmp_text_avx512_equal(b, '"')
            | llmp_text_avx512_equal(b, '\\')) != 0;
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_marked(const llmp_text_avx512_t *b)
{
    return (_mm512_cmplt_epu8_mask(*b, llmp_row(SPACE))
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
    return _mm512_cmplt_epu8_mask(*b, llmp_row(SPACE));
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
    return _mm512_and_si512(_mm512_srli_epi16(v, 4), llmp_row(NIBBLE));
}


LLMP_BLOCK_TARGET
static inline __m512i
llmp_text_avx512_kind(__m512i v)
{
    return _mm512_and_si512(
               _mm512_shuffle_epi8(llmp_row(KIND_HIGH),
                                   llmp_text_avx512_nibble(v)),
               _mm512_shuffle_epi8(llmp_row(KIND_LOW), v));
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

    backslash = llmp_row(BACKSLASH);

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
               _mm512_shuffle_epi8(llmp_row(FIRST_HIGH),
                                   llmp_text_avx512_nibble(one)),
               _mm512_shuffle_epi8(llmp_row(FIRST_LOW),
                                   _mm512_and_si512(one,
                                                    llmp_row(NIBBLE))));
    pair = _mm512_and_si512(pair,
               _mm512_shuffle_epi8(llmp_row(SECOND_HIGH),
                                   llmp_text_avx512_nibble(*b)));

    /* the third byte of three, the third or fourth of four */

    due = _mm512_or_si512(
              _mm512_subs_epu8(two, llmp_row(LEAD_3)),
              _mm512_subs_epu8(three, llmp_row(LEAD_4)));
    due = _mm512_and_si512(due, llmp_row(80));

    *error = _mm512_or_si512(*error, _mm512_xor_si512(pair, due));
}


LLMP_BLOCK_TARGET
static inline int
llmp_text_avx512_failed(const llmp_text_avx512_error_t *error)
{
    return _mm512_test_epi8_mask(*error, *error) != 0;
}


#include "json/llmp_text_block.h"

#undef LLMP_BLOCK
#undef LLMP_BLOCK_TARGET

#endif
