
/*
 * Copyright (C) llm-policy authors
 */


#include "ngx_llmp_variables.h"
#include "ngx_llmp_variables_check.h"

#include "base/ngx_llmp_str.h"

#include "decide/llmp_decision.h"
#include "dialect/llmp_dialect.h"
#include "policy/llmp_policy.h"


typedef enum {
    NGX_LLMP_VAR_TIER = 0,
    NGX_LLMP_VAR_TENANT,
    NGX_LLMP_VAR_KEY_NAME,
    NGX_LLMP_VAR_DIALECT,
    NGX_LLMP_VAR_MODEL,
    NGX_LLMP_VAR_STATUS,
    NGX_LLMP_VAR_REASON,
    NGX_LLMP_VAR_REASON_PARAMETER,
    NGX_LLMP_VAR_ADJUSTMENTS,
    NGX_LLMP_VAR_CANDIDATE_STATUS,
    NGX_LLMP_VAR_CANDIDATE_ADJUSTMENTS
} ngx_llmp_variables_e;


static ngx_int_t ngx_llmp_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static llmp_str_t ngx_llmp_variables_status(ngx_llmp_ctx_t *ctx);
static llmp_str_t ngx_llmp_variables_adjustments(ngx_llmp_ctx_t *ctx);
static llmp_str_t ngx_llmp_variables_candidate_status(ngx_llmp_ctx_t *ctx);
static llmp_str_t ngx_llmp_variables_candidate_adjustments(
    ngx_llmp_ctx_t *ctx);
