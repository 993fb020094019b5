
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "limit/llmp_limit_refusal.h"


static llmp_int_t llmp_limit_refusal_set_never(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const char *max,
    const llmp_limit_amounts_t *amounts);
static llmp_int_t llmp_limit_refusal_set_quota(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const char *max, int64_t offset);


llmp_int_t
llmp_limit_refusal_set(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const llmp_limits_t *limits,
    const llmp_limit_amounts_t *amounts, const llmp_limit_clock_t *clock)
{
    llmp_limit_e  limit;
    char          max[LLMP_LIMITS_TEXT];

    limit = verdict->limit;

    (void) llmp_limits_write(max, limit, limits->max[limit]);

    if (verdict->wait == LLMP_LIMIT_NEVER) {
        return llmp_limit_refusal_set_never(refusal, verdict, max, amounts);
    }

    if (limit == LLMP_LIMIT_CONCURRENT_REQUESTS) {
        return llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                           "rate limit reached: %s requests at a time (%s)",
                           max, llmp_limits_name(limit));
    }

    if (llmp_limit_window(limit) >= LLMP_LIMIT_DAY) {
        return llmp_limit_refusal_set_quota(refusal, verdict, max,
                                            clock->offset);
    }

    return llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                       "rate limit reached: %s (%s); try again in %" PRId64
                       " s", max, llmp_limits_name(limit),
                       (verdict->wait + 999) / 1000);
}


static llmp_int_t
llmp_limit_refusal_set_never(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const char *max,
    const llmp_limit_amounts_t *amounts)
{
    llmp_limit_e       limit;
    llmp_limit_kind_e  kind;
    char               text[LLMP_LIMITS_TEXT];

    limit = verdict->limit;
    kind = (llmp_limit_kind_e) llmp_limit_kind(limit);

    (void) llmp_limits_write(text, limit, amounts->n[kind]);

    return llmp_refuse(refusal, LLMP_REFUSE_RATE_LIMIT, NULL,
                       "the request may %s %s%s (estimated), but the limit "
                       "(%s) is %s: ask for less in one request",
                       kind == LLMP_LIMIT_COST ? "cost" : "take", text,
                       kind == LLMP_LIMIT_COST ? "" : " tokens",
                       llmp_limits_name(limit), max);
}


static llmp_int_t
llmp_limit_refusal_set_quota(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const char *max, int64_t offset)
{
    int64_t       minutes;
    llmp_limit_e  limit;
    char          zone[sizeof("+00:00")];

    static const char *const  periods[] = { "day", "week", "month" };

    limit = verdict->limit;
    minutes = ((offset < 0) ? -offset : offset) / 60;
    zone[0] = '\0';

    if (minutes != 0) {
        (void) snprintf(zone, sizeof(zone), "%c%02u:%02u",
                        (offset < 0) ? '-' : '+',
                        (unsigned) (minutes / 60) % 100,
                        (unsigned) (minutes % 60));
    }

    return llmp_refuse(refusal, LLMP_REFUSE_QUOTA, NULL,
                       "quota reached: %s (%s); try again in %" PRId64 " s, "
                       "when the next %s begins (UTC%s)", max,
                       llmp_limits_name(limit), (verdict->wait + 999) / 1000,
                       periods[llmp_limit_window(limit) - LLMP_LIMIT_DAY],
                       zone);
}
