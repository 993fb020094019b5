
/*
 * Copyright (C) llm-policy authors
 *
 * Variables of tokens and limits.
 */


#ifndef _NGX_LLMP_LIMIT_VARIABLES_H_INCLUDED_
#define _NGX_LLMP_LIMIT_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


ngx_int_t ngx_llmp_limit_variables_add(ngx_conf_t *cf);

/* returns 1 if the configuration uses a variable of tokens */

ngx_uint_t ngx_llmp_limit_variables_use_tokens(ngx_conf_t *cf);


#endif /* _NGX_LLMP_LIMIT_VARIABLES_H_INCLUDED_ */
