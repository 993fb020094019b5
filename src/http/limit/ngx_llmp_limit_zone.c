
/*
 * Copyright (C) llm-policy authors
 *
 * The memory in which all workers keep limits.  It outlives a reload, and with
 * it what it holds, as long as its name and size stay.
 *
 * What a worker has admitted and not settled yet is in records of its own, so
 * that others can do it when the worker is killed.
 */


#include "limit/ngx_llmp_limit_zone.h"


#define NGX_LLMP_LIMIT_ZONE_SIZE  (4 * 1024 * 1024)
#define NGX_LLMP_LIMIT_ZONE_MIN   (8 * ngx_pagesize)

/* how often killed workers are looked for, in milliseconds */
#define NGX_LLMP_LIMIT_ZONE_RELEASE       1000


static ngx_int_t ngx_llmp_limit_zone_add(ngx_conf_t *cf,
    ngx_llmp_main_conf_t *lpmcf, ngx_str_t *name, size_t size);
static ngx_int_t ngx_llmp_limit_zone_attach(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_llmp_limit_zone_t *ngx_llmp_limit_zone_get(ngx_cycle_t *cycle);
static ngx_llmp_lease_t *ngx_llmp_limit_zone_take_lease(
    ngx_llmp_limit_zone_t *zone);
static void ngx_llmp_limit_zone_release_workers(ngx_llmp_limit_zone_t *zone);
static ngx_uint_t ngx_llmp_limit_zone_worker_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *owner);
static void ngx_llmp_limit_zone_release_worker(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *owner);


char *
ngx_llmp_limit_zone_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_llmp_main_conf_t  *lpmcf = conf;

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

    if (lpmcf->zone || lpmcf->files.nelts == 0) {
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

    lpmcf->zone = ngx_shared_memory_add(cf, name, size,
                                        &ngx_http_llm_policy_module);
    if (lpmcf->zone == NULL) {
        return NGX_ERROR;
    }

    lpmcf->zone->init = ngx_llmp_limit_zone_attach;
    lpmcf->zone->data = zone;

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
    ngx_queue_init(&sh->owners);

    len = sizeof(" in llm_policy_zone \"\"") + shm_zone->shm.name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in llm_policy_zone \"%V\"%Z",
                &shm_zone->shm.name);

    /* whoever finds no room says so */

    zone->shpool->log_nomem = 0;

    return NGX_OK;
}


