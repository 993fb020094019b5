
/*
 * Copyright (C) llm-policy authors
 */


#include "ngx_llmp_variables_check.h"

#include "base/ngx_llmp_version.h"

#include "dialect/llmp_param.h"
#include "loader/llmp_doc_hint.h"
#include "policy/llmp_policy.h"


typedef struct {
    ngx_str_t     prefix;
    const char *(*name)(ngx_uint_t i);  /* i-th name that may follow, or NULL */
} ngx_llmp_variables_prefix_t;


static ngx_int_t ngx_llmp_variables_check_name(ngx_conf_t *cf, ngx_str_t *var,
    const ngx_llmp_variables_prefix_t *prefix);
static ngx_int_t ngx_llmp_variables_check_policy(ngx_conf_t *cf,
    llmp_policy_t *policy);
static ngx_uint_t ngx_llmp_variables_check_prefix(
    ngx_http_core_main_conf_t *cmcf, ngx_str_t *var);
static ngx_uint_t ngx_llmp_variables_check_defined(
    ngx_http_core_main_conf_t *cmcf, ngx_str_t *var);
static const char *ngx_llmp_variables_check_param(ngx_uint_t i);
static const char *ngx_llmp_variables_check_limit(ngx_uint_t i);


static const ngx_llmp_variables_prefix_t  ngx_llmp_variables_prefixes[] = {
    { ngx_string("llm_requested_"), ngx_llmp_variables_check_param },
    { ngx_string("llm_effective_"), ngx_llmp_variables_check_param },
    { ngx_string("llm_action_"), ngx_llmp_variables_check_param },
    { ngx_string("llm_remaining_"), ngx_llmp_variables_check_limit },
    { ngx_null_string, NULL }
};


ngx_int_t
ngx_llmp_variables_check(ngx_conf_t *cf)
{
    ngx_uint_t                          i;
    ngx_http_variable_t                *v;
    ngx_http_core_main_conf_t          *cmcf;
    const ngx_llmp_variables_prefix_t  *p;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        for (p = ngx_llmp_variables_prefixes; p->name != NULL; p++) {

            if (v[i].name.len >= p->prefix.len
                && ngx_strncmp(v[i].name.data, p->prefix.data, p->prefix.len)
                   == 0
                && !ngx_llmp_variables_check_defined(cmcf, &v[i].name)
                && ngx_llmp_variables_check_name(cf, &v[i].name, p) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_variables_check_name(ngx_conf_t *cf, ngx_str_t *var,
    const ngx_llmp_variables_prefix_t *prefix)
{
    u_char           *word;
    size_t            size;
    ngx_uint_t        i;
    const char       *name;
    llmp_doc_hint_t   hint;

    size = var->len - prefix->prefix.len + 1;

    word = ngx_pnalloc(cf->temp_pool, size);
    if (word == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(word, var->data + prefix->prefix.len, size);

    llmp_doc_hint_init(&hint, (char *) word);

    for (i = 0; /* void */ ; i++) {
        name = prefix->name(i);

        if (name == NULL) {
            break;
        }

        if (ngx_strcmp(word, name) == 0) {
            return NGX_OK;
        }

        llmp_doc_hint_add(&hint, name);
    }

    /* as nginx reports its own: the line is not known any more */

    if (hint.near != NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown \"%V\" variable; did you mean \"%V%s\"?", var,
                      &prefix->prefix, hint.near);

    } else {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown \"%V\" variable; after \"%V\", %s", var,
                      &prefix->prefix,
                      llmp_doc_hint_text(&hint, "expected one of"));
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_llmp_variables_check_documents(ngx_conf_t *cf)
{
    ngx_int_t               rc;
    ngx_uint_t              i;
    ngx_llmp_file_t       **file;
    ngx_llmp_main_conf_t   *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    file = lpmcf->files.elts;
    rc = NGX_OK;

    for (i = 0; i < lpmcf->files.nelts; i++) {
        if (ngx_llmp_variables_check_policy(cf, file[i]->version->policy)
            != NGX_OK)
        {
            rc = NGX_ERROR;
        }
    }

    return rc;
}


/* nginx reports unknown variables, too, but not where they are */

static ngx_int_t
ngx_llmp_variables_check_policy(ngx_conf_t *cf, llmp_policy_t *policy)
{
    ngx_int_t                   rc;
    ngx_str_t                   name;
    ngx_uint_t                  i;
    llmp_variable_t            *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    rc = NGX_OK;

    for (i = 0; i < policy->nvariables; i++) {
        v = &policy->variables[i];

        name.len = v->name.len;
        name.data = v->name.data;

        if (ngx_llmp_variables_check_defined(cmcf, &name)
            || ngx_llmp_variables_check_prefix(cmcf, &name))
        {
            continue;
        }

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%*s: unknown variable \"$%V\"",
                      v->place.len, v->place.data, &name);

        rc = NGX_ERROR;
    }

    return rc;
}


/* returns whether the variable is one of many, such as "$http_name" */

static ngx_uint_t
ngx_llmp_variables_check_prefix(ngx_http_core_main_conf_t *cmcf,
    ngx_str_t *var)
{
    ngx_uint_t            i;
    ngx_http_variable_t  *v;

    v = cmcf->prefix_variables.elts;

    for (i = 0; i < cmcf->prefix_variables.nelts; i++) {

        if (var->len > v[i].name.len
            && ngx_strncmp(v[i].name.data, var->data, v[i].name.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* returns whether "set", "map" or another directive defines the variable */

static ngx_uint_t
ngx_llmp_variables_check_defined(ngx_http_core_main_conf_t *cmcf,
    ngx_str_t *var)
{
    ngx_uint_t       i;
    ngx_hash_key_t  *key;

    key = cmcf->variables_keys->keys.elts;

    for (i = 0; i < cmcf->variables_keys->keys.nelts; i++) {

        if (key[i].key.len == var->len
            && ngx_strncmp(key[i].key.data, var->data, var->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static const char *
ngx_llmp_variables_check_param(ngx_uint_t i)
{
    return (i < LLMP_PARAM_MAX) ? (char *) llmp_params[i].name.data : NULL;
}


static const char *
ngx_llmp_variables_check_limit(ngx_uint_t i)
{
    return (i < LLMP_LIMIT_MAX) ? llmp_limits_name((llmp_limit_e) i) : NULL;
}


void
ngx_llmp_variables_check_early(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_str_t             *early;
    ngx_uint_t             i;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);
    early = lpmcf->early_vars.elts;

    for (i = 0; i < lpmcf->early_vars.nelts; i++) {

        if (early[i].len == name->len
            && ngx_strncmp(early[i].data, name->data, name->len) == 0)
        {
            return;
        }
    }

    /* the names are those of the configuration: their number is bounded */

    early = ngx_array_push(&lpmcf->early_vars);
    if (early == NULL) {
        return;
    }

    early->data = ngx_pstrdup(lpmcf->early_vars.pool, name);
    early->len = (early->data != NULL) ? name->len : 0;

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "\"$%V\" is used before the policy decides, and is empty "
                  "there: \"if\", \"set\", \"limit_req_zone\" and others of "
                  "earlier phases cannot use it", name);
}
