
/*
 * Copyright (C) llm-policy authors
 *
 * Hashes and bits for finding the children of a node.
 */


#ifndef LLMP_WATCH_INDEX_H_INCLUDED_
#define LLMP_WATCH_INDEX_H_INCLUDED_


#include "base/llmp.h"


/* number of children from which a node has hash tables; fewer are searched */
#define LLMP_WATCH_INDEX_MIN   8

/* number of classes of characters at the ends of a fold */
#define LLMP_WATCH_INDEX_ENDS  32

/* one of 64 bits, by the classes of the first and last character of a fold */
#define llmp_watch_index_bit(first, last)                                     \
    ((uint64_t) 1 << (((first) * 7 + (last)) % 64))


/* returns the bit of a fold, 0 if the fold is empty */

static inline uint64_t
llmp_watch_index_ends(const llmp_str_t *folded)
{
    return (folded->len != 0)
           ? llmp_watch_index_bit(folded->data[0] % LLMP_WATCH_INDEX_ENDS,
                                  folded->data[folded->len - 1]
                                  % LLMP_WATCH_INDEX_ENDS)
           : 0;
}


static inline uint32_t
llmp_watch_index_name_hash(const llmp_str_t *name)
{
    size_t    n;
    uint32_t  low, high;
    uint64_t  first, last;

    n = name->len;

    if (n >= 8) {
        memcpy(&first, name->data, 8);
        memcpy(&last, name->data + n - 8, 8);

    } else if (n >= 4) {
        memcpy(&low, name->data, 4);
        memcpy(&high, name->data + n - 4, 4);

        first = low;
        last = high;

    } else {
        first = (n != 0) ? name->data[0] | name->data[n / 2] << 8 : 0;
        last = (n != 0) ? name->data[n - 1] : 0;
    }

    first = (first ^ n) * 0x9e3779b97f4a7c15 ^ last;
    first *= 0xbf58476d1ce4e5b9;

    return (uint32_t) (first >> 32);
}


static inline uint32_t
llmp_watch_index_fold_hash(const llmp_str_t *folded)
{
    size_t    i;
    uint32_t  hash;

    hash = (uint32_t) folded->len;

    for (i = 0; i < folded->len; i++) {
        hash = (hash ^ folded->data[i]) * 0x9e3779b1;
        hash ^= hash >> 15;
    }

    return hash;
}


#endif /* LLMP_WATCH_INDEX_H_INCLUDED_ */
