
/*
 * Copyright (C) llm-policy authors
 *
 * Reads what a model answers on its way, for the tokens it took.  Nothing of it
 * is changed, or waits, but for what ngx_llmp_stream.c is about.
 */


#include "base/ngx_llmp_module.h"


#define NGX_LLMP_RESPONSE_BUFFER  8192


static ngx_int_t ngx_llmp_response_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_response_start(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_response_check_status(ngx_http_request_t *r,
    ngx_llmp_response_t *response);
static ngx_int_t ngx_llmp_response_init_usage(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_response_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_llmp_response_read_buf(ngx_llmp_response_t *response,
    ngx_buf_t *b);
static ngx_int_t ngx_llmp_response_read_file(ngx_llmp_response_t *response,
    ngx_buf_t *b);
static ngx_int_t ngx_llmp_response_feed(ngx_llmp_response_t *response,
    u_char *buf, size_t len);
static ngx_llmp_ctx_t *ngx_llmp_response_ctx(ngx_http_request_t *r);
static void ngx_llmp_tokens_of_response(ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens);
static void ngx_llmp_tokens_reported(llmp_usage_t *usage,
    ngx_llmp_tokens_t *tokens);


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


/* what a model answers is read if somebody asks for its tokens */

static ngx_int_t
ngx_llmp_response_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_response_t   *response;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    if (!lpmcf->count_tokens
        && (ctx->reservation == NULL || ctx->reservation->verdict.reserved == 0)
        && (ctx->decision == NULL || !ctx->decision->asked_usage))
    {
        return NGX_OK;
    }

    response = ngx_pcalloc(r->pool, sizeof(ngx_llmp_response_t));
    if (response == NULL) {
        return NGX_ERROR;
    }

    ctx->response = response;

    if (ctx->reservation) {
        ctx->reservation->ctx = ctx;
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

        response->failed = 1;
        return;
    }

#endif

    /*
     * Clients may ask for less than the response: of nginx, where it keeps
     * answers, or of the upstream.  The model has given all of it.
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
    ngx_int_t             rc;
    llmp_str_t            type;
    ngx_llmp_response_t  *response;

    response = ctx->response;
    type = ngx_llmp_str(&r->headers_out.content_type);

    if (ctx->decision && ctx->decision->asked_usage) {
        rc = ngx_llmp_usage_filter_init(r, ctx, &type);

        if (rc != NGX_DECLINED) {
            response->reading = (rc == NGX_OK);
            return rc;
        }
    }

    response->usage = ngx_palloc(r->pool, sizeof(llmp_usage_t));
    if (response->usage == NULL) {
        return NGX_ERROR;
    }

    rc = llmp_usage_init(response->usage, ctx->policy, ctx->request.dialect,
                         &type, &ctx->pool);

    if (rc == NGX_OK) {
        rc = ngx_llmp_inflate_init(r, response);
    }

    response->reading = (rc == NGX_OK && !response->failed);
    response->unreadable |= (rc == NGX_DECLINED);

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_llmp_response_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t            *b;
    ngx_chain_t          *cl, out;
    ngx_llmp_ctx_t       *ctx;
    ngx_llmp_response_t  *response;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (in && ctx && ctx->refusal_page.data) {
        return (ngx_llmp_refusal_page_body(r, ctx, in, &out) == NGX_OK)
               ? ngx_llmp_next_body_filter(r, &out) : NGX_ERROR;
    }

    ctx = in ? ngx_llmp_response_ctx(r) : NULL;

    if (ctx == NULL) {
        return ngx_llmp_next_body_filter(r, in);
    }

    response = ctx->response;

    if (response) {
        response->begun = 1;
    }

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (response && response->reading
            && ngx_llmp_response_read_buf(response, b) != NGX_OK)
        {
            if (response->usage_filter) {
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

            /* who has seen the end may ask for more at once */

            ngx_llmp_limit_settle(ctx->reservation);
        }
    }

    if (response && response->usage_filter) {
        return ngx_llmp_usage_filter_send(r, response->usage_filter,
                                        ngx_llmp_next_body_filter);
    }

    return ngx_llmp_next_body_filter(r, in);
}


