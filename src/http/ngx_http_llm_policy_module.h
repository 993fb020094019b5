
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


/* a document as it was read once; the requests that began with it keep it */

typedef struct {
    llmp_policy_t                   *policy;
    ngx_pool_t                      *pool;       /* all of it, and this */
    ngx_uint_t                       count;      /* those, and the file */
} ngx_http_llm_policy_version_t;


/* what changes whenever a file is written to, or put in another's place */

typedef struct {
    off_t                            size;
    dev_t                            dev;
    ino_t                            ino;
    struct timespec                  mtime;
    struct timespec                  ctime;
} ngx_http_llm_policy_stamp_t;


typedef struct {
    ngx_str_t                        name;
    ngx_http_llm_policy_version_t   *version;    /* in force */
    ngx_http_llm_policy_stamp_t      tried;      /* when it was read last */
    ngx_http_llm_policy_stamp_t      seen;       /* when it was looked at */
    unsigned                         missing:1;  /* and that was said */
    unsigned                         loading:1;
} ngx_http_llm_policy_file_t;


typedef struct {
    ngx_array_t                      files;      /* of pointers to the above */
    ngx_array_t                      body_vars;  /* of ngx_int_t */
    ngx_msec_t                       reload;     /* 0: off */
    ngx_event_t                      event;      /* the next look */
    ngx_cycle_t                     *cycle;
} ngx_http_llm_policy_main_conf_t;


typedef struct {
    ngx_flag_t                       enable;
    ngx_flag_t                       dry_run;
    ngx_uint_t                       pass_unmatched;
    ngx_uint_t                       change_signed;
    ngx_uint_t                       reject_log_level;
    ngx_uint_t                       change_log_level;
    ngx_http_llm_policy_file_t      *file;
    ngx_http_complex_value_t        *tier;
    ngx_http_complex_value_t        *key;
} ngx_http_llm_policy_loc_conf_t;


/* what is known of a request, or of a subrequest with a body */

typedef struct {
    ngx_http_llm_policy_loc_conf_t  *conf;
    llmp_policy_t                   *policy;   /* of its file at the start */
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


/*
 * ngx_http_llm_policy_file.c
 *
 * document() reads and checks one; it only touches what it is given, and so
 * may run in a thread.  Whatever comes of it is in a pool of its own, which
 * is the caller's.  log_errors() tells what was wrong.
 */

typedef struct {
    ngx_str_t                        name;
    ngx_log_t                       *log;
    ngx_conf_t                      *conf;     /* NULL: in a worker */

    ngx_http_llm_policy_version_t   *version;  /* NULL: there are errors */
    ngx_pool_t                      *pool;     /* NULL: no memory */

    ngx_err_t                        err;
    const char                      *failed;   /* the call that did, or NULL */
    unsigned                         too_large:1;
    llmp_policy_errors_t             errors;
} ngx_http_llm_policy_reading_t;

void ngx_http_llm_policy_document(ngx_http_llm_policy_reading_t *reading);
void ngx_http_llm_policy_log_errors(ngx_http_llm_policy_reading_t *reading);
ngx_int_t ngx_http_llm_policy_stamp(ngx_str_t *name,
    ngx_http_llm_policy_stamp_t *stamp);
void ngx_http_llm_policy_release(void *data);


/* ngx_http_llm_policy_conf.c */

ngx_http_llm_policy_file_t *ngx_http_llm_policy_open(ngx_conf_t *cf,
    ngx_str_t *name);


/* ngx_http_llm_policy_reload.c */

ngx_int_t ngx_http_llm_policy_init_reload(ngx_conf_t *cf);
void ngx_http_llm_policy_start_reload(ngx_cycle_t *cycle);


/* ngx_http_llm_policy_dashboard.c */

ngx_int_t ngx_http_llm_policy_send_dashboard(ngx_http_request_t *r);


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
