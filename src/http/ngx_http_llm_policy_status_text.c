
/*
 * Copyright (C) llm-policy authors
 *
 * The status in the text format of Prometheus, version 0.0.4.
 */


#include "ngx_http_llm_policy_status.h"


static void ngx_http_llm_policy_text_documents(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r);
static void ngx_http_llm_policy_text_document(ngx_http_llm_policy_writer_t *w,
    ngx_uint_t metric, ngx_http_llm_policy_document_t *document);
static void ngx_http_llm_policy_text_series(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);
static void ngx_http_llm_policy_text_temperatures(
    ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_counters_t *sh);
static void ngx_http_llm_policy_text_buckets(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_buckets_copy_t *copy, const llmp_str_t *tier);
static void ngx_http_llm_policy_text_tier(ngx_http_llm_policy_writer_t *w,
    const llmp_str_t *tier, const char *before, const char *after);


/* in the order of the documents' metrics */

enum {
    ngx_http_llm_policy_info = 0,
    ngx_http_llm_policy_loaded,
    ngx_http_llm_policy_in_force,
    ngx_http_llm_policy_failures,
    ngx_http_llm_policy_document_metrics
};


static const struct {
    const char  *name;
    const char  *type;
    const char  *help;
} ngx_http_llm_policy_about_documents[] = {

    { "llm_policy_document_info", "gauge",
      "The document in force." },

    { "llm_policy_document_loaded_timestamp_seconds", "gauge",
      "When the document in force was loaded." },

    { "llm_policy_document_in_force", "gauge",
      "Whether the file is what is in force: 0 if it has mistakes." },

    { "llm_policy_document_failures_total", "counter",
      "Changes of the file that were not taken up." }
};


void
ngx_http_llm_policy_status_text(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r, ngx_http_llm_policy_counters_t *sh)
{
    ngx_http_llm_policy_buckets_copy_t    copy;
    const ngx_http_llm_policy_family_t   *family;
    const ngx_http_llm_policy_buckets_t  *buckets;

    ngx_http_llm_policy_text_head(w, "llm_policy_build_info", "gauge",
                                  "The version of the module.");
    ngx_http_llm_policy_text(w, "llm_policy_build_info{version=\""
                                LLMP_VERSION "\"} 1\n");

    ngx_http_llm_policy_text_documents(w, r);

    for (family = ngx_http_llm_policy_families; family->json; family++) {
        ngx_http_llm_policy_series(w, family, sh,
                                   ngx_http_llm_policy_text_series);
    }

    for (buckets = ngx_http_llm_policy_temperatures; buckets->json; buckets++) {
        ngx_http_llm_policy_text_temperatures(w, buckets, sh);
    }

    ngx_http_llm_policy_text_limits(w, r);

    buckets = &ngx_http_llm_policy_deciding;

    ngx_http_llm_policy_read_buckets(buckets, sh, &copy);
    ngx_http_llm_policy_text_head(w, buckets->name, "histogram",
                                  buckets->help);
    ngx_http_llm_policy_text_buckets(w, buckets, &copy, NULL);

    ngx_http_llm_policy_text_head(w, "llm_policy_request_body_bytes_total",
                                  "counter",
                                  "Size of the bodies that were decided on.");
    ngx_http_llm_policy_printf(w, "llm_policy_request_body_bytes_total %uA\n",
                               sh->bytes);
}


void
ngx_http_llm_policy_text_head(ngx_http_llm_policy_writer_t *w,
    const char *name, const char *type, const char *help)
{
    ngx_http_llm_policy_printf(w, "# HELP %s %s\n# TYPE %s %s\n",
                               name, help, name, type);
}


static void
ngx_http_llm_policy_text_documents(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r)
{
    ngx_uint_t                       i, n;
    ngx_http_llm_policy_document_t   document;

    for (n = 0; n < ngx_http_llm_policy_document_metrics; n++) {

        for (i = 0; ngx_http_llm_policy_get_document(r, i, &document); i++) {

            if (i == 0) {
                ngx_http_llm_policy_text_head(w,
                                   ngx_http_llm_policy_about_documents[n].name,
                                   ngx_http_llm_policy_about_documents[n].type,
                                   ngx_http_llm_policy_about_documents[n].help);
            }

            ngx_http_llm_policy_text_document(w, n, &document);
        }
    }
}


