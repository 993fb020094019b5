
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "loader/llmp_load_limits.h"
#include "loader/llmp_load_own.h"
#include "loader/llmp_load_tenants.h"


/* hash of an API key, and its node in the document */

typedef struct {
    llmp_tenant_key_t       key;
    const llmp_doc_node_t  *node;
} llmp_load_tenants_key_t;


static void llmp_load_tenants_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_tenant_t *tenant,
    llmp_load_tenants_key_t *listed);
static void llmp_load_tenants_sort(llmp_loader_t *loader);
static int llmp_load_tenants_cmp(const void *one, const void *two);
static void llmp_load_tenants_keys(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_tenant_t *tenant,
    llmp_load_tenants_key_t *listed);
static void llmp_load_tenants_sort_keys(llmp_loader_t *loader,
    llmp_load_tenants_key_t *listed);
static int llmp_load_tenants_key_cmp(const void *one, const void *two);


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
    { "limits", LLMP_TYPE_OBJECT, 0 },
    { "parameters", LLMP_TYPE_OBJECT, 0 },
    { "models", LLMP_TYPE_OBJECT, 0 }
};


void
llmp_load_tenants(llmp_loader_t *loader)
{
    size_t                    nkeys;
    json_t                   *json;
    llmp_uint_t               i, n;
    llmp_tenant_t            *tenant;
    llmp_load_tenants_key_t  *listed;

    n = loader->tenants.nelts;
    nkeys = 0;

    for (i = 0; i < n; i++) {
        json = loader->tenants.elts[i]->json;
        nkeys += json_array_size(json_object_get(json, "keys"));
    }

    tenant = llmp_loader_alloc(loader, n, sizeof(llmp_tenant_t));
    listed = llmp_loader_alloc(loader, nkeys, sizeof(llmp_load_tenants_key_t));

    if (tenant == NULL || listed == NULL) {
        return;
    }

    loader->policy->tenants = tenant;
    loader->policy->ntenants = n;

    for (i = 0; i < n; i++) {
        llmp_load_tenants_one(loader, loader->tenants.elts[i], &tenant[i],
                              listed);
    }

    llmp_load_tenants_sort(loader);
    llmp_load_tenants_sort_keys(loader, listed);
}


static void
llmp_load_tenants_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_t *tenant, llmp_load_tenants_key_t *listed)
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
        llmp_load_limits(loader, members[LLMP_TENANT_LIMITS], &tenant->limits);
    }

    if (members[LLMP_TENANT_KEYS] != NULL) {
        llmp_load_tenants_keys(loader, members[LLMP_TENANT_KEYS], tenant,
                               listed);
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


static void
llmp_load_tenants_keys(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_t *tenant, llmp_load_tenants_key_t *listed)
{
    llmp_str_t                text;
    llmp_doc_t               *doc;
    llmp_load_tenants_key_t  *key;
    const llmp_doc_node_t    *child;

    doc = &loader->doc;

    llmp_doc_each(child, node) {

        if (!llmp_doc_is(doc, child, LLMP_TYPE_STRING)) {
            continue;
        }

        text = llmp_doc_string(child);
        key = &listed[loader->policy->nkeys];

        /* the text may be an API key: it must not be in the message */

        if (llmp_key_parse(key->key.hash, &text) != LLMP_OK) {
            llmp_doc_error(doc, child, "must be \"sha256:\" and 64 hex digits, "
                           "as \"llm-policy hash-key\" prints them");
            continue;
        }

        key->key.tenant = tenant;
        key->node = child;

        loader->policy->nkeys++;
    }
}


static void
llmp_load_tenants_sort_keys(llmp_loader_t *loader,
    llmp_load_tenants_key_t *listed)
{
    llmp_uint_t     i;
    llmp_policy_t  *policy;

    policy = loader->policy;

    policy->keys = llmp_loader_alloc(loader, policy->nkeys,
                                     sizeof(llmp_tenant_key_t));
    if (policy->keys == NULL) {
        return;
    }

    qsort(listed, policy->nkeys, sizeof(llmp_load_tenants_key_t),
          llmp_load_tenants_key_cmp);

    for (i = 0; i < policy->nkeys; i++) {

        if (i > 0 && memcmp(listed[i].key.hash, listed[i - 1].key.hash,
                            LLMP_KEY_HASH)
                     == 0)
        {
            llmp_doc_error(&loader->doc, listed[i].node,
                           "this API key is already listed for tenant \"%s\"",
                           (char *) listed[i - 1].key.tenant->name.data);
        }

        policy->keys[i] = listed[i].key;
    }
}


/* orders API keys by hash; equal ones in the order of the document */

static int
llmp_load_tenants_key_cmp(const void *one, const void *two)
{
    int                             rc;
    const llmp_load_tenants_key_t  *a, *b;

    a = one;
    b = two;

    rc = memcmp(a->key.hash, b->key.hash, LLMP_KEY_HASH);

    if (rc != 0) {
        return rc;
    }

    return (a->node->start > b->node->start)
           - (a->node->start < b->node->start);
}
