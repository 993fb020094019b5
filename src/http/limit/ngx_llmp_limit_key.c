
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_limit_key.h"

#include "base/ngx_llmp_str.h"
#include "base/ngx_llmp_version.h"

#include "base/llmp_key.h"
#include "policy/llmp_policy.h"


/* a caller, an API key and a model: longer ones are hashed one by one */
#define NGX_LLMP_LIMIT_KEY_PARTS  3


typedef struct {
    llmp_str_t                 elts[NGX_LLMP_LIMIT_KEY_PARTS];
    ngx_uint_t                 nelts;
    ngx_uint_t                 hashed;    /* the caller is its hash */
    u_char                     hashes[NGX_LLMP_LIMIT_KEY_PARTS][LLMP_KEY_HASH];
} ngx_llmp_limit_parts_t;


static size_t ngx_llmp_limit_key_join(ngx_llmp_limit_parts_t *parts,
    u_char *buf);
static ngx_int_t ngx_llmp_limit_key_parts(ngx_llmp_limit_parts_t *parts,
    ngx_llmp_ctx_t *ctx, const llmp_limits_t *limits,
    ngx_llmp_limit_names_t *names);
static ngx_int_t ngx_llmp_limit_key_add(ngx_llmp_limit_parts_t *parts,
    ngx_llmp_ctx_t *ctx, llmp_str_t *name, ngx_uint_t secret);
static ngx_int_t ngx_llmp_limit_key_hash(u_char *hash, ngx_llmp_ctx_t *ctx,
    llmp_str_t *name, ngx_uint_t secret);


/*
 * The caller is the value of llm_policy_limit_key; else the tenant; else the
 * API key; else the address.
 */

