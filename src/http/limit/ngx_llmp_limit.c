
/*
 * Copyright (C) llm-policy authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit.h"

#include "base/ngx_llmp_tokens.h"
#include "limit/ngx_llmp_charge.h"
#include "limit/ngx_llmp_limit_key.h"
#include "limit/ngx_llmp_limit_refusal.h"
#include "limit/ngx_llmp_limit_zone.h"
#include "metrics/ngx_llmp_metrics.h"

#include "body/llmp_body.h"
#include "decide/llmp_decision.h"
#include "limit/llmp_charge.h"
#include "policy/llmp_models.h"


static ngx_int_t ngx_llmp_limit_reserve(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_reservation_t *reservation,
    llmp_refusal_t *refusal);
static ngx_int_t ngx_llmp_limit_resize(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_limit_move(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation);
static ngx_llmp_reservation_t *ngx_llmp_limit_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_limit_select(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_reservation_t *reservation,
    const llmp_str_t *model, llmp_refusal_t *refusal);
static ngx_int_t ngx_llmp_limit_set_model(ngx_http_request_t *r,
    ngx_llmp_reservation_t *reservation, const llmp_str_t *model);
static ngx_uint_t ngx_llmp_limit_are_same(ngx_llmp_reservation_t *one,
    ngx_llmp_reservation_t *two);
static ngx_uint_t ngx_llmp_limit_is_dry_run(ngx_llmp_ctx_t *ctx);
static void ngx_llmp_limit_set_amounts(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation);


ngx_int_t
ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_str_t *model, llmp_refusal_t *refusal)
{
    ngx_int_t                rc;
    ngx_uint_t               needs_model;
    ngx_llmp_reservation_t  *reservation, *next;

    reservation = ctx->reservation;
    needs_model = ngx_llmp_limit_needs_model(ctx);

    if (needs_model && model == NULL) {
        return NGX_OK;
    }

    if (reservation && reservation->provisional && !needs_model) {
        return ngx_llmp_limit_resize(r, ctx, refusal);
    }

    next = NULL;

    if (ctx->caller.nlimits) {
        next = ngx_llmp_limit_create(r, ctx);

        if (next == NULL) {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "no memory for limits");
        }

        rc = ngx_llmp_limit_select(r, ctx, next, model, refusal);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (reservation && ngx_llmp_limit_are_same(reservation, next)) {
        return ngx_llmp_limit_resize(r, ctx, refusal);
    }

    if (reservation) {
        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy limit: returned");

        ngx_llmp_limit_zone_return(reservation);
        ctx->reservation = NULL;
    }

    return (next && next->nentries)
           ? ngx_llmp_limit_reserve(r, ctx, next, refusal) : NGX_OK;
}


ngx_uint_t
ngx_llmp_limit_needs_model(ngx_llmp_ctx_t *ctx)
{
    ngx_uint_t            i;
    const llmp_limits_t  *limits;

    for (i = 0; i < ctx->caller.nlimits; i++) {
        limits = ctx->caller.limits[i];

        if (limits->matcher != LLMP_LIMITS_ALL_MODELS
            || (limits->by & LLMP_LIMITS_BY_MODEL)
            || (limits->set & llmp_limit_kind_bits(LLMP_LIMIT_COST)))
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_llmp_limit_is_kept(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation)
{
    llmp_refusal_t           refusal;
    ngx_llmp_reservation_t  *next;

    if (reservation && reservation->lease == NULL
        && reservation->verdict.limit == LLMP_LIMIT_MAX)
    {
        /* it was settled: the response has been sent */

        return 1;
    }

    if (reservation == NULL || ctx->caller.nlimits == 0) {
        return reservation == NULL && ctx->caller.nlimits == 0;
    }

    next = ngx_llmp_limit_create(r, ctx);

    return next
           && ngx_llmp_limit_select(r, ctx, next, &reservation->model, &refusal)
              == NGX_OK
           && ngx_llmp_limit_are_same(reservation, next);
}


static ngx_int_t
ngx_llmp_limit_reserve(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation, llmp_refusal_t *refusal)
{
    ngx_int_t  rc;

    ngx_llmp_limit_set_amounts(ctx, reservation);

    rc = ngx_llmp_limit_zone_admit(reservation);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy limit: %i, input:%L output:%L", rc,
                   reservation->amounts.n[LLMP_LIMIT_INPUT],
                   reservation->amounts.n[LLMP_LIMIT_OUTPUT]);

    if (rc == NGX_ERROR) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "there is no room for another caller in "
                           "llm_policy_zone");
    }

    if (rc != NGX_OK && ngx_llmp_limit_move(ctx, reservation)) {
        return NGX_AGAIN;
    }

    ctx->reservation = reservation;

    if (rc != NGX_OK) {
        return ngx_llmp_limit_refuse(r, ctx, refusal);
    }

    if (reservation->verdict.near != LLMP_LIMIT_MAX) {
        ngx_llmp_metrics_count_limit(r, ctx, reservation->verdict.near, 0);
    }

    return NGX_OK;
}


