
/*
 * Copyright (C) llm-policy authors
 *
 * Counts requests.
 */


#ifndef _NGX_LLMP_METRICS_H_INCLUDED_
#define _NGX_LLMP_METRICS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* adds the zone of the counters and the handler of the log phase */

ngx_int_t ngx_llmp_metrics_init(ngx_conf_t *cf);

/* counts a request that a limit has refused, or admitted near its end */

void ngx_llmp_metrics_count_limit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_limit_e limit, ngx_uint_t refused);


#endif /* _NGX_LLMP_METRICS_H_INCLUDED_ */
