
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "loader/llmp_load_keys.h"
#include "loader/llmp_load_limits_check.h"


/* the longest list of a kind */

typedef struct {
    llmp_uint_t             nelts;
    const llmp_doc_node_t  *node;     /* its "limits", or the owner */
} llmp_load_limits_longest_t;


/* the plain object of a tier */

typedef struct {
    uint32_t                set;
    const llmp_tier_t      *tier;
} llmp_load_limits_plain_t;


static void llmp_load_limits_check_prices(llmp_loader_t *loader);
static void llmp_load_limits_check_objects(llmp_loader_t *loader);
static llmp_uint_t llmp_load_limits_check_joins(const llmp_loader_t *loader);
static void llmp_load_limits_check_longest(llmp_load_limits_longest_t *longest,
    llmp_uint_t nelts, const llmp_doc_node_t *node);
static void llmp_load_limits_check_values(llmp_loader_t *loader);
static void llmp_load_limits_check_over(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_limits_t *plain);
static llmp_uint_t llmp_load_limits_check_unique(
    llmp_load_limits_plain_t *plains, llmp_uint_t n);
static int llmp_load_limits_check_cmp(const void *one, const void *two);
static void llmp_load_limits_check_tenant(llmp_loader_t *loader, llmp_uint_t i,
    const llmp_load_limits_plain_t *plains, llmp_uint_t n);


void
llmp_load_limits_check(llmp_loader_t *loader)
{
    if (loader->doc.failed) {
        return;
    }

    llmp_load_limits_check_prices(loader);
    llmp_load_limits_check_objects(loader);
    llmp_load_limits_check_values(loader);
}


static void
llmp_load_limits_check_prices(llmp_loader_t *loader)
{
    llmp_uint_t  i;

    if (loader->cost == NULL) {
        return;
    }

    for (i = 0; i < loader->models.nelts; i++) {
        if (llmp_doc_member(loader->models.elts[i], "price") != NULL) {
            return;
        }
    }

    llmp_doc_error(&loader->doc, loader->cost, "no entry of \"models\" has a "
                   "price, so that all requests would be refused: add entries "
                   "such as { \"match\": [\"~^gpt-5\"], \"price\": "
                   "{ \"input\": 1.25, \"output\": 10 } }");
}


/* a request has the limits of its tier or tenant, or of both, those of its API
   key, and those of the document */

static void
llmp_load_limits_check_objects(llmp_loader_t *loader)
{
    llmp_uint_t                  i, n, total;
    llmp_policy_t               *policy;
    const llmp_load_key_t       *key;
    const llmp_doc_node_t       *place;
    const llmp_limits_list_t    *list;
    llmp_load_limits_longest_t   own, keys;

    policy = loader->policy;

    memset(&own, 0, sizeof(llmp_load_limits_longest_t));
    memset(&keys, 0, sizeof(llmp_load_limits_longest_t));

    n = llmp_load_limits_check_joins(loader);

    for (i = 0; i < policy->ntiers; i++) {
        list = &policy->tiers[i].limits;

        llmp_load_limits_check_longest(&own, list->nelts
                                       + (n && llmp_limits_plain(list) == NULL),
                                       loader->tiers.elts[i]);
    }

    for (i = 0; i < policy->ntenants; i++) {
        llmp_load_limits_check_longest(&own, policy->tenants[i].limits.nelts,
                                       loader->tenants.elts[i]);
    }

    for (i = 0; i < policy->nkeys; i++) {
        key = &loader->keys[i];

        if (key->key.terms != NULL) {
            llmp_load_limits_check_longest(&keys, key->key.terms->limits.nelts,
                                           key->node);
        }
    }

    n = policy->limits.nelts;
    total = own.nelts + keys.nelts + n;

    if (total <= LLMP_LIMITS_OBJECTS) {
        return;
    }

    place = (own.nelts >= keys.nelts && own.nelts >= n) ? own.node
            : (keys.nelts >= n) ? keys.node : loader->limits;

    llmp_doc_error(&loader->doc, place, "a request could have %zu objects of "
                   "limits, and has %d at most: %zu of its tier and tenant, "
                   "%zu of its API key, %zu of the document", (size_t) total,
                   LLMP_LIMITS_OBJECTS, (size_t) own.nelts,
                   (size_t) keys.nelts, (size_t) n);
}


/* returns whether a tenant has limits that hold besides an array of a tier */

static llmp_uint_t
llmp_load_limits_check_joins(const llmp_loader_t *loader)
{
    llmp_uint_t           i;
    const llmp_policy_t  *policy;

    policy = loader->policy;

    for (i = 0; i < policy->ntenants; i++) {
        if (llmp_limits_are_plain(&policy->tenants[i].limits)) {
            return 1;
        }
    }

    return 0;
}


