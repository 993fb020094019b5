
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_inherit.h"


/* while the tiers are ordered, by index of tier */

enum {
    LLMP_INHERIT_NEW = 0,
    LLMP_INHERIT_OPEN,     /* its base is being ordered */
    LLMP_INHERIT_DONE
};


static void llmp_load_inherit_order(llmp_loader_t *loader, llmp_tier_t *tier,
    u_char *states, llmp_tier_t **path);
static llmp_tier_t *llmp_load_inherit_base(llmp_loader_t *loader,
    llmp_tier_t *tier);
static void llmp_load_inherit_loop(llmp_loader_t *loader, llmp_tier_t *tier);
static void llmp_load_inherit_tier(llmp_tier_t *tier, const llmp_tier_t *base);
static void llmp_load_inherit_unknown(llmp_loader_t *loader, llmp_tier_t *tier,
    const llmp_tier_t *base);
static void llmp_load_inherit_patterns(llmp_patterns_t *patterns,
    const llmp_patterns_t *base);
static void llmp_load_inherit_rules(llmp_loader_t *loader, llmp_rules_t *rules,
    const llmp_rules_t *base);
static llmp_uint_t llmp_load_inherit_is_replaced(const llmp_rules_t *rules,
    const llmp_rules_t *base, const llmp_rule_t *pointer);


void
llmp_load_inherit(llmp_loader_t *loader)
{
    u_char         *states;
    llmp_uint_t     i, n;
    llmp_tier_t   **path, *tier, *base;
    llmp_policy_t  *policy;

    policy = loader->policy;
    n = policy->ntiers;

    states = llmp_loader_alloc(loader, n, 1);
    path = llmp_loader_alloc(loader, n, sizeof(llmp_tier_t *));

    loader->bases = llmp_loader_alloc(loader, n, sizeof(llmp_tier_t *));
    loader->order = llmp_loader_alloc(loader, n, sizeof(llmp_tier_t *));

    if (states == NULL || path == NULL || loader->bases == NULL
        || loader->order == NULL)
    {
        return;
    }

    for (i = 0; i < n; i++) {
        loader->bases[i] = llmp_load_inherit_base(loader, &policy->tiers[i]);
    }

    for (i = 0; i < n; i++) {
        llmp_load_inherit_order(loader, &policy->tiers[i], states, path);
    }

    for (i = 0; i < loader->norder; i++) {
        tier = loader->order[i];
        base = loader->bases[tier - policy->tiers];

        llmp_load_inherit_tier(tier, base);
        llmp_load_inherit_unknown(loader, tier, base);
    }
}


/* returns the tier from which a tier inherits, or NULL */

static llmp_tier_t *
llmp_load_inherit_base(llmp_loader_t *loader, llmp_tier_t *tier)
{
    const llmp_doc_node_t  *extends;

    extends = loader->extends[tier - loader->policy->tiers];

    return (extends != NULL) ? llmp_loader_tier(loader, extends)
                             : loader->common;
}


/* adds a tier to the order, behind the tiers from which it inherits */

static void
llmp_load_inherit_order(llmp_loader_t *loader, llmp_tier_t *tier,
    u_char *states, llmp_tier_t **path)
{
    llmp_uint_t   i, n;
    llmp_tier_t  *tiers;

    tiers = loader->policy->tiers;
    n = 0;

    /* the chain is as long as the document makes it: it is no recursion */

    while (tier != NULL && tier != loader->common) {
        i = tier - tiers;

        if (states[i] != LLMP_INHERIT_NEW) {

            if (states[i] == LLMP_INHERIT_OPEN) {
                llmp_load_inherit_loop(loader, tier);
            }

            break;
        }

        states[i] = LLMP_INHERIT_OPEN;
        path[n++] = tier;
        tier = loader->bases[i];
    }

    while (n > 0) {
        tier = path[--n];
        states[tier - tiers] = LLMP_INHERIT_DONE;
        loader->order[loader->norder++] = tier;
    }
}


static void
llmp_load_inherit_loop(llmp_loader_t *loader, llmp_tier_t *tier)
{
    llmp_uint_t   i;
    llmp_tier_t  *base;

    i = tier - loader->policy->tiers;
    base = loader->bases[i];

    if (base == tier) {
        llmp_doc_error(&loader->doc, loader->extends[i],
                       "a tier must not extend itself");
        return;
    }

    llmp_doc_error(&loader->doc, loader->extends[i],
                   "tier \"%s\" extends \"%s\", which leads back to \"%s\"",
                   (char *) tier->name.data, (char *) base->name.data,
                   (char *) tier->name.data);
}


/* the tier's own rules, lists and limits are kept, one by one */

static void
llmp_load_inherit_tier(llmp_tier_t *tier, const llmp_tier_t *base)
{
    uint64_t     left;
    llmp_uint_t  i;

    if (base == NULL) {
        return;
    }

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
        llmp_load_inherit_patterns(&tier->allow, &base->allow);
    }

    if (!tier->deny_set && base->deny_set) {
        tier->deny_set = 1;
        llmp_load_inherit_patterns(&tier->deny, &base->deny);
    }

    llmp_limits_join(&tier->limits, &tier->limits, &base->limits);
    llmp_prompt_join(&tier->prompt, &tier->prompt, &base->prompt);
}


/* the member of the document is that of tiers without one and without a base */

static void
llmp_load_inherit_unknown(llmp_loader_t *loader, llmp_tier_t *tier,
    const llmp_tier_t *base)
{
    if (tier->unknown_set) {
        return;
    }

    tier->unknown_members = (base != NULL && base != loader->common)
                            ? base->unknown_members : loader->unknown_members;
}


static void
llmp_load_inherit_patterns(llmp_patterns_t *patterns,
    const llmp_patterns_t *base)
{
    *patterns = *base;
    patterns->shared = 1;
}


void
llmp_load_inherit_pointers(llmp_loader_t *loader)
{
    llmp_uint_t   i;
    llmp_tier_t  *tier, *base;

    for (i = 0; i < loader->norder && !loader->doc.failed; i++) {
        tier = loader->order[i];
        base = loader->bases[tier - loader->policy->tiers];

        if (base != NULL && base->rules.pointers != NULL) {
            llmp_load_inherit_rules(loader, &tier->rules, &base->rules);
        }
    }
}


static void
llmp_load_inherit_rules(llmp_loader_t *loader, llmp_rules_t *rules,
    const llmp_rules_t *base)
{
    llmp_uint_t   i;
    llmp_rule_t  *rule;

    if (rules->pointers == NULL) {
        rules->pointers = llmp_loader_alloc(loader, loader->policy->npointers,
                                            sizeof(llmp_rule_t *));
        if (rules->pointers == NULL) {
            return;
        }
    }

    for (i = 0; i < loader->policy->npointers; i++) {
        rule = base->pointers[i];

        if (rule != NULL && rules->pointers[i] == NULL
            && !llmp_load_inherit_is_replaced(rules, base, rule))
        {
            rules->pointers[i] = rule;
        }
    }
}


/* returns whether a tier has a rule of its own about the parameter that an
   inherited pointer names, "/temperature": the pointer would have precedence */

static llmp_uint_t
llmp_load_inherit_is_replaced(const llmp_rules_t *rules,
    const llmp_rules_t *base, const llmp_rule_t *pointer)
{
    llmp_str_t    name;
    llmp_param_e  param;

    name.data = pointer->name.data + 1;
    name.len = pointer->name.len - 1;

    param = llmp_param_find(&name);

    return param != LLMP_PARAM_MAX && rules->params[param] != NULL
           && rules->params[param] != base->params[param];
}
