
/*
 * Copyright (C) llm-policy authors
 *
 * What the status is made of.
 */


#ifndef _NGX_HTTP_LLM_POLICY_STATUS_H_INCLUDED_
#define _NGX_HTTP_LLM_POLICY_STATUS_H_INCLUDED_


#include "ngx_http_llm_policy_metrics.h"


/*
 * ngx_http_llm_policy_writer.c
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
} ngx_http_llm_policy_writer_t;

void ngx_http_llm_policy_writer_init(ngx_http_llm_policy_writer_t *w,
    ngx_pool_t *pool);
void ngx_http_llm_policy_write(ngx_http_llm_policy_writer_t *w,
    const void *data, size_t len);
void ngx_http_llm_policy_text(ngx_http_llm_policy_writer_t *w,
    const char *text);
void ngx_http_llm_policy_printf(ngx_http_llm_policy_writer_t *w,
    const char *fmt, ...);
void ngx_http_llm_policy_quoted(ngx_http_llm_policy_writer_t *w,
    const llmp_str_t *str);
void ngx_http_llm_policy_label(ngx_http_llm_policy_writer_t *w,
    const llmp_str_t *str);
void ngx_http_llm_policy_write_time(ngx_http_llm_policy_writer_t *w,
    uint64_t ms);


/*
 * ngx_http_llm_policy_series.c
 *
 * What is counted by names: a family has a counter for each combination of its
 * labels.  series() calls the handler for each that has counted, with the
 * values of the labels in the order of the family's.
 *
 * Of a histogram, read() takes a copy that is consistent in itself: what is up
 * to each bound, and after all bounds what there is.
 */

#define NGX_HTTP_LLM_POLICY_LABELS  3

typedef llmp_str_t (*ngx_http_llm_policy_name_pt)(ngx_uint_t i);

typedef struct {
    const char                        *json;
    const char                        *name;    /* of the metric */
    const char                        *help;
    size_t                             offset;  /* of the counters */
    ngx_uint_t                         global;  /* not by tier */
    const char                        *labels[NGX_HTTP_LLM_POLICY_LABELS];
    ngx_http_llm_policy_name_pt        outer;
    ngx_http_llm_policy_name_pt        inner;   /* NULL: there is none */
    ngx_uint_t                         ninner;
} ngx_http_llm_policy_family_t;

typedef void (*ngx_http_llm_policy_series_pt)(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);

typedef struct {
    const char                        *json;
    const char                        *name;
    const char                        *help;
    size_t                             offset;
    const char *const                 *bounds;  /* ended by NULL */
    ngx_uint_t                         scale;   /* of the sum */
} ngx_http_llm_policy_buckets_t;

typedef struct {
    ngx_uint_t                         counts[NGX_HTTP_LLM_POLICY_BOUNDS + 1];
    ngx_uint_t                         count;
    ngx_uint_t                         sum;
} ngx_http_llm_policy_buckets_copy_t;

extern const ngx_http_llm_policy_family_t  ngx_http_llm_policy_families[];
extern const ngx_http_llm_policy_buckets_t  ngx_http_llm_policy_temperatures[];
extern const ngx_http_llm_policy_buckets_t  ngx_http_llm_policy_deciding;

void ngx_http_llm_policy_series(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family,
    ngx_http_llm_policy_counters_t *sh, ngx_http_llm_policy_series_pt handler);
void ngx_http_llm_policy_read_buckets(
    const ngx_http_llm_policy_buckets_t *buckets, const void *base,
    ngx_http_llm_policy_buckets_copy_t *copy);
void ngx_http_llm_policy_write_sum(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    const ngx_http_llm_policy_buckets_copy_t *copy);


/*
 * ngx_http_llm_policy_status_document.c: of a document, what both formats tell
 */

typedef struct {
    llmp_str_t                         file;
    llmp_str_t                         sha256;
    llmp_str_t                         error;
    uint64_t                           loaded;
    ngx_uint_t                         failures;
    ngx_uint_t                         tiers;
    ngx_uint_t                         tenants;
    ngx_http_llm_policy_state_t        state;
} ngx_http_llm_policy_document_t;

ngx_uint_t ngx_http_llm_policy_get_document(ngx_http_request_t *r,
    ngx_uint_t i, ngx_http_llm_policy_document_t *document);


/*
 * ngx_http_llm_policy_status_limits.c
 *
 * Each writes what there is to say of limits, or nothing: the member "limits"
 * with the comma before it, and the metrics.
 */

void ngx_http_llm_policy_json_limits(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r);
void ngx_http_llm_policy_text_limits(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r);


/* ngx_http_llm_policy_status_json.c, ngx_http_llm_policy_status_text.c */

void ngx_http_llm_policy_status_json(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r, ngx_http_llm_policy_counters_t *sh);
void ngx_http_llm_policy_status_text(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r, ngx_http_llm_policy_counters_t *sh);
void ngx_http_llm_policy_text_head(ngx_http_llm_policy_writer_t *w,
    const char *name, const char *type, const char *help);


#endif /* _NGX_HTTP_LLM_POLICY_STATUS_H_INCLUDED_ */
