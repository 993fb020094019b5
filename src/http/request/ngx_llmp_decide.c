
/*
 * Copyright (C) llm-policy authors
 *
 * ngx_llmp_decide_body() scans the body unless the request filter has done so;
 * _run() decides on it unless the filter has done that; _apply() and
 * _check_limits() refuse, edit or forward it.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "request/ngx_llmp_decide.h"

#include "base/ngx_llmp_seed.h"
#include "limit/ngx_llmp_limit.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_body_edit.h"
#include "request/ngx_llmp_candidate.h"
#include "request/ngx_llmp_refusal.h"
#include "request/ngx_llmp_request_head.h"

#include "body/llmp_body.h"
#include "decide/llmp_decision.h"
#include "policy/llmp_policy.h"


static const char *ngx_llmp_decide_run(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_decide_over(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_decide_log_changes(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


ngx_int_t
ngx_llmp_decide_init_body(ngx_llmp_ctx_t *ctx)
{
    if (ctx->body == NULL && ngx_llmp_ctx_take_body(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return llmp_body_init(ctx->body, ctx->policy, &ctx->request, &ctx->caller,
                          &ctx->pool, ngx_llmp_seed());
}


ngx_int_t
ngx_llmp_decide_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    off_t        size;
    uint64_t     start;
    const char  *failed;

    if (ctx->state == NGX_LLMP_STATE_DROPPED) {
        (void) ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_BYPASSED);

        return ngx_llmp_body_drop(r);
    }

    if (!ngx_llmp_body_is_complete(r)) {
        return ngx_llmp_refuse_internal(r, ctx,
                                        "the body is being read elsewhere");
    }

    size = ngx_llmp_body_size(r);
    ctx->body_size = size;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy body: %O, scanned: %O", size, ctx->scanned);

    if (size == 0) {
        return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_BYPASSED);
    }

    if (ctx->body == NULL || ctx->scanned != size) {

        /* the request filter has not seen it, or another filter changed it */

        if (ngx_llmp_decide_init_body(ctx) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "no memory to scan the body");
        }

        ctx->state = NGX_LLMP_STATE_READ;

        start = ngx_llmp_ctx_clock(ctx);

        if (ngx_llmp_body_scan(r, ctx->body) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx, "the body cannot be read");
        }

        ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;
    }

    failed = ngx_llmp_decide_run(r, ctx);

    if (failed) {
        return ngx_llmp_refuse_internal(r, ctx, failed);
    }

    ngx_llmp_candidate_decide(r, ctx);

    return ngx_llmp_decide_apply(r, ctx, ctx->verdict);
}


/* sets the verdict; returns NULL, or the reason of a failure */

static const char *
ngx_llmp_decide_run(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    uint64_t  start;

    if (ctx->state == NGX_LLMP_STATE_DECIDED && ctx->verdict != LLMP_DECLINED) {
        ctx->decision = llmp_body_decision(ctx->body);
        return NULL;
    }

    start = ngx_llmp_ctx_clock(ctx);

    if (ctx->state != NGX_LLMP_STATE_DECIDED) {
        ctx->verdict = llmp_body_decide(ctx->body);
    }

    if (ctx->verdict == LLMP_DECLINED) {

        /* the body must be read again before it can be decided on */

        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy body once more");

        if (llmp_body_restart(ctx->body) != LLMP_OK) {
            return "no memory to scan the body";
        }

        if (ngx_llmp_body_scan(r, ctx->body) != NGX_OK) {
            return "the body cannot be read";
        }

        ctx->verdict = llmp_body_decide(ctx->body);
    }

    ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;
    ctx->decision = llmp_body_decision(ctx->body);

    return NULL;
}


