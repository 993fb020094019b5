
/*
 * Copyright (C) llm-policy authors
 *
 * Handler of llm_policy_status.
 */


#ifndef _NGX_LLMP_STATUS_H_INCLUDED_
#define _NGX_LLMP_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/llmp.h"


ngx_int_t ngx_llmp_status_handler(ngx_http_request_t *r);

/* finds the argument "format"; returns NGX_DECLINED if there is none */

ngx_int_t ngx_llmp_status_format_arg(ngx_http_request_t *r, llmp_str_t *format);


#endif /* _NGX_LLMP_STATUS_H_INCLUDED_ */
