
/*
 * Copyright (C) llm-policy authors
 *
 * Reads policy documents while the configuration is read.
 */


#include "ngx_http_llm_policy_module.h"


static llmp_policy_t *ngx_http_llm_policy_parse(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_int_t ngx_http_llm_policy_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
static ngx_int_t ngx_http_llm_policy_read_fd(ngx_conf_t *cf, ngx_fd_t fd,
    ngx_str_t *name, ngx_str_t *text);
static void ngx_http_llm_policy_log_errors(ngx_conf_t *cf, ngx_str_t *name,
    llmp_policy_errors_t *errors);
static void ngx_http_llm_policy_cleanup(void *data);


llmp_policy_t *
ngx_http_llm_policy_load(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                        i;
    ngx_http_llm_policy_file_t       *file;
    ngx_http_llm_policy_main_conf_t  *lpmcf;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NULL;
    }

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    file = lpmcf->files.elts;

    for (i = 0; i < lpmcf->files.nelts; i++) {
        if (file[i].name.len == name->len
            && ngx_strncmp(file[i].name.data, name->data, name->len) == 0)
        {
            return file[i].policy;
        }
    }

    file = ngx_array_push(&lpmcf->files);
    if (file == NULL) {
        return NULL;
    }

    file->name = *name;
    file->policy = ngx_http_llm_policy_parse(cf, name);

    return file->policy;
}


static llmp_policy_t *
ngx_http_llm_policy_parse(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                         text;
    llmp_str_t                        file;
    llmp_policy_t                    *policy;
    ngx_pool_cleanup_t               *cln;
    llmp_policy_errors_t              errors;
    ngx_http_llm_policy_main_conf_t  *lpmcf;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    if (ngx_http_llm_policy_read(cf, name, &text) != NGX_OK) {
        return NULL;
    }

    lpmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_llm_policy_module);

    file = ngx_http_llm_policy_str(name);
    ngx_memzero(&errors, sizeof(llmp_policy_errors_t));

    policy = llmp_policy_load(&lpmcf->pool, &file, text.data, text.len,
                              &errors);
    if (policy == NULL) {
        ngx_http_llm_policy_log_errors(cf, name, &errors);
        return NULL;
    }

    cln->handler = ngx_http_llm_policy_cleanup;
    cln->data = policy;

    return policy;
}


static ngx_int_t
ngx_http_llm_policy_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    ngx_fd_t   fd;
    ngx_int_t  rc;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    rc = ngx_http_llm_policy_read_fd(cf, fd, name, text);

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", name);
    }

    return rc;
}


static ngx_int_t
ngx_http_llm_policy_read_fd(ngx_conf_t *cf, ngx_fd_t fd, ngx_str_t *name,
    ngx_str_t *text)
{
    size_t           size;
    ssize_t          n;
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    if (ngx_file_size(&fi) > LLMP_POLICY_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is larger than %d bytes", name,
                           LLMP_POLICY_MAX);
        return NGX_ERROR;
    }

    size = (size_t) ngx_file_size(&fi);

    text->len = 0;
    text->data = ngx_pnalloc(cf->pool, size + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    while (text->len < size) {
        n = ngx_read_fd(fd, text->data + text->len, size - text->len);

        if (n == -1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               ngx_read_fd_n " \"%V\" failed", name);
            return NGX_ERROR;
        }

        if (n == 0) {
            break;
        }

        text->len += n;
    }

    return NGX_OK;
}


static void
ngx_http_llm_policy_log_errors(ngx_conf_t *cf, ngx_str_t *name,
    llmp_policy_errors_t *errors)
{
    llmp_uint_t           i;
    llmp_policy_error_t  *error;

    if (errors->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no memory for policy \"%V\"", name);
        return;
    }

    for (i = 0; i < errors->nelts; i++) {
        error = &errors->elts[i];

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%ui:%ui: %*s: %*s", name,
                           error->line, error->column,
                           error->path.len, error->path.data,
                           error->message.len, error->message.data);
    }
}


static void
ngx_http_llm_policy_cleanup(void *data)
{
    llmp_policy_t  *policy = data;

    llmp_policy_free(policy);
}
