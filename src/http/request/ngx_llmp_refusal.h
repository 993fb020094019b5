
/*
 * Copyright (C) llm-policy authors
 *
 * Refuses requests.
 */


#ifndef _NGX_LLMP_REFUSAL_H_INCLUDED_
#define _NGX_LLMP_REFUSAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"

#include "base/llmp_refusal.h"


/*
 * Refuses a request, or only logs that in dry run.  Returns the result of the
 * phase handler, or of the body filter: NGX_DECLINED if the request continues.
 */

ngx_int_t ngx_llmp_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal);

/* refuses a request that cannot be decided on */

ngx_int_t ngx_llmp_refuse_internal(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const char *message);

/* logs a refusal */

void ngx_llmp_refusal_log(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal, ngx_uint_t dry_run);


#endif /* _NGX_LLMP_REFUSAL_H_INCLUDED_ */
