
/*
 * Copyright (C) llm-policy authors
 *
 * The head of a request is checked, its body is read, and the policy's decision
 * on the body is applied.
 */


#include "request/ngx_llmp_handler.h"

#include "base/ngx_llmp_str.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_decide.h"
#include "request/ngx_llmp_refusal.h"
#include "request/ngx_llmp_request_head.h"
#include "request/ngx_llmp_streaming.h"


typedef enum {
    NGX_LLMP_REQUEST_NEW = 0,     /* will be decided on */
    NGX_LLMP_REQUEST_NO_BODY,     /* subrequest without a body */
    NGX_LLMP_REQUEST_UNREAD,      /* redirected before the body was read */
    NGX_LLMP_REQUEST_FAILED       /* redirected for an error page */
} ngx_llmp_request_e;


static ngx_int_t ngx_llmp_handler_start(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf);
static ngx_llmp_request_e ngx_llmp_handler_classify(ngx_http_request_t *r,
    ngx_llmp_ctx_t *last);
static ngx_int_t ngx_llmp_handler_drop_gone(ngx_http_request_t *r,
    ngx_llmp_ctx_t *last);
static ngx_int_t ngx_llmp_handler_resume(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last);
static ngx_uint_t ngx_llmp_handler_same_conf(ngx_llmp_loc_conf_t *one,
    ngx_llmp_loc_conf_t *two);
static ngx_int_t ngx_llmp_handler_check_head(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last);
static ngx_int_t ngx_llmp_handler_read_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_handler_body_done(ngx_http_request_t *r);


ngx_int_t
ngx_llmp_handler(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    ngx_llmp_ctx_t       *ctx;
    ngx_llmp_loc_conf_t  *lpcf;

    lpcf = ngx_http_get_module_loc_conf(r, ngx_http_llm_policy_module);

    /*
     * the body of a redirected request may have been refused: it must not be
     * forwarded from a location without a policy either
     */

    if (lpcf->status_page || (!lpcf->enable && !r->internal)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL) {
        return ngx_llmp_handler_start(r, lpcf);
    }

    switch (ctx->state) {

    case NGX_LLMP_STATE_READING:
    case NGX_LLMP_STATE_DROPPING:
        return NGX_DONE;

    case NGX_LLMP_STATE_STREAMING_READY:
    case NGX_LLMP_STATE_STREAMING:
    case NGX_LLMP_STATE_FORWARDED:
    case NGX_LLMP_STATE_REFUSED:
        return NGX_DECLINED;

    default: /* READ, DECIDED, DROPPED */
        break;
    }

    rc = ngx_llmp_decide_body(r, ctx);

    if (rc == NGX_DECLINED && ctx->buffered) {

        /* the decision was that of the path and location before the redirect */

        if (ctx->reason) {

            /* limits had refused the request, in dry run */

            ctx->status = NGX_LLMP_STATUS_REJECTED;
        }

        ngx_http_set_ctx(r, NULL, ngx_http_llm_policy_module);

        return ngx_llmp_handler_start(r, lpcf);
    }

    return rc;
}


static ngx_int_t
ngx_llmp_handler_start(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf)
{
    ngx_llmp_ctx_t  *last;

    last = ngx_llmp_ctx_get(r);

    switch (ngx_llmp_handler_classify(r, last)) {

    case NGX_LLMP_REQUEST_NO_BODY:
        return ngx_llmp_handler_drop_gone(r, last);

    case NGX_LLMP_REQUEST_UNREAD:
        return ngx_llmp_handler_resume(r, lpcf, last);

    case NGX_LLMP_REQUEST_FAILED:
        return ngx_llmp_body_drop(r);

    default: /* NGX_LLMP_REQUEST_NEW */
        return lpcf->enable ? ngx_llmp_handler_check_head(r, lpcf, last)
                            : NGX_DECLINED;
    }
}


/* last is the context of the main request so far, or NULL */

static ngx_llmp_request_e
ngx_llmp_handler_classify(ngx_http_request_t *r, ngx_llmp_ctx_t *last)
{
    if (r != r->main
        && (r->request_body == NULL || r->request_body->bufs == NULL))
    {
        return NGX_LLMP_REQUEST_NO_BODY;
    }

    if (last == NULL) {
        return NGX_LLMP_REQUEST_NEW;
    }

    if (last->streaming && r == r->main && !r->request_body) {
        return NGX_LLMP_REQUEST_UNREAD;
    }

    if (last->state != NGX_LLMP_STATE_FORWARDED
        || ngx_llmp_streaming_body_is_gone(r, last))
    {
        return NGX_LLMP_REQUEST_FAILED;
    }

    return NGX_LLMP_REQUEST_NEW;
}


