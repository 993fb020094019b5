
/*
 * Copyright (C) llm-policy authors
 *
 * Refusals by limits.
 */


#ifndef _NGX_LLMP_LIMIT_REFUSAL_H_INCLUDED_
#define _NGX_LLMP_LIMIT_REFUSAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "limit/ngx_llmp_reservation.h"

#include "base/llmp_refusal.h"


/* counts and describes the refusal of ctx->reservation; returns NGX_DECLINED */

ngx_int_t ngx_llmp_limit_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal);


#endif /* _NGX_LLMP_LIMIT_REFUSAL_H_INCLUDED_ */
