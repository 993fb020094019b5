
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_load_watch.h"


static int llmp_load_watch_pointer_cmp(const void *one, const void *two);
static void llmp_load_watch_pointers(llmp_loader_t *loader,
    llmp_pointer_rule_t **sorted);
static uint64_t llmp_load_watch_hash(llmp_loader_t *loader, uint64_t cuts);
static void llmp_load_watch_requests(llmp_loader_t *loader);
static uint64_t llmp_load_watch_cuts(llmp_loader_t *loader);
static void llmp_load_watch_responses(llmp_loader_t *loader);
static llmp_int_t llmp_load_watch_shared(llmp_loader_t *loader);


void
llmp_load_watch(llmp_loader_t *loader)
{
    llmp_uint_t            n;
    llmp_pointer_rule_t   *pr, **sorted;

    if (loader->npointers != 0) {
        sorted = llmp_loader_alloc(loader, loader->npointers,
                                   sizeof(llmp_pointer_rule_t *));
        if (sorted == NULL) {
            return;
        }

        n = 0;

        for (pr = loader->pointers; pr != NULL; pr = pr->next) {
            sorted[n++] = pr;
        }

        qsort(sorted, n, sizeof(llmp_pointer_rule_t *),
              llmp_load_watch_pointer_cmp);

        llmp_load_watch_pointers(loader, sorted);
    }

    llmp_load_watch_requests(loader);
    llmp_load_watch_responses(loader);
}


static int
llmp_load_watch_pointer_cmp(const void *one, const void *two)
{
    const llmp_pointer_rule_t *const  *a, *const  *b;

    a = one;
    b = two;

    return strcmp((char *) (*a)->pointer.text.data,
                  (char *) (*b)->pointer.text.data);
}


/* numbers the pointers, and sets the pointer rules of each tier and model */

static void
llmp_load_watch_pointers(llmp_loader_t *loader, llmp_pointer_rule_t **sorted)
{
    llmp_uint_t     i, n;
    llmp_rules_t   *rules;
    llmp_policy_t  *policy;

    policy = loader->policy;

    policy->pointers = llmp_loader_alloc(loader, loader->npointers,
                                         sizeof(llmp_pointer_t));
    if (policy->pointers == NULL) {
        return;
    }

    n = 0;

    for (i = 0; i < loader->npointers; i++) {

        if (i == 0 || llmp_load_watch_pointer_cmp(&sorted[i - 1],
                                                  &sorted[i]) != 0)
        {
            policy->pointers[n++] = sorted[i]->pointer;
        }
    }

    policy->npointers = n;

    for (i = 0, n = 0; i < loader->npointers; i++) {

        if (i != 0 && llmp_load_watch_pointer_cmp(&sorted[i - 1],
                                                  &sorted[i]) != 0)
        {
            n++;
        }

        rules = sorted[i]->rules;

        if (rules->pointers == NULL) {
            rules->pointers = llmp_loader_alloc(loader, policy->npointers,
                                                sizeof(llmp_rule_t *));
            if (rules->pointers == NULL) {
                return;
            }
        }

        rules->pointers[n] = sorted[i]->rule;
    }
}


/* returns a hash as FNV-1a of all that the trees for requests depend on: of
   pointers, the texts with their NULs */

static uint64_t
llmp_load_watch_hash(llmp_loader_t *loader, uint64_t cuts)
{
    uint64_t           hash;
    llmp_uint_t        i, n;
    const llmp_str_t  *text;

    hash = (0xcbf29ce484222325 ^ loader->needs) * 0x100000001b3;
    hash = (hash ^ cuts) * 0x100000001b3;

    for (i = 0; i < loader->policy->npointers; i++) {
        text = &loader->policy->pointers[i].text;

        for (n = 0; n <= text->len; n++) {
            hash = (hash ^ text->data[n]) * 0x100000001b3;
        }
    }

    return hash;
}


/* creates the trees for requests */

