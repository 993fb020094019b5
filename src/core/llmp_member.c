
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_member.h"


#define LLMP_MEMBERS_START  16


llmp_int_t
llmp_members_add(llmp_members_t *members, llmp_pool_t *pool,
    const llmp_watch_t *watch, llmp_uint_t type, uint64_t start)
{
    llmp_member_t  *m, *elts;

    if (members->nelts == LLMP_MEMBERS_MAX) {
        return LLMP_DECLINED;
    }

    elts = llmp_room(pool, members->elts, members->nelts, &members->size,
                     LLMP_MEMBERS_START, sizeof(llmp_member_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    members->elts = elts;
    m = &elts[members->nelts];

    memset(m, 0, sizeof(llmp_member_t));

    m->watch = watch;
    m->type = (uint8_t) type;
    m->start = start;
    m->last = members->nelts++;

    return LLMP_OK;
}
