
/*
 * Copyright (C) llm-policy authors
 */


#include "request/ngx_llmp_request_head.h"

#include "base/ngx_llmp_header.h"
#include "base/ngx_llmp_str.h"
#include "base/ngx_llmp_tokens.h"
#include "base/ngx_llmp_values.h"
#include "base/ngx_llmp_version.h"
#include "limit/ngx_llmp_limit.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_candidate.h"

#include "policy/llmp_policy.h"


static ngx_uint_t ngx_llmp_request_head_may_drop(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_request_head_is_bypassed(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last);
static void ngx_llmp_request_head_init(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx);
static llmp_int_t ngx_llmp_request_head_route(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);
static ngx_uint_t ngx_llmp_request_head_choose(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last);
static void ngx_llmp_request_head_drop_upgrade(ngx_http_request_t *r);
static ngx_int_t ngx_llmp_request_head_admit(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_refusal_t *refusal);
static ngx_int_t ngx_llmp_request_head_find_caller(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last, llmp_identity_t *identity,
    llmp_refusal_t *refusal);
static void ngx_llmp_request_head_warn(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, llmp_identity_t *identity);
static ngx_int_t ngx_llmp_request_head_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, llmp_str_t *str);
static ngx_uint_t ngx_llmp_request_head_same_policy(ngx_http_request_t *r,
    ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *last);


ngx_int_t
ngx_llmp_request_head_check(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    ngx_int_t       rc;
    llmp_refusal_t  stranger;

    ngx_llmp_request_head_init(r, ctx);

    rc = ngx_llmp_request_head_route(r, ctx, last, refusal);

    if (ctx->request.drop_upgrade && !ctx->conf->dry_run) {
        ngx_llmp_request_head_drop_upgrade(r);
    }

    /* the field is empty after a redirect, but a copy of it may remain */

    if (last && last->request.drop_upgrade && !last->conf->dry_run) {
        ctx->request.drop_upgrade = 1;
    }

    if (rc != LLMP_OK && r == r->main
        && llmp_request_needs_key(&ctx->request, ctx->policy)
        && ngx_llmp_request_head_admit(r, ctx, last, &stranger) != NGX_OK)
    {
        *refusal = stranger;
        return NGX_ERROR;
    }

    if (rc == LLMP_DECLINED) {
        return NGX_DECLINED;
    }

    if (rc == LLMP_ERROR
        && !ngx_llmp_request_head_may_drop(r, ctx, last, refusal))
    {
        return NGX_ERROR;
    }

    if (rc == LLMP_ERROR && ngx_llmp_request_head_is_bypassed(r, ctx, last)) {
        return NGX_DECLINED;
    }

    if (rc == LLMP_OK || (last && r != r->main)) {

        if (ngx_llmp_request_head_admit(r, ctx, last, refusal) != NGX_OK) {
            return NGX_ERROR;
        }

        if (last && ngx_llmp_request_head_same_policy(r, ctx, last)) {
            return NGX_DONE;
        }

        if (rc == LLMP_OK
            && llmp_request_check_size(&ctx->request, ctx->caller.tier, refusal)
               != LLMP_OK)
        {
            return NGX_ERROR;
        }
    }

    if (rc == LLMP_ERROR) {

        if (ctx->conf->dry_run) {
            return NGX_ERROR;
        }

        ctx->state = NGX_LLMP_STATE_DROPPING;
    }

    return NGX_OK;
}


/*
 * A request that nginx has redirected, most likely for an error page, to a path
 * that the policy does not know, may continue without its body: a decision on
 * the body was made for another path.
 *
 * r->internal cannot be used, as "rewrite" sets it as well.
 */

static ngx_uint_t
ngx_llmp_request_head_may_drop(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    if (refusal->code != LLMP_REFUSE_UNKNOWN_ROUTE || ctx->request.websocket) {
        return 0;
    }

    return r != r->main || last || r->err_status || r->error_page
           || r->upstream;
}


/*
 * The path of a subrequest, such as "/mirror", is not the client's: if the
 * client's path is bypassed, so is the body that both share.
 */

static ngx_uint_t
ngx_llmp_request_head_is_bypassed(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last)
{
    return r != r->main
           && last
           && last->status == NGX_LLMP_STATUS_BYPASSED
           && last->policy == ctx->policy
           && last->conf->pass_unmatched == ctx->conf->pass_unmatched
           && r->request_body == r->main->request_body;
}


