
/*
 * Copyright (C) llm-policy authors
 *
 * Arrays that grow.
 */


#ifndef LLMP_ARRAY_H_INCLUDED_
#define LLMP_ARRAY_H_INCLUDED_


#include "base/llmp.h"


/*
 * Ensures that an array of n elements has room for one more.  *size is its
 * capacity in elements, elt the size of an element in bytes.
 *
 * Returns the array if it has room.  If it is full, returns a copy with twice
 * the capacity, or a capacity of first if *size was 0, and updates *size.
 * Returns NULL if there is no memory.  Memory comes from pool; the memory of
 * the old array is not released.
 */

static inline void *
llmp_array_grow(llmp_pool_t *pool, void *elts, llmp_uint_t n,
    llmp_uint_t *size, llmp_uint_t first, size_t elt)
{
    void         *p;
    llmp_uint_t   next;

    if (n < *size) {
        return elts;
    }

    next = (*size != 0) ? 2 * *size : first;

    p = llmp_palloc(pool, next * elt);
    if (p == NULL) {
        return NULL;
    }

    if (n != 0) {
        memcpy(p, elts, n * elt);
    }

    *size = next;

    return p;
}


#endif /* LLMP_ARRAY_H_INCLUDED_ */