static void
llmp_load_limits_check_longest(llmp_load_limits_longest_t *longest,
    llmp_uint_t nelts, const llmp_doc_node_t *owner)
{
    const llmp_doc_node_t  *node;

    if (nelts <= longest->nelts) {
        return;
    }

    node = llmp_doc_member(owner, "limits");

    longest->nelts = nelts;
    longest->node = (node != NULL) ? node : owner;
}


/* plain objects that are joined have more limits than each of them */

static void
llmp_load_limits_check_values(llmp_loader_t *loader)
{
    llmp_uint_t                 i, n;
    llmp_policy_t              *policy;
    const llmp_tier_t          *base;
    const llmp_limits_t        *plain;
    llmp_load_limits_plain_t   *plains;

    policy = loader->policy;
    plains = llmp_loader_alloc(loader, policy->ntiers,
                               sizeof(llmp_load_limits_plain_t));
    if (plains == NULL) {
        return;
    }

    n = 0;

    for (i = 0; i < policy->ntiers; i++) {
        plain = llmp_limits_plain(&policy->tiers[i].limits);
        base = policy->tiers[i].base;

        if (plain == NULL) {
            continue;
        }

        plains[n].set = plain->set;
        plains[n++].tier = &policy->tiers[i];

        if (base != NULL && llmp_limits_count(plain->set) > LLMP_LIMITS_VALUES)
        {
            llmp_doc_error(&loader->doc, loader->tiers.elts[i], "has %zu "
                           "limits with those that it inherits from tier "
                           "\"%s\"; an object has %d at most",
                           (size_t) llmp_limits_count(plain->set),
                           (char *) base->name.data, LLMP_LIMITS_VALUES);
        }

        if (plain->over != NULL) {
            llmp_load_limits_check_over(loader, loader->tiers.elts[i], plain);
        }
    }

    n = llmp_load_limits_check_unique(plains, n);

    for (i = 0; i < policy->ntenants; i++) {
        if (llmp_limits_are_plain(&policy->tenants[i].limits)) {
            llmp_load_limits_check_tenant(loader, i, plains, n);
        }
    }
}


/* both objects count the same caller, in one state */

static void
llmp_load_limits_check_over(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_limits_t *plain)
{
    llmp_uint_t           n;
    const llmp_limits_t  *other;

    other = llmp_limits_plain(&plain->over->limits);

    if (other == NULL) {
        return;
    }

    n = llmp_limits_count(plain->set | other->set);

    if (n > LLMP_LIMITS_VALUES) {
        llmp_doc_error(&loader->doc, node, "has %zu limits with those of tier "
                       "\"%s\", to which \"over\" moves a request; objects "
                       "that count a caller in both have %d at most: write one "
                       "of them as a list", (size_t) n,
                       (char *) plain->over->name.data, LLMP_LIMITS_VALUES);
    }
}


/* leaves the first tier of those with the same set: there are many tenants, and
   few sets */

static llmp_uint_t
llmp_load_limits_check_unique(llmp_load_limits_plain_t *plains, llmp_uint_t n)
{
    llmp_uint_t  i, last;

    qsort(plains, n, sizeof(llmp_load_limits_plain_t),
          llmp_load_limits_check_cmp);

    last = 0;

    for (i = 1; i < n; i++) {
        if (plains[i].set != plains[last].set) {
            plains[++last] = plains[i];
        }
    }

    return (n != 0) ? last + 1 : 0;
}


static int
llmp_load_limits_check_cmp(const void *one, const void *two)
{
    const llmp_load_limits_plain_t  *a, *b;

    a = one;
    b = two;

    if (a->set != b->set) {
        return (a->set > b->set) ? 1 : -1;
    }

    return (a->tier > b->tier) - (a->tier < b->tier);
}


/* llm_policy_tier may assign any tier */

static void
llmp_load_limits_check_tenant(llmp_loader_t *loader, llmp_uint_t i,
    const llmp_load_limits_plain_t *plains, llmp_uint_t n)
{
    uint32_t                set;
    llmp_uint_t             j;
    const llmp_doc_node_t  *node;

    for (j = 0; j < n; j++) {
        set = loader->policy->tenants[i].limits.elts->set | plains[j].set;

        if (llmp_limits_count(set) > LLMP_LIMITS_VALUES) {
            node = llmp_doc_member(loader->tenants.elts[i], "limits");

            llmp_doc_error(&loader->doc, node, "has %zu limits with those of "
                           "tier \"%s\"; an object has %d at most, and an "
                           "array is in place of the tier's limits",
                           (size_t) llmp_limits_count(set),
                           (char *) plains[j].tier->name.data,
                           LLMP_LIMITS_VALUES);
            return;
        }
    }
}
