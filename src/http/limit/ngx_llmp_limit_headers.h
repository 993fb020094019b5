
/*
 * Copyright (C) llm-policy authors
 *
 * Header fields about limits.
 */


#ifndef _NGX_LLMP_LIMIT_HEADERS_H_INCLUDED_
#define _NGX_LLMP_LIMIT_HEADERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* adds the fields of ctx->reservation to the response */

ngx_int_t ngx_llmp_limit_headers_add(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


#endif /* _NGX_LLMP_LIMIT_HEADERS_H_INCLUDED_ */
