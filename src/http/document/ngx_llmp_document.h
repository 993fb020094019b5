
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

#include "loader/llmp_load_error.h"


typedef struct {
    /* set by the caller */

    ngx_str_t             name;
    ngx_log_t            *log;
    ngx_conf_t           *conf;         /* NULL in a worker */

    /* the result */

    ngx_llmp_version_t   *version;      /* NULL if there are errors */
    ngx_pool_t           *pool;         /* owned by the caller; NULL if there
                                           is no memory */
    ngx_err_t             err;
    const char           *failed;       /* system call that failed, or NULL */
    unsigned              too_large:1;
    llmp_load_errors_t    errors;
} ngx_llmp_document_read_t;


/* returns the file of a name, which it reads at first; NULL on errors */

ngx_llmp_file_t *ngx_llmp_document_open(ngx_conf_t *cf, ngx_str_t *name);

/* reads and checks a document; may run in a thread */

void ngx_llmp_document_read(ngx_llmp_document_read_t *reading);

/* logs all errors of a document */

void ngx_llmp_document_log_errors(ngx_llmp_document_read_t *reading);

/* writes the first error to buf; returns its end */

u_char *ngx_llmp_document_first_error(ngx_llmp_document_read_t *reading,
    u_char *buf, u_char *last);

/*
 * Sets the identity of the file of this name.  Returns NGX_ERROR, and errno, if
 * there is none, or NGX_DECLINED if the file has no name any more: only a mount
 * of that file still leads to it.
 */

ngx_int_t ngx_llmp_document_identity(ngx_str_t *name,
    ngx_llmp_file_identity_t *identity);


#endif /* _NGX_LLMP_DOCUMENT_H_INCLUDED_ */
