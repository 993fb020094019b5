
/*
 * Copyright (C) llm-policy authors
 */


#ifndef _NGX_HTTP_LLM_POLICY_MODULE_H_INCLUDED_
#define _NGX_HTTP_LLM_POLICY_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_llm_policy_compat.h"

#include "llmp.h"
#include "llmp_body.h"
#include "llmp_edit.h"
#include "llmp_policy.h"
#include "llmp_refusal.h"
#include "llmp_request.h"


typedef enum {
    NGX_HTTP_LLM_POLICY_UNDECIDED = 0,
    NGX_HTTP_LLM_POLICY_PASSED,
    NGX_HTTP_LLM_POLICY_MODIFIED,
    NGX_HTTP_LLM_POLICY_REJECTED,
    NGX_HTTP_LLM_POLICY_BYPASSED
} ngx_http_llm_policy_status_e;


typedef struct {
    ngx_str_t                        name;
    llmp_policy_t                   *policy;
} ngx_http_llm_policy_file_t;


typedef struct {
    ngx_array_t                      files;      /* of the above */
    ngx_array_t                      body_vars;  /* of ngx_int_t */
    llmp_pool_t                      pool;
} ngx_http_llm_policy_main_conf_t;


typedef struct {
    ngx_flag_t                       enable;
    ngx_flag_t                       dry_run;
    ngx_uint_t                       pass_unmatched;
    ngx_uint_t                       change_signed;
    ngx_uint_t                       reject_log_level;
    ngx_uint_t                       change_log_level;
    llmp_policy_t                   *policy;
    ngx_http_complex_value_t        *tier;
    ngx_http_complex_value_t        *key;
} ngx_http_llm_policy_loc_conf_t;


/* what is known of a request, or of a subrequest with a body */

typedef struct {
    ngx_http_llm_policy_loc_conf_t  *conf;
    llmp_pool_t                      pool;

    llmp_request_t                   request;
    llmp_caller_t                    caller;
    llmp_body_t                     *body;
    llmp_decision_t                 *decision;  /* of the body, once made */
    llmp_str_t                       adjustments;

    off_t                            scanned;  /* by the body filter */

    ngx_http_llm_policy_status_e     status;
    llmp_refusal_e                   reason;

    unsigned                         reading:1;
    unsigned                         drop:1;     /* the body, once read */
    unsigned                         forward:1;  /* the body may go on */
} ngx_http_llm_policy_ctx_t;


/* llmp_str_t and ngx_str_t are alike, but the compiler may not know that */

static ngx_inline llmp_str_t
ngx_http_llm_policy_str(ngx_str_t *str)
{
    llmp_str_t  s;

    s.len = str->len;
    s.data = str->data;

    return s;
}


/* ngx_http_llm_policy_conf.c */

llmp_policy_t *ngx_http_llm_policy_load(ngx_conf_t *cf, ngx_str_t *name);


/* ngx_http_llm_policy_handler.c */

ngx_int_t ngx_http_llm_policy_init_seed(ngx_cycle_t *cycle);
ngx_int_t ngx_http_llm_policy_handler(ngx_http_request_t *r);


/*
 * ngx_http_llm_policy_ctx.c
 *
 * get_ctx() returns the record of the main request, or NULL; forward() ends a
 * decision and returns NGX_DECLINED, for the phase handler.
 */

ngx_http_llm_policy_ctx_t *ngx_http_llm_policy_create_ctx(
    ngx_http_request_t *r, ngx_http_llm_policy_loc_conf_t *lpcf);
ngx_int_t ngx_http_llm_policy_set_ctx(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx);
ngx_http_llm_policy_ctx_t *ngx_http_llm_policy_get_ctx(ngx_http_request_t *r);
ngx_int_t ngx_http_llm_policy_forward(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, ngx_http_llm_policy_status_e status);
void ngx_http_llm_policy_pool(llmp_pool_t *pool, ngx_pool_t *p);


/* ngx_http_llm_policy_filter.c */

ngx_int_t ngx_http_llm_policy_filter_init(ngx_conf_t *cf);


/*
 * ngx_http_llm_policy_body.c
 *
 * Files are read and written at once, as nginx itself does with bodies.
 * scan() returns NGX_ERROR if the body cannot be read.
 * drop() returns NGX_DECLINED, or NGX_ERROR if the body cannot be dropped.
 * mark() makes a body known to is(), as long as nobody replaces it.
 */

ngx_uint_t ngx_http_llm_policy_body_complete(ngx_http_request_t *r);
off_t ngx_http_llm_policy_body_size(ngx_http_request_t *r);
ngx_int_t ngx_http_llm_policy_body_scan(ngx_http_request_t *r,
    llmp_body_t *body);
ngx_int_t ngx_http_llm_policy_body_edit(ngx_http_request_t *r,
    llmp_edits_t *edits);
ngx_int_t ngx_http_llm_policy_body_drop(ngx_http_request_t *r);
void ngx_http_llm_policy_body_mark(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx);
ngx_uint_t ngx_http_llm_policy_body_is(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx);


/* ngx_http_llm_policy_variables.c */

ngx_int_t ngx_http_llm_policy_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_llm_policy_init_variables(ngx_conf_t *cf);
void ngx_http_llm_policy_forget_body(ngx_http_request_t *r);


/*
 * ngx_http_llm_policy_errors.c
 *
 * refuse() and fail() return what the phase handler is to return.  In dry run
 * they log, and the request goes on.
 */

ngx_int_t ngx_http_llm_policy_refuse(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, llmp_refusal_t *refusal);
ngx_int_t ngx_http_llm_policy_fail(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, const char *message);
void ngx_http_llm_policy_log_changes(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx);


extern ngx_module_t  ngx_http_llm_policy_module;


#endif /* _NGX_HTTP_LLM_POLICY_MODULE_H_INCLUDED_ */
