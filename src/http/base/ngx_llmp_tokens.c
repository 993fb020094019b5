
/*
 * Copyright (C) llm-policy authors
 */


#include "base/ngx_llmp_tokens.h"

#include "decide/llmp_decision.h"
#include "response/llmp_usage.h"


static int64_t ngx_llmp_tokens_estimate(ngx_llmp_ctx_t *ctx, off_t size);
static ngx_int_t ngx_llmp_tokens_of_failure(ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens);
static void ngx_llmp_tokens_of_response(ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens);
static const llmp_usage_result_t *ngx_llmp_tokens_usage(
    ngx_llmp_response_t *response);
static void ngx_llmp_tokens_reported(const llmp_usage_result_t *usage,
    ngx_llmp_tokens_t *tokens);


int64_t
ngx_llmp_tokens_prompt(ngx_llmp_ctx_t *ctx)
{
    llmp_prompt_rates_t  rates;

    if (ctx->decision == NULL) {
        return ngx_llmp_tokens_estimate(ctx, ctx->body_size);
    }

    rates = ngx_llmp_tokens_rates(ctx->conf);

    return llmp_prompt_tokens(&rates, ctx->body_size,
                              ctx->decision->media_count,
                              ctx->decision->media_bytes);
}


/* returns the tokens of a text of size bytes */

static int64_t
ngx_llmp_tokens_estimate(ngx_llmp_ctx_t *ctx, off_t size)
{
    llmp_prompt_rates_t  rates;

    rates = ngx_llmp_tokens_rates(ctx->conf);

    return llmp_prompt_tokens(&rates, size, 0, 0);
}


llmp_prompt_rates_t
ngx_llmp_tokens_rates(ngx_llmp_loc_conf_t *lpcf)
{
    llmp_prompt_rates_t  rates;

    rates.bytes = lpcf->token_bytes;
    rates.media = lpcf->token_media;

    return rates;
}


/*
 * If the client has left before the response, the upper bound counts: the model
 * had the request, and its usage will not be known.
 *
 * A request that is not referenced any more (count is 0) has ended.
 */

ngx_int_t
ngx_llmp_tokens_get(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_tokens_t *tokens)
{
    ngx_memzero(tokens, sizeof(ngx_llmp_tokens_t));

    if (ctx->response) {

        if (ctx->response->cached
            || (!ctx->response->finished && r->main->count != 0))
        {
            return NGX_DECLINED;
        }

        if (ctx->response->failed) {
            return ngx_llmp_tokens_of_failure(ctx, tokens);
        }

        if (!ctx->response->finished
            && (!ctx->response->begun
                || (r->upstream && r->upstream->cacheable)))
        {
            /*
             * no part of it was sent; or the client has left, and can get all
             * of it from the cache
             */

            ctx->response->unreadable = 1;
        }

        ngx_llmp_tokens_of_response(ctx, tokens);

        return NGX_OK;
    }

    if (ctx->decision == NULL
        || (!r->post_action
            && (r->headers_out.status != NGX_HTTP_CLIENT_CLOSED_REQUEST
                || r->upstream == NULL || !r->upstream->request_sent)))
    {
        return NGX_DECLINED;
    }

    tokens->prompt = ngx_llmp_tokens_prompt(ctx);
    tokens->completion = ctx->decision->output;
    tokens->total = tokens->prompt + tokens->completion;
    tokens->prompt_estimated = 1;
    tokens->completion_estimated = 1;

    return NGX_OK;
}


/* an error has used the tokens that it reports: nothing is estimated */

static ngx_int_t
ngx_llmp_tokens_of_failure(ngx_llmp_ctx_t *ctx, ngx_llmp_tokens_t *tokens)
{
    ngx_llmp_tokens_reported(ngx_llmp_tokens_usage(ctx->response), tokens);

    tokens->prompt = ngx_max(tokens->prompt, 0);
    tokens->completion = ngx_max(tokens->completion, 0);
    tokens->total = tokens->prompt + tokens->completion;

    return tokens->total ? NGX_OK : NGX_DECLINED;
}


/*
 * Uses what the upstream has reported; else an estimate by the sizes; else, if
 * the response is unreadable, the upper bound of the request.  A stream that
 * ended early may have reported its beginning only.
 */

static void
ngx_llmp_tokens_of_response(ngx_llmp_ctx_t *ctx, ngx_llmp_tokens_t *tokens)
{
    int64_t                     least;
    ngx_llmp_response_t        *response;
    const llmp_usage_result_t  *usage;

    response = ctx->response;

    usage = ngx_llmp_tokens_usage(response);

    ngx_llmp_tokens_reported(usage, tokens);

    if (tokens->prompt < 0) {
        tokens->prompt = ngx_llmp_tokens_prompt(ctx);
        tokens->prompt_estimated = 1;
    }

    if (tokens->completion < 0 || usage->partial || !response->finished) {
        least = ngx_llmp_tokens_estimate(ctx, usage->text);

        if (response->unreadable && ctx->decision) {
            least = ngx_max(least, (int64_t) ctx->decision->output);
        }

        if (tokens->completion < least || usage->partial) {
            tokens->completion = ngx_max(tokens->completion, least);
            tokens->reasoning = 0;
            tokens->completion_estimated = 1;
        }
    }

    tokens->total = tokens->prompt + tokens->completion;
}


static const llmp_usage_result_t *
ngx_llmp_tokens_usage(ngx_llmp_response_t *response)
{
    if (response->reading && response->usage_strip == NULL) {
        llmp_usage_finish(response->usage);
        response->reading = 0;
    }

    return llmp_usage_result(response->usage);
}


/* sets prompt and completion, -1 if they were not reported, and their parts */

static void
ngx_llmp_tokens_reported(const llmp_usage_result_t *usage,
    ngx_llmp_tokens_t *tokens)
{
    tokens->prompt = usage->prompt;
    tokens->completion = usage->completion;

    tokens->cached = ngx_max(usage->cached, 0);
    tokens->written = ngx_max(usage->written, 0);
    tokens->reasoning = ngx_max(usage->reasoning, 0);
}
