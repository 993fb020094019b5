
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the tokens that responses report.
 */


#ifndef _NGX_LLMP_RESPONSE_H_INCLUDED_
#define _NGX_LLMP_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* adds the response filters */

ngx_int_t ngx_llmp_response_init(ngx_conf_t *cf);


#endif /* _NGX_LLMP_RESPONSE_H_INCLUDED_ */
