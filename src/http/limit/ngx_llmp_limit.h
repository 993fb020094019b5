
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
 * Admits a request, once; called again for a body that was decided on while it
 * passed, it adjusts what is reserved.
 *
 * Returns NGX_OK; NGX_DECLINED if a limit refuses the request; or NGX_ERROR if
 * the limits cannot be checked.  refusal is set unless NGX_OK is returned, and
 * ctx->reservation unless NGX_ERROR is.
 */

ngx_int_t ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal);

/*
 * Makes ctx, which has a reservation, the context of the response: after a
 * redirect the reservation is that of an older context.  NGX_ERROR if there is
 * no memory.
 */

ngx_int_t ngx_llmp_limit_set_ctx(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx);

/* charges the tokens of a request, once; data is a ngx_llmp_reservation_t */

void ngx_llmp_limit_settle(void *data);


#endif /* _NGX_LLMP_LIMIT_H_INCLUDED_ */
