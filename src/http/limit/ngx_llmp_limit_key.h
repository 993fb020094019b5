
/*
 * Copyright (C) llm-policy authors
 *
 * Keys of counts in the zone of limits.
 *
 * A key consists of the document's id in 4 bytes; the kind of the caller's
 * name; "by"; the id of the limits in 8 bytes, unless that is 0; and the name,
 * or its hash.  The name has a part for each of "by", with its length before
 * each part but the last one.
 */


#ifndef _NGX_LLMP_LIMIT_KEY_H_INCLUDED_
#define _NGX_LLMP_LIMIT_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/ngx_llmp_ctx.h"

#include "base/llmp_key.h"


#define NGX_LLMP_LIMIT_KEY_MAX     79

/* offsets, the last one for limits without an id */
#define NGX_LLMP_LIMIT_KEY_KIND    4
#define NGX_LLMP_LIMIT_KEY_BY      5
#define NGX_LLMP_LIMIT_KEY_NAME    6

/* added to "by" if the id follows */
#define NGX_LLMP_LIMIT_KEY_HAS_ID  8

#define NGX_LLMP_LIMIT_BY_TENANT   't'
#define NGX_LLMP_LIMIT_BY_API_KEY  'k'
#define NGX_LLMP_LIMIT_BY_ADDRESS  'a'
#define NGX_LLMP_LIMIT_BY_STRING   'S'   /* always its hash */
#define NGX_LLMP_LIMIT_BY_NOBODY   'n'
#define NGX_LLMP_LIMIT_NOT_HASHED  0x20  /* upper case: hash of the name */


typedef struct {
    u_char                     len;
    u_char                     data[NGX_LLMP_LIMIT_KEY_MAX];
} ngx_llmp_limit_key_t;


/* the parts of names of a request */

typedef struct {
    u_char                     kind;      /* NGX_LLMP_LIMIT_BY_* of caller */
    llmp_str_t                 caller;    /* API keys are not hashed yet */
    llmp_str_t                 key;       /* API key of the tenant; the caller
                                             if there is none */
    llmp_str_t                 model;
    u_char                     hash[LLMP_KEY_HASH];  /* caller, if that is a
                                                        string, which may be a
                                                        secret */
} ngx_llmp_limit_names_t;


/* sets the names of a request, except for its model; NGX_ERROR if there is no
   memory.  names must not be copied: a name may point to its hash. */

ngx_int_t ngx_llmp_limit_key_names(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_limit_names_t *names);

/* writes the key of limits for the names; NGX_ERROR if it cannot be hashed */

ngx_int_t ngx_llmp_limit_key_write(ngx_llmp_limit_key_t *key,
    ngx_llmp_ctx_t *ctx, const llmp_limits_t *limits,
    ngx_llmp_limit_names_t *names);


/* returns the name of the tenant whose counts they are; empty if it is none, or
   was hashed */

ngx_str_t ngx_llmp_limit_key_tenant(ngx_llmp_limit_key_t *key);


/* returns 1 if both are the same key */

static ngx_inline ngx_uint_t
ngx_llmp_limit_key_is(ngx_llmp_limit_key_t *one, ngx_llmp_limit_key_t *two)
{
    return one->len == two->len
           && ngx_memcmp(one->data, two->data, one->len) == 0;
}


#endif /* _NGX_LLMP_LIMIT_KEY_H_INCLUDED_ */
