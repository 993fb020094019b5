
/*
 * Copyright (C) llm-policy authors
 */


#include "status/ngx_llmp_status_families.h"

#include "base/ngx_llmp_ctx.h"
#include "base/ngx_llmp_str.h"

#include "dialect/llmp_dialect.h"


static ngx_uint_t ngx_llmp_status_families_rows_at(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const void *base,
    const llmp_str_t *tier, ngx_llmp_status_row_pt handler, ngx_uint_t first);
static llmp_str_t ngx_llmp_status_families_dialect(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_outcome(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_param(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_action(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_reason(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_kind(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_limit(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_difference_row(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_difference(ngx_uint_t i);
static llmp_str_t ngx_llmp_status_families_candidate(ngx_uint_t i);


const ngx_llmp_status_family_t  ngx_llmp_status_families[] = {

    { "requests", "llm_policy_requests_total",
      "Requests by tier, dialect and outcome.",
      offsetof(ngx_llmp_metrics_tier_t, requests), 0,
      { "tier", "dialect", "outcome" },
      ngx_llmp_status_families_dialect, ngx_llmp_status_families_outcome,
      NGX_LLMP_METRICS_OUTCOMES },

    { "adjustments", "llm_policy_adjustments_total",
      "Parameters that the policy changed, by action.",
      offsetof(ngx_llmp_metrics_tier_t, adjustments), 0,
      { "tier", "parameter", "action" },
      ngx_llmp_status_families_param, ngx_llmp_status_families_action,
      NGX_LLMP_METRICS_ACTIONS },

    { "refusals", "llm_policy_refusals_total",
      "Refused requests by code.",
      offsetof(ngx_llmp_metrics_counters_t, refusals), 1,
      { "code", NULL, NULL },
      ngx_llmp_status_families_reason, NULL, 1 },

    { "tokens", "llm_policy_tokens_total",
      "Tokens used by requests.",
      offsetof(ngx_llmp_metrics_tier_t, tokens), 0,
      { "tier", "kind", NULL },
      ngx_llmp_status_families_kind, NULL, 1 },

    { "limit_refusals", "llm_policy_limit_refusals_total",
      "Requests refused by a limit.",
      offsetof(ngx_llmp_metrics_tier_t, limits), 0,
      { "tier", "limit", NULL },
      ngx_llmp_status_families_limit, NULL, 1 },

    { "limit_near", "llm_policy_limit_near_total",
      "Requests admitted by a limit that is used to its warn_at.",
      offsetof(ngx_llmp_metrics_tier_t, near), 0,
      { "tier", "limit", NULL },
      ngx_llmp_status_families_limit, NULL, 1 },

    { "candidate_differences", "llm_policy_candidate_differences_total",
      "Parameters that the candidate would treat otherwise.",
      offsetof(ngx_llmp_metrics_tier_t, differences), 0,
      { "tier", "parameter", "kind" },
      ngx_llmp_status_families_difference_row,
      ngx_llmp_status_families_difference, LLMP_DIFFERENCE_NONE },

    { "candidate_requests", "llm_policy_candidate_requests_total",
      "Requests beside a candidate, by the comparison.",
      offsetof(ngx_llmp_metrics_counters_t, candidate), 1,
      { "result", NULL, NULL },
      ngx_llmp_status_families_candidate, NULL, 1 },

    { NULL, NULL, NULL, 0, 0, { NULL, NULL, NULL }, NULL, NULL, 0 }
};


static const char *const  ngx_llmp_status_temperature_bounds[] = {
    "0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9",
    "1", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9",
    "2", NULL
};


/* the same bounds as ngx_llmp_metrics_durations[], in seconds */

static const char *const  ngx_llmp_status_duration_bounds[] = {
    "0.000001", "0.000002", "0.000005", "0.00001", "0.00002", "0.00005",
    "0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02",
    "0.05", "0.1", "1", NULL
};


const ngx_llmp_status_buckets_t  ngx_llmp_status_temperatures[] = {

    { "requested", "llm_policy_requested_temperature",
      "Temperatures requested by clients.",
      offsetof(ngx_llmp_metrics_tier_t, requested),
      ngx_llmp_status_temperature_bounds, 1000000 },

    { "effective", "llm_policy_effective_temperature",
      "Temperatures sent to the upstream.",
      offsetof(ngx_llmp_metrics_tier_t, effective),
      ngx_llmp_status_temperature_bounds, 1000000 },

    { NULL, NULL, NULL, 0, NULL, 0 }
};


const ngx_llmp_status_buckets_t  ngx_llmp_status_decision_time = {
    "decide_seconds", "llm_policy_decide_duration_seconds",
    "Time to scan a body and to decide on it.",
    offsetof(ngx_llmp_metrics_counters_t, durations),
    ngx_llmp_status_duration_bounds, 1000000000
};


static const char *const  ngx_llmp_status_token_kinds[] = {
    "prompt", "completion", "prompt_estimated", "completion_estimated", NULL
};


/* indexed by ngx_llmp_metrics_candidate_e */

static const char *const  ngx_llmp_status_candidate_results[] = {
    "same", "different", "failed", "enforced", NULL
};


void
ngx_llmp_status_families_rows(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, ngx_llmp_metrics_counters_t *sh,
    ngx_llmp_status_row_pt handler)
{
    ngx_uint_t                first;
    ngx_llmp_metrics_tier_t  *tier;

    if (family->global) {
        (void) ngx_llmp_status_families_rows_at(w, family, sh, NULL, handler,
                                                1);
        return;
    }

    first = 1;

    for (tier = sh->tiers; tier; tier = tier->next) {
        first = ngx_llmp_status_families_rows_at(w, family, tier, &tier->name,
                                                 handler, first);
    }
}


static ngx_uint_t
ngx_llmp_status_families_rows_at(ngx_llmp_writer_t *w,
    const ngx_llmp_status_family_t *family, const void *base,
    const llmp_str_t *tier, ngx_llmp_status_row_pt handler, ngx_uint_t first)
{
    ngx_uint_t           i, j, n, count;
    llmp_str_t           values[NGX_LLMP_STATUS_LABELS];
    const ngx_atomic_t  *counter;

    n = 0;
    counter = (const ngx_atomic_t *) ((u_char *) base + family->offset);

    if (tier) {
        values[n++] = *tier;
    }

    for (i = 0; /* void */; i++) {
        values[n] = family->outer(i);

        if (values[n].data == NULL) {
            return first;
        }

        for (j = 0; j < family->ninner; j++) {
            count = *counter++;

            if (count == 0) {
                continue;
            }

            if (family->inner) {
                values[n + 1] = family->inner(j);
            }

            handler(w, family, values, count, first);
            first = 0;
        }
    }
}


void
ngx_llmp_status_families_read(const ngx_llmp_status_buckets_t *buckets,
    const void *base, ngx_llmp_status_copy_t *copy)
{
    ngx_uint_t                     i;
    ngx_llmp_metrics_histogram_t  *h;

    h = (ngx_llmp_metrics_histogram_t *) ((u_char *) base + buckets->offset);

    copy->count = 0;

    for (i = 0; buckets->bounds[i]; i++) {
        copy->count += h->counts[i];
        copy->counts[i] = copy->count;
    }

    copy->count += h->counts[i];
    copy->sum = h->sum;
}


/* avoids floating point numbers, so that the sum is exact */

void
ngx_llmp_status_families_sum(ngx_llmp_writer_t *w,
    const ngx_llmp_status_buckets_t *buckets,
    const ngx_llmp_status_copy_t *copy)
{
    ngx_uint_t  n, digit;

    n = copy->sum % buckets->scale;

    ngx_llmp_writer_printf(w, "%ui", copy->sum / buckets->scale);

    for (digit = buckets->scale / 10; n; digit /= 10) {
        ngx_llmp_writer_printf(w, "%s%ui",
                               digit == buckets->scale / 10 ? "." : "",
                               n / digit);
        n %= digit;
    }
}


static llmp_str_t
ngx_llmp_status_families_dialect(ngx_uint_t i)
{
    if (i < llmp_ndialects) {
        return llmp_dialects[i]->name;
    }

    return ngx_llmp_str_c(i == llmp_ndialects ? "" : NULL);
}


static llmp_str_t
ngx_llmp_status_families_outcome(ngx_uint_t i)
{
    i += (i < NGX_LLMP_STATUS_BYPASSED) ? 1 : 2;

    return ngx_llmp_ctx_statuses[i];
}


static llmp_str_t
ngx_llmp_status_families_param(ngx_uint_t i)
{
    if (i < LLMP_PARAM_MAX) {
        return llmp_params[i].name;
    }

    return ngx_llmp_str_c(i == LLMP_PARAM_MAX ? "pointer" : NULL);
}


static llmp_str_t
ngx_llmp_status_families_action(ngx_uint_t i)
{
    return ngx_llmp_str_c(llmp_decision_action_name(i + 1));
}


static llmp_str_t
ngx_llmp_status_families_reason(ngx_uint_t i)
{
    return ngx_llmp_str_c(i < NGX_LLMP_METRICS_REASONS
                                        ? llmp_refusal_name(i)
                                        : NULL);
}


static llmp_str_t
ngx_llmp_status_families_kind(ngx_uint_t i)
{
    return ngx_llmp_str_c(ngx_llmp_status_token_kinds[i]);
}


static llmp_str_t
ngx_llmp_status_families_limit(ngx_uint_t i)
{
    return ngx_llmp_str_c(i < LLMP_LIMIT_MAX
                                        ? llmp_limits_name(i)
                                        : NULL);
}


static llmp_str_t
ngx_llmp_status_families_difference_row(ngx_uint_t i)
{
    return ngx_llmp_str_c(i < LLMP_DIFFERENCE_ROWS
                                        ? llmp_difference_row_name(i)
                                        : NULL);
}


static llmp_str_t
ngx_llmp_status_families_difference(ngx_uint_t i)
{
    return ngx_llmp_str_c(llmp_difference_name(i));
}


static llmp_str_t
ngx_llmp_status_families_candidate(ngx_uint_t i)
{
    return ngx_llmp_str_c(ngx_llmp_status_candidate_results[i]);
}
