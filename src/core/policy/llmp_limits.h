
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


/* sets limits to those of one, and where it has none to those of two */
void llmp_limits_join(llmp_limits_t *limits, const llmp_limits_t *one,
    const llmp_limits_t *two);

/* returns 1 if both have the same limits */
llmp_uint_t llmp_limits_are_equal(const llmp_limits_t *one,
    const llmp_limits_t *two);

/* returns 1 if there is a limit */
llmp_uint_t llmp_limits_any(const llmp_limits_t *limits);

/* returns the name of a limit in the document, such as "requests_per_minute" */
const char *llmp_limits_name(llmp_limit_e limit);


#endif /* LLMP_LIMITS_H_INCLUDED_ */
