
/*
 * Copyright (C) llm-policy authors
 *
 * Removes the usage of tokens from a stream if only the gateway requested it.
 */


#ifndef _NGX_LLMP_USAGE_STRIP_H_INCLUDED_
#define _NGX_LLMP_USAGE_STRIP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* returns NGX_DECLINED if the response is no stream that can be read */

ngx_int_t ngx_llmp_usage_strip_init(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_str_t *type);

/* reads the next len bytes of a buffer */

ngx_int_t ngx_llmp_usage_strip_feed(ngx_llmp_usage_strip_t *uf, u_char *buf,
    size_t len);

/* consumes a buffer after all of it was fed; its flags are kept */

ngx_int_t ngx_llmp_usage_strip_end_buf(ngx_llmp_usage_strip_t *uf,
    ngx_buf_t *b);

/* passes the output to the next filter */

ngx_int_t ngx_llmp_usage_strip_send(ngx_http_request_t *r,
    ngx_llmp_usage_strip_t *uf, ngx_http_output_body_filter_pt next);


#endif /* _NGX_LLMP_USAGE_STRIP_H_INCLUDED_ */
