
/*
 * Copyright (C) llm-policy authors
 *
 * Documents that the requests of a log are decided by.
 */


#include <stdlib.h>

#include "dialect/llmp_dialect.h"
#include "policy/llmp_models.h"
#include "policy/llmp_policy.h"
#include "read.h"
#include "replay/replay.h"


static void replay_policy_sort(replay_policy_t *doc);
static int replay_policy_compare_tiers(const void *one, const void *two);
static llmp_int_t replay_policy_sort_keys(replay_policy_t *doc);
static int replay_policy_compare_keys(const void *one, const void *two);
static void replay_policy_find_places(replay_policy_t *doc);
static const char *replay_policy_param_path(const llmp_dialect_t *dialect,
    llmp_uint_t param);
static llmp_uint_t replay_policy_is_exception(const llmp_dialect_t *dialect,
    const char *path);
static int replay_policy_compare_places(const void *one, const void *two);
static void replay_policy_copy_rules(llmp_rules_t *rules,
    const llmp_rules_t *loaded, uint64_t present);


llmp_int_t
replay_policy_load(replay_policy_t *doc, const char *file)
{
    llmp_pool_t    *pool;
    llmp_policy_t  *loaded;

    llmp_arena_init(&doc->arena);
    pool = &doc->arena.pool;

    loaded = read_policy(&doc->arena, file, 0);
    if (loaded == NULL) {
        return LLMP_ERROR;
    }

    doc->loaded = loaded;
    doc->policy = *loaded;

    doc->policy.models = llmp_palloc(pool, loaded->nmodels
                                           * sizeof(llmp_model_t) + 1);
    doc->tiers = llmp_palloc(pool, loaded->ntiers * sizeof(llmp_tier_t *));
    doc->places = llmp_palloc(pool, llmp_ndialects * LLMP_PARAM_MAX
                                    * sizeof(replay_place_t));

    if (doc->policy.models == NULL || doc->tiers == NULL
        || doc->places == NULL
        || replay_policy_sort_keys(doc) != LLMP_OK)
    {
        fprintf(stderr, "llm-policy: out of memory\n");
        return LLMP_ERROR;
    }

    replay_policy_sort(doc);
    replay_policy_find_places(doc);

    return LLMP_OK;
}


static void
replay_policy_sort(replay_policy_t *doc)
{
    llmp_uint_t     i;
    llmp_policy_t  *loaded;

    loaded = doc->loaded;

    for (i = 0; i < loaded->ntiers; i++) {
        doc->tiers[i] = &loaded->tiers[i];
    }

    qsort(doc->tiers, loaded->ntiers, sizeof(llmp_tier_t *),
          replay_policy_compare_tiers);
}


static int
replay_policy_compare_tiers(const void *one, const void *two)
{
    const llmp_tier_t *const *a = one;
    const llmp_tier_t *const *b = two;

    return llmp_str_cmp(&(*a)->name, &(*b)->name);
}


static llmp_int_t
replay_policy_sort_keys(replay_policy_t *doc)
{
    llmp_uint_t               i;
    const llmp_policy_t      *loaded;
    const llmp_tenant_key_t  *key;

    loaded = doc->loaded;

    doc->nkeys = 0;
    doc->keys = llmp_palloc(&doc->arena.pool, loaded->nkeys
                                              * sizeof(replay_key_t) + 1);
    if (doc->keys == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < loaded->nkeys; i++) {
        key = &loaded->keys[i];

        if (key->terms != NULL && key->terms->name.len != 0) {
            doc->keys[doc->nkeys++] = key;
        }
    }

    qsort(doc->keys, doc->nkeys, sizeof(replay_key_t),
          replay_policy_compare_keys);

    return LLMP_OK;
}


static int
replay_policy_compare_keys(const void *one, const void *two)
{
    const replay_key_t *a = one;
    const replay_key_t *b = two;

    if ((*a)->tenant != (*b)->tenant) {
        return ((*a)->tenant > (*b)->tenant) ? 1 : -1;
    }

    return llmp_str_cmp(&(*a)->terms->name, &(*b)->terms->name);
}


/* sorts the places by path, so that members of an object follow each other */

static void
replay_policy_find_places(replay_policy_t *doc)
{
    llmp_uint_t      i, p;
    replay_place_t  *places;

    for (i = 0; i < llmp_ndialects; i++) {
        places = &doc->places[i * LLMP_PARAM_MAX];

        for (p = 0; p < LLMP_PARAM_MAX; p++) {
            places[p].path = replay_policy_param_path(llmp_dialects[i], p);
            places[p].param = p;
        }

        qsort(places, LLMP_PARAM_MAX, sizeof(replay_place_t),
              replay_policy_compare_places);
    }
}


