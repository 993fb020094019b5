
/*
 * Copyright (C) llm-policy authors
 *
 * The status as JSON.
 */


#include "ngx_http_llm_policy_status.h"


static void ngx_http_llm_policy_json_documents(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r);
static void ngx_http_llm_policy_json_series(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first);
static void ngx_http_llm_policy_json_temperatures(
    ngx_http_llm_policy_writer_t *w, ngx_http_llm_policy_counters_t *sh);
static void ngx_http_llm_policy_json_buckets(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_buckets_copy_t *copy);
static void ngx_http_llm_policy_json_time(ngx_http_llm_policy_writer_t *w,
    const char *name, uint64_t ms);
static void ngx_http_llm_policy_json_string(ngx_http_llm_policy_writer_t *w,
    const char *name, const llmp_str_t *value);


void
ngx_http_llm_policy_status_json(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r, ngx_http_llm_policy_counters_t *sh)
{
    ngx_time_t                          *tp;
    ngx_http_llm_policy_buckets_copy_t   copy;
    const ngx_http_llm_policy_family_t  *family;

    tp = ngx_timeofday();

    ngx_http_llm_policy_text(w, "{\"version\":\"" LLMP_VERSION "\"");
    ngx_http_llm_policy_json_time(w, "time",
                                  (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_http_llm_policy_json_time(w, "since", sh->since);

    ngx_http_llm_policy_json_documents(w, r);

    for (family = ngx_http_llm_policy_families; family->json; family++) {
        ngx_http_llm_policy_printf(w, ",\n\"%s\":[", family->json);
        ngx_http_llm_policy_series(w, family, sh,
                                   ngx_http_llm_policy_json_series);
        ngx_http_llm_policy_text(w, "]");
    }

    ngx_http_llm_policy_json_temperatures(w, sh);
    ngx_http_llm_policy_json_limits(w, r);

    ngx_http_llm_policy_read_buckets(&ngx_http_llm_policy_deciding, sh, &copy);
    ngx_http_llm_policy_text(w, ",\n");
    ngx_http_llm_policy_json_buckets(w, &ngx_http_llm_policy_deciding, &copy);

    ngx_http_llm_policy_printf(w, ",\n\"request_body_bytes\":%uA}\n",
                               sh->bytes);
}


static void
ngx_http_llm_policy_json_documents(ngx_http_llm_policy_writer_t *w,
    ngx_http_request_t *r)
{
    ngx_uint_t                       i;
    ngx_http_llm_policy_document_t   document;

    ngx_http_llm_policy_text(w, ",\n\"documents\":[");

    for (i = 0; ngx_http_llm_policy_get_document(r, i, &document); i++) {
        ngx_http_llm_policy_text(w, i ? ",\n{\"file\":" : "\n{\"file\":");
        ngx_http_llm_policy_quoted(w, &document.file);
        ngx_http_llm_policy_json_string(w, "sha256", &document.sha256);
        ngx_http_llm_policy_json_time(w, "loaded", document.loaded);
        ngx_http_llm_policy_text(w, document.error.len
                                    ? ",\"in_force\":false"
                                    : ",\"in_force\":true");
        ngx_http_llm_policy_printf(w, ",\"failures\":%ui", document.failures);
        ngx_http_llm_policy_json_string(w, "error", &document.error);
        ngx_http_llm_policy_printf(w, ",\"tiers\":%ui,\"tenants\":%ui}",
                                   document.tiers, document.tenants);
    }

    ngx_http_llm_policy_text(w, "]");
}


static void
ngx_http_llm_policy_json_series(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_family_t *family, const llmp_str_t *values,
    ngx_uint_t count, ngx_uint_t first)
{
    ngx_uint_t  i;

    ngx_http_llm_policy_text(w, first ? "\n{" : ",\n{");

    for (i = 0; i < NGX_HTTP_LLM_POLICY_LABELS && family->labels[i]; i++) {
        ngx_http_llm_policy_printf(w, "\"%s\":", family->labels[i]);
        ngx_http_llm_policy_quoted(w, &values[i]);
        ngx_http_llm_policy_text(w, ",");
    }

    ngx_http_llm_policy_printf(w, "\"count\":%ui}", count);
}


static void
ngx_http_llm_policy_json_temperatures(ngx_http_llm_policy_writer_t *w,
    ngx_http_llm_policy_counters_t *sh)
{
    ngx_uint_t                           first;
    ngx_http_llm_policy_tier_t          *tier;
    ngx_http_llm_policy_buckets_copy_t   requested, effective;

    ngx_http_llm_policy_text(w, ",\n\"temperature\":[");

    first = 1;

    for (tier = sh->tiers; tier; tier = tier->next) {
        ngx_http_llm_policy_read_buckets(&ngx_http_llm_policy_temperatures[0],
                                         tier, &requested);
        ngx_http_llm_policy_read_buckets(&ngx_http_llm_policy_temperatures[1],
                                         tier, &effective);

        if (requested.count == 0 && effective.count == 0) {
            continue;
        }

        ngx_http_llm_policy_text(w, first ? "\n{\"tier\":" : ",\n{\"tier\":");
        ngx_http_llm_policy_quoted(w, &tier->name);
        ngx_http_llm_policy_text(w, ",");
        ngx_http_llm_policy_json_buckets(w,
                              &ngx_http_llm_policy_temperatures[0], &requested);
        ngx_http_llm_policy_text(w, ",");
        ngx_http_llm_policy_json_buckets(w,
                              &ngx_http_llm_policy_temperatures[1], &effective);
        ngx_http_llm_policy_text(w, "}");

        first = 0;
    }

    ngx_http_llm_policy_text(w, "]");
}


static void
ngx_http_llm_policy_json_buckets(ngx_http_llm_policy_writer_t *w,
    const ngx_http_llm_policy_buckets_t *buckets,
    ngx_http_llm_policy_buckets_copy_t *copy)
{
    ngx_uint_t  i;

    ngx_http_llm_policy_printf(w, "\"%s\":{\"buckets\":[", buckets->json);

    for (i = 0; buckets->bounds[i]; i++) {
        ngx_http_llm_policy_printf(w, "%s[%s,%ui]", i ? "," : "",
                                   buckets->bounds[i], copy->counts[i]);
    }

    ngx_http_llm_policy_text(w, "],\"sum\":");
    ngx_http_llm_policy_write_sum(w, buckets, copy);
    ngx_http_llm_policy_printf(w, ",\"count\":%ui}", copy->count);
}


static void
ngx_http_llm_policy_json_time(ngx_http_llm_policy_writer_t *w,
    const char *name, uint64_t ms)
{
    ngx_http_llm_policy_printf(w, ",\"%s\":", name);
    ngx_http_llm_policy_write_time(w, ms);
}


static void
ngx_http_llm_policy_json_string(ngx_http_llm_policy_writer_t *w,
    const char *name, const llmp_str_t *value)
{
    ngx_http_llm_policy_printf(w, ",\"%s\":", name);
    ngx_http_llm_policy_quoted(w, value);
}