static void
llmp_load_watch_requests(llmp_loader_t *loader)
{
    llmp_uint_t            i;
    llmp_policy_t         *policy;
    llmp_dialect_trees_t   trees;
    const llmp_dialect_t  *dialect;

    policy = loader->policy;

    if (llmp_load_watch_shared(loader) != LLMP_OK) {
        return;
    }

    memset(&trees, 0, sizeof(llmp_dialect_trees_t));

    trees.pool = &loader->watches.pool;
    trees.shared = loader->shared;
    trees.pointers = policy->pointers;
    trees.npointers = policy->npointers;
    trees.needs = loader->needs;
    trees.cuts = llmp_load_watch_cuts(loader);

    policy->watched = llmp_load_watch_hash(loader, trees.cuts);

    policy->watch = llmp_loader_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));
    policy->lines = llmp_loader_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));

    if (policy->watch == NULL || policy->lines == NULL) {
        return;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        dialect = llmp_dialects[i];

        policy->watch[i] = llmp_dialect_watch_requests(&trees, dialect);

        if (dialect->batchable) {
            policy->lines[i] = llmp_dialect_watch_line(&trees, dialect);
        }

        if (policy->watch[i] == NULL
            || (dialect->batchable && policy->lines[i] == NULL))
        {
            loader->doc.failed = 1;
            return;
        }
    }
}


/* returns the parameters that some rule removes or forces */

static uint64_t
llmp_load_watch_cuts(llmp_loader_t *loader)
{
    uint64_t                   cuts;
    llmp_param_e               param;
    const llmp_rule_t         *rule;
    const llmp_loader_rule_t  *noted;

    cuts = 0;

    for (noted = loader->rules; noted != NULL; noted = noted->next) {
        rule = noted->rule;
        param = llmp_param_find(&rule->name);

        if (param != LLMP_PARAM_MAX && (rule->remove || rule->force != NULL)) {
            cuts |= llmp_mask(param);
        }
    }

    return cuts;
}


/* creates the trees for responses; dialects with the same reports share one */

static void
llmp_load_watch_responses(llmp_loader_t *loader)
{
    llmp_uint_t     i, j;
    llmp_watch_t  **trees;

    trees = llmp_loader_alloc(loader, llmp_ndialects, sizeof(llmp_watch_t *));
    if (trees == NULL) {
        return;
    }

    loader->policy->responses = trees;

    for (i = 0; i < llmp_ndialects; i++) {

        for (j = 0; llmp_dialects[j]->reports != llmp_dialects[i]->reports;
             j++)
        {
            /* void */
        }

        trees[i] = (j < i) ? trees[j]
                           : llmp_dialect_watch_responses(&loader->watches.pool,
                                                          llmp_dialects[i]);
        if (trees[i] == NULL) {
            loader->doc.failed = 1;
            return;
        }
    }
}


llmp_int_t
llmp_load_watch_known(llmp_loader_t *loader)
{
    llmp_uint_t           i;
    llmp_dialect_trees_t  trees;

    if (loader->known != NULL) {
        return LLMP_OK;
    }

    if (llmp_load_watch_shared(loader) != LLMP_OK) {
        return LLMP_ERROR;
    }

    memset(&trees, 0, sizeof(llmp_dialect_trees_t));

    trees.pool = &loader->checks.pool;
    trees.shared = loader->shared;

    loader->known = llmp_loader_alloc(loader, llmp_ndialects,
                                      sizeof(llmp_watch_t *));
    if (loader->known == NULL) {
        return LLMP_ERROR;
    }

    for (i = 0; i < llmp_ndialects; i++) {
        loader->known[i] = llmp_dialect_watch_requests(&trees,
                                                       llmp_dialects[i]);
        if (loader->known[i] == NULL) {
            loader->known = NULL;
            loader->doc.failed = 1;
            return LLMP_ERROR;
        }
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_load_watch_shared(llmp_loader_t *loader)
{
    if (loader->shared == NULL) {
        loader->shared = llmp_dialect_watch_shared(&loader->watches.pool);
    }

    if (loader->shared == NULL) {
        loader->doc.failed = 1;
        return LLMP_ERROR;
    }

    return LLMP_OK;
}
