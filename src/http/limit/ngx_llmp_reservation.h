
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
    llmp_str_t                model;        /* empty if it is not known */
    const llmp_price_t       *price;        /* the model's, or NULL */
    llmp_limit_verdict_t      verdict;
    llmp_limit_clock_t        clock;        /* time of the verdict */
    llmp_limit_amounts_t      amounts;      /* the most that it may use */
    llmp_limit_amounts_t      charge;       /* the request itself */
    ngx_uint_t                nentries;
    llmp_limit_entry_t       *entries;
    ngx_llmp_limit_key_t     *keys;         /* those of entries */
    unsigned                  dry_run:1;
    unsigned                  provisional:1;  /* admitted before the body was
                                                 decided on */
};


/* returns 1 if limits count the tokens of a request, or what they cost */

ngx_uint_t ngx_llmp_reservation_counts_tokens(
    ngx_llmp_reservation_t *reservation);

/*
 * Returns the entry of a reservation that has least left of a limit, or NULL if
 * none has it.
 */

llmp_limit_entry_t *ngx_llmp_reservation_least(
    ngx_llmp_reservation_t *reservation, llmp_limit_e limit);


#endif /* _NGX_LLMP_RESERVATION_H_INCLUDED_ */
