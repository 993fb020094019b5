
/*
 * Copyright (C) llm-policy authors
 *
 * The body of a request after it was read: a chain of buffers in memory and
 * in a temporary file.
 */


#ifndef _NGX_LLMP_BODY_H_INCLUDED_
#define _NGX_LLMP_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* registers nginx's variables that contain the body or its length */

ngx_int_t ngx_llmp_body_add_variables(ngx_conf_t *cf);

/* returns 1 if all of the body was read */

ngx_uint_t ngx_llmp_body_is_complete(ngx_http_request_t *r);

/* returns the size in bytes */

off_t ngx_llmp_body_size(ngx_http_request_t *r);

/* feeds all of the request's body to body; NGX_ERROR if it cannot be read */

ngx_int_t ngx_llmp_body_scan(ngx_http_request_t *r, llmp_body_t *body);

/* ends a decision: the body may be forwarded.  Returns NGX_DECLINED. */

ngx_int_t ngx_llmp_body_permit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_status_e status);

/*
 * Removes the body, so that nothing can forward it.  Returns NGX_DECLINED, or
 * NGX_ERROR if that is not possible.
 */

ngx_int_t ngx_llmp_body_drop(ngx_http_request_t *r);

/* sets the length for nginx, upstreams and variables */

ngx_int_t ngx_llmp_body_set_length(ngx_http_request_t *r, off_t length);

/* marks the body as the one that ctx has decided on */

void ngx_llmp_body_mark(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* returns 1 if the body is the one that was marked */

ngx_uint_t ngx_llmp_body_is_marked(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);


#endif /* _NGX_LLMP_BODY_H_INCLUDED_ */
