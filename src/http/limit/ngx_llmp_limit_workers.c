
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_limit_workers.h"

#include "limit/ngx_llmp_limit_entries.h"


/* milliseconds between two checks for killed workers */
#define NGX_LLMP_LIMIT_WORKERS_CHECK  1000


static void ngx_llmp_limit_workers_check(ngx_llmp_limit_zone_t *zone);
static ngx_uint_t ngx_llmp_limit_workers_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker);
static void ngx_llmp_limit_workers_free(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker);
static void ngx_llmp_limit_workers_recount(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker);


void
ngx_llmp_limit_workers_lock(ngx_llmp_limit_zone_t *zone)
{
    ngx_shmtx_lock(&zone->shpool->mutex);

    if (zone->sh->locker) {
        ngx_llmp_limit_workers_check(zone);
    }

    zone->sh->locker = ngx_pid;

    ngx_memory_barrier();
}


void
ngx_llmp_limit_workers_unlock(ngx_llmp_limit_zone_t *zone)
{
    ngx_memory_barrier();

    zone->sh->locker = 0;

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


ngx_int_t
ngx_llmp_limit_workers_add(ngx_llmp_limit_zone_t *zone)
{
    ngx_llmp_worker_t  *worker;

    ngx_llmp_limit_workers_check(zone);

    worker = ngx_llmp_limit_entries_alloc(zone);

    zone->worker = worker;
    zone->free = NULL;

    if (worker == NULL) {
        return NGX_ERROR;
    }

    worker->pid = ngx_pid;
    worker->cycle = zone->cycle;
    worker->number = ngx_worker;
    worker->blocks = NULL;

    ngx_queue_insert_tail(&zone->sh->workers, &worker->queue);

    return NGX_OK;
}


void
ngx_llmp_limit_workers_remove(ngx_llmp_limit_zone_t *zone)
{
    ngx_llmp_limit_workers_free(zone, zone->worker);

    zone->worker = NULL;
}


ngx_llmp_lease_t *
ngx_llmp_limit_workers_lease(ngx_llmp_limit_zone_t *zone)
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
        block->leases[i].lease.nstates = 0;
        block->leases[i].next = zone->free;
        zone->free = &block->leases[i];
    }

    block->next = zone->worker->blocks;
    zone->worker->blocks = block;

    return zone->free;
}


ngx_int_t
ngx_llmp_limit_workers_release(ngx_llmp_limit_zone_t *zone)
{
    if (ngx_current_msec - zone->sh->released < NGX_LLMP_LIMIT_WORKERS_CHECK) {
        return NGX_DECLINED;
    }

    ngx_llmp_limit_workers_check(zone);

    return NGX_OK;
}


ngx_uint_t
ngx_llmp_limit_workers_is_first(ngx_llmp_limit_zone_t *zone)
{
    ngx_queue_t        *q;
    ngx_llmp_worker_t  *worker, *first;

    first = NULL;

    for (q = ngx_queue_head(&zone->sh->workers);
         q != ngx_queue_sentinel(&zone->sh->workers);
         q = ngx_queue_next(q))
    {
        worker = ngx_queue_data(q, ngx_llmp_worker_t, queue);

        if (first == NULL || worker->cycle > first->cycle) {
            first = worker;
        }
    }

    return first == zone->worker;
}


ngx_uint_t
ngx_llmp_limit_workers_was_last(ngx_llmp_limit_zone_t *zone)
{
    ngx_queue_t        *q;
    ngx_llmp_worker_t  *worker;

    ngx_llmp_limit_workers_check(zone);

    for (q = ngx_queue_head(&zone->sh->workers);
         q != ngx_queue_sentinel(&zone->sh->workers);
         q = ngx_queue_next(q))
    {
        worker = ngx_queue_data(q, ngx_llmp_worker_t, queue);

        if (worker->cycle >= zone->cycle) {
            return 0;
        }
    }

    return 1;
}


static void
ngx_llmp_limit_workers_check(ngx_llmp_limit_zone_t *zone)
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

        if (ngx_llmp_limit_workers_exited(zone, worker)) {
            ngx_llmp_limit_workers_free(zone, worker);
        }
    }
}


/*
 * The process that the lock was taken from has exited.  A new worker replaces
 * the exited one of the same number.  Workers of earlier configurations are not
 * replaced: they have exited if their pid does not exist.
 */

static ngx_uint_t
ngx_llmp_limit_workers_exited(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker)
{
    if (worker->pid == ngx_pid) {
        return 0;
    }

    if (worker->pid == zone->sh->locker
        || (worker->cycle == zone->cycle && worker->number == ngx_worker))
    {
        return 1;
    }

    return kill(worker->pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}


static void
ngx_llmp_limit_workers_free(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker)
{
    ngx_uint_t               i;
    ngx_llmp_lease_block_t  *block, *next;

    ngx_llmp_limit_workers_recount(zone, worker);

    for (block = worker->blocks; block; block = block->next) {
        for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
            llmp_lease_recount_end(&block->leases[i].lease);
        }
    }

    ngx_queue_remove(&worker->queue);

    for (block = worker->blocks; block; block = next) {
        next = block->next;

        ngx_slab_free_locked(zone->shpool, block);
    }

    ngx_slab_free_locked(zone->shpool, worker);
}


/* counts the active requests of the callers that the worker had requests of */

static void
ngx_llmp_limit_workers_recount(ngx_llmp_limit_zone_t *zone,
    ngx_llmp_worker_t *worker)
{
    uint64_t                 id;
    ngx_uint_t               i;
    ngx_queue_t             *q;
    ngx_llmp_worker_t       *other;
    ngx_llmp_lease_block_t  *block;

    id = ++zone->sh->recounts;

    for (block = worker->blocks; block; block = block->next) {
        for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
            llmp_lease_recount_begin(&block->leases[i].lease, id);
        }
    }

    for (q = ngx_queue_head(&zone->sh->workers);
         q != ngx_queue_sentinel(&zone->sh->workers);
         q = ngx_queue_next(q))
    {
        other = ngx_queue_data(q, ngx_llmp_worker_t, queue);

        if (other == worker) {
            continue;
        }

        for (block = other->blocks; block; block = block->next) {
            for (i = 0; i < NGX_LLMP_BLOCK_LEASES; i++) {
                llmp_lease_recount_add(&block->leases[i].lease, id);
            }
        }
    }
}
