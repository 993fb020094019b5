
/*
 * Copyright (C) llm-policy authors
 *
 * Response to a request that was refused while its body passed: it replaces the
 * error page of nginx.
 */


#ifndef _NGX_LLMP_REFUSAL_PAGE_H_INCLUDED_
#define _NGX_LLMP_REFUSAL_PAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* sets the header of the response */

void ngx_llmp_refusal_page_header(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* consumes the page, in, and sets out to the refusal, once */

ngx_int_t ngx_llmp_refusal_page_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in, ngx_chain_t *out);


#endif /* _NGX_LLMP_REFUSAL_PAGE_H_INCLUDED_ */