/* adjusts what was reserved before this decision on the body */

static ngx_int_t
ngx_llmp_limit_resize(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    if (ctx->decision == NULL) {

        /* the body will be decided on while it passes */

        return NGX_OK;
    }

    ngx_llmp_limit_set_amounts(ctx, ctx->reservation);

    if (ngx_llmp_limit_zone_resize(ctx->reservation) == NGX_OK) {
        return NGX_OK;
    }

    if (ngx_llmp_limit_move(ctx, ctx->reservation)) {
        ngx_llmp_limit_zone_return(ctx->reservation);
        ctx->reservation = NULL;

        return NGX_AGAIN;
    }

    return ngx_llmp_limit_refuse(r, ctx, refusal);
}


/* moves the caller to the tier of "over", once; returns 0 if it cannot */

static ngx_uint_t
ngx_llmp_limit_move(ngx_llmp_ctx_t *ctx, ngx_llmp_reservation_t *reservation)
{
    const llmp_tier_t  *tier;

    tier = reservation->verdict.over;

    if (tier == NULL || tier == ctx->caller.tier || ctx->over
        || reservation->dry_run || ctx->tier_fixed
        || ctx->state == NGX_LLMP_STATE_FORWARDED)
    {
        return 0;
    }

    ctx->over = 1;

    llmp_request_caller_move(&ctx->caller, ctx->policy, tier);

    return 1;
}


static ngx_llmp_reservation_t *
ngx_llmp_limit_create(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_uint_t               n;
    ngx_pool_cleanup_t      *cln;
    ngx_llmp_main_conf_t    *lpmcf;
    ngx_llmp_reservation_t  *reservation;

    n = ctx->caller.nlimits;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_llmp_reservation_t)
                                        + n * sizeof(llmp_limit_entry_t)
                                        + n * sizeof(ngx_llmp_limit_key_t));
    if (cln == NULL) {
        return NULL;
    }

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    reservation = cln->data;

    ngx_memzero(reservation, sizeof(ngx_llmp_reservation_t));

    reservation->request = r;
    reservation->ctx = ctx;
    reservation->zone = lpmcf->limit_zone->data;
    reservation->entries = (llmp_limit_entry_t *) (reservation + 1);
    reservation->keys = (ngx_llmp_limit_key_t *) (reservation->entries + n);
    reservation->dry_run = ngx_llmp_limit_is_dry_run(ctx);

    /* most requests are settled earlier, at the end of the response */

    cln->handler = ngx_llmp_limit_settle;

    return reservation;
}


/* sets the limits that count a request for a model, and their keys */

static ngx_int_t
ngx_llmp_limit_select(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation, const llmp_str_t *model,
    llmp_refusal_t *refusal)
{
    uint32_t                 set;
    ngx_uint_t               i, n;
    const uint64_t          *matched;
    const llmp_limits_t     *limits;
    ngx_llmp_limit_names_t   names;

    n = 0;
    set = 0;
    matched = NULL;

    if (ngx_llmp_limit_key_names(r, ctx, &names) != NGX_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory for limits");
    }

    if (ngx_llmp_limit_needs_model(ctx)) {

        if (ctx->decision && ctx->decision->models_differ) {
            return llmp_refuse(refusal, LLMP_REFUSE_MODEL_NOT_ALLOWED, "model",
                               "the requests of a batch must have one model, "
                               "since limits depend on it: send a batch for "
                               "each model");
        }

        matched = ngx_llmp_charge_match(ctx, model);

        if (matched == NULL
            || ngx_llmp_limit_set_model(r, reservation, model) != NGX_OK)
        {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the limits of the model could not be checked");
        }

        names.model = reservation->model;

        reservation->price = llmp_models_price(ctx->policy, matched,
                                               ctx->caller.tier);
    }

    for (i = 0; i < ctx->caller.nlimits; i++) {
        limits = ctx->caller.limits[i];

        if (limits->matcher != LLMP_LIMITS_ALL_MODELS
            && !llmp_models_has_matcher(ctx->policy, matched, limits->matcher))
        {
            continue;
        }

        if (ngx_llmp_limit_key_write(&reservation->keys[n], ctx, limits, &names)
            != NGX_OK)
        {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the caller of limits could not be hashed");
        }

        reservation->entries[n++].limits = limits;
        set |= limits->set;
    }

    reservation->nentries = n;

    if ((set & llmp_limit_kind_bits(LLMP_LIMIT_COST))
        && reservation->price == NULL)
    {
        return llmp_refuse(refusal, LLMP_REFUSE_MODEL_NOT_PRICED, "model",
                           "the model has no price, and your costs are "
                           "limited: use another model, or ask the operator of "
                           "this service for a price of it");
    }

    return NGX_OK;
}


