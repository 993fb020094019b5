
/*
 * Copyright (C) llm-policy authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <inttypes.h>

#include "limit/ngx_llmp_limit.h"

#include "base/ngx_llmp_tokens.h"
#include "limit/ngx_llmp_limit_key.h"
#include "limit/ngx_llmp_limit_zone.h"
#include "metrics/ngx_llmp_metrics.h"

#include "body/llmp_body.h"
#include "decide/llmp_decision.h"


static ngx_int_t ngx_llmp_limit_resize(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);
static ngx_int_t ngx_llmp_limit_reserve(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);
static ngx_llmp_reservation_t *ngx_llmp_limit_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_uint_t ngx_llmp_limit_is_dry_run(ngx_llmp_ctx_t *ctx);
static int64_t ngx_llmp_limit_upper_bound(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation);
static ngx_int_t ngx_llmp_limit_refuse(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_refusal_t *refusal);


ngx_int_t
ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    ngx_llmp_reservation_t  *reservation;

    reservation = ctx->reservation;

    if (reservation
        && (reservation->provisional
            || ngx_llmp_limit_is_kept(r, ctx, reservation)))
    {
        return ngx_llmp_limit_resize(r, ctx, refusal);
    }

    if (reservation) {
        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "llm policy limit: returned");

        ngx_llmp_limit_zone_return(reservation);
        ctx->reservation = NULL;
    }

    return ctx->caller.limits ? ngx_llmp_limit_reserve(r, ctx, refusal)
                              : NGX_OK;
}


ngx_uint_t
ngx_llmp_limit_is_kept(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation)
{
    ngx_str_t            key;
    u_char               buf[NGX_LLMP_LIMIT_KEY_MAX];
    const llmp_limits_t  *limits;

    limits = ctx->caller.limits;

    if (reservation == NULL) {
        return limits == NULL;
    }

    if (reservation->lease == NULL
        && reservation->verdict.limit == LLMP_LIMIT_MAX)
    {
        /* it was settled: the response has been sent */

        return 1;
    }

    key.data = buf;

    return limits
           && llmp_limits_are_equal(limits, reservation->limits)
           && reservation->dry_run == ngx_llmp_limit_is_dry_run(ctx)
           && ngx_llmp_limit_key(r, ctx, &key) == NGX_OK
           && key.len == reservation->key_len
           && ngx_memcmp(key.data, reservation->key, key.len) == 0;
}


static ngx_int_t
ngx_llmp_limit_reserve(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    int64_t                  tokens;
    ngx_int_t                rc;
    ngx_str_t                key;
    ngx_llmp_reservation_t  *reservation;

    reservation = ngx_llmp_limit_create(r, ctx);

    if (reservation) {
        key.data = reservation->key;
    }

    if (reservation == NULL || ngx_llmp_limit_key(r, ctx, &key) != NGX_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory for limits");
    }

    reservation->key_len = key.len;

    if (ctx->decision) {
        tokens = reservation->prompt + (int64_t) ctx->decision->output;

    } else {
        tokens = ngx_llmp_limit_upper_bound(ctx, reservation);
        reservation->provisional = 1;
    }

    rc = ngx_llmp_limit_zone_admit(reservation, &key, tokens);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy limit: %i, tokens:%L prompt:%L",
                   rc, tokens, reservation->prompt);

    if (rc == NGX_ERROR) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "there is no room for another caller in "
                           "llm_policy_zone");
    }

    ctx->reservation = reservation;

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    return ngx_llmp_limit_refuse(r, ctx, refusal);
}


/* adjusts what was reserved before this decision on the body */

static ngx_int_t
ngx_llmp_limit_resize(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    int64_t                  tokens;
    ngx_llmp_reservation_t  *reservation;

    reservation = ctx->reservation;

    if (ctx->decision == NULL) {

        /* the body will be decided on while it passes */

        return NGX_OK;
    }

    reservation->provisional = 0;
    reservation->prompt = ngx_llmp_tokens_prompt(ctx);

    tokens = reservation->prompt + (int64_t) ctx->decision->output;

    if (ngx_llmp_limit_zone_resize(reservation, tokens) == NGX_OK) {
        return NGX_OK;
    }

    return ngx_llmp_limit_refuse(r, ctx, refusal);
}


