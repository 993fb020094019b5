
/*
 * Copyright (C) llm-policy authors
 */


#include "loader/llmp_load_access.h"
#include "loader/llmp_load_inherit.h"
#include "loader/llmp_load_own.h"
#include "loader/llmp_load_rules.h"


llmp_uint_t
llmp_load_own_count(const llmp_loader_t *loader)
{
    llmp_uint_t             i, n;
    const llmp_doc_node_t  *tenant;

    n = 0;

    for (i = 0; i < loader->tenants.nelts; i++) {
        tenant = loader->tenants.elts[i];

        n += (llmp_doc_member(tenant, "parameters") != NULL
              || llmp_doc_member(tenant, "models") != NULL);
    }

    return n;
}


void
llmp_load_own(llmp_loader_t *loader, llmp_tenant_t *tenant,
    const llmp_doc_node_t *parameters, const llmp_doc_node_t *models)
{
    llmp_tier_t    *tier;
    llmp_policy_t  *policy;

    policy = loader->policy;

    if (policy->tiers == NULL) {
        return;
    }

    tier = &policy->tiers[policy->ntiers + policy->nown++];

    if (parameters != NULL) {
        llmp_load_rules(loader, parameters, &tier->rules);
    }

    if (models != NULL) {
        llmp_load_access(loader, models, tier);
    }

    if (tenant->tier != NULL) {
        llmp_load_inherit_own(loader, tier, tenant);
    }
}
