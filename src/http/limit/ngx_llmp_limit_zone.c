
/*
 * Copyright (C) llm-policy authors
 *
 * The memory survives a reload if the zone's name and size are the same.
 *
 * Each worker has leases of the requests that it has admitted and not settled,
 * so that other workers can settle them if it is killed.
 */


#include "limit/ngx_llmp_limit_zone.h"

#include "limit/ngx_llmp_limit_entries.h"


#define NGX_LLMP_LIMIT_ZONE_SIZE  (4 * 1024 * 1024)
#define NGX_LLMP_LIMIT_ZONE_MIN   (8 * ngx_pagesize)

/* milliseconds between two checks for killed workers */
#define NGX_LLMP_LIMIT_ZONE_RELEASE  1000


static ngx_int_t ngx_llmp_limit_zone_add(ngx_conf_t *cf,
    ngx_llmp_main_conf_t *lpmcf, ngx_str_t *name, size_t size);
static ngx_int_t ngx_llmp_limit_zone_attach(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_llmp_limit_zone_t *ngx_llmp_limit_zone_get(ngx_cycle_t *cycle);
static ngx_llmp_lease_t *ngx_llmp_limit_zone_find_lease(
    ngx_llmp_limit_zone_t *zone);
static void ngx_llmp_limit_zone_release_workers(ngx_llmp_limit_zone_t *zone);
static ngx_uint_t ngx_llmp_limit_zone_worker_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker);
static void ngx_llmp_limit_zone_release_worker(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker);


