
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_status.h"


/* the i-th of all documents, as this worker has it; 0 if there is none */

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

    /* all workers are to tell the same, who read it at different times */

    if (ngx_memcmp(state->sha256, version->sha256, NGX_LLMP_SHA256) == 0) {
        document->loaded = state->loaded;
    }

    return 1;
}
