
/*
 * Copyright (C) llm-policy authors
 *
 * The way of a request: its head is checked, its body is read, and what the
 * policy says of the body is done.
 */


#include "request/ngx_llmp_handler.h"

#include "base/ngx_llmp_str.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_decide.h"
#include "request/ngx_llmp_refusal.h"
#include "request/ngx_llmp_request_head.h"
#include "request/ngx_llmp_streaming.h"


static ngx_int_t ngx_llmp_handler_start(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf);
static ngx_int_t ngx_llmp_handler_resume_streaming(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last);
static ngx_uint_t ngx_llmp_handler_same_conf(ngx_llmp_loc_conf_t *one,
    ngx_llmp_loc_conf_t *two);
static ngx_int_t ngx_llmp_handler_read_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_handler_body_read(ngx_http_request_t *r);


ngx_int_t
ngx_llmp_handler(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    ngx_llmp_ctx_t       *ctx;
    ngx_llmp_loc_conf_t  *lpcf;

    lpcf = ngx_http_get_module_loc_conf(r, ngx_http_llm_policy_module);

    /*
     * a request that was redirected here may have a body that must not be
     * forwarded, even where no policy is on
     */

    if (lpcf->status || (!lpcf->enable && !r->internal)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL) {
        return ngx_llmp_handler_start(r, lpcf);
    }

    if (ctx->reading) {
        return NGX_DONE;
    }

    if (ctx->streaming || ctx->status != NGX_LLMP_UNDECIDED) {
        return NGX_DECLINED;
    }

    rc = ngx_llmp_decide_body(r, ctx);

    if (rc == NGX_DECLINED && ctx->conf != lpcf) {

        /* it was read for where it was redirected from */

        ngx_http_set_ctx(r, NULL, ngx_http_llm_policy_module);

        return ngx_llmp_handler_start(r, lpcf);
    }

    return rc;
}


static ngx_int_t
ngx_llmp_handler_start(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf)
{
    ngx_int_t        rc;
    llmp_refusal_t   refusal;
    ngx_llmp_ctx_t  *ctx, *last;

    last = ngx_llmp_ctx_get(r);

    if (r != r->main
        && (r->request_body == NULL || r->request_body->bufs == NULL))
    {
        /* the length of one that has gone is still there */

        return (last && ngx_llmp_streaming_body_is_gone(r, last))
               ? ngx_llmp_body_drop(r) : NGX_DECLINED;
    }

    if (last && last->streaming && r == r->main && !r->request_body) {
        return ngx_llmp_handler_resume_streaming(r, lpcf, last);
    }

    if (last && (!last->forward || ngx_llmp_streaming_body_is_gone(r, last))) {

        /* something failed, and this is the error page */

        return ngx_llmp_body_drop(r);
    }

    if (!lpcf->enable) {
        return NGX_DECLINED;
    }

    /*
     * without a record an error page, where no policy is on, could forward the
     * body: the request is to end here
     */

    ctx = ngx_llmp_ctx_create(r, lpcf);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (last && r == r->main) {

        /* it was admitted before it was redirected, and counts once */

        ctx->reservation = last->reservation;
    }

    rc = ngx_llmp_request_head_check(r, ctx, last, &refusal);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy head: %i, drop:%d \"%V\"",
                   rc, ctx->drop, &r->uri);

    if (rc == NGX_DECLINED && last) {
        return NGX_DECLINED;
    }

    if (ctx->drop && r->request_body) {
        return ngx_llmp_body_drop(r);
    }

    if (ngx_llmp_ctx_set(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_llmp_body_forward(r, ctx, NGX_LLMP_BYPASSED);
    }

    if (rc == NGX_ERROR) {
        return ngx_llmp_refuse(r, ctx, &refusal);
    }

    return ngx_llmp_handler_read_body(r, ctx);
}


/*
 * A request that was to be decided on while it passes, and nothing has read it:
 * it goes on as it began where the same is to be done.  Where other terms hold,
 * they hold for what the first ones make of it, which is to be read then.
 */

static ngx_int_t
ngx_llmp_handler_resume_streaming(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last)
{
    llmp_str_t  path;

    if (r->discard_body) {

        /* nobody can read it any more */

        return NGX_DECLINED;
    }

    ngx_http_set_ctx(r, last, ngx_http_llm_policy_module);

    path = ngx_llmp_str(&r->uri);

    if (!lpcf->enable
        || (ngx_llmp_handler_same_conf(lpcf, last->conf)
            && llmp_str_eq(&path, &last->request.path)))
    {
        if (lpcf->enable) {
            last->conf = lpcf;
        }

        return NGX_DECLINED;
    }

    last->streaming = NULL;
    last->whole = 1;

    return ngx_llmp_handler_read_body(r, last);
}


static ngx_uint_t
ngx_llmp_handler_same_conf(ngx_llmp_loc_conf_t *one, ngx_llmp_loc_conf_t *two)
{
    return one->file == two->file
           && one->tier == two->tier
           && one->key == two->key
           && one->limit_key == two->limit_key
           && one->dry_run == two->dry_run
           && one->limit_dry_run == two->limit_dry_run
           && one->pass_unmatched == two->pass_unmatched
           && one->change_signed == two->change_signed
           && one->stream_usage == two->stream_usage
           && one->streaming == two->streaming;
}


static ngx_int_t
ngx_llmp_handler_read_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (r->request_body) {

        /* another module has read it, and our filter did not know where */

        return ngx_llmp_decide_body(r, ctx);
    }

    if (!ctx->drop && ngx_llmp_decide_init_body(ctx) != NGX_OK) {
        return ngx_llmp_refuse_internal(r, ctx, "no memory to scan the body");
    }

    if (ngx_llmp_streaming_is_possible(r, ctx)) {
        return ngx_llmp_streaming_start(r, ctx);
    }

    ctx->reading = 1;
    ctx->own = (r == r->main);

    /* a decision needs all of the body, whoever asked for less before */

    r->request_body_no_buffering = 0;

    rc = ngx_http_read_client_request_body(r, ngx_llmp_handler_body_read);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);
    return NGX_DONE;
}


static void
ngx_llmp_handler_body_read(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL || !ctx->reading) {

        /* reading failed, the request went elsewhere, and the rest came */

        return;
    }

    ctx->reading = 0;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}
