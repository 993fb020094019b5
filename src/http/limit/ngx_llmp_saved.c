
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_saved.h"

#include "limit/ngx_llmp_limit_workers.h"
#include "limit/ngx_llmp_saved_file.h"


/* milliseconds between two files, and two looks at the file */
#define NGX_LLMP_SAVED_INTERVAL  60000
#define NGX_LLMP_SAVED_LOOK      1000

/* milliseconds between two steps without threads */
#define NGX_LLMP_SAVED_STEP      10

/* times that a process waits at its exit for another one that writes, each for
   so many milliseconds: nginx kills workers that need more than a second */
#define NGX_LLMP_SAVED_WAITS     40
#define NGX_LLMP_SAVED_WAIT      10


struct ngx_llmp_saved_s {
    ngx_llmp_saved_job_t       job;
    ngx_cycle_t               *cycle;
    ngx_event_t                event;      /* timer of the next look */
    ngx_event_t                step;       /* timer of the next step */
    ngx_msec_t                 started;    /* time of the last file */
    unsigned                   running:1;  /* a job is in progress */
    unsigned                   begun:1;    /* this process has written one */
#if (NGX_THREADS)
    ngx_thread_task_t          task;
#endif
};


static ngx_int_t ngx_llmp_saved_check_folder(ngx_conf_t *cf, ngx_str_t *path);
static void ngx_llmp_saved_stop(void *data);
static void ngx_llmp_saved_look(ngx_event_t *ev);
static ngx_uint_t ngx_llmp_saved_is_writer(ngx_llmp_limit_zone_t *zone);
static void ngx_llmp_saved_start(ngx_llmp_saved_t *saved);
static void ngx_llmp_saved_step(ngx_event_t *ev);
static void ngx_llmp_saved_run(ngx_llmp_saved_job_t *job);
static void ngx_llmp_saved_finish(ngx_llmp_saved_t *saved);

#if (NGX_THREADS)

static ngx_int_t ngx_llmp_saved_post(ngx_llmp_saved_t *saved);
static void ngx_llmp_saved_thread(void *data, ngx_log_t *log);
static void ngx_llmp_saved_thread_done(ngx_event_t *ev);

#endif


ngx_int_t
ngx_llmp_saved_set(ngx_conf_t *cf, ngx_str_t *value, ngx_str_t *path)
{
    size_t  prefix;

    prefix = sizeof("state=") - 1;

    if (ngx_strncmp(value->data, "state=", prefix) != 0
        || value->len == prefix)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\": it must be "
                           "\"state=PATH\", the file that keeps counts over a "
                           "restart", value);
        return NGX_ERROR;
    }

    path->data = value->data + prefix;
    path->len = value->len - prefix;

    if (ngx_conf_full_name(cf->cycle, path, 0) != NGX_OK
        || ngx_llmp_saved_check_folder(cf, path) != NGX_OK)
    {
        return NGX_ERROR;
    }

#if (NGX_THREADS)

    if (ngx_thread_pool_add(cf, NULL) == NULL) {
        return NGX_ERROR;
    }

#endif

    return NGX_OK;
}


/* the workers' user is not known yet, and may have fewer rights than this */

