
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_member.h"


#define LLMP_MEMBERS_START  16


static llmp_int_t llmp_members_grow(llmp_members_t *members,
    llmp_pool_t *pool);


llmp_int_t
llmp_members_add(llmp_members_t *members, llmp_pool_t *pool,
    const llmp_watch_t *watch, llmp_uint_t type, uint64_t start)
{
    llmp_int_t      rc;
    llmp_member_t  *m;

    if (members->nelts == members->size) {
        rc = llmp_members_grow(members, pool);

        if (rc != LLMP_OK) {
            return rc;
        }
    }

    m = &members->elts[members->nelts];

    memset(m, 0, sizeof(llmp_member_t));

    m->watch = watch;
    m->type = (uint8_t) type;
    m->start = start;
    m->last = members->nelts++;

    return LLMP_OK;
}


static llmp_int_t
llmp_members_grow(llmp_members_t *members, llmp_pool_t *pool)
{
    uint32_t        size;
    llmp_member_t  *elts;

    size = members->size;

    if (size == LLMP_MEMBERS_MAX) {
        return LLMP_DECLINED;
    }

    size = (size != 0) ? 2 * size : LLMP_MEMBERS_START;

    elts = llmp_palloc(pool, size * sizeof(llmp_member_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    if (members->nelts != 0) {
        memcpy(elts, members->elts, members->nelts * sizeof(llmp_member_t));
    }

    members->elts = elts;
    members->size = size;

    return LLMP_OK;
}
