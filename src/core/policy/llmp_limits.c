
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "policy/llmp_limits.h"


#define LLMP_LIMITS_COST_DIGITS  12


/* index: llmp_limit_e */

static const char *const  llmp_limits_names[LLMP_LIMIT_MAX] = {
    "requests_per_minute",
    "requests_per_hour",
    "requests_per_day",
    "requests_per_week",
    "requests_per_month",
    "tokens_per_minute",
    "tokens_per_hour",
    "tokens_per_day",
    "tokens_per_week",
    "tokens_per_month",
    "input_tokens_per_minute",
    "input_tokens_per_hour",
    "input_tokens_per_day",
    "input_tokens_per_week",
    "input_tokens_per_month",
    "output_tokens_per_minute",
    "output_tokens_per_hour",
    "output_tokens_per_day",
    "output_tokens_per_week",
    "output_tokens_per_month",
    "cost_per_minute",
    "cost_per_hour",
    "cost_per_day",
    "cost_per_week",
    "cost_per_month",
    "concurrent_requests"
};


const char *const  llmp_limits_bys[LLMP_LIMITS_BYS] = {
    "caller", "key", "model"
};


/* index: llmp_limit_kind_e; concurrent requests are after the last kind */

static const int64_t  llmp_limits_units[LLMP_LIMIT_KINDS + 1] = {
    1, 1000, 1, 1, 1000000000000, 1
};


const char *
llmp_limits_name(llmp_limit_e limit)
{
    return llmp_limits_names[limit];
}


llmp_limit_e
llmp_limits_by_name(const llmp_str_t *name)
{
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (llmp_str_is(name, llmp_limits_names[i])) {
            break;
        }
    }

    return i;
}


int64_t
llmp_limits_unit(llmp_limit_e limit)
{
    return llmp_limits_units[llmp_limit_kind(limit)];
}


void
llmp_limits_join(llmp_limits_t *limits, const llmp_limits_t *one,
    const llmp_limits_t *two)
{
    llmp_limit_e   i;
    llmp_limits_t  joined;

    joined = *one;
    joined.own = one->set;
    joined.joined = two;
    joined.set |= two->set;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (joined.max[i] == 0) {
            joined.max[i] = two->max[i];
        }
    }

    if (joined.warn_at == 0) {
        joined.warn_at = two->warn_at;
    }

    if (joined.over == NULL) {
        joined.over = two->over;
    }

    *limits = joined;
}


const llmp_str_t *
llmp_limits_place(const llmp_limits_t *limits, llmp_limit_e limit)
{
    while (limits->joined != NULL
           && (limits->own & llmp_limit_bit(limit)) == 0)
    {
        limits = limits->joined;
    }

    return &limits->place;
}


llmp_uint_t
llmp_limits_are_equal(const llmp_limits_t *one, const llmp_limits_t *two)
{
    return one->id == two->id
           && one->set == two->set
           && one->by == two->by
           && one->matcher == two->matcher
           && one->over == two->over
           && memcmp(one->max, two->max, sizeof(one->max)) == 0;
}


size_t
llmp_limits_write(char text[LLMP_LIMITS_TEXT], llmp_limit_e limit,
    int64_t value)
{
    int      len;
    int64_t  unit, whole, rest;

    unit = llmp_limits_unit(limit);
    whole = value / unit;
    rest = value % unit;

    if (llmp_limit_kind(limit) != LLMP_LIMIT_COST || rest == 0) {
        return (size_t) snprintf(text, LLMP_LIMITS_TEXT, "%" PRId64, whole);
    }

    len = snprintf(text, LLMP_LIMITS_TEXT, "%" PRId64 ".%0*" PRId64, whole,
                   LLMP_LIMITS_COST_DIGITS, rest);

    while (text[len - 1] == '0') {
        text[--len] = '\0';
    }

    return (size_t) len;
}
