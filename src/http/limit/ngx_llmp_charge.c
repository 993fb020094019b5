
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_charge.h"

#include "base/ngx_llmp_tokens.h"

#include "decide/llmp_decision.h"
#include "policy/llmp_models.h"


const uint64_t *
ngx_llmp_charge_match(ngx_llmp_ctx_t *ctx, const llmp_str_t *model)
{
    static const uint64_t  nothing;

    if (ctx->policy->nmodels + ctx->policy->nmatchers == 0) {
        return &nothing;
    }

    return llmp_models_match(ctx->policy, model);
}


ngx_int_t
ngx_llmp_charge_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    const llmp_price_t *price, llmp_limit_amounts_t *amounts)
{
    ngx_llmp_tokens_t     tokens;
    llmp_charge_tokens_t  used;

    if (ngx_llmp_tokens_get(r, ctx, &tokens) != NGX_OK) {
        return NGX_DECLINED;
    }

    used.input = tokens.prompt;
    used.cached = tokens.cached;
    used.written = tokens.written;
    used.output = tokens.completion;
    used.reasoning = tokens.reasoning;

    llmp_charge_used(amounts, &used, &ctx->policy->weights, price);

    return NGX_OK;
}


ngx_int_t
ngx_llmp_charge_cost(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx, int64_t *cost)
{
    const uint64_t        *matched;
    const llmp_price_t    *price;
    llmp_limit_amounts_t   amounts;

    if (ctx->decision == NULL || ctx->decision->models_differ) {
        return NGX_DECLINED;
    }

    matched = ngx_llmp_charge_match(ctx, &ctx->decision->model);

    price = matched ? llmp_models_price(ctx->policy, matched, ctx->caller.tier)
                    : NULL;

    if (price == NULL || ngx_llmp_charge_get(r, ctx, price, &amounts) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    *cost = amounts.n[LLMP_LIMIT_COST];

    return NGX_OK;
}
