
/*
 * Copyright (C) llm-policy authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include <inttypes.h>

#include "limit/ngx_llmp_limit_refusal.h"

#include "metrics/ngx_llmp_metrics.h"


static void ngx_llmp_limit_refusal_never(ngx_llmp_reservation_t *reservation,
    const char *max, llmp_refusal_t *refusal);
static void ngx_llmp_limit_refusal_quota(ngx_llmp_reservation_t *reservation,
    const char *max, llmp_refusal_t *refusal);


ngx_int_t
ngx_llmp_limit_refuse(ngx_http_request_t *r, ngx_llmp_ctx_t *ctx,
    llmp_refusal_t *refusal)
{
    llmp_limit_e             limit;
    const llmp_limits_t     *limits;
    llmp_limit_verdict_t    *verdict;
    ngx_llmp_reservation_t  *reservation;
    char                     max[LLMP_LIMITS_TEXT];

    reservation = ctx->reservation;
    verdict = &reservation->verdict;
    limit = verdict->limit;
    limits = reservation->entries[verdict->entry].limits;

    ngx_llmp_metrics_count_limit(r, ctx, limit, 1);

    (void) llmp_limits_write(max, limit, limits->max[limit]);

    if (verdict->wait == LLMP_LIMIT_NEVER) {
        ngx_llmp_limit_refusal_never(reservation, max, refusal);

    } else if (limit == LLMP_LIMIT_CONCURRENT_REQUESTS) {
        (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %s requests at a time (%s)",
                           max, llmp_limits_name(limit));

    } else if (llmp_limit_window(limit) >= LLMP_LIMIT_DAY) {
        ngx_llmp_limit_refusal_quota(reservation, max, refusal);

    } else {
        (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %s (%s); try again in "
                           "%" PRId64 " s", max, llmp_limits_name(limit),
                           (verdict->wait + 999) / 1000);
    }

    return NGX_DECLINED;
}


static void
ngx_llmp_limit_refusal_never(ngx_llmp_reservation_t *reservation,
    const char *max, llmp_refusal_t *refusal)
{
    llmp_limit_e       limit;
    llmp_limit_kind_e  kind;
    char               text[LLMP_LIMITS_TEXT];

    limit = reservation->verdict.limit;
    kind = (llmp_limit_kind_e) llmp_limit_kind(limit);

    (void) llmp_limits_write(text, limit, reservation->amounts.n[kind]);

    (void) llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                       "the request may %s %s%s (estimated), but the limit "
                       "(%s) is %s: ask for less in one request",
                       kind == LLMP_LIMIT_COST ? "cost" : "take", text,
                       kind == LLMP_LIMIT_COST ? "" : " tokens",
                       llmp_limits_name(limit), max);
}


static void
ngx_llmp_limit_refusal_quota(ngx_llmp_reservation_t *reservation,
    const char *max, llmp_refusal_t *refusal)
{
    int64_t       offset;
    llmp_limit_e  limit;
    char          zone[sizeof("UTC+00:00")];

    static const char *const  periods[] = { "day", "week", "month" };

    limit = reservation->verdict.limit;
    offset = reservation->clock.offset / 60;

    ngx_memcpy(zone, "UTC", sizeof("UTC"));

    if (offset != 0) {
        *ngx_sprintf((u_char *) zone + 3, "%c%02L:%02L",
                     offset < 0 ? '-' : '+', ngx_abs(offset) / 60,
                     ngx_abs(offset) % 60)
            = '\0';
    }

    (void) llmp_refuse(refusal, LLMP_REFUSE_QUOTA, NULL,
                       "quota reached: %s (%s); try again in %" PRId64 " s, "
                       "when the next %s begins (%s)", max,
                       llmp_limits_name(limit),
                       (reservation->verdict.wait + 999) / 1000,
                       periods[llmp_limit_window(limit) - LLMP_LIMIT_DAY],
                       zone);
}
