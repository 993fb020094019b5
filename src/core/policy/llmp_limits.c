
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_limits.h"


/* in the order of llmp_limit_e */

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
