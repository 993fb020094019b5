
/*
 * Copyright (C) llm-policy authors
 *
 * The entries of "models" that match a model.  Clients use few models, and a
 * document has many patterns, so that results are kept.
 */


#ifndef LLMP_MODELS_H_INCLUDED_
#define LLMP_MODELS_H_INCLUDED_


#include "policy/llmp_policy.h"


/* creates the memory for results, which never grows, and the sets of entries
   that hold for each tier; returns LLMP_OK, or LLMP_ERROR if there is no
   memory */
llmp_int_t llmp_models_create(llmp_policy_t *policy, llmp_pool_t *pool);

/*
 * Returns the set of the entries that match a model, for any tier, and of the
 * matchers behind them; valid until the next call for the same policy; or NULL
 * if PCRE2 gave up.
 */
const uint64_t *llmp_models_match(const llmp_policy_t *policy,
    const llmp_str_t *model);


/* returns whether a matcher is in a set of llmp_models_match() */

static inline llmp_uint_t
llmp_models_has_matcher(const llmp_policy_t *policy, const uint64_t *set,
    llmp_uint_t matcher)
{
    llmp_uint_t  i;

    i = policy->nmodels + matcher;

    return (set[i / 64] >> (i % 64)) & 1;
}


/* returns whether limits count requests for a model, of which set is the result
   of llmp_models_match(); it may be NULL for limits that count all models */

static inline llmp_uint_t
llmp_models_has_limits(const llmp_policy_t *policy, const uint64_t *set,
    const llmp_limits_t *limits)
{
    return limits->matcher == LLMP_LIMITS_ALL_MODELS
           || llmp_models_has_matcher(policy, set, limits->matcher);
}


/* returns the price of a model in a tier, that of the first entry that has one;
   or NULL, also if set is NULL, which llmp_models_match() returned */
const llmp_price_t *llmp_models_price(const llmp_policy_t *policy,
    const uint64_t *set, const llmp_tier_t *tier);


/* executes the next statement with i set to each entry of a set that holds for
   a tier */

#define llmp_models_for_each(i, policy, set, tier)                            \
    for ((i) = llmp_models_next(policy, set, (tier)->entries, 0);             \
         (i) < (policy)->nmodels;                                             \
         (i) = llmp_models_next(policy, set, (tier)->entries, (i) + 1))


/* returns whether an entry holds for a tier */

static inline llmp_uint_t
llmp_models_holds(const llmp_tier_t *tier, llmp_uint_t i)
{
    return (tier->entries[i / 64] >> (i % 64)) & 1;
}


/* returns the first entry of two sets from i on, or policy->nmodels */

static inline llmp_uint_t
llmp_models_next(const llmp_policy_t *policy, const uint64_t *set,
    const uint64_t *entries, llmp_uint_t i)
{
    uint64_t  left;

    while (i < policy->nmodels) {
        left = (set[i / 64] & entries[i / 64]) >> (i % 64);

        if (left != 0) {
            return i + (llmp_uint_t) __builtin_ctzll(left);
        }

        i = (i / 64 + 1) * 64;
    }

    return policy->nmodels;
}


#endif /* LLMP_MODELS_H_INCLUDED_ */
