
/*
 * Copyright (C) llm-policy authors
 *
 * Use of the zone of limits, for the status page.
 */


#ifndef _NGX_LLMP_LIMIT_STATUS_H_INCLUDED_
#define _NGX_LLMP_LIMIT_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "limit/ngx_llmp_limit_key.h"

#include "limit/llmp_limit.h"


#define NGX_LLMP_LIMIT_CLOSE_CALLERS  10


/* a tenant that is close to one of its limits */

typedef struct {
    u_char                    name[NGX_LLMP_LIMIT_KEY_MAX];
    size_t                    len;
    llmp_limit_nearest_t      nearest;
} ngx_llmp_close_caller_t;


typedef struct {
    ngx_str_t                 name;
    size_t                    size;      /* bytes */
    size_t                    free;      /* bytes, in whole pages */
    ngx_uint_t                keys;
    ngx_uint_t                evicted;
    ngx_uint_t                ncallers;
    ngx_llmp_close_caller_t   callers[NGX_LLMP_LIMIT_CLOSE_CALLERS];
} ngx_llmp_limit_status_t;


/*
 * Returns NGX_OK, with the tenants that were seen last and are closest to a
 * limit; or NGX_DECLINED if there is no zone.
 */

ngx_int_t ngx_llmp_limit_status(ngx_http_request_t *r,
    ngx_llmp_limit_status_t *status);


#endif /* _NGX_LLMP_LIMIT_STATUS_H_INCLUDED_ */
