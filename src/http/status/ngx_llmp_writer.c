
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_writer.h"

#include "base/llmp_utf8.h"


#define NGX_LLMP_WRITER_BUFFER   8192
#define NGX_LLMP_WRITER_SHORT  512


static void ngx_llmp_writer_write(ngx_llmp_writer_t *w, const void *data,
    size_t len);
static ngx_int_t ngx_llmp_writer_grow(ngx_llmp_writer_t *w);
static void ngx_llmp_writer_escape(ngx_llmp_writer_t *w, const llmp_str_t *str,
    ngx_uint_t json);
static size_t ngx_llmp_writer_escape_char(u_char *dst, u_char c,
    ngx_uint_t json);


void
ngx_llmp_writer_init(ngx_llmp_writer_t *w, ngx_pool_t *pool)
{
    ngx_memzero(w, sizeof(ngx_llmp_writer_t));

    w->pool = pool;
    w->last = &w->out;
}


static void
ngx_llmp_writer_write(ngx_llmp_writer_t *w, const void *data, size_t len)
{
    size_t         n;
    const u_char  *p;

    for (p = data; len; p += n, len -= n) {

        if ((w->buf == NULL || w->buf->last == w->buf->end)
            && ngx_llmp_writer_grow(w) != NGX_OK)
        {
            return;
        }

        n = ngx_min(len, (size_t) (w->buf->end - w->buf->last));

        w->buf->last = ngx_cpymem(w->buf->last, p, n);
        w->size += n;
    }
}


static ngx_int_t
ngx_llmp_writer_grow(ngx_llmp_writer_t *w)
{
    ngx_chain_t  *cl;

    if (w->failed) {
        return NGX_ERROR;
    }

    w->failed = 1;

    cl = ngx_alloc_chain_link(w->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = ngx_create_temp_buf(w->pool, NGX_LLMP_WRITER_BUFFER);
    if (cl->buf == NULL) {
        return NGX_ERROR;
    }

    cl->next = NULL;

    *w->last = cl;
    w->last = &cl->next;
    w->buf = cl->buf;
    w->failed = 0;

    return NGX_OK;
}


void
ngx_llmp_writer_text(ngx_llmp_writer_t *w, const char *text)
{
    ngx_llmp_writer_write(w, text, ngx_strlen(text));
}


void
ngx_llmp_writer_printf(ngx_llmp_writer_t *w, const char *fmt, ...)
{
    u_char  *p, buf[NGX_LLMP_WRITER_SHORT];
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    ngx_llmp_writer_write(w, buf, p - buf);
}


void
ngx_llmp_writer_time(ngx_llmp_writer_t *w, uint64_t ms)
{
    ngx_llmp_writer_printf(w, "%uL.%03uL", ms / 1000, ms % 1000);
}


void
ngx_llmp_writer_json_string(ngx_llmp_writer_t *w, const llmp_str_t *str)
{
    ngx_llmp_writer_escape(w, str, 1);
}


void
ngx_llmp_writer_label(ngx_llmp_writer_t *w, const llmp_str_t *str)
{
    ngx_llmp_writer_escape(w, str, 0);
}


static void
ngx_llmp_writer_escape(ngx_llmp_writer_t *w, const llmp_str_t *str,
    ngx_uint_t json)
{
    size_t   len, n;
    u_char  *p, *last, buf[sizeof("\\u0000") - 1];

    ngx_llmp_writer_write(w, "\"", 1);

    p = str->data;
    last = p + str->len;

    for ( /* void */ ; p < last; p += ngx_max(len, 1)) {
        len = llmp_utf8_len(p, last);

        if (len == 0) {
            ngx_llmp_writer_text(w, "\xef\xbf\xbd");
            continue;
        }

        n = (len == 1) ? ngx_llmp_writer_escape_char(buf, *p, json) : 0;

        ngx_llmp_writer_write(w, n ? buf : p, n ? n : len);
    }

    ngx_llmp_writer_write(w, "\"", 1);
}


/* returns 0 if a character is not escaped */

static size_t
ngx_llmp_writer_escape_char(u_char *dst, u_char c, ngx_uint_t json)
{
    if (c == '"' || c == '\\') {
        dst[0] = '\\';
        dst[1] = c;
        return 2;
    }

    if (c == '\n') {
        dst[0] = '\\';
        dst[1] = 'n';
        return 2;
    }

    if (json && c < 0x20) {
        return ngx_sprintf(dst, "\\u%04xd", (ngx_int_t) c) - dst;
    }

    return 0;
}
