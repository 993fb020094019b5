
/*
 * Copyright (C) llm-policy authors
 *
 * Counts each request once, in the log phase, also after internal redirects.
 * There is no lock; counters are looked up once per worker.
 */


#include "metrics/ngx_llmp_metrics.h"

#include "base/ngx_llmp_tokens.h"
#include "metrics/ngx_llmp_metrics_zone.h"

#include "dialect/llmp_dialect.h"


/* larger temperatures count as this one, so that no request spoils the sum */
#define NGX_LLMP_METRICS_TEMPERATURE_MAX  100


typedef struct {
    ngx_uint_t                       number;  /* 0 if there is no number */
    ngx_uint_t                       bucket;
    uint64_t                         value;   /* millionths */
} ngx_llmp_metrics_sample_t;


static ngx_int_t ngx_llmp_metrics_count(ngx_http_request_t *r);
static void ngx_llmp_metrics_count_decision(ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_metrics_tier_t *tier, ngx_llmp_ctx_t *ctx);
static void ngx_llmp_metrics_count_changes(ngx_llmp_metrics_tier_t *tier,
    llmp_decision_t *decision);
static void ngx_llmp_metrics_count_temperatures(ngx_llmp_metrics_tier_t *tier,
    ngx_llmp_ctx_t *ctx);
static void ngx_llmp_metrics_read_temperature(const llmp_str_t *text,
    ngx_llmp_metrics_sample_t *sample);
static void ngx_llmp_metrics_count_sample(ngx_llmp_metrics_histogram_t *h,
    ngx_llmp_metrics_sample_t *sample);
static ngx_uint_t ngx_llmp_metrics_tenths(llmp_decimal_t *d);
static uint64_t ngx_llmp_metrics_millionths(llmp_decimal_t *d);
static void ngx_llmp_metrics_count_tokens(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_metrics_tier_t *tier);
static void ngx_llmp_metrics_count_candidate(ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_metrics_tier_t *tier, ngx_llmp_ctx_t *ctx);
static void ngx_llmp_metrics_count_difference(void *data, llmp_uint_t row,
    llmp_difference_e kind);
static void ngx_llmp_metrics_count_duration(ngx_llmp_metrics_histogram_t *h,
    uint64_t spent);


/* bounds of decision times, in ns */

static const uint64_t  ngx_llmp_metrics_durations[] = {
    1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000,
    2000000, 5000000, 10000000, 20000000, 50000000, 100000000, 1000000000
};


