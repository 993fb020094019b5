
/*
 * Copyright (C) llm-policy authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/rand.h>

#include "base/ngx_llmp_seed.h"


static uint64_t  ngx_llmp_seed_value;


ngx_int_t
ngx_llmp_seed_init(ngx_cycle_t *cycle)
{
    if (RAND_bytes((u_char *) &ngx_llmp_seed_value,
                   sizeof(ngx_llmp_seed_value))
        != 1)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0, "RAND_bytes() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


uint64_t
ngx_llmp_seed(void)
{
    return ngx_llmp_seed_value;
}
