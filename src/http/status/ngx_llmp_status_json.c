
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_status_json.h"

#include "base/ngx_llmp_str.h"
#include "limit/ngx_llmp_limit_status.h"
#include "metrics/ngx_llmp_metrics_document.h"
#include "status/ngx_llmp_status_families.h"


static void ngx_llmp_status_json_documents(ngx_llmp_writer_t *w,
    ngx_http_request_t *r);
static void ngx_llmp_status_json_row(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);
static void ngx_llmp_status_json_temperatures(ngx_llmp_writer_t *w,
    ngx_llmp_metrics_counters_t *sh);
static void ngx_llmp_status_json_buckets(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_status_copy_t *copy);
static void ngx_llmp_status_json_time(ngx_llmp_writer_t *w, const char *name,
    uint64_t ms);
static void ngx_llmp_status_json_string(ngx_llmp_writer_t *w, const char *name,
    const llmp_str_t *value);
static void ngx_llmp_status_json_limits(ngx_llmp_writer_t *w,
    ngx_http_request_t *r);
static void ngx_llmp_status_json_close_caller(ngx_llmp_writer_t *w,
    ngx_http_request_t *r, ngx_llmp_close_caller_t *caller);
static llmp_str_t ngx_llmp_status_json_tier_of(ngx_http_request_t *r,
    const llmp_str_t *tenant);


