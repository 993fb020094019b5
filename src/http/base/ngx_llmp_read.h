
/*
 * Copyright (C) llm-policy authors
 *
 * Reads bodies from temporary files, in the process itself, as nginx does.
 */


#ifndef _NGX_LLMP_READ_H_INCLUDED_
#define _NGX_LLMP_READ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Handles the next len bytes.  Returns NGX_OK; NGX_DONE if no more is needed;
 * or NGX_ERROR.
 */

typedef ngx_int_t (*ngx_llmp_read_pt)(void *data, u_char *buf, size_t len);


/*
 * Reads the file part of a buffer, in pieces.  Returns NGX_OK, or NGX_ERROR if
 * the file cannot be read or the handler has failed.
 */

ngx_int_t ngx_llmp_read_file(ngx_buf_t *b, ngx_llmp_read_pt handler,
    void *data);


/* reads at a position of a buffer's file; the file's own offset is kept */

ssize_t ngx_llmp_read_at(ngx_buf_t *b, u_char *buf, size_t size, off_t pos);


#endif /* _NGX_LLMP_READ_H_INCLUDED_ */