ngx_int_t
ngx_llmp_limit_key_names(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_limit_names_t *names)
{
    ngx_str_t   value;
    llmp_str_t  name;

    ngx_memzero(&value, sizeof(ngx_str_t));
    ngx_memzero(&names->model, sizeof(llmp_str_t));

    if (ctx->conf->limit_key
        && ngx_http_complex_value(r, ctx->conf->limit_key, &value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value.len) {
        name = ngx_llmp_str(&value);

        if (llmp_key_hash(names->hash, &name) != LLMP_OK) {
            return NGX_ERROR;
        }

        names->kind = NGX_LLMP_LIMIT_BY_STRING;
        names->caller.data = names->hash;
        names->caller.len = LLMP_KEY_HASH;

    } else if (ctx->caller.tenant) {
        names->kind = NGX_LLMP_LIMIT_BY_TENANT;
        names->caller = ctx->caller.tenant->name;

    } else if (ctx->api_key.len) {
        names->kind = NGX_LLMP_LIMIT_BY_API_KEY;
        names->caller = ctx->api_key;

    } else {
        names->kind = NGX_LLMP_LIMIT_BY_ADDRESS;
        names->caller = ngx_llmp_str(&r->connection->addr_text);
    }

    /* a key that was not looked up is whatever the client has sent */

    names->key = (ctx->caller.tenant && ctx->caller.hashed) ? ctx->api_key
                                                            : names->caller;

    return NGX_OK;
}


ngx_int_t
ngx_llmp_limit_key_write(ngx_llmp_limit_key_t *key, ngx_llmp_ctx_t *ctx,
    const llmp_limits_t *limits, ngx_llmp_limit_names_t *names)
{
    u_char                  *p;
    llmp_str_t               name;
    ngx_llmp_limit_parts_t   parts;
    u_char                   buf[NGX_LLMP_LIMIT_KEY_PARTS
                                 * (NGX_LLMP_LIMIT_KEY_MAX + 1)];

    if (ngx_llmp_limit_key_parts(&parts, ctx, limits, names) != NGX_OK) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(key->data, &ctx->version->id, sizeof(uint32_t));

    *p++ = (limits->by & LLMP_LIMITS_BY_CALLER) ? names->kind
                                                : NGX_LLMP_LIMIT_BY_NOBODY;
    *p++ = (u_char) limits->by;

    if (limits->id != 0) {
        p[-1] |= NGX_LLMP_LIMIT_KEY_HAS_ID;
        p = ngx_cpymem(p, &limits->id, sizeof(uint64_t));
    }

    name.data = buf;
    name.len = ngx_llmp_limit_key_join(&parts, buf);

    if (name.len <= (size_t) (key->data + NGX_LLMP_LIMIT_KEY_MAX - p)) {
        p = ngx_cpymem(p, name.data, name.len);

    } else {
        parts.hashed = 1;

        if (llmp_key_hash(p, &name) != LLMP_OK) {
            return NGX_ERROR;
        }

        p += LLMP_KEY_HASH;
    }

    if (parts.hashed) {
        key->data[NGX_LLMP_LIMIT_KEY_KIND] &= ~NGX_LLMP_LIMIT_NOT_HASHED;
    }

    key->len = (u_char) (p - key->data);

    return NGX_OK;
}


/* writes the parts, and returns their length */

static size_t
ngx_llmp_limit_key_join(ngx_llmp_limit_parts_t *parts, u_char *buf)
{
    u_char      *p;
    ngx_uint_t   i;
    llmp_str_t  *part;

    p = buf;

    for (i = 0; i < parts->nelts; i++) {
        part = &parts->elts[i];

        if (i + 1 < parts->nelts) {
            *p++ = (u_char) part->len;
        }

        p = ngx_cpymem(p, part->data, part->len);
    }

    return p - buf;
}


ngx_str_t
ngx_llmp_limit_key_tenant(ngx_llmp_limit_key_t *key)
{
    u_char     *p;
    u_char      by;
    ngx_str_t   name;

    ngx_str_null(&name);

    if (key->data[NGX_LLMP_LIMIT_KEY_KIND] != NGX_LLMP_LIMIT_BY_TENANT) {
        return name;
    }

    p = key->data + NGX_LLMP_LIMIT_KEY_NAME;
    by = key->data[NGX_LLMP_LIMIT_KEY_BY];

    if (by & NGX_LLMP_LIMIT_KEY_HAS_ID) {
        p += sizeof(uint64_t);
    }

    if ((by & ~NGX_LLMP_LIMIT_KEY_HAS_ID) == LLMP_LIMITS_BY_CALLER) {
        name.len = key->data + key->len - p;

    } else {
        name.len = *p++;
    }

    name.data = p;

    return name;
}


/* sets the parts for "by" */

static ngx_int_t
ngx_llmp_limit_key_parts(ngx_llmp_limit_parts_t *parts, ngx_llmp_ctx_t *ctx,
    const llmp_limits_t *limits, ngx_llmp_limit_names_t *names)
{
    ngx_uint_t  secret;

    parts->nelts = 0;
    parts->hashed = 0;
    secret = (names->kind == NGX_LLMP_LIMIT_BY_API_KEY);

    if ((limits->by & LLMP_LIMITS_BY_CALLER)
        && ngx_llmp_limit_key_add(parts, ctx, &names->caller, secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    parts->hashed = (parts->nelts && parts->elts[0].data == parts->hashes[0]);
    secret = (names->key.data == ctx->api_key.data);

    if ((limits->by & LLMP_LIMITS_BY_KEY)
        && ngx_llmp_limit_key_add(parts, ctx, &names->key, secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (limits->by & LLMP_LIMITS_BY_MODEL) {
        return ngx_llmp_limit_key_add(parts, ctx, &names->model, 0);
    }

    return NGX_OK;
}


/* adds a part: API keys, and names that are too long, are hashed */

static ngx_int_t
ngx_llmp_limit_key_add(ngx_llmp_limit_parts_t *parts, ngx_llmp_ctx_t *ctx,
    llmp_str_t *name, ngx_uint_t secret)
{
    u_char      *hash;
    llmp_str_t  *part;

    part = &parts->elts[parts->nelts];
    hash = parts->hashes[parts->nelts++];

    *part = *name;

    if (!secret
        && name->len <= NGX_LLMP_LIMIT_KEY_MAX - NGX_LLMP_LIMIT_KEY_NAME)
    {
        return NGX_OK;
    }

    part->data = hash;
    part->len = LLMP_KEY_HASH;

    return ngx_llmp_limit_key_hash(hash, ctx, name, secret);
}


static ngx_int_t
ngx_llmp_limit_key_hash(u_char *hash, ngx_llmp_ctx_t *ctx, llmp_str_t *name,
    ngx_uint_t secret)
{
    if (secret && ctx->caller.hashed) {

        /* the hash was needed to find the tenant */

        ngx_memcpy(hash, ctx->caller.hash, LLMP_KEY_HASH);
        return NGX_OK;
    }

    return (llmp_key_hash(hash, name) == LLMP_OK) ? NGX_OK : NGX_ERROR;
}