static void
ngx_http_llm_policy_text_document(ngx_http_llm_policy_writer_t *w,
    ngx_uint_t metric, ngx_http_llm_policy_document_t *document)
{
    ngx_http_llm_policy_text(w,
                             ngx_http_llm_policy_about_documents[metric].name);
    ngx_http_llm_policy_text(w, "{file=");
    ngx_http_llm_policy_label(w, &document->file);

    switch (metric) {

    case ngx_http_llm_policy_info:
        ngx_http_llm_policy_text(w, ",sha256=");
        ngx_http_llm_policy_label(w, &document->sha256);
        ngx_http_llm_policy_text(w, "} 1");
        break;

    case ngx_http_llm_policy_loaded:
        ngx_http_llm_policy_text(w, "} ");
        ngx_http_llm_policy_write_time(w, document->loaded);
        break;

    case ngx_http_llm_policy_in_force:
        ngx_http_llm_policy_text(w, document->error.len ? "} 0" : "} 1");
        break;

    default: /* ngx_http_llm_policy_failures */
        ngx_http_llm_policy_printf(w, "} %ui", document->failures);
    }

    ngx_http_llm_policy_text(w, "\n");
}


static void
ngx_http_llm_policy_text_series(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first)
{
    ngx_uint_t  i;

    if (first) {
        ngx_http_llm_policy_text_head(w, family->name, "counter",
                                      family->help);
    }

    ngx_http_llm_policy_text(w, family->name);

    for (i = 0; i < NGX_HTTP_LLM_POLICY_LABELS && family->labels[i]; i++) {
        ngx_http_llm_policy_printf(w, "%s%s=", i ? "," : "{",
                                   family->labels[i]);
        ngx_http_llm_policy_label(w, &values[i]);
    }

    ngx_http_llm_policy_printf(w, "} %ui\n", count);
}


static void
ngx_http_llm_policy_text_temperatures(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_counters_t *sh)
{
    ngx_uint_t                           first;
    ngx_http_llm_policy_tier_t          *tier;
    ngx_http_llm_policy_buckets_copy_t   copy;

    first = 1;

    for (tier = sh->tiers; tier; tier = tier->next) {
        ngx_http_llm_policy_read_buckets(buckets, tier, &copy);

        if (copy.count == 0) {
            continue;
        }

        if (first) {
            ngx_http_llm_policy_text_head(w, buckets->name, "histogram",
                                          buckets->help);
            first = 0;
        }

        ngx_http_llm_policy_text_buckets(w, buckets, &copy, &tier->name);
    }
}


static void
ngx_http_llm_policy_text_buckets(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_buckets_copy_t *copy, const llmp_str_t *tier)
{
    ngx_uint_t  i;

    for (i = 0; buckets->bounds[i]; i++) {
        ngx_http_llm_policy_printf(w, "%s_bucket{", buckets->name);
        ngx_http_llm_policy_text_tier(w, tier, "", ",");
        ngx_http_llm_policy_printf(w, "le=\"%s\"} %ui\n", buckets->bounds[i],
                                   copy->counts[i]);
    }

    ngx_http_llm_policy_printf(w, "%s_bucket{", buckets->name);
    ngx_http_llm_policy_text_tier(w, tier, "", ",");
    ngx_http_llm_policy_printf(w, "le=\"+Inf\"} %ui\n", copy->count);

    ngx_http_llm_policy_printf(w, "%s_sum", buckets->name);
    ngx_http_llm_policy_text_tier(w, tier, "{", "}");
    ngx_http_llm_policy_text(w, " ");
    ngx_http_llm_policy_write_sum(w, buckets, copy);

    ngx_http_llm_policy_printf(w, "\n%s_count", buckets->name);
    ngx_http_llm_policy_text_tier(w, tier, "{", "}");
    ngx_http_llm_policy_printf(w, " %ui\n", copy->count);
}


static void
ngx_http_llm_policy_text_tier(ngx_http_llm_policy_writer_t *w,
    const llmp_str_t *tier, const char *before, const char *after)
{
    if (tier) {
        ngx_http_llm_policy_printf(w, "%stier=", before);
        ngx_http_llm_policy_label(w, tier);
        ngx_http_llm_policy_text(w, after);
    }
}
