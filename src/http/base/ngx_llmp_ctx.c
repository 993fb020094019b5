
/*
 * Copyright (C) llm-policy authors
 *
 * The record of a request: nginx clears r->ctx when it redirects a request, and
 * yet what was decided on its body must be known there, and in the log.
 */


#include "base/ngx_llmp_module.h"


/* bodies that a worker keeps for its next requests */

#if (defined __SANITIZE_ADDRESS__)
#define NGX_LLMP_BODY_CACHE_MAX  0
#else
#define NGX_LLMP_BODY_CACHE_MAX  64
#endif


/* what scanning and deciding take of most bodies is allocated with them */

union ngx_llmp_body_cache_u {
    ngx_llmp_body_cache_t  *next;
    struct {
        llmp_body_t               body;
        u_char                    arena[4096];
    } used;
};


static void ngx_llmp_ctx_cleanup(void *data);
static ngx_pool_cleanup_t *ngx_llmp_ctx_find(ngx_http_request_t *r);
static void ngx_llmp_ctx_mark(void *data);
static void *ngx_llmp_ctx_alloc(void *data, size_t size);
static void *ngx_llmp_document_alloc(void *data, size_t size);


static ngx_llmp_body_cache_t  *ngx_llmp_ctx_bodies;
static ngx_uint_t              ngx_llmp_ctx_nbodies;


ngx_llmp_ctx_t *
ngx_llmp_ctx_create(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf)
{
    ngx_pool_cleanup_t    *cln;
    ngx_llmp_ctx_t        *ctx;
    ngx_llmp_version_t    *version;
    ngx_llmp_main_conf_t  *lpmcf;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_llmp_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    /* the document may change while this request is at hand */

    version = lpcf->file->version;
    version->refs++;

    cln->handler = ngx_llmp_ctx_cleanup;
    cln->data = ctx;

    ctx->version = version;
    ctx->policy = version->policy;
    ctx->conf = lpcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    ctx->timed = lpmcf->status;

    ctx->pool.alloc = ngx_llmp_ctx_alloc;
    ctx->pool.data = ctx;
    ctx->request_pool = r->pool;

    return ctx;
}


/*
 * The memory of a body is beyond what nginx's pools and malloc() have at hand,
 * and every request needs it: it goes from one to the next.
 */

ngx_int_t
ngx_llmp_ctx_take_body(ngx_llmp_ctx_t *ctx)
{
    ngx_llmp_body_cache_t  *cache;

    cache = ngx_llmp_ctx_bodies;

    if (cache) {
        ngx_llmp_ctx_bodies = cache->next;
        ngx_llmp_ctx_nbodies--;

    } else {
        cache = ngx_alloc(sizeof(ngx_llmp_body_cache_t), ngx_cycle->log);
        if (cache == NULL) {
            return NGX_ERROR;
        }
    }

    ctx->body_cache = cache;
    ctx->body = &cache->used.body;
    ctx->arena = cache->used.arena;
    ctx->arena_end = ctx->arena + sizeof(cache->used.arena);

    return NGX_OK;
}


static void
ngx_llmp_ctx_cleanup(void *data)
{
    ngx_llmp_ctx_t *ctx = data;

    ngx_llmp_body_cache_t  *cache;

    ngx_llmp_version_release(ctx->version);

    cache = ctx->body_cache;

    if (cache == NULL) {
        return;
    }

    if (ngx_llmp_ctx_nbodies == NGX_LLMP_BODY_CACHE_MAX) {
        ngx_free(cache);
        return;
    }

    cache->next = ngx_llmp_ctx_bodies;
    ngx_llmp_ctx_bodies = cache;
    ngx_llmp_ctx_nbodies++;
}


ngx_int_t
ngx_llmp_ctx_set(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_pool_cleanup_t  *cln;

    ngx_http_set_ctx(r, ctx, ngx_http_llm_policy_module);

    if (r != r->main) {
        return NGX_OK;
    }

    cln = r->internal ? ngx_llmp_ctx_find(r) : NULL;

    if (cln == NULL) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_llmp_ctx_mark;
    }

    cln->data = ctx;

    return NGX_OK;
}


ngx_llmp_ctx_t *
ngx_llmp_ctx_get(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;
    ngx_llmp_ctx_t      *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {
        cln = ngx_llmp_ctx_find(r);

        if (cln) {
            ctx = cln->data;
        }
    }

    return ctx;
}


ngx_int_t
ngx_llmp_body_forward(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_status_e status)
{
    ctx->status = status;
    ctx->forward = 1;

    ngx_llmp_body_mark(r, ctx);

    return NGX_DECLINED;
}


static ngx_pool_cleanup_t *
ngx_llmp_ctx_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_llmp_ctx_mark) {
            break;
        }
    }

    return cln;
}


/* the address tells the record from other cleanups; there is nothing to do */

static void
ngx_llmp_ctx_mark(void *data)
{
}


static void *
ngx_llmp_ctx_alloc(void *data, size_t size)
{
    ngx_llmp_ctx_t *ctx = data;

    u_char  *p;

    p = ctx->arena;

    if (p && size <= (size_t) (ctx->arena_end - p)) {
        ctx->arena = ngx_align_ptr(p + size, NGX_ALIGNMENT);

        return p;
    }

    return ngx_palloc(ctx->request_pool, size);
}


void
ngx_llmp_document_pool(llmp_pool_t *pool, ngx_pool_t *p)
{
    pool->alloc = ngx_llmp_document_alloc;
    pool->data = p;
}


static void *
ngx_llmp_document_alloc(void *data, size_t size)
{
    ngx_pool_t  *pool = data;

    return ngx_palloc(pool, size);
}
