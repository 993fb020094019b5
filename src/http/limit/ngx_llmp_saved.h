
/*
 * Copyright (C) llm-policy authors
 *
 * The file of "state" of llm_policy_zone: what callers have used, over a
 * restart.
 *
 * One worker at a time writes it, every minute: the first one of the newest
 * configuration.  Each second it looks whether the file is one that another
 * nginx has written, such as an executable that is being replaced, or that
 * replaces this one.  It takes over what is more in there, so that neither
 * loses what the other one has counted.
 */


#ifndef _NGX_LLMP_SAVED_H_INCLUDED_
#define _NGX_LLMP_SAVED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "limit/ngx_llmp_limit_shared.h"


/* reads "state=PATH" of llm_policy_zone, and checks the folder */

ngx_int_t ngx_llmp_saved_set(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *path);

/* begins a zone that is new, and reads its file if it has one, in the master */

void ngx_llmp_saved_load(ngx_llmp_limit_zone_t *zone, ngx_log_t *log);

/* start and end a worker, the latter after it was removed from the zone */

ngx_int_t ngx_llmp_saved_init_process(ngx_llmp_limit_zone_t *zone,
    ngx_cycle_t *cycle);
void ngx_llmp_saved_exit_process(ngx_llmp_limit_zone_t *zone);


#endif /* _NGX_LLMP_SAVED_H_INCLUDED_ */
