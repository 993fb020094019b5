
/*
 * Copyright (C) llm-policy authors
 */


#include "base/ngx_llmp_conf.h"
#include "base/ngx_llmp_seed.h"
#include "base/ngx_llmp_str.h"
#include "document/ngx_llmp_document.h"
#include "document/ngx_llmp_reload.h"
#include "limit/ngx_llmp_limit_zone.h"
#include "metrics/ngx_llmp_metrics.h"
#include "ngx_llmp_limit_variables.h"
#include "ngx_llmp_variables.h"
#include "ngx_llmp_variables_check.h"
#include "request/ngx_llmp_body.h"
#include "request/ngx_llmp_handler.h"
#include "request/ngx_llmp_request_filter.h"
#include "response/ngx_llmp_response.h"
#include "status/ngx_llmp_dashboard.h"
#include "status/ngx_llmp_status.h"

#include "policy/llmp_policy.h"


static void *ngx_llmp_create_main_conf(ngx_conf_t *cf);
static void *ngx_llmp_create_loc_conf(ngx_conf_t *cf);
static char *ngx_llmp_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);
static void ngx_llmp_check_tier(ngx_conf_t *cf, ngx_llmp_loc_conf_t *conf);
static char *ngx_llmp_init_main_conf(ngx_conf_t *cf, void *conf);
static char *ngx_llmp_set_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_llmp_set_candidate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_llmp_set_share(ngx_conf_t *cf, ngx_llmp_loc_conf_t *lpcf,
    ngx_str_t *value);
