
/*
 * Copyright (C) llm-policy authors
 *
 * Decides on a body, and applies the decision.
 */


#ifndef _NGX_LLMP_DECIDE_H_INCLUDED_
#define _NGX_LLMP_DECIDE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* prepares ctx->body for reading */

ngx_int_t ngx_llmp_decide_init_body(ngx_llmp_ctx_t *ctx);

/*
 * Decides on a body that was read.  Returns the result of the phase handler:
 * NGX_DECLINED if the request continues.
 */

ngx_int_t ngx_llmp_decide_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/*
 * Applies ctx->decision, with the result of llmp_body_decide() or
 * llmp_streaming_decide().  Returns as ngx_llmp_decide_body() does.
 */

ngx_int_t ngx_llmp_decide_apply(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_int_t verdict);

/*
 * Checks the limits of a request.  Returns NGX_OK if they admit it; NGX_AGAIN
 * if the caller was moved to another tier, for which the body must be decided
 * on; else the result of ngx_llmp_refuse(), which is NGX_DECLINED in dry run:
 * the request continues.
 */

ngx_int_t ngx_llmp_decide_check_limits(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);

/*
 * Checks the limits of a request for a model that is sent; NULL if it is not
 * known yet.  Returns NGX_OK if the request continues, also in dry run;
 * NGX_AGAIN as above; or NGX_ERROR, with refusal set.
 */

ngx_int_t ngx_llmp_decide_limits(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_str_t *model, llmp_refusal_t *refusal);


#endif /* _NGX_LLMP_DECIDE_H_INCLUDED_ */
