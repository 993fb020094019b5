
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/ngx_llmp_saved_file.h"

#include "limit/ngx_llmp_limit_entries.h"
#include "limit/ngx_llmp_limit_workers.h"


/* entries that are merged while the zone is locked */
#define NGX_LLMP_SAVED_MERGES    64

/* a larger file is none of ours */
#define NGX_LLMP_SAVED_SIZE_MAX  ((size_t) 2048 * 1024 * 1024)

/* seconds that a file may be ahead of the clock */
#define NGX_LLMP_SAVED_AHEAD     86400


static ngx_uint_t ngx_llmp_saved_read_is_seen(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_read_file(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_read_part(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_read_open(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_read_merge(ngx_llmp_saved_job_t *job);
static llmp_int_t ngx_llmp_saved_read_merge_entry(ngx_llmp_saved_job_t *job);
static void ngx_llmp_saved_read_answer(ngx_llmp_saved_job_t *job);
static ngx_int_t ngx_llmp_saved_read_fail(ngx_llmp_saved_job_t *job,
    ngx_err_t err, const char *what);
static ngx_int_t ngx_llmp_saved_read_end(ngx_llmp_saved_job_t *job);


ngx_int_t
ngx_llmp_saved_read_look(ngx_llmp_saved_job_t *job)
{
    ngx_err_t        err;
    ngx_file_info_t  fi;

    job->fd = NGX_INVALID_FILE;
    job->data = NULL;
    job->len = 0;

    ngx_memzero(&job->identity, sizeof(ngx_llmp_saved_identity_t));

    if (ngx_file_info(job->zone->path.data, &fi) != NGX_FILE_ERROR) {
        ngx_llmp_saved_identify(&job->identity, &fi);
        job->step = ngx_llmp_saved_read_file;

    } else if (ngx_errno != NGX_ENOENT) {
        err = ngx_errno;

        /* another file than none, so that this is logged once */

        job->identity.inode = (uint64_t) -1;

        if (!ngx_llmp_saved_read_is_seen(job)) {
            return ngx_llmp_saved_read_fail(job, err, "it cannot be read");
        }
    }

    if (job->step == ngx_llmp_saved_read_look
        || ngx_llmp_saved_read_is_seen(job))
    {
        return ngx_llmp_saved_read_end(job);
    }

    return NGX_AGAIN;
}


static ngx_uint_t
ngx_llmp_saved_read_is_seen(ngx_llmp_saved_job_t *job)
{
    return ngx_memcmp(&job->zone->sh->saved.seen, &job->identity,
                      sizeof(ngx_llmp_saved_identity_t))
           == 0;
}


static ngx_int_t
ngx_llmp_saved_read_file(ngx_llmp_saved_job_t *job)
{
    ngx_file_info_t  fi;

    job->fd = ngx_open_file(job->zone->path.data,
                            NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                            NGX_FILE_OPEN, 0);

    if (job->fd == NGX_INVALID_FILE
        || ngx_fd_info(job->fd, &fi) == NGX_FILE_ERROR)
    {
        return ngx_llmp_saved_read_fail(job, ngx_errno, "it cannot be read");
    }

    ngx_llmp_saved_identify(&job->identity, &fi);

    if (!ngx_is_file(&fi)) {
        return ngx_llmp_saved_read_fail(job, 0, "it is not a file");
    }

    if (job->identity.size > NGX_LLMP_SAVED_SIZE_MAX) {
        return ngx_llmp_saved_read_fail(job, 0, "it is too large");
    }

    /* an empty file has no end either */

    job->size = (size_t) job->identity.size;
    job->data = ngx_alloc(job->size + 1, job->log);

    if (job->data == NULL) {
        return ngx_llmp_saved_read_fail(job, 0, "there is no memory");
    }

    ngx_crc32_init(job->crc);

    job->step = ngx_llmp_saved_read_part;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_llmp_saved_read_part(ngx_llmp_saved_job_t *job)
{
    size_t   checked, end;
    ssize_t  n;

    n = 0;

    if (job->len < job->size) {
        n = ngx_read_fd(job->fd, job->data + job->len,
                        ngx_min(job->size - job->len, NGX_LLMP_SAVED_PART));
    }

    if (n == -1) {
        return ngx_llmp_saved_read_fail(job, ngx_errno, "it cannot be read");
    }

    if (n == 0) {
        return ngx_llmp_saved_read_open(job);
    }

    /* the checksum itself is at the end */

    checked = job->len;
    job->len += n;

    if (job->size > sizeof(uint32_t)) {
        end = ngx_min(job->len, job->size - sizeof(uint32_t));

        if (end > checked) {
            ngx_crc32_update(&job->crc, job->data + checked, end - checked);
        }
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_llmp_saved_read_open(ngx_llmp_saved_job_t *job)
{
    u_char              *crc;
    llmp_int_t           rc;
    llmp_limit_clock_t   clock;

    rc = LLMP_ERROR;

    ngx_crc32_final(job->crc);

    if (job->len == job->size && job->len > sizeof(uint32_t)) {
        job->len -= sizeof(uint32_t);
        crc = job->data + job->len;

        rc = llmp_limit_saved_open(&job->saved, job->data, job->len);

        if (rc == LLMP_OK
            && job->crc != ((uint32_t) crc[0] | (uint32_t) crc[1] << 8
                            | (uint32_t) crc[2] << 16
                            | (uint32_t) crc[3] << 24))
        {
            rc = LLMP_ERROR;
        }
    }

    if (rc == LLMP_DECLINED) {
        return ngx_llmp_saved_read_fail(job, 0, "another version of the module "
                                        "wrote it, in another format");
    }

    if (rc != LLMP_OK) {
        return ngx_llmp_saved_read_fail(job, 0, "it is cut or damaged");
    }

    ngx_llmp_saved_clock(&clock);

    if (job->saved.time > clock.time + NGX_LLMP_SAVED_AHEAD) {
        return ngx_llmp_saved_read_fail(job, 0, "it is from the future: one "
                                        "of both clocks was wrong");
    }

    job->merged = 0;
    job->step = ngx_llmp_saved_read_merge;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_llmp_saved_read_merge(ngx_llmp_saved_job_t *job)
{
    ngx_uint_t  i;
    llmp_int_t  rc;

    rc = LLMP_OK;

    ngx_llmp_limit_workers_lock(job->zone);

    for (i = 0; rc == LLMP_OK && i < NGX_LLMP_SAVED_MERGES; i++) {
        rc = ngx_llmp_saved_read_merge_entry(job);
    }

    ngx_llmp_limit_workers_unlock(job->zone);

    if (rc == LLMP_OK) {
        return NGX_AGAIN;
    }

    if (rc == LLMP_ERROR) {
        return ngx_llmp_saved_read_fail(job, 0, "it is damaged");
    }

    ngx_log_error(NGX_LOG_NOTICE, job->log, 0,
                  "\"%V\"%s was read: %ui entries are used",
                  &job->zone->path, job->zone->shpool->log_ctx, job->merged);

    ngx_llmp_saved_read_answer(job);

    return ngx_llmp_saved_read_end(job);
}


static llmp_int_t
ngx_llmp_saved_read_merge_entry(ngx_llmp_saved_job_t *job)
{
    llmp_int_t               rc;
    llmp_str_t               name;
    llmp_limit_clock_t       clock;
    llmp_limit_state_t       state;
    ngx_llmp_limit_key_t     key;
    ngx_llmp_limit_entry_t  *entry;

    ngx_llmp_saved_clock(&clock);

    rc = llmp_limit_saved_read(&job->saved, &name, &state, &clock);

    if (rc != LLMP_OK) {
        return rc;
    }

    if (name.len > NGX_LLMP_LIMIT_KEY_MAX || name.len < NGX_LLMP_LIMIT_KEY_NAME)
    {
        return LLMP_ERROR;
    }

    if (state.nslots == 0) {
        return LLMP_OK;
    }

    key.len = (u_char) name.len;
    ngx_memcpy(key.data, name.data, name.len);

    job->zone->sh->admissions++;

    entry = ngx_llmp_limit_entries_lookup(job->zone, &key);

    if (entry) {
        llmp_limit_saved_merge(&entry->state, &state, &clock);
        job->merged++;
    }

    return LLMP_OK;
}


/*
 * Another nginx that began later has read a file of this one that may be a
 * minute old.  It gets a new one, once, and takes over what is more in there.
 */

static void
ngx_llmp_saved_read_answer(ngx_llmp_saved_job_t *job)
{
    ngx_llmp_saved_shared_t  *shared;

    shared = &job->zone->sh->saved;

    /* only a process that writes can answer, not one that starts */

    if (job->part
        && job->saved.writer > shared->writer
        && job->saved.writer != shared->answered)
    {
        shared->answered = job->saved.writer;
        job->write = 1;
    }
}


static ngx_int_t
ngx_llmp_saved_read_fail(ngx_llmp_saved_job_t *job, ngx_err_t err,
    const char *what)
{
    ngx_log_error(NGX_LOG_WARN, job->log, err,
                  "\"%V\"%s is not used, %s: what callers had used before is "
                  "not counted; the file will be replaced",
                  &job->zone->path, job->zone->shpool->log_ctx, what);

    return ngx_llmp_saved_read_end(job);
}


static ngx_int_t
ngx_llmp_saved_read_end(ngx_llmp_saved_job_t *job)
{
    if (job->fd != NGX_INVALID_FILE
        && ngx_close_file(job->fd) == NGX_FILE_ERROR)
    {
        ngx_log_error(NGX_LOG_ALERT, job->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &job->zone->path);
    }

    job->fd = NGX_INVALID_FILE;

    if (job->data) {
        ngx_free(job->data);
        job->data = NULL;
    }

    job->zone->sh->saved.seen = job->identity;

    if (!job->write) {
        return NGX_OK;
    }

    job->step = ngx_llmp_saved_write_begin;

    return NGX_AGAIN;
}
