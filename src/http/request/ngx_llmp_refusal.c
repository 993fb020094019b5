
/*
 * Copyright (C) llm-policy authors
 */


#include "request/ngx_llmp_refusal.h"

#include "base/ngx_llmp_header.h"
#include "base/ngx_llmp_str.h"
#include "limit/ngx_llmp_limit_headers.h"
#include "request/ngx_llmp_body.h"

#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"
#include "dialect/llmp_error_body.h"
#include "policy/llmp_policy.h"


static ngx_int_t ngx_llmp_refusal_send(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);
static ngx_int_t ngx_llmp_refusal_write(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal, ngx_str_t *text);
static ngx_int_t ngx_llmp_refusal_prepare_page(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);


ngx_int_t
ngx_llmp_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    ngx_uint_t  streaming;

    streaming = (ctx->state == NGX_LLMP_STATE_STREAMING);

    ctx->status = NGX_LLMP_STATUS_REJECTED;
    ctx->reason = refusal->code;

    ngx_llmp_refusal_log(r, ctx, refusal, ngx_llmp_ctx_is_dry_run(ctx));

    if (ngx_llmp_ctx_is_dry_run(ctx)) {
        return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_REJECTED);
    }

    ctx->state = NGX_LLMP_STATE_REFUSED;

    if (streaming) {
        return ngx_llmp_refusal_prepare_page(r, ctx, refusal);
    }

    /* a request that is redirected later has no body */

    if (r->request_body && ngx_llmp_body_drop(r) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_llmp_refusal_send(r, ctx, refusal);
}


ngx_int_t
ngx_llmp_refuse_internal(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const char *message)
{
    llmp_refusal_t  refusal;

    (void) llmp_refuse(&refusal, LLMP_REFUSE_INTERNAL, NULL, "%s", message);

    return ngx_llmp_refuse(r, ctx, &refusal);
}


void
ngx_llmp_refusal_log(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal, ngx_uint_t dry_run)
{
    ngx_uint_t          level;
    llmp_str_t          cause;
    const char         *mode, *code;
    const llmp_tier_t  *tier;

    level = (refusal->code == LLMP_REFUSE_INTERNAL) ?
                NGX_LOG_ERR : ctx->conf->reject_log_level;

    mode = dry_run ? "dry run: " : "";
    code = llmp_refusal_name(refusal->code);
    tier = ctx->caller.tier;
    cause = ngx_llmp_str_c("");

    if (ctx->decision && refusal == &ctx->decision->refusal) {
        cause = ctx->decision->cause;
    }

    if (tier == NULL) {
        ngx_log_error(level, r->connection->log, 0,
                      "%srequest refused: %s (%s)",
                      mode, refusal->message, code);
        return;
    }

    ngx_log_error(level, r->connection->log, 0,
                  "%srequest refused: %s (%s), tier \"%*s\"%s%*s",
                  mode, refusal->message, code,
                  tier->name.len, tier->name.data,
                  cause.len ? ": " : "", cause.len, cause.data);
}


/*
 * Sends the response without error_page, as client libraries expect an error
 * document of the API.
 */

static ngx_int_t
ngx_llmp_refusal_send(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    ngx_int_t                 rc;
    ngx_http_complex_value_t  cv;

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    if (ngx_llmp_refusal_write(r, ctx, refusal, &cv.value) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * a client that waits for "100 Continue" need not send the body: its next
     * request must not be read as that body
     */

    r->expect_tested = 1;

    if (r->headers_in.expect && r->request_body == NULL) {
        r->keepalive = 0;
    }

    /* an error before a redirect must not replace the status */

    r->err_status = 0;

    rc = ngx_http_send_response(r, llmp_refusal_status(refusal->code),
                                &ngx_llmp_header_json, &cv);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* writes the error document, and adds the header fields of limits */

static ngx_int_t
ngx_llmp_refusal_write(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal, ngx_str_t *text)
{
    llmp_shape_e           shape;
    const llmp_dialect_t  *dialect;

    text->data = ngx_pnalloc(r->pool, LLMP_ERROR_BODY_MAX);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    dialect = ngx_llmp_ctx_dialect(ctx);
    shape = dialect ? dialect->shape : LLMP_SHAPE_OPENAI;

    text->len = llmp_error_body(refusal, shape, text->data);

    if (refusal->code != LLMP_REFUSE_RATE_LIMIT
        && refusal->code != LLMP_REFUSE_QUOTA)
    {
        return NGX_OK;
    }

    return ngx_llmp_limit_headers_add(r, ctx);
}


/*
 * Refuses a body that is being read and forwarded: the returned status ends the
 * upstream request and becomes an error page, which the refusal will replace.
 */

static ngx_int_t
ngx_llmp_refusal_prepare_page(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    if (r->header_sent) {

        /* the upstream has sent its response before the body was read */

        return llmp_refusal_status(refusal->code);
    }

    if (ngx_llmp_refusal_write(r, ctx, refusal, &ctx->refusal_page) != NGX_OK) {
        ngx_str_null(&ctx->refusal_page);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* prevents nginx from applying error_page */

    r->error_page = 1;

    /* after chunks, the next request may be lost in a buffer */

    if (r->request_body->rest == 0 && !r->headers_in.chunked) {
        ctx->keepalive = r->keepalive;
        r->reading_body = 0;
    }

    return llmp_refusal_status(refusal->code);
}
