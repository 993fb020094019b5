
/*
 * Copyright (C) llm-policy authors
 *
 * Policy documents as files.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <openssl/evp.h>

#include "document/ngx_llmp_document.h"

#include "base/ngx_llmp_str.h"

#include "loader/llmp_load.h"


static ngx_llmp_file_t *ngx_llmp_document_find(ngx_llmp_main_conf_t *lpmcf,
    ngx_str_t *name);
static ngx_int_t ngx_llmp_document_load(ngx_conf_t *cf, ngx_llmp_file_t *file);
static void ngx_llmp_document_close(void *data);
static void ngx_llmp_document_pool(llmp_pool_t *pool, ngx_pool_t *p);
static void *ngx_llmp_document_alloc(void *data, size_t size);
static ngx_int_t ngx_llmp_document_label(ngx_llmp_version_t *version,
    llmp_str_t *text);
static ngx_int_t ngx_llmp_document_read_file(ngx_llmp_document_read_t *reading,
    llmp_str_t *text);
static ngx_int_t ngx_llmp_document_read_fd(ngx_llmp_document_read_t *reading,
    ngx_fd_t fd, llmp_str_t *text);
static ngx_int_t ngx_llmp_document_fail(ngx_llmp_document_read_t *reading,
    const char *what);
static u_char *ngx_llmp_document_error(ngx_llmp_document_read_t *reading,
    ngx_uint_t i, u_char *buf, u_char *last);


ngx_llmp_file_t *
ngx_llmp_document_open(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_llmp_file_t       *file, **slot;
    ngx_llmp_main_conf_t  *lpmcf;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NULL;
    }

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    file = ngx_llmp_document_find(lpmcf, name);
    if (file) {
        return file;
    }

    file = ngx_pcalloc(cf->pool, sizeof(ngx_llmp_file_t));
    if (file == NULL) {
        return NULL;
    }

    file->name = *name;

    if (ngx_llmp_document_load(cf, file) != NGX_OK) {
        return NULL;
    }

    slot = ngx_array_push(&lpmcf->files);
    if (slot == NULL) {
        return NULL;
    }

    *slot = file;

    return file;
}


static ngx_llmp_file_t *
ngx_llmp_document_find(ngx_llmp_main_conf_t *lpmcf, ngx_str_t *name)
{
    ngx_uint_t         i;
    ngx_llmp_file_t  **file;

    file = lpmcf->files.elts;

    for (i = 0; i < lpmcf->files.nelts; i++) {
        if (file[i]->name.len == name->len
            && ngx_strncmp(file[i]->name.data, name->data, name->len) == 0)
        {
            return file[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_llmp_document_load(ngx_conf_t *cf, ngx_llmp_file_t *file)
{
    ngx_pool_cleanup_t       *cln;
    ngx_llmp_document_read_t  reading;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    /* the identity is that before the read: later changes will be seen */

    /* some file systems do not count names */

    file->unnamed = (ngx_llmp_document_identity(&file->name,
                                                &file->read_identity)
                     == NGX_DECLINED);
    file->seen_identity = file->read_identity;

    /* cf->log is that of the old configuration, and is freed after a reload */

    reading.name = file->name;
    reading.log = &cf->cycle->new_log;
    reading.conf = cf;

    ngx_llmp_document_read(&reading);

    if (reading.version == NULL) {
        ngx_llmp_document_log_errors(&reading);

        if (reading.pool) {
            ngx_destroy_pool(reading.pool);
        }

        return NGX_ERROR;
    }

    file->version = reading.version;

    cln->handler = ngx_llmp_document_close;
    cln->data = file;

    return NGX_OK;
}


static void
ngx_llmp_document_close(void *data)
{
    ngx_llmp_file_t *file = data;

    ngx_llmp_version_release(file->version);
}


void
ngx_llmp_document_read(ngx_llmp_document_read_t *reading)
{
    llmp_str_t           text, file;
    llmp_pool_t          pool;
    ngx_llmp_version_t  *version;

    reading->version = NULL;
    reading->failed = NULL;
    reading->too_large = 0;
    ngx_memzero(&reading->errors, sizeof(llmp_load_errors_t));

    reading->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, reading->log);
    if (reading->pool == NULL) {
        return;
    }

    version = ngx_palloc(reading->pool, sizeof(ngx_llmp_version_t));
    if (version == NULL) {
        return;
    }

    if (ngx_llmp_document_read_file(reading, &text) != NGX_OK) {
        return;
    }

    ngx_llmp_document_pool(&pool, reading->pool);
    file = ngx_llmp_str(&reading->name);

    version->policy = llmp_load_policy(&pool, &file, text.data, text.len,
                                       &reading->errors);
    if (version->policy == NULL) {
        return;
    }

    version->pool = reading->pool;
    version->refs = 1;

    if (ngx_llmp_document_label(version, &text) != NGX_OK) {
        llmp_policy_free(version->policy);
        return;
    }

    reading->version = version;
}


static void
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


/* sets what the status page and the counters need */

