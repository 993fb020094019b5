
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_policy.h"
#include "request/llmp_request_caller.h"


static llmp_int_t llmp_request_caller_tenant(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_str_t *key, llmp_uint_t no_bearer,
    llmp_refusal_t *refusal);
static void llmp_request_caller_tier(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_str_t *tier_name);
static void llmp_request_caller_limits(llmp_caller_t *caller);


llmp_int_t
llmp_request_caller(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_str_t *tier_name, const llmp_str_t *key, llmp_uint_t no_bearer,
    llmp_refusal_t *refusal)
{
    llmp_int_t  rc;

    caller->tier = policy->default_tier;
    caller->tenant = NULL;
    caller->limits = NULL;
    caller->unknown_tier = 0;
    caller->hashed = 0;

    rc = llmp_request_caller_tenant(caller, policy, key, no_bearer, refusal);

    if (rc == LLMP_OK) {
        llmp_request_caller_tier(caller, policy, tier_name);
        llmp_request_caller_limits(caller);

    } else {

        /* a stranger is nobody's caller: it counts for no tier */

        caller->tier = NULL;
    }

    return rc;
}


static llmp_int_t
llmp_request_caller_tenant(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_str_t *key, llmp_uint_t no_bearer, llmp_refusal_t *refusal)
{
    if (key->len != 0 && policy->nkeys != 0) {

        if (llmp_key_hash(caller->hash, key) != LLMP_OK) {
            return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                               "the API key could not be looked up");
        }

        caller->hashed = 1;
        caller->tenant = llmp_policy_tenant(policy, caller->hash);
    }

    if (caller->tenant != NULL || !policy->reject_unknown_key) {
        return LLMP_OK;
    }

    return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_KEY, NULL, "%s",
                       (key->len != 0) ? "the API key is not known"
                       : no_bearer ? "an API key is required: "
                         "Authorization must be \"Bearer\", a space and "
                         "the API key"
                       : "an API key is required");
}


static void
llmp_request_caller_tier(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_str_t *tier_name)
{
    const llmp_tier_t  *tier;

    if (tier_name->len == 0) {

        if (caller->tenant != NULL) {
            caller->tier = caller->tenant->tier;
        }

        return;
    }

    tier = llmp_policy_tier(policy, tier_name);

    if (tier == NULL) {
        caller->unknown_tier = 1;
        return;
    }

    caller->tier = tier;
}


/* each limit of the tenant is its own one, or else that of the tier */

static void
llmp_request_caller_limits(llmp_caller_t *caller)
{
    llmp_limit_e          i;
    const llmp_limits_t  *limits;

    limits = &caller->tier->limits;

    if (caller->tenant != NULL) {
        caller->merged = caller->tenant->limits;
        limits = &caller->merged;
    }

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {

        if (limits->max[i] == 0) {

            if (caller->tenant == NULL || caller->tier->limits.max[i] == 0) {
                continue;
            }

            caller->merged.max[i] = caller->tier->limits.max[i];
        }

        caller->limits = limits;
    }
}
