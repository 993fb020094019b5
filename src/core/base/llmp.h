
/*
 * Copyright (C) llm-policy authors
 *
 * Common types of the core, which includes no nginx header.  Its return codes
 * equal those of nginx in value, so that the module can pass them on.
 */


#ifndef LLMP_H_INCLUDED_
#define LLMP_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>


#define LLMP_VERSION  "0.1.0"


#define LLMP_OK         0
#define LLMP_ERROR     -1
#define LLMP_AGAIN     -2
#define LLMP_DECLINED  -5


typedef intptr_t   llmp_int_t;
typedef uintptr_t  llmp_uint_t;

__extension__ typedef unsigned __int128  llmp_uint128_t;


typedef struct {
    size_t   len;
    u_char  *data;
} llmp_str_t;


#define llmp_string(str)  { sizeof(str) - 1, (u_char *) str }
#define llmp_null_string  { 0, NULL }


/*
 * A source of memory: nginx's ngx_pool_t, or an arena (llmp_arena.h).  The
 * owner of the pool releases all of its memory at once.
 *
 * alloc() returns size bytes aligned for any type, not cleared, or NULL.
 * release() returns the memory of one alloc() before that, if the pool can;
 * NULL: the pool never does.
 */

typedef struct {
    void  *(*alloc)(void *data, size_t size);
    void   (*release)(void *data, void *p);
    void    *data;
} llmp_pool_t;


#define llmp_palloc(pool, size)  ((pool)->alloc((pool)->data, size))


/* returns size bytes of cleared memory, or NULL */

static inline void *
llmp_pcalloc(llmp_pool_t *pool, size_t size)
{
    void  *p;

    p = llmp_palloc(pool, size);
    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


/* returns memory that is not needed any more to its pool; p may be NULL */

static inline void
llmp_pfree(llmp_pool_t *pool, void *p)
{
    if (p != NULL && pool->release != NULL) {
        pool->release(pool->data, p);
    }
}


static inline llmp_int_t
llmp_str_eq(const llmp_str_t *a, const llmp_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


/* compares bytes, then lengths; returns < 0, 0 or > 0 */

static inline int
llmp_str_cmp(const llmp_str_t *one, const llmp_str_t *two)
{
    int     rc;
    size_t  n;

    n = (one->len < two->len) ? one->len : two->len;

    rc = (n != 0) ? memcmp(one->data, two->data, n) : 0;

    if (rc != 0) {
        return rc;
    }

    return (one->len > two->len) - (one->len < two->len);
}


/* returns 1 if a string equals a NUL-terminated text */

static inline llmp_uint_t
llmp_str_is(const llmp_str_t *str, const char *text)
{
    size_t  len;

    len = strlen(text);

    return str->len == len
           && (len == 0 || memcmp(str->data, text, len) == 0);
}


/* returns 1 if a string contains the len bytes at text; len is not 0; for short
   strings, since the time is up to the product of both lengths */

static inline llmp_uint_t
llmp_str_has(const llmp_str_t *str, const void *text, size_t len)
{
    size_t  i;

    for (i = 0; i + len <= str->len; i++) {
        if (memcmp(str->data + i, text, len) == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * JSON types of values, as bits of a set.
 */

#define LLMP_TYPE_NULL     0x01
#define LLMP_TYPE_BOOLEAN  0x02
#define LLMP_TYPE_NUMBER   0x04
#define LLMP_TYPE_STRING   0x08
#define LLMP_TYPE_ARRAY    0x10
#define LLMP_TYPE_OBJECT   0x20

#define LLMP_TYPE_SCALAR   (LLMP_TYPE_NULL | LLMP_TYPE_BOOLEAN                \
                            | LLMP_TYPE_NUMBER | LLMP_TYPE_STRING)


#endif /* LLMP_H_INCLUDED_ */
