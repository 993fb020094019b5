
/*
 * Copyright (C) llm-policy authors
 */


#include "ngx_llmp_variables_check.h"

#include "base/ngx_llmp_conf.h"

#include "dialect/llmp_param.h"
#include "loader/llmp_doc_hint.h"
#include "policy/llmp_limits.h"


typedef struct {
    ngx_str_t     prefix;
    const char *(*name)(ngx_uint_t i);  /* i-th name that may follow, or NULL */
} ngx_llmp_variables_prefix_t;


static ngx_int_t ngx_llmp_variables_check_name(ngx_conf_t *cf, ngx_str_t *var,
    const ngx_llmp_variables_prefix_t *prefix);
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