static void
ngx_llmp_request_head_init(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_uint_t        i;
    llmp_str_t        name, value;
    llmp_request_t   *req;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    req = &ctx->request;

    llmp_request_init(req);

    req->path = ngx_llmp_str(&r->uri);
    req->target = ngx_llmp_str(&r->unparsed_uri);
    req->post = (r->method == NGX_HTTP_POST);
    req->options = (r->method == NGX_HTTP_OPTIONS);
    req->body = !r->discard_body
                && (r->headers_in.content_length_n > 0 || r->headers_in.chunked
                    || (r->request_body && r->request_body->bufs));
    req->pass_unmatched = ctx->conf->pass_unmatched;
    req->change_signed = ctx->conf->change_signed;
    req->stream_usage = ctx->conf->stream_usage && !ctx->conf->dry_run;
    req->size = ngx_max(r->headers_in.content_length_n, 0);
    req->rates = ngx_llmp_tokens_rates(ctx->conf);
    req->media_min = llmp_prompt_media_min(&req->rates);

    i = 0;
    part = &r->headers_in.headers.part;

    while ((header = ngx_llmp_header_next(&part, &i)) != NULL) {
        name = ngx_llmp_str(&header->key);
        value = ngx_llmp_str(&header->value);

        if (header->lowcase_key) {
            name.data = header->lowcase_key;
        }

        llmp_request_header(req, &name, &value);
    }
}


/* checks the request by the document that is enforced: the candidate for its
   share of the callers */

static llmp_int_t
ngx_llmp_request_head_route(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    llmp_int_t      rc;
    llmp_request_t  request;

    ctx->request.variables = ngx_llmp_values_create(r, ctx, ctx->version);

    if (ctx->conf->share == 0) {
        return llmp_request_check(&ctx->request, ctx->policy, refusal);
    }

    request = ctx->request;

    rc = llmp_request_check(&ctx->request, ctx->policy, refusal);

    if (!ngx_llmp_request_head_choose(r, ctx, last)) {
        return rc;
    }

    ctx->request = request;
    ctx->request.variables = ngx_llmp_values_create(r, ctx, ctx->version);

    return llmp_request_check(&ctx->request, ctx->policy, refusal);
}


/* returns whether the candidate is enforced: the document in force finds the
   caller, then the candidate takes over with all that the caller is in it */

static ngx_uint_t
ngx_llmp_request_head_choose(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last)
{
    llmp_refusal_t   refusal;
    llmp_identity_t  identity;

    (void) ngx_llmp_request_head_find_caller(r, ctx, last, &identity, &refusal);

    if (!ngx_llmp_candidate_is_enforced(r, ctx)) {
        return 0;
    }

    ngx_llmp_ctx_set_version(ctx, ctx->conf->candidate->version);
    ctx->enforced = 1;

    return 1;
}


/* empties Upgrade: "proxy_set_header Upgrade $http_upgrade" sends none then */

static void
ngx_llmp_request_head_drop_upgrade(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    /* no upstream module makes a tunnel of a 101 then, nor after redirects */

    r->headers_in.upgrade = NULL;

    i = 0;
    part = &r->headers_in.headers.part;

    while ((h = ngx_llmp_header_next(&part, &i)) != NULL) {
        if (h->key.len == sizeof("Upgrade") - 1
            && ngx_strncasecmp(h->key.data, (u_char *) "Upgrade",
                               sizeof("Upgrade") - 1)
               == 0)
        {
            ngx_str_set(&h->value, "");
        }
    }
}


/* refuses strangers, and keys that hold no longer, also in dry run, which is
   about what is requested */

static ngx_int_t
ngx_llmp_request_head_admit(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_refusal_t *refusal)
{
    ngx_int_t        rc;
    llmp_identity_t  identity;

    rc = ngx_llmp_request_head_find_caller(r, ctx, last, &identity, refusal);

    if (rc != NGX_OK) {
        ctx->stranger = ctx->policy->reject_unknown_key
                        || ctx->policy->judges_keys;
        return rc;
    }

    ngx_llmp_request_head_warn(r, ctx, &identity);

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_request_head_find_caller(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last, llmp_identity_t *identity, llmp_refusal_t *refusal)
{
    llmp_str_t       given, hashed;
    llmp_request_t  *request;

    if (ngx_llmp_request_head_value(r, ctx->conf->tenant, &identity->tenant)
        != NGX_OK
        || ngx_llmp_request_head_value(r, ctx->conf->tier, &identity->tier)
           != NGX_OK
        || ngx_llmp_request_head_value(r, ctx->conf->key, &given) != NGX_OK)
    {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the caller could not be found");
    }

    /* the path of a subrequest, such as "/mirror", has no dialect */

    request = (r != r->main && last && ctx->request.dialect == NULL)
              ? &last->request : &ctx->request;

    hashed = ctx->api_key;

    if (llmp_request_key(request, &given, &ctx->pool, &ctx->api_key)
        != LLMP_OK)
    {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "no memory for the API key");
    }

    identity->key = ctx->api_key;
    identity->hash = (ctx->caller.hashed && llmp_str_eq(&hashed, &ctx->api_key))
                     ? ctx->caller.hash : NULL;
    identity->no_bearer = ctx->request.no_bearer;
    identity->no_key = 0;
    identity->now = ngx_time();

    ctx->tier_given = (identity->tier.len != 0);

    return llmp_request_caller(&ctx->caller, ctx->policy, identity, refusal);
}


