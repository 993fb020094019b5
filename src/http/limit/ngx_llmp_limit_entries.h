
/*
 * Copyright (C) llm-policy authors
 *
 * Table of counts, by their keys.  The functions are called with the lock held.
 */


#ifndef _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_
#define _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_shared.h"


/*
 * Returns the entry of a key, new if needed; NULL if there is no room.  It is
 * not evicted until zone->sh->admissions changes.
 */

ngx_llmp_limit_entry_t *ngx_llmp_limit_entries_lookup(
    ngx_llmp_limit_zone_t *zone, ngx_llmp_limit_key_t *key);

/* returns a cell, if need be that of an evicted entry; NULL if there is none */

void *ngx_llmp_limit_entries_alloc(ngx_llmp_limit_zone_t *zone);

/*
 * Returns the number of entries that were evicted although some of their limits
 * were used, since it was returned last; 0 within a minute after that.
 */

ngx_uint_t ngx_llmp_limit_entries_lost(ngx_llmp_limit_zone_t *zone);

/* return the first entry after a key, which need not exist and may be empty,
   and the entry after another one; NULL if there is none */

ngx_llmp_limit_entry_t *ngx_llmp_limit_entries_after(
    ngx_llmp_limit_zone_t *zone, ngx_llmp_limit_key_t *key);
ngx_llmp_limit_entry_t *ngx_llmp_limit_entries_next(
    ngx_llmp_limit_zone_t *zone, ngx_llmp_limit_entry_t *entry);


#endif /* _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_ */
