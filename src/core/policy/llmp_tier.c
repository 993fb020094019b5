
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_tier.h"


static void llmp_tier_inherit_patterns(llmp_patterns_t *patterns,
    const llmp_patterns_t *base);
static llmp_uint_t llmp_tier_replaces(const llmp_rules_t *rules,
    const llmp_rules_t *base, const llmp_rule_t *pointer);
static llmp_uint_t llmp_tier_replaces_any(const llmp_rules_t *rules,
    const llmp_rules_t *base, llmp_uint_t npointers);
static void llmp_tier_own_rules(const llmp_rules_t *rules,
    const llmp_rules_t *base, llmp_rules_t *own);
static llmp_int_t llmp_tier_own_pointers(const llmp_rules_t *rules,
    const llmp_rules_t *base, llmp_rules_t *own, llmp_uint_t npointers,
    llmp_pool_t *pool);


llmp_int_t
llmp_tier_inherit(llmp_tier_t *tier, const llmp_tier_t *base,
    llmp_pool_t *pool)
{
    uint64_t     left;
    llmp_uint_t  i;

    left = base->rules.ruled & ~tier->rules.ruled;

    llmp_param_for_each(i, left) {
        llmp_rules_set(&tier->rules, (llmp_param_e) i, base->rules.params[i]);
    }

    left = base->rules.known & ~tier->rules.known;

    llmp_param_for_each(i, left) {
        llmp_rules_set_facts(&tier->rules, (llmp_param_e) i,
                             base->rules.facts[i]);
    }

    if (!tier->allow_set && base->allow_set) {
        tier->allow_set = 1;
        llmp_tier_inherit_patterns(&tier->allow, &base->allow);
    }

    if (!tier->deny_set && base->deny_set) {
        tier->deny_set = 1;
        llmp_tier_inherit_patterns(&tier->deny, &base->deny);
    }

    llmp_prompt_join(&tier->prompt, &tier->prompt, &base->prompt);

    return llmp_tier_inherit_limits(&tier->limits, &base->limits, pool);
}


static void
llmp_tier_inherit_patterns(llmp_patterns_t *patterns,
    const llmp_patterns_t *base)
{
    *patterns = *base;
    patterns->shared = 1;
}


llmp_int_t
llmp_tier_inherit_limits(llmp_limits_list_t *limits,
    const llmp_limits_list_t *base, llmp_pool_t *pool)
{
    llmp_uint_t           n;
    llmp_limits_t        *elts;
    const llmp_limits_t  *plain;

    if (limits->nelts == 0) {
        *limits = *base;
        return LLMP_OK;
    }

    if (base->nelts == 0 || !llmp_limits_are_plain(limits)) {
        return LLMP_OK;
    }

    plain = llmp_limits_plain(base);
    n = base->nelts + (plain == NULL);

    elts = llmp_palloc(pool, n * sizeof(llmp_limits_t));
    if (elts == NULL) {
        return LLMP_ERROR;
    }

    memcpy(elts, base->elts, base->nelts * sizeof(llmp_limits_t));

    if (plain != NULL) {
        llmp_limits_join(&elts[n - 1], limits->elts, plain);

    } else {
        elts[n - 1] = limits->elts[0];
    }

    limits->elts = elts;
    limits->nelts = n;

    return LLMP_OK;
}


llmp_int_t
llmp_tier_inherit_pointers(llmp_tier_t *tier, const llmp_tier_t *base,
    llmp_uint_t npointers, llmp_pool_t *pool)
{
    llmp_uint_t          i;
    llmp_rule_t         *rule;
    llmp_rules_t        *rules;
    const llmp_rules_t  *from;

    rules = &tier->rules;
    from = &base->rules;

    if (from->pointers == NULL) {
        return LLMP_OK;
    }

    if (rules->pointers == NULL) {

        if (!llmp_tier_replaces_any(rules, from, npointers)) {

            /* thousands of tenants share the table of their tier */

            rules->pointers = from->pointers;
            return LLMP_OK;
        }

        rules->pointers = llmp_pcalloc(pool, npointers
                                             * sizeof(llmp_rule_t *));
        if (rules->pointers == NULL) {
            return LLMP_ERROR;
        }
    }

    for (i = 0; i < npointers; i++) {
        rule = from->pointers[i];

        if (rule != NULL && rules->pointers[i] == NULL
            && !llmp_tier_replaces(rules, from, rule))
        {
            rules->pointers[i] = rule;
        }
    }

    return LLMP_OK;
}


