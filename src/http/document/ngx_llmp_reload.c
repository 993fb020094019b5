
/*
 * Copyright (C) llm-policy authors
 *
 * Each worker reads documents that have changed by itself.
 *
 * A document is read when two looks at its files, half of llm_policy_reload
 * apart, have found the same: files that are being written are not read.  Its
 * parts are those of the last read; if they have become others, the two looks
 * begin again.  A thread looks and reads if nginx has threads, since a document
 * with many parts or tenants takes long.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "document/ngx_llmp_reload.h"

#include "document/ngx_llmp_document.h"
#include "metrics/ngx_llmp_metrics_document.h"


typedef struct {
    ngx_pool_t                 *pool;        /* memory of the task */
    ngx_cycle_t                *cycle;
    ngx_llmp_file_t            *file;
    ngx_msec_t                  started;
    llmp_source_identity_t      identity;    /* files at the look */
    ngx_llmp_document_read_t    reading;
    unsigned                    stale:1;     /* only a mount leads to the
                                                file */
    unsigned                    looked:1;    /* identity is set */
    unsigned                    read:1;      /* reading is set */
} ngx_llmp_reload_task_t;


static void ngx_llmp_reload_check_access(ngx_cycle_t *cycle,
    ngx_llmp_file_t *file);
static void ngx_llmp_reload_open(ngx_cycle_t *cycle, ngx_llmp_file_t *file,
    llmp_str_t *name);
static void ngx_llmp_reload_stop(void *data);
static void ngx_llmp_reload_check(ngx_event_t *ev);
static void ngx_llmp_reload_start(ngx_cycle_t *cycle, ngx_llmp_file_t *file);
static void ngx_llmp_reload_look(ngx_llmp_reload_task_t *task);
static ngx_uint_t ngx_llmp_reload_is_same(llmp_source_identity_t *one,
    llmp_source_identity_t *two);
static void ngx_llmp_reload_finish(ngx_llmp_reload_task_t *task);
static void ngx_llmp_reload_report_stale(ngx_llmp_reload_task_t *task);
static ngx_uint_t ngx_llmp_reload_settled(ngx_llmp_reload_task_t *task);
static void ngx_llmp_reload_discard(ngx_llmp_reload_task_t *task);
static void ngx_llmp_reload_install(ngx_llmp_reload_task_t *task);

#if (NGX_THREADS)

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
    ngx_uint_t             i;
    ngx_event_t           *ev;
    ngx_llmp_file_t      **file;
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

    file = lpmcf->files.elts;

    for (i = 0; ngx_worker == 0 && i < lpmcf->files.nelts; i++) {
        ngx_llmp_reload_check_access(cycle, file[i]);
    }

    ev = &lpmcf->reload_event;

    ev->handler = ngx_llmp_reload_check;
    ev->data = lpmcf;
    ev->log = cycle->log;
    ev->cancelable = 1;

    ngx_add_timer(ev, ngx_max(lpmcf->reload / 2, 1));
}


/* the master has read the document as root, but workers read its changes */

static void
ngx_llmp_reload_check_access(ngx_cycle_t *cycle, ngx_llmp_file_t *file)
{
    ngx_pool_t           *p;
    llmp_uint_t           i;
    llmp_pool_t           pool;
    llmp_source_parts_t   parts;

    p = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, cycle->log);
    if (p == NULL) {
        return;
    }

    ngx_llmp_document_pool(&pool, p);
    ngx_memzero(&parts, sizeof(llmp_source_parts_t));

    ngx_llmp_reload_open(cycle, file, &file->source.name);

    if (llmp_source_parts(&file->source, &pool, &parts) == LLMP_OK) {
        for (i = 0; i < parts.nelts; i++) {
            ngx_llmp_reload_open(cycle, file, &parts.elts[i].name);
        }
    }

    ngx_destroy_pool(p);
}


static void
ngx_llmp_reload_open(ngx_cycle_t *cycle, ngx_llmp_file_t *file,
    llmp_str_t *name)
{
    ngx_fd_t  fd;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, ngx_errno,
                      "policy \"%V\" is in force, but its changes will not be: "
                      "workers cannot read \"%*s\"", &file->name,
                      name->len, name->data);
        return;
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                      ngx_close_file_n " \"%*s\" failed",
                      name->len, name->data);
    }
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
        if (!file[i]->checking) {
            ngx_llmp_reload_start(lpmcf->cycle, file[i]);
        }
    }

    ngx_add_timer(ev, ngx_max(lpmcf->reload / 2, 1));
}


static void
ngx_llmp_reload_start(ngx_cycle_t *cycle, ngx_llmp_file_t *file)
{
    ngx_pool_t              *pool;
    ngx_llmp_reload_task_t  *ctx;
#if (NGX_THREADS)
    ngx_thread_task_t       *task;
#endif

    /* without memory, the next check tries again */

    pool = ngx_create_pool(4096, cycle->log);
    if (pool == NULL) {
        return;
    }

#if (NGX_THREADS)

    task = ngx_thread_task_alloc(pool, sizeof(ngx_llmp_reload_task_t));
    ctx = task ? task->ctx : NULL;

#else

    ctx = ngx_pcalloc(pool, sizeof(ngx_llmp_reload_task_t));

#endif

    if (ctx == NULL) {
        ngx_destroy_pool(pool);
        return;
    }

    ctx->pool = pool;
    ctx->cycle = cycle;
    ctx->file = file;
    ctx->started = ngx_current_msec;
    ctx->reading.name = file->name;
    ctx->reading.log = cycle->log;
    ctx->reading.conf = NULL;

#if (NGX_THREADS)

    task->handler = ngx_llmp_reload_thread;
    task->event.handler = ngx_llmp_reload_thread_done;
    task->event.data = ctx;

    if (ngx_llmp_version_post(cycle, task) == NGX_OK) {
        file->checking = 1;
        return;
    }

#endif

    ngx_llmp_reload_look(ctx);
    ngx_llmp_reload_finish(ctx);
}


