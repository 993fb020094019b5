
/*
 * Copyright (C) llm-policy authors
 *
 * The amounts that a request has used, and its cost.
 */


#ifndef _NGX_LLMP_CHARGE_H_INCLUDED_
#define _NGX_LLMP_CHARGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"

#include "limit/llmp_charge.h"


/*
 * Returns the entries and the matchers of a model, as llmp_models_match() does,
 * also if the policy has none; or NULL after an error.
 */

const uint64_t *ngx_llmp_charge_match(ngx_llmp_ctx_t *ctx,
    const llmp_str_t *model);

/*
 * Sets the amounts that a request has used so far, by a price, or NULL if it
 * has none.  Returns NGX_OK, or NGX_DECLINED if no tokens were used, or the
 * response is not complete.
 */

ngx_int_t ngx_llmp_charge_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_price_t *price, llmp_limit_amounts_t *amounts);

/* sets *cost to what the request has cost, in units of LLMP_LIMIT_COST; returns
   NGX_DECLINED also if its model has no price */

ngx_int_t ngx_llmp_charge_cost(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    int64_t *cost);


#endif /* _NGX_LLMP_CHARGE_H_INCLUDED_ */