static void
ngx_llmp_request_head_warn(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_identity_t *identity)
{
    const llmp_tier_t  *tier;

    tier = ctx->caller.tier;

    if (ctx->caller.unknown_tier) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "tier \"%*s\" is not defined, using \"%*s\"",
                      identity->tier.len, identity->tier.data, tier->name.len,
                      tier->name.data);
    }

    if (ctx->caller.unknown_tenant) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "tenant \"%*s\" is not defined, using tier \"%*s\"",
                      identity->tenant.len, identity->tenant.data,
                      tier->name.len, tier->name.data);
    }
}


static ngx_int_t
ngx_llmp_request_head_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, llmp_str_t *str)
{
    ngx_str_t  value;

    ngx_str_null(&value);

    if (cv && ngx_http_complex_value(r, cv, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    *str = ngx_llmp_str(&value);

    return NGX_OK;
}


/* returns 1 if the same body was decided on, with the same result as here */

static ngx_uint_t
ngx_llmp_request_head_same_policy(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_ctx_t *last)
{
    if (last->status == NGX_LLMP_STATUS_BYPASSED
        || last->policy != ctx->policy
        || last->conf->candidate != ctx->conf->candidate
        || last->caller.tier != ctx->caller.tier
        || last->caller.tenant != ctx->caller.tenant
        || last->caller.terms != ctx->caller.terms
        || last->conf->dry_run != ctx->conf->dry_run
        || !ngx_llmp_body_is_marked(r, last))
    {
        return 0;
    }

    if (r != r->main && ctx->request.dialect == NULL) {

        /* the path is not the client's, for example "/mirror" */

        return 1;
    }

    return last->request.dialect == ctx->request.dialect
           && last->request.deployment == ctx->request.deployment
           && llmp_str_eq(&last->request.model, &ctx->request.model);
}


/*
 * The strings of llm_policy_tier, llm_policy_key, llm_policy_limit_key may be
 * the same in both locations, and have other values: "set" is executed in each
 * of them.
 */

ngx_uint_t
ngx_llmp_request_head_same_caller(ngx_http_request_t *r,
    ngx_llmp_loc_conf_t *lpcf, ngx_llmp_ctx_t *last)
{
    llmp_refusal_t    refusal;
    ngx_llmp_ctx_t   *ctx;
    llmp_identity_t   identity;

    ctx = ngx_llmp_ctx_create(r, lpcf);
    if (ctx == NULL) {
        return 0;
    }

    ctx->request = last->request;

    if (lpcf->share) {
        (void) llmp_request_check(&ctx->request, ctx->policy, &refusal);
        (void) ngx_llmp_request_head_choose(r, ctx, last);

        ctx->request = last->request;
    }

    if (ctx->policy != last->policy
        || ngx_llmp_request_head_find_caller(r, ctx, last, &identity, &refusal)
           != NGX_OK)
    {
        return 0;
    }

    return ctx->caller.tier == last->caller.tier
           && ctx->caller.tenant == last->caller.tenant
           && ngx_llmp_limit_is_kept(r, ctx, last->reservation);
}


void
ngx_llmp_request_head_move(ngx_llmp_ctx_t *ctx, ngx_llmp_ctx_t *location)
{
    ctx->conf = location->conf;
    ctx->api_key = location->api_key;

    ctx->caller.hashed = location->caller.hashed;
    ngx_memcpy(ctx->caller.hash, location->caller.hash, LLMP_KEY_HASH);
}


void
ngx_llmp_request_head_set_identity(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    i = 0;
    part = &r->headers_in.headers.part;

    while ((h = ngx_llmp_header_next(&part, &i)) != NULL) {
        if (h->key.len == sizeof("Accept-Encoding") - 1
            && ngx_strncasecmp(h->key.data, (u_char *) "Accept-Encoding",
                               sizeof("Accept-Encoding") - 1)
               == 0)
        {
            ngx_str_set(&h->value, "identity");
        }
    }
}
