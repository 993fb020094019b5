
/*
 * Copyright (C) llm-policy authors
 *
 * What the status is made of.
 */


#ifndef _NGX_LLMP_STATUS_H_INCLUDED_
#define _NGX_LLMP_STATUS_H_INCLUDED_


#include "metrics/ngx_llmp_metrics.h"


/*
 * ngx_llmp_writer.c
 *
 * Writes to a chain of buffers.  If there is no memory, nothing more is
 * written, and failed says so.  quoted() writes a string with its quotes, as
 * JSON has it, and label() as Prometheus does; what is not UTF-8 in it becomes
 * U+FFFD in both.  printf() is for what is short.
 */

typedef struct {
    ngx_pool_t                        *pool;
    ngx_buf_t                         *buf;
    ngx_chain_t                       *out;
    ngx_chain_t                      **last;
    off_t                              size;
    ngx_uint_t                         failed;
} ngx_llmp_writer_t;

void ngx_llmp_writer_init(ngx_llmp_writer_t *w, ngx_pool_t *pool);
void ngx_llmp_writer_write(ngx_llmp_writer_t *w, const void *data, size_t len);
void ngx_llmp_writer_text(ngx_llmp_writer_t *w, const char *text);
void ngx_llmp_writer_printf(ngx_llmp_writer_t *w, const char *fmt, ...);
void ngx_llmp_writer_json_string(ngx_llmp_writer_t *w, const llmp_str_t *str);
void ngx_llmp_writer_label(ngx_llmp_writer_t *w, const llmp_str_t *str);
void ngx_llmp_writer_time(ngx_llmp_writer_t *w, uint64_t ms);


/*
 * ngx_llmp_series.c
 *
 * What is counted by names: a family has a counter for each combination of its
 * labels.  series() calls the handler for each that has counted, with the
 * values of the labels in the order of the family's.
 *
 * Of a histogram, read() takes a copy that is consistent in itself: what is up
 * to each bound, and after all bounds what there is.
 */

#define NGX_LLMP_STATUS_LABELS  3

typedef llmp_str_t (*ngx_llmp_status_name_pt)(ngx_uint_t i);

typedef struct {
    const char                    *json;
    const char                    *name;    /* of the metric */
    const char                    *help;
    size_t                         offset;  /* of the counters */
    ngx_uint_t                     global;  /* not by tier */
    const char                    *labels[NGX_LLMP_STATUS_LABELS];
    ngx_llmp_status_name_pt        outer;
    ngx_llmp_status_name_pt        inner;   /* NULL: there is none */
    ngx_uint_t                     ninner;
} ngx_llmp_status_family_t;

typedef void (*ngx_llmp_status_row_pt)(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);

typedef struct {
    const char                        *json;
    const char                        *name;
    const char                        *help;
    size_t                             offset;
    const char *const                 *bounds;  /* ended by NULL */
    ngx_uint_t                         scale;   /* of the sum */
} ngx_llmp_status_buckets_t;

typedef struct {
    ngx_uint_t                         counts[NGX_LLMP_METRICS_BOUNDS + 1];
    ngx_uint_t                         count;
    ngx_uint_t                         sum;
} ngx_llmp_status_copy_t;

extern const ngx_llmp_status_family_t  ngx_llmp_status_families[];
extern const ngx_llmp_status_buckets_t  ngx_llmp_status_temperatures[];
extern const ngx_llmp_status_buckets_t  ngx_llmp_status_decision_time;

void ngx_llmp_status_families_rows(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_status_row_pt handler);
void ngx_llmp_status_families_read(const ngx_llmp_status_buckets_t *buckets,
    const void *base, ngx_llmp_status_copy_t *copy);
void ngx_llmp_status_families_sum(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets,
    const ngx_llmp_status_copy_t *copy);


/*
 * ngx_llmp_status_document.c: of a document, what both formats tell
 */

typedef struct {
    llmp_str_t                       file;
    llmp_str_t                       sha256;
    llmp_str_t                       error;
    uint64_t                         loaded;
    ngx_uint_t                       failures;
    ngx_uint_t                       tiers;
    ngx_uint_t                       tenants;
    ngx_llmp_document_state_t        state;
} ngx_llmp_metrics_document_t;

ngx_uint_t ngx_llmp_metrics_document_get(ngx_http_request_t *r, ngx_uint_t i,
    ngx_llmp_metrics_document_t *document);


/*
 * ngx_llmp_status_limits.c
 *
 * Each writes what there is to say of limits, or nothing: the member "limits"
 * with the comma before it, and the metrics.
 */

void ngx_llmp_status_json_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r);
void ngx_llmp_status_text_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r);


/* ngx_llmp_status_json.c, ngx_llmp_status_text.c */

void ngx_llmp_status_json(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_metrics_counters_t *sh);
void ngx_llmp_status_text(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_metrics_counters_t *sh);
void ngx_llmp_status_text_head(ngx_llmp_writer_t *w, const char *name,
    const char *type, const char *help);


#endif /* _NGX_LLMP_STATUS_H_INCLUDED_ */
