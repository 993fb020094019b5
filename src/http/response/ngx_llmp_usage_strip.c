
/*
 * Copyright (C) llm-policy authors
 */


#include "response/ngx_llmp_usage_strip.h"

#include "response/llmp_usage_strip.h"


#define NGX_LLMP_USAGE_STRIP_BUFFER  4096


struct ngx_llmp_usage_strip_s {
    llmp_usage_strip_t   *strip;

    ngx_pool_t           *pool;
    ngx_chain_t          *out;
    ngx_chain_t         **last;
    ngx_buf_t            *buf;     /* last buffer of out, if it has room */
    ngx_chain_t          *free;
    ngx_chain_t          *busy;
};


static llmp_int_t ngx_llmp_usage_strip_write(void *data, const u_char *buf,
    size_t len);
static ngx_buf_t *ngx_llmp_usage_strip_get_buf(ngx_llmp_usage_strip_t *uf);
static ngx_int_t ngx_llmp_usage_strip_copy_flags(ngx_llmp_usage_strip_t *uf,
    ngx_buf_t *b);


ngx_int_t
ngx_llmp_usage_strip_init(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_str_t *type)
{
    ngx_int_t                     rc;
    ngx_llmp_usage_strip_t       *uf;
    llmp_usage_strip_settings_t   settings;

    if (r->headers_out.content_encoding
        && r->headers_out.content_encoding->value.len)
    {
        return NGX_DECLINED;
    }

    uf = ngx_palloc(r->pool, sizeof(ngx_llmp_usage_strip_t));
    if (uf == NULL) {
        return NGX_ERROR;
    }

    uf->pool = r->pool;
    uf->out = NULL;
    uf->last = &uf->out;
    uf->buf = NULL;
    uf->free = NULL;
    uf->busy = NULL;

    settings.usage.policy = ctx->policy;
    settings.usage.dialect = ngx_llmp_ctx_dialect(ctx);
    settings.usage.content_type = *type;
    settings.usage.pool = &ctx->pool;
    settings.handler = ngx_llmp_usage_strip_write;
    settings.data = uf;

    rc = llmp_usage_strip_create(&uf->strip, &settings);
    if (rc != NGX_OK) {
        return rc;
    }

    ctx->response->usage_strip = uf;
    ctx->response->usage = llmp_usage_strip_usage(uf->strip);

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_etag(r);

    return NGX_OK;
}


ngx_int_t
ngx_llmp_usage_strip_feed(ngx_llmp_usage_strip_t *uf, u_char *buf, size_t len)
{
    return llmp_usage_strip_feed(uf->strip, buf, len);
}


ngx_int_t
ngx_llmp_usage_strip_end_buf(ngx_llmp_usage_strip_t *uf, ngx_buf_t *b)
{
    if ((b->last_buf || b->last_in_chain)
        && llmp_usage_strip_finish(uf->strip) != LLMP_OK)
    {
        return NGX_ERROR;
    }

    b->pos = b->last;
    b->file_pos = b->file_last;

    if (!b->flush && !b->recycled && !b->sync
        && !b->last_buf && !b->last_in_chain)
    {
        return NGX_OK;
    }

    return ngx_llmp_usage_strip_copy_flags(uf, b);
}


ngx_int_t
ngx_llmp_usage_strip_send(ngx_http_request_t *r, ngx_llmp_usage_strip_t *uf,
    ngx_http_output_body_filter_pt next)
{
    ngx_int_t  rc;

    rc = next(r, uf->out);

    ngx_chain_update_chains(uf->pool, &uf->free, &uf->busy, &uf->out,
                           (ngx_buf_tag_t) &ngx_http_llm_policy_module);
    uf->last = &uf->out;
    uf->buf = NULL;

    return rc;
}


static llmp_int_t
ngx_llmp_usage_strip_write(void *data, const u_char *buf, size_t len)
{
    ngx_llmp_usage_strip_t *uf = data;

    size_t      n;
    ngx_buf_t  *b;

    while (len) {
        b = uf->buf;

        if (b == NULL || b->last == b->end) {
            b = ngx_llmp_usage_strip_get_buf(uf);
            if (b == NULL) {
                return LLMP_ERROR;
            }
        }

        n = ngx_min(len, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, buf, n);
        buf += n;
        len -= n;
    }

    return LLMP_OK;
}


static ngx_buf_t *
ngx_llmp_usage_strip_get_buf(ngx_llmp_usage_strip_t *uf)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(uf->pool, &uf->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(uf->pool, NGX_LLMP_USAGE_STRIP_BUFFER);
        if (b->start == NULL) {
            return NULL;
        }

        b->end = b->start + NGX_LLMP_USAGE_STRIP_BUFFER;
        b->tag = (ngx_buf_tag_t) &ngx_http_llm_policy_module;
    }

    b->pos = b->start;
    b->last = b->start;
    b->temporary = 1;
    b->flush = 0;
    b->sync = 0;
    b->last_buf = 0;
    b->last_in_chain = 0;

    *uf->last = cl;
    uf->last = &cl->next;
    uf->buf = b;

    return b;
}


/* copies the flags of a buffer to the output */

static ngx_int_t
ngx_llmp_usage_strip_copy_flags(ngx_llmp_usage_strip_t *uf, ngx_buf_t *b)
{
    ngx_buf_t  *out;

    out = uf->buf;

    if (out == NULL) {
        out = ngx_llmp_usage_strip_get_buf(uf);
        if (out == NULL) {
            return NGX_ERROR;
        }

        /* an empty buffer must not be one in memory */

        out->temporary = 0;
        out->sync = 1;
    }

    /* nginx flushes buffers whose memory it needs again */

    out->flush |= b->flush | b->recycled;
    out->last_buf |= b->last_buf;
    out->last_in_chain |= b->last_in_chain;

    /* later output needs another buffer */

    uf->buf = NULL;

    return NGX_OK;
}
