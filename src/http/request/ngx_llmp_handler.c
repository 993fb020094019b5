
/*
 * Copyright (C) llm-policy authors
 *
 * The way of a request: its head is checked, its body is read, and what the
 * policy says of the body is done.
 */


#include "base/ngx_llmp_module.h"

#include <openssl/rand.h>


static ngx_int_t ngx_llmp_handler_start(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf);
static ngx_int_t ngx_llmp_handler_resume_streaming(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last);
static ngx_uint_t ngx_llmp_handler_same_conf(ngx_llmp_loc_conf_t *one,
    ngx_llmp_loc_conf_t *two);
static ngx_int_t ngx_llmp_request_head_check(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_request_head_may_drop(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_request_head_is_bypassed(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last);
static void ngx_llmp_request_head_init(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_request_head_find_caller(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_request_head_same_policy(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last);
static ngx_int_t ngx_llmp_handler_read_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_handler_body_read(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_decide_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_decide_read_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static const char *ngx_llmp_decide_run(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_decide_init_body(ngx_llmp_ctx_t *ctx);


/* a secret of the worker: no client can know how names of members hash */

static uint64_t  ngx_llmp_decide_seed;


ngx_int_t
ngx_llmp_decide_init_seed(ngx_cycle_t *cycle)
{
    if (RAND_bytes((u_char *) &ngx_llmp_decide_seed,
                   sizeof(ngx_llmp_decide_seed))
        != 1)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "RAND_bytes() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


uint64_t
ngx_llmp_random(void)
{
    return ngx_llmp_decide_seed;
}


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


/*
 * Returns NGX_OK if the body is to be read: to decide on it, or to drop it;
 * NGX_DECLINED if there is nothing to decide, or all is decided; NGX_ERROR if
 * the request is to be refused.
 */

static ngx_int_t
ngx_llmp_request_head_check(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    ngx_int_t  rc;

    ngx_llmp_request_head_init(r, ctx);

    rc = llmp_request_check(&ctx->request, ctx->policy, refusal);

    if (rc == LLMP_DECLINED) {
        return NGX_DECLINED;
    }

    if (rc == LLMP_ERROR
        && !ngx_llmp_request_head_may_drop(r, ctx, last, refusal))
    {
        return NGX_ERROR;
    }

    if (rc == LLMP_ERROR && ngx_llmp_request_head_is_bypassed(r, ctx, last)) {
        return NGX_DECLINED;
    }

    if (rc == LLMP_OK || (last && r != r->main)) {

        if (ngx_llmp_request_head_find_caller(r, ctx, refusal) != NGX_OK) {
            return NGX_ERROR;
        }

        if (last && ngx_llmp_request_head_same_policy(r, ctx, last)) {
            return NGX_DECLINED;
        }
    }

    if (rc == LLMP_ERROR) {

        if (ctx->conf->dry_run) {
            return NGX_ERROR;
        }

        ctx->drop = 1;
    }

    return NGX_OK;
}


/*
 * If nginx itself led a request here, most likely for an error page, and
 * the policy does not know the path, the request may go on without its
 * body: what had been decided on that, if anything, was for another path.
 *
 * r->internal does not tell, since "rewrite" sets it as well.
 */

static ngx_uint_t
ngx_llmp_request_head_may_drop(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    if (refusal->code != LLMP_REFUSE_UNKNOWN_ROUTE || ctx->request.upgrade) {
        return 0;
    }

    return r != r->main || last || r->err_status || r->error_page
           || r->upstream;
}


/*
 * The path of a subrequest, such as "/mirror", is nginx's own: where the
 * policy lets the client's path pass, it means the body that they share.
 */

static ngx_uint_t
ngx_llmp_request_head_is_bypassed(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last)
{
    return r != r->main
           && last
           && last->status == NGX_LLMP_BYPASSED
           && last->policy == ctx->policy
           && last->conf->pass_unmatched == ctx->conf->pass_unmatched
           && r->request_body == r->main->request_body;
}


static void
ngx_llmp_request_head_init(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_uint_t        i;
    llmp_str_t        name, value;
    llmp_request_t   *req;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    req = &ctx->request;

    llmp_request_init(req);

    req->path = ngx_llmp_str(&r->uri);
    req->target = ngx_llmp_str(&r->unparsed_uri);
    req->post = (r->method == NGX_HTTP_POST);
    req->body = !r->discard_body
                && (r->headers_in.content_length_n > 0 || r->headers_in.chunked
                    || (r->request_body && r->request_body->bufs));
    req->pass_unmatched = ctx->conf->pass_unmatched;
    req->change_signed = ctx->conf->change_signed;
    req->stream_usage = ctx->conf->stream_usage && !ctx->conf->dry_run;

    i = 0;
    part = &r->headers_in.headers.part;

    while ((header = ngx_llmp_header_next(&part, &i)) != NULL) {
        name = ngx_llmp_str(&header->key);
        value = ngx_llmp_str(&header->value);

        if (header->lowcase_key) {
            name.data = header->lowcase_key;
        }

        llmp_request_header(req, &name, &value);
    }
}


static ngx_int_t
ngx_llmp_request_head_find_caller(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    ngx_str_t             value;
    llmp_str_t            tier, key;
    ngx_llmp_loc_conf_t  *lpcf;

    lpcf = ctx->conf;

    ngx_str_null(&value);

    if (lpcf->tier && ngx_http_complex_value(r, lpcf->tier, &value) != NGX_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the tier could not be found");
    }

    tier = ngx_llmp_str(&value);
    key = ctx->request.key;

    if (lpcf->key) {

        if (ngx_http_complex_value(r, lpcf->key, &value) != NGX_OK) {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the API key could not be found");
        }

        key = ngx_llmp_str(&value);
    }

    ctx->api_key = key;

    if (llmp_request_caller(&ctx->caller, ctx->policy, &tier, &key, refusal)
        != LLMP_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->caller.unknown_tier) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "tier \"%*s\" is not defined, using \"%*s\"",
                      tier.len, tier.data, ctx->caller.tier->name.len,
                      ctx->caller.tier->name.data);
    }

    return NGX_OK;
}


/* whether this very body was decided on as it would be decided on here */

static ngx_uint_t
ngx_llmp_request_head_same_policy(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last)
{
    if (last->status == NGX_LLMP_BYPASSED
        || last->policy != ctx->policy
        || last->caller.tier != ctx->caller.tier
        || (last->conf->dry_run && !ctx->conf->dry_run)
        || !ngx_llmp_body_is_marked(r, last))
    {
        return 0;
    }

    if (r != r->main && ctx->request.dialect == NULL) {

        /* such as "/mirror": the path is not the client's */

        return 1;
    }

    return last->request.dialect == ctx->request.dialect
           && llmp_str_eq(&last->request.model, &ctx->request.model);
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


static ngx_int_t
ngx_llmp_decide_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    off_t     size;
    uint64_t  start;

    if (ctx->drop) {
        (void) ngx_llmp_body_forward(r, ctx, NGX_LLMP_BYPASSED);

        return ngx_llmp_body_drop(r);
    }

    if (!ngx_llmp_body_is_complete(r)) {
        return ngx_llmp_refuse_internal(r, ctx,
                                        "the body is being read elsewhere");
    }

    size = ngx_llmp_body_size(r);
    ctx->body_size = size;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy body: %O, scanned: %O", size, ctx->scanned);

    if (size == 0) {
        return ngx_llmp_body_forward(r, ctx, NGX_LLMP_BYPASSED);
    }

    if (ctx->body == NULL || ctx->scanned != size) {

        /* it did not come by way of our filter, or was changed behind it */

        if (ngx_llmp_decide_init_body(ctx) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "no memory to scan the body");
        }

        start = ngx_llmp_ctx_clock(ctx);

        if (ngx_llmp_body_scan(r, ctx->body) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx, "the body cannot be read");
        }

        ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;
    }

    return ngx_llmp_decide_read_body(r, ctx);
}


static ngx_int_t
ngx_llmp_decide_read_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    const char  *failed;

    if (!ctx->judged || ctx->verdict == LLMP_DECLINED) {

        failed = ngx_llmp_decide_run(r, ctx);

        if (failed) {
            return ngx_llmp_refuse_internal(r, ctx, failed);
        }
    }

    ctx->decision = &ctx->body->decision;

    return ngx_llmp_decide_apply(r, ctx, ctx->verdict);
}


ngx_int_t
ngx_llmp_decide_apply(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx, llmp_int_t rc)
{
    llmp_decision_t  *decision;

    decision = ctx->decision;

    if (rc == LLMP_DECLINED) {
        return ngx_llmp_refuse_internal(r, ctx, "the body is never decided on");
    }

    if (rc != LLMP_OK) {
        return ngx_llmp_refuse(r, ctx, &decision->refusal);
    }

    rc = ngx_llmp_limit_admit(r, ctx);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy edits: %ui, growth: %L",
                   decision->edits.nelts, decision->edits.growth);

    if (decision->edits.nelts == 0) {
        return ngx_llmp_body_forward(r, ctx, NGX_LLMP_PASSED);
    }

    if (ctx->streaming == NULL && !ctx->conf->dry_run
        && ngx_llmp_body_edit(r, &decision->edits, ctx->own)
           != NGX_OK)
    {
        return ngx_llmp_refuse_internal(r, ctx, "the body cannot be changed");
    }

    if (ctx->streaming == NULL && decision->asked_usage) {
        ngx_llmp_request_head_set_identity(r);
    }

    if (decision->nchanges == 0) {
        return ngx_llmp_body_forward(r, ctx, NGX_LLMP_PASSED);
    }

    ngx_llmp_decide_log_changes(r, ctx);

    return ngx_llmp_body_forward(r, ctx, NGX_LLMP_MODIFIED);
}


/* comes to a verdict if the filter has not; returns what fails, or NULL */

static const char *
ngx_llmp_decide_run(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    uint64_t  start;

    start = ngx_llmp_ctx_clock(ctx);

    if (!ctx->judged) {
        ctx->verdict = llmp_body_decide(ctx->body);
    }

    if (ctx->verdict == LLMP_DECLINED) {

        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy body once more");

        if (llmp_body_again(ctx->body) != LLMP_OK) {
            return "no memory to scan the body";
        }

        if (ngx_llmp_body_scan(r, ctx->body) != NGX_OK) {
            return "the body cannot be read";
        }

        ctx->verdict = llmp_body_decide(ctx->body);
    }

    ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;

    return NULL;
}


static ngx_int_t
ngx_llmp_decide_init_body(ngx_llmp_ctx_t *ctx)
{
    if (ctx->body == NULL && ngx_llmp_ctx_take_body(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->judged = 0;

    return llmp_body_init(ctx->body, ctx->policy, &ctx->request,
                          &ctx->caller, &ctx->pool, ngx_llmp_decide_seed);
}
