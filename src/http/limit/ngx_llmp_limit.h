
/*
 * Copyright (C) llm-policy authors
 *
 * Limits of a request.
 */


#ifndef _NGX_LLMP_LIMIT_H_INCLUDED_
#define _NGX_LLMP_LIMIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "limit/ngx_llmp_reservation.h"

#include "base/llmp_refusal.h"


/*
 * Admits a request for a model that is sent; NULL if it is not known yet.
 * Without a decision on the body, the most that the policy allows is reserved,
 * or nothing until the model is known if limits depend on it.  Called again for
 * a body that was decided on while it passed, or after a redirect to the same
 * caller and limits, it adjusts what is reserved.  After a redirect to another
 * caller or other limits, it returns the reservation, and admits the request
 * anew.
 *
 * Returns NGX_OK; NGX_AGAIN if a limit has moved the caller to another tier,
 * for which the body must be decided on; NGX_DECLINED if a limit refuses the
 * request; or NGX_ERROR if the limits cannot be checked.  With the last two,
 * refusal is set.  ctx->reservation is set if there are limits, with NGX_OK and
 * NGX_DECLINED.
 */

ngx_int_t ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_str_t *model, llmp_refusal_t *refusal);

/* returns 1 if limits of a request depend on its model */

ngx_uint_t ngx_llmp_limit_needs_model(ngx_llmp_ctx_t *ctx);

/*
 * Returns 1 if the reservation of a request, NULL if there is none, is the one
 * that it would get with the caller and location of ctx; or if it has ended.
 */

ngx_uint_t ngx_llmp_limit_is_kept(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation);

/*
 * Makes ctx, which has a reservation, the context of the response: after a
 * redirect the reservation is that of an older context.  NGX_ERROR if there is
 * no memory.
 */

ngx_int_t ngx_llmp_limit_set_ctx(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* charges the tokens of a request, once; data is a ngx_llmp_reservation_t */

void ngx_llmp_limit_settle(void *data);


#endif /* _NGX_LLMP_LIMIT_H_INCLUDED_ */
