
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_saved_file.h"

#include "limit/ngx_llmp_limit_entries.h"
#include "limit/ngx_llmp_limit_workers.h"


/* entries that are copied while the zone is locked */
#define NGX_LLMP_SAVED_COPIES  128

/* added to the name of a file until it is complete */
#define NGX_LLMP_SAVED_SUFFIX  ".tmp"


_Static_assert(NGX_LLMP_SAVED_COPIES * LLMP_LIMIT_SAVED_ENTRY
               <= NGX_LLMP_SAVED_PART, "a part is too small for its entries");

_Static_assert(NGX_LLMP_LIMIT_KEY_MAX <= LLMP_LIMIT_SAVED_KEY,
               "a key is too long");


static ngx_int_t ngx_llmp_saved_write_lock(ngx_llmp_saved_job_t *job,
    u_char *name);
static ngx_int_t ngx_llmp_saved_write_entries(ngx_llmp_saved_job_t *job);
static u_char *ngx_llmp_saved_write_copy(ngx_llmp_saved_job_t *job,
    ngx_uint_t *more);
static ngx_int_t ngx_llmp_saved_write_finish(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_write_rename(ngx_llmp_saved_job_t *job);
static void ngx_llmp_saved_write_sync_folder(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_write_part(ngx_llmp_saved_job_t *job,
    size_t len);
static ngx_int_t ngx_llmp_saved_write_bytes(ngx_llmp_saved_job_t *job,
    size_t len);
static u_char *ngx_llmp_saved_write_name(ngx_llmp_saved_job_t *job,
    u_char *buf);
static ngx_int_t ngx_llmp_saved_write_fail(ngx_llmp_saved_job_t *job,
    const char *what);
static ngx_int_t ngx_llmp_saved_write_end(ngx_llmp_saved_job_t *job);


ngx_int_t
ngx_llmp_saved_write_begin(ngx_llmp_saved_job_t *job)
{
    u_char     buf[NGX_MAX_PATH], *name;
    ngx_int_t  rc;

    name = ngx_llmp_saved_write_name(job, buf);

    /* nobody else reads it: it has names of callers, and their addresses */

    job->fd = open((const char *) name, O_RDWR|O_CREAT|O_NOFOLLOW, 0600);

    if (job->fd == NGX_INVALID_FILE) {
        return ngx_llmp_saved_write_fail(job, ngx_open_file_n);
    }

    rc = ngx_llmp_saved_write_lock(job, name);

    if (rc == NGX_AGAIN) {
        (void) ngx_close_file(job->fd);
        job->fd = NGX_INVALID_FILE;

        return NGX_OK;
    }

    if (rc != NGX_OK) {
        return ngx_llmp_saved_write_fail(job, "fcntl()");
    }

    if (fchmod(job->fd, 0600) == -1 || ftruncate(job->fd, 0) == -1) {
        return ngx_llmp_saved_write_fail(job, "ftruncate()");
    }

    job->saved.writer = job->zone->sh->saved.writer;
    job->saved.nentries = 0;
    job->key.len = 0;

    llmp_limit_saved_write_head(job->part, &job->saved);

    ngx_crc32_init(job->crc);

    job->step = ngx_llmp_saved_write_entries;

    return ngx_llmp_saved_write_part(job, LLMP_LIMIT_SAVED_HEAD);
}


/* returns NGX_AGAIN if another process has locked the file, or renamed it
   before it was locked */

static ngx_int_t
ngx_llmp_saved_write_lock(ngx_llmp_saved_job_t *job, u_char *name)
{
    ngx_err_t        err;
    ngx_file_info_t  named, opened;

    err = ngx_trylock_fd(job->fd);

    if (err == NGX_EAGAIN || err == NGX_EACCES) {
        return NGX_AGAIN;
    }

    if (err != 0) {
        ngx_set_errno(err);
        return NGX_ERROR;
    }

    if (ngx_fd_info(job->fd, &opened) == NGX_FILE_ERROR) {
        return NGX_ERROR;
    }

    return (ngx_file_info(name, &named) != NGX_FILE_ERROR
            && ngx_file_uniq(&named) == ngx_file_uniq(&opened)
            && named.st_dev == opened.st_dev)
           ? NGX_OK : NGX_AGAIN;
}


static ngx_int_t
ngx_llmp_saved_write_entries(ngx_llmp_saved_job_t *job)
{
    u_char      *p;
    ngx_uint_t   more;

    ngx_llmp_limit_workers_lock(job->zone);

    p = ngx_llmp_saved_write_copy(job, &more);

    ngx_llmp_limit_workers_unlock(job->zone);

    if (!more) {
        job->step = ngx_llmp_saved_write_finish;
    }

    return ngx_llmp_saved_write_part(job, p - job->part);
}


/* copies the next entries, in the order of the tree, and returns their end */

static u_char *
ngx_llmp_saved_write_copy(ngx_llmp_saved_job_t *job, ngx_uint_t *more)
{
    size_t                   len;
    u_char                  *p;
    ngx_uint_t               i;
    llmp_str_t               name;
    llmp_limit_clock_t       clock;
    ngx_llmp_limit_entry_t  *entry, *last;

    p = job->part;
    last = NULL;

    ngx_llmp_saved_clock(&clock);

    entry = ngx_llmp_limit_entries_after(job->zone, &job->key);

    for (i = 0; entry && i < NGX_LLMP_SAVED_COPIES; i++) {
        name.data = entry->key.data;
        name.len = entry->key.len;

        len = llmp_limit_saved_write(p, &name, &entry->state, &clock);

        if (len) {
            job->saved.nentries++;
            p += len;
        }

        last = entry;
        entry = ngx_llmp_limit_entries_next(job->zone, entry);
    }

    if (last) {
        job->key = last->key;
    }

    *more = (entry != NULL);

    return p;
}


static ngx_int_t
ngx_llmp_saved_write_finish(ngx_llmp_saved_job_t *job)
{
    u_char              *p;
    llmp_limit_clock_t   clock;

    ngx_llmp_saved_clock(&clock);

    /* a part of a second must not leak twice */

    job->saved.time = clock.time + 1;

    p = job->part;

    llmp_limit_saved_write_end(p, &job->saved);

    ngx_crc32_update(&job->crc, p, LLMP_LIMIT_SAVED_END);
    ngx_crc32_final(job->crc);

    p += LLMP_LIMIT_SAVED_END;

    *p++ = (u_char) job->crc;
    *p++ = (u_char) (job->crc >> 8);
    *p++ = (u_char) (job->crc >> 16);
    *p++ = (u_char) (job->crc >> 24);

    job->step = ngx_llmp_saved_write_rename;

    return ngx_llmp_saved_write_bytes(job, p - job->part);
}


static ngx_int_t
ngx_llmp_saved_write_rename(ngx_llmp_saved_job_t *job)
{
    u_char                    buf[NGX_MAX_PATH], *name;
    ngx_file_info_t           fi;
    ngx_llmp_saved_shared_t  *shared;

    name = ngx_llmp_saved_write_name(job, buf);
    shared = &job->zone->sh->saved;

    if (fsync(job->fd) == -1) {
        return ngx_llmp_saved_write_fail(job, "fsync()");
    }

    if (ngx_rename_file(name, job->zone->path.data) == NGX_FILE_ERROR) {
        return ngx_llmp_saved_write_fail(job, ngx_rename_file_n);
    }

    if (ngx_fd_info(job->fd, &fi) != NGX_FILE_ERROR) {
        ngx_llmp_saved_identify(&shared->seen, &fi);
    }

    ngx_llmp_saved_write_sync_folder(job);

    if (shared->failed) {
        shared->failed = 0;

        ngx_log_error(NGX_LOG_NOTICE, job->log, 0,
                      "\"%V\"%s could be written again",
                      &job->zone->path, job->zone->shpool->log_ctx);
    }

    return ngx_llmp_saved_write_end(job);
}


/* file systems that cannot sync a folder do not need it */

static void
ngx_llmp_saved_write_sync_folder(ngx_llmp_saved_job_t *job)
{
    u_char    buf[NGX_MAX_PATH], *slash;
    ngx_fd_t  fd;

    (void) ngx_cpystrn(buf, job->zone->path.data, sizeof(buf));

    slash = (u_char *) strrchr((char *) buf, '/');

    if (slash == NULL) {
        return;
    }

    slash[(slash == buf) ? 1 : 0] = '\0';

    fd = ngx_open_file(buf, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd != NGX_INVALID_FILE) {
        (void) fsync(fd);
        (void) ngx_close_file(fd);
    }
}


/* writes the part, which the checksum includes */

static ngx_int_t
ngx_llmp_saved_write_part(ngx_llmp_saved_job_t *job, size_t len)
{
    ngx_crc32_update(&job->crc, job->part, len);

    return ngx_llmp_saved_write_bytes(job, len);
}


/* returns NGX_AGAIN, or the result of a failure */

static ngx_int_t
ngx_llmp_saved_write_bytes(ngx_llmp_saved_job_t *job, size_t len)
{
    u_char   *p;
    ssize_t   n;

    for (p = job->part; len; p += n, len -= n) {
        n = ngx_write_fd(job->fd, p, len);

        if (n == -1) {

            if (ngx_errno == NGX_EINTR) {
                n = 0;
                continue;
            }

            return ngx_llmp_saved_write_fail(job, ngx_write_fd_n);
        }
    }

    if (job->sync && fsync(job->fd) == -1) {
        return ngx_llmp_saved_write_fail(job, "fsync()");
    }

    return NGX_AGAIN;
}


static u_char *
ngx_llmp_saved_write_name(ngx_llmp_saved_job_t *job, u_char *buf)
{
    (void) ngx_snprintf(buf, NGX_MAX_PATH, "%V" NGX_LLMP_SAVED_SUFFIX "%Z",
                        &job->zone->path);

    return buf;
}


static ngx_int_t
ngx_llmp_saved_write_fail(ngx_llmp_saved_job_t *job, const char *what)
{
    ngx_err_t                 err;
    ngx_llmp_saved_shared_t  *shared;

    err = ngx_errno;
    shared = &job->zone->sh->saved;

    if (!shared->failed) {
        shared->failed = 1;

        ngx_log_error(NGX_LOG_ERR, job->log, err,
                      "%s \"%V" NGX_LLMP_SAVED_SUFFIX "\" failed%s: a restart "
                      "would forget what callers have used; the workers' user "
                      "must be able to write into its folder",
                      what, &job->zone->path, job->zone->shpool->log_ctx);
    }

    return ngx_llmp_saved_write_end(job);
}


static ngx_int_t
ngx_llmp_saved_write_end(ngx_llmp_saved_job_t *job)
{
    if (job->fd != NGX_INVALID_FILE
        && ngx_close_file(job->fd) == NGX_FILE_ERROR)
    {
        ngx_log_error(NGX_LOG_ALERT, job->log, ngx_errno,
                      ngx_close_file_n " \"%V" NGX_LLMP_SAVED_SUFFIX
                      "\" failed", &job->zone->path);
    }

    job->fd = NGX_INVALID_FILE;
    job->write = 0;
    job->written = 1;

    return NGX_OK;
}
