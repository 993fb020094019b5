
/*
 * Copyright (C) llm-policy authors
 *
 * Policy documents as files.
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "document/ngx_llmp_document.h"

#include "base/ngx_llmp_str.h"
#include "base/ngx_llmp_values.h"


static ngx_llmp_file_t *ngx_llmp_document_find(ngx_llmp_main_conf_t *lpmcf,
    ngx_str_t *name);
static ngx_int_t ngx_llmp_document_load(ngx_conf_t *cf, ngx_llmp_file_t *file);
static void ngx_llmp_document_close(void *data);
static void *ngx_llmp_document_alloc(void *data, size_t size);
static void ngx_llmp_document_release(void *data, void *p);
static ngx_int_t ngx_llmp_document_find_variables(
    ngx_llmp_document_read_t *reading, ngx_llmp_version_t *version);
static ngx_int_t ngx_llmp_document_label(ngx_llmp_version_t *version,
    llmp_source_t *source);
static ngx_int_t ngx_llmp_document_copy(ngx_pool_t *pool, llmp_source_t *dst,
    llmp_source_t *src);
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

    /* cf->log is that of the old configuration, and is freed after a reload */

    reading.name = file->name;
    reading.log = &cf->cycle->new_log;
    reading.conf = cf;

    ngx_llmp_document_read(&reading);

    ngx_llmp_document_log_errors(&reading);

    if (reading.version == NULL) {

        if (reading.pool) {
            ngx_destroy_pool(reading.pool);
        }

        return NGX_ERROR;
    }

    file->version = reading.version;
    file->read_identity = reading.source.identity;
    file->seen_identity = reading.source.identity;
    file->unnamed = ngx_llmp_document_is_unnamed(file);

    if (ngx_llmp_document_watch(file, &reading.source, reading.log) != NGX_OK) {
        ngx_llmp_version_release(file->version);
        return NGX_ERROR;
    }

    cln->handler = ngx_llmp_document_close;
    cln->data = file;

    return NGX_OK;
}


static void
ngx_llmp_document_close(void *data)
{
    ngx_llmp_file_t *file = data;

    ngx_llmp_version_release(file->version);

    if (file->pool) {
        ngx_destroy_pool(file->pool);
    }
}


void
ngx_llmp_document_read(ngx_llmp_document_read_t *reading)
{
    llmp_pool_t          pool;
    ngx_llmp_version_t  *version;

    reading->version = NULL;
    reading->nunknown = 0;
    reading->source.name = ngx_llmp_str(&reading->name);
    reading->source.now = 0;
    ngx_memzero(&reading->errors, sizeof(llmp_load_errors_t));

    reading->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, reading->log);
    if (reading->pool == NULL) {
        return;
    }

    version = ngx_palloc(reading->pool, sizeof(ngx_llmp_version_t));
    if (version == NULL) {
        return;
    }

    ngx_llmp_document_pool(&pool, reading->pool);

    version->policy = llmp_load_file(&pool, &reading->source, 0,
                                     &reading->errors);
    if (version->policy == NULL) {
        return;
    }

    version->pool = reading->pool;
    version->cycle = NULL;
    version->refs = 1;

    if (ngx_llmp_document_find_variables(reading, version) != NGX_OK
        || ngx_llmp_document_label(version, &reading->source) != NGX_OK)
    {
        llmp_policy_free(version->policy);
        return;
    }

    reading->version = version;
}


void
ngx_llmp_document_pool(llmp_pool_t *pool, ngx_pool_t *p)
{
    pool->alloc = ngx_llmp_document_alloc;
    pool->release = ngx_llmp_document_release;
    pool->data = p;
}


static void *
ngx_llmp_document_alloc(void *data, size_t size)
{
    ngx_pool_t  *pool = data;

    return ngx_palloc(pool, size);
}


static void
ngx_llmp_document_release(void *data, void *p)
{
    ngx_pool_t  *pool = data;

    /* small blocks remain in the pool */

    (void) ngx_pfree(pool, p);
}


ngx_uint_t
ngx_llmp_document_nomem(ngx_llmp_document_read_t *reading)
{
    return reading->version == NULL
           && reading->errors.nelts == 0
           && reading->nunknown == 0
           && reading->errors.failed == NULL
           && !reading->errors.too_large;
}


ngx_int_t
ngx_llmp_document_watch(ngx_llmp_file_t *file, llmp_source_t *source,
    ngx_log_t *log)
{
    ngx_pool_t     *pool;
    llmp_source_t   copy;

    copy = *source;
    pool = NULL;

    if (source->nincludes) {
        pool = ngx_create_pool(1024, log);
        if (pool == NULL) {
            return NGX_ERROR;
        }

        if (ngx_llmp_document_copy(pool, &copy, source) != NGX_OK) {
            ngx_destroy_pool(pool);
            return NGX_ERROR;
        }
    }

    copy.name = ngx_llmp_str(&file->name);

    if (file->pool) {
        ngx_destroy_pool(file->pool);
    }

    file->pool = pool;
    file->source = copy;

    return NGX_OK;
}