static ngx_int_t
ngx_llmp_saved_check_folder(ngx_conf_t *cf, ngx_str_t *path)
{
    u_char           buf[NGX_MAX_PATH], *slash;
    ngx_err_t        err;
    ngx_file_info_t  fi;

    if (path->len + sizeof(".tmp") > NGX_MAX_PATH) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the path of \"state\" is too long");
        return NGX_ERROR;
    }

    if (ngx_file_info(path->data, &fi) != NGX_FILE_ERROR && !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" of \"state\" is not a file", path);
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(buf, path->data, sizeof(buf));

    slash = (u_char *) strrchr((char *) buf, '/');

    if (slash) {
        slash[(slash == buf) ? 1 : 0] = '\0';

        if (access((char *) buf, W_OK|X_OK) == -1) {
            err = ngx_errno;

            ngx_conf_log_error(NGX_LOG_EMERG, cf, err,
                               "\"%V\" of \"state\" cannot be written: \"%s\" "
                               "must be a folder that the workers' user can "
                               "write into", path, buf);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_llmp_saved_load(ngx_llmp_limit_zone_t *zone, ngx_log_t *log)
{
    ngx_time_t            *tp;
    ngx_llmp_saved_job_t   job;

    /* greater than that of any zone which began before */

    tp = ngx_timeofday();

    zone->sh->saved.writer = ((uint64_t) tp->sec * 1000 + tp->msec) << 22
                             | ((uint64_t) ngx_pid & 0x3fffff);

    if (zone->path.len == 0) {
        return;
    }

    ngx_memzero(&job, sizeof(ngx_llmp_saved_job_t));

    job.zone = zone;
    job.log = log;

    ngx_llmp_saved_run(&job);
}


ngx_int_t
ngx_llmp_saved_init_process(ngx_llmp_limit_zone_t *zone, ngx_cycle_t *cycle)
{
    ngx_llmp_saved_t    *saved;
    ngx_pool_cleanup_t  *cln;

    if (zone->path.len == 0) {
        return NGX_OK;
    }

    saved = ngx_pcalloc(cycle->pool, sizeof(ngx_llmp_saved_t));
    cln = ngx_pool_cleanup_add(cycle->pool, 0);

    if (saved == NULL || cln == NULL) {
        return NGX_ERROR;
    }

    saved->job.part = ngx_palloc(cycle->pool, NGX_LLMP_SAVED_PART);

    if (saved->job.part == NULL) {
        return NGX_ERROR;
    }

    saved->job.zone = zone;
    saved->job.log = cycle->log;
    saved->job.fd = NGX_INVALID_FILE;
    saved->cycle = cycle;

    saved->step.handler = ngx_llmp_saved_step;
    saved->step.data = saved;
    saved->step.log = cycle->log;
    saved->step.cancelable = 1;

    saved->event.handler = ngx_llmp_saved_look;
    saved->event.data = saved;
    saved->event.log = cycle->log;
    saved->event.cancelable = 1;

    cln->handler = ngx_llmp_saved_stop;
    cln->data = saved;

    zone->saved = saved;

    ngx_add_timer(&saved->event, NGX_LLMP_SAVED_LOOK);

    return NGX_OK;
}


static void
ngx_llmp_saved_stop(void *data)
{
    ngx_llmp_saved_t *saved = data;

    if (saved->event.timer_set) {
        ngx_del_timer(&saved->event);
    }

    if (saved->step.timer_set) {
        ngx_del_timer(&saved->step);
    }
}


/* the last worker of a stop writes, and that of a reload does not */

void
ngx_llmp_saved_exit_process(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t             i, last;
    ngx_llmp_saved_job_t  *job;

    if (zone->saved == NULL) {
        return;
    }

    ngx_llmp_limit_workers_lock(zone);
    last = ngx_llmp_limit_workers_was_last(zone);
    ngx_llmp_limit_workers_unlock(zone);

    if (!last) {
        return;
    }

    /* threads have ended; without them, a file may have been begun */

    job = &zone->saved->job;

    if (job->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(job->fd);
        job->fd = NGX_INVALID_FILE;
    }

    job->sync = 0;
    job->write = 1;

    for (i = 0; job->write && i < NGX_LLMP_SAVED_WAITS; i++) {

        if (i) {
            ngx_msleep(NGX_LLMP_SAVED_WAIT);
        }

        ngx_llmp_saved_run(job);
    }
}


static void
ngx_llmp_saved_look(ngx_event_t *ev)
{
    ngx_llmp_saved_t  *saved;

    if (ngx_terminate) {
        return;
    }

    /* connections that are left after a stop may be used for long */

    saved = ev->data;

    if (!saved->running && ngx_llmp_saved_is_writer(saved->job.zone)) {
        ngx_llmp_saved_start(saved);
    }

    ngx_add_timer(ev, NGX_LLMP_SAVED_LOOK);
}


static ngx_uint_t
ngx_llmp_saved_is_writer(ngx_llmp_limit_zone_t *zone)
{
    ngx_uint_t  first;

    if (zone->worker == NULL) {
        return 0;
    }

    ngx_llmp_limit_workers_lock(zone);

    (void) ngx_llmp_limit_workers_release(zone);
    first = ngx_llmp_limit_workers_is_first(zone);

    ngx_llmp_limit_workers_unlock(zone);

    return first;
}


/* a process that begins to write does so at once */

static void
ngx_llmp_saved_start(ngx_llmp_saved_t *saved)
{
    if (!saved->begun
        || ngx_current_msec - saved->started >= NGX_LLMP_SAVED_INTERVAL)
    {
        saved->job.write = 1;
    }

    saved->running = 1;
    saved->job.written = 0;
    saved->job.step = ngx_llmp_saved_read_look;

#if (NGX_THREADS)

    saved->job.sync = 0;

    if (ngx_llmp_saved_post(saved) == NGX_OK) {
        return;
    }

#endif

    saved->job.sync = 1;

    ngx_llmp_saved_step(&saved->step);
}


static void
ngx_llmp_saved_step(ngx_event_t *ev)
{
    ngx_llmp_saved_t *saved = ev->data;

    if (saved->job.step(&saved->job) == NGX_AGAIN) {
        ngx_add_timer(ev, NGX_LLMP_SAVED_STEP);
        return;
    }

    ngx_llmp_saved_finish(saved);
}


/* executes all steps */

static void
ngx_llmp_saved_run(ngx_llmp_saved_job_t *job)
{
    job->step = ngx_llmp_saved_read_look;

    while (job->step(job) == NGX_AGAIN) { /* void */ }
}


static void
ngx_llmp_saved_finish(ngx_llmp_saved_t *saved)
{
    saved->running = 0;

    if (saved->job.written) {
        saved->begun = 1;
        saved->started = ngx_current_msec;
    }
}


void
ngx_llmp_saved_identify(ngx_llmp_saved_identity_t *identity,
    ngx_file_info_t *fi)
{
    identity->device = (uint64_t) fi->st_dev;
    identity->inode = (uint64_t) fi->st_ino;
    identity->size = (uint64_t) fi->st_size;
    identity->mtime = (int64_t) fi->st_mtim.tv_sec * 1000000000
                      + fi->st_mtim.tv_nsec;
}


void
ngx_llmp_saved_clock(llmp_limit_clock_t *clock)
{
    struct timeval  tv;

    /* nginx's cached time cannot be used in threads */

    ngx_gettimeofday(&tv);

    clock->now = ngx_current_msec;
    clock->time = tv.tv_sec;
    clock->offset = 0;
}


#if (NGX_THREADS)

static ngx_int_t
ngx_llmp_saved_post(ngx_llmp_saved_t *saved)
{
    ngx_str_t           name = ngx_string("default");
    ngx_thread_pool_t  *tp;

    tp = ngx_thread_pool_get(saved->cycle, &name);
    if (tp == NULL) {
        return NGX_ERROR;
    }

    saved->task.ctx = &saved->job;
    saved->task.handler = ngx_llmp_saved_thread;
    saved->task.event.handler = ngx_llmp_saved_thread_done;
    saved->task.event.data = saved;

    return ngx_thread_task_post(tp, &saved->task);
}


static void
ngx_llmp_saved_thread(void *data, ngx_log_t *log)
{
    ngx_llmp_saved_job_t *job = data;

    ngx_llmp_saved_run(job);
}


static void
ngx_llmp_saved_thread_done(ngx_event_t *ev)
{
    ngx_llmp_saved_finish(ev->data);
}

#endif
