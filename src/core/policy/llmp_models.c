
/*
 * Copyright (C) llm-policy authors
 */


#include "policy/llmp_models.h"


/* A result replaces another one of the same hash.  A client that sends many
   names costs the time of all patterns for each, as without results. */

#define LLMP_MODELS_RESULTS  64

/* longest name whose result is kept */
#define LLMP_MODELS_NAME     104

/* larger documents have one result, the last one, so that memory is bounded */
#define LLMP_MODELS_ENTRIES  4096


struct llmp_models_result_s {
    uint64_t    *set;
    size_t       len;   /* length of name */
    llmp_uint_t  kept;  /* the result is that of the name */
    u_char       name[LLMP_MODELS_NAME];
};


static llmp_int_t llmp_models_create_sets(llmp_policy_t *policy,
    llmp_pool_t *pool);
static llmp_int_t llmp_models_restrict(llmp_policy_t *policy, llmp_uint_t i,
    const uint64_t *all, llmp_pool_t *pool);
static const llmp_patterns_t *llmp_models_patterns(const llmp_policy_t *policy,
    llmp_uint_t i);
static llmp_uint_t llmp_models_slot(const llmp_policy_t *policy,
    const llmp_str_t *model);


llmp_int_t
llmp_models_create(llmp_policy_t *policy, llmp_pool_t *pool)
{
    uint64_t     *sets;
    llmp_uint_t   i, n, words;

    n = policy->nmodels + policy->nmatchers;
    words = (n + 63) / 64;
    n = (n <= LLMP_MODELS_ENTRIES) ? LLMP_MODELS_RESULTS : 1;

    policy->nresults = n;
    policy->results = llmp_pcalloc(pool, n * sizeof(llmp_models_result_t));
    sets = llmp_pcalloc(pool, n * words * sizeof(uint64_t) + 1);

    if (policy->results == NULL || sets == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < n; i++) {
        policy->results[i].set = sets + i * words;
    }

    return llmp_models_create_sets(policy, pool);
}


/* tiers that no entry names share the set of the entries for all tiers */

static llmp_int_t
llmp_models_create_sets(llmp_policy_t *policy, llmp_pool_t *pool)
{
    uint64_t     *all;
    llmp_uint_t   i;

    all = llmp_pcalloc(pool, (policy->nmodels + 63) / 64 * sizeof(uint64_t)
                             + 1);
    if (all == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < policy->nmodels; i++) {
        if (policy->models[i].ntiers == 0) {
            all[i / 64] |= (uint64_t) 1 << (i % 64);
        }
    }

    for (i = 0; i < policy->ntiers; i++) {
        policy->tiers[i].entries = all;
    }

    for (i = 0; i < policy->nmodels; i++) {
        if (llmp_models_restrict(policy, i, all, pool) != LLMP_OK) {
            return LLMP_ERROR;
        }
    }

    for (i = policy->ntiers; i < policy->ntiers + policy->nown; i++) {
        policy->tiers[i].entries = policy->tiers[i].named->entries;
    }

    return LLMP_OK;
}


/* adds an entry to the sets of the tiers that it names */

static llmp_int_t
llmp_models_restrict(llmp_policy_t *policy, llmp_uint_t i, const uint64_t *all,
    llmp_pool_t *pool)
{
    size_t        size;
    uint64_t     *set;
    llmp_uint_t   n;
    llmp_tier_t  *tier;

    size = (policy->nmodels + 63) / 64 * sizeof(uint64_t);

    for (n = 0; n < policy->models[i].ntiers; n++) {
        tier = policy->models[i].tiers[n];

        if (tier->entries == all) {
            set = llmp_palloc(pool, size);
            if (set == NULL) {
                return LLMP_ERROR;
            }

            memcpy(set, all, size);
            tier->entries = set;
        }

        set = (uint64_t *) tier->entries;
        set[i / 64] |= (uint64_t) 1 << (i % 64);
    }

    return LLMP_OK;
}


const uint64_t *
llmp_models_match(const llmp_policy_t *policy, const llmp_str_t *model)
{
    llmp_int_t             rc;
    llmp_uint_t            i, n;
    llmp_models_result_t  *r;

    r = &policy->results[llmp_models_slot(policy, model)];

    if (r->kept && r->len == model->len
        && (r->len == 0 || memcmp(r->name, model->data, r->len) == 0))
    {
        return r->set;
    }

    r->kept = 0;
    n = policy->nmodels + policy->nmatchers;

    memset(r->set, 0, (n + 63) / 64 * sizeof(uint64_t));

    for (i = 0; i < n; i++) {
        rc = llmp_policy_match(llmp_models_patterns(policy, i), model);

        if (rc == LLMP_ERROR) {
            return NULL;
        }

        if (rc == LLMP_OK) {
            r->set[i / 64] |= (uint64_t) 1 << (i % 64);
        }
    }

    if (model->len <= LLMP_MODELS_NAME) {
        r->kept = 1;
        r->len = model->len;

        if (r->len != 0) {
            memcpy(r->name, model->data, r->len);
        }
    }

    return r->set;
}


const llmp_price_t *
llmp_models_price(const llmp_policy_t *policy, const uint64_t *set,
    const llmp_tier_t *tier)
{
    llmp_uint_t  i;

    if (set == NULL) {
        return NULL;
    }

    llmp_models_for_each(i, policy, set, tier) {
        if (policy->models[i].price != NULL) {
            return policy->models[i].price;
        }
    }

    return NULL;
}


static const llmp_patterns_t *
llmp_models_patterns(const llmp_policy_t *policy, llmp_uint_t i)
{
    return (i < policy->nmodels) ? &policy->models[i].match
                                 : &policy->matchers[i - policy->nmodels];
}


static llmp_uint_t
llmp_models_slot(const llmp_policy_t *policy, const llmp_str_t *model)
{
    size_t    i;
    uint32_t  hash;

    hash = 2166136261u;

    for (i = 0; i < model->len; i++) {
        hash = (hash ^ model->data[i]) * 16777619u;
    }

    return (hash ^ hash >> 16) % policy->nresults;
}