static ngx_int_t
ngx_llmp_document_copy(ngx_pool_t *pool, llmp_source_t *dst, llmp_source_t *src)
{
    u_char      *p;
    llmp_str_t  *path;
    ngx_uint_t   i;

    dst->includes = ngx_palloc(pool, src->nincludes
                                     * sizeof(llmp_source_include_t));
    if (dst->includes == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < src->nincludes; i++) {
        dst->includes[i] = src->includes[i];
        path = &dst->includes[i].path;

        p = ngx_pnalloc(pool, path->len + 1);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, path->data, path->len + 1);
        path->data = p;
    }

    return NGX_OK;
}


/* lists unknown variables; returns NGX_ERROR if there are some */

static ngx_int_t
ngx_llmp_document_find_variables(ngx_llmp_document_read_t *reading,
    ngx_llmp_version_t *version)
{
    ngx_uint_t      i;
    llmp_policy_t  *policy;

    policy = version->policy;

    if (ngx_llmp_values_find(version, reading->conf) != NGX_OK) {
        ngx_memzero(&reading->errors, sizeof(llmp_load_errors_t));
        return NGX_ERROR;
    }

    reading->unknown = ngx_palloc(version->pool, policy->nvariables
                                                 * sizeof(llmp_variable_t *)
                                                 + 1);
    if (reading->unknown == NULL) {
        ngx_memzero(&reading->errors, sizeof(llmp_load_errors_t));
        return NGX_ERROR;
    }

    for (i = 0; i < policy->nvariables; i++) {
        if (version->variables[i] == NGX_ERROR) {
            reading->unknown[reading->nunknown++] = &policy->variables[i];
        }
    }

    return reading->nunknown ? NGX_ERROR : NGX_OK;
}


/* sets what the status page and the counters need */

static ngx_int_t
ngx_llmp_document_label(ngx_llmp_version_t *version, llmp_source_t *source)
{
    struct timeval  tv;

    version->tiers = ngx_pcalloc(version->pool,
                                 version->policy->ntiers
                                 * sizeof(ngx_llmp_metrics_tier_t *));
    if (version->tiers == NULL) {
        return NGX_ERROR;
    }

    version->id = ngx_crc32_short(version->policy->file.data,
                                  version->policy->file.len);

    (void) ngx_hex_dump(version->sha256, source->sha256, NGX_LLMP_SHA256 / 2);

    /* nginx's cached time cannot be used in threads */

    ngx_gettimeofday(&tv);

    version->loaded = (uint64_t) tv.tv_sec * 1000 + tv.tv_usec / 1000;

    return NGX_OK;
}


void
ngx_llmp_document_log_errors(ngx_llmp_document_read_t *reading)
{
    u_char     *p, buf[NGX_MAX_ERROR_STR];
    ngx_err_t   err;
    ngx_uint_t  i, n, level;

    err = reading->errors.failed ? reading->errors.err : 0;
    n = reading->errors.nelts;
    level = NGX_LOG_WARN;

    if (reading->version == NULL) {
        n = reading->nunknown ? reading->nunknown : ngx_max(n, 1);
        level = reading->conf ? NGX_LOG_EMERG : NGX_LOG_ERR;
    }

    for (i = 0; i < n; i++) {
        p = ngx_llmp_document_error(reading, i, buf, buf + sizeof(buf));

        /*
         * while the configuration is read, the log has the line of the
         * directive
         */

        if (reading->conf) {
            ngx_conf_log_error(level, reading->conf, err, "%*s",
                               (size_t) (p - buf), buf);

        } else {
            ngx_log_error(level, reading->log, err, "%*s",
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

    if (reading->errors.failed) {
        p = ngx_log_errno(p, last, reading->errors.err);
    }

    return p;
}


static u_char *
ngx_llmp_document_error(ngx_llmp_document_read_t *reading, ngx_uint_t i,
    u_char *buf, u_char *last)
{
    llmp_variable_t    *variable;
    llmp_load_error_t  *error;

    if (reading->errors.failed) {
        return ngx_slprintf(buf, last, "%s \"%V\" failed",
                            reading->errors.failed, &reading->name);
    }

    if (reading->errors.too_large) {
        return ngx_slprintf(buf, last, "\"%V\" is larger than %d bytes",
                            &reading->name, LLMP_POLICY_MAX);
    }

    if (reading->nunknown) {
        variable = reading->unknown[i];

        return ngx_slprintf(buf, last, "%*s: unknown variable \"$%*s\"",
                            variable->place.len, variable->place.data,
                            variable->name.len, variable->name.data);
    }

    if (reading->errors.nelts == 0) {
        return ngx_slprintf(buf, last, "no memory for policy \"%V\"",
                            &reading->name);
    }

    error = &reading->errors.elts[i];

    return ngx_slprintf(buf, last, "%*s:%ui:%ui: %*s: %*s",
                        error->file.len, error->file.data,
                        error->line, error->column,
                        error->path.len, error->path.data,
                        error->message.len, error->message.data);
}


ngx_uint_t
ngx_llmp_document_is_unnamed(ngx_llmp_file_t *file)
{
    struct stat  st;

    return stat((char *) file->name.data, &st) == 0 && st.st_nlink == 0;
}
