
/*
 * Copyright (C) llm-policy authors
 *
 * State of policy documents, as all workers report it.
 */


#ifndef _NGX_LLMP_METRICS_DOCUMENT_H_INCLUDED_
#define _NGX_LLMP_METRICS_DOCUMENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_llmp_metrics_counters.h"


typedef struct {
    llmp_str_t                   file;
    llmp_str_t                   sha256;
    llmp_str_t                   error;      /* empty if it is in force */
    uint64_t                     loaded;     /* ms since 1970 */
    ngx_uint_t                   failures;
    ngx_uint_t                   tiers;
    ngx_uint_t                   tenants;
    ngx_llmp_document_state_t    state;      /* memory of error */
} ngx_llmp_metrics_document_t;


/* finds or adds the states of all files; called in the master process */

void ngx_llmp_metrics_document_add_all(ngx_log_t *log,
    ngx_llmp_metrics_t *metrics);

/* record that a worker has read a document, or failed to */

void ngx_llmp_metrics_document_in_force(ngx_llmp_file_t *file);
void ngx_llmp_metrics_document_failed(ngx_llmp_file_t *file, u_char *message,
    size_t len);

/* describes the i-th document; returns 0 if there is none */

ngx_uint_t ngx_llmp_metrics_document_get(ngx_http_request_t *r, ngx_uint_t i,
    ngx_llmp_metrics_document_t *document);


#endif /* _NGX_LLMP_METRICS_DOCUMENT_H_INCLUDED_ */
