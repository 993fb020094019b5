
/*
 * Copyright (C) llm-policy authors
 *
 * Bodies that are decided on while they pass.
 */


#ifndef _NGX_LLMP_STREAMING_H_INCLUDED_
#define _NGX_LLMP_STREAMING_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* returns 1 if the body will be decided on while it passes */

ngx_uint_t ngx_llmp_streaming_is_chosen(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);

/* prepares for the body; returns the result of the phase handler */

ngx_int_t ngx_llmp_streaming_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/*
 * Replaces the chain *in by the part of the body that can be forwarded.
 * Returns NGX_OK, or the status that the request ends with.
 */

ngx_int_t ngx_llmp_streaming_filter(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t **in);

/* called after the next filter */

void ngx_llmp_streaming_filtered(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* returns 1 if the body was sent and is not in memory any more */

ngx_uint_t ngx_llmp_streaming_body_is_gone(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


#endif /* _NGX_LLMP_STREAMING_H_INCLUDED_ */
