
/*
 * Copyright (C) llm-policy authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_refusal.h"

#include "metrics/ngx_llmp_metrics.h"

#include "limit/llmp_limit_refusal.h"


ngx_int_t
ngx_llmp_limit_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    llmp_limit_verdict_t    *verdict;
    ngx_llmp_reservation_t  *reservation;

    reservation = ctx->reservation;
    verdict = &reservation->verdict;

    ngx_llmp_metrics_count_limit(r, ctx, verdict->limit, 1);

    (void) llmp_limit_refusal_set(refusal, verdict,
                                  reservation->entries[verdict->entry].limits,
                                  &reservation->amounts, &reservation->clock);

    return NGX_DECLINED;
}
