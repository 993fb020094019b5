
/*
 * Copyright (C) llm-policy authors
 *
 * Writes text to a chain of buffers.
 *
 * If there is no memory, "failed" is set, and no more is written.
 */


#ifndef _NGX_LLMP_WRITER_H_INCLUDED_
#define _NGX_LLMP_WRITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "base/llmp.h"


typedef struct {
    ngx_pool_t      *pool;
    ngx_buf_t       *buf;      /* the last one of out */
    ngx_chain_t     *out;
    ngx_chain_t    **last;
    off_t            size;     /* bytes */
    ngx_uint_t       failed;
} ngx_llmp_writer_t;


void ngx_llmp_writer_init(ngx_llmp_writer_t *w, ngx_pool_t *pool);
void ngx_llmp_writer_text(ngx_llmp_writer_t *w, const char *text);

/* formats as ngx_sprintf() does, at most 512 bytes */

void ngx_llmp_writer_printf(ngx_llmp_writer_t *w, const char *fmt, ...);

/*
 * Write a string in quotes, escaped for JSON, or for a label of Prometheus.
 * Bytes that are not UTF-8 are replaced by U+FFFD.
 */

void ngx_llmp_writer_json_string(ngx_llmp_writer_t *w, const llmp_str_t *str);
void ngx_llmp_writer_label(ngx_llmp_writer_t *w, const llmp_str_t *str);

/* writes seconds since 1970 */

void ngx_llmp_writer_time(ngx_llmp_writer_t *w, uint64_t ms);


#endif /* _NGX_LLMP_WRITER_H_INCLUDED_ */
