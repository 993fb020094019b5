
/*
 * Copyright (C) llm-policy authors
 *
 * Scans the body while it arrives, and decides on it with its last byte.  The
 * phase handler applies the decision when the body is complete, unless the body
 * is streamed (ngx_llmp_streaming.c).
 */


#include "request/ngx_llmp_request_filter.h"

#include "request/ngx_llmp_streaming.h"

#include "body/llmp_body.h"


static ngx_int_t ngx_llmp_request_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_llmp_request_filter_stream(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in);
static void ngx_llmp_request_filter_scan(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in);


static ngx_http_request_body_filter_pt  ngx_llmp_next_request_body_filter;


ngx_int_t
ngx_llmp_request_filter_init(ngx_conf_t *cf)
{
    ngx_llmp_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_llmp_request_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_request_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx && ctx->streaming) {
        return ngx_llmp_request_filter_stream(r, ctx, in);
    }

    if (ctx && ctx->state == NGX_LLMP_STATE_READING) {
        ngx_llmp_request_filter_scan(r, ctx, in);
    }

    return ngx_llmp_next_request_body_filter(r, in);
}


static ngx_int_t
ngx_llmp_request_filter_stream(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_int_t  rc;

    rc = ngx_llmp_streaming_filter(r, ctx, &in);

    if (rc == NGX_OK) {
        rc = ngx_llmp_next_request_body_filter(r, in);
        ngx_llmp_streaming_filtered(r, ctx);
    }

    if (rc != NGX_OK && ctx->state == NGX_LLMP_STATE_FORWARDED) {

        /* the body may be incomplete: no error page may forward it */

        ctx->state = NGX_LLMP_STATE_REFUSED;
    }

    return rc;
}


static void
ngx_llmp_request_filter_scan(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in)
{
    size_t      size;
    uint64_t    start;
    ngx_buf_t  *b;
    ngx_uint_t  last;

    last = 0;
    start = ngx_llmp_ctx_clock(ctx);

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;
        last |= b->last_buf;

        if (!ngx_buf_in_memory(b)) {
            continue;
        }

        size = b->last - b->pos;

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy filter: %uz", size);

        (void) llmp_body_feed(ctx->body, b->pos, size);

        ctx->scanned += size;
    }

    if (last) {
        ctx->verdict = llmp_body_decide(ctx->body);
        ctx->state = NGX_LLMP_STATE_DECIDED;
    }

    ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;
}