ngx_int_t
ngx_llmp_limit_zone_init_process(ngx_cycle_t *cycle)
{
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_worker_t      *owner;

    zone = ngx_llmp_limit_zone_get(cycle);

    if (zone == NULL) {
        return NGX_OK;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    ngx_llmp_limit_zone_release_workers(zone);

    owner = ngx_llmp_limit_entries_alloc(zone);

    if (owner) {
        owner->pid = ngx_pid;
        owner->cycle = zone->cycle;
        owner->worker = ngx_worker;
        owner->chunks = NULL;

        ngx_queue_insert_tail(&zone->sh->owners, &owner->queue);
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    zone->owner = owner;
    zone->free = NULL;

    if (owner == NULL) {
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

    if (zone == NULL || zone->owner == NULL) {
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);
    ngx_llmp_limit_zone_release_worker(zone, zone->owner);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    zone->owner = NULL;
}


/* in a worker; elsewhere there are no requests */

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

    return (lpmcf && lpmcf->zone) ? lpmcf->zone->data : NULL;
}


ngx_int_t
ngx_llmp_limit_zone_admit(ngx_llmp_reservation_t *hold, ngx_str_t *key,
    int64_t tokens)
{
    time_t                   now;
    ngx_int_t                rc;
    ngx_llmp_limit_zone_t   *zone;
    ngx_llmp_limit_entry_t  *entry;
    ngx_llmp_lease_t        *record;

    zone = hold->zone;
    now = ngx_time();
    rc = NGX_ERROR;

    if (zone->owner == NULL) {
        return NGX_ERROR;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    /* in this order: the entry must not be evicted for the record */

    record = ngx_llmp_limit_zone_take_lease(zone);
    entry = record ? ngx_llmp_limit_entries_lookup(zone, key) : NULL;

    if (entry == NULL) {
        goto done;
    }

    rc = llmp_limit_admit(&entry->state, hold->limits, tokens,
                          ngx_current_msec, now, &hold->verdict);

    if (rc == LLMP_DECLINED
        && hold->verdict.limit != LLMP_LIMIT_REQUESTS_PER_MINUTE
        && ngx_current_msec - zone->sh->reaped >= NGX_LLMP_LIMIT_ZONE_RELEASE)
    {
        ngx_llmp_limit_zone_release_workers(zone);

        rc = llmp_limit_admit(&entry->state, hold->limits, tokens,
                              ngx_current_msec, now, &hold->verdict);
    }

    if (rc == LLMP_OK) {
        record->reserved = hold->verdict.reserved;
        record->prompt = hold->verdict.reserved ? hold->prompt : 0;
        record->entry = entry;

        zone->free = record->next;
        hold->record = record;
    }

done:

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return rc;
}


ngx_int_t
ngx_llmp_limit_zone_resize(ngx_llmp_reservation_t *hold, int64_t tokens)
{
    ngx_int_t               rc;
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_lease_t       *record;

    zone = hold->zone;
    record = hold->record;

    if (record == NULL || zone->owner == NULL) {
        return NGX_OK;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    rc = llmp_limit_resize(&record->entry->state, hold->limits, tokens,
                           ngx_current_msec, ngx_time(), &hold->verdict);

    record->reserved = hold->verdict.reserved;
    record->prompt = hold->verdict.reserved ? hold->prompt : 0;

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return rc;
}


/* without a lock: the state cannot go, since it is active until the end */

void
ngx_llmp_limit_zone_settle(ngx_llmp_reservation_t *hold, int64_t tokens)
{
    llmp_limit_state_t     *state;
    ngx_llmp_limit_zone_t  *zone;
    ngx_llmp_lease_t       *record;

    zone = hold->zone;
    record = hold->record;
    hold->record = NULL;

    if (record == NULL || zone->owner == NULL) {
        return;
    }

    state = &record->entry->state;

    record->entry = NULL;

    llmp_limit_settle(state, record->reserved,
                      record->reserved ? tokens : 0);

    record->next = zone->free;
    zone->free = record;
}


/* the record stays among the free ones until there is use for it */

static ngx_llmp_lease_t *
ngx_llmp_limit_zone_take_lease(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t               i;
    ngx_llmp_lease_block_t  *chunk;

    if (zone->free) {
        return zone->free;
    }

    chunk = ngx_llmp_limit_entries_alloc(zone);
    if (chunk == NULL) {
        return NULL;
    }

    for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
        chunk->records[i].entry = NULL;
        chunk->records[i].next = zone->free;
        zone->free = &chunk->records[i];
    }

    chunk->next = zone->owner->chunks;
    zone->owner->chunks = chunk;

    return zone->free;
}


static void
ngx_llmp_limit_zone_release_workers(ngx_llmp_limit_zone_t *zone)
{
    ngx_queue_t        *q, *next;
    ngx_llmp_worker_t  *owner;

    zone->sh->reaped = ngx_current_msec;

    for (q = ngx_queue_head(&zone->sh->owners);
         q != ngx_queue_sentinel(&zone->sh->owners);
         q = next)
    {
        next = ngx_queue_next(q);
        owner = ngx_queue_data(q, ngx_llmp_worker_t, queue);

        if (ngx_llmp_limit_zone_worker_exited(zone, owner)) {
            ngx_llmp_limit_zone_release_worker(zone, owner);
        }
    }
}


/*
 * A worker that begins takes the place of one that has ended.  Those of earlier
 * configurations have no successor: their pid is gone.
 */

static ngx_uint_t
ngx_llmp_limit_zone_worker_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *owner)
{
    if (owner->pid == ngx_pid) {
        return 0;
    }

    if (owner->cycle == zone->cycle && owner->worker == ngx_worker) {
        return 1;
    }

    return kill(owner->pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}


static void
ngx_llmp_limit_zone_release_worker(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *owner)
{
    ngx_uint_t               i;
    ngx_llmp_lease_block_t  *chunk, *next;
    ngx_llmp_lease_t        *record;

    for (chunk = owner->chunks; chunk; chunk = next) {
        next = chunk->next;

        for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
            record = &chunk->records[i];

            if (record->entry) {
                llmp_limit_settle(&record->entry->state, record->reserved,
                                  record->prompt);
            }
        }

        ngx_slab_free_locked(zone->shpool, chunk);
    }

    ngx_queue_remove(&owner->queue);
    ngx_slab_free_locked(zone->shpool, owner);
}
