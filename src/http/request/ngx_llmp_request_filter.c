
/*
 * Copyright (C) llm-policy authors
 *
 * Scans the body while it arrives, and decides on it with its last bytes.
 * Nothing is changed here: what comes of it, the phase handler asks once the
 * body is complete; or else ngx_llmp_flow.c decides while it passes.
 */


#include "request/ngx_llmp_request_filter.h"

#include "request/ngx_llmp_streaming.h"


static ngx_int_t ngx_llmp_request_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


static ngx_http_request_body_filter_pt
    ngx_llmp_next_request_body_filter;


ngx_int_t
ngx_llmp_request_filter_init(ngx_conf_t *cf)
{
    ngx_llmp_next_request_body_filter =
                                              ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = ngx_llmp_request_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_request_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    size_t           size;
    uint64_t         start;
    ngx_int_t        rc;
    ngx_buf_t       *b;
    ngx_uint_t       last;
    ngx_chain_t     *cl;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx && ctx->streaming) {
        rc = ngx_llmp_streaming_filter(r, ctx, &in);

        if (rc == NGX_OK) {
            rc = ngx_llmp_next_request_body_filter(r, in);
            ngx_llmp_streaming_filtered(r, ctx);
        }

        if (rc != NGX_OK) {

            /* what there is of the body may be a part: no page gets it */

            ctx->forward = 0;
        }

        return rc;
    }

    if (ctx && ctx->reading && ctx->body) {

        last = 0;
        start = ngx_llmp_ctx_clock(ctx);

        for (cl = in; cl; cl = cl->next) {
            b = cl->buf;
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
            ctx->judged = 1;
        }

        ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;
    }

    return ngx_llmp_next_request_body_filter(r, in);
}