/* returns the path of a parameter in the API, or in a compatible server */

static const char *
replay_policy_param_path(const llmp_dialect_t *dialect, llmp_uint_t param)
{
    const llmp_slot_t      *slot;
    const llmp_spelling_t  *spelling;

    slot = llmp_dialect_slot(dialect, (llmp_param_e) param);

    if (slot != NULL) {
        return slot->paths[0];
    }

    for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {
        if (spelling->param == (llmp_param_e) param
            && !replay_policy_is_exception(dialect, spelling->path))
        {
            break;
        }
    }

    return spelling->path;
}


/* returns whether a path has only the name of a parameter in the API */

static llmp_uint_t
replay_policy_is_exception(const llmp_dialect_t *dialect, const char *path)
{
    const char *const  *exception;

    for (exception = dialect->not_parameters;
         exception != NULL && *exception != NULL;
         exception++)
    {
        if (strcmp(*exception, path) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
replay_policy_compare_places(const void *one, const void *two)
{
    const replay_place_t *a = one;
    const replay_place_t *b = two;

    return strcmp(a->path, b->path);
}


void
replay_policy_free(replay_policy_t *doc)
{
    if (doc->loaded != NULL) {
        llmp_policy_free(doc->loaded);
    }

    llmp_arena_reset(&doc->arena);
}


void
replay_policy_select_rules(replay_policy_t *doc, uint64_t present)
{
    llmp_uint_t           i;
    llmp_policy_t        *policy;
    const llmp_policy_t  *loaded;

    if (doc->ready && doc->present == present) {
        return;
    }

    policy = &doc->policy;
    loaded = doc->loaded;

    for (i = 0; i < loaded->nmodels; i++) {
        policy->models[i] = loaded->models[i];
        replay_policy_copy_rules(&policy->models[i].rules,
                                 &loaded->models[i].rules, present);
    }

    doc->present = present;
    doc->ready = 1;
}


void
replay_policy_select_tier(const replay_policy_t *doc, llmp_tier_t *tier,
    const llmp_tier_t *loaded)
{
    *tier = *loaded;

    /* the log has no prompt */

    memset(&tier->prompt, 0, sizeof(llmp_prompt_t));

    replay_policy_copy_rules(&tier->rules, &loaded->rules, doc->present);
}


static void
replay_policy_copy_rules(llmp_rules_t *rules, const llmp_rules_t *loaded,
    uint64_t present)
{
    llmp_uint_t  i;

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        llmp_rules_set(rules, (llmp_param_e) i,
                       (present & llmp_mask(i)) ? loaded->params[i] : NULL);

        rules->facts[i] = loaded->facts[i];
    }

    rules->known = loaded->known;
    rules->pointers = NULL;
}


uint64_t
replay_policy_missing_params(const replay_policy_t *doc,
    const llmp_tier_t *tier)
{
    uint64_t              missing;
    llmp_uint_t           i;
    const llmp_policy_t  *loaded;

    loaded = doc->loaded;
    missing = tier->rules.ruled;

    for (i = 0; i < loaded->nmodels; i++) {
        if (llmp_models_holds(tier, i)) {
            missing |= loaded->models[i].rules.ruled;
        }
    }

    return missing & ~doc->present;
}


llmp_tier_t *
replay_policy_find_tier(const replay_policy_t *doc, const llmp_str_t *name)
{
    llmp_tier_t   key, *p, **found;

    key.name = *name;
    p = &key;

    found = bsearch(&p, doc->tiers, doc->loaded->ntiers,
                    sizeof(llmp_tier_t *), replay_policy_compare_tiers);

    return (found != NULL) ? *found : NULL;
}


const llmp_tenant_key_t *
replay_policy_find_key(const replay_policy_t *doc, llmp_tenant_t *tenant,
    const llmp_str_t *name)
{
    replay_key_t       p, *found;
    llmp_key_terms_t   terms;
    llmp_tenant_key_t  key;

    terms.name = *name;
    key.tenant = tenant;
    key.terms = &terms;
    p = &key;

    found = bsearch(&p, doc->keys, doc->nkeys, sizeof(replay_key_t),
                    replay_policy_compare_keys);

    return (found != NULL) ? *found : NULL;
}
