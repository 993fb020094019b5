
/*
 * Copyright (C) llm-policy authors
 *
 * The final parts of a body are forwarded in buffers of this module.  nginx's
 * buffers are returned, to read more into, only when all of these were sent:
 * the memory needed is that of nginx alone, and of the part that is held.
 *
 * The length of the edited body is known at its end, but the upstream needs it
 * at the start: the upper bound is announced, and spaces after the document
 * fill the rest.
 */


#include "request/ngx_llmp_streaming.h"

#include "limit/ngx_llmp_limit.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_candidate.h"
#include "request/ngx_llmp_decide.h"
#include "request/ngx_llmp_refusal.h"
#include "request/ngx_llmp_request_head.h"

#include "body/llmp_streaming.h"
#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"


#define NGX_LLMP_STREAMING_COPY_MIN  256


struct ngx_llmp_streaming_s {
    llmp_streaming_t       core;

    ngx_http_request_t    *request;
    ngx_int_t            (*create_request)(ngx_http_request_t *r);

    ngx_chain_t           *out;        /* output of the present call */
    ngx_chain_t          **last;

    ngx_chain_t           *busy;       /* own buffers not sent yet, in order */
    ngx_chain_t          **tail;
    ngx_chain_t           *free;
    ngx_chain_t           *copies;     /* free buffers with own memory */
    ngx_chain_t           *in;         /* nginx's buffers in use */

    uint64_t               bound;      /* bytes that the body may grow by */
    off_t                  announced;  /* length in bytes, or -1 */
    ngx_int_t              rc;         /* status of a failure, or NGX_OK */

    unsigned               begun:1;
    unsigned               flush:1;
    unsigned               done:1;
};


