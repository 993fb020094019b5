
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_limits.h"
#include "loader/llmp_load_own.h"
#include "loader/llmp_load_tenants.h"


static void llmp_load_tenants_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_tenant_t *tenant);
static void llmp_load_tenants_sort(llmp_loader_t *loader);
static int llmp_load_tenants_cmp(const void *one, const void *two);


enum {
    LLMP_TENANT_TIER = 0,
    LLMP_TENANT_KEYS,
    LLMP_TENANT_LIMITS,
    LLMP_TENANT_PARAMETERS,
    LLMP_TENANT_MODELS,
    LLMP_TENANT_MEMBERS
};


static const llmp_doc_member_t  llmp_tenant_members[LLMP_TENANT_MEMBERS] = {
    { "tier", LLMP_TYPE_STRING, 1 },
    { "keys", LLMP_TYPE_ARRAY, 0 },
    { "limits", LLMP_LOAD_LIMITS_TYPES, 0 },
    { "parameters", LLMP_TYPE_OBJECT, 0 },
    { "models", LLMP_TYPE_OBJECT, 0 }
};


void
llmp_load_tenants(llmp_loader_t *loader)
{
    size_t                  nkeys;
    llmp_uint_t             i, n;
    llmp_tenant_t          *tenant;
    const llmp_doc_node_t  *keys;

    n = loader->tenants.nelts;
    nkeys = 0;

    for (i = 0; i < n; i++) {
        keys = llmp_doc_member(loader->tenants.elts[i], "keys");
        nkeys += (keys != NULL) ? llmp_doc_size(keys) : 0;
    }

    tenant = llmp_loader_alloc(loader, n, sizeof(llmp_tenant_t));
    loader->keys = llmp_loader_alloc(loader, nkeys, sizeof(llmp_load_key_t));

    if (tenant == NULL || loader->keys == NULL) {
        return;
    }

    loader->policy->tenants = tenant;
    loader->policy->ntenants = n;

    for (i = 0; i < n; i++) {
        llmp_load_tenants_one(loader, loader->tenants.elts[i], &tenant[i]);
    }

    llmp_load_tenants_sort(loader);
    llmp_load_keys_finish(loader);
}


static void
llmp_load_tenants_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_t *tenant)
{
    llmp_doc_t             *doc;
    const llmp_doc_node_t  *members[LLMP_TENANT_MEMBERS];

    doc = &loader->doc;

    tenant->name = llmp_loader_name(loader, node);

    if (!llmp_doc_is(doc, node, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_members(doc, node, llmp_tenant_members, LLMP_TENANT_MEMBERS,
                     members);

    if (members[LLMP_TENANT_TIER] != NULL) {
        tenant->tier = llmp_loader_tier(loader, members[LLMP_TENANT_TIER]);
    }

    if (members[LLMP_TENANT_PARAMETERS] != NULL
        || members[LLMP_TENANT_MODELS] != NULL)
    {
        llmp_load_own(loader, tenant, members[LLMP_TENANT_PARAMETERS],
                      members[LLMP_TENANT_MODELS]);
    }

    if (members[LLMP_TENANT_LIMITS] != NULL) {
        llmp_load_limits(loader, members[LLMP_TENANT_LIMITS],
                         LLMP_LOAD_LIMITS_TENANT, &tenant->name,
                         &tenant->limits);
    }

    if (members[LLMP_TENANT_KEYS] != NULL) {
        llmp_load_keys(loader, members[LLMP_TENANT_KEYS], tenant);
    }
}


static void
llmp_load_tenants_sort(llmp_loader_t *loader)
{
    llmp_uint_t     i;
    llmp_policy_t  *policy;

    policy = loader->policy;

    policy->by_name = llmp_loader_alloc(loader, policy->ntenants,
                                        sizeof(llmp_tenant_t *));
    if (policy->by_name == NULL) {
        return;
    }

    for (i = 0; i < policy->ntenants; i++) {
        policy->by_name[i] = &policy->tenants[i];
    }

    qsort(policy->by_name, policy->ntenants, sizeof(llmp_tenant_t *),
          llmp_load_tenants_cmp);
}


static int
llmp_load_tenants_cmp(const void *one, const void *two)
{
    const llmp_tenant_t *const  *a, *const *b;

    a = one;
    b = two;

    return llmp_str_cmp(&(*a)->name, &(*b)->name);
}
