
/*
 * Copyright (C) llm-policy authors
 *
 * Reads policy documents while the configuration is read.
 */


#include "base/ngx_llmp_module.h"


static ngx_llmp_file_t *ngx_llmp_document_find(ngx_llmp_main_conf_t *lpmcf,
    ngx_str_t *name);
static ngx_int_t ngx_llmp_document_load(ngx_conf_t *cf, ngx_llmp_file_t *file);
static void ngx_llmp_document_close(void *data);


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

    /* before it is read: a change after that will be seen */

    (void) ngx_llmp_document_identity(&file->name, &file->read_identity);
    file->seen_identity = file->read_identity;

    /* not cf->log, which is the one before's, and gone after a reload */

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
