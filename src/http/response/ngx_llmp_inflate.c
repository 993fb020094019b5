
/*
 * Copyright (C) llm-policy authors
 *
 * Reads answers that are compressed, as clients may ask for: the client is to
 * get them as they came, so a copy of each piece is unpacked, and is gone once
 * it was read.
 */


#include "response/ngx_llmp_inflate.h"

#include <zlib.h>

#include "base/ngx_llmp_str.h"

#include "response/llmp_usage.h"


#define NGX_LLMP_INFLATE_BUFFER  4096


static void *ngx_llmp_inflate_alloc(void *opaque, u_int items, u_int size);
static void ngx_llmp_inflate_free(void *opaque, void *address);


/*
 * Returns NGX_OK, with response->inflate set if there is something to unpack;
 * NGX_DECLINED if it is packed otherwise.
 */

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

    /* which of the two formats it is, zlib finds out */

    rc = inflateInit2(zs, MAX_WBITS + 32);

    if (rc != Z_OK) {
        return NGX_ERROR;
    }

    response->inflate = zs;

    return NGX_OK;
}


/* feeds what is unpacked; NGX_ERROR if it cannot be */

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

            /* another one may follow */

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


/* the pool goes with the request */

static void
ngx_llmp_inflate_free(void *opaque, void *address)
{
}
