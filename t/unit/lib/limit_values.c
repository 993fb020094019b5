
/*
 * Copyright (C) llm-policy authors
 */


#include "limit_values.h"


void
limit_values_add(llmp_limits_t *limits, llmp_limit_e limit, int64_t max)
{
    int64_t  unit;

    unit = llmp_limits_unit(limit);

    if (llmp_limit_kind(limit) == LLMP_LIMIT_COST) {
        unit /= 1000000;
    }

    limits->set |= llmp_limit_bit(limit);
    limits->max[limit] = max * unit;
    limits->matcher = LLMP_LIMITS_ALL_MODELS;
}


llmp_limit_amounts_t
limit_values_tokens(int64_t tokens)
{
    llmp_limit_amounts_t  amounts;

    memset(&amounts, 0, sizeof(amounts));

    amounts.n[LLMP_LIMIT_REQUESTS] = 1;
    amounts.n[LLMP_LIMIT_OUTPUT] = tokens;
    amounts.n[LLMP_LIMIT_TOKENS] =
        tokens * llmp_limits_unit(LLMP_LIMIT_TOKENS_PER_MINUTE);

    return amounts;
}