static char *ngx_llmp_set_reload(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_llmp_set_token_bytes(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_llmp_check_hold(ngx_conf_t *cf, void *post, void *data);
static char *ngx_llmp_set_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_llmp_set_dashboard(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_llmp_set_handler(ngx_conf_t *cf, ngx_llmp_loc_conf_t *lpcf,
    ngx_http_handler_pt handler);
static ngx_int_t ngx_llmp_init_process(ngx_cycle_t *cycle);
static ngx_int_t ngx_llmp_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_llmp_init(ngx_conf_t *cf);


static ngx_conf_enum_t  ngx_llmp_unmatched[] = {
    { ngx_string("reject"), 0 },
    { ngx_string("pass"), 1 },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_llmp_signed_body[] = {
    { ngx_string("reject"), 0 },
    { ngx_string("change"), 1 },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_llmp_log_levels[] = {
    { ngx_string("info"), NGX_LOG_INFO },
    { ngx_string("notice"), NGX_LOG_NOTICE },
    { ngx_string("warn"), NGX_LOG_WARN },
    { ngx_string("error"), NGX_LOG_ERR },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_llmp_hold_post = {
    ngx_llmp_check_hold
};


static ngx_conf_num_bounds_t  ngx_llmp_token_media_bounds = {
    ngx_conf_check_num_bounds, 1, 1000000
};


static ngx_command_t  ngx_http_llm_policy_commands[] = {

    { ngx_string("llm_policy"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, enable),
      NULL },

    { ngx_string("llm_policy_file"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_llmp_set_file,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("llm_policy_candidate"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_llmp_set_candidate,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("llm_policy_reload"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_llmp_set_reload,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_llmp_main_conf_t, reload),
      NULL },

    { ngx_string("llm_policy_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_llmp_limit_zone_set,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("llm_policy_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, dry_run),
      NULL },

    { ngx_string("llm_policy_tenant"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, tenant),
      NULL },

    { ngx_string("llm_policy_tier"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, tier),
      NULL },

    { ngx_string("llm_policy_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, key),
      NULL },

    { ngx_string("llm_policy_limit_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, limit_key),
      NULL },

    { ngx_string("llm_policy_limit_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, limit_dry_run),
      NULL },

    { ngx_string("llm_policy_limit_headers"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, limit_headers),
      NULL },

    { ngx_string("llm_policy_token_bytes"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_llmp_set_token_bytes,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("llm_policy_token_media"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, token_media),
      &ngx_llmp_token_media_bounds },

    { ngx_string("llm_policy_stream_usage"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, stream_usage),
      NULL },

    { ngx_string("llm_policy_streaming"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, streaming),
      NULL },

    { ngx_string("llm_policy_hold"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, hold),
      &ngx_llmp_hold_post },

    { ngx_string("llm_policy_unmatched"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, pass_unmatched),
      &ngx_llmp_unmatched },

    { ngx_string("llm_policy_signed_body"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, change_signed),
      &ngx_llmp_signed_body },

    { ngx_string("llm_policy_log_level"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_llmp_loc_conf_t, reject_log_level),
      &ngx_llmp_log_levels },

    { ngx_string("llm_policy_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_llmp_set_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("llm_policy_dashboard"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_llmp_set_dashboard,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_llm_policy_module_ctx = {
    ngx_llmp_add_variables,                /* preconfiguration */
    ngx_llmp_init,                         /* postconfiguration */

    ngx_llmp_create_main_conf,             /* create main configuration */
    ngx_llmp_init_main_conf,               /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_llmp_create_loc_conf,              /* create location configuration */
    ngx_llmp_merge_loc_conf                /* merge location configuration */
};


ngx_module_t  ngx_http_llm_policy_module = {
    NGX_MODULE_V1,
    &ngx_http_llm_policy_module_ctx,       /* module context */
    ngx_http_llm_policy_commands,          /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_llmp_init_process,                 /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_llmp_limit_zone_exit_process,      /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_llmp_create_main_conf(ngx_conf_t *cf)
{
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_main_conf_t));
    if (lpmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     lpmcf->limit_zone = NULL;
     *     lpmcf->count_tokens = 0;
     *     lpmcf->status_page = 0;
     *     lpmcf->metrics_zone = NULL;
     */

    lpmcf->reload = NGX_CONF_UNSET_MSEC;

    if (ngx_array_init(&lpmcf->files, cf->pool, 1,
                       sizeof(ngx_llmp_file_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&lpmcf->early_vars, cf->pool, 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&lpmcf->body_vars, cf->pool, 4, sizeof(ngx_int_t))
        != NGX_OK)
    {
        return NULL;
    }

    return lpmcf;
}


static char *
ngx_llmp_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_llmp_main_conf_t *lpmcf = conf;

    ngx_conf_init_msec_value(lpmcf->reload, 5000);

    return NGX_CONF_OK;
}


static void *
ngx_llmp_create_loc_conf(ngx_conf_t *cf)
{
    ngx_llmp_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->change_log_level = 0;
     *     conf->status_page = 0;
     *     conf->share = 0;
     */

    conf->enable = NGX_CONF_UNSET;
    conf->dry_run = NGX_CONF_UNSET;
    conf->pass_unmatched = NGX_CONF_UNSET_UINT;
    conf->change_signed = NGX_CONF_UNSET_UINT;
    conf->reject_log_level = NGX_CONF_UNSET_UINT;
    conf->file = NGX_CONF_UNSET_PTR;
    conf->candidate = NGX_CONF_UNSET_PTR;
    conf->tenant = NGX_CONF_UNSET_PTR;
    conf->tier = NGX_CONF_UNSET_PTR;
    conf->key = NGX_CONF_UNSET_PTR;
    conf->limit_key = NGX_CONF_UNSET_PTR;
    conf->limit_dry_run = NGX_CONF_UNSET;
    conf->limit_headers = NGX_CONF_UNSET;
    conf->token_bytes = NGX_CONF_UNSET_UINT;
    conf->token_media = NGX_CONF_UNSET;
    conf->stream_usage = NGX_CONF_UNSET;
    conf->streaming = NGX_CONF_UNSET;
    conf->hold = NGX_CONF_UNSET_SIZE;

    return conf;
}


static char *
ngx_llmp_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_llmp_loc_conf_t  *prev = parent;
    ngx_llmp_loc_conf_t  *conf = child;

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);
    ngx_conf_merge_uint_value(conf->pass_unmatched, prev->pass_unmatched, 0);
    ngx_conf_merge_uint_value(conf->change_signed, prev->change_signed, 0);

    ngx_conf_merge_uint_value(conf->reject_log_level, prev->reject_log_level,
                              NGX_LOG_NOTICE);

    conf->change_log_level = (conf->reject_log_level == NGX_LOG_INFO) ?
                                 NGX_LOG_INFO : conf->reject_log_level + 1;

    ngx_conf_merge_ptr_value(conf->file, prev->file, NULL);

    if (conf->candidate == NGX_CONF_UNSET_PTR) {
        conf->share = prev->share;
    }

    ngx_conf_merge_ptr_value(conf->candidate, prev->candidate, NULL);
    ngx_conf_merge_ptr_value(conf->tenant, prev->tenant, NULL);
    ngx_conf_merge_ptr_value(conf->tier, prev->tier, NULL);
    ngx_conf_merge_ptr_value(conf->key, prev->key, NULL);
    ngx_conf_merge_ptr_value(conf->limit_key, prev->limit_key, NULL);
    ngx_conf_merge_value(conf->limit_dry_run, prev->limit_dry_run, 0);
    ngx_conf_merge_value(conf->limit_headers, prev->limit_headers, 0);
    ngx_conf_merge_uint_value(conf->token_bytes, prev->token_bytes,
                              LLMP_PROMPT_TOKEN_BYTES);
    ngx_conf_merge_value(conf->token_media, prev->token_media,
                         LLMP_PROMPT_TOKEN_MEDIA);
    ngx_conf_merge_value(conf->stream_usage, prev->stream_usage, 0);
    ngx_conf_merge_value(conf->streaming, prev->streaming, 0);
    ngx_conf_merge_size_value(conf->hold, prev->hold, 65536);

    if (conf->enable && conf->file == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"llm_policy_file\" is not set");
        return NGX_CONF_ERROR;
    }

    if (conf->enable && conf->candidate == conf->file) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"llm_policy_candidate\" and \"llm_policy_file\" "
                           "are the same file, \"%V\"", &conf->file->name);
        return NGX_CONF_ERROR;
    }

    if (conf->enable && conf->tier) {
        ngx_llmp_check_tier(cf, conf);
    }

    return NGX_CONF_OK;
}


/* a name that the document does not have is no error: it may follow */

static void
ngx_llmp_check_tier(ngx_conf_t *cf, ngx_llmp_loc_conf_t *conf)
{
    llmp_str_t      name;
    llmp_policy_t  *policy;

    policy = conf->file->version->policy;
    name = ngx_llmp_str(&conf->tier->value);

    if (conf->tier->lengths || name.len == 0
        || llmp_policy_tier(policy, &name) != NULL
        || conf->file->unknown_tier == conf->tier)
    {
        return;
    }

    /* locations inherit it, but one warning is enough */

    conf->file->unknown_tier = conf->tier;

    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "tier \"%V\" of \"llm_policy_tier\" is not defined in "
                       "\"%V\", so that \"%*s\" applies",
                       &conf->tier->value, &conf->file->name,
                       policy->default_tier->name.len,
                       policy->default_tier->name.data);
}


static char *
ngx_llmp_set_file(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_loc_conf_t  *lpcf = conf;

    ngx_str_t  *value;

    if (lpcf->file != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    lpcf->file = ngx_llmp_document_open(cf, &value[1]);
    if (lpcf->file == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_llmp_set_candidate(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_loc_conf_t  *lpcf = conf;

    ngx_str_t  *value;

    if (lpcf->candidate != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts == 3) {
            return "has a share, but is \"off\"";
        }

        lpcf->candidate = NULL;

        return NGX_CONF_OK;
    }

    lpcf->candidate = ngx_llmp_document_open(cf, &value[1]);
    if (lpcf->candidate == NULL) {
        return NGX_CONF_ERROR;
    }

    return (cf->args->nelts == 3) ? ngx_llmp_set_share(cf, lpcf, &value[2])
                                  : NGX_CONF_OK;
}


/* reads "share=N%", with up to two decimal places */

static char *
ngx_llmp_set_share(ngx_conf_t *cf, ngx_llmp_loc_conf_t *lpcf, ngx_str_t *value)
{
    size_t     prefix;
    ngx_int_t  n;

    prefix = sizeof("share=") - 1;

    if (value->len <= prefix + 1
        || ngx_strncmp(value->data, "share=", prefix) != 0
        || value->data[value->len - 1] != '%')
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", which must be "
                           "\"share=\" with a number and \"%%\", such as "
                           "\"share=5%%\"", value);
        return NGX_CONF_ERROR;
    }

    n = ngx_atofp(value->data + prefix, value->len - prefix - 1, 2);

    if (n == NGX_ERROR || n > 10000) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\": the share must be from "
                           "0%% to 100%%, with up to two decimal places",
                           value);
        return NGX_CONF_ERROR;
    }

    lpcf->share = n;

    return NGX_CONF_OK;
}


static char *
ngx_llmp_set_reload(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_main_conf_t  *lpmcf = conf;

    char       *rv;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (lpmcf->reload != NGX_CONF_UNSET_MSEC) {
            return "is duplicate";
        }

        lpmcf->reload = 0;

        return NGX_CONF_OK;
    }

    rv = ngx_conf_set_msec_slot(cf, cmd, conf);

    return (rv == NGX_CONF_OK && lpmcf->reload == 0) ? "invalid value" : rv;
}


static char *
ngx_llmp_set_token_bytes(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_loc_conf_t  *lpcf = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (lpcf->token_bytes != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_atofp(value[1].data, value[1].len, 2);

    if (n == NGX_ERROR || n == 0) {
        return "invalid value";
    }

    lpcf->token_bytes = n;

    return NGX_CONF_OK;
}


/* values that arrive in parts are held */

static char *
ngx_llmp_check_hold(ngx_conf_t *cf, void *post, void *data)
{
    size_t *hold = data;

    return (*hold == 0) ? "must not be 0: no value could arrive in parts"
                        : NGX_CONF_OK;
}


static char *
ngx_llmp_set_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_llmp_set_handler(cf, conf, ngx_llmp_status_handler);
}


static char *
ngx_llmp_set_dashboard(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    return ngx_llmp_set_handler(cf, conf, ngx_llmp_dashboard_handler);
}


static char *
ngx_llmp_set_handler(ngx_conf_t *cf, ngx_llmp_loc_conf_t *lpcf,
    ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t  *clcf;
    ngx_llmp_main_conf_t      *lpmcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (lpcf->status_page) {
        return (clcf->handler == handler)
               ? "is duplicate"
               : "conflicts with the other one: the dashboard has the status";
    }

    lpcf->status_page = 1;
    clcf->handler = handler;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);
    lpmcf->count_tokens = 1;
    lpmcf->status_page = 1;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_llmp_add_variables(ngx_conf_t *cf)
{
    if (ngx_llmp_variables_add(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_llmp_limit_variables_add(cf);
}


static ngx_int_t
ngx_llmp_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;
    ngx_llmp_main_conf_t       *lpmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_llmp_handler;

    if (ngx_llmp_body_add_variables(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_llmp_variables_check(cf) != NGX_OK
        || ngx_llmp_variables_check_documents(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (ngx_llmp_limit_variables_use_tokens(cf)) {
        lpmcf->count_tokens = 1;
    }

    if (ngx_llmp_limit_zone_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_llmp_metrics_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_llmp_reload_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_llmp_response_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_llmp_request_filter_init(cf);
}


static ngx_int_t
ngx_llmp_init_process(ngx_cycle_t *cycle)
{
    if (ngx_llmp_seed_init(cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_llmp_reload_init_process(cycle);

    return ngx_llmp_limit_zone_init_process(cycle);
}
