
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "policy/llmp_policy.h"


static int llmp_policy_tenant_cmp(const void *name, const void *tenant);
static int llmp_policy_key_cmp(const void *hash, const void *key);
static void llmp_policy_free_patterns(llmp_patterns_t *patterns);


llmp_tier_t *
llmp_policy_tier(const llmp_policy_t *policy, const llmp_str_t *name)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->ntiers; i++) {
        if (llmp_str_eq(&policy->tiers[i].name, name)) {
            return &policy->tiers[i];
        }
    }

    return NULL;
}


llmp_tenant_t *
llmp_policy_tenant(const llmp_policy_t *policy, const llmp_str_t *name)
{
    llmp_tenant_t  **found;

    if (policy->ntenants == 0) {
        return NULL;
    }

    found = bsearch(name, policy->by_name, policy->ntenants,
                    sizeof(llmp_tenant_t *), llmp_policy_tenant_cmp);

    return (found != NULL) ? *found : NULL;
}


static int
llmp_policy_tenant_cmp(const void *name, const void *tenant)
{
    const llmp_tenant_t *const  *t;

    t = tenant;

    return llmp_str_cmp(name, &(*t)->name);
}


const llmp_tenant_key_t *
llmp_policy_key(const llmp_policy_t *policy, const u_char hash[LLMP_KEY_HASH])
{
    if (policy->nkeys == 0) {
        return NULL;
    }

    return bsearch(hash, policy->keys, policy->nkeys,
                   sizeof(llmp_tenant_key_t), llmp_policy_key_cmp);
}


static int
llmp_policy_key_cmp(const void *hash, const void *key)
{
    const llmp_tenant_key_t  *k;

    k = key;

    return memcmp(hash, k->hash, LLMP_KEY_HASH);
}


llmp_int_t
llmp_policy_match(const llmp_patterns_t *patterns, const llmp_str_t *subject)
{
    llmp_int_t   rc;
    llmp_uint_t  i;

    for (i = 0; i < patterns->nelts; i++) {
        rc = llmp_pattern_match(&patterns->elts[i], subject, NULL);

        if (rc != LLMP_DECLINED) {
            return rc;
        }
    }

    return LLMP_DECLINED;
}


void
llmp_policy_free(llmp_policy_t *policy)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->ntiers + policy->nown; i++) {
        llmp_policy_free_patterns(&policy->tiers[i].allow);
        llmp_policy_free_patterns(&policy->tiers[i].deny);
    }

    for (i = 0; i < policy->nmodels; i++) {
        llmp_policy_free_patterns(&policy->models[i].match);
    }

    for (i = 0; i < policy->nmatchers; i++) {
        llmp_policy_free_patterns(&policy->matchers[i]);
    }

    for (i = 0; i < policy->nroutes; i++) {
        llmp_pattern_free(&policy->routes[i].path);
    }
}


static void
llmp_policy_free_patterns(llmp_patterns_t *patterns)
{
    llmp_uint_t  i;

    if (patterns->shared) {
        return;
    }

    for (i = 0; i < patterns->nelts; i++) {
        llmp_pattern_free(&patterns->elts[i]);
    }
}
