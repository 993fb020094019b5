
/*
 * Copyright (C) llm-policy authors
 *
 * Each worker reads documents that have changed by itself.
 *
 * A document is read when two checks, half of llm_policy_reload apart, have
 * found the same file: a file that is being written is not read.  A thread
 * reads it if nginx has threads, since a document with many tenants takes long.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#if (NGX_LINUX) && defined(__GLIBC__)
#include <malloc.h>
#endif

#include "document/ngx_llmp_reload.h"

#include "document/ngx_llmp_document.h"
#include "metrics/ngx_llmp_metrics_document.h"


typedef struct {
    ngx_pool_t                 *pool;     /* memory of the task */
    ngx_llmp_file_t            *file;
    ngx_llmp_document_read_t    reading;
} ngx_llmp_reload_task_t;


static void ngx_llmp_reload_stop(void *data);
static void ngx_llmp_reload_check(ngx_event_t *ev);
static void ngx_llmp_reload_check_file(ngx_cycle_t *cycle,
    ngx_llmp_file_t *file);
static void ngx_llmp_reload_missing(ngx_cycle_t *cycle, ngx_llmp_file_t *file,
    ngx_err_t err);
static u_char *ngx_llmp_reload_reason(ngx_llmp_file_t *file, ngx_err_t err,
    u_char *p, u_char *last);
static void ngx_llmp_reload_start(ngx_cycle_t *cycle, ngx_llmp_file_t *file);
static void ngx_llmp_reload_install(ngx_llmp_file_t *file,
    ngx_llmp_document_read_t *reading);

#if (NGX_THREADS)

static ngx_int_t ngx_llmp_reload_schedule(ngx_cycle_t *cycle,
    ngx_llmp_file_t *file);
static void ngx_llmp_reload_thread(void *data, ngx_log_t *log);
static void ngx_llmp_reload_thread_done(ngx_event_t *ev);

#endif


ngx_int_t
ngx_llmp_reload_init(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t    *cln;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    if (lpmcf->reload == 0 || lpmcf->files.nelts == 0) {
        return NGX_OK;
    }

#if (NGX_THREADS)

    if (ngx_thread_pool_add(cf, NULL) == NULL) {
        return NGX_ERROR;
    }

#endif

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_llmp_reload_stop;
    cln->data = lpmcf;

    return NGX_OK;
}


void
ngx_llmp_reload_init_process(ngx_cycle_t *cycle)
{
    ngx_event_t           *ev;
    ngx_llmp_main_conf_t  *lpmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return;
    }

    lpmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                ngx_http_llm_policy_module);

    if (lpmcf == NULL || lpmcf->reload == 0 || lpmcf->files.nelts == 0) {
        return;
    }

    lpmcf->cycle = cycle;

    ev = &lpmcf->reload_event;

    ev->handler = ngx_llmp_reload_check;
    ev->data = lpmcf;
    ev->log = cycle->log;
    ev->cancelable = 1;

    ngx_add_timer(ev, ngx_max(lpmcf->reload / 2, 1));
}


static void
ngx_llmp_reload_stop(void *data)
{
    ngx_llmp_main_conf_t *lpmcf = data;

    if (lpmcf->reload_event.timer_set) {
        ngx_del_timer(&lpmcf->reload_event);
    }
}


static void
ngx_llmp_reload_check(ngx_event_t *ev)
{
    ngx_uint_t             i;
    ngx_llmp_file_t      **file;
    ngx_llmp_main_conf_t  *lpmcf;

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    lpmcf = ev->data;
    file = lpmcf->files.elts;

    for (i = 0; i < lpmcf->files.nelts; i++) {
        ngx_llmp_reload_check_file(lpmcf->cycle, file[i]);
    }

    ngx_add_timer(ev, ngx_max(lpmcf->reload / 2, 1));
}


static void
ngx_llmp_reload_check_file(ngx_cycle_t *cycle, ngx_llmp_file_t *file)
{
    ngx_int_t                 rc;
    ngx_uint_t                settled;
    ngx_llmp_file_identity_t  identity;

    if (file->loading) {
        return;
    }

    rc = ngx_llmp_document_identity(&file->name, &identity);

    if (rc == NGX_ERROR || (rc == NGX_DECLINED && !file->unnamed)) {

        if (!file->missing) {
            ngx_llmp_reload_missing(cycle, file,
                                    (rc == NGX_ERROR) ? ngx_errno : 0);
        }

        file->missing = 1;
        return;
    }

    file->missing = 0;

    settled = (ngx_memcmp(&identity, &file->seen_identity, sizeof(identity))
               == 0);
    file->seen_identity = identity;

    if (!settled
        || ngx_memcmp(&identity, &file->read_identity, sizeof(identity)) == 0)
    {
        return;
    }

    file->read_identity = identity;
    file->read_started = ngx_current_msec;

    ngx_llmp_reload_start(cycle, file);
}


