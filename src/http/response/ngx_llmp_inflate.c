
/*
 * Copyright (C) llm-policy authors
 *
 * The client gets compressed responses as they are: each part is decompressed
 * into a buffer, read and forgotten.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <zlib.h>

#include "response/ngx_llmp_inflate.h"

#include "base/ngx_llmp_str.h"

#include "response/llmp_usage.h"


#define NGX_LLMP_INFLATE_BUFFER  4096


static void *ngx_llmp_inflate_alloc(void *opaque, u_int items, u_int size);
static void ngx_llmp_inflate_free(void *opaque, void *address);


ngx_int_t
ngx_llmp_inflate_init(ngx_http_request_t *r, ngx_llmp_response_t *response)
{
    int         rc;
    z_stream   *zs;
    llmp_str_t  coding;

    response->inflate = NULL;

    if (r->headers_out.content_encoding == NULL) {
        return NGX_OK;
    }

    coding = ngx_llmp_str(&r->headers_out.content_encoding->value);

    if (coding.len == 0 || llmp_str_is(&coding, "identity")) {
        return NGX_OK;
    }

    if (!llmp_str_is(&coding, "gzip") && !llmp_str_is(&coding, "x-gzip")
        && !llmp_str_is(&coding, "deflate"))
    {
        return NGX_DECLINED;
    }

    zs = ngx_pcalloc(r->pool, sizeof(z_stream));
    if (zs == NULL) {
        return NGX_ERROR;
    }

    zs->zalloc = ngx_llmp_inflate_alloc;
    zs->zfree = ngx_llmp_inflate_free;
    zs->opaque = r->pool;

    /* zlib detects the format, gzip or zlib */

    rc = inflateInit2(zs, MAX_WBITS + 32);

    if (rc != Z_OK) {
        return NGX_ERROR;
    }

    response->inflate = zs;

    return NGX_OK;
}


ngx_int_t
ngx_llmp_inflate_feed(ngx_llmp_response_t *response, u_char *buf, size_t len)
{
    int        rc;
    u_char     out[NGX_LLMP_INFLATE_BUFFER];
    z_stream  *zs;

    zs = response->inflate;

    zs->next_in = buf;
    zs->avail_in = len;

    do {
        zs->next_out = out;
        zs->avail_out = sizeof(out);

        rc = inflate(zs, Z_SYNC_FLUSH);

        llmp_usage_feed(response->usage, out, sizeof(out) - zs->avail_out);

        if (rc == Z_STREAM_END) {

            /* another member may follow */

            rc = inflateReset(zs);
        }

        if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return NGX_ERROR;
        }

    } while (zs->avail_in != 0 || zs->avail_out == 0);

    return NGX_OK;
}


static void *
ngx_llmp_inflate_alloc(void *opaque, u_int items, u_int size)
{
    ngx_pool_t *pool = opaque;

    return ngx_palloc(pool, (size_t) items * size);
}


/* the memory is freed with the pool of the request */

static void
ngx_llmp_inflate_free(void *opaque, void *address)
{
}
