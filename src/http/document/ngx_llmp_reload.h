
/*
 * Copyright (C) llm-policy authors
 *
 * Reload of policy documents that have changed.
 */


#ifndef _NGX_LLMP_RELOAD_H_INCLUDED_
#define _NGX_LLMP_RELOAD_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


ngx_int_t ngx_llmp_reload_init(ngx_conf_t *cf);
void ngx_llmp_reload_init_process(ngx_cycle_t *cycle);


#endif /* _NGX_LLMP_RELOAD_H_INCLUDED_ */
