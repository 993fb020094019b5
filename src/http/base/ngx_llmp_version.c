
/*
 * Copyright (C) llm-policy authors
 *
 * A document with many tenants takes long to free, which a thread does if nginx
 * has threads: no request waits for it.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#if (NGX_LINUX) && defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/ngx_llmp_version.h"

#include "policy/llmp_policy.h"


#if (NGX_THREADS)

typedef struct {
    ngx_pool_t     *own;     /* memory of the task */
    llmp_policy_t  *policy;  /* or NULL */
    ngx_pool_t     *pool;
} ngx_llmp_version_task_t;

#endif


static void ngx_llmp_version_free_now(llmp_policy_t *policy, ngx_pool_t *pool);

#if (NGX_THREADS)

static ngx_int_t ngx_llmp_version_post_free(ngx_cycle_t *cycle,
    llmp_policy_t *policy, ngx_pool_t *pool);
static void ngx_llmp_version_thread(void *data, ngx_log_t *log);
static void ngx_llmp_version_thread_done(ngx_event_t *ev);

#endif


void
ngx_llmp_version_release(void *data)
{
    ngx_llmp_version_t *version = data;

    if (--version->refs) {
        return;
    }

    if (version->cycle) {
        ngx_llmp_version_free(version->cycle, version->policy, version->pool);

    } else {
        ngx_llmp_version_free_now(version->policy, version->pool);
    }
}


void
ngx_llmp_version_free(ngx_cycle_t *cycle, llmp_policy_t *policy,
    ngx_pool_t *pool)
{
#if (NGX_THREADS)

    if (ngx_llmp_version_post_free(cycle, policy, pool) == NGX_OK) {
        return;
    }

#endif

    ngx_llmp_version_free_now(policy, pool);
}


static void
ngx_llmp_version_free_now(llmp_policy_t *policy, ngx_pool_t *pool)
{
    if (policy) {
        llmp_policy_free(policy);
    }

    ngx_destroy_pool(pool);
}


#if (NGX_THREADS)

static ngx_int_t
ngx_llmp_version_post_free(ngx_cycle_t *cycle, llmp_policy_t *policy,
    ngx_pool_t *pool)
{
    ngx_pool_t               *own;
    ngx_thread_task_t        *task;
    ngx_llmp_version_task_t  *ctx;

    own = ngx_create_pool(1024, cycle->log);
    if (own == NULL) {
        return NGX_ERROR;
    }

    task = ngx_thread_task_alloc(own, sizeof(ngx_llmp_version_task_t));
    if (task == NULL) {
        ngx_destroy_pool(own);
        return NGX_ERROR;
    }

    ctx = task->ctx;

    ctx->own = own;
    ctx->policy = policy;
    ctx->pool = pool;

    task->handler = ngx_llmp_version_thread;
    task->event.handler = ngx_llmp_version_thread_done;
    task->event.data = ctx;

    if (ngx_llmp_version_post(cycle, task) != NGX_OK) {
        ngx_destroy_pool(own);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_llmp_version_post(ngx_cycle_t *cycle, ngx_thread_task_t *task)
{
    ngx_str_t           name = ngx_string("default");
    ngx_thread_pool_t  *tp;

    tp = ngx_thread_pool_get(cycle, &name);

    return tp ? ngx_thread_task_post(tp, task) : NGX_ERROR;
}


static void
ngx_llmp_version_thread(void *data, ngx_log_t *log)
{
    ngx_llmp_version_task_t *ctx = data;

    ngx_llmp_version_free_now(ctx->policy, ctx->pool);
    ngx_llmp_version_trim();
}


void
ngx_llmp_version_trim(void)
{
#if (NGX_LINUX) && defined(__GLIBC__)

    /* each thread has its own heap, which keeps freed memory */

    (void) malloc_trim(0);

#endif
}


static void
ngx_llmp_version_thread_done(ngx_event_t *ev)
{
    ngx_llmp_version_task_t *ctx = ev->data;

    ngx_destroy_pool(ctx->own);
}

#endif
