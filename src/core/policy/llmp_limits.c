
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_limits.h"


/* index: llmp_limit_e */

static const char *const  llmp_limits_names[LLMP_LIMIT_MAX] = {
    "requests_per_minute",
    "tokens_per_minute",
    "tokens_per_day",
    "concurrent_requests"
};


const char *
llmp_limits_name(llmp_limit_e limit)
{
    return llmp_limits_names[limit];
}


void
llmp_limits_join(llmp_limits_t *limits, const llmp_limits_t *one,
    const llmp_limits_t *two)
{
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        limits->max[i] = (one->max[i] != 0) ? one->max[i] : two->max[i];
    }
}


llmp_uint_t
llmp_limits_are_equal(const llmp_limits_t *one, const llmp_limits_t *two)
{
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (one->max[i] != two->max[i]) {
            return 0;
        }
    }

    return 1;
}


llmp_uint_t
llmp_limits_any(const llmp_limits_t *limits)
{
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        if (limits->max[i] != 0) {
            return 1;
        }
    }

    return 0;
}
