
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_status_text.h"

#include "limit/ngx_llmp_limit_status.h"
#include "metrics/ngx_llmp_metrics_document.h"
#include "status/ngx_llmp_status_families.h"


static void ngx_llmp_status_text_head(ngx_llmp_writer_t *w, const char *name,
    const char *type, const char *help);
static void ngx_llmp_status_text_documents(ngx_llmp_writer_t *w,
    ngx_http_request_t *r);
static void ngx_llmp_status_text_document(ngx_llmp_writer_t *w,
    ngx_uint_t metric, ngx_llmp_metrics_document_t *document);
static void ngx_llmp_status_text_row(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);
static void ngx_llmp_status_text_temperatures(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_metrics_counters_t *sh);
static void ngx_llmp_status_text_buckets(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_status_copy_t *copy,
    const llmp_str_t *tier);
static void ngx_llmp_status_text_tier(ngx_llmp_writer_t *w,
    const llmp_str_t *tier, const char *before, const char *after);
static void ngx_llmp_status_text_limits(ngx_llmp_writer_t *w,
    ngx_http_request_t *r);


/* indices of the metrics of documents */

enum {
    NGX_LLMP_STATUS_TEXT_INFO = 0,
    NGX_LLMP_STATUS_TEXT_LOADED,
    NGX_LLMP_STATUS_TEXT_IN_FORCE,
    NGX_LLMP_STATUS_TEXT_FAILURES,
    NGX_LLMP_STATUS_TEXT_MAX
};


static const struct {
    const char  *name;
    const char  *type;
    const char  *help;
} ngx_llmp_status_text_metrics[] = {

    { "llm_policy_document_info", "gauge",
      "The document in force." },

    { "llm_policy_document_loaded_timestamp_seconds", "gauge",
      "Time when the document in force was loaded." },

    { "llm_policy_document_in_force", "gauge",
      "1 if the file is in force, 0 if it changed but was not loaded." },

    { "llm_policy_document_failures_total", "counter",
      "Changes of the file that were not loaded." }
};


void
ngx_llmp_status_text(ngx_llmp_writer_t *w, ngx_http_request_t *r,
    ngx_llmp_metrics_counters_t *sh)
{
    ngx_llmp_status_copy_t            copy;
    const ngx_llmp_status_family_t   *family;
    const ngx_llmp_status_buckets_t  *buckets;

    ngx_llmp_status_text_head(w, "llm_policy_build_info", "gauge",
                              "The version of the module.");
    ngx_llmp_writer_text(w, "llm_policy_build_info{version=\"" LLMP_VERSION
                            "\"} 1\n");

    ngx_llmp_status_text_documents(w, r);

    for (family = ngx_llmp_status_families; family->json; family++) {
        ngx_llmp_status_families_rows(w, family, sh, ngx_llmp_status_text_row);
    }

    for (buckets = ngx_llmp_status_temperatures; buckets->json; buckets++) {
        ngx_llmp_status_text_temperatures(w, buckets, sh);
    }

    ngx_llmp_status_text_limits(w, r);

    buckets = &ngx_llmp_status_decision_time;

    ngx_llmp_status_families_read(buckets, sh, &copy);
    ngx_llmp_status_text_head(w, buckets->name, "histogram", buckets->help);
    ngx_llmp_status_text_buckets(w, buckets, &copy, NULL);

    ngx_llmp_status_text_head(w, "llm_policy_request_body_bytes_total",
                              "counter",
                              "Bytes of the bodies that were decided on.");
    ngx_llmp_writer_printf(w, "llm_policy_request_body_bytes_total %uA\n",
                           sh->bytes);
}


static void
ngx_llmp_status_text_head(ngx_llmp_writer_t *w, const char *name,
    const char *type, const char *help)
{
    ngx_llmp_writer_printf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                           type);
}


static void
ngx_llmp_status_text_documents(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_uint_t                   i, n;
    ngx_llmp_metrics_document_t  document;

    for (n = 0; n < NGX_LLMP_STATUS_TEXT_MAX; n++) {

        for (i = 0; ngx_llmp_metrics_document_get(r, i, &document); i++) {

            if (i == 0) {
                ngx_llmp_status_text_head(w,
                                          ngx_llmp_status_text_metrics[n].name,
                                          ngx_llmp_status_text_metrics[n].type,
                                          ngx_llmp_status_text_metrics[n].help);
            }

            ngx_llmp_status_text_document(w, n, &document);
        }
    }
}


