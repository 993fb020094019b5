
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_array.h"
#include "watch/llmp_member.h"


#define LLMP_MEMBERS_MIN  16


llmp_int_t
llmp_member_reserve(llmp_members_t *members, llmp_pool_t *pool)
{
    llmp_member_t  *elts;

    if (members->nelts == LLMP_MEMBERS_MAX) {
        return LLMP_DECLINED;
    }

    elts = llmp_array_grow(pool, members->elts, members->nelts, &members->size,
                           LLMP_MEMBERS_MIN, sizeof(llmp_member_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    members->elts = elts;

    return LLMP_OK;
}