/* copies the model: that of a decision so far is in memory that is reused */

static ngx_int_t
ngx_llmp_limit_set_model(ngx_http_request_t *r,
    ngx_llmp_reservation_t *reservation, const llmp_str_t *model)
{
    if (model->len == 0) {
        return NGX_OK;
    }

    reservation->model.data = ngx_pnalloc(r->pool, model->len);
    if (reservation->model.data == NULL) {
        return NGX_ERROR;
    }

    reservation->model.len = model->len;
    ngx_memcpy(reservation->model.data, model->data, model->len);

    return NGX_OK;
}


/* two is NULL if the request has no limits any more */

static ngx_uint_t
ngx_llmp_limit_are_same(ngx_llmp_reservation_t *one,
    ngx_llmp_reservation_t *two)
{
    ngx_uint_t  i;

    if (two == NULL
        || one->nentries != two->nentries
        || one->price != two->price
        || one->dry_run != two->dry_run)
    {
        return 0;
    }

    for (i = 0; i < one->nentries; i++) {
        if (!llmp_limits_are_equal(one->entries[i].limits,
                                   two->entries[i].limits)
            || !ngx_llmp_limit_key_is(&one->keys[i], &two->keys[i]))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_llmp_limit_is_dry_run(ngx_llmp_ctx_t *ctx)
{
    return ctx->conf->dry_run || ctx->conf->limit_dry_run;
}


/*
 * Sets the most that a request may use.  Before its body is known, that is the
 * most that the policy allows, cut to the limits, since it may use less.
 */

static void
ngx_llmp_limit_set_amounts(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation)
{
    int64_t                prompt, output;
    ngx_uint_t             i;
    llmp_policy_t         *policy;
    llmp_charge_tokens_t   tokens;

    policy = ctx->policy;
    prompt = ngx_llmp_tokens_prompt(ctx);

    ngx_llmp_limit_zone_clock(&reservation->clock, policy->utc_offset);

    reservation->provisional = (ctx->decision == NULL);

    if (ctx->decision) {
        output = (int64_t) ctx->decision->output;

    } else {
        /* all of the body may be one image: its tokens are counted at the end,
           and checked before the last byte is forwarded */

        prompt = ngx_min(prompt, ctx->conf->token_media);
        output = llmp_decision_output_max(llmp_body_decision(ctx->body));
    }

    llmp_charge_most(&reservation->amounts, prompt, output, &policy->weights,
                     reservation->price);

    if (reservation->provisional) {
        for (i = 0; i < reservation->nentries; i++) {
            llmp_charge_cut(&reservation->amounts,
                            reservation->entries[i].limits);
        }
    }

    ngx_memzero(&tokens, sizeof(llmp_charge_tokens_t));
    tokens.input = prompt;

    llmp_charge_used(&reservation->charge, &tokens, &policy->weights,
                     reservation->price);
}


ngx_int_t
ngx_llmp_limit_set_ctx(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_pool_cleanup_t      *cln;
    ngx_llmp_reservation_t  *reservation;

    reservation = ctx->reservation;

    if (reservation->ctx == ctx) {
        return NGX_OK;
    }

    /* the pool would free ctx, which is newer, before the reservation */

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_llmp_limit_settle;
    cln->data = reservation;

    reservation->ctx = ctx;

    return NGX_OK;
}


void
ngx_llmp_limit_settle(void *data)
{
    ngx_llmp_reservation_t *reservation = data;

    ngx_llmp_ctx_t        *ctx;
    llmp_limit_amounts_t   amounts;

    if (reservation->lease == NULL) {
        return;
    }

    ctx = reservation->ctx;

    if (ngx_llmp_charge_get(reservation->request, ctx, reservation->price,
                            &amounts)
        != NGX_OK)
    {
        ngx_memzero(&amounts, sizeof(llmp_limit_amounts_t));
    }

    ngx_llmp_limit_zone_settle(reservation, &amounts);
}
