
/*
 * Copyright (C) llm-policy authors
 */


#include "response/ngx_llmp_refusal_page.h"

#include "base/ngx_llmp_header.h"


void
ngx_llmp_refusal_page_header(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_http_clear_content_length(r);

    /*
     * nginx closes the connection after most errors, after some at once:
     * clients that are still sending would not receive the response
     */

    r->keepalive = ctx->keepalive;
    r->lingering_close = !ctx->keepalive;

    r->headers_out.content_type = ngx_llmp_header_json;
    r->headers_out.content_type_len = ngx_llmp_header_json.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.charset.len = 0;
    r->headers_out.content_length_n = ctx->refusal_page.len;
}


ngx_int_t
ngx_llmp_refusal_page_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in, ngx_chain_t *out)
{
    ngx_buf_t  *b;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    if (ctx->refusal_page.len) {
        b->memory = 1;
        b->pos = ctx->refusal_page.data;
        b->last = b->pos + ctx->refusal_page.len;
    }

    /* the text is sent once */

    ctx->refusal_page.len = 0;

    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        b->last_buf |= in->buf->last_buf;
        b->last_in_chain |= in->buf->last_in_chain;
    }

    b->sync = !ngx_buf_in_memory(b) && !b->last_buf;

    out->buf = b;
    out->next = NULL;

    return NGX_OK;
}