static ngx_llmp_reservation_t *
ngx_llmp_limit_create(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_pool_cleanup_t      *cln;
    ngx_llmp_reservation_t  *reservation;
    ngx_llmp_main_conf_t    *lpmcf;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_llmp_reservation_t));
    if (cln == NULL) {
        return NULL;
    }

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    reservation = cln->data;

    ngx_memzero(reservation, sizeof(ngx_llmp_reservation_t));

    reservation->request = r;
    reservation->ctx = ctx;
    reservation->zone = lpmcf->limit_zone->data;
    reservation->limits = ctx->caller.limits;
    reservation->prompt = ngx_llmp_tokens_prompt(ctx);
    reservation->dry_run = ngx_llmp_limit_is_dry_run(ctx);

    /* most requests are settled earlier, at the end of the response */

    cln->handler = ngx_llmp_limit_settle;

    return reservation;
}


static ngx_uint_t
ngx_llmp_limit_is_dry_run(ngx_llmp_ctx_t *ctx)
{
    return ctx->conf->dry_run || ctx->conf->limit_dry_run;
}


/*
 * Returns the most tokens that a request may use, before its body is known: the
 * most that the policy allows, cut to the limits, since the request may use
 * less.
 */

static int64_t
ngx_llmp_limit_upper_bound(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation)
{
    int64_t     tokens, max;
    ngx_uint_t  i;

    static const llmp_limit_e  limits[] = {
        LLMP_LIMIT_TOKENS_PER_MINUTE, LLMP_LIMIT_TOKENS_PER_DAY
    };

    /* all of the body may be one image: its tokens are counted at the end, and
       checked before the last byte is forwarded */

    reservation->prompt = ngx_min(reservation->prompt,
                                  ctx->conf->token_media);

    tokens = reservation->prompt
             + llmp_decision_output_max(llmp_body_decision(ctx->body));

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        max = reservation->limits->max[limits[i]];

        if (max != 0 && tokens > max) {
            tokens = max;
        }
    }

    return tokens;
}


/* counts and describes a refusal; returns NGX_DECLINED */

static ngx_int_t
ngx_llmp_limit_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    int64_t                max;
    const char            *name;
    llmp_limit_verdict_t  *verdict;

    verdict = &ctx->reservation->verdict;
    name = llmp_limits_name(verdict->limit);
    max = ctx->reservation->limits->max[verdict->limit];

    ngx_llmp_metrics_count_limit(r, ctx, verdict->limit);

    if (verdict->wait == LLMP_LIMIT_NEVER) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "the request may take %" PRId64 " tokens "
                           "(estimated), but the limit (%s) is %" PRId64
                           ": ask for less in one request", verdict->tokens,
                           name, max);

    } else if (verdict->limit == LLMP_LIMIT_CONCURRENT_REQUESTS) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %" PRId64 " requests at a time "
                           "(%s)", max, name);

    } else if (verdict->limit == LLMP_LIMIT_TOKENS_PER_DAY) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_QUOTA, NULL,
                           "quota reached: %" PRId64 " (%s); try again in "
                           "%" PRId64 " s, when the next day begins (UTC)",
                           max, name, (verdict->wait + 999) / 1000);

    } else {
        (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %" PRId64 " (%s); try again in "
                           "%" PRId64 " s", max, name,
                           (verdict->wait + 999) / 1000);
    }

    return NGX_DECLINED;
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

    ngx_llmp_tokens_t  tokens;

    if (reservation->lease) {
        (void) ngx_llmp_tokens_get(reservation->request, reservation->ctx,
                                   &tokens);

        ngx_llmp_limit_zone_settle(reservation, tokens.total);
    }
}
