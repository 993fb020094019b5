
/*
 * Copyright (C) llm-policy authors
 */


#include "ngx_llmp_limit_variables.h"

#include "base/ngx_llmp_str.h"
#include "base/ngx_llmp_tokens.h"
#include "limit/ngx_llmp_charge.h"
#include "limit/ngx_llmp_reservation.h"
#include "ngx_llmp_variables.h"


typedef enum {
    NGX_LLMP_VAR_PROMPT_TOKENS = 0,
    NGX_LLMP_VAR_COMPLETION_TOKENS,
    NGX_LLMP_VAR_TOTAL_TOKENS,
    NGX_LLMP_VAR_CACHED_TOKENS,
    NGX_LLMP_VAR_REASONING_TOKENS,
    NGX_LLMP_VAR_COST,
    NGX_LLMP_VAR_TOKENS_SOURCE
} ngx_llmp_tokens_variable_e;


typedef enum {
    NGX_LLMP_VAR_LIMIT_STATUS = 0,
    NGX_LLMP_VAR_LIMIT
} ngx_llmp_limit_variable_e;


static ngx_int_t ngx_llmp_limit_variables_tokens(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_llmp_limit_variables_cost(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_llmp_limit_variables_limit(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static llmp_str_t *ngx_llmp_limit_variables_status(ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_limit_variables_remaining(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_llmp_limit_variables_set_amount(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, llmp_limit_e limit, int64_t amount);
static ngx_int_t ngx_llmp_limit_variables_set(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, int64_t n);


/* the first seven need the responses of models to be read */

static ngx_http_variable_t  ngx_llmp_limit_variables_list[] = {

    { ngx_string("llm_prompt_tokens"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_PROMPT_TOKENS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_completion_tokens"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_COMPLETION_TOKENS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_total_tokens"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_TOTAL_TOKENS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_cached_tokens"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_CACHED_TOKENS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_reasoning_tokens"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_REASONING_TOKENS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_cost"), NULL,
      ngx_llmp_limit_variables_cost,
      NGX_LLMP_VAR_COST, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_tokens_source"), NULL,
      ngx_llmp_limit_variables_tokens,
      NGX_LLMP_VAR_TOKENS_SOURCE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_limit_status"), NULL,
      ngx_llmp_limit_variables_limit,
      NGX_LLMP_VAR_LIMIT_STATUS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_limit"), NULL,
      ngx_llmp_limit_variables_limit,
      NGX_LLMP_VAR_LIMIT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_remaining_"), NULL,
      ngx_llmp_limit_variables_remaining, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_llmp_limit_variables_add(ngx_conf_t *cf)
{
    return ngx_llmp_variables_add_list(cf, ngx_llmp_limit_variables_list);
}


ngx_uint_t
ngx_llmp_limit_variables_use_tokens(ngx_conf_t *cf)
{
    ngx_uint_t                  i, n;
    ngx_http_variable_t        *v, *var;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        for (n = 0; n <= NGX_LLMP_VAR_TOKENS_SOURCE; n++) {
            var = &ngx_llmp_limit_variables_list[n];

            if (v[i].name.len == var->name.len
                && ngx_strncmp(v[i].name.data, var->name.data, var->name.len)
                   == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_int_t
ngx_llmp_limit_variables_tokens(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    llmp_str_t         source;
    ngx_llmp_ctx_t    *ctx;
    ngx_llmp_tokens_t  tokens;

    static llmp_str_t  reported = llmp_string("reported");
    static llmp_str_t  estimated = llmp_string("estimated");

    ctx = ngx_llmp_variables_ctx(r, v,
                                 &ngx_llmp_limit_variables_list[data].name);
    if (ctx == NULL) {
        return NGX_OK;
    }

    if (ngx_llmp_tokens_get(r, ctx, &tokens) != NGX_OK) {
        *v = ngx_http_variable_null_value;
        return NGX_OK;
    }

    switch (data) {

    case NGX_LLMP_VAR_PROMPT_TOKENS:
        return ngx_llmp_limit_variables_set(r, v, tokens.prompt);

    case NGX_LLMP_VAR_COMPLETION_TOKENS:
        return ngx_llmp_limit_variables_set(r, v, tokens.completion);

    case NGX_LLMP_VAR_TOTAL_TOKENS:
        return ngx_llmp_limit_variables_set(r, v, tokens.total);

    case NGX_LLMP_VAR_CACHED_TOKENS:
        return ngx_llmp_limit_variables_set(r, v, tokens.cached);

    case NGX_LLMP_VAR_REASONING_TOKENS:
        return ngx_llmp_limit_variables_set(r, v, tokens.reasoning);

    default: /* NGX_LLMP_VAR_TOKENS_SOURCE */
        source = (tokens.prompt_estimated || tokens.completion_estimated)
                 ? estimated : reported;

        ngx_llmp_variables_set(v, &source);

        return NGX_OK;
    }
}


static ngx_int_t
ngx_llmp_limit_variables_cost(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    int64_t          cost;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_llmp_variables_ctx(r, v,
                                 &ngx_llmp_limit_variables_list[data].name);
    if (ctx == NULL) {
        return NGX_OK;
    }

    if (ngx_llmp_charge_cost(r, ctx, &cost) != NGX_OK) {
        *v = ngx_http_variable_null_value;
        return NGX_OK;
    }

    return ngx_llmp_limit_variables_set_amount(r, v, LLMP_LIMIT_COST_PER_MONTH,
                                               cost);
}


static ngx_int_t
ngx_llmp_limit_variables_limit(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    llmp_str_t       value;
    ngx_uint_t       i;
    llmp_limit_e     limit;
    ngx_llmp_ctx_t  *ctx;

    i = NGX_LLMP_VAR_TOKENS_SOURCE + 1 + data;

    ctx = ngx_llmp_variables_ctx(r, v, &ngx_llmp_limit_variables_list[i].name);
    if (ctx == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&value, sizeof(llmp_str_t));

    limit = ctx->reservation ? ctx->reservation->verdict.limit
                             : LLMP_LIMIT_MAX;

    if (data == NGX_LLMP_VAR_LIMIT_STATUS) {
        value = *ngx_llmp_limit_variables_status(ctx);

    } else if (limit != LLMP_LIMIT_MAX) {
        value = ngx_llmp_str_c(llmp_limits_name(limit));
    }

    ngx_llmp_variables_set(v, &value);

    return NGX_OK;
}


/* returns the value of $llm_limit_status */

static llmp_str_t *
ngx_llmp_limit_variables_status(ngx_llmp_ctx_t *ctx)
{
    llmp_limit_verdict_t  *verdict;

    static llmp_str_t  none = llmp_string("");
    static llmp_str_t  near = llmp_string("near");
    static llmp_str_t  over = llmp_string("over");
    static llmp_str_t  passed = llmp_string("passed");
    static llmp_str_t  rejected = llmp_string("rejected");
    static llmp_str_t  rejected_dry_run = llmp_string("rejected_dry_run");

    if (ctx->reservation == NULL) {
        return ctx->over ? &over : &none;
    }

    verdict = &ctx->reservation->verdict;

    if (verdict->limit != LLMP_LIMIT_MAX) {
        return ctx->reservation->dry_run ? &rejected_dry_run : &rejected;
    }

    if (ctx->over) {
        return &over;
    }

    return (verdict->near != LLMP_LIMIT_MAX) ? &near : &passed;
}


/* sets what is left of the limit that the variable is named after */

static ngx_int_t
ngx_llmp_limit_variables_remaining(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *var = (ngx_str_t *) data;

    llmp_str_t           name;
    llmp_limit_e         limit;
    ngx_llmp_ctx_t      *ctx;
    llmp_limit_entry_t  *entry;

    ctx = ngx_llmp_variables_ctx(r, v, var);
    if (ctx == NULL) {
        return NGX_OK;
    }

    name.len = var->len - (sizeof("llm_remaining_") - 1);
    name.data = var->data + sizeof("llm_remaining_") - 1;

    limit = llmp_limits_by_name(&name);

    if (limit == LLMP_LIMIT_MAX) {
        v->not_found = 1;
        return NGX_OK;
    }

    entry = ctx->reservation
            ? ngx_llmp_reservation_least(ctx->reservation, limit) : NULL;

    if (entry == NULL) {
        *v = ngx_http_variable_null_value;
        return NGX_OK;
    }

    return ngx_llmp_limit_variables_set_amount(r, v, limit,
                                               llmp_limit_remaining(entry,
                                                                    limit));
}


/* sets an amount, as the document would have it */

static ngx_int_t
ngx_llmp_limit_variables_set_amount(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, llmp_limit_e limit, int64_t amount)
{
    llmp_str_t  value;

    value.data = ngx_pnalloc(r->pool, LLMP_LIMITS_TEXT);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = llmp_limits_write((char *) value.data, limit, amount);

    ngx_llmp_variables_set(v, &value);

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_limit_variables_set(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, int64_t n)
{
    u_char     *p;
    llmp_str_t  value;

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    value.len = ngx_sprintf(p, "%L", n) - p;

    ngx_llmp_variables_set(v, &value);

    return NGX_OK;
}