/* a body that was streamed is gone, but its length is still set */

static ngx_int_t
ngx_llmp_handler_drop_gone(ngx_http_request_t *r, ngx_llmp_ctx_t *last)
{
    return (last && ngx_llmp_streaming_body_is_gone(r, last))
           ? ngx_llmp_body_drop(r) : NGX_DECLINED;
}


/*
 * Continues with a body that will be decided on while it passes, if the path is
 * the same and the new location has the same configuration and finds the same
 * caller.  Otherwise the body is read, decided on for the old path and
 * location, and then for the new ones.
 */

static ngx_int_t
ngx_llmp_handler_resume(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf,
    ngx_llmp_ctx_t *last)
{
    llmp_str_t  path;

    if (r->discard_body) {

        /* nothing can read it any more */

        return NGX_DECLINED;
    }

    ngx_http_set_ctx(r, last, ngx_http_llm_policy_module);

    if (!lpcf->enable) {
        return NGX_DECLINED;
    }

    path = ngx_llmp_str(&r->uri);

    if (ngx_llmp_handler_same_conf(lpcf, last->conf)
        && llmp_str_eq(&path, &last->request.path)
        && ngx_llmp_request_head_same_caller(r, lpcf, last))
    {
        last->conf = lpcf;

        return NGX_DECLINED;
    }

    last->streaming = NULL;
    last->buffered = 1;

    return ngx_llmp_handler_read_body(r, last);
}


static ngx_uint_t
ngx_llmp_handler_same_conf(ngx_llmp_loc_conf_t *one, ngx_llmp_loc_conf_t *two)
{
    return one->file == two->file
           && one->candidate == two->candidate
           && one->share == two->share
           && one->dry_run == two->dry_run
           && one->limit_dry_run == two->limit_dry_run
           && one->pass_unmatched == two->pass_unmatched
           && one->change_signed == two->change_signed
           && one->stream_usage == two->stream_usage
           && one->streaming == two->streaming;
}


static ngx_int_t
ngx_llmp_handler_check_head(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf,
    ngx_llmp_ctx_t *last)
{
    ngx_int_t        rc;
    llmp_refusal_t   refusal;
    ngx_llmp_ctx_t  *ctx;

    /*
     * the request ends here if there is no memory: without a context an error
     * page could forward the body from a location without a policy
     */

    ctx = ngx_llmp_ctx_create(r, lpcf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (last && r == r->main) {

        /* limits count the request once, also after a redirect */

        ctx->reservation = last->reservation;
    }

    rc = ngx_llmp_request_head_check(r, ctx, last, &refusal);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy head: %i, state:%d \"%V\"",
                   rc, ctx->state, &r->uri);

    if (rc == NGX_DECLINED && last) {
        return NGX_DECLINED;
    }

    if (ctx->state == NGX_LLMP_STATE_DROPPING && r->request_body) {
        return ngx_llmp_body_drop(r);
    }

    if (ngx_llmp_ctx_set(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_BYPASSED);
    }

    if (rc == NGX_ERROR) {
        return ngx_llmp_refuse(r, ctx, &refusal);
    }

    return ngx_llmp_handler_read_body(r, ctx);
}


static ngx_int_t
ngx_llmp_handler_read_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (r->request_body) {

        /* another module has read it, when no location was known yet */

        ctx->state = NGX_LLMP_STATE_READ;

        return ngx_llmp_decide_body(r, ctx);
    }

    if (ctx->state != NGX_LLMP_STATE_DROPPING) {

        if (ngx_llmp_decide_init_body(ctx) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "no memory to scan the body");
        }

        if (ngx_llmp_streaming_is_chosen(r, ctx)) {
            return ngx_llmp_streaming_start(r, ctx);
        }

        ctx->state = NGX_LLMP_STATE_READING;
    }

    ctx->sole_reader = (r == r->main);

    /* the decision needs all of the body: another module may need less */

    r->request_body_no_buffering = 0;

    rc = ngx_http_read_client_request_body(r, ngx_llmp_handler_body_done);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}


static void
ngx_llmp_handler_body_done(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL) {
        return;
    }

    switch (ctx->state) {

    case NGX_LLMP_STATE_READING:
        ctx->state = NGX_LLMP_STATE_READ;
        break;

    case NGX_LLMP_STATE_DECIDED:
        break;

    case NGX_LLMP_STATE_DROPPING:
        ctx->state = NGX_LLMP_STATE_DROPPED;
        break;

    default:

        /* reading has failed, and the request was redirected meanwhile */

        return;
    }

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}
