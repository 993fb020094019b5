
/*
 * Copyright (C) llm-policy authors
 */


#include "request/ngx_llmp_body.h"

#include "base/ngx_llmp_read.h"

#include "body/llmp_body.h"


static ngx_int_t ngx_llmp_body_feed(void *data, u_char *buf, size_t len);
static void ngx_llmp_body_forget_variables(ngx_http_request_t *r);


/* variables that contain the body or its length, and are cached by nginx */

static ngx_str_t  ngx_llmp_body_variables[] = {
    ngx_string("content_length"),
    ngx_string("http_content_length"),
    ngx_string("request_body"),
    ngx_string("request_body_file"),
    ngx_null_string
};


ngx_int_t
ngx_llmp_body_add_variables(ngx_conf_t *cf)
{
    ngx_int_t             *index;
    ngx_str_t             *name;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    for (name = ngx_llmp_body_variables; name->len; name++) {
        index = ngx_array_push(&lpmcf->body_vars);
        if (index == NULL) {
            return NGX_ERROR;
        }

        *index = ngx_http_get_variable_index(cf, name);
        if (*index == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_llmp_body_is_complete(ngx_http_request_t *r)
{
    ngx_http_request_body_t  *rb;

    rb = r->request_body;

    if (rb->rest > 0 || r->main->reading_body) {
        return 0;
    }

    return rb->last_saved || !r->main->request_body_no_buffering;
}


off_t
ngx_llmp_body_size(ngx_http_request_t *r)
{
    off_t         size;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    return size;
}


ngx_int_t
ngx_llmp_body_scan(ngx_http_request_t *r, llmp_body_t *body)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            (void) llmp_body_feed(body, b->pos, b->last - b->pos);

        } else if (ngx_llmp_read_file(b, ngx_llmp_body_feed, body) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_body_feed(void *data, u_char *buf, size_t len)
{
    llmp_body_t *body = data;

    /* after an error, the decision has the reason */

    return (llmp_body_feed(body, buf, len) == LLMP_ERROR) ? NGX_DONE : NGX_OK;
}


ngx_int_t
ngx_llmp_body_permit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_status_e status)
{
    ctx->status = status;
    ctx->state = NGX_LLMP_STATE_FORWARDED;

    ngx_llmp_body_mark(r, ctx);

    return NGX_DECLINED;
}


/* the rest of an incomplete body is not read: the connection cannot be kept */

ngx_int_t
ngx_llmp_body_drop(ngx_http_request_t *r)
{
    ngx_http_request_body_t  *rb;

    rb = r->request_body;

    if (rb == NULL) {

        /* there was no memory to read it: nginx would read it later */

        return NGX_ERROR;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy body drop: \"%V\"", &r->uri);

    if (r != r->main) {
        rb = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
        if (rb == NULL) {
            return NGX_ERROR;
        }

        r->request_body = rb;

    } else if (!rb->last_saved) {
        r->read_event_handler = ngx_http_block_reading;
        r->request_body_no_buffering = 0;
        r->keepalive = 0;
        r->lingering_close = 1;
    }

    rb->bufs = NULL;
    rb->temp_file = NULL;

    /* upstreams would wait for the end of a chunked body */

    r->headers_in.chunked = 0;

    if (ngx_llmp_body_set_length(r, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_llmp_body_set_length(ngx_http_request_t *r, off_t length)
{
    u_char           *p, *end;
    ngx_table_elt_t  *h;

    ngx_llmp_body_forget_variables(r);

    r->headers_in.content_length_n = length;

    /* $content_length and upstreams use the number if there is no field */

    h = r->headers_in.content_length;

    if (h == NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_OFF_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (r != r->main) {

        /* the field belongs to the parent */

        h = ngx_palloc(r->pool, sizeof(ngx_table_elt_t));
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = *r->headers_in.content_length;
        r->headers_in.content_length = h;
    }

    end = p + NGX_OFF_T_LEN;

    for (p = end; p == end || length; length /= 10) {
        *--p = (u_char) ('0' + length % 10);
    }

    h->value.len = end - p;
    h->value.data = p;

    return NGX_OK;
}


/*
 * Clears values that were cached before the body was changed: with
 * "proxy_set_body $request_body" the old body would be sent.
 */

static void
ngx_llmp_body_forget_variables(ngx_http_request_t *r)
{
    ngx_int_t             *index;
    ngx_uint_t             i;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    index = lpmcf->body_vars.elts;

    for (i = 0; i < lpmcf->body_vars.nelts; i++) {
        r->variables[index[i]].valid = 0;
        r->variables[index[i]].not_found = 0;
    }
}


/*
 * Other modules may replace a body that was decided on, also at the same
 * address: the tags of its buffers are different then.
 */

void
ngx_llmp_body_mark(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    if (r != r->main || r->request_body == NULL
        || !ngx_llmp_body_is_complete(r))
    {

        /* a parent's body, no body, or one whose buffers are in use */

        return;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        cl->buf->tag = (ngx_buf_tag_t) ctx;
    }
}


ngx_uint_t
ngx_llmp_body_is_marked(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_chain_t  *cl;

    if (r->request_body == NULL) {
        return 0;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        if (cl->buf->tag != (ngx_buf_tag_t) ctx) {
            return 0;
        }
    }

    return 1;
}
