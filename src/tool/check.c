
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "llm_policy.h"
#include "read.h"
#include "usage.h"


int
check_run(int argc, char **argv)
{
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    if (argc != 2) {
        return usage_print();
    }

    llmp_arena_init(&arena);

    policy = read_policy(&arena, argv[1]);

    if (policy != NULL) {
        printf("%s is valid (", argv[1]);

        if (policy->nparts != 0) {
            printf("parts: %zu, ", (size_t) policy->nparts);
        }

        printf("tiers: %zu, models: %zu, tenants: %zu, keys: %zu, "
               "routes: %zu)\n", (size_t) policy->ntiers,
               (size_t) policy->nmodels, (size_t) policy->ntenants,
               (size_t) policy->nkeys, (size_t) policy->nroutes);

        llmp_policy_free(policy);
    }

    llmp_arena_reset(&arena);

    return (policy != NULL) ? LLM_POLICY_OK : LLM_POLICY_ERROR;
}
