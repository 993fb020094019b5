
/*
 * Copyright (C) llm-policy authors
 *
 * Limits of a request, from its admission until it is settled.
 */


#ifndef _NGX_LLMP_RESERVATION_H_INCLUDED_
#define _NGX_LLMP_RESERVATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"
#include "limit/ngx_llmp_limit_key.h"

#include "limit/llmp_limit.h"


typedef struct ngx_llmp_limit_zone_s  ngx_llmp_limit_zone_t;
typedef struct ngx_llmp_lease_s       ngx_llmp_lease_t;


struct ngx_llmp_reservation_s {
    ngx_http_request_t       *request;
    ngx_llmp_ctx_t           *ctx;          /* context of the response */
    ngx_llmp_limit_zone_t    *zone;
    ngx_llmp_lease_t         *lease;        /* NULL if settled or refused */
    const llmp_limits_t      *limits;
    llmp_limit_verdict_t      verdict;
    int64_t                   prompt;       /* tokens, estimated */
    size_t                    key_len;
    u_char                    key[NGX_LLMP_LIMIT_KEY_MAX];  /* caller */
    unsigned                  dry_run:1;
    unsigned                  provisional:1;  /* admitted before the body was
                                                 decided on */
};


#endif /* _NGX_LLMP_RESERVATION_H_INCLUDED_ */
