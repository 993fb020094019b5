
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_date.h"
#include "policy/llmp_policy.h"
#include "request/llmp_request_caller.h"


static llmp_int_t llmp_request_caller_find_tenant(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_identity_t *identity,
    llmp_refusal_t *refusal);
static llmp_int_t llmp_request_caller_refuse(const llmp_caller_t *caller,
    const llmp_identity_t *identity, llmp_refusal_t *refusal);
static void llmp_request_caller_set_tier(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_identity_t *identity);
static void llmp_request_caller_set_limits(llmp_caller_t *caller,
    const llmp_policy_t *policy);
static void llmp_request_caller_add_limits(llmp_caller_t *caller,
    const llmp_limits_list_t *list);
static void llmp_request_caller_join_limits(llmp_caller_t *caller,
    const llmp_limits_t *own);
static llmp_uint_t llmp_request_caller_was_moved_by(
    const llmp_caller_t *caller, const llmp_limits_t *limits);


llmp_int_t
llmp_request_caller(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_identity_t *identity, llmp_refusal_t *refusal)
{
    /* a stranger is nobody's caller: it counts for no tier */

    caller->tier = NULL;
    caller->tenant = NULL;
    caller->terms = NULL;
    caller->moved = 0;
    caller->unknown_tier = 0;
    caller->unknown_tenant = 0;
    caller->hashed = 0;

    if (llmp_request_caller_find_tenant(caller, policy, identity, refusal)
        != LLMP_OK)
    {
        return LLMP_ERROR;
    }

    if (caller->tenant == NULL && policy->reject_unknown_key
        && (identity->key.len != 0 || !identity->no_key
            || caller->unknown_tenant))
    {
        return llmp_request_caller_refuse(caller, identity, refusal);
    }

    llmp_request_caller_set_tier(caller, policy, identity);
    llmp_request_caller_set_limits(caller, policy);

    if (caller->terms == NULL) {
        return LLMP_OK;
    }

    return llmp_request_caller_judge_key(caller->terms, identity->now, refusal);
}


