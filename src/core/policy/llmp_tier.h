
/*
 * Copyright (C) llm-policy authors
 *
 * Tiers that inherit: from the tier that they extend, and from the tier of a
 * tenant with rules of its own.  The rules, lists and limits of a tier itself
 * are kept, one by one.
 */


#ifndef LLMP_TIER_H_INCLUDED_
#define LLMP_TIER_H_INCLUDED_


#include "policy/llmp_policy.h"


/* completes a tier by parameters, facts, models and limits of another one;
   memory is from pool; returns LLMP_OK or LLMP_ERROR */
llmp_int_t llmp_tier_inherit(llmp_tier_t *tier, const llmp_tier_t *base,
    llmp_pool_t *pool);

/*
 * Completes limits of a tier, or of a tenant, by those of its base or tier.  A
 * list is in place of these; a plain object is added to them, to a plain one
 * limit by limit.  What is inherited keeps its identity, and shares the counts
 * of the base.  Memory is from pool, if any is needed.  Returns LLMP_OK or
 * LLMP_ERROR.
 */
llmp_int_t llmp_tier_inherit_limits(llmp_limits_list_t *limits,
    const llmp_limits_list_t *base, llmp_pool_t *pool);

/*
 * Completes the rules about pointers, npointers in all; an inherited one about
 * "/temperature" gives way to a rule about the parameter that the tier has
 * itself.  Memory is from pool.  Returns LLMP_OK or LLMP_ERROR.
 */
llmp_int_t llmp_tier_inherit_pointers(llmp_tier_t *tier,
    const llmp_tier_t *base, llmp_uint_t npointers, llmp_pool_t *pool);

/* sets own to what a tenant's tier has in addition to the tier of the document,
   tier->named.  Memory is from pool.  Returns LLMP_OK or LLMP_ERROR. */
llmp_int_t llmp_tier_own(const llmp_tier_t *tier, llmp_tier_t *own,
    llmp_uint_t npointers, llmp_pool_t *pool);

/*
 * Returns a tier of the document, with the rules in its place that a tenant has
 * itself: those of tier, which is the tenant's.  Memory is from pool, if any is
 * needed.  Returns NULL if there is none.
 */
const llmp_tier_t *llmp_tier_of_tenant(const llmp_tier_t *tier,
    const llmp_tier_t *named, llmp_uint_t npointers, llmp_pool_t *pool);


#endif /* LLMP_TIER_H_INCLUDED_ */
