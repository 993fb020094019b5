
/*
 * Copyright (C) llm-policy authors
 *
 * Workers in the zone of limits.  Each has leases of the requests that it has
 * admitted and not settled, so that another one can free them if it is killed.
 *
 * The other functions of the zone are called with the lock held.
 */


#ifndef _NGX_LLMP_LIMIT_WORKERS_H_INCLUDED_
#define _NGX_LLMP_LIMIT_WORKERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_shared.h"


/*
 * Lock and unlock the zone.  nginx's master takes the lock from a worker that
 * was killed while it had it: what that one may have left unfinished is
 * corrected first, before any other can rely on it.
 */

void ngx_llmp_limit_workers_lock(ngx_llmp_limit_zone_t *zone);
void ngx_llmp_limit_workers_unlock(ngx_llmp_limit_zone_t *zone);

/* registers this process as zone->worker; NGX_ERROR if there is no room */

ngx_int_t ngx_llmp_limit_workers_add(ngx_llmp_limit_zone_t *zone);

/* removes this process, with the requests that it leaves */

void ngx_llmp_limit_workers_remove(ngx_llmp_limit_zone_t *zone);

/* returns a free lease, without taking it out of zone->free; NULL if there is
   no room */

ngx_llmp_lease_t *ngx_llmp_limit_workers_lease(ngx_llmp_limit_zone_t *zone);

/* removes workers that were killed; NGX_DECLINED if that was done lately */

ngx_int_t ngx_llmp_limit_workers_release(ngx_llmp_limit_zone_t *zone);

/* returns 1 if this process is the first worker of the newest configuration */

ngx_uint_t ngx_llmp_limit_workers_is_first(ngx_llmp_limit_zone_t *zone);

/* returns 1 if this process, which was removed, was the last worker of its
   configuration, and there is none of a newer one */

ngx_uint_t ngx_llmp_limit_workers_was_last(ngx_llmp_limit_zone_t *zone);


#endif /* _NGX_LLMP_LIMIT_WORKERS_H_INCLUDED_ */
