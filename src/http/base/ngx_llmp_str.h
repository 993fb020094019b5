
/*
 * Copyright (C) llm-policy authors
 *
 * Conversion of strings to llmp_str_t.
 */


#ifndef _NGX_LLMP_STR_H_INCLUDED_
#define _NGX_LLMP_STR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "base/llmp.h"


/* ngx_str_t has the same members, but is another type for the compiler */

static ngx_inline llmp_str_t
ngx_llmp_str(ngx_str_t *str)
{
    llmp_str_t  s;

    s.len = str->len;
    s.data = str->data;

    return s;
}


/* converts a string of C; data is NULL if it is NULL */

static ngx_inline llmp_str_t
ngx_llmp_str_c(const char *str)
{
    llmp_str_t  s;

    s.len = str ? ngx_strlen(str) : 0;
    s.data = (u_char *) str;

    return s;
}


#endif /* _NGX_LLMP_STR_H_INCLUDED_ */
