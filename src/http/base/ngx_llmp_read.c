
/*
 * Copyright (C) llm-policy authors
 */


#include "base/ngx_llmp_read.h"


#define NGX_LLMP_READ_BUFFER  8192


ngx_int_t
ngx_llmp_read_file(ngx_buf_t *b, ngx_llmp_read_pt handler, void *data)
{
    off_t      pos;
    size_t     size;
    u_char     buf[NGX_LLMP_READ_BUFFER];
    ssize_t    n;
    ngx_int_t  rc;

    for (pos = b->file_pos; pos < b->file_last; pos += n) {
        size = (size_t) ngx_min(b->file_last - pos, NGX_LLMP_READ_BUFFER);

        n = ngx_llmp_read_at(b, buf, size, pos);

        if (n <= 0) {
            return NGX_ERROR;
        }

        rc = handler(data, buf, n);

        if (rc != NGX_OK) {
            return (rc == NGX_DONE) ? NGX_OK : NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* file->offset is the size of what nginx has written */

ssize_t
ngx_llmp_read_at(ngx_buf_t *b, u_char *buf, size_t size, off_t pos)
{
    off_t    offset;
    ssize_t  n;

    offset = b->file->offset;
    n = ngx_read_file(b->file, buf, size, pos);
    b->file->offset = offset;

    return n;
}
