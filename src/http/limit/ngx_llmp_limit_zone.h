
/*
 * Copyright (C) llm-policy authors
 *
 * The zone of limits, shared by all workers.
 */


#ifndef _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_
#define _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_reservation.h"


/* handler of the directive llm_policy_zone */

char *ngx_llmp_limit_zone_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* adds a zone of default size if there are policy documents and no zone */

ngx_int_t ngx_llmp_limit_zone_init(ngx_conf_t *cf);

/* registers a worker */

ngx_int_t ngx_llmp_limit_zone_init_process(ngx_cycle_t *cycle);

/* settles the requests that a worker leaves, and removes it */

void ngx_llmp_limit_zone_exit_process(ngx_cycle_t *cycle);

/* sets the time, for a calendar that is so many seconds from UTC */

void ngx_llmp_limit_zone_clock(llmp_limit_clock_t *clock, int64_t offset);

/*
 * Admits a request by its keys and limits, with its amounts and charge.
 * Returns as llmp_lease_admit() does, with a lease if the request was admitted;
 * or NGX_ERROR if there is no room in the zone.
 */

ngx_int_t ngx_llmp_limit_zone_admit(ngx_llmp_reservation_t *reservation);

/* changes what is reserved to the amounts; returns as llmp_lease_resize() */

ngx_int_t ngx_llmp_limit_zone_resize(ngx_llmp_reservation_t *reservation);

/* ends the lease of a request that has used these amounts */

void ngx_llmp_limit_zone_settle(ngx_llmp_reservation_t *reservation,
    llmp_limit_amounts_t *used);

/* ends the lease of a request that does not count */

void ngx_llmp_limit_zone_return(ngx_llmp_reservation_t *reservation);


#endif /* _NGX_LLMP_LIMIT_ZONE_H_INCLUDED_ */
