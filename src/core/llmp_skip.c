
/*
 * Copyright (C) llm-policy authors
 *
 * Skipping what most of a request is: the text inside its strings.
 */


#include "llmp_scan.h"

#if (__x86_64__)
#include <immintrin.h>
#endif


static const u_char *llmp_skip_bytes(const u_char *p, const u_char *end);
static const u_char *llmp_skip_choose(const u_char *p, const u_char *end);
#if (__x86_64__)
static const u_char *llmp_skip_16_bytes(const u_char *p, const u_char *end);
static const u_char *llmp_skip_32_bytes(const u_char *p, const u_char *end);
#endif


const llmp_skip_pt  llmp_skip_scalar = llmp_skip_bytes;
#if (__x86_64__)
const llmp_skip_pt  llmp_skip_sse2 = llmp_skip_16_bytes;
const llmp_skip_pt  llmp_skip_avx2 = llmp_skip_32_bytes;
#else
const llmp_skip_pt  llmp_skip_sse2 = NULL;
const llmp_skip_pt  llmp_skip_avx2 = NULL;
#endif


/* atomic, since nothing says that the first calls come from one thread */
static llmp_skip_pt  llmp_skip_best = llmp_skip_choose;


const u_char *
llmp_skip_plain(const u_char *p, const u_char *end)
{
    return __atomic_load_n(&llmp_skip_best, __ATOMIC_RELAXED)(p, end);
}


static const u_char *
llmp_skip_choose(const u_char *p, const u_char *end)
{
    llmp_skip_pt  best;

    best = llmp_skip_scalar;

#if (__x86_64__)
    best = __builtin_cpu_supports("avx2") ? llmp_skip_avx2 : llmp_skip_sse2;
#endif

    __atomic_store_n(&llmp_skip_best, best, __ATOMIC_RELAXED);

    return best(p, end);
}


static const u_char *
llmp_skip_bytes(const u_char *p, const u_char *end)
{
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\') {
        p++;
    }

    return p;
}


#if (__x86_64__)

/*
 * As signed bytes, control characters and those of multibyte characters are
 * both less than a space.
 */

static const u_char *
llmp_skip_16_bytes(const u_char *p, const u_char *end)
{
    int      mask;
    __m128i  bytes, special;

    while (end - p >= 16) {
        bytes = _mm_loadu_si128((const __m128i *) p);

        special = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
        special = _mm_or_si128(special,
                               _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        special = _mm_or_si128(special,
                               _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));

        mask = _mm_movemask_epi8(special);

        if (mask != 0) {
            return p + __builtin_ctz((unsigned) mask);
        }

        p += 16;
    }

    return llmp_skip_bytes(p, end);
}


__attribute__((target("avx2")))
static const u_char *
llmp_skip_32_bytes(const u_char *p, const u_char *end)
{
    int      mask;
    __m256i  bytes, special;

    while (end - p >= 32) {
        bytes = _mm256_loadu_si256((const __m256i *) p);

        special = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), bytes);
        special = _mm256_or_si256(special,
                      _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')));
        special = _mm256_or_si256(special,
                      _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));

        mask = _mm256_movemask_epi8(special);

        if (mask != 0) {
            return p + __builtin_ctz((unsigned) mask);
        }

        p += 32;
    }

    return llmp_skip_16_bytes(p, end);
}

#endif
