
/*
 * Copyright (C) llm-policy authors
 *
 * The values of nginx's variables, for the policy.
 */


#ifndef _NGX_LLMP_VALUES_H_INCLUDED_
#define _NGX_LLMP_VALUES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"
#include "base/ngx_llmp_version.h"


/*
 * Finds the variables of a version.  While the configuration is read, cf is
 * set, and the variables may be defined later; in a worker, cf is NULL, and a
 * variable that the configuration does not have gets NGX_ERROR as its index.
 * Returns NGX_ERROR if there is no memory.
 */

ngx_int_t ngx_llmp_values_find(ngx_llmp_version_t *version, ngx_conf_t *cf);

/*
 * Returns what evaluates the variables of a version for a decision on a
 * request, each once; NULL if it has none, or if there is no memory: a request
 * that needs a value is refused then.
 */

const llmp_variables_t *ngx_llmp_values_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_version_t *version);


#endif /* _NGX_LLMP_VALUES_H_INCLUDED_ */