static ngx_int_t
ngx_llmp_document_label(ngx_llmp_version_t *version, llmp_str_t *text)
{
    u_char          hash[EVP_MAX_MD_SIZE];
    unsigned int    len;
    struct timeval  tv;

    version->tiers = ngx_pcalloc(version->pool,
                                 version->policy->ntiers
                                 * sizeof(ngx_llmp_metrics_tier_t *));
    if (version->tiers == NULL) {
        return NGX_ERROR;
    }

    version->id = ngx_crc32_short(version->policy->file.data,
                                  version->policy->file.len);

    if (EVP_Digest(text->data, text->len, hash, &len, EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    (void) ngx_hex_dump(version->sha256, hash, NGX_LLMP_SHA256 / 2);

    /* nginx's cached time cannot be used in threads */

    ngx_gettimeofday(&tv);

    version->loaded = (uint64_t) tv.tv_sec * 1000 + tv.tv_usec / 1000;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_document_read_file(ngx_llmp_document_read_t *reading, llmp_str_t *text)
{
    ngx_fd_t   fd;
    ngx_int_t  rc;

    fd = ngx_open_file(reading->name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        return ngx_llmp_document_fail(reading, ngx_open_file_n);
    }

    rc = ngx_llmp_document_read_fd(reading, fd, text);

    if (ngx_close_file(fd) == NGX_FILE_ERROR && rc == NGX_OK) {
        return ngx_llmp_document_fail(reading, ngx_close_file_n);
    }

    return rc;
}


static ngx_int_t
ngx_llmp_document_read_fd(ngx_llmp_document_read_t *reading, ngx_fd_t fd,
    llmp_str_t *text)
{
    size_t           size;
    ssize_t          n;
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        return ngx_llmp_document_fail(reading, ngx_fd_info_n);
    }

    if (ngx_file_size(&fi) > LLMP_POLICY_MAX) {
        reading->too_large = 1;
        return NGX_ERROR;
    }

    size = (size_t) ngx_file_size(&fi);

    text->len = 0;
    text->data = ngx_pnalloc(reading->pool, size + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    while (text->len < size) {
        n = ngx_read_fd(fd, text->data + text->len, size - text->len);

        if (n == -1) {
            return ngx_llmp_document_fail(reading, ngx_read_fd_n);
        }

        if (n == 0) {
            break;
        }

        text->len += n;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_document_fail(ngx_llmp_document_read_t *reading, const char *what)
{
    reading->err = ngx_errno;
    reading->failed = what;

    return NGX_ERROR;
}


void
ngx_llmp_document_log_errors(ngx_llmp_document_read_t *reading)
{
    u_char     *p, buf[NGX_MAX_ERROR_STR];
    ngx_err_t   err;
    ngx_uint_t  i, n;

    err = reading->failed ? reading->err : 0;
    n = ngx_max(reading->errors.nelts, 1);

    for (i = 0; i < n; i++) {
        p = ngx_llmp_document_error(reading, i, buf, buf + sizeof(buf));

        /*
         * while the configuration is read, the log has the line of the
         * directive
         */

        if (reading->conf) {
            ngx_conf_log_error(NGX_LOG_EMERG, reading->conf, err, "%*s",
                               (size_t) (p - buf), buf);

        } else {
            ngx_log_error(NGX_LOG_ERR, reading->log, err, "%*s",
                          (size_t) (p - buf), buf);
        }
    }
}


u_char *
ngx_llmp_document_first_error(ngx_llmp_document_read_t *reading, u_char *buf,
    u_char *last)
{
    u_char  *p;

    p = ngx_llmp_document_error(reading, 0, buf, last);

    return reading->failed ? ngx_log_errno(p, last, reading->err) : p;
}


static u_char *
ngx_llmp_document_error(ngx_llmp_document_read_t *reading, ngx_uint_t i,
    u_char *buf, u_char *last)
{
    llmp_load_error_t  *error;

    if (reading->failed) {
        return ngx_slprintf(buf, last, "%s \"%V\" failed", reading->failed,
                            &reading->name);
    }

    if (reading->too_large) {
        return ngx_slprintf(buf, last, "\"%V\" is larger than %d bytes",
                            &reading->name, LLMP_POLICY_MAX);
    }

    if (reading->errors.nelts == 0) {
        return ngx_slprintf(buf, last, "no memory for policy \"%V\"",
                            &reading->name);
    }

    error = &reading->errors.elts[i];

    return ngx_slprintf(buf, last, "%V:%ui:%ui: %*s: %*s", &reading->name,
                        error->line, error->column,
                        error->path.len, error->path.data,
                        error->message.len, error->message.data);
}


/* ngx_file_mtime() has seconds only */

ngx_int_t
ngx_llmp_document_identity(ngx_str_t *name, ngx_llmp_file_identity_t *identity)
{
    struct stat  st;

    ngx_memzero(identity, sizeof(ngx_llmp_file_identity_t));

    if (stat((char *) name->data, &st) == -1) {
        return NGX_ERROR;
    }

    identity->size = st.st_size;
    identity->dev = st.st_dev;
    identity->ino = st.st_ino;
    identity->mtime = st.st_mtim;
    identity->ctime = st.st_ctim;

    return (st.st_nlink != 0) ? NGX_OK : NGX_DECLINED;
}