void
ngx_llmp_status_json(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_metrics_counters_t *sh)
{
    ngx_time_t                      *tp;
    ngx_llmp_status_copy_t           copy;
    const ngx_llmp_status_family_t  *family;

    tp = ngx_timeofday();

    ngx_llmp_writer_text(w, "{\"version\":\"" LLMP_VERSION "\"");
    ngx_llmp_status_json_time(w, "time", (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_llmp_status_json_time(w, "since", sh->since);

    ngx_llmp_status_json_documents(w, r);

    for (family = ngx_llmp_status_families; family->json; family++) {
        ngx_llmp_writer_printf(w, ",\n\"%s\":[", family->json);
        ngx_llmp_status_families_rows(w, family, sh, ngx_llmp_status_json_row);
        ngx_llmp_writer_text(w, "]");
    }

    ngx_llmp_status_json_temperatures(w, sh);
    ngx_llmp_status_json_limits(w, r);

    ngx_llmp_status_families_read(&ngx_llmp_status_decision_time, sh, &copy);
    ngx_llmp_writer_text(w, ",\n");
    ngx_llmp_status_json_buckets(w, &ngx_llmp_status_decision_time, &copy);

    ngx_llmp_writer_printf(w, ",\n\"request_body_bytes\":%uA}\n", sh->bytes);
}


static void
ngx_llmp_status_json_documents(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_uint_t                   i;
    ngx_llmp_metrics_document_t  document;

    ngx_llmp_writer_text(w, ",\n\"documents\":[");

    for (i = 0; ngx_llmp_metrics_document_get(r, i, &document); i++) {
        ngx_llmp_writer_text(w, i ? ",\n{\"file\":" : "\n{\"file\":");
        ngx_llmp_writer_json_string(w, &document.file);
        ngx_llmp_status_json_string(w, "sha256", &document.sha256);
        ngx_llmp_status_json_time(w, "loaded", document.loaded);
        ngx_llmp_writer_text(w, document.error.len
                                    ? ",\"in_force\":false"
                                    : ",\"in_force\":true");
        ngx_llmp_writer_printf(w, ",\"failures\":%ui", document.failures);
        ngx_llmp_status_json_string(w, "error", &document.error);
        ngx_llmp_writer_printf(w, ",\"tiers\":%ui,\"tenants\":%ui}",
                               document.tiers, document.tenants);
    }

    ngx_llmp_writer_text(w, "]");
}


static void
ngx_llmp_status_json_row(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first)
{
    ngx_uint_t  i;

    ngx_llmp_writer_text(w, first ? "\n{" : ",\n{");

    for (i = 0; i < NGX_LLMP_STATUS_LABELS && family->labels[i]; i++) {
        ngx_llmp_writer_printf(w, "\"%s\":", family->labels[i]);
        ngx_llmp_writer_json_string(w, &values[i]);
        ngx_llmp_writer_text(w, ",");
    }

    ngx_llmp_writer_printf(w, "\"count\":%ui}", count);
}


static void
ngx_llmp_status_json_temperatures(ngx_llmp_writer_t *w,
    ngx_llmp_metrics_counters_t *sh)
{
    ngx_uint_t                first;
    ngx_llmp_metrics_tier_t  *tier;
    ngx_llmp_status_copy_t    requested, effective;

    ngx_llmp_writer_text(w, ",\n\"temperature\":[");

    first = 1;

    for (tier = sh->tiers; tier; tier = tier->next) {
        ngx_llmp_status_families_read(&ngx_llmp_status_temperatures[0], tier,
                                      &requested);
        ngx_llmp_status_families_read(&ngx_llmp_status_temperatures[1], tier,
                                      &effective);

        if (requested.count == 0 && effective.count == 0) {
            continue;
        }

        ngx_llmp_writer_text(w, first ? "\n{\"tier\":" : ",\n{\"tier\":");
        ngx_llmp_writer_json_string(w, &tier->name);
        ngx_llmp_writer_text(w, ",");
        ngx_llmp_status_json_buckets(w, &ngx_llmp_status_temperatures[0],
                                     &requested);
        ngx_llmp_writer_text(w, ",");
        ngx_llmp_status_json_buckets(w, &ngx_llmp_status_temperatures[1],
                                     &effective);
        ngx_llmp_writer_text(w, "}");

        first = 0;
    }

    ngx_llmp_writer_text(w, "]");
}


static void
ngx_llmp_status_json_buckets(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_status_copy_t *copy)
{
    ngx_uint_t  i;

    ngx_llmp_writer_printf(w, "\"%s\":{\"buckets\":[", buckets->json);

    for (i = 0; buckets->bounds[i]; i++) {
        ngx_llmp_writer_printf(w, "%s[%s,%ui]", i ? "," : "",
                               buckets->bounds[i], copy->counts[i]);
    }

    ngx_llmp_writer_text(w, "],\"sum\":");
    ngx_llmp_status_families_sum(w, buckets, copy);
    ngx_llmp_writer_printf(w, ",\"count\":%ui}", copy->count);
}


static void
ngx_llmp_status_json_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_uint_t               i;
    llmp_str_t               name;
    ngx_llmp_limit_status_t  limits;

    if (ngx_llmp_limit_status(r, &limits) != NGX_OK) {
        return;
    }

    name = ngx_llmp_str(&limits.name);

    ngx_llmp_writer_text(w, ",\n\"limits\":{\"zone\":");
    ngx_llmp_writer_json_string(w, &name);
    ngx_llmp_writer_printf(w, ",\"size\":%uz,\"free\":%uz,\"keys\":%ui,"
                           "\"evicted\":%ui,\"nearest\":[",
                           limits.size, limits.free, limits.keys,
                           limits.evicted);

    for (i = 0; i < limits.ncallers; i++) {
        ngx_llmp_writer_text(w, i ? ",\n" : "\n");
        ngx_llmp_status_json_close_caller(w, r, &limits.callers[i]);
    }

    ngx_llmp_writer_text(w, "]}");
}


static void
ngx_llmp_status_json_close_caller(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_close_caller_t *caller)
{
    llmp_str_t             tenant, tier;
    llmp_limit_nearest_t  *nearest;
    char                   used[LLMP_LIMITS_TEXT], allowed[LLMP_LIMITS_TEXT];

    nearest = &caller->nearest;

    (void) llmp_limits_write(used, nearest->limit, nearest->used);
    (void) llmp_limits_write(allowed, nearest->limit, nearest->max);

    tenant.len = caller->len;
    tenant.data = caller->name;

    tier = ngx_llmp_status_json_tier_of(r, &tenant);

    ngx_llmp_writer_text(w, "{\"tenant\":");
    ngx_llmp_writer_json_string(w, &tenant);
    ngx_llmp_writer_text(w, ",\"tier\":");
    ngx_llmp_writer_json_string(w, &tier);
    ngx_llmp_writer_printf(w, ",\"limit\":\"%s\",\"used\":%s,"
                           "\"allowed\":%s}",
                           llmp_limits_name(nearest->limit), used, allowed);
}


/* returns the present tier of a tenant; empty if it is not found */

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


static void
ngx_llmp_status_json_time(ngx_llmp_writer_t *w, const char *name, uint64_t ms)
{
    ngx_llmp_writer_printf(w, ",\"%s\":", name);
    ngx_llmp_writer_time(w, ms);
}


static void
ngx_llmp_status_json_string(ngx_llmp_writer_t *w, const char *name,
    const llmp_str_t *value)
{
    ngx_llmp_writer_printf(w, ",\"%s\":", name);
    ngx_llmp_writer_json_string(w, value);
}
