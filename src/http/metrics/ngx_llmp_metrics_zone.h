
/*
 * Copyright (C) llm-policy authors
 *
 * Memory of the counters.
 */


#ifndef _NGX_LLMP_METRICS_ZONE_H_INCLUDED_
#define _NGX_LLMP_METRICS_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_llmp_metrics_counters.h"


/* adds the zone; NGX_DECLINED if nothing will be counted */

ngx_int_t ngx_llmp_metrics_zone_init(ngx_conf_t *cf);

/* returns the counters, or NULL if nothing is counted */

ngx_llmp_metrics_t *ngx_llmp_metrics_zone_get(ngx_http_request_t *r);

/* returns the counters of a tier, new if needed */

ngx_llmp_metrics_tier_t *ngx_llmp_metrics_zone_tier(ngx_http_request_t *r,
    ngx_llmp_metrics_t *metrics, ngx_llmp_version_t *version,
    const llmp_tier_t *tier);


#endif /* _NGX_LLMP_METRICS_ZONE_H_INCLUDED_ */