char *
ngx_llmp_limit_zone_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_main_conf_t  *lpmcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, s;

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

    return (ngx_llmp_limit_zone_add(cf, lpmcf, &name, size) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_llmp_limit_zone_init(ngx_conf_t *cf)
{
    ngx_str_t              name = ngx_string("llm_policy");
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (lpmcf->limit_zone || lpmcf->files.nelts == 0) {
        return NGX_OK;
    }

    return ngx_llmp_limit_zone_add(cf, lpmcf, &name, NGX_LLMP_LIMIT_ZONE_SIZE);
}


static ngx_int_t
ngx_llmp_limit_zone_add(ngx_conf_t *cf, ngx_llmp_main_conf_t *lpmcf,
    ngx_str_t *name, size_t size)
{
    ngx_llmp_limit_zone_t  *zone;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_limit_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

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

    return NGX_OK;
}


ngx_int_t
ngx_llmp_limit_zone_init_process(ngx_cycle_t *cycle)
{
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_worker_t      *worker;

    zone = ngx_llmp_limit_zone_get(cycle);

    if (zone == NULL) {
        return NGX_OK;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_llmp_limit_zone_release_workers(zone);

    worker = ngx_llmp_limit_entries_alloc(zone);

    if (worker) {
        worker->pid = ngx_pid;
        worker->cycle = zone->cycle;
        worker->number = ngx_worker;
        worker->blocks = NULL;

        ngx_queue_insert_tail(&zone->sh->workers, &worker->queue);
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    zone->worker = worker;
    zone->free = NULL;

    if (worker == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "no room for a worker%s", zone->shpool->log_ctx);
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_llmp_limit_zone_exit_process(ngx_cycle_t *cycle)
{
    ngx_llmp_limit_zone_t  *zone;

    zone = ngx_llmp_limit_zone_get(cycle);

    if (zone == NULL || zone->worker == NULL) {
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);
    ngx_llmp_limit_zone_release_worker(zone, zone->worker);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    zone->worker = NULL;
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


ngx_int_t
ngx_llmp_limit_zone_admit(ngx_llmp_reservation_t *reservation, ngx_str_t *key,
    int64_t tokens)
{
    time_t                   now;
    ngx_int_t                rc;
    ngx_llmp_limit_zone_t   *zone;
    ngx_llmp_limit_entry_t  *entry;
    ngx_llmp_lease_t        *lease;

    zone = reservation->zone;
    now = ngx_time();
    rc = NGX_ERROR;

    if (zone->worker == NULL) {
        return NGX_ERROR;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    /* the order matters: the entry must not be evicted for the lease */

    lease = ngx_llmp_limit_zone_find_lease(zone);
    entry = lease ? ngx_llmp_limit_entries_lookup(zone, key) : NULL;

    if (entry == NULL) {
        goto done;
    }

    rc = llmp_limit_admit(&entry->state, reservation->limits, tokens,
                          ngx_current_msec, now, &reservation->verdict);

    if (rc == LLMP_DECLINED
        && reservation->verdict.limit != LLMP_LIMIT_REQUESTS_PER_MINUTE
        && ngx_current_msec - zone->sh->released >= NGX_LLMP_LIMIT_ZONE_RELEASE)
    {
        ngx_llmp_limit_zone_release_workers(zone);

        rc = llmp_limit_admit(&entry->state, reservation->limits, tokens,
                              ngx_current_msec, now, &reservation->verdict);
    }

    if (rc == LLMP_OK) {
        lease->reserved = reservation->verdict.reserved;
        lease->prompt = reservation->verdict.reserved ? reservation->prompt : 0;
        lease->entry = entry;

        zone->free = lease->next;
        reservation->lease = lease;
    }

done:

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return rc;
}


ngx_int_t
ngx_llmp_limit_zone_resize(ngx_llmp_reservation_t *reservation, int64_t tokens)
{
    ngx_int_t               rc;
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_lease_t       *lease;

    zone = reservation->zone;
    lease = reservation->lease;

    if (lease == NULL || zone->worker == NULL) {
        return NGX_OK;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    rc = llmp_limit_resize(&lease->entry->state, reservation->limits, tokens,
                           ngx_current_msec, ngx_time(), &reservation->verdict);

    lease->reserved = reservation->verdict.reserved;
    lease->prompt = reservation->verdict.reserved ? reservation->prompt : 0;

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return rc;
}


/* needs no lock: an active entry is not freed */

void
ngx_llmp_limit_zone_settle(ngx_llmp_reservation_t *reservation, int64_t tokens)
{
    llmp_limit_state_t     *state;
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_lease_t       *lease;

    zone = reservation->zone;
    lease = reservation->lease;
    reservation->lease = NULL;

    if (lease == NULL || zone->worker == NULL) {
        return;
    }

    state = &lease->entry->state;

    lease->entry = NULL;

    llmp_limit_settle(state, lease->reserved, lease->reserved ? tokens : 0);

    lease->next = zone->free;
    zone->free = lease;
}


/* returns a free lease, without taking it out of the list */

static ngx_llmp_lease_t *
ngx_llmp_limit_zone_find_lease(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t               i;
    ngx_llmp_lease_block_t  *block;

    if (zone->free) {
        return zone->free;
    }

    block = ngx_llmp_limit_entries_alloc(zone);
    if (block == NULL) {
        return NULL;
    }

    for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
        block->leases[i].entry = NULL;
        block->leases[i].next = zone->free;
        zone->free = &block->leases[i];
    }

    block->next = zone->worker->blocks;
    zone->worker->blocks = block;

    return zone->free;
}


static void
ngx_llmp_limit_zone_release_workers(ngx_llmp_limit_zone_t *zone)
{
    ngx_queue_t        *q, *next;
    ngx_llmp_worker_t  *worker;

    zone->sh->released = ngx_current_msec;

    for (q = ngx_queue_head(&zone->sh->workers);
         q != ngx_queue_sentinel(&zone->sh->workers);
         q = next)
    {
        next = ngx_queue_next(q);
        worker = ngx_queue_data(q, ngx_llmp_worker_t, queue);

        if (ngx_llmp_limit_zone_worker_exited(zone, worker)) {
            ngx_llmp_limit_zone_release_worker(zone, worker);
        }
    }
}


/*
 * A new worker replaces the exited one of the same number.  Workers of earlier
 * configurations are not replaced: they have exited if their pid does not
 * exist.
 */

static ngx_uint_t
ngx_llmp_limit_zone_worker_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker)
{
    if (worker->pid == ngx_pid) {
        return 0;
    }

    if (worker->cycle == zone->cycle && worker->number == ngx_worker) {
        return 1;
    }

    return kill(worker->pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}


static void
ngx_llmp_limit_zone_release_worker(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker)
{
    ngx_uint_t               i;
    ngx_llmp_lease_block_t  *block, *next;
    ngx_llmp_lease_t        *lease;

    for (block = worker->blocks; block; block = next) {
        next = block->next;

        for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
            lease = &block->leases[i];

            if (lease->entry) {
                llmp_limit_settle(&lease->entry->state, lease->reserved,
                                  lease->prompt);
            }
        }

        ngx_slab_free_locked(zone->shpool, block);
    }

    ngx_queue_remove(&worker->queue);
    ngx_slab_free_locked(zone->shpool, worker);
}
