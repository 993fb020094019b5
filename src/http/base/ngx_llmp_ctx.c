
/*
 * Copyright (C) llm-policy authors
 *
 * The record of a request: nginx clears r->ctx when it redirects a request, and
 * yet what was decided on its body must be known there, and in the log.
 */


#include "base/ngx_llmp_module.h"


/* bodies that a worker keeps for its next requests */

#if (defined __SANITIZE_ADDRESS__)
#define NGX_LLMP_SPARES  0
#else
#define NGX_LLMP_SPARES  64
#endif


/* memory for scanning and deciding, allocated with a body; enough for most */
#define NGX_LLMP_ROOM  4096


/* a body and its room; next while they are not used */

union ngx_llmp_spare_u {
    ngx_llmp_spare_t  *next;
};


static void ngx_llmp_ctx_end(void *data);
static ngx_pool_cleanup_t *ngx_llmp_find_record(ngx_http_request_t *r);
static void ngx_llmp_record(void *data);
static void *ngx_llmp_ctx_alloc(void *data, size_t size);
static void *ngx_llmp_alloc(void *data, size_t size);


static ngx_llmp_spare_t  *ngx_llmp_spares;
static ngx_uint_t         ngx_llmp_nspares;


ngx_llmp_ctx_t *
ngx_llmp_create_ctx(ngx_http_request_t *r, ngx_llmp_loc_conf_t *lpcf)
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
    version->count++;

    cln->handler = ngx_llmp_ctx_end;
    cln->data = ctx;

    ctx->version = version;
    ctx->policy = version->policy;
    ctx->conf = lpcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    ctx->timed = lpmcf->status;

    ctx->pool.alloc = ngx_llmp_ctx_alloc;
    ctx->pool.data = ctx;
    ctx->rest = r->pool;

    return ctx;
}


/*
 * The memory of a body is beyond what nginx's pools and malloc() have at hand,
 * and every request needs it: it goes from one to the next.
 */

ngx_int_t
ngx_llmp_create_body(ngx_llmp_ctx_t *ctx)
{
    size_t             size;
    ngx_llmp_spare_t  *spare;

    size = ngx_align(llmp_body_size(), NGX_ALIGNMENT);
    spare = ngx_llmp_spares;

    if (spare) {
        ngx_llmp_spares = spare->next;
        ngx_llmp_nspares--;

    } else {
        spare = ngx_alloc(size + NGX_LLMP_ROOM, ngx_cycle->log);
        if (spare == NULL) {
            return NGX_ERROR;
        }
    }

    ctx->spare = spare;
    ctx->body = (llmp_body_t *) spare;
    ctx->room = (u_char *) spare + size;
    ctx->room_end = ctx->room + NGX_LLMP_ROOM;

    return NGX_OK;
}


static void
ngx_llmp_ctx_end(void *data)
{
    ngx_llmp_ctx_t *ctx = data;

    ngx_llmp_spare_t  *spare;

    ngx_llmp_release(ctx->version);

    spare = ctx->spare;

    if (spare == NULL) {
        return;
    }

    if (ngx_llmp_nspares == NGX_LLMP_SPARES) {
        ngx_free(spare);
        return;
    }

    spare->next = ngx_llmp_spares;
    ngx_llmp_spares = spare;
    ngx_llmp_nspares++;
}


ngx_int_t
ngx_llmp_set_ctx(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx)
{
    ngx_pool_cleanup_t  *cln;

    ngx_http_set_ctx(r, ctx, ngx_http_llm_policy_module);

    if (r != r->main) {
        return NGX_OK;
    }

    cln = r->internal ? ngx_llmp_find_record(r) : NULL;

    if (cln == NULL) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_llmp_record;
    }

    cln->data = ctx;

    return NGX_OK;
}


ngx_llmp_ctx_t *
ngx_llmp_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;
    ngx_llmp_ctx_t      *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_llm_policy_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {
        cln = ngx_llmp_find_record(r);

        if (cln) {
            ctx = cln->data;
        }
    }

    return ctx;
}


ngx_int_t
ngx_llmp_forward(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    ngx_llmp_status_e status)
{
    ctx->status = status;
    ctx->forward = 1;

    ngx_llmp_body_mark(r, ctx);

    return NGX_DECLINED;
}


static ngx_pool_cleanup_t *
ngx_llmp_find_record(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_llmp_record) {
            break;
        }
    }

    return cln;
}


/* the address tells the record from other cleanups; there is nothing to do */

static void
ngx_llmp_record(void *data)
{
}


static void *
ngx_llmp_ctx_alloc(void *data, size_t size)
{
    ngx_llmp_ctx_t *ctx = data;

    u_char  *p;

    p = ctx->room;

    if (p && size <= (size_t) (ctx->room_end - p)) {
        ctx->room = ngx_align_ptr(p + size, NGX_ALIGNMENT);

        return p;
    }

    return ngx_palloc(ctx->rest, size);
}


void
ngx_llmp_pool(llmp_pool_t *pool, ngx_pool_t *p)
{
    pool->alloc = ngx_llmp_alloc;
    pool->data = p;
}


static void *
ngx_llmp_alloc(void *data, size_t size)
{
    ngx_pool_t  *pool = data;

    return ngx_palloc(pool, size);
}