/* looks at the files, and reads them if they have changed; may run in a
   thread */

static void
ngx_llmp_reload_look(ngx_llmp_reload_task_t *task)
{
    llmp_pool_t       pool;
    ngx_llmp_file_t  *file;

    file = task->file;

    if (!file->unnamed && ngx_llmp_document_is_unnamed(file)) {
        task->stale = 1;
        return;
    }

    ngx_llmp_document_pool(&pool, task->pool);

    if (llmp_source_look(&file->source, &pool, &task->identity) != LLMP_OK) {
        return;
    }

    task->looked = 1;

    if (ngx_llmp_reload_is_same(&task->identity, &file->seen_identity)
        && !ngx_llmp_reload_is_same(&task->identity, &file->read_identity))
    {
        task->read = 1;
        ngx_llmp_document_read(&task->reading);
    }
}


static ngx_uint_t
ngx_llmp_reload_is_same(llmp_source_identity_t *one,
    llmp_source_identity_t *two)
{
    return ngx_memcmp(one, two, sizeof(llmp_source_identity_t)) == 0;
}


static void
ngx_llmp_reload_finish(ngx_llmp_reload_task_t *task)
{
    ngx_llmp_file_t  *file;

    file = task->file;

    if (task->stale && !file->stale) {
        ngx_llmp_reload_report_stale(task);
    }

    file->stale = task->stale;

    if (task->looked) {
        file->seen_identity = task->identity;
    }

    if (task->read) {

        if (ngx_llmp_reload_settled(task)) {
            file->read_identity = task->identity;
            file->read_started = task->started;

            ngx_llmp_reload_install(task);

        } else {
            ngx_llmp_reload_discard(task);
        }
    }

    ngx_destroy_pool(task->pool);
}


static void
ngx_llmp_reload_report_stale(ngx_llmp_reload_task_t *task)
{
    u_char           *p, buf[NGX_MAX_ERROR_STR];
    ngx_llmp_file_t  *file;

    file = task->file;

    p = ngx_slprintf(buf, buf + sizeof(buf),
                     "\"%V\" has been deleted or replaced where it is mounted "
                     "from: mount its folder, not the file", &file->name);

    ngx_log_error(NGX_LOG_ERR, task->reading.log, 0,
                  "%*s, the policy stays as it was", (size_t) (p - buf), buf);

    /* a file that returns is read again, also if it is the same */

    ngx_memzero(&file->read_identity, sizeof(llmp_source_identity_t));
    file->read_started = task->started;

    ngx_llmp_metrics_document_failed(file, buf, p - buf);
}


/* returns whether the files that were read are those of both looks */

static ngx_uint_t
ngx_llmp_reload_settled(ngx_llmp_reload_task_t *task)
{
    ngx_llmp_file_t           *file;
    ngx_llmp_document_read_t  *reading;

    file = task->file;
    reading = &task->reading;

    if (ngx_llmp_document_nomem(reading)) {
        /* there is an error to report, but no identity */
        return 1;
    }

    if (ngx_llmp_document_watch(file, &reading->source, reading->log)
        != NGX_OK)
    {
        return 0;
    }

    file->seen_identity = reading->source.identity;

    return ngx_llmp_reload_is_same(&task->identity, &file->seen_identity);
}


static void
ngx_llmp_reload_discard(ngx_llmp_reload_task_t *task)
{
    ngx_llmp_document_read_t  *reading;

    reading = &task->reading;

    if (reading->pool) {
        ngx_llmp_version_free(task->cycle,
                              reading->version ? reading->version->policy
                                               : NULL,
                              reading->pool);
    }
}


static void
ngx_llmp_reload_install(ngx_llmp_reload_task_t *task)
{
    u_char                    *p, buf[NGX_MAX_ERROR_STR];
    ngx_llmp_file_t           *file;
    ngx_llmp_document_read_t  *reading;

    file = task->file;
    reading = &task->reading;

    ngx_llmp_document_log_errors(reading);

    if (reading->version) {

        /* the last of the requests that began with it frees it */

        file->version->cycle = task->cycle;
        ngx_llmp_version_release(file->version);

        file->version = reading->version;

        ngx_llmp_metrics_document_in_force(file);

        ngx_log_error(NGX_LOG_NOTICE, reading->log, 0,
                      "policy \"%V\" has changed, and is in force",
                      &file->name);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, reading->log, 0,
                  "policy \"%V\" has changed, but stays as it was",
                  &file->name);

    p = ngx_llmp_document_first_error(reading, buf, buf + sizeof(buf));

    ngx_llmp_metrics_document_failed(file, buf, p - buf);

    ngx_llmp_reload_discard(task);
}


#if (NGX_THREADS)

static void
ngx_llmp_reload_thread(void *data, ngx_log_t *log)
{
    ngx_llmp_reload_task_t *ctx = data;

    ngx_llmp_reload_look(ctx);

    if (ctx->read) {
        ngx_llmp_version_trim();
    }
}


static void
ngx_llmp_reload_thread_done(ngx_event_t *ev)
{
    ngx_llmp_reload_task_t *ctx = ev->data;

    ctx->file->checking = 0;

    ngx_llmp_reload_finish(ctx);
}

#endif