static llmp_int_t
llmp_request_caller_find_tenant(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_identity_t *identity,
    llmp_refusal_t *refusal)
{
    const llmp_tenant_key_t  *key;

    if (identity->tenant.len != 0) {
        caller->tenant = llmp_policy_tenant(policy, &identity->tenant);
        caller->unknown_tenant = (caller->tenant == NULL);

        return LLMP_OK;
    }

    if (identity->key.len == 0 || policy->nkeys == 0) {
        return LLMP_OK;
    }

    if (identity->hash != NULL) {

        /* it may be that of the same caller, from another lookup */

        memmove(caller->hash, identity->hash, LLMP_KEY_HASH);

    } else if (llmp_key_hash(caller->hash, &identity->key) != LLMP_OK) {
        return llmp_refuse(refusal, LLMP_REFUSE_INTERNAL, NULL,
                           "the API key could not be looked up");
    }

    caller->hashed = 1;
    key = llmp_policy_key(policy, caller->hash);

    if (key != NULL) {
        caller->tenant = key->tenant;
        caller->terms = key->terms;
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_request_caller_refuse(const llmp_caller_t *caller,
    const llmp_identity_t *identity, llmp_refusal_t *refusal)
{
    const char  *message;

    message = "an API key is required";

    if (caller->unknown_tenant) {
        message = "the tenant is not known";

    } else if (identity->key.len != 0) {
        message = "the API key is not known";

    } else if (identity->no_bearer) {
        message = "an API key is required: Authorization must be \"Bearer\", a "
                  "space and the API key";
    }

    return llmp_refuse(refusal, LLMP_REFUSE_UNKNOWN_KEY, NULL, "%s", message);
}


static void
llmp_request_caller_set_tier(llmp_caller_t *caller,
    const llmp_policy_t *policy, const llmp_identity_t *identity)
{
    const llmp_tier_t  *tier;

    caller->tier = (caller->tenant != NULL) ? caller->tenant->tier->named
                                            : policy->default_tier;

    if (identity->tier.len == 0) {
        return;
    }

    tier = llmp_policy_tier(policy, &identity->tier);

    caller->unknown_tier = (tier == NULL);
    caller->tier = (tier != NULL) ? tier : policy->default_tier;
}


void
llmp_request_caller_move(llmp_caller_t *caller, const llmp_policy_t *policy,
    const llmp_tier_t *tier)
{
    caller->tier = tier;
    caller->moved = 1;

    llmp_request_caller_set_limits(caller, policy);
}


/*
 * Limits of a tenant hold in every tier: an array in place of the tier's, a
 * plain object before the tier's plain object, or besides the tier's array.
 * An array of which nothing holds leaves its place to the tier.
 */

static void
llmp_request_caller_set_limits(llmp_caller_t *caller,
    const llmp_policy_t *policy)
{
    const llmp_limits_list_t  *own, *tier;

    caller->nlimits = 0;

    own = (caller->tenant != NULL) ? &caller->tenant->limits : NULL;
    tier = &caller->tier->limits;

    if (own == NULL || own->nelts == 0) {
        llmp_request_caller_add_limits(caller, tier);

    } else if (llmp_limits_are_plain(own)) {
        llmp_request_caller_add_limits(caller, tier);

        if (!llmp_request_caller_was_moved_by(caller, own->elts)) {
            llmp_request_caller_join_limits(caller, own->elts);
        }

    } else {
        llmp_request_caller_add_limits(caller, own);

        if (caller->nlimits == 0) {
            llmp_request_caller_add_limits(caller, tier);
        }
    }

    if (caller->terms != NULL) {
        llmp_request_caller_add_limits(caller, &caller->terms->limits);
    }

    llmp_request_caller_add_limits(caller, &policy->limits);
}


/* adds the plain object of a tenant: before that of the tier, which is the last
   one then, or besides its array */

static void
llmp_request_caller_join_limits(llmp_caller_t *caller,
    const llmp_limits_t *own)
{
    const llmp_limits_t  *plain;

    plain = llmp_limits_plain(&caller->tier->limits);

    if (plain != NULL) {
        llmp_limits_join(&caller->joined, own, plain);
        caller->limits[caller->nlimits - 1] = &caller->joined;

    } else {
        caller->limits[caller->nlimits++] = own;
    }
}


/* the loader has checked that no caller has more than LLMP_LIMITS_OBJECTS; the
   plain object of a tier always holds in it, as limits of others are joined */

static void
llmp_request_caller_add_limits(llmp_caller_t *caller,
    const llmp_limits_list_t *list)
{
    llmp_uint_t           i;
    const llmp_limits_t  *limits;

    for (i = 0; i < list->nelts; i++) {
        limits = &list->elts[i];

        if (limits->id == 0
            || !llmp_request_caller_was_moved_by(caller, limits))
        {
            caller->limits[caller->nlimits++] = limits;
        }
    }
}


static llmp_uint_t
llmp_request_caller_was_moved_by(const llmp_caller_t *caller,
    const llmp_limits_t *limits)
{
    return caller->moved && limits->over == caller->tier;
}


llmp_int_t
llmp_request_caller_judge_key(const llmp_key_terms_t *terms, int64_t now,
    llmp_refusal_t *refusal)
{
    char  date[LLMP_DATE_TEXT];

    if (terms->blocked) {
        return llmp_refuse(refusal, LLMP_REFUSE_KEY_BLOCKED, NULL,
                           "the API key is blocked: use another one, or ask "
                           "the operator of this service");
    }

    if (now > terms->not_after) {
        llmp_date_write(date, terms->not_after);

        return llmp_refuse(refusal, LLMP_REFUSE_KEY_EXPIRED, NULL,
                           "the API key was valid until %s: use a newer one",
                           date);
    }

    return LLMP_OK;
}
