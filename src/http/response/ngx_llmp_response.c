
/*
 * Copyright (C) llm-policy authors
 *
 * The filters count tokens in responses.  They neither change nor delay data,
 * except refusals (ngx_llmp_refusal_page.c) and streams whose usage is removed
 * (ngx_llmp_usage_strip.c).
 */


#include "response/ngx_llmp_response.h"

#include "base/ngx_llmp_read.h"
#include "base/ngx_llmp_str.h"
#include "limit/ngx_llmp_limit.h"
#include "limit/ngx_llmp_limit_headers.h"
#include "response/ngx_llmp_inflate.h"
#include "response/ngx_llmp_refusal_page.h"
#include "response/ngx_llmp_usage_strip.h"

#include "decide/llmp_decision.h"
#include "response/llmp_usage.h"


static ngx_int_t ngx_llmp_response_header_filter(ngx_http_request_t *r);
static ngx_uint_t ngx_llmp_response_must_not_switch(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_response_start(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_response_check_status(ngx_http_request_t *r,
    ngx_llmp_response_t *response);
static ngx_int_t ngx_llmp_response_init_usage(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_response_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_llmp_response_send_page(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_llmp_response_read(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_llmp_response_read_buf(ngx_llmp_response_t *response,
    ngx_buf_t *b);
static ngx_int_t ngx_llmp_response_feed(void *data, u_char *buf, size_t len);
static ngx_llmp_ctx_t *ngx_llmp_response_ctx(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_llmp_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_llmp_next_body_filter;


ngx_int_t
ngx_llmp_response_init(ngx_conf_t *cf)
{
    ngx_llmp_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_llmp_response_header_filter;

    ngx_llmp_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_llmp_response_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_response_header_filter(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx && ctx->refusal_page.data) {
        ngx_llmp_refusal_page_header(r, ctx);

        return ngx_llmp_next_header_filter(r);
    }

    if (r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS
        && ngx_llmp_response_must_not_switch(r))
    {
        /* a copy of the Upgrade was forwarded: nothing may be tunnelled */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the upstream has switched protocols, although the "
                      "policy drops the request's Upgrade");
        return NGX_ERROR;
    }

    ctx = ngx_llmp_response_ctx(r);

    if (ctx == NULL) {
        return ngx_llmp_next_header_filter(r);
    }

    if (ngx_llmp_response_start(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->reservation && ctx->conf->limit_headers
        && ngx_llmp_limit_headers_add(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_llmp_next_header_filter(r);
}


/* returns whether the policy has dropped the Upgrade, also before a redirect */

static ngx_uint_t
ngx_llmp_response_must_not_switch(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_llmp_ctx_get(r);

    return ctx && ctx->request.drop_upgrade && !ctx->conf->dry_run;
}


/* prepares to read the response if its tokens are needed */

static ngx_int_t
ngx_llmp_response_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_response_t   *response;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    if (!lpmcf->count_tokens
        && (ctx->reservation == NULL
            || !ngx_llmp_reservation_counts_tokens(ctx->reservation))
        && (ctx->decision == NULL || !ctx->decision->added_usage))
    {
        return NGX_OK;
    }

    response = ngx_pcalloc(r->pool, sizeof(ngx_llmp_response_t));
    if (response == NULL) {
        return NGX_ERROR;
    }

    ctx->response = response;

    if (ctx->reservation && ngx_llmp_limit_set_ctx(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_llmp_response_check_status(r, response);

    return ngx_llmp_response_init_usage(r, ctx);
}


static void
ngx_llmp_response_check_status(ngx_http_request_t *r,
    ngx_llmp_response_t *response)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

#if (NGX_HTTP_CACHE)

    if (r->cached) {

        /* no model has seen the request */

        response->cached = 1;
        return;
    }

#endif

    /*
     * clients may request a range of the response, from nginx's cache or from
     * the upstream, but the model has generated all of it
     */

    r->allow_ranges = 0;

    if (status == NGX_HTTP_PARTIAL_CONTENT) {
        response->unreadable = 1;
    }

    if (status < NGX_HTTP_SPECIAL_RESPONSE) {

        /* an error page may have another status than the error */

        response->failed = (r->upstream
                            && (r->upstream->headers_in.status_n < NGX_HTTP_OK
                                || r->upstream->headers_in.status_n
                                 >= NGX_HTTP_SPECIAL_RESPONSE));
        return;
    }

    if ((status == NGX_HTTP_PRECONDITION_FAILED
         || status == NGX_HTTP_NOT_MODIFIED)
        && r->upstream
        && r->upstream->headers_in.status_n >= NGX_HTTP_OK
        && r->upstream->headers_in.status_n < NGX_HTTP_SPECIAL_RESPONSE)
    {
        response->unreadable = 1;
        return;
    }

    response->failed = 1;
}


static ngx_int_t
ngx_llmp_response_init_usage(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t               rc;
    llmp_str_t              type;
    ngx_llmp_response_t    *response;
    llmp_usage_settings_t   settings;

    response = ctx->response;
    type = ngx_llmp_str(&r->headers_out.content_type);

    if (ctx->decision && ctx->decision->added_usage) {
        rc = ngx_llmp_usage_strip_init(r, ctx, &type);

        if (rc != NGX_DECLINED) {
            response->reading = (rc == NGX_OK);
            return rc;
        }
    }

    settings.policy = ctx->policy;
    settings.dialect = ngx_llmp_ctx_dialect(ctx);
    settings.content_type = type;
    settings.pool = &ctx->pool;

    rc = llmp_usage_create(&response->usage, &settings);

    if (rc == NGX_OK) {
        rc = ngx_llmp_inflate_init(r, response);
    }

    response->reading = (rc == NGX_OK && !response->cached);
    response->unreadable |= (rc == NGX_DECLINED);

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_llmp_response_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_llmp_ctx_t  *ctx;

    if (in == NULL) {
        return ngx_llmp_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx && ctx->refusal_page.data) {
        return ngx_llmp_response_send_page(r, ctx, in);
    }

    ctx = ngx_llmp_response_ctx(r);

    if (ctx == NULL) {
        return ngx_llmp_next_body_filter(r, in);
    }

    if (ngx_llmp_response_read(r, ctx, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->response && ctx->response->usage_strip) {
        return ngx_llmp_usage_strip_send(r, ctx->response->usage_strip,
                                         ngx_llmp_next_body_filter);
    }

    return ngx_llmp_next_body_filter(r, in);
}


/* sends the refusal instead of nginx's page */

static ngx_int_t
ngx_llmp_response_send_page(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_chain_t  out;

    if (ngx_llmp_refusal_page_body(r, ctx, in, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_llmp_next_body_filter(r, &out);
}


/*
 * Reads the tokens of the next buffers, and settles the limits at the end of
 * the response.  NGX_ERROR if the response cannot be sent.
 */

static ngx_int_t
ngx_llmp_response_read(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_buf_t            *b;
    ngx_chain_t          *cl;
    ngx_llmp_response_t  *response;

    response = ctx->response;

    if (response) {
        response->begun = 1;
    }

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (response && response->reading
            && ngx_llmp_response_read_buf(response, b) != NGX_OK)
        {
            if (response->usage_strip) {
                return NGX_ERROR;
            }

            response->reading = 0;
            response->unreadable = 1;
        }

        if (!b->last_buf && (r == r->main || !b->last_in_chain)) {
            continue;
        }

        if (response) {
            response->finished = 1;
        }

        if (ctx->reservation) {

            /* a client that has the end may send its next request at once */

            ngx_llmp_limit_settle(ctx->reservation);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_response_read_buf(ngx_llmp_response_t *response, ngx_buf_t *b)
{
    if (ngx_buf_in_memory(b)) {

        if (ngx_llmp_response_feed(response, b->pos, b->last - b->pos)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else if (b->in_file) {

        /* a temporary file has the rest if the client is slow */

        if (ngx_llmp_read_file(b, ngx_llmp_response_feed, response) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return response->usage_strip
           ? ngx_llmp_usage_strip_end_buf(response->usage_strip, b) : NGX_OK;
}


static ngx_int_t
ngx_llmp_response_feed(void *data, u_char *buf, size_t len)
{
    ngx_llmp_response_t *response = data;

    if (response->usage_strip) {
        return ngx_llmp_usage_strip_feed(response->usage_strip, buf, len);
    }

    if (response->inflate) {
        return ngx_llmp_inflate_feed(response, buf, len);
    }

    llmp_usage_feed(response->usage, buf, len);

    return NGX_OK;
}


/* returns the context of a response, or NULL if no model has sent it */

static ngx_llmp_ctx_t *
ngx_llmp_response_ctx(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_llmp_ctx_get(r)
                         : ngx_http_get_module_ctx(r,
                                                   ngx_http_llm_policy_module);

    /* the response to post_action is not sent */

    if (ctx == NULL || r->post_action
        || ctx->request.dialect == NULL
        || ctx->status == NGX_LLMP_STATUS_BYPASSED)
    {
        return NULL;
    }

    /* upstreams may respond before they have all of the body: STREAMING */

    return (ctx->state == NGX_LLMP_STATE_FORWARDED
            || ctx->state == NGX_LLMP_STATE_STREAMING)
           ? ctx : NULL;
}
