
/*
 * Copyright (C) llm-policy authors
 *
 * The hash of member names, for finding duplicates.
 */


#ifndef LLMP_SCAN_HASH_H_INCLUDED_
#define LLMP_SCAN_HASH_H_INCLUDED_


#include "json/llmp_scan_state.h"


#define LLMP_SCAN_HASH_PRIME  (((uint64_t) 1 << 61) - 1)


/*
 * The hash of a name is the value of a polynomial at a secret point, modulo a
 * prime.  The polynomial has no constant term.  Its coefficients are the bytes
 * of the name in UTF-8, seven at a time; the last one is made of the remaining
 * bytes, a 1 after them, and the depth of the object.  Two polynomials of
 * degree n are equal at n points at most, so different names collide for n
 * seeds of 2^60, even if an attacker chooses the names.
 *
 * There are at least two coefficients; the first has up to seven bytes.  So
 * most names have two, even short ones.
 */

static inline uint64_t
llmp_scan_hash_modulo(llmp_uint128_t product)
{
    uint64_t  sum;

    /* 2^61 is 1 modulo 2^61 - 1; the product is below 2^122 */

    sum = ((uint64_t) product & LLMP_SCAN_HASH_PRIME)
          + (uint64_t) (product >> 61);

    return (sum >= LLMP_SCAN_HASH_PRIME) ? sum - LLMP_SCAN_HASH_PRIME : sum;
}


static inline uint64_t
llmp_scan_hash(uint64_t hash, uint64_t point, uint64_t coefficient)
{
    /* the sum is below 2^62, and the point below 2^60 */

    return llmp_scan_hash_modulo((llmp_uint128_t) (hash + coefficient) * point);
}


/* reads 8 bytes, the first as the lowest, on any machine */

static inline uint64_t
llmp_scan_hash_load(const u_char *p)
{
    return (uint64_t) p[0] | (uint64_t) p[1] << 8 | (uint64_t) p[2] << 16
           | (uint64_t) p[3] << 24 | (uint64_t) p[4] << 32
           | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48
           | (uint64_t) p[7] << 56;
}


/* returns the lowest n bytes; n is at most 7 */

static inline uint64_t
llmp_scan_hash_bytes(uint64_t bytes, size_t n)
{
    return bytes & (((uint64_t) 1 << (8 * n)) - 1);
}


/* last coefficient, made of n bytes, without the depth */
#define llmp_scan_hash_end(bytes, n)                                          \
    (llmp_scan_hash_bytes(bytes, n) | (uint64_t) 1 << (8 * (n)))

#define llmp_scan_hash_depth(depth)  ((uint64_t) (depth) << 50)


/* returns the hash of a name with two coefficients */

static inline uint64_t
llmp_scan_hash_two(const llmp_scan_t *scan, uint64_t first, uint64_t last)
{
    return llmp_scan_hash_modulo((llmp_uint128_t) first * scan->square
                                 + (llmp_uint128_t) (last
                                  | llmp_scan_hash_depth(scan->depth))
                              * scan->point);
}


#endif /* LLMP_SCAN_HASH_H_INCLUDED_ */