ngx_int_t
ngx_llmp_metrics_init(ngx_conf_t *cf)
{
    ngx_int_t                   rc;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    rc = ngx_llmp_metrics_zone_init(cf);

    if (rc != NGX_OK) {
        return (rc == NGX_DECLINED) ? NGX_OK : NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_llmp_metrics_count;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_metrics_count(ngx_http_request_t *r)
{
    ngx_uint_t                    dialect, outcome;
    ngx_llmp_ctx_t               *ctx;
    ngx_llmp_metrics_tier_t      *tier;
    ngx_llmp_metrics_t           *metrics;
    ngx_llmp_metrics_counters_t  *sh;

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_llmp_ctx_get(r);

    if (ctx == NULL || ctx->status == NGX_LLMP_STATUS_NONE) {
        return NGX_OK;
    }

    /* without counters there is no handler */

    metrics = ngx_llmp_metrics_zone_get(r);
    sh = metrics->sh;

    tier = ngx_llmp_metrics_zone_tier(r, metrics, ctx->version,
                                      ctx->caller.tier);

    dialect = ctx->request.dialect
              ? llmp_dialect_index(ngx_llmp_ctx_dialect(ctx)) : llmp_ndialects;

    outcome = ctx->status - 1;

    if (ngx_llmp_ctx_is_dry_run(ctx)) {
        outcome += NGX_LLMP_STATUS_BYPASSED;
    }

    (void) ngx_atomic_fetch_add(&tier->requests[dialect][outcome], 1);

    if (ctx->status == NGX_LLMP_STATUS_REJECTED) {
        (void) ngx_atomic_fetch_add(&sh->refusals[ctx->reason], 1);
    }

    if (ctx->decision) {
        ngx_llmp_metrics_count_decision(sh, tier, ctx);

        if (ctx->conf->candidate) {
            ngx_llmp_metrics_count_candidate(sh, tier, ctx);
        }
    }

    ngx_llmp_metrics_count_tokens(r, ctx, tier);

    return NGX_OK;
}


static void
ngx_llmp_metrics_count_decision(ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_metrics_tier_t *tier, ngx_llmp_ctx_t *ctx)
{
    (void) ngx_atomic_fetch_add(&sh->bytes, ctx->body_size);

    ngx_llmp_metrics_count_duration(&sh->durations, ctx->decide_time);

    ngx_llmp_metrics_count_temperatures(tier, ctx);

    if (ctx->status == NGX_LLMP_STATUS_MODIFIED) {
        ngx_llmp_metrics_count_changes(tier, ctx->decision);
    }
}


static void
ngx_llmp_metrics_count_changes(ngx_llmp_metrics_tier_t *tier,
    llmp_decision_t *decision)
{
    ngx_uint_t      i, n;
    llmp_param_e    param;
    llmp_change_t  *change;

    n = ngx_min(decision->nchanges, LLMP_CHANGES_MAX);

    for (i = 0; i < n; i++) {
        change = &decision->changes[i];

        if (change->action == LLMP_ACTION_NONE) {
            continue;
        }

        param = llmp_param_find(&change->name);

        (void) ngx_atomic_fetch_add(
                          &tier->adjustments[param][change->action - 1], 1);
    }
}


/* the temperature of a batch is that of its first request */

static void
ngx_llmp_metrics_count_temperatures(ngx_llmp_metrics_tier_t *tier,
    ngx_llmp_ctx_t *ctx)
{
    const llmp_str_t          *requested, *effective;
    const llmp_change_t       *record;
    ngx_llmp_metrics_sample_t  sample;

    record = llmp_decision_param(ctx->decision, LLMP_TEMPERATURE);
    requested = &record->requested;
    effective = &record->effective;

    ngx_llmp_metrics_read_temperature(requested, &sample);
    ngx_llmp_metrics_count_sample(&tier->requested, &sample);

    if (!ctx->conf->dry_run) {

        if (ctx->status == NGX_LLMP_STATUS_REJECTED) {
            return;
        }

        if (effective->data != requested->data) {
            ngx_llmp_metrics_read_temperature(effective, &sample);
        }
    }

    ngx_llmp_metrics_count_sample(&tier->effective, &sample);
}


/* skips values that are no numbers; large ones are beyond all bounds */

static void
ngx_llmp_metrics_read_temperature(const llmp_str_t *text,
    ngx_llmp_metrics_sample_t *sample)
{
    llmp_decimal_t  d;

    sample->number = text->len
                     && (text->data[0] == '-'
                         || (text->data[0] >= '0' && text->data[0] <= '9'));

    if (!sample->number) {
        return;
    }

    if (text->data[0] == '-') {
        sample->bucket = 0;
        sample->value = 0;
        return;
    }

    if (llmp_decimal_parse(&d, text) != LLMP_OK) {
        sample->bucket = NGX_LLMP_METRICS_BOUNDS;
        sample->value = NGX_LLMP_METRICS_TEMPERATURE_MAX * 1000000;
        return;
    }

    sample->bucket = ngx_llmp_metrics_tenths(&d);
    sample->value = ngx_llmp_metrics_millionths(&d);
}


static void
ngx_llmp_metrics_count_sample(ngx_llmp_metrics_histogram_t *h,
    ngx_llmp_metrics_sample_t *sample)
{
    if (sample->number) {
        (void) ngx_atomic_fetch_add(&h->counts[sample->bucket], 1);
        (void) ngx_atomic_fetch_add(&h->sum, sample->value);
    }
}


/* returns the tenths of a number, rounded up: the index of its bound */

static ngx_uint_t
ngx_llmp_metrics_tenths(llmp_decimal_t *d)
{
    ngx_uint_t  n;

    if (d->ndigits == 0) {
        return 0;
    }

    if (d->exponent < 0) {
        return 1;
    }

    if (d->exponent > 1) {
        return NGX_LLMP_METRICS_BOUNDS;
    }

    n = d->digits[0] - '0';

    if (d->exponent == 1) {
        n = n * 10 + (d->ndigits > 1 ? d->digits[1] - '0' : 0);
    }

    n += (d->ndigits > d->exponent + 1);

    return ngx_min(n, NGX_LLMP_METRICS_BOUNDS);
}


static uint64_t
ngx_llmp_metrics_millionths(llmp_decimal_t *d)
{
    int32_t   i, digits;
    uint64_t  n;

    static const uint64_t  powers[] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
        1000000000
    };

    if (d->exponent > 3) {
        return NGX_LLMP_METRICS_TEMPERATURE_MAX * 1000000;
    }

    n = 0;
    digits = ngx_max(d->exponent + 6, 0);

    for (i = 0; i < digits && i < d->ndigits; i++) {
        n = n * 10 + (d->digits[i] - '0');
    }

    n *= powers[digits - i];

    return ngx_min(n, NGX_LLMP_METRICS_TEMPERATURE_MAX * 1000000);
}


static void
ngx_llmp_metrics_count_candidate(ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_metrics_tier_t *tier, ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_metrics_candidate_e  result;

    if (ctx->enforced) {
        result = NGX_LLMP_METRICS_ENFORCED;

    } else if (ctx->candidate == NULL || ctx->candidate->decision == NULL) {
        result = NGX_LLMP_METRICS_FAILED;

    } else if (llmp_difference_find(ctx->decision, ctx->candidate->decision,
                                    ngx_llmp_metrics_count_difference, tier))
    {
        result = NGX_LLMP_METRICS_DIFFERENT;

    } else {
        result = NGX_LLMP_METRICS_SAME;
    }

    (void) ngx_atomic_fetch_add(&sh->candidate[result], 1);
}


static void
ngx_llmp_metrics_count_difference(void *data, llmp_uint_t row,
    llmp_difference_e kind)
{
    ngx_llmp_metrics_tier_t *tier = data;

    (void) ngx_atomic_fetch_add(&tier->differences[row][kind], 1);
}


static void
ngx_llmp_metrics_count_duration(ngx_llmp_metrics_histogram_t *h, uint64_t spent)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_LLMP_METRICS_DURATIONS; i++) {
        if (spent <= ngx_llmp_metrics_durations[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&h->counts[i], 1);
    (void) ngx_atomic_fetch_add(&h->sum, spent);
}


static void
ngx_llmp_metrics_count_tokens(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_metrics_tier_t *tier)
{
    ngx_llmp_metrics_tokens_e  kind;
    ngx_llmp_tokens_t          tokens;

    if (ngx_llmp_tokens_get(r, ctx, &tokens) != NGX_OK) {
        return;
    }

    kind = tokens.prompt_estimated ? NGX_LLMP_METRICS_PROMPT_ESTIMATED
                                   : NGX_LLMP_METRICS_PROMPT;

    (void) ngx_atomic_fetch_add(&tier->tokens[kind], tokens.prompt);

    kind = tokens.completion_estimated
           ? NGX_LLMP_METRICS_COMPLETION_ESTIMATED
           : NGX_LLMP_METRICS_COMPLETION;

    (void) ngx_atomic_fetch_add(&tier->tokens[kind], tokens.completion);
}


void
ngx_llmp_metrics_count_limit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_limit_e limit, ngx_uint_t refused)
{
    ngx_llmp_metrics_tier_t  *tier;
    ngx_llmp_metrics_t       *metrics;

    metrics = ngx_llmp_metrics_zone_get(r);

    if (metrics == NULL) {
        return;
    }

    tier = ngx_llmp_metrics_zone_tier(r, metrics, ctx->version,
                                      ctx->caller.tier);

    (void) ngx_atomic_fetch_add(refused ? &tier->limits[limit]
                                        : &tier->near[limit], 1);
}
