
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "policy/llmp_policy.h"


static void llmp_policy_free_patterns(llmp_patterns_t *patterns);
static int llmp_policy_key_cmp(const void *hash, const void *key);


void
llmp_rules_set(llmp_rules_t *rules, llmp_param_e param, llmp_rule_t *rule)
{
    uint64_t  mask;

    mask = llmp_mask(param);

    rules->params[param] = rule;

    rules->ruled &= ~mask;
    rules->held &= ~mask;
    rules->removed &= ~mask;

    if (rule == NULL) {
        return;
    }

    rules->ruled |= mask;

    if (llmp_rule_bounds(rule)) {
        rules->held |= mask;
    }

    if (rule->remove) {
        rules->removed |= mask;
    }
}


llmp_uint_t
llmp_rule_bounds(const llmp_rule_t *rule)
{
    return rule->min || rule->max || rule->force || rule->allow || rule->deny;
}


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
llmp_policy_tenant(const llmp_policy_t *policy,
    const u_char hash[LLMP_KEY_HASH])
{
    llmp_tenant_key_t  *found;

    if (policy->nkeys == 0) {
        return NULL;
    }

    found = bsearch(hash, policy->keys, policy->nkeys,
                    sizeof(llmp_tenant_key_t), llmp_policy_key_cmp);

    return found != NULL ? found->tenant : NULL;
}


void
llmp_policy_free(llmp_policy_t *policy)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->ntiers; i++) {
        llmp_policy_free_patterns(&policy->tiers[i].allow);
        llmp_policy_free_patterns(&policy->tiers[i].deny);
    }

    for (i = 0; i < policy->nmodels; i++) {
        llmp_policy_free_patterns(&policy->models[i].match);
    }

    for (i = 0; i < policy->nroutes; i++) {
        llmp_pattern_free(&policy->routes[i].path);
    }
}


static void
llmp_policy_free_patterns(llmp_patterns_t *patterns)
{
    llmp_uint_t  i;

    for (i = 0; i < patterns->nelts; i++) {
        llmp_pattern_free(&patterns->elts[i]);
    }
}


static int
llmp_policy_key_cmp(const void *hash, const void *key)
{
    const llmp_tenant_key_t  *k;

    k = key;

    return memcmp(hash, k->hash, LLMP_KEY_HASH);
}
