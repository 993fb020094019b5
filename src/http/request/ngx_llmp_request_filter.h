
/*
 * Copyright (C) llm-policy authors
 *
 * Request body filter.
 */


#ifndef _NGX_LLMP_REQUEST_FILTER_H_INCLUDED_
#define _NGX_LLMP_REQUEST_FILTER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


ngx_int_t ngx_llmp_request_filter_init(ngx_conf_t *cf);


#endif /* _NGX_LLMP_REQUEST_FILTER_H_INCLUDED_ */
