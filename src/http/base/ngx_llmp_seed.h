
/*
 * Copyright (C) llm-policy authors
 *
 * The secret of a worker: clients cannot predict the hashes of member names.
 */


#ifndef _NGX_LLMP_SEED_H_INCLUDED_
#define _NGX_LLMP_SEED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* chooses the secret of the worker */

ngx_int_t ngx_llmp_seed_init(ngx_cycle_t *cycle);

/* returns the secret */

uint64_t ngx_llmp_seed(void);


#endif /* _NGX_LLMP_SEED_H_INCLUDED_ */
