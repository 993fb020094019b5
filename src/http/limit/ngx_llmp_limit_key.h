
/*
 * Copyright (C) llm-policy authors
 *
 * Keys of callers in the zone of limits.
 *
 * A key consists of the document's id in 4 bytes, the kind of the name, and the
 * name itself or its hash.
 */


#ifndef _NGX_LLMP_LIMIT_KEY_H_INCLUDED_
#define _NGX_LLMP_LIMIT_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


#define NGX_LLMP_LIMIT_KEY_MAX     64
#define NGX_LLMP_LIMIT_KEY_NAME    5    /* offset of the name */

#define NGX_LLMP_LIMIT_BY_TENANT   't'
#define NGX_LLMP_LIMIT_BY_API_KEY  'k'
#define NGX_LLMP_LIMIT_BY_ADDRESS  'a'
#define NGX_LLMP_LIMIT_BY_STRING   's'
#define NGX_LLMP_LIMIT_NOT_HASHED  0x20  /* upper case: hash of the name */


/*
 * Writes the key of a request's caller to key->data, which has room for
 * NGX_LLMP_LIMIT_KEY_MAX bytes.  Returns NGX_OK, or NGX_ERROR.
 */

ngx_int_t ngx_llmp_limit_key(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_str_t *key);


#endif /* _NGX_LLMP_LIMIT_KEY_H_INCLUDED_ */
