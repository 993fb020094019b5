
/*
 * Copyright (C) llm-policy authors
 *
 * The status as JSON.
 */


#ifndef _NGX_LLMP_STATUS_JSON_H_INCLUDED_
#define _NGX_LLMP_STATUS_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_llmp_metrics_counters.h"
#include "status/ngx_llmp_writer.h"


void ngx_llmp_status_json(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_metrics_counters_t *sh);


#endif /* _NGX_LLMP_STATUS_JSON_H_INCLUDED_ */
