
/*
 * Copyright (C) llm-policy authors
 *
 * The memory survives a reload if the zone's name and size are the same.
 */


#include "limit/ngx_llmp_limit_zone.h"

#include "limit/ngx_llmp_limit_entries.h"
#include "limit/ngx_llmp_limit_shared.h"
#include "limit/ngx_llmp_limit_workers.h"
#include "limit/ngx_llmp_saved.h"


#define NGX_LLMP_LIMIT_ZONE_SIZE  (4 * 1024 * 1024)
#define NGX_LLMP_LIMIT_ZONE_MIN   (8 * ngx_pagesize)


static ngx_int_t ngx_llmp_limit_zone_add(ngx_conf_t *cf,
    ngx_llmp_main_conf_t *lpmcf, ngx_str_t *name, size_t size, ngx_str_t *path);
static ngx_int_t ngx_llmp_limit_zone_attach(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_llmp_limit_zone_t *ngx_llmp_limit_zone_get(ngx_cycle_t *cycle);
static ngx_int_t ngx_llmp_limit_zone_admit_locked(
    ngx_llmp_reservation_t *reservation);
static ngx_int_t ngx_llmp_limit_zone_find_entries(
    ngx_llmp_reservation_t *reservation);
static ngx_int_t ngx_llmp_limit_zone_take(ngx_llmp_reservation_t *reservation,
    ngx_llmp_lease_t *lease);
static void ngx_llmp_limit_zone_end(ngx_llmp_reservation_t *reservation,
    llmp_limit_amounts_t *used);


char *
ngx_llmp_limit_zone_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_main_conf_t  *lpmcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, path, s;

    if (lpmcf->limit_zone) {
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

    if (size < (ssize_t) NGX_LLMP_LIMIT_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small: it needs %uz bytes",
                           &value[1], (size_t) NGX_LLMP_LIMIT_ZONE_MIN);
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&path);

    if (cf->args->nelts == 3
        && ngx_llmp_saved_set(cf, &value[2], &path) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return (ngx_llmp_limit_zone_add(cf, lpmcf, &name, size, &path) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_llmp_limit_zone_init(ngx_conf_t *cf)
{
    ngx_str_t              name = ngx_string("llm_policy");
    ngx_str_t              path = ngx_null_string;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (lpmcf->limit_zone || lpmcf->files.nelts == 0) {
        return NGX_OK;
    }

    return ngx_llmp_limit_zone_add(cf, lpmcf, &name, NGX_LLMP_LIMIT_ZONE_SIZE,
                                   &path);
}


static ngx_int_t
ngx_llmp_limit_zone_add(ngx_conf_t *cf, ngx_llmp_main_conf_t *lpmcf,
    ngx_str_t *name, size_t size, ngx_str_t *path)
{
    ngx_llmp_limit_zone_t  *zone;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_limit_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->path = *path;

    lpmcf->limit_zone = ngx_shared_memory_add(cf, name, size,
                                              &ngx_http_llm_policy_module);
    if (lpmcf->limit_zone == NULL) {
        return NGX_ERROR;
    }

    lpmcf->limit_zone->init = ngx_llmp_limit_zone_attach;
    lpmcf->limit_zone->data = zone;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_limit_zone_attach(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_llmp_limit_zone_t *ozone = data;

    size_t                    len;
    ngx_llmp_limit_zone_t    *zone;
    ngx_llmp_limit_shared_t  *sh;

    zone = shm_zone->data;

    if (ozone) {
        zone->sh = ozone->sh;
        zone->shpool = ozone->shpool;
        zone->cycle = ++zone->sh->cycles;

        return NGX_OK;
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return NGX_OK;
    }

    sh = ngx_slab_calloc(zone->shpool, sizeof(ngx_llmp_limit_shared_t));
    if (sh == NULL) {
        return NGX_ERROR;
    }

    zone->sh = sh;
    zone->shpool->data = sh;

    ngx_rbtree_init(&sh->rbtree, &sh->sentinel, NULL);
    ngx_queue_init(&sh->entries);
    ngx_queue_init(&sh->workers);

    len = sizeof(" in llm_policy_zone \"\"") + shm_zone->shm.name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in llm_policy_zone \"%V\"%Z",
                &shm_zone->shm.name);

    /* callers log that there is no room */

    zone->shpool->log_nomem = 0;

    ngx_llmp_saved_load(zone, shm_zone->shm.log);

    return NGX_OK;
}


ngx_int_t
ngx_llmp_limit_zone_init_process(ngx_cycle_t *cycle)
{
    ngx_int_t               rc;
    ngx_llmp_limit_zone_t  *zone;

    zone = ngx_llmp_limit_zone_get(cycle);

    if (zone == NULL) {
        return NGX_OK;
    }

    ngx_llmp_limit_workers_lock(zone);
    rc = ngx_llmp_limit_workers_add(zone);
    ngx_llmp_limit_workers_unlock(zone);

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "no room for a worker%s", zone->shpool->log_ctx);
        return rc;
    }

    return ngx_llmp_saved_init_process(zone, cycle);
}


void
ngx_llmp_limit_zone_exit_process(ngx_cycle_t *cycle)
{
    ngx_llmp_limit_zone_t  *zone;

    zone = ngx_llmp_limit_zone_get(cycle);

    if (zone == NULL || zone->worker == NULL) {
        return;
    }

    ngx_llmp_limit_workers_lock(zone);
    ngx_llmp_limit_workers_remove(zone);
    ngx_llmp_limit_workers_unlock(zone);

    ngx_llmp_saved_exit_process(zone);
}


/* returns NULL in other processes than workers: they have no requests */

static ngx_llmp_limit_zone_t *
ngx_llmp_limit_zone_get(ngx_cycle_t *cycle)
{
    ngx_llmp_main_conf_t  *lpmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NULL;
    }

    lpmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_llm_policy_module);

    return (lpmcf && lpmcf->limit_zone) ? lpmcf->limit_zone->data : NULL;
}


