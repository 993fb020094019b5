
/*
 * Copyright (C) llm-policy authors
 *
 * Each worker reads a document by itself and reports the result.  The result of
 * the newest read is kept, also if a worker reports an older one later.
 */


#include "metrics/ngx_llmp_metrics_document.h"

#include "base/ngx_llmp_str.h"


static ngx_llmp_document_state_t *ngx_llmp_metrics_document_find(
    ngx_llmp_metrics_t *metrics, ngx_str_t *name);
static ngx_llmp_document_state_t *ngx_llmp_metrics_document_add(
    ngx_llmp_metrics_t *metrics, ngx_str_t *name);
static ngx_uint_t ngx_llmp_metrics_document_lock(ngx_llmp_file_t *file);
static void ngx_llmp_metrics_document_unlock(ngx_llmp_file_t *file);
static ngx_int_t ngx_llmp_metrics_document_copy(ngx_llmp_file_t *file,
    ngx_llmp_document_state_t *state);


void
ngx_llmp_metrics_document_add_all(ngx_log_t *log, ngx_llmp_metrics_t *metrics)
{
    ngx_uint_t         i;
    ngx_llmp_file_t  **file;

    file = metrics->files->elts;

    for (i = 0; i < metrics->files->nelts; i++) {

        ngx_shmtx_lock(&metrics->shpool->mutex);

        file[i]->state = ngx_llmp_metrics_document_find(metrics,
                                                        &file[i]->name);

        if (file[i]->state == NULL) {
            file[i]->state = ngx_llmp_metrics_document_add(metrics,
                                                           &file[i]->name);
        }

        ngx_shmtx_unlock(&metrics->shpool->mutex);

        if (file[i]->state == NULL) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "no room to count failures of policy \"%V\"",
                          &file[i]->name);
            continue;
        }

        file[i]->read_started = ngx_current_msec;
        file[i]->mutex = &metrics->shpool->mutex;

        ngx_llmp_metrics_document_in_force(file[i]);
    }
}


static ngx_llmp_document_state_t *
ngx_llmp_metrics_document_find(ngx_llmp_metrics_t *metrics, ngx_str_t *name)
{
    ngx_llmp_document_state_t  *state;

    for (state = metrics->sh->states; state; state = state->next) {

        if (state->name.len == name->len
            && ngx_memcmp(state->name.data, name->data, name->len) == 0)
        {
            break;
        }
    }

    return state;
}


static ngx_llmp_document_state_t *
ngx_llmp_metrics_document_add(ngx_llmp_metrics_t *metrics, ngx_str_t *name)
{
    ngx_llmp_document_state_t  *state;

    state = ngx_slab_calloc_locked(metrics->shpool,
                                   sizeof(ngx_llmp_document_state_t)
                                   + name->len);
    if (state == NULL) {
        return NULL;
    }

    state->name.len = name->len;
    state->name.data = (u_char *) state + sizeof(ngx_llmp_document_state_t);
    ngx_memcpy(state->name.data, name->data, name->len);

    state->next = metrics->sh->states;
    metrics->sh->states = state;

    return state;
}


void
ngx_llmp_metrics_document_in_force(ngx_llmp_file_t *file)
{
    ngx_llmp_document_state_t  *state;
    ngx_llmp_version_t         *version;

    if (!ngx_llmp_metrics_document_lock(file)) {
        return;
    }

    state = file->state;
    version = file->version;

    /* another worker may have read the same content before */

    if (ngx_memcmp(state->sha256, version->sha256, NGX_LLMP_SHA256) != 0) {
        ngx_memcpy(state->sha256, version->sha256, NGX_LLMP_SHA256);
        state->loaded = version->loaded;
    }

    state->len = 0;

    ngx_llmp_metrics_document_unlock(file);
}


/* all workers report the same failure: it counts once */

void
ngx_llmp_metrics_document_failed(ngx_llmp_file_t *file, u_char *message,
    size_t len)
{
    ngx_llmp_document_state_t  *state;

    if (!ngx_llmp_metrics_document_lock(file)) {
        return;
    }

    state = file->state;

    if (state->len == 0
        || ngx_memcmp(&state->identity, &file->read_identity,
                      sizeof(llmp_source_identity_t))
           != 0)
    {
        state->failures++;
        state->len = ngx_min(len, NGX_LLMP_METRICS_MESSAGE);
        ngx_memcpy(state->message, message, state->len);
    }

    ngx_llmp_metrics_document_unlock(file);
}


static ngx_uint_t
ngx_llmp_metrics_document_lock(ngx_llmp_file_t *file)
{
    if (file->state == NULL) {
        return 0;
    }

    ngx_shmtx_lock(file->mutex);

    if ((ngx_msec_int_t) (file->read_started - file->state->read_started) < 0) {
        ngx_shmtx_unlock(file->mutex);
        return 0;
    }

    file->state->read_started = file->read_started;

    return 1;
}


static void
ngx_llmp_metrics_document_unlock(ngx_llmp_file_t *file)
{
    file->state->identity = file->read_identity;

    ngx_shmtx_unlock(file->mutex);
}


ngx_uint_t
ngx_llmp_metrics_document_get(ngx_http_request_t *r, ngx_uint_t i,
    ngx_llmp_metrics_document_t *document)
{
    ngx_llmp_file_t            *file;
    ngx_llmp_document_state_t  *state;
    ngx_llmp_version_t         *version;
    ngx_llmp_main_conf_t       *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    if (i >= lpmcf->files.nelts) {
        return 0;
    }

    file = ((ngx_llmp_file_t **) lpmcf->files.elts)[i];
    version = file->version;
    state = &document->state;

    document->file = ngx_llmp_str(&file->name);
    document->sha256.len = NGX_LLMP_SHA256;
    document->sha256.data = version->sha256;
    document->loaded = version->loaded;
    document->tiers = version->policy->ntiers;
    document->tenants = version->policy->ntenants;
    document->failures = 0;
    document->error.len = 0;
    document->error.data = state->message;

    if (ngx_llmp_metrics_document_copy(file, state) != NGX_OK) {
        return 1;
    }

    document->failures = state->failures;
    document->error.len = state->len;

    /* all workers show the same time, though they read it at different ones */

    if (ngx_memcmp(state->sha256, version->sha256, NGX_LLMP_SHA256) == 0) {
        document->loaded = state->loaded;
    }

    return 1;
}


static ngx_int_t
ngx_llmp_metrics_document_copy(ngx_llmp_file_t *file,
    ngx_llmp_document_state_t *state)
{
    if (file->state == NULL) {
        return NGX_DECLINED;
    }

    ngx_shmtx_lock(file->mutex);
    *state = *file->state;
    ngx_shmtx_unlock(file->mutex);

    return NGX_OK;
}
