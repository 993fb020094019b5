
/*
 * Copyright (C) llm-policy authors
 *
 * What is counted, in memory that all workers share: how it is laid out, and
 * how it is found.  None of it is ever given back, so that a worker may keep
 * where it is; and all of it is named by the operator or by us, so that no
 * client can make it grow.
 */


#ifndef _NGX_LLMP_METRICS_H_INCLUDED_
#define _NGX_LLMP_METRICS_H_INCLUDED_


#include "base/ngx_llmp_module.h"

#include "decide/llmp_decide.h"


#define NGX_LLMP_METRICS_OUTCOMES  (2 * NGX_LLMP_BYPASSED)
#define NGX_LLMP_METRICS_REASONS   (LLMP_REFUSE_INTERNAL + 1)
#define NGX_LLMP_METRICS_ACTIONS   LLMP_ACTION_REMOVE

/* of temperatures: 0, 0.1, ... 2 */
#define NGX_LLMP_METRICS_BOUNDS    21
#define NGX_LLMP_METRICS_DURATIONS  17

/* of the message about a document, which is cut if it is longer */
#define NGX_LLMP_METRICS_MESSAGE   1024


/* the sum of temperatures is in millionths, that of durations in nanoseconds */

typedef struct {
    ngx_atomic_t                       sum;
    ngx_atomic_t                       counts[NGX_LLMP_METRICS_BOUNDS + 1];
} ngx_llmp_metrics_histogram_t;


struct ngx_llmp_metrics_tier_s {
    ngx_llmp_metrics_tier_t        *next;
    llmp_str_t                      name;

    ngx_llmp_metrics_histogram_t    requested;
    ngx_llmp_metrics_histogram_t    effective;
    ngx_atomic_t                    tokens[NGX_LLMP_METRICS_TOKENS];
    ngx_atomic_t                    limits[LLMP_LIMIT_MAX];

    /* pointers are counted together, after the parameters */

    ngx_atomic_t                       adjustments[LLMP_PARAM_MAX + 1]
                                                [NGX_LLMP_METRICS_ACTIONS];

    /* by llmp_dialect_index(); after all of them, where none is known */

    ngx_atomic_t                       requests[]
                                                [NGX_LLMP_METRICS_OUTCOMES];
};


/* what became of a policy document, whichever worker it was that read it */

struct ngx_llmp_document_state_s {
    ngx_llmp_document_state_t       *next;
    ngx_str_t                        name;
    ngx_msec_t                       read_started;  /* reading it, last */
    ngx_llmp_file_identity_t         identity;  /* of what was read then */
    uint64_t                         loaded;   /* ms; of this content: */
    u_char                           sha256[NGX_LLMP_SHA256];
    ngx_uint_t                       failures;
    size_t                           len;      /* 0: it is in force */
    u_char                           message[NGX_LLMP_METRICS_MESSAGE];
};


typedef struct {
    uint64_t                        since;    /* ms */
    ngx_llmp_metrics_tier_t        *tiers;
    ngx_llmp_metrics_tier_t        *unknown;  /* no tier was found */
    ngx_llmp_metrics_tier_t        *other;    /* no room for more */
    ngx_llmp_document_state_t      *states;
    ngx_llmp_metrics_histogram_t    durations;
    ngx_atomic_t                    bytes;    /* of bodies */
    ngx_atomic_t                    refusals[NGX_LLMP_METRICS_REASONS];
} ngx_llmp_metrics_counters_t;


typedef struct {
    ngx_llmp_metrics_counters_t    *sh;
    ngx_slab_pool_t                *shpool;
    ngx_array_t                    *files;
} ngx_llmp_metrics_t;


/*
 * ngx_llmp_metrics_zone.c
 *
 * metrics() is what is counted, or NULL where no document is used; tier() finds
 * a tier of a version there, or makes it.
 */

ngx_llmp_metrics_t *ngx_llmp_metrics_zone_get(ngx_http_request_t *r);
ngx_llmp_metrics_tier_t *ngx_llmp_metrics_zone_tier(ngx_http_request_t *r,
    ngx_llmp_metrics_t *metrics, ngx_llmp_version_t *version,
    const llmp_tier_t *tier);


/*
 * ngx_llmp_state.c
 *
 * add_states() finds the states of all files, or makes them; get_state() copies
 * one, and returns NGX_DECLINED if there was no room for it.
 */

void ngx_llmp_metrics_document_add_all(ngx_log_t *log,
    ngx_llmp_metrics_t *metrics);
ngx_int_t ngx_llmp_metrics_document_copy(ngx_llmp_file_t *file,
    ngx_llmp_document_state_t *state);


/* ngx_llmp_metrics.c */

extern const uint64_t  ngx_llmp_metrics_durations[];


#endif /* _NGX_LLMP_METRICS_H_INCLUDED_ */
