
/*
 * Copyright (C) llm-policy authors
 *
 * Variables.
 */


#ifndef _NGX_LLMP_VARIABLES_H_INCLUDED_
#define _NGX_LLMP_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/* adds the variables of the decision */

ngx_int_t ngx_llmp_variables_add(ngx_conf_t *cf);

/* adds a list of variables, ended by a null variable */

ngx_int_t ngx_llmp_variables_add_list(ngx_conf_t *cf, ngx_http_variable_t *v);

/* returns the context of a decision, or NULL with v set if there is none yet;
   name is that of the variable */

ngx_llmp_ctx_t *ngx_llmp_variables_ctx(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_str_t *name);

/* sets a value; an empty one becomes nginx's null value */

void ngx_llmp_variables_set(ngx_http_variable_value_t *v, llmp_str_t *value);


#endif /* _NGX_LLMP_VARIABLES_H_INCLUDED_ */
