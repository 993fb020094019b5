
/*
 * Copyright (C) llm-policy authors
 *
 * Policy documents as files.
 */


#ifndef _NGX_LLMP_DOCUMENT_H_INCLUDED_
#define _NGX_LLMP_DOCUMENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "base/ngx_llmp_version.h"

#include "loader/llmp_load.h"


typedef struct {
    /* set by the caller */

    ngx_str_t             name;
    ngx_log_t            *log;
    ngx_conf_t           *conf;         /* NULL in a worker */

    /* the result */

    ngx_llmp_version_t   *version;      /* NULL if there are errors */
    ngx_pool_t           *pool;         /* owned by the caller; NULL if there
                                           is no memory */
    llmp_source_t         source;       /* memory of pool */
    llmp_load_errors_t    errors;       /* none: there is no memory */
    llmp_variable_t     **unknown;      /* variables that nginx does not have */
    ngx_uint_t            nunknown;
} ngx_llmp_document_read_t;


/* returns the file of a name, which it reads at first; NULL on errors */

ngx_llmp_file_t *ngx_llmp_document_open(ngx_conf_t *cf, ngx_str_t *name);

/* reads and checks a document and its parts; may run in a thread */

void ngx_llmp_document_read(ngx_llmp_document_read_t *reading);

/* returns whether the read failed for want of memory */

ngx_uint_t ngx_llmp_document_nomem(ngx_llmp_document_read_t *reading);

/* sets the files to look at to a copy of source */

ngx_int_t ngx_llmp_document_watch(ngx_llmp_file_t *file, llmp_source_t *source,
    ngx_log_t *log);

/* sets a pool of the core to one of nginx */

void ngx_llmp_document_pool(llmp_pool_t *pool, ngx_pool_t *p);

/*
 * Returns 1 if the file has no name any more: only a mount of that file still
 * leads to it.  Some file systems do not count names, and return 1 always.
 */

ngx_uint_t ngx_llmp_document_is_unnamed(ngx_llmp_file_t *file);

/* logs all errors of a document, or its warnings */

void ngx_llmp_document_log_errors(ngx_llmp_document_read_t *reading);

/* writes the first error to buf; returns its end */

u_char *ngx_llmp_document_first_error(ngx_llmp_document_read_t *reading,
    u_char *buf, u_char *last);


#endif /* _NGX_LLMP_DOCUMENT_H_INCLUDED_ */