void
ngx_llmp_limit_zone_clock(llmp_limit_clock_t *clock, int64_t offset)
{
    clock->now = ngx_current_msec;
    clock->time = ngx_time();
    clock->offset = offset;
}


ngx_int_t
ngx_llmp_limit_zone_admit(ngx_llmp_reservation_t *reservation)
{
    ngx_int_t               rc;
    ngx_uint_t              lost;
    ngx_llmp_limit_zone_t  *zone;

    zone = reservation->zone;

    if (zone->worker == NULL) {
        return NGX_ERROR;
    }

    ngx_llmp_limit_workers_lock(zone);

    rc = ngx_llmp_limit_zone_admit_locked(reservation);
    lost = ngx_llmp_limit_entries_lost(zone);

    ngx_llmp_limit_workers_unlock(zone);

    if (lost) {
        ngx_log_error(NGX_LOG_ERR, reservation->request->connection->log, 0,
                      "too many callers%s: what %ui of them had used was "
                      "forgotten, so that they may use it again; make the zone "
                      "larger", zone->shpool->log_ctx, lost);
    }

    return rc;
}


static ngx_int_t
ngx_llmp_limit_zone_admit_locked(ngx_llmp_reservation_t *reservation)
{
    ngx_int_t              rc;
    ngx_llmp_lease_t       *lease;
    ngx_llmp_limit_zone_t  *zone;

    zone = reservation->zone;

    /* the order matters: entries must not be evicted for the lease */

    lease = ngx_llmp_limit_workers_lease(zone);

    if (lease == NULL
        || ngx_llmp_limit_zone_find_entries(reservation) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_llmp_limit_zone_take(reservation, lease);

    if (rc == LLMP_DECLINED
        && llmp_limit_kind(reservation->verdict.limit) != LLMP_LIMIT_REQUESTS
        && ngx_llmp_limit_workers_release(zone) == NGX_OK)
    {
        rc = ngx_llmp_limit_zone_take(reservation, lease);
    }

    if (rc == LLMP_OK) {
        zone->free = lease->next;
        reservation->lease = lease;
    }

    return rc;
}


static ngx_int_t
ngx_llmp_limit_zone_find_entries(ngx_llmp_reservation_t *reservation)
{
    ngx_uint_t               i;
    ngx_llmp_limit_zone_t   *zone;
    ngx_llmp_limit_entry_t  *entry;

    zone = reservation->zone;
    zone->sh->admissions++;

    for (i = 0; i < reservation->nentries; i++) {
        entry = ngx_llmp_limit_entries_lookup(zone, &reservation->keys[i]);

        if (entry == NULL) {
            return NGX_ERROR;
        }

        reservation->entries[i].state = &entry->state;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_limit_zone_take(ngx_llmp_reservation_t *reservation,
    ngx_llmp_lease_t *lease)
{
    return llmp_lease_admit(&lease->lease, reservation->entries,
                            reservation->nentries, &reservation->amounts,
                            &reservation->charge, &reservation->clock,
                            &reservation->verdict);
}


ngx_int_t
ngx_llmp_limit_zone_resize(ngx_llmp_reservation_t *reservation)
{
    ngx_int_t               rc;
    ngx_llmp_lease_t       *lease;
    ngx_llmp_limit_zone_t  *zone;

    zone = reservation->zone;
    lease = reservation->lease;

    if (lease == NULL || zone->worker == NULL) {
        return NGX_OK;
    }

    ngx_llmp_limit_workers_lock(zone);

    rc = llmp_lease_resize(&lease->lease, reservation->entries,
                           reservation->nentries, &reservation->amounts,
                           &reservation->charge, &reservation->clock,
                           &reservation->verdict);

    ngx_llmp_limit_workers_unlock(zone);

    return rc;
}


void
ngx_llmp_limit_zone_settle(ngx_llmp_reservation_t *reservation,
    llmp_limit_amounts_t *used)
{
    ngx_llmp_limit_zone_end(reservation, used);
}


void
ngx_llmp_limit_zone_return(ngx_llmp_reservation_t *reservation)
{
    ngx_llmp_limit_zone_end(reservation, NULL);
}


/* used is NULL if the request does not count */

static void
ngx_llmp_limit_zone_end(ngx_llmp_reservation_t *reservation,
    llmp_limit_amounts_t *used)
{
    ngx_llmp_lease_t       *lease;
    ngx_llmp_limit_zone_t  *zone;

    zone = reservation->zone;
    lease = reservation->lease;
    reservation->lease = NULL;

    if (lease == NULL || zone->worker == NULL) {
        return;
    }

    ngx_llmp_limit_workers_lock(zone);

    if (used) {
        llmp_lease_settle(&lease->lease, used);

    } else {
        llmp_lease_return(&lease->lease);
    }

    ngx_llmp_limit_workers_unlock(zone);

    lease->next = zone->free;
    zone->free = lease;
}