/* returns whether a tier has a rule of its own about the parameter that an
   inherited pointer names, "/temperature": the pointer would have precedence */

static llmp_uint_t
llmp_tier_replaces(const llmp_rules_t *rules, const llmp_rules_t *base,
    const llmp_rule_t *pointer)
{
    llmp_str_t    name;
    llmp_param_e  param;

    name.data = pointer->name.data + 1;
    name.len = pointer->name.len - 1;

    param = llmp_param_find(&name);

    return param != LLMP_PARAM_MAX && rules->params[param] != NULL
           && rules->params[param] != base->params[param];
}


static llmp_uint_t
llmp_tier_replaces_any(const llmp_rules_t *rules, const llmp_rules_t *base,
    llmp_uint_t npointers)
{
    llmp_uint_t  i;

    for (i = 0; i < npointers; i++) {
        if (base->pointers[i] != NULL
            && llmp_tier_replaces(rules, base, base->pointers[i]))
        {
            return 1;
        }
    }

    return 0;
}


llmp_int_t
llmp_tier_own(const llmp_tier_t *tier, llmp_tier_t *own, llmp_uint_t npointers,
    llmp_pool_t *pool)
{
    memset(own, 0, sizeof(llmp_tier_t));

    own->name = tier->name;
    own->named = tier->named;
    own->tenant = tier->tenant;

    if (tier->allow_set && !tier->allow.shared) {
        own->allow_set = 1;
        llmp_tier_inherit_patterns(&own->allow, &tier->allow);
    }

    if (tier->deny_set && !tier->deny.shared) {
        own->deny_set = 1;
        llmp_tier_inherit_patterns(&own->deny, &tier->deny);
    }

    llmp_tier_own_rules(&tier->rules, &tier->named->rules, &own->rules);

    return llmp_tier_own_pointers(&tier->rules, &tier->named->rules,
                                  &own->rules, npointers, pool);
}


/* each rule of a document is one object: what is inherited is the same one */

static void
llmp_tier_own_rules(const llmp_rules_t *rules, const llmp_rules_t *base,
    llmp_rules_t *own)
{
    uint64_t     left;
    llmp_uint_t  i;

    left = rules->ruled;

    llmp_param_for_each(i, left) {
        if (rules->params[i] != base->params[i]) {
            llmp_rules_set(own, (llmp_param_e) i, rules->params[i]);
        }
    }

    left = rules->known;

    llmp_param_for_each(i, left) {
        if (rules->facts[i] != base->facts[i]) {
            llmp_rules_set_facts(own, (llmp_param_e) i, rules->facts[i]);
        }
    }
}


static llmp_int_t
llmp_tier_own_pointers(const llmp_rules_t *rules, const llmp_rules_t *base,
    llmp_rules_t *own, llmp_uint_t npointers, llmp_pool_t *pool)
{
    llmp_uint_t  i;

    if (rules->pointers == NULL || rules->pointers == base->pointers) {
        return LLMP_OK;
    }

    own->pointers = llmp_pcalloc(pool, npointers * sizeof(llmp_rule_t *));

    if (own->pointers == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < npointers; i++) {
        if (base->pointers == NULL
            || rules->pointers[i] != base->pointers[i])
        {
            own->pointers[i] = rules->pointers[i];
        }
    }

    return LLMP_OK;
}


const llmp_tier_t *
llmp_tier_of_tenant(const llmp_tier_t *tier, const llmp_tier_t *named,
    llmp_uint_t npointers, llmp_pool_t *pool)
{
    llmp_tier_t  *own;

    if (tier->tenant == NULL) {
        return named;
    }

    if (tier->named == named) {
        return tier;
    }

    own = llmp_palloc(pool, sizeof(llmp_tier_t));

    if (own == NULL || llmp_tier_own(tier, own, npointers, pool) != LLMP_OK) {
        return NULL;
    }

    if (llmp_tier_inherit(own, named, pool) != LLMP_OK) {
        return NULL;
    }

    own->name = named->name;
    own->named = named->named;
    own->entries = named->entries;
    own->unknown_members = named->unknown_members;

    if (llmp_tier_inherit_pointers(own, named, npointers, pool) != LLMP_OK) {
        return NULL;
    }

    return own;
}
