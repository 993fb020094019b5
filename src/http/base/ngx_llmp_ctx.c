
/*
 * Copyright (C) llm-policy authors
 *
 * nginx clears r->ctx at an internal redirect.  The context is still needed
 * then, and in the log phase: a cleanup handler keeps a pointer to it.
 */


#include "base/ngx_llmp_ctx.h"

#include "base/ngx_llmp_version.h"

#include "body/llmp_body.h"
#include "decide/llmp_decision.h"


/* bodies that a worker keeps for later requests */

#if (defined __SANITIZE_ADDRESS__)
#define NGX_LLMP_BODY_CACHE_MAX  0
#else
#define NGX_LLMP_BODY_CACHE_MAX  64
#endif


/* the size of the arena: enough to scan and decide on most bodies */
#define NGX_LLMP_ARENA  4096


/* memory of a body and, behind it, the arena; next is set between requests */

struct ngx_llmp_body_cache_s {
    ngx_llmp_body_cache_t  *next;
};


static void ngx_llmp_ctx_cleanup(void *data);
static ngx_pool_cleanup_t *ngx_llmp_ctx_find(ngx_http_request_t *r);
static void ngx_llmp_ctx_mark(void *data);
static void *ngx_llmp_ctx_alloc(void *data, size_t size);


static ngx_llmp_body_cache_t  *ngx_llmp_ctx_bodies;
static ngx_uint_t              ngx_llmp_ctx_nbodies;


llmp_str_t  ngx_llmp_ctx_statuses[] = {
    llmp_null_string,
    llmp_string("passed"),
    llmp_string("modified"),
    llmp_string("rejected"),
    llmp_string("bypassed"),
    llmp_null_string,
    llmp_string("passed_dry_run"),
    llmp_string("modified_dry_run"),
    llmp_string("rejected_dry_run"),
    llmp_string("bypassed_dry_run")
};


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

    /* the document may change during this request */

    version = lpcf->file->version;
    version->refs++;

    cln->handler = ngx_llmp_ctx_cleanup;
    cln->data = ctx;

    ctx->version = version;
    ctx->policy = version->policy;
    ctx->conf = lpcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    ctx->time_counted = lpmcf->status_page;

    ctx->pool.alloc = ngx_llmp_ctx_alloc;
    ctx->pool.release = NULL;
    ctx->pool.data = ctx;
    ctx->request_pool = r->pool;

    return ctx;
}


void
ngx_llmp_ctx_set_version(ngx_llmp_ctx_t *ctx, ngx_llmp_version_t *version)
{
    version->refs++;

    ngx_llmp_version_release(ctx->version);

    ctx->version = version;
    ctx->policy = version->policy;
}


/*
 * The memory is too large for nginx's pools and for malloc()'s caches, so that
 * it is kept for the next request.
 */

ngx_int_t
ngx_llmp_ctx_take_body(ngx_llmp_ctx_t *ctx)
{
    size_t                  size;
    ngx_llmp_body_cache_t  *cache;

    size = ngx_align(llmp_body_size(), NGX_ALIGNMENT);
    cache = ngx_llmp_ctx_bodies;

    if (cache) {
        ngx_llmp_ctx_bodies = cache->next;
        ngx_llmp_ctx_nbodies--;

    } else {
        cache = ngx_alloc(size + NGX_LLMP_ARENA, ngx_cycle->log);
        if (cache == NULL) {
            return NGX_ERROR;
        }
    }

    ctx->body_cache = cache;
    ctx->body = (llmp_body_t *) cache;
    ctx->arena = (u_char *) cache + size;
    ctx->arena_end = ctx->arena + NGX_LLMP_ARENA;

    return NGX_OK;
}


static void
ngx_llmp_ctx_cleanup(void *data)
{
    ngx_llmp_ctx_t *ctx = data;

    ngx_llmp_body_cache_t  *cache;

    ngx_llmp_version_release(ctx->version);

    if (ctx->candidate) {
        ngx_llmp_version_release(ctx->candidate->version);
    }

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


const llmp_dialect_t *
ngx_llmp_ctx_dialect(ngx_llmp_ctx_t *ctx)
{
    return (ctx->request.dialect && ctx->decision) ? ctx->decision->dialect
                                                   : ctx->request.dialect;
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


/* does nothing: its address distinguishes the handler from others */

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
