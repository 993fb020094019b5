
/*
 * Copyright (C) llm-policy authors
 *
 * Handler of the precontent phase.
 */


#ifndef _NGX_LLMP_HANDLER_H_INCLUDED_
#define _NGX_LLMP_HANDLER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


ngx_int_t ngx_llmp_handler(ngx_http_request_t *r);


#endif /* _NGX_LLMP_HANDLER_H_INCLUDED_ */
