
/*
 * Copyright (C) llm-policy authors
 *
 * What the status tells of limits: how much room there is, and which tenants
 * are near theirs.  Nobody else is named, since clients choose their names.
 */


#include "status/ngx_llmp_status.h"


static ngx_int_t ngx_llmp_get_report(ngx_http_request_t *r,
    ngx_llmp_limit_status_t *report);
static void ngx_llmp_status_json_close_caller(ngx_llmp_writer_t *w,
    ngx_http_request_t *r, ngx_llmp_close_caller_t *near);
static llmp_str_t ngx_llmp_status_json_tier_of(ngx_http_request_t *r,
    const llmp_str_t *tenant);


void
ngx_llmp_status_json_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_uint_t               i;
    llmp_str_t               name;
    ngx_llmp_limit_status_t  report;

    if (ngx_llmp_get_report(r, &report) != NGX_OK) {
        return;
    }

    name = ngx_llmp_str(&report.name);

    ngx_llmp_writer_text(w, ",\n\"limits\":{\"zone\":");
    ngx_llmp_writer_json_string(w, &name);
    ngx_llmp_writer_printf(w, ",\"size\":%uz,\"free\":%uz,\"keys\":%ui,"
                           "\"evicted\":%ui,\"nearest\":[",
                           report.size, report.free, report.keys,
                           report.evicted);

    for (i = 0; i < report.n; i++) {
        ngx_llmp_writer_text(w, i ? ",\n" : "\n");
        ngx_llmp_status_json_close_caller(w, r, &report.near[i]);
    }

    ngx_llmp_writer_text(w, "]}");
}


static ngx_int_t
ngx_llmp_get_report(ngx_http_request_t *r, ngx_llmp_limit_status_t *report)
{
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);

    if (lpmcf->limit_zone == NULL) {
        return NGX_DECLINED;
    }

    ngx_llmp_limit_status(lpmcf->limit_zone, report);

    return NGX_OK;
}


static void
ngx_llmp_status_json_close_caller(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_close_caller_t *near)
{
    llmp_str_t  tenant, tier;

    tenant.len = near->len;
    tenant.data = near->name;

    tier = ngx_llmp_status_json_tier_of(r, &tenant);

    ngx_llmp_writer_text(w, "{\"tenant\":");
    ngx_llmp_writer_json_string(w, &tenant);
    ngx_llmp_writer_text(w, ",\"tier\":");
    ngx_llmp_writer_json_string(w, &tier);
    ngx_llmp_writer_printf(w, ",\"limit\":\"%s\",\"used\":%L,"
                           "\"allowed\":%L}",
                           llmp_limit_name(near->limit), near->used,
                           near->allowed);
}


/* as the documents have it now; empty if the tenant is gone */

static llmp_str_t
ngx_llmp_status_json_tier_of(ngx_http_request_t *r, const llmp_str_t *tenant)
{
    ngx_uint_t             i, n;
    llmp_str_t             none = llmp_string("");
    llmp_policy_t         *policy;
    ngx_llmp_file_t      **file;
    ngx_llmp_main_conf_t  *lpmcf;

    lpmcf = ngx_http_get_module_main_conf(r, ngx_http_llm_policy_module);
    file = lpmcf->files.elts;

    for (i = 0; i < lpmcf->files.nelts; i++) {
        policy = file[i]->version->policy;

        for (n = 0; n < policy->ntenants; n++) {
            if (llmp_str_eq(&policy->tenants[n].name, tenant)) {
                return policy->tenants[n].tier->name;
            }
        }
    }

    return none;
}


void
ngx_llmp_status_text_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_llmp_limit_status_t  report;

    if (ngx_llmp_get_report(r, &report) != NGX_OK) {
        return;
    }

    ngx_llmp_status_text_head(w, "llm_policy_limit_keys", "gauge",
                              "Callers of whom limits are kept.");
    ngx_llmp_writer_printf(w, "llm_policy_limit_keys %ui\n", report.keys);

    ngx_llmp_status_text_head(w, "llm_policy_limit_evictions_total",
                              "counter", "Callers that were forgotten to "
                              "make room for others.");
    ngx_llmp_writer_printf(w, "llm_policy_limit_evictions_total %ui\n",
                           report.evicted);

    ngx_llmp_status_text_head(w, "llm_policy_zone_size_bytes", "gauge",
                              "Size of the zone of limits.");
    ngx_llmp_writer_printf(w, "llm_policy_zone_size_bytes %uz\n", report.size);

    ngx_llmp_status_text_head(w, "llm_policy_zone_free_bytes", "gauge",
                              "What is free of it, in whole pages.");
    ngx_llmp_writer_printf(w, "llm_policy_zone_free_bytes %uz\n", report.free);
}
