
/*
 * Copyright (C) llm-policy authors
 *
 * Checks of the use of variables.
 */


#ifndef _NGX_LLMP_VARIABLES_CHECK_H_INCLUDED_
#define _NGX_LLMP_VARIABLES_CHECK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Checks the names of all variables that the configuration uses: those of a
 * prefix end with the name of a parameter or limit.  Returns NGX_ERROR with the
 * wrong one in the log.
 */

ngx_int_t ngx_llmp_variables_check(ngx_conf_t *cf);

/* checks the variables of all policy documents in the same way */

ngx_int_t ngx_llmp_variables_check_documents(ngx_conf_t *cf);

/* logs that a variable is evaluated before the decision, once for each name */

void ngx_llmp_variables_check_early(ngx_http_request_t *r, ngx_str_t *name);


#endif /* _NGX_LLMP_VARIABLES_CHECK_H_INCLUDED_ */
