
/*
 * Copyright (C) llm-policy authors
 *
 * The memory in which all workers keep limits.  It outlives a reload, and with
 * it what it holds, as long as its name and size stay.
 */


#include "ngx_http_llm_policy_module.h"


#define NGX_HTTP_LLM_POLICY_ZONE_SIZE  (4 * 1024 * 1024)
#define NGX_HTTP_LLM_POLICY_ZONE_MIN   (8 * ngx_pagesize)


static ngx_int_t ngx_http_llm_policy_add_zone(ngx_conf_t *cf,
    ngx_http_llm_policy_main_conf_t *lpmcf, ngx_str_t *name, size_t size);
static ngx_int_t ngx_http_llm_policy_start_zone(ngx_shm_zone_t *shm_zone,
    void *data);


char *
ngx_http_llm_policy_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_llm_policy_main_conf_t  *lpmcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, s;

    if (lpmcf->zone) {
        return "is duplicate";
    }

    value = cf->args->elts;

    p = (u_char *) ngx_strchr(value[1].data, ':');

    if (p == NULL || p == value[1].data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone \"%V\": it must be \"NAME:SIZE\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data;
    name.len = p - name.data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) NGX_HTTP_LLM_POLICY_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small: it needs %uz bytes",
                           &value[1], (size_t) NGX_HTTP_LLM_POLICY_ZONE_MIN);
        return NGX_CONF_ERROR;
    }

    return (ngx_http_llm_policy_add_zone(cf, lpmcf, &name, size) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_llm_policy_init_zone(ngx_conf_t *cf)
{
    ngx_str_t                         name = ngx_string("llm_policy");
    ngx_http_llm_policy_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (lpmcf->zone || lpmcf->files.nelts == 0) {
        return NGX_OK;
    }

    return ngx_http_llm_policy_add_zone(cf, lpmcf, &name,
                                        NGX_HTTP_LLM_POLICY_ZONE_SIZE);
}


static ngx_int_t
ngx_http_llm_policy_add_zone(ngx_conf_t *cf,
    ngx_http_llm_policy_main_conf_t *lpmcf, ngx_str_t *name, size_t size)
{
    ngx_http_llm_policy_zone_t  *zone;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_llm_policy_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    lpmcf->zone = ngx_shared_memory_add(cf, name, size,
                                        &ngx_http_llm_policy_module);
    if (lpmcf->zone == NULL) {
        return NGX_ERROR;
    }

    lpmcf->zone->init = ngx_http_llm_policy_start_zone;
    lpmcf->zone->data = zone;

    return NGX_OK;
}


static ngx_int_t
ngx_http_llm_policy_start_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_llm_policy_zone_t *ozone = data;

    size_t                       len;
    ngx_time_t                  *tp;
    ngx_http_llm_policy_zone_t  *zone;

    zone = shm_zone->data;

    if (ozone) {
        *zone = *ozone;
        return NGX_OK;
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return NGX_OK;
    }

    zone->sh = ngx_slab_calloc(zone->shpool,
                               sizeof(ngx_http_llm_policy_shared_t));
    if (zone->sh == NULL) {
        return NGX_ERROR;
    }

    zone->shpool->data = zone->sh;

    len = sizeof(" in llm_policy_zone \"\"") + shm_zone->shm.name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in llm_policy_zone \"%V\"%Z",
                &shm_zone->shm.name);

    /* a zone that is full is told of by whoever finds it so */

    zone->shpool->log_nomem = 0;

    tp = ngx_timeofday();

    zone->sh->since = (ngx_msec_t) tp->sec * 1000 + tp->msec;

    return NGX_OK;
}
