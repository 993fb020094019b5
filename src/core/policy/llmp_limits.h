
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that a tier or tenant sets for each caller.
 */


#ifndef LLMP_LIMITS_H_INCLUDED_
#define LLMP_LIMITS_H_INCLUDED_


#include "base/llmp.h"


typedef enum {
    LLMP_LIMIT_REQUESTS_PER_MINUTE = 0,
    LLMP_LIMIT_TOKENS_PER_MINUTE,
    LLMP_LIMIT_TOKENS_PER_DAY,
    LLMP_LIMIT_CONCURRENT_REQUESTS,
    LLMP_LIMIT_MAX
} llmp_limit_e;


/* largest value of a limit, well within the range of its state */
#define LLMP_LIMIT_VALUE_MAX  ((int64_t) 1000000000000)

/* values by llmp_limit_e; 0: no limit */

typedef struct {
    int64_t  max[LLMP_LIMIT_MAX];
} llmp_limits_t;


/* returns the name of a limit, as in the document */
const char *llmp_limits_name(llmp_limit_e limit);


#endif /* LLMP_LIMITS_H_INCLUDED_ */