/* err is 0 if the file is there, but has no name any more */

static void
ngx_llmp_reload_missing(ngx_cycle_t *cycle, ngx_llmp_file_t *file,
    ngx_err_t err)
{
    u_char  *p, *last, buf[NGX_MAX_ERROR_STR];

    last = buf + sizeof(buf);

    p = ngx_llmp_reload_reason(file, err, buf, last);

    ngx_log_error(NGX_LOG_ERR, cycle->log, err,
                  "%*s, the policy stays as it was", (size_t) (p - buf), buf);

    if (err) {
        p = ngx_log_errno(p, last, err);
    }

    /* a file that returns is read again, also if it is the same */

    ngx_memzero(&file->read_identity, sizeof(ngx_llmp_file_identity_t));
    file->read_started = ngx_current_msec;

    ngx_llmp_metrics_document_failed(file, buf, p - buf);
}


static u_char *
ngx_llmp_reload_reason(ngx_llmp_file_t *file, ngx_err_t err, u_char *p,
    u_char *last)
{
    if (err) {
        return ngx_slprintf(p, last, "stat() \"%V\" failed", &file->name);
    }

    return ngx_slprintf(p, last, "\"%V\" has been deleted or replaced where it "
                        "is mounted from: mount its folder, not the file",
                        &file->name);
}


static void
ngx_llmp_reload_start(ngx_cycle_t *cycle, ngx_llmp_file_t *file)
{
    ngx_llmp_document_read_t  reading;

#if (NGX_THREADS)

    if (ngx_llmp_reload_schedule(cycle, file) == NGX_OK) {
        return;
    }

#endif

    reading.name = file->name;
    reading.log = cycle->log;
    reading.conf = NULL;

    ngx_llmp_document_read(&reading);
    ngx_llmp_reload_install(file, &reading);
}


static void
ngx_llmp_reload_install(ngx_llmp_file_t *file,
    ngx_llmp_document_read_t *reading)
{
    u_char  *p, buf[NGX_MAX_ERROR_STR];

    if (reading->version) {
        ngx_llmp_version_release(file->version);
        file->version = reading->version;

        ngx_llmp_metrics_document_in_force(file);

        ngx_log_error(NGX_LOG_NOTICE, reading->log, 0,
                      "policy \"%V\" has changed, and is in force",
                      &file->name);
        return;
    }

    ngx_llmp_document_log_errors(reading);

    ngx_log_error(NGX_LOG_ERR, reading->log, 0,
                  "policy \"%V\" has changed, but stays as it was",
                  &file->name);

    p = ngx_llmp_document_first_error(reading, buf, buf + sizeof(buf));

    ngx_llmp_metrics_document_failed(file, buf, p - buf);

    if (reading->pool) {
        ngx_destroy_pool(reading->pool);
    }
}


#if (NGX_THREADS)

static ngx_int_t
ngx_llmp_reload_schedule(ngx_cycle_t *cycle, ngx_llmp_file_t *file)
{
    ngx_str_t                name = ngx_string("default");
    ngx_pool_t              *pool;
    ngx_thread_pool_t       *tp;
    ngx_thread_task_t       *task;
    ngx_llmp_reload_task_t  *ctx;

    tp = ngx_thread_pool_get(cycle, &name);
    if (tp == NULL) {
        return NGX_ERROR;
    }

    pool = ngx_create_pool(1024, cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    task = ngx_thread_task_alloc(pool, sizeof(ngx_llmp_reload_task_t));
    if (task == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    ctx = task->ctx;

    ctx->pool = pool;
    ctx->file = file;
    ctx->reading.name = file->name;
    ctx->reading.log = cycle->log;
    ctx->reading.conf = NULL;

    task->handler = ngx_llmp_reload_thread;
    task->event.handler = ngx_llmp_reload_thread_done;
    task->event.data = ctx;

    if (ngx_thread_task_post(tp, task) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    file->loading = 1;

    return NGX_OK;
}


static void
ngx_llmp_reload_thread(void *data, ngx_log_t *log)
{
    ngx_llmp_reload_task_t *ctx = data;

    ngx_llmp_document_read(&ctx->reading);
}


static void
ngx_llmp_reload_thread_done(ngx_event_t *ev)
{
    ngx_llmp_reload_task_t *ctx = ev->data;

    ctx->file->loading = 0;

    ngx_llmp_reload_install(ctx->file, &ctx->reading);

    ngx_destroy_pool(ctx->pool);

#if (NGX_LINUX) && defined(__GLIBC__)

    /* each thread has its own heap, which keeps freed memory */

    (void) malloc_trim(0);

#endif
}

#endif
