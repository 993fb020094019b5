
/*
 * Copyright (C) llm-policy authors
 *
 * Table of callers, and of the usage charged to each.  The functions are called
 * with the lock held.
 */


#ifndef _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_
#define _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_shared.h"


/* returns the entry of a caller, new if needed; NULL if there is no room */

ngx_llmp_limit_entry_t *ngx_llmp_limit_entries_lookup(
    ngx_llmp_limit_zone_t *zone, ngx_str_t *key);

/* returns a cell, if need be that of an evicted entry; NULL if there is none */

void *ngx_llmp_limit_entries_alloc(ngx_llmp_limit_zone_t *zone);

/*
 * Returns the number of callers that were evicted although they had used some
 * of their limits, since it was returned last; 0 within a minute after that.
 */

ngx_uint_t ngx_llmp_limit_entries_lost(ngx_llmp_limit_zone_t *zone);


#endif /* _NGX_LLMP_LIMIT_ENTRIES_H_INCLUDED_ */