static ngx_int_t
ngx_llmp_response_read_buf(ngx_llmp_response_t *response, ngx_buf_t *b)
{
    if (ngx_buf_in_memory(b)
        && ngx_llmp_response_feed(response, b->pos, b->last - b->pos)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_buf_in_memory(b) && b->in_file
        && ngx_llmp_response_read_file(response, b) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return response->usage_filter
           ? ngx_llmp_usage_filter_end_buf(response->usage_filter, b) : NGX_OK;
}


/* a response that the client is slow to take is in a temporary file */

static ngx_int_t
ngx_llmp_response_read_file(ngx_llmp_response_t *response, ngx_buf_t *b)
{
    off_t    pos;
    size_t   size;
    ssize_t  n;
    u_char   buf[NGX_LLMP_RESPONSE_BUFFER];

    for (pos = b->file_pos; pos < b->file_last; pos += n) {
        size = (size_t) ngx_min((off_t) sizeof(buf), b->file_last - pos);

        n = ngx_llmp_read_at(b, buf, size, pos);

        if (n <= 0) {
            return NGX_ERROR;
        }

        if (ngx_llmp_response_feed(response, buf, n) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_response_feed(ngx_llmp_response_t *response, u_char *buf, size_t len)
{
    if (response->usage_filter) {
        return ngx_llmp_usage_filter_feed(response->usage_filter, buf, len);
    }

    if (response->inflate) {
        return ngx_llmp_inflate_feed(response, buf, len);
    }

    llmp_usage_feed(response->usage, buf, len);

    return NGX_OK;
}


/* the record of what is answered, if that was sent to a model */

static ngx_llmp_ctx_t *
ngx_llmp_response_ctx(ngx_http_request_t *r)
{
    ngx_llmp_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_llmp_ctx_get(r)
                         : ngx_http_get_module_ctx(r,
                                                   ngx_http_llm_policy_module);

    /* the response to post_action is for nobody */

    if (ctx == NULL || r->post_action
        || ctx->request.dialect == NULL
        || ctx->status == NGX_LLMP_BYPASSED)
    {
        return NULL;
    }

    if (ctx->passing && ctx->status == NGX_LLMP_UNDECIDED) {

        /* upstreams may response before they have all of the body */

        return ctx;
    }

    return ctx->forward ? ctx : NULL;
}


int64_t
ngx_llmp_tokens_estimate(ngx_llmp_ctx_t *ctx, off_t size)
{
    return (size * 100 + ctx->conf->token_bytes - 1) / ctx->conf->token_bytes;
}


/*
 * Of a request whose client did not wait for a response, all that it might
 * have come to counts: the model was asked, and nobody will know.
 *
 * A request that nobody holds any more is over, however it ended.
 */

ngx_int_t
ngx_llmp_tokens_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens)
{
    ngx_memzero(tokens, sizeof(ngx_llmp_tokens_t));

    if (ctx->response) {

        if (ctx->response->failed
            || (!ctx->response->finished && r->main->count != 0))
        {
            return NGX_DECLINED;
        }

        if (!ctx->response->finished
            && (!ctx->response->begun
                || (r->upstream && r->upstream->cacheable)))
        {
            /*
             * nobody has seen any of it; or the client has left, and all of it
             * goes to the cache, where the client can get it
             */

            ctx->response->unreadable = 1;
        }

        ngx_llmp_tokens_of_response(ctx, tokens);

        return NGX_OK;
    }

    if (ctx->decision == NULL
        || (!r->post_action
            && (r->headers_out.status != NGX_HTTP_CLIENT_CLOSED_REQUEST
                || r->upstream == NULL || !r->upstream->request_sent)))
    {
        return NGX_DECLINED;
    }

    tokens->prompt = ngx_llmp_tokens_estimate(ctx, ctx->body_size);
    tokens->completion = ctx->decision->output;
    tokens->total = tokens->prompt + tokens->completion;
    tokens->prompt_estimated = 1;
    tokens->completion_estimated = 1;

    return NGX_OK;
}


/*
 * What the upstream has reported counts; else what can be told from the sizes;
 * else, of a response that cannot be read, what was asked for.  Of one that was
 * cut short, a stream may have reported its beginning alone.
 */

static void
ngx_llmp_tokens_of_response(ngx_llmp_ctx_t *ctx, ngx_llmp_tokens_t *tokens)
{
    int64_t               least;
    llmp_usage_t         *usage;
    ngx_llmp_response_t  *response;

    response = ctx->response;
    usage = response->usage;

    if (response->reading && response->usage_filter == NULL) {
        llmp_usage_finish(usage);
        response->reading = 0;
    }

    ngx_llmp_tokens_reported(usage, tokens);

    if (tokens->prompt < 0) {
        tokens->prompt = ngx_llmp_tokens_estimate(ctx, ctx->body_size);
        tokens->prompt_estimated = 1;
    }

    if (tokens->completion < 0 || usage->partial || !response->finished) {
        least = ngx_llmp_tokens_estimate(ctx, usage->text);

        if (response->unreadable && ctx->decision) {
            least = ngx_max(least, (int64_t) ctx->decision->output);
        }

        if (tokens->completion < least || usage->partial) {
            tokens->completion = ngx_max(tokens->completion, least);
            tokens->completion_estimated = 1;
        }
    }

    tokens->total = tokens->prompt + tokens->completion;
}


/* prompt and completion, or -1 */

static void
ngx_llmp_tokens_reported(llmp_usage_t *usage, ngx_llmp_tokens_t *tokens)
{
    tokens->prompt = usage->prompt;
    tokens->completion = usage->completion;

    if (usage->partial || usage->total < 0) {
        return;
    }

    if (usage->prompt < 0) {

        /* some report one number for both */

        tokens->prompt = usage->total - ngx_max(usage->completion, 0);
        tokens->completion = usage->total - tokens->prompt;

    } else if (usage->completion < 0
               || usage->total > usage->prompt + usage->completion)
    {
        /*
         * some report no completion, or count thoughts and searches in the
         * total alone
         */

        tokens->completion = usage->total - usage->prompt;
    }
}
