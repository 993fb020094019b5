
/*
 * Copyright (C) llm-policy authors
 *
 * No variable can get an index in a worker, where changed documents are loaded.
 * There, one that has none is found by its name.
 */


#include "base/ngx_llmp_values.h"

#include "policy/llmp_policy.h"


typedef struct {
    llmp_variables_t      variables;
    ngx_http_request_t   *request;
    ngx_llmp_ctx_t       *ctx;
    ngx_llmp_version_t   *version;
    llmp_str_t           *elts;       /* data is NULL if not yet evaluated */
} ngx_llmp_values_t;


static ngx_int_t ngx_llmp_values_find_by_name(ngx_str_t *name);
static llmp_int_t ngx_llmp_values_get(void *data, llmp_uint_t i,
    llmp_str_t *value);
static ngx_http_variable_value_t *ngx_llmp_values_evaluate(
    ngx_llmp_values_t *values, llmp_uint_t i);


/* index of a variable that has a name only */
#define NGX_LLMP_VALUES_BY_NAME  NGX_DECLINED


ngx_int_t
ngx_llmp_values_find(ngx_llmp_version_t *version, ngx_conf_t *cf)
{
    ngx_str_t       name;
    ngx_uint_t      i;
    llmp_policy_t  *policy;

    policy = version->policy;

    version->variables = ngx_palloc(version->pool, policy->nvariables
                                                   * sizeof(ngx_int_t) + 1);
    if (version->variables == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < policy->nvariables; i++) {
        name.len = policy->variables[i].name.len;
        name.data = policy->variables[i].name.data;

        if (cf == NULL) {
            version->variables[i] = ngx_llmp_values_find_by_name(&name);
            continue;
        }

        version->variables[i] = ngx_http_get_variable_index(cf, &name);

        if (version->variables[i] == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_values_find_by_name(ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_cycle_get_module_main_conf(ngx_cycle, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        if (v[i].name.len == name->len
            && ngx_strncmp(v[i].name.data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    if (ngx_hash_find(&cmcf->variables_hash,
                      ngx_hash_key(name->data, name->len),
                      name->data, name->len)
        != NULL)
    {
        return NGX_LLMP_VALUES_BY_NAME;
    }

    v = cmcf->prefix_variables.elts;

    for (i = 0; i < cmcf->prefix_variables.nelts; i++) {
        if (name->len > v[i].name.len
            && ngx_strncmp(v[i].name.data, name->data, v[i].name.len) == 0)
        {
            return NGX_LLMP_VALUES_BY_NAME;
        }
    }

    return NGX_ERROR;
}


const llmp_variables_t *
ngx_llmp_values_create(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_version_t *version)
{
    ngx_llmp_values_t  *values;

    if (version->policy->nvariables == 0) {
        return NULL;
    }

    values = ngx_palloc(r->pool, sizeof(ngx_llmp_values_t));
    if (values == NULL) {
        return NULL;
    }

    values->elts = ngx_pcalloc(r->pool, version->policy->nvariables
                                        * sizeof(llmp_str_t));
    if (values->elts == NULL) {
        return NULL;
    }

    values->variables.get = ngx_llmp_values_get;
    values->variables.data = values;
    values->request = r;
    values->ctx = ctx;
    values->version = version;

    return &values->variables;
}


static llmp_int_t
ngx_llmp_values_get(void *data, llmp_uint_t i, llmp_str_t *value)
{
    ngx_llmp_values_t *values = data;

    size_t                      len;
    u_char                     *p;
    ngx_http_variable_value_t  *vv;

    if (values->elts[i].data == NULL) {

        values->ctx->evaluates = 1;

        vv = ngx_llmp_values_evaluate(values, i);

        values->ctx->evaluates = 0;

        if (vv == NULL) {
            return LLMP_ERROR;
        }

        /* one byte more than a value may have makes it too long */

        len = vv->not_found ? 0 : ngx_min((size_t) vv->len,
                                          LLMP_TEMPLATE_MAX + 1);

        p = ngx_pnalloc(values->request->pool, len + 1);
        if (p == NULL) {
            return LLMP_ERROR;
        }

        if (len) {
            ngx_memcpy(p, vv->data, len);
        }

        values->elts[i].len = len;
        values->elts[i].data = p;
    }

    *value = values->elts[i];

    return LLMP_OK;
}


static ngx_http_variable_value_t *
ngx_llmp_values_evaluate(ngx_llmp_values_t *values, llmp_uint_t i)
{
    ngx_int_t         index;
    ngx_str_t         name;
    llmp_variable_t  *variable;

    index = values->version->variables[i];

    if (index != NGX_LLMP_VALUES_BY_NAME) {
        return ngx_http_get_flushed_variable(values->request, index);
    }

    variable = &values->version->policy->variables[i];

    name.len = variable->name.len;
    name.data = variable->name.data;

    return ngx_http_get_variable(values->request, &name,
                                 ngx_hash_key(name.data, name.len));
}
