
/*
 * Copyright (C) llm-policy authors
 *
 * Reads compressed responses.
 */


#ifndef _NGX_LLMP_INFLATE_H_INCLUDED_
#define _NGX_LLMP_INFLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"


/*
 * Returns NGX_OK, with response->inflate set if the response is compressed;
 * NGX_DECLINED if its coding is not known; or NGX_ERROR.
 */

ngx_int_t ngx_llmp_inflate_init(ngx_http_request_t *r,
    ngx_llmp_response_t *response);

/* decompresses len bytes and reads them; NGX_ERROR if they are invalid */

ngx_int_t ngx_llmp_inflate_feed(ngx_llmp_response_t *response, u_char *buf,
    size_t len);


#endif /* _NGX_LLMP_INFLATE_H_INCLUDED_ */
