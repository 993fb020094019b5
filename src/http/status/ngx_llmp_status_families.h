
/*
 * Copyright (C) llm-policy authors
 *
 * Metric families of the status: a family has a counter for each combination of
 * its labels.
 */


#ifndef _NGX_LLMP_STATUS_FAMILIES_H_INCLUDED_
#define _NGX_LLMP_STATUS_FAMILIES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "metrics/ngx_llmp_metrics_counters.h"
#include "status/ngx_llmp_writer.h"


#define NGX_LLMP_STATUS_LABELS  3


/* returns the value of a label; data is NULL after the last one */

typedef llmp_str_t (*ngx_llmp_status_name_pt)(ngx_uint_t i);


typedef struct {
    const char                *json;     /* name in JSON */
    const char                *name;     /* name of the metric */
    const char                *help;
    size_t                     offset;   /* offset of the counters */
    ngx_uint_t                 global;   /* not counted by tier */
    const char                *labels[NGX_LLMP_STATUS_LABELS];
    ngx_llmp_status_name_pt    outer;
    ngx_llmp_status_name_pt    inner;    /* NULL if there is no such label */
    ngx_uint_t                 ninner;
} ngx_llmp_status_family_t;


/* writes a counter; values are those of its labels */

typedef void (*ngx_llmp_status_row_pt)(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);


typedef struct {
    const char                *json;
    const char                *name;
    const char                *help;
    size_t                     offset;   /* offset of the histogram */
    const char *const         *bounds;   /* ended by NULL */
    ngx_uint_t                 scale;    /* unit of the sum */
} ngx_llmp_status_buckets_t;


/* a consistent copy of a histogram */

typedef struct {
    ngx_uint_t                 counts[NGX_LLMP_METRICS_BOUNDS + 1];  /* up to
                                                                 each bound */
    ngx_uint_t                 count;    /* all values */
    ngx_uint_t                 sum;
} ngx_llmp_status_copy_t;


extern const ngx_llmp_status_family_t   ngx_llmp_status_families[];
extern const ngx_llmp_status_buckets_t  ngx_llmp_status_temperatures[];
extern const ngx_llmp_status_buckets_t  ngx_llmp_status_decision_time;


/* calls the handler for each counter of a family that is not 0 */

void ngx_llmp_status_families_rows(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_status_row_pt handler);

/* copies the histogram at an offset of base */

void ngx_llmp_status_families_read(const ngx_llmp_status_buckets_t *buckets,
    const void *base, ngx_llmp_status_copy_t *copy);

/* writes the sum of a histogram as a decimal number */

void ngx_llmp_status_families_sum(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets,
    const ngx_llmp_status_copy_t *copy);


#endif /* _NGX_LLMP_STATUS_FAMILIES_H_INCLUDED_ */
