
/*
 * Copyright (C) llm-policy authors
 *
 * The second decision uses the members that were read for the first one.  If
 * the candidate watches others, it reads the body by itself: a name that only
 * the candidate watches must not cause the policy in force to refuse a request.
 */


#include "request/ngx_llmp_candidate.h"

#include "base/ngx_llmp_seed.h"
#include "base/ngx_llmp_values.h"
#include "base/ngx_llmp_version.h"
#include "request/ngx_llmp_body.h"

#include "body/llmp_body.h"
#include "decide/llmp_decision.h"
#include "policy/llmp_policy.h"


/* unit of ngx_llmp_loc_conf_t.share */
#define NGX_LLMP_CANDIDATE_ALL  10000


static ngx_llmp_candidate_t *ngx_llmp_candidate_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static llmp_int_t ngx_llmp_candidate_check_head(ngx_llmp_ctx_t *ctx,
    llmp_request_t *request);
static ngx_int_t ngx_llmp_candidate_refuse(ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal);
static void ngx_llmp_candidate_find_caller(ngx_llmp_ctx_t *ctx,
    llmp_caller_t *caller);
static ngx_int_t ngx_llmp_candidate_init_body(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_request_t *request, llmp_caller_t *caller);
static llmp_int_t ngx_llmp_candidate_decide_own(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static llmp_int_t ngx_llmp_candidate_decide_again(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


ngx_uint_t
ngx_llmp_candidate_is_enforced(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    size_t          len;
    u_char         *data;
    llmp_caller_t  *caller;

    caller = &ctx->caller;

    if (caller->tenant) {
        data = caller->tenant->name.data;
        len = caller->tenant->name.len;

    } else if (ctx->api_key.len) {
        data = ctx->api_key.data;
        len = ctx->api_key.len;

    } else {
        data = r->connection->addr_text.data;
        len = r->connection->addr_text.len;
    }

    return ngx_murmur_hash2(data, len) % NGX_LLMP_CANDIDATE_ALL
           < ctx->conf->share;
}


void
ngx_llmp_candidate_start(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_int_t             rc;
    llmp_caller_t          caller;
    llmp_policy_t         *policy;
    llmp_request_t         request;
    ngx_llmp_candidate_t  *candidate;

    if (ctx->conf->candidate == NULL || ctx->enforced || ctx->candidate
        || r != r->main)
    {
        return;
    }

    candidate = ngx_llmp_candidate_create(r, ctx);
    if (candidate == NULL) {
        return;
    }

    ctx->candidate = candidate;

    rc = ngx_llmp_candidate_check_head(ctx, &request);

    if (rc != LLMP_OK) {
        return;
    }

    policy = candidate->version->policy;

    ngx_llmp_candidate_find_caller(ctx, &caller);

    candidate->tier = llmp_body_tier(policy, &caller, &ctx->pool);

    if (candidate->tier == NULL) {
        return;
    }

    if (request.dialect == ctx->request.dialect
        && llmp_body_can_decide_again(ctx->body, policy, candidate->tier))
    {
        return;
    }

    if (ngx_llmp_candidate_init_body(r, ctx, &request, &caller) != NGX_OK) {
        candidate->tier = NULL;
        candidate->body = NULL;
    }
}


static ngx_llmp_candidate_t *
ngx_llmp_candidate_create(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_candidate_t  *candidate;

    candidate = ngx_pcalloc(r->pool, sizeof(ngx_llmp_candidate_t));
    if (candidate == NULL) {
        return NULL;
    }

    /* released with the context */

    candidate->version = ctx->conf->candidate->version;
    candidate->version->refs++;

    return candidate;
}


/* finds the dialect by the routes of the candidate; without one, the decision
   is made by the head */

static llmp_int_t
ngx_llmp_candidate_check_head(ngx_llmp_ctx_t *ctx, llmp_request_t *request)
{
    llmp_int_t             rc;
    llmp_refusal_t         refusal;
    ngx_llmp_candidate_t  *candidate;

    candidate = ctx->candidate;

    *request = ctx->request;

    if (ctx->policy->nroutes == 0 && candidate->version->policy->nroutes == 0) {
        return LLMP_OK;
    }

    request->dialect = NULL;
    ngx_memzero(&request->model, sizeof(llmp_str_t));
    ngx_memzero(&request->boundary, sizeof(llmp_str_t));
    request->deployment = 0;

    rc = llmp_request_check(request, candidate->version->policy, &refusal);

    if (rc == LLMP_OK) {
        return LLMP_OK;
    }

    if (rc == LLMP_DECLINED) {
        llmp_refusal_clear(&refusal);
    }

    if (ngx_llmp_candidate_refuse(ctx, &refusal) == NGX_OK) {
        candidate->status = (rc == LLMP_DECLINED) ? NGX_LLMP_STATUS_BYPASSED
                                                  : NGX_LLMP_STATUS_REJECTED;
    }

    return rc;
}


/* sets a decision that changes nothing and has a refusal, or none */

static ngx_int_t
ngx_llmp_candidate_refuse(ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal)
{
    llmp_decision_t  *decision;

    decision = llmp_palloc(&ctx->pool, sizeof(llmp_decision_t));
    if (decision == NULL) {
        return NGX_ERROR;
    }

    llmp_decision_init(decision);

    decision->refusal = *refusal;

    ctx->candidate->decision = decision;

    return NGX_OK;
}


/*
 * Finds the caller in the candidate: the tenant is the one that the policy in
 * force has found, and its tier counts, unless llm_policy_tier is set.
 */

static void
ngx_llmp_candidate_find_caller(ngx_llmp_ctx_t *ctx, llmp_caller_t *caller)
{
    llmp_policy_t  *policy;

    policy = ctx->candidate->version->policy;

    ngx_memzero(caller, sizeof(llmp_caller_t));

    if (ctx->caller.tenant) {
        caller->tenant = llmp_policy_tenant(policy, &ctx->caller.tenant->name);
    }

    if (caller->tenant && !ctx->tier_given) {
        caller->tier = caller->tenant->tier->named;
        return;
    }

    caller->tier = llmp_policy_tier(policy, &ctx->caller.tier->name);

    if (caller->tier == NULL) {
        caller->tier = policy->default_tier;
    }
}


static ngx_int_t
ngx_llmp_candidate_init_body(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_request_t *request, llmp_caller_t *caller)
{
    ngx_llmp_candidate_t  *candidate;

    candidate = ctx->candidate;

    candidate->body = llmp_body_create(&ctx->pool);

    if (candidate->body == NULL) {
        return NGX_ERROR;
    }

    request->variables = ngx_llmp_values_create(r, ctx, candidate->version);

    if (llmp_body_init(candidate->body, candidate->version->policy, request,
                       caller, &ctx->pool, ngx_llmp_seed())
        != LLMP_OK)
    {
        return NGX_ERROR;
    }

    /* the name of the tenant remains, for variables */

    llmp_body_decision(candidate->body)->caller = &ctx->caller;

    return NGX_OK;
}


void
ngx_llmp_candidate_feed(ngx_llmp_ctx_t *ctx, u_char *buf, size_t len)
{
    if (ctx->candidate && ctx->candidate->body) {
        (void) llmp_body_feed(ctx->candidate->body, buf, len);
    }
}


void
ngx_llmp_candidate_decide(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    uint64_t               start;
    llmp_int_t             rc;
    ngx_llmp_candidate_t  *candidate;

    if (ctx->conf->candidate == NULL || ctx->enforced) {
        return;
    }

    start = ngx_llmp_ctx_clock(ctx);

    ngx_llmp_candidate_start(r, ctx);

    candidate = ctx->candidate;

    if (candidate == NULL || candidate->tier == NULL || candidate->decision) {
        return;
    }

    rc = candidate->body ? ngx_llmp_candidate_decide_own(r, ctx)
                         : ngx_llmp_candidate_decide_again(r, ctx);

    ctx->decide_time += ngx_llmp_ctx_clock(ctx) - start;

    if (candidate->decision == NULL) {
        return;
    }

    if (candidate->decision->refusal.code == LLMP_REFUSE_INTERNAL) {
        candidate->decision = NULL;

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the candidate \"%V\" could not decide on the request",
                      &ctx->conf->candidate->name);
        return;
    }

    candidate->status = NGX_LLMP_STATUS_PASSED;

    if (rc != LLMP_OK) {
        candidate->status = NGX_LLMP_STATUS_REJECTED;

    } else if (candidate->decision->nchanges) {
        candidate->status = NGX_LLMP_STATUS_MODIFIED;
    }
}


static llmp_int_t
ngx_llmp_candidate_decide_own(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_int_t    rc;
    llmp_body_t  *body;

    body = ctx->candidate->body;

    if (ctx->streaming == NULL && ngx_llmp_body_scan(r, body) != NGX_OK) {
        return LLMP_ERROR;
    }

    rc = llmp_body_decide(body);

    if (rc == LLMP_DECLINED) {

        /* a streamed body cannot be read once more */

        if (ctx->streaming
            || llmp_body_restart(body) != LLMP_OK
            || ngx_llmp_body_scan(r, body) != NGX_OK)
        {
            return LLMP_ERROR;
        }

        rc = llmp_body_decide(body);
    }

    ctx->candidate->decision = llmp_body_decision(body);

    return rc;
}


static llmp_int_t
ngx_llmp_candidate_decide_again(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    llmp_decision_t       *decision;
    ngx_llmp_candidate_t  *candidate;

    candidate = ctx->candidate;

    decision = llmp_palloc(&ctx->pool, sizeof(llmp_decision_t));
    if (decision == NULL) {
        return LLMP_ERROR;
    }

    decision->policy = candidate->version->policy;
    decision->tier = candidate->tier;
    decision->variables = ngx_llmp_values_create(r, ctx, candidate->version);

    candidate->decision = decision;

    return llmp_body_decide_again(ctx->body, decision);
}
