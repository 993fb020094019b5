
/*
 * Copyright (C) llm-policy authors
 *
 * Decides on the head of a request.
 */


#ifndef _NGX_LLMP_REQUEST_HEAD_H_INCLUDED_
#define _NGX_LLMP_REQUEST_HEAD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"

#include "base/llmp_refusal.h"


/*
 * Checks the head; last is the context of the main request before an internal
 * redirect, or that of the parent of a subrequest.
 *
 * Returns NGX_OK if the body will be read, to decide on it or to drop it;
 * NGX_DECLINED if nothing is left to decide; NGX_DONE if last has the decision
 * that would be made here; or NGX_ERROR if the request will be refused.
 */

ngx_int_t ngx_llmp_request_head_check(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);

/*
 * Returns 1 if the caller of a redirected request has the same tier, tenant and
 * reservation in its new location as in the context before; 0 also if it is
 * refused there.
 */

ngx_uint_t ngx_llmp_request_head_same_caller(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last);

/*
 * Moves a context to the location of another one, whose caller has the same
 * tier and tenant, but may have another API key.
 */

void ngx_llmp_request_head_move(ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *location);

/* disables compression of the response, which the gateway will read */

void ngx_llmp_request_head_set_identity(ngx_http_request_t *r);


#endif /* _NGX_LLMP_REQUEST_HEAD_H_INCLUDED_ */
