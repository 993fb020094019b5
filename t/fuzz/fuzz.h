
/*
 * Copyright (C) llm-policy authors
 *
 * Shared by the fuzzers of decisions and the driver of random requests.
 */


#ifndef LLMP_FUZZ_H_INCLUDED_
#define LLMP_FUZZ_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "loader/llmp_load.h"


/* ends the program if a condition does not hold */
#define must(truth, what)  fuzz_must(truth, what, __FILE__)


static inline void
fuzz_must(int truth, const char *what, const char *file)
{
    if (!truth) {
        fprintf(stderr, "%s: %s\n", file, what);
        abort();
    }
}


static inline llmp_policy_t *
fuzz_policy(llmp_pool_t *pool, const char *document)
{
    llmp_str_t          file = llmp_string("fuzz");
    llmp_policy_t      *policy;
    llmp_load_errors_t  errors;

    policy = llmp_load_policy(pool, &file, (u_char *) document,
                              strlen(document), &errors);

    must(policy != NULL, "the policy does not load");

    return policy;
}


static inline void
fuzz_range(json_t *value, double min, double max)
{
    if (json_is_null(value)) {
        return;
    }

    must(json_is_number(value), "not a number");
    must(json_number_value(value) >= min, "below the minimum");
    must(json_number_value(value) <= max, "above the maximum");
}


#endif /* LLMP_FUZZ_H_INCLUDED_ */