static ngx_llmp_streaming_t *ngx_llmp_streaming_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_streaming_reserve(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static llmp_int_t ngx_llmp_streaming_admit(void *data,
    const llmp_str_t *model, const llmp_tier_t **tier);
static void ngx_llmp_streaming_begin(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_uint_t ngx_llmp_streaming_must_buffer(ngx_http_request_t *r,
    ngx_http_upstream_t *u);
static ngx_int_t ngx_llmp_streaming_create_request(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_streaming_announce(ngx_http_request_t *r,
    ngx_llmp_streaming_t *st);
static ngx_int_t ngx_llmp_streaming_feed(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_chain_t *in);
static llmp_streaming_more_e ngx_llmp_streaming_rest(ngx_http_request_t *r,
    ngx_buf_t *b);
static ngx_int_t ngx_llmp_streaming_finish(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_streaming_decide(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_streaming_fill_length(ngx_http_request_t *r,
    ngx_llmp_streaming_t *st);
static ngx_int_t ngx_llmp_streaming_mark_last(ngx_llmp_streaming_t *st);
static llmp_int_t ngx_llmp_streaming_emit(void *data,
    llmp_streaming_source_e where, const u_char *p, size_t len);
static ngx_buf_t *ngx_llmp_streaming_get_copy(ngx_llmp_streaming_t *st,
    size_t len);
static ngx_buf_t *ngx_llmp_streaming_get_buf(ngx_llmp_streaming_t *st,
    ngx_chain_t **free);
static void ngx_llmp_streaming_reclaim(ngx_llmp_streaming_t *st);


ngx_uint_t
ngx_llmp_streaming_is_chosen(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    return ctx->conf->streaming
           && !ctx->buffered
           && r == r->main
           && llmp_streaming_is_possible(ctx->request.dialect);
}


ngx_int_t
ngx_llmp_streaming_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t              rc;
    ngx_llmp_streaming_t  *st;

    ctx->state = NGX_LLMP_STATE_STREAMING_READY;

    rc = ngx_llmp_streaming_reserve(r, ctx);

    if (rc == NGX_AGAIN) {

        /* the caller was moved to another tier */

        if (ngx_llmp_decide_init_body(ctx) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "no memory to scan the body");
        }

        rc = ngx_llmp_streaming_reserve(r, ctx);
    }

    if (rc != NGX_OK && rc != NGX_DECLINED) {
        return rc;
    }

    st = ngx_llmp_streaming_create(r, ctx);
    if (st == NULL) {
        return ngx_llmp_refuse_internal(r, ctx, "no memory to scan the body");
    }

    if (ctx->request.stream_usage && ctx->request.dialect->usage) {

        /* an edit may request the usage after the head was sent */

        ngx_llmp_request_head_set_identity(r);
    }

    ctx->streaming = st;

    ngx_llmp_candidate_start(r, ctx);

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy streaming: hold:%uz bound:%uL",
                   st->core.hold, st->bound);

    return NGX_DECLINED;
}


static ngx_llmp_streaming_t *
ngx_llmp_streaming_create(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_streaming_t  *st;

    st = ngx_pcalloc(r->pool, sizeof(ngx_llmp_streaming_t));
    if (st == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     st->create_request = NULL;
     *     st->busy, st->free, st->copies, st->in = NULL;
     *     st->rc = NGX_OK;
     *     st->begun, st->flush, st->done = 0;
     */

    st->request = r;
    st->tail = &st->busy;
    st->announced = -1;

    llmp_streaming_init(&st->core, ctx->body, ctx->conf->hold,
                        ngx_llmp_streaming_emit, st);

    st->core.unchanged = ctx->conf->dry_run;

    if (ngx_llmp_limit_needs_model(ctx)) {
        st->core.admit = ngx_llmp_streaming_admit;
    }

    /*
     * There is no bound until a length is announced.  The length of a body that
     * is not edited is kept: in dry run, and if there is a digest of the body.
     */

    st->bound = (st->core.unchanged || llmp_body_decision(ctx->body)->digest)
                ? 0 : st->core.growth_max;
    st->core.growth_max = NGX_MAX_OFF_T_VALUE;

    return st;
}


/*
 * Checks limits by the client's Content-Length, which is missing if the body is
 * chunked.  Returns as ngx_llmp_decide_check_limits() does.
 */

static ngx_int_t
ngx_llmp_streaming_reserve(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t  rc;

    ctx->body_size = ngx_max(r->headers_in.content_length_n, 0);

    rc = ngx_llmp_decide_check_limits(r, ctx);

    if (rc != NGX_OK && rc != NGX_DECLINED) {

        /* the request was refused, and may be freed, with ctx */

        return rc;
    }

    /* counts the received bytes from here on */

    ctx->body_size = 0;

    return rc;
}


/* admits a request, before any byte of it is forwarded, by its model */

static llmp_int_t
ngx_llmp_streaming_admit(void *data, const llmp_str_t *model,
    const llmp_tier_t **tier)
{
    ngx_llmp_streaming_t *st = data;

    ngx_int_t            rc;
    ngx_llmp_ctx_t      *ctx;
    llmp_decision_t     *decision;
    ngx_http_request_t  *r;

    r = st->request;
    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);
    decision = llmp_body_decision(ctx->body);

    rc = ngx_llmp_decide_limits(r, ctx, model, &decision->refusal);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    *tier = llmp_body_tier(ctx->policy, &ctx->caller, &ctx->pool);

    if (*tier == NULL) {
        return llmp_refuse(&decision->refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory for a decision");
    }

    rc = ngx_llmp_decide_limits(r, ctx, model, &decision->refusal);

    return (rc == NGX_OK) ? LLMP_AGAIN : LLMP_ERROR;
}


ngx_int_t
ngx_llmp_streaming_filter(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t **in)
{
    ngx_int_t              rc;
    uint64_t               start;
    ngx_llmp_streaming_t  *st;

    st = ctx->streaming;

    if (!st->begun) {
        ngx_llmp_streaming_begin(r, ctx);
    }

    if (st->rc != NGX_OK) {
        return st->rc;
    }

    start = ngx_llmp_ctx_clock(ctx);

    ngx_llmp_streaming_reclaim(st);

    st->out = NULL;
    st->last = &st->out;

    rc = ngx_llmp_streaming_feed(r, ctx, *in);

    ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;

    if (rc != NGX_OK) {
        st->rc = (rc < NGX_HTTP_SPECIAL_RESPONSE)
                 ? NGX_HTTP_INTERNAL_SERVER_ERROR : rc;
        return st->rc;
    }

    *in = st->out;

    return NGX_OK;
}


/* the output may have been written to a file, or be complete in memory */

void
ngx_llmp_streaming_filtered(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_chain_t           *cl;
    ngx_llmp_streaming_t  *st;

    st = ctx->streaming;

    /* the next filters keep the buffers, but not the links */

    while (st->out) {
        cl = st->out;
        st->out = cl->next;

        ngx_free_chain(r->pool, cl);
    }

    if (!st->done) {
        ngx_llmp_streaming_reclaim(st);

    } else if (ctx->state == NGX_LLMP_STATE_FORWARDED) {
        ngx_llmp_body_mark(r, ctx);
    }
}


ngx_uint_t
ngx_llmp_streaming_body_is_gone(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    return ctx->streaming && r->request_body && r->request_body->bufs == NULL;
}


static void
ngx_llmp_streaming_begin(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    ctx->streaming->begun = 1;

    if (ctx->state == NGX_LLMP_STATE_STREAMING_READY) {
        ctx->state = NGX_LLMP_STATE_STREAMING;
    }

    u = r->upstream;

    if (u && u->create_request) {
        ctx->streaming->create_request = u->create_request;
        u->create_request = ngx_llmp_streaming_create_request;
    }

    if (u && ngx_llmp_streaming_must_buffer(r, u)) {
        r->request_body_no_buffering = 0;
    }
}


/* returns 1 if all of the body must be read before it is sent */

static ngx_uint_t
ngx_llmp_streaming_must_buffer(ngx_http_request_t *r, ngx_http_upstream_t *u)
{
#if (NGX_HTTP_CACHE)

    /*
     * a cached response must not be sent before the decision, or for a part of
     * the body; a background update would use the part that was read
     */

    if (u->conf->cache && (u->conf->cache_methods & r->method)) {
        return 1;
    }

#endif

#if (NGX_LLMP_SCGI_WHOLE)

    if (u->schema.len == sizeof("scgi://") - 1
        && ngx_strncmp(u->schema.data, "scgi://", sizeof("scgi://") - 1) == 0)
    {
        return 1;
    }

#endif

    return 0;
}


/*
 * Sets the announced length while the upstream request is created; nginx reads
 * as much as the client's length.
 */

static ngx_int_t
ngx_llmp_streaming_create_request(ngx_http_request_t *r)
{
    off_t                  length;
    ngx_int_t              rc;
    ngx_str_t              value;
    ngx_table_elt_t       *h;
    ngx_llmp_ctx_t        *ctx;
    ngx_llmp_streaming_t  *st;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL || ctx->streaming == NULL) {
        return NGX_ERROR;
    }

    st = ctx->streaming;

    if (!r->reading_body || r->headers_in.chunked
        || r->headers_in.content_length_n < 0)
    {
        return st->create_request(r);
    }

    h = r->headers_in.content_length;
    length = r->headers_in.content_length_n;

    ngx_str_null(&value);

    if (h) {
        value = h->value;
    }

    if (ngx_llmp_streaming_announce(r, st) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = st->create_request(r);

    r->headers_in.content_length_n = length;

    if (h) {
        h->value = value;
    }

    return rc;
}


static ngx_int_t
ngx_llmp_streaming_announce(ngx_http_request_t *r, ngx_llmp_streaming_t *st)
{
    uint64_t  max;

    if (st->core.growth > (int64_t) st->bound) {

        /* the body grew by more before the length was announced */

        st->bound = st->core.growth;
    }

    /* the client's length may be the largest number */

    max = NGX_MAX_OFF_T_VALUE - r->headers_in.content_length_n;

    st->bound = ngx_min(st->bound, max);

    st->core.growth_max = st->bound;
    st->announced = r->headers_in.content_length_n + st->bound;

    return ngx_llmp_body_set_length(r, st->announced);
}


static ngx_int_t
ngx_llmp_streaming_feed(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_chain_t *in)
{
    size_t                 size;
    ngx_buf_t             *b;
    ngx_chain_t           *cl;
    ngx_llmp_streaming_t  *st;

    st = ctx->streaming;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;
        st->flush = b->flush;

        if (!ngx_buf_in_memory(b) && !ngx_buf_special(b)) {

            /* another filter writes bodies to files */

            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "a streamed body is not in memory");
            return NGX_ERROR;
        }

        size = ngx_buf_in_memory(b) ? b->last - b->pos : 0;

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy streaming: %uz last:%d", size, b->last_buf);

        if (size) {
            ctx->scanned += size;

            ngx_llmp_candidate_feed(ctx, b->pos, size);

            if (llmp_streaming_feed(&st->core, b->pos, size,
                                    ngx_llmp_streaming_rest(r, b))
                != LLMP_AGAIN)
            {
                ctx->body_size = ctx->scanned;
                ctx->decision = llmp_body_decision(ctx->body);

                ngx_llmp_candidate_decide(r, ctx);

                return ngx_llmp_refuse(r, ctx, &ctx->decision->refusal);
            }

            cl = ngx_alloc_chain_link(r->pool);
            if (cl == NULL) {
                return NGX_ERROR;
            }

            cl->buf = b;
            cl->next = st->in;
            st->in = cl;
        }

        if (b->last_buf && !st->done) {
            return ngx_llmp_streaming_finish(r, ctx);
        }
    }

    return NGX_OK;
}


/* returns when the bytes after a buffer will be read */

static llmp_streaming_more_e
ngx_llmp_streaming_rest(ngx_http_request_t *r, ngx_buf_t *b)
{
    ngx_event_t  *rev;

    if (b->last_buf) {
        return LLMP_STREAMING_LAST;
    }

    /* nginx reads the socket first; but with TLS it may have a part of a record
       only */

    rev = r->connection->read;

#if (NGX_SSL)
    if (r->connection->ssl) {
        return LLMP_STREAMING_LATER;
    }
#endif

    return (rev->ready && rev->available > 0) ? LLMP_STREAMING_SOON
                                              : LLMP_STREAMING_LATER;
}


static ngx_int_t
ngx_llmp_streaming_finish(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t              rc;
    ngx_llmp_streaming_t  *st;

    st = ctx->streaming;
    st->done = 1;
    ctx->body_size = ctx->scanned;

    if (ctx->body_size == 0) {
        (void) ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_BYPASSED);
        return ngx_llmp_streaming_mark_last(st);
    }

    rc = ngx_llmp_streaming_decide(r, ctx);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (llmp_streaming_finish(&st->core) != LLMP_OK) {
        return NGX_ERROR;
    }

    if (ngx_llmp_streaming_fill_length(r, st) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_llmp_streaming_mark_last(st);
}


/* returns NGX_DECLINED if the rest of the body will be forwarded */

static ngx_int_t
ngx_llmp_streaming_decide(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_int_t  rc;

    rc = llmp_streaming_decide(&ctx->streaming->core);

    ctx->decision = llmp_body_decision(ctx->body);

    ngx_llmp_candidate_decide(r, ctx);

    return (ctx->status == NGX_LLMP_STATUS_NONE)
           ? ngx_llmp_decide_apply(r, ctx, rc)
           : NGX_DECLINED;
}


/* sets the length of a body that was read; else adds spaces to it */

static ngx_int_t
ngx_llmp_streaming_fill_length(ngx_http_request_t *r, ngx_llmp_streaming_t *st)
{
    off_t       length;
    size_t      size;
    ngx_buf_t  *b;

    length = (off_t) st->core.fed + st->core.growth;

    if (!r->reading_body) {

        /* nginx uses this length for HTTP/2 */

        r->request_body->received = length;

        return ngx_llmp_body_set_length(r, length);
    }

    if (length >= st->announced) {
        return NGX_OK;
    }

    size = (size_t) (st->announced - length);

    b = ngx_llmp_streaming_get_copy(st, size);
    if (b == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(b->pos, ' ', size);
    b->last = b->pos + size;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_streaming_mark_last(ngx_llmp_streaming_t *st)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = NULL;

    for (cl = st->out; cl; cl = cl->next) {
        b = cl->buf;
    }

    if (b == NULL) {
        b = ngx_llmp_streaming_get_buf(st, &st->free);
        if (b == NULL) {
            return NGX_ERROR;
        }
    }

    b->last_buf = 1;

    return NGX_OK;
}


/* each piece begins at its buffer's start, as retries send it from there */

static llmp_int_t
ngx_llmp_streaming_emit(void *data, llmp_streaming_source_e where,
    const u_char *p, size_t len)
{
    ngx_llmp_streaming_t *st = data;

    ngx_buf_t       *b;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(st->request, ngx_http_llm_policy_module);
    ctx->tier_fixed = 1;

    if (where == LLMP_STREAMING_HELD) {
        b = ngx_llmp_streaming_get_copy(st, len);
        if (b == NULL) {
            return LLMP_ERROR;
        }

        b->last = ngx_cpymem(b->start, p, len);

        return LLMP_OK;
    }

    b = ngx_llmp_streaming_get_buf(st, &st->free);
    if (b == NULL) {
        return LLMP_ERROR;
    }

    b->temporary = (where == LLMP_STREAMING_FED);
    b->memory = (where == LLMP_STREAMING_TEXT);
    b->start = (u_char *) p;
    b->pos = b->start;
    b->last = b->start + len;
    b->end = b->last;

    return LLMP_OK;
}


/* returns a buffer with own memory of at least len bytes */

static ngx_buf_t *
ngx_llmp_streaming_get_copy(ngx_llmp_streaming_t *st, size_t len)
{
    size_t        size;
    u_char       *start;
    ngx_buf_t    *b;
    ngx_chain_t  *cl, **ll;

    for (ll = &st->copies; *ll; ll = &(*ll)->next) {

        if ((size_t) ((*ll)->buf->end - (*ll)->buf->start) >= len) {

            /* get_buf() takes the first one */

            cl = *ll;
            *ll = cl->next;
            cl->next = st->copies;
            st->copies = cl;

            start = cl->buf->start;
            size = cl->buf->end - start;

            b = ngx_llmp_streaming_get_buf(st, &st->copies);
            goto found;
        }
    }

    /* few sizes, so that buffers can be reused */

    for (size = NGX_LLMP_STREAMING_COPY_MIN; size < len; size *= 2) {
        /* void */
    }

    start = ngx_palloc(st->request->pool, size);
    if (start == NULL) {
        return NULL;
    }

    b = ngx_llmp_streaming_get_buf(st, &st->free);

found:

    if (b) {
        b->temporary = 1;
        b->tag = (ngx_buf_tag_t) &ngx_llmp_streaming_get_copy;
        b->start = start;
        b->pos = start;
        b->end = start + size;
    }

    return b;
}


/* adds a buffer to the output, and to the busy buffers */

static ngx_buf_t *
ngx_llmp_streaming_get_buf(ngx_llmp_streaming_t *st, ngx_chain_t **free)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl, *link;

    cl = ngx_chain_get_free_buf(st->request->pool, free);
    link = ngx_alloc_chain_link(st->request->pool);

    if (cl == NULL || link == NULL) {
        return NULL;
    }

    b = cl->buf;

    ngx_memzero(b, sizeof(ngx_buf_t));

    b->tag = (ngx_buf_tag_t) &ngx_llmp_streaming_get_buf;
    b->flush = st->flush;

    cl->next = NULL;

    *st->tail = cl;
    st->tail = &cl->next;

    link->buf = b;
    link->next = NULL;

    *st->last = link;
    st->last = &link->next;

    return b;
}


static void
ngx_llmp_streaming_reclaim(ngx_llmp_streaming_t *st)
{
    ngx_chain_t  *cl, **free;

    while (st->busy) {
        cl = st->busy;

        if (cl->buf->pos != cl->buf->last || cl->buf->last_buf) {
            return;
        }

        st->busy = cl->next;

        free = (cl->buf->tag == (ngx_buf_tag_t) &ngx_llmp_streaming_get_copy)
               ? &st->copies : &st->free;

        cl->next = *free;
        *free = cl;
    }

    st->tail = &st->busy;

    while (st->in) {
        cl = st->in;
        st->in = cl->next;

        cl->buf->pos = cl->buf->last;
        ngx_free_chain(st->request->pool, cl);
    }
}
