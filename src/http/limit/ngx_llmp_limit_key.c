
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_limit_key.h"

#include "base/ngx_llmp_str.h"
#include "base/ngx_llmp_version.h"

#include "base/llmp_key.h"
#include "policy/llmp_policy.h"


static ngx_int_t ngx_llmp_limit_key_write(ngx_llmp_ctx_t *ctx, ngx_str_t *key,
    u_char kind, llmp_str_t *name);


/*
 * The name is the value of llm_policy_limit_key; else the tenant; else the API
 * key; else the address.
 */

ngx_int_t
ngx_llmp_limit_key(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx, ngx_str_t *key)
{
    ngx_str_t   value;
    llmp_str_t  name;

    if (ctx->conf->limit_key) {

        if (ngx_http_complex_value(r, ctx->conf->limit_key, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (value.len) {
            name = ngx_llmp_str(&value);
            return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_STRING,
                                            &name);
        }
    }

    if (ctx->caller.tenant) {
        name = ctx->caller.tenant->name;
        return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_TENANT,
                                        &name);
    }

    if (ctx->api_key.len) {
        return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_API_KEY,
                                        &ctx->api_key);
    }

    name = ngx_llmp_str(&r->connection->addr_text);

    return ngx_llmp_limit_key_write(ctx, key, NGX_LLMP_LIMIT_BY_ADDRESS, &name);
}


/* API keys, and names that are too long, are hashed */

static ngx_int_t
ngx_llmp_limit_key_write(ngx_llmp_ctx_t *ctx, ngx_str_t *key, u_char kind,
    llmp_str_t *name)
{
    u_char  *p;

    p = ngx_cpymem(key->data, &ctx->version->id, sizeof(uint32_t));
    *p++ = kind;

    if (kind != NGX_LLMP_LIMIT_BY_API_KEY
        && name->len <= (size_t) (key->data + NGX_LLMP_LIMIT_KEY_MAX - p))
    {
        p = ngx_cpymem(p, name->data, name->len);

    } else {
        p[-1] &= ~NGX_LLMP_LIMIT_NOT_HASHED;

        if (kind == NGX_LLMP_LIMIT_BY_API_KEY && ctx->caller.hashed) {

            /* the hash was needed to find the tenant */

            ngx_memcpy(p, ctx->caller.hash, LLMP_KEY_HASH);

        } else if (llmp_key_hash(p, name) != LLMP_OK) {
            return NGX_ERROR;
        }

        p += LLMP_KEY_HASH;
    }

    key->len = p - key->data;

    return NGX_OK;
}