static ngx_int_t ngx_llmp_variables_requested(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_llmp_variables_effective(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_llmp_variables_action(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_uint_t ngx_llmp_variables_is_known(ngx_str_t *name);
static ngx_llmp_ctx_t *ngx_llmp_variables_param(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_str_t *var, size_t prefix,
    llmp_change_t *param);


static ngx_http_variable_t  ngx_llmp_variables_list[] = {

    { ngx_string("llm_tier"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_TIER, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_tenant"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_TENANT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_key_name"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_KEY_NAME, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_dialect"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_DIALECT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_model"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_MODEL, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_status"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_STATUS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_reason"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_REASON, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_reason_parameter"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_REASON_PARAMETER, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_adjustments"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_ADJUSTMENTS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_candidate_status"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_CANDIDATE_STATUS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_candidate_adjustments"), NULL, ngx_llmp_variables_get,
      NGX_LLMP_VAR_CANDIDATE_ADJUSTMENTS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("llm_requested_"), NULL,
      ngx_llmp_variables_requested, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("llm_effective_"), NULL,
      ngx_llmp_variables_effective, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("llm_action_"), NULL,
      ngx_llmp_variables_action, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_llmp_variables_add(ngx_conf_t *cf)
{
    return ngx_llmp_variables_add_list(cf, ngx_llmp_variables_list);
}


ngx_int_t
ngx_llmp_variables_add_list(ngx_conf_t *cf, ngx_http_variable_t *v)
{
    ngx_http_variable_t  *var;

    for ( /* void */ ; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_variables_get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    llmp_str_t       value;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_llmp_variables_ctx(r, v, &ngx_llmp_variables_list[data].name);
    if (ctx == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&value, sizeof(llmp_str_t));

    switch (data) {

    case NGX_LLMP_VAR_TIER:
        if (ctx->caller.tier) {
            value = ctx->caller.tier->name;
        }

        break;

    case NGX_LLMP_VAR_TENANT:
        if (ctx->caller.tenant) {
            value = ctx->caller.tenant->name;
        }

        break;

    case NGX_LLMP_VAR_KEY_NAME:
        if (ctx->caller.terms) {
            value = ctx->caller.terms->name;
        }

        break;

    case NGX_LLMP_VAR_DIALECT:
        if (ctx->request.dialect) {
            value = ngx_llmp_ctx_dialect(ctx)->name;
        }

        break;

    case NGX_LLMP_VAR_MODEL:
        value = ctx->request.model;

        if (ctx->decision && ctx->decision->model.len) {
            value = ctx->decision->model;
        }

        break;

    case NGX_LLMP_VAR_STATUS:
        value = ngx_llmp_variables_status(ctx);
        break;

    case NGX_LLMP_VAR_REASON:
        if (ctx->status == NGX_LLMP_STATUS_REJECTED) {
            value = ngx_llmp_str_c(llmp_refusal_name(ctx->reason));
        }

        break;

    case NGX_LLMP_VAR_REASON_PARAMETER:
        if (ctx->status == NGX_LLMP_STATUS_REJECTED && ctx->decision) {
            value = ngx_llmp_str_c(ctx->decision->refusal.param);
        }

        break;

    case NGX_LLMP_VAR_ADJUSTMENTS:
        value = ngx_llmp_variables_adjustments(ctx);
        break;

    case NGX_LLMP_VAR_CANDIDATE_STATUS:
        value = ngx_llmp_variables_candidate_status(ctx);
        break;

    default: /* NGX_LLMP_VAR_CANDIDATE_ADJUSTMENTS */
        value = ngx_llmp_variables_candidate_adjustments(ctx);
    }

    ngx_llmp_variables_set(v, &value);

    return NGX_OK;
}


static llmp_str_t
ngx_llmp_variables_status(ngx_llmp_ctx_t *ctx)
{
    ngx_uint_t  i;

    i = ctx->status;

    if (ngx_llmp_ctx_is_dry_run(ctx)) {
        i += NGX_LLMP_STATUS_BYPASSED + 1;
    }

    return ngx_llmp_ctx_statuses[i];
}


static llmp_str_t
ngx_llmp_variables_adjustments(ngx_llmp_ctx_t *ctx)
{
    if (ctx->status == NGX_LLMP_STATUS_MODIFIED
        && ctx->adjustments.data == NULL)
    {
        ctx->adjustments = llmp_decision_changes_line(ctx->decision,
                                                      &ctx->pool);
    }

    return ctx->adjustments;
}


/* "enforced" if the candidate has made the decision itself */

static llmp_str_t
ngx_llmp_variables_candidate_status(ngx_llmp_ctx_t *ctx)
{
    if (ctx->enforced) {
        return ngx_llmp_str_c("enforced");
    }

    return ngx_llmp_ctx_statuses[ctx->candidate ? ctx->candidate->status
                                                : NGX_LLMP_STATUS_NONE];
}


static llmp_str_t
ngx_llmp_variables_candidate_adjustments(ngx_llmp_ctx_t *ctx)
{
    llmp_str_t             none;
    ngx_llmp_candidate_t  *candidate;

    candidate = ctx->candidate;

    if (candidate == NULL) {
        ngx_memzero(&none, sizeof(llmp_str_t));
        return none;
    }

    if (candidate->status == NGX_LLMP_STATUS_MODIFIED
        && candidate->adjustments.data == NULL)
    {
        candidate->adjustments =
                         llmp_decision_changes_line(candidate->decision,
                                                    &ctx->pool);
    }

    return candidate->adjustments;
}


static ngx_int_t
ngx_llmp_variables_requested(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  *var = (ngx_str_t *) data;

    llmp_change_t  param;

    if (ngx_llmp_variables_param(r, v, var, sizeof("llm_requested_") - 1,
                                 &param))
    {
        ngx_llmp_variables_set(v, &param.requested);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_variables_effective(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  *var = (ngx_str_t *) data;

    llmp_change_t    param;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_llmp_variables_param(r, v, var, sizeof("llm_effective_") - 1,
                                   &param);
    if (ctx) {
        ngx_llmp_variables_set(v, ctx->conf->dry_run ? &param.requested
                                                     : &param.effective);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_variables_action(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t  *var = (ngx_str_t *) data;

    llmp_str_t     value;
    llmp_change_t  param;

    if (ngx_llmp_variables_param(r, v, var, sizeof("llm_action_") - 1, &param))
    {
        ngx_memzero(&value, sizeof(llmp_str_t));

        if (param.requested.len || param.effective.len) {
            value = ngx_llmp_str_c(llmp_decision_action_name(param.action));
        }

        ngx_llmp_variables_set(v, &value);
    }

    return NGX_OK;
}


/* copies the record of the parameter that the variable is named after */

static ngx_llmp_ctx_t *
ngx_llmp_variables_param(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    ngx_str_t *var, size_t prefix, llmp_change_t *param)
{
    llmp_str_t       name;
    llmp_param_e     n;
    ngx_llmp_ctx_t  *ctx;

    ctx = ngx_llmp_variables_ctx(r, v, var);
    if (ctx == NULL) {
        return NULL;
    }

    name.len = var->len - prefix;
    name.data = var->data + prefix;

    n = llmp_param_find(&name);

    if (n == LLMP_PARAM_MAX) {
        v->not_found = 1;
        return NULL;
    }

    ngx_memzero(param, sizeof(llmp_change_t));

    if (ctx->decision) {
        *param = *llmp_decision_param(ctx->decision, n);
    }

    if (ctx->status == NGX_LLMP_STATUS_REJECTED) {

        /* nothing was sent, also if edits had been decided on */

        ngx_memzero(&param->effective, sizeof(llmp_str_t));
        param->action = LLMP_ACTION_NONE;
    }

    return ctx;
}


ngx_llmp_ctx_t *
ngx_llmp_variables_ctx(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    ngx_str_t *name)
{
    ngx_llmp_ctx_t       *ctx;
    ngx_llmp_loc_conf_t  *lpcf;

    ctx = ngx_llmp_ctx_get(r);

    if (ctx && (ctx->decision || ctx->status != NGX_LLMP_STATUS_NONE)) {
        return ctx;
    }

    if (ctx && ctx->evaluates && ngx_llmp_variables_is_known(name)) {
        return ctx;
    }

    lpcf = ngx_http_get_module_loc_conf(r, ngx_http_llm_policy_module);

    if (lpcf->enable) {

        /*
         * a value that is neither valid nor "not found" is empty, and is
         * evaluated again after the decision, also for the access log
         */

        if (r->err_status == 0 && r->headers_out.status == 0) {

            /* no response, not even that of an error */

            ngx_llmp_variables_check_early(r, name);
        }

        *v = ngx_http_variable_null_value;
        v->valid = 0;

        return NULL;
    }

    v->not_found = 1;

    return NULL;
}


/* returns 1 if a variable has its value before the decision: "map" may use it
   for another one, which the policy uses */

static ngx_uint_t
ngx_llmp_variables_is_known(ngx_str_t *name)
{
    return name == &ngx_llmp_variables_list[NGX_LLMP_VAR_TIER].name
           || name == &ngx_llmp_variables_list[NGX_LLMP_VAR_TENANT].name
           || name == &ngx_llmp_variables_list[NGX_LLMP_VAR_KEY_NAME].name
           || name == &ngx_llmp_variables_list[NGX_LLMP_VAR_DIALECT].name;
}


void
ngx_llmp_variables_set(ngx_http_variable_value_t *v, llmp_str_t *value)
{
    *v = ngx_http_variable_null_value;

    if (value->len) {
        v->len = value->len;
        v->data = value->data;
    }
}