ngx_int_t
ngx_llmp_decide_apply(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_int_t verdict)
{
    ngx_int_t         rc;
    llmp_decision_t  *decision;

    decision = ctx->decision;

    if (verdict == LLMP_DECLINED) {
        return ngx_llmp_refuse_internal(r, ctx, "the body is never decided on");
    }

    if (verdict != LLMP_OK) {
        return ngx_llmp_refuse(r, ctx, &decision->refusal);
    }

    rc = ngx_llmp_decide_check_limits(r, ctx);

    if (rc == NGX_AGAIN) {
        return ngx_llmp_decide_over(r, ctx);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy edits: %ui, growth: %L",
                   decision->edits.nelts, decision->edits.growth);

    if (decision->edits.nelts == 0) {
        return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_PASSED);
    }

    if (ctx->streaming == NULL && !ctx->conf->dry_run
        && ngx_llmp_body_edit(r, &decision->edits, ctx->sole_reader) != NGX_OK)
    {
        return ngx_llmp_refuse_internal(r, ctx, "the body cannot be changed");
    }

    if (ctx->streaming == NULL && decision->added_usage) {
        ngx_llmp_request_head_set_identity(r);
    }

    if (decision->nchanges == 0) {
        return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_PASSED);
    }

    ngx_llmp_decide_log_changes(r, ctx);

    return ngx_llmp_body_permit(r, ctx, NGX_LLMP_STATUS_MODIFIED);
}


/* decides and applies once more, for the tier that the caller was moved to */

static ngx_int_t
ngx_llmp_decide_over(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    const char         *failed;
    const llmp_tier_t  *tier;

    tier = llmp_body_tier(ctx->policy, &ctx->caller, &ctx->pool);
    if (tier == NULL) {
        return ngx_llmp_refuse_internal(r, ctx, "no memory for a decision");
    }

    ctx->verdict = llmp_body_decide_for(ctx->body, tier);

    if (ctx->verdict == LLMP_DECLINED) {

        if (ctx->streaming) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "the body cannot be read again");
        }

        /* the requests of a batch are not kept */

        if (ngx_llmp_decide_init_body(ctx) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx,
                                            "no memory to scan the body");
        }

        if (ngx_llmp_body_scan(r, ctx->body) != NGX_OK) {
            return ngx_llmp_refuse_internal(r, ctx, "the body cannot be read");
        }

        ctx->state = NGX_LLMP_STATE_READ;

        failed = ngx_llmp_decide_run(r, ctx);

        if (failed) {
            return ngx_llmp_refuse_internal(r, ctx, failed);
        }
    }

    return ngx_llmp_decide_apply(r, ctx, ctx->verdict);
}


ngx_int_t
ngx_llmp_decide_check_limits(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_int_t       rc;
    llmp_refusal_t  refusal;

    rc = ngx_llmp_decide_limits(r, ctx,
                                ctx->decision ? &ctx->decision->model : NULL,
                                &refusal);

    return (rc == NGX_ERROR) ? ngx_llmp_refuse(r, ctx, &refusal) : rc;
}


ngx_int_t
ngx_llmp_decide_limits(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_str_t *model, llmp_refusal_t *refusal)
{
    ngx_int_t  rc;

    if (ctx->caller.nlimits == 0 && ctx->reservation == NULL) {
        return NGX_OK;
    }

    rc = ngx_llmp_limit_admit(r, ctx, model, refusal);

    if (rc == NGX_DECLINED && ctx->reservation->dry_run && !ctx->conf->dry_run)
    {
        ngx_llmp_refusal_log(r, ctx, refusal, 1);
        return NGX_OK;
    }

    return (rc == NGX_DECLINED) ? NGX_ERROR : rc;
}


static void
ngx_llmp_decide_log_changes(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_str_t          changes;
    ngx_uint_t          level;
    const llmp_tier_t  *tier;

    level = ctx->conf->change_log_level;

    if (r->connection->log->log_level < level) {
        return;
    }

    changes = llmp_decision_changes_sentence(ctx->decision, &ctx->pool);
    if (changes.data == NULL) {
        return;
    }

    tier = ctx->caller.tier;

    ngx_log_error(level, r->connection->log, 0, "%s%*s, tier \"%*s\"",
                  ctx->conf->dry_run ? "dry run: " : "",
                  changes.len, changes.data, tier->name.len, tier->name.data);
}
