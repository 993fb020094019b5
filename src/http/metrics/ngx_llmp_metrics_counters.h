
/*
 * Copyright (C) llm-policy authors
 *
 * Counters in memory that all workers share.
 *
 * The memory is never freed, so that workers may keep pointers to it.  All
 * names in it come from the configuration or from this module: no client can
 * make it grow.
 */


#ifndef _NGX_LLMP_METRICS_COUNTERS_H_INCLUDED_
#define _NGX_LLMP_METRICS_COUNTERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "base/ngx_llmp_ctx.h"
#include "base/ngx_llmp_version.h"

#include "decide/llmp_decision.h"
#include "decide/llmp_difference.h"


#define NGX_LLMP_METRICS_OUTCOMES   (2 * NGX_LLMP_STATUS_BYPASSED)
#define NGX_LLMP_METRICS_REASONS    (LLMP_REFUSE_INTERNAL + 1)
#define NGX_LLMP_METRICS_ACTIONS    LLMP_ACTION_REMOVE

/* bounds of temperatures: 0, 0.1, ... 2 */
#define NGX_LLMP_METRICS_BOUNDS     21
#define NGX_LLMP_METRICS_DURATIONS  17

/* bytes of the message about a document; longer ones are cut */
#define NGX_LLMP_METRICS_MESSAGE    1024


typedef enum {
    NGX_LLMP_METRICS_PROMPT = 0,
    NGX_LLMP_METRICS_COMPLETION,
    NGX_LLMP_METRICS_PROMPT_ESTIMATED,
    NGX_LLMP_METRICS_COMPLETION_ESTIMATED,
    NGX_LLMP_METRICS_TOKENS
} ngx_llmp_metrics_tokens_e;


/* requests in a location with a candidate */

typedef enum {
    NGX_LLMP_METRICS_SAME = 0,
    NGX_LLMP_METRICS_DIFFERENT,
    NGX_LLMP_METRICS_FAILED,      /* the candidate could not decide */
    NGX_LLMP_METRICS_ENFORCED,    /* the candidate has decided alone */
    NGX_LLMP_METRICS_CANDIDATE
} ngx_llmp_metrics_candidate_e;


/* the sum of temperatures is in millionths, that of durations in nanoseconds */

typedef struct {
    ngx_atomic_t                    sum;
    ngx_atomic_t                    counts[NGX_LLMP_METRICS_BOUNDS + 1];
} ngx_llmp_metrics_histogram_t;


struct ngx_llmp_metrics_tier_s {
    ngx_llmp_metrics_tier_t        *next;
    llmp_str_t                      name;

    ngx_llmp_metrics_histogram_t    requested;  /* temperatures */
    ngx_llmp_metrics_histogram_t    effective;
    ngx_atomic_t                    tokens[NGX_LLMP_METRICS_TOKENS];
    ngx_atomic_t                    limits[LLMP_LIMIT_MAX];
    ngx_atomic_t                    near[LLMP_LIMIT_MAX];

    /* all pointers share the last parameter */

    ngx_atomic_t                    adjustments[LLMP_PARAM_MAX + 1]
                                               [NGX_LLMP_METRICS_ACTIONS];

    /* from the decision of the policy in force to that of the candidate */

    ngx_atomic_t                    differences[LLMP_DIFFERENCE_ROWS]
                                               [LLMP_DIFFERENCE_NONE];

    /* index: llmp_dialect_index(), and llmp_ndialects if it is not known */

    ngx_atomic_t                    requests[][NGX_LLMP_METRICS_OUTCOMES];
};


/* result of the last read of a policy document, by any worker */

struct ngx_llmp_document_state_s {
    ngx_llmp_document_state_t      *next;
    ngx_str_t                       name;
    ngx_msec_t                      read_started;
    llmp_source_identity_t          identity;
    uint64_t                        loaded;     /* ms since 1970 */
    u_char                          sha256[NGX_LLMP_SHA256];  /* loaded then */
    ngx_uint_t                      failures;
    size_t                          len;        /* 0 if it is in force */
    u_char                          message[NGX_LLMP_METRICS_MESSAGE];
};


typedef struct {
    uint64_t                        since;      /* ms since 1970 */
    ngx_llmp_metrics_tier_t        *tiers;
    ngx_llmp_metrics_tier_t        *unknown;    /* requests without a tier */
    ngx_llmp_metrics_tier_t        *other;      /* tiers without memory */
    ngx_llmp_document_state_t      *states;
    ngx_llmp_metrics_histogram_t    durations;
    ngx_atomic_t                    bytes;      /* size of bodies */
    ngx_atomic_t                    refusals[NGX_LLMP_METRICS_REASONS];
    ngx_atomic_t                    candidate[NGX_LLMP_METRICS_CANDIDATE];
} ngx_llmp_metrics_counters_t;


typedef struct {
    ngx_llmp_metrics_counters_t    *sh;
    ngx_slab_pool_t                *shpool;
    ngx_array_t                    *files;      /* ngx_llmp_file_t pointers */
} ngx_llmp_metrics_t;


#endif /* _NGX_LLMP_METRICS_COUNTERS_H_INCLUDED_ */