static void
ngx_llmp_status_text_document(ngx_llmp_writer_t *w, ngx_uint_t metric,
    ngx_llmp_metrics_document_t *document)
{
    ngx_llmp_writer_text(w, ngx_llmp_status_text_metrics[metric].name);
    ngx_llmp_writer_text(w, "{file=");
    ngx_llmp_writer_label(w, &document->file);

    switch (metric) {

    case NGX_LLMP_STATUS_TEXT_INFO:
        ngx_llmp_writer_text(w, ",sha256=");
        ngx_llmp_writer_label(w, &document->sha256);
        ngx_llmp_writer_text(w, "} 1");
        break;

    case NGX_LLMP_STATUS_TEXT_LOADED:
        ngx_llmp_writer_text(w, "} ");
        ngx_llmp_writer_time(w, document->loaded);
        break;

    case NGX_LLMP_STATUS_TEXT_IN_FORCE:
        ngx_llmp_writer_text(w, document->error.len ? "} 0" : "} 1");
        break;

    default: /* NGX_LLMP_STATUS_TEXT_FAILURES */
        ngx_llmp_writer_printf(w, "} %ui", document->failures);
    }

    ngx_llmp_writer_text(w, "\n");
}


static void
ngx_llmp_status_text_row(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first)
{
    ngx_uint_t  i;

    if (first) {
        ngx_llmp_status_text_head(w, family->name, "counter", family->help);
    }

    ngx_llmp_writer_text(w, family->name);

    for (i = 0; i < NGX_LLMP_STATUS_LABELS && family->labels[i]; i++) {
        ngx_llmp_writer_printf(w, "%s%s=", i ? "," : "{", family->labels[i]);
        ngx_llmp_writer_label(w, &values[i]);
    }

    ngx_llmp_writer_printf(w, "} %ui\n", count);
}


static void
ngx_llmp_status_text_temperatures(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_metrics_counters_t *sh)
{
    ngx_uint_t                first;
    ngx_llmp_metrics_tier_t  *tier;
    ngx_llmp_status_copy_t    copy;

    first = 1;

    for (tier = sh->tiers; tier; tier = tier->next) {
        ngx_llmp_status_families_read(buckets, tier, &copy);

        if (copy.count == 0) {
            continue;
        }

        if (first) {
            ngx_llmp_status_text_head(w, buckets->name, "histogram",
                                      buckets->help);
            first = 0;
        }

        ngx_llmp_status_text_buckets(w, buckets, &copy, &tier->name);
    }
}


static void
ngx_llmp_status_text_limits(ngx_llmp_writer_t *w, ngx_http_request_t *r)
{
    ngx_llmp_limit_status_t  limits;

    if (ngx_llmp_limit_status(r, &limits) != NGX_OK) {
        return;
    }

    ngx_llmp_status_text_head(w, "llm_policy_limit_keys", "gauge",
                              "Callers whose usage is counted.");
    ngx_llmp_writer_printf(w, "llm_policy_limit_keys %ui\n", limits.keys);

    ngx_llmp_status_text_head(w, "llm_policy_limit_evictions_total",
                              "counter",
                              "Callers evicted because the zone was full.");
    ngx_llmp_writer_printf(w, "llm_policy_limit_evictions_total %ui\n",
                           limits.evicted);

    ngx_llmp_status_text_head(w, "llm_policy_zone_size_bytes", "gauge",
                              "Bytes of the zone of limits.");
    ngx_llmp_writer_printf(w, "llm_policy_zone_size_bytes %uz\n", limits.size);

    ngx_llmp_status_text_head(w, "llm_policy_zone_free_bytes", "gauge",
                              "Free bytes of the zone, in whole pages.");
    ngx_llmp_writer_printf(w, "llm_policy_zone_free_bytes %uz\n", limits.free);
}


static void
ngx_llmp_status_text_buckets(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets, ngx_llmp_status_copy_t *copy,
    const llmp_str_t *tier)
{
    ngx_uint_t  i;

    for (i = 0; buckets->bounds[i]; i++) {
        ngx_llmp_writer_printf(w, "%s_bucket{", buckets->name);
        ngx_llmp_status_text_tier(w, tier, "", ",");
        ngx_llmp_writer_printf(w, "le=\"%s\"} %ui\n", buckets->bounds[i],
                               copy->counts[i]);
    }

    ngx_llmp_writer_printf(w, "%s_bucket{", buckets->name);
    ngx_llmp_status_text_tier(w, tier, "", ",");
    ngx_llmp_writer_printf(w, "le=\"+Inf\"} %ui\n", copy->count);

    ngx_llmp_writer_printf(w, "%s_sum", buckets->name);
    ngx_llmp_status_text_tier(w, tier, "{", "}");
    ngx_llmp_writer_text(w, " ");
    ngx_llmp_status_families_sum(w, buckets, copy);

    ngx_llmp_writer_printf(w, "\n%s_count", buckets->name);
    ngx_llmp_status_text_tier(w, tier, "{", "}");
    ngx_llmp_writer_printf(w, " %ui\n", copy->count);
}


static void
ngx_llmp_status_text_tier(ngx_llmp_writer_t *w, const llmp_str_t *tier,
    const char *before, const char *after)
{
    if (tier) {
        ngx_llmp_writer_printf(w, "%stier=", before);
        ngx_llmp_writer_label(w, tier);
        ngx_llmp_writer_text(w, after);
    }
}
