
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_inherit.h"
#include "policy/llmp_tier.h"


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
static void llmp_load_inherit_rules(llmp_loader_t *loader, llmp_tier_t *tier,
    const llmp_tier_t *base);
static void llmp_load_inherit_unknown(llmp_loader_t *loader, llmp_tier_t *tier,
    const llmp_tier_t *base);


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

    loader->bases = llmp_loader_alloc(loader, n + loader->nown,
                                      sizeof(llmp_tier_t *));
    loader->order = llmp_loader_alloc(loader, n + loader->nown,
                                      sizeof(llmp_tier_t *));

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

        if (base != NULL) {
            llmp_load_inherit_rules(loader, tier, base);
            tier->base = (base != loader->common) ? base : NULL;
        }

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


static void
llmp_load_inherit_rules(llmp_loader_t *loader, llmp_tier_t *tier,
    const llmp_tier_t *base)
{
    if (llmp_tier_inherit(tier, base, loader->pool) != LLMP_OK) {
        loader->doc.failed = 1;
    }
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


void
llmp_load_inherit_own(llmp_loader_t *loader, llmp_tier_t *tier,
    llmp_tenant_t *tenant)
{
    llmp_tier_t  *base;

    base = tenant->tier;

    tier->name = base->name;
    tier->named = base;
    tier->tenant = tenant;
    tier->unknown_members = base->unknown_members;

    tenant->tier = tier;

    if (loader->bases == NULL || loader->order == NULL) {
        return;
    }

    loader->bases[tier - loader->policy->tiers] = base;
    loader->order[loader->norder++] = tier;

    llmp_load_inherit_rules(loader, tier, base);
}


void
llmp_load_inherit_pointers(llmp_loader_t *loader)
{
    llmp_uint_t   i;
    llmp_tier_t  *tier, *base;

    for (i = 0; i < loader->norder && !loader->doc.failed; i++) {
        tier = loader->order[i];
        base = loader->bases[tier - loader->policy->tiers];

        if (base != NULL
            && llmp_tier_inherit_pointers(tier, base,
                                          loader->policy->npointers,
                                          loader->pool)
               != LLMP_OK)
        {
            loader->doc.failed = 1;
        }
    }
}
