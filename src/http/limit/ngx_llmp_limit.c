
/*
 * Copyright (C) llm-policy authors
 *
 * Limits of a request: whose they are, and what its caller is told of them.
 */


#include "base/ngx_llmp_module.h"

#include <inttypes.h>

#include "base/llmp_key.h"


static ngx_int_t ngx_llmp_limit_resize(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static int64_t ngx_llmp_limit_upper_bound(ngx_llmp_ctx_t *ctx,
    ngx_llmp_reservation_t *reservation);
static ngx_llmp_reservation_t *ngx_llmp_limit_create(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_limit_key(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_str_t *key);
static ngx_int_t ngx_llmp_limit_key_write(ngx_llmp_ctx_t *ctx, ngx_str_t *key,
    u_char kind, llmp_str_t *name);
static ngx_int_t ngx_llmp_limit_refuse(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);


ngx_int_t
ngx_llmp_limit_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    int64_t                  tokens;
    ngx_int_t                rc;
    ngx_str_t                key;
    u_char                   buf[NGX_LLMP_LIMIT_KEY_MAX];
    ngx_llmp_reservation_t  *reservation;

    if (ctx->caller.limits == NULL) {
        return NGX_OK;
    }

    if (ctx->reservation) {
        return ngx_llmp_limit_resize(r, ctx);
    }

    key.data = buf;

    reservation = ngx_llmp_limit_create(r, ctx);

    if (reservation == NULL || ngx_llmp_limit_key(r, ctx, &key) != NGX_OK) {
        return ngx_llmp_refuse_internal(r, ctx, "no memory for limits");
    }

    tokens = ctx->decision
             ? reservation->prompt + (int64_t) ctx->decision->output
             : ngx_llmp_limit_upper_bound(ctx, reservation);

    rc = ngx_llmp_limit_zone_admit(reservation, &key, tokens);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "llm policy limit: %i, tokens:%L prompt:%L",
                   rc, tokens, reservation->prompt);

    if (rc == NGX_ERROR) {
        return ngx_llmp_refuse_internal(r, ctx, "there is no room for another "
                                        "caller in llm_policy_zone");
    }

    ctx->reservation = reservation;

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    return ngx_llmp_limit_refuse(r, ctx);
}


/*
 * Of a request that was admitted before it was known, what it asks for is known
 * now.
 */

static ngx_int_t
ngx_llmp_limit_resize(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_reservation_t  *reservation;

    reservation = ctx->reservation;

    if (!reservation->provisional) {

        /* it was redirected, and counts once */

        return NGX_OK;
    }

    reservation->provisional = 0;
    reservation->prompt = ngx_llmp_tokens_estimate(ctx, ctx->body_size);

    if (ngx_llmp_limit_zone_resize(reservation,
                                   reservation->prompt + ctx->decision->output)
        == NGX_OK)
    {
        return NGX_OK;
    }

    return ngx_llmp_limit_refuse(r, ctx);
}


/*
 * What a request may come to that is not known: as much as the policy permits,
 * but no more than the limits do at all, since it may be less.
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

    reservation->provisional = 1;

    tokens = reservation->prompt + llmp_output_most(&ctx->body->decision);

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        max = reservation->limits->max[limits[i]];

        if (max != 0 && tokens > max) {
            tokens = max;
        }
    }

    return tokens;
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
    reservation->prompt = ngx_llmp_tokens_estimate(ctx, ctx->body_size);
    reservation->dry_run = ctx->conf->dry_run || ctx->conf->limit_dry_run;

    /* the last resort: most are settled with the end of the response */

    cln->handler = ngx_llmp_limit_settle;

    return reservation;
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


/*
 * The key of the state: a document's callers are its own.  The name is the
 * operator's; else the tenant's; else that of the API key or the address.
 */

static ngx_int_t
ngx_llmp_limit_key(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx, ngx_str_t *key)
{
    ngx_str_t   value;
    llmp_str_t  name;

    if (ctx->conf->limit_key) {

        if (ngx_http_complex_value(r, ctx->conf->limit_key, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (value.len) {
            name = ngx_llmp_str(&value);
            return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_STRING,
                                            &name);
        }
    }

    if (ctx->caller.tenant) {
        name = ctx->caller.tenant->name;
        return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_TENANT,
                                        &name);
    }

    if (ctx->api_key.len) {
        return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_API_KEY,
                                        &ctx->api_key);
    }

    name = ngx_llmp_str(&r->connection->addr_text);

    return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_ADDRESS, &name);
}


/* of API keys, and of names that are too long, it has the hash */

static ngx_int_t
ngx_llmp_limit_key_write(ngx_llmp_ctx_t *ctx, ngx_str_t *key, u_char kind,
    llmp_str_t *name)
{
    u_char  *p;

    p = ngx_cpymem(key->data, &ctx->version->id, sizeof(uint32_t));
    *p++ = kind;

    if (kind != NGX_LLMP_LIMIT_BY_API_KEY
        && name->len <= (size_t) (key->data + NGX_LLMP_LIMIT_KEY_MAX - p))
    {
        p = ngx_cpymem(p, name->data, name->len);

    } else {
        p[-1] &= ~NGX_LLMP_LIMIT_NOT_HASHED;

        if (kind == NGX_LLMP_LIMIT_BY_API_KEY && ctx->caller.hashed) {

            /* it was looked up among the tenants' */

            ngx_memcpy(p, ctx->caller.hash, LLMP_KEY_HASH);

        } else if (llmp_key_hash(p, name) != LLMP_OK) {
            return NGX_ERROR;
        }

        p += LLMP_KEY_HASH;
    }

    key->len = p - key->data;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_limit_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    int64_t                max;
    const char            *name;
    llmp_refusal_t         refusal;
    llmp_limit_verdict_t  *verdict;

    verdict = &ctx->reservation->verdict;
    name = llmp_limit_name(verdict->limit);
    max = ctx->reservation->limits->max[verdict->limit];

    ngx_llmp_metrics_count_limit(r, ctx, verdict->limit);

    if (verdict->wait == LLMP_LIMIT_NEVER) {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "the request may take %" PRId64 " tokens, but the "
                           "limit (%s) is %" PRId64 ": ask for less in one "
                           "request", verdict->tokens, name, max);

    } else if (verdict->limit == LLMP_LIMIT_CONCURRENT_REQUESTS) {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %" PRId64 " requests at a time "
                           "(%s)", max, name);

    } else {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %" PRId64 " (%s); try again in "
                           "%" PRId64 " s", max, name,
                           (verdict->wait + 999) / 1000);
    }

    if (ctx->reservation->dry_run && !ctx->conf->dry_run) {
        ngx_llmp_refusal_log(r, ctx, &refusal, 1);
        return NGX_OK;
    }

    return ngx_llmp_refuse(r, ctx, &refusal);
}
