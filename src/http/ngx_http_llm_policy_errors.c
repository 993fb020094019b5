
/*
 * Copyright (C) llm-policy authors
 *
 * What callers and the error log are told.
 */


#include "ngx_http_llm_policy_module.h"


static ngx_int_t ngx_http_llm_policy_send_refusal(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, llmp_refusal_t *refusal);


ngx_int_t
ngx_http_llm_policy_refuse(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, llmp_refusal_t *refusal)
{
    ctx->status = NGX_HTTP_LLM_POLICY_REJECTED;
    ctx->reason = refusal->code;

    ngx_http_llm_policy_log_refusal(r, ctx, refusal, ctx->conf->dry_run);

    if (ctx->conf->dry_run) {
        return ngx_http_llm_policy_forward(r, ctx,
                                           NGX_HTTP_LLM_POLICY_REJECTED);
    }

    /* whatever is made of this request from here on, it has no body */

    if (r->request_body && ngx_http_llm_policy_body_drop(r) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_llm_policy_send_refusal(r, ctx, refusal);
}


ngx_int_t
ngx_http_llm_policy_fail(ngx_http_request_t *r, ngx_http_llm_policy_ctx_t *ctx,
    const char *message)
{
    llmp_refusal_t  refusal;

    (void) llmp_refuse(&refusal, LLMP_REFUSE_INTERNAL, NULL, "%s", message);

    return ngx_http_llm_policy_refuse(r, ctx, &refusal);
}


void
ngx_http_llm_policy_log_refusal(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, llmp_refusal_t *refusal,
    ngx_uint_t dry_run)
{
    ngx_uint_t          level;
    const char         *mode, *code;
    const llmp_tier_t  *tier;

    level = (refusal->code == LLMP_REFUSE_INTERNAL) ?
                NGX_LOG_ERR : ctx->conf->reject_log_level;

    mode = dry_run ? "dry run: " : "";
    code = llmp_refusal_name(refusal->code);
    tier = ctx->caller.tier;

    if (tier == NULL) {
        ngx_log_error(level, r->connection->log, 0,
                      "%srequest refused: %s (%s)",
                      mode, refusal->message, code);
        return;
    }

    ngx_log_error(level, r->connection->log, 0,
                  "%srequest refused: %s (%s), tier \"%*s\"",
                  mode, refusal->message, code,
                  tier->name.len, tier->name.data);
}


/*
 * The response is sent at once, and not by way of error_page, since callers'
 * libraries expect a document of the API's own shape.
 */

static ngx_int_t
ngx_http_llm_policy_send_refusal(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx, llmp_refusal_t *refusal)
{
    u_char                    *p;
    ngx_int_t                  rc;
    llmp_shape_e               shape;
    ngx_http_complex_value_t   cv;

    static ngx_str_t  type = ngx_string("application/json");

    p = ngx_pnalloc(r->pool, LLMP_REFUSAL_BODY_MAX);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    shape = ctx->request.dialect ? ctx->request.dialect->shape
                                 : LLMP_SHAPE_OPENAI;

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value.len = llmp_refusal_body(refusal, shape, p);
    cv.value.data = p;

    /*
     * who waits for "100 Continue" need not send the body any more, and its
     * next request must not be taken for that body
     */

    r->expect_tested = 1;

    if (r->headers_in.expect && r->request_body == NULL) {
        r->keepalive = 0;
    }

    if (refusal->code == LLMP_REFUSE_RATE_LIMIT
        && ngx_http_llm_policy_limit_headers(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* not the status of an error that led here */

    r->err_status = 0;

    rc = ngx_http_send_response(r, llmp_refusal_status(refusal->code), &type,
                                &cv);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


void
ngx_http_llm_policy_log_changes(ngx_http_request_t *r,
    ngx_http_llm_policy_ctx_t *ctx)
{
    llmp_str_t          changes;
    ngx_uint_t          level;
    const llmp_tier_t  *tier;

    level = ctx->conf->change_log_level;

    if (r->connection->log->log_level < level) {
        return;
    }

    changes = llmp_changes_sentence(ctx->decision, &ctx->pool);
    if (changes.data == NULL) {
        return;
    }

    tier = ctx->caller.tier;

    ngx_log_error(level, r->connection->log, 0, "%s%*s, tier \"%*s\"",
                  ctx->conf->dry_run ? "dry run: " : "",
                  changes.len, changes.data, tier->name.len, tier->name.data);
}
