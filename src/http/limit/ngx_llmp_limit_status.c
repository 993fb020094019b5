
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_limit_status.h"

#include "limit/ngx_llmp_limit_shared.h"
#include "limit/ngx_llmp_limit_workers.h"
#include "limit/ngx_llmp_limit_zone.h"


/* entries that are read, of those used last: the lock is held for long */
#define NGX_LLMP_LIMIT_STATUS_ENTRIES  4096


static ngx_int_t ngx_llmp_limit_status_describe(ngx_llmp_limit_entry_t *entry,
    ngx_llmp_close_caller_t *caller);
static void ngx_llmp_limit_status_insert(ngx_llmp_limit_status_t *status,
    ngx_llmp_close_caller_t *caller);


ngx_int_t
ngx_llmp_limit_status(ngx_http_request_t *r, ngx_llmp_limit_status_t *status)
{
    ngx_uint_t               i;
    ngx_queue_t             *q;
    ngx_shm_zone_t          *shm_zone;
    ngx_llmp_main_conf_t    *lpmcf;
    ngx_llmp_limit_zone_t   *zone;
    ngx_llmp_limit_entry_t  *entry;
    ngx_llmp_close_caller_t  caller;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    shm_zone = lpmcf->limit_zone;

    if (shm_zone == NULL) {
        return NGX_DECLINED;
    }

    zone = shm_zone->data;

    status->ncallers = 0;
    status->name = shm_zone->shm.name;
    status->size = shm_zone->shm.size;

    ngx_llmp_limit_workers_lock(zone);

    status->keys = zone->sh->nentries;
    status->evicted = zone->sh->evicted;
    status->free = zone->shpool->pfree * ngx_pagesize;

    /* callers that are close to a limit were seen lately, and come first */

    q = ngx_queue_head(&zone->sh->entries);

    for (i = 0; i < NGX_LLMP_LIMIT_STATUS_ENTRIES; i++) {

        if (q == ngx_queue_sentinel(&zone->sh->entries)) {
            break;
        }

        entry = ngx_queue_data(q, ngx_llmp_limit_entry_t, queue);
        q = ngx_queue_next(q);

        if (ngx_llmp_limit_status_describe(entry, &caller) == NGX_OK) {
            ngx_llmp_limit_status_insert(status, &caller);
        }
    }

    ngx_llmp_limit_workers_unlock(zone);

    return NGX_OK;
}


/* returns NGX_DECLINED if the caller is no tenant or has used nothing */

static ngx_int_t
ngx_llmp_limit_status_describe(ngx_llmp_limit_entry_t *entry,
    ngx_llmp_close_caller_t *caller)
{
    ngx_str_t           name;
    llmp_limit_clock_t  clock;

    name = ngx_llmp_limit_key_tenant(&entry->key);

    if (name.len == 0) {
        return NGX_DECLINED;
    }

    ngx_llmp_limit_zone_clock(&clock, 0);

    llmp_limit_nearest(&entry->state, &clock, &caller->nearest);

    if (caller->nearest.share == 0) {
        return NGX_DECLINED;
    }

    caller->len = name.len;
    ngx_memcpy(caller->name, name.data, name.len);

    return NGX_OK;
}


/* inserts a caller, the closest first, once with the closest of its limits */

static void
ngx_llmp_limit_status_insert(ngx_llmp_limit_status_t *status,
    ngx_llmp_close_caller_t *caller)
{
    ngx_uint_t                i, last;
    ngx_llmp_close_caller_t  *list;

    list = status->callers;

    for (last = 0; last < status->ncallers; last++) {
        if (list[last].len == caller->len
            && ngx_memcmp(list[last].name, caller->name, caller->len) == 0)
        {
            break;
        }
    }

    if (last == NGX_LLMP_LIMIT_CLOSE_CALLERS) {
        last--;

    } else if (last == status->ncallers) {
        status->ncallers++;
        list[last].nearest.share = 0;
    }

    if (caller->nearest.share <= list[last].nearest.share) {
        return;
    }

    for (i = last;
         i > 0 && list[i - 1].nearest.share < caller->nearest.share;
         i--)
    {
        list[i] = list[i - 1];
    }

    list[i] = *caller;
}
