
/*
 * Copyright (C) llm-policy authors
 *
 * The memory exists until nginx exits, also after reloads.
 */


#include "metrics/ngx_llmp_metrics_zone.h"

#include "metrics/ngx_llmp_metrics_document.h"

#include "dialect/llmp_dialect.h"


#define NGX_LLMP_METRICS_ZONE_SIZE  (1024 * 1024)


static ngx_int_t ngx_llmp_metrics_zone_attach(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_llmp_metrics_zone_create(ngx_llmp_metrics_t *metrics);
static ngx_llmp_metrics_tier_t *ngx_llmp_metrics_zone_find_tier(
    ngx_llmp_metrics_t *metrics, const llmp_str_t *name);
static ngx_llmp_metrics_tier_t *ngx_llmp_metrics_zone_add_tier(
    ngx_llmp_metrics_t *metrics, const llmp_str_t *name);


ngx_int_t
ngx_llmp_metrics_zone_init(ngx_conf_t *cf)
{
    ngx_str_t              name = ngx_string("llm_policy_metrics");
    ngx_llmp_metrics_t    *metrics;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (lpmcf->files.nelts == 0 || !lpmcf->status_page) {
        return NGX_DECLINED;
    }

    metrics = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_metrics_t));
    if (metrics == NULL) {
        return NGX_ERROR;
    }

    metrics->files = &lpmcf->files;

    lpmcf->metrics_zone = ngx_shared_memory_add(cf, &name,
                                                NGX_LLMP_METRICS_ZONE_SIZE,
                                                &ngx_http_llm_policy_module);
    if (lpmcf->metrics_zone == NULL) {
        return NGX_ERROR;
    }

    lpmcf->metrics_zone->init = ngx_llmp_metrics_zone_attach;
    lpmcf->metrics_zone->data = metrics;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_metrics_zone_attach(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_llmp_metrics_t *ometrics = data;

    ngx_llmp_metrics_t  *metrics;

    metrics = shm_zone->data;

    metrics->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (ometrics) {
        metrics->sh = ometrics->sh;

    } else if (shm_zone->shm.exists) {
        metrics->sh = metrics->shpool->data;

    } else if (ngx_llmp_metrics_zone_create(metrics) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_llmp_metrics_document_add_all(shm_zone->shm.log, metrics);

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_metrics_zone_create(ngx_llmp_metrics_t *metrics)
{
    static llmp_str_t  unknown = llmp_string("");
    static llmp_str_t  other = llmp_string("other");

    ngx_time_t                   *tp;
    ngx_llmp_metrics_counters_t  *sh;

    sh = ngx_slab_calloc(metrics->shpool, sizeof(ngx_llmp_metrics_counters_t));
    if (sh == NULL) {
        return NGX_ERROR;
    }

    metrics->sh = sh;
    metrics->shpool->data = sh;

    /* callers log that there is no room for a tier or a document */

    metrics->shpool->log_nomem = 0;

    tp = ngx_timeofday();
    sh->since = (uint64_t) tp->sec * 1000 + tp->msec;

    sh->unknown = ngx_llmp_metrics_zone_add_tier(metrics, &unknown);
    sh->other = ngx_llmp_metrics_zone_add_tier(metrics, &other);

    return (sh->unknown && sh->other) ? NGX_OK : NGX_ERROR;
}


ngx_llmp_metrics_t *
ngx_llmp_metrics_zone_get(ngx_http_request_t *r)
{
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    return lpmcf->metrics_zone ? lpmcf->metrics_zone->data : NULL;
}


/* a worker looks up each tier once in a version of a document */

ngx_llmp_metrics_tier_t *
ngx_llmp_metrics_zone_tier(ngx_http_request_t *r, ngx_llmp_metrics_t *metrics,
    ngx_llmp_version_t *version, const llmp_tier_t *tier)
{
    ngx_llmp_metrics_tier_t  **slot;

    if (tier == NULL) {
        return metrics->sh->unknown;
    }

    slot = &version->tiers[tier - version->policy->tiers];

    if (*slot) {
        return *slot;
    }

    ngx_shmtx_lock(&metrics->shpool->mutex);

    *slot = ngx_llmp_metrics_zone_find_tier(metrics, &tier->name);

    if (*slot == NULL) {
        *slot = ngx_llmp_metrics_zone_add_tier(metrics, &tier->name);
    }

    ngx_shmtx_unlock(&metrics->shpool->mutex);

    if (*slot == NULL) {
        *slot = metrics->sh->other;

        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "no room to count for tier \"%*s\", "
                      "it is counted for \"other\"",
                      tier->name.len, tier->name.data);
    }

    return *slot;
}


static ngx_llmp_metrics_tier_t *
ngx_llmp_metrics_zone_find_tier(ngx_llmp_metrics_t *metrics,
    const llmp_str_t *name)
{
    ngx_llmp_metrics_tier_t  *tier;

    for (tier = metrics->sh->tiers; tier; tier = tier->next) {
        if (llmp_str_eq(&tier->name, name)) {
            break;
        }
    }

    return tier;
}


/* the tier is linked at the end, as the list is read without a lock */

static ngx_llmp_metrics_tier_t *
ngx_llmp_metrics_zone_add_tier(ngx_llmp_metrics_t *metrics,
    const llmp_str_t *name)
{
    size_t                    size;
    ngx_llmp_metrics_tier_t  *tier, **last;

    size = offsetof(ngx_llmp_metrics_tier_t, requests)
           + (llmp_ndialects + 1) * NGX_LLMP_METRICS_OUTCOMES
             * sizeof(ngx_atomic_t);

    tier = ngx_slab_calloc_locked(metrics->shpool, size + name->len);
    if (tier == NULL) {
        return NULL;
    }

    tier->name.len = name->len;
    tier->name.data = (u_char *) tier + size;
    ngx_memcpy(tier->name.data, name->data, name->len);

    for (last = &metrics->sh->tiers; *last; last = &(*last)->next) {
        /* void */
    }

    ngx_memory_barrier();

    *last = tier;

    return tier;
}
