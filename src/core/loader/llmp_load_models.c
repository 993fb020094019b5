
/*
 * Copyright (C) llm-policy authors
 */


#include <stdlib.h>

#include "base/llmp_utf8.h"
#include "loader/llmp_load_models.h"
#include "loader/llmp_load_price.h"
#include "loader/llmp_load_rules.h"


static void llmp_load_models_one(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_model_t *model);
static void llmp_load_models_name(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_model_t *model);
static void llmp_load_models_tiers(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_model_t *model);
static llmp_uint_t llmp_load_models_has_tier(const llmp_model_t *model,
    const llmp_tier_t *tier);
static int llmp_load_models_tier_cmp(const void *one, const void *two);
static void llmp_load_models_check_names(llmp_loader_t *loader);
static int llmp_load_models_name_cmp(const void *one, const void *two);
static void llmp_load_models_source(llmp_loader_t *loader,
    const llmp_doc_node_t *node);


enum {
    LLMP_MODEL_NAME = 0,
    LLMP_MODEL_MATCH,
    LLMP_MODEL_PARAMETERS,
    LLMP_MODEL_SOURCE,
    LLMP_MODEL_TIERS,
    LLMP_MODEL_PRICE,
    LLMP_MODEL_MEMBERS
};


static const llmp_doc_member_t  llmp_model_members[LLMP_MODEL_MEMBERS] = {
    { "name", LLMP_TYPE_STRING, 0 },
    { "match", LLMP_TYPE_ARRAY, 1 },
    { "parameters", LLMP_TYPE_OBJECT, 0 },
    { "source", LLMP_TYPE_ARRAY, 0 },
    { "tiers", LLMP_TYPE_ARRAY, 0 },
    { "price", LLMP_TYPE_OBJECT, 0 }
};


void
llmp_load_models(llmp_loader_t *loader)
{
    llmp_uint_t    i, n;
    llmp_model_t  *model;

    n = loader->models.nelts;

    model = llmp_loader_alloc(loader, n, sizeof(llmp_model_t));
    if (model == NULL) {
        return;
    }

    loader->policy->models = model;
    loader->policy->nmodels = n;

    for (i = 0; i < n; i++) {
        llmp_load_models_one(loader, loader->models.elts[i], &model[i]);
    }

    llmp_load_models_check_names(loader);
}


static void
llmp_load_models_one(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_model_t *model)
{
    llmp_doc_t             *doc;
    const llmp_doc_node_t  *match, *parameters;
    const llmp_doc_node_t  *members[LLMP_MODEL_MEMBERS];

    doc = &loader->doc;

    if (!llmp_doc_is(doc, node, LLMP_TYPE_OBJECT)) {
        return;
    }

    llmp_doc_members(doc, node, llmp_model_members, LLMP_MODEL_MEMBERS,
                     members);

    match = members[LLMP_MODEL_MATCH];
    parameters = members[LLMP_MODEL_PARAMETERS];

    if (match != NULL) {

        if (llmp_doc_size(match) == 0) {
            llmp_doc_error(doc, match, "must have at least one pattern");
        }

        llmp_loader_patterns(loader, match, &model->match);
    }

    if (llmp_doc_member(node, "parameters") == NULL
        && llmp_doc_member(node, "price") == NULL)
    {
        llmp_doc_error(doc, node, "required member \"parameters\" or \"price\" "
                       "is missing");
    }

    if (parameters != NULL) {
        llmp_load_rules(loader, parameters, &model->rules);
    }

    if (members[LLMP_MODEL_PRICE] != NULL) {
        model->price = llmp_load_price(loader, members[LLMP_MODEL_PRICE]);
    }

    if (members[LLMP_MODEL_NAME] != NULL) {
        llmp_load_models_name(loader, members[LLMP_MODEL_NAME], model);
    }

    if (members[LLMP_MODEL_TIERS] != NULL) {
        llmp_load_models_tiers(loader, members[LLMP_MODEL_TIERS], model);
    }

    if (members[LLMP_MODEL_SOURCE] != NULL) {
        llmp_load_models_source(loader, members[LLMP_MODEL_SOURCE]);
    }
}


static void
llmp_load_models_tiers(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_model_t *model)
{
    llmp_doc_t             *doc;
    llmp_tier_t            *tier;
    const llmp_doc_node_t  *child;

    doc = &loader->doc;

    if (llmp_doc_size(node) == 0) {
        llmp_doc_error(doc, node, "must have at least one tier; an entry "
                       "without \"tiers\" holds for all");
        return;
    }

    model->tiers = llmp_loader_alloc(loader, llmp_doc_size(node),
                                     sizeof(llmp_tier_t *));
    if (model->tiers == NULL) {
        return;
    }

    llmp_doc_each(child, node) {

        if (!llmp_doc_is(doc, child, LLMP_TYPE_STRING)) {
            continue;
        }

        tier = llmp_loader_tier(loader, child);

        if (tier == NULL) {
            continue;
        }

        if (llmp_load_models_has_tier(model, tier)) {
            llmp_doc_error(doc, child, "tier \"%s\" is already in this list",
                           (char *) tier->name.data);
            continue;
        }

        model->tiers[model->ntiers++] = tier;
    }

    /* the order of the list has no meaning, and documents are compared */

    qsort(model->tiers, model->ntiers, sizeof(llmp_tier_t *),
          llmp_load_models_tier_cmp);
}


static int
llmp_load_models_tier_cmp(const void *one, const void *two)
{
    const llmp_tier_t *const  *a, *const  *b;

    a = one;
    b = two;

    return llmp_str_cmp(&(*a)->name, &(*b)->name);
}


static llmp_uint_t
llmp_load_models_has_tier(const llmp_model_t *model, const llmp_tier_t *tier)
{
    llmp_uint_t  i;

    for (i = 0; i < model->ntiers; i++) {
        if (model->tiers[i] == tier) {
            return 1;
        }
    }

    return 0;
}


/* a name may become a label of metrics */

static void
llmp_load_models_name(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_model_t *model)
{
    llmp_str_t  name;

    name = llmp_doc_string(node);

    if (name.len == 0 || !llmp_utf8_is_visible(&name)
        || memchr(name.data, ' ', name.len) != NULL)
    {
        llmp_doc_error(&loader->doc, node, "must be one or more visible "
                       "characters, such as \"gpt-5\"");
        return;
    }

    model->name = llmp_loader_copy(loader, &name);
}


static void
llmp_load_models_check_names(llmp_loader_t *loader)
{
    llmp_uint_t              i, n;
    const llmp_doc_node_t  **names, *name;

    names = llmp_loader_alloc(loader, loader->models.nelts,
                              sizeof(llmp_doc_node_t *));
    if (names == NULL) {
        return;
    }

    n = 0;

    for (i = 0; i < loader->models.nelts; i++) {
        name = llmp_doc_member(loader->models.elts[i], "name");

        if (name != NULL && llmp_doc_type(name) == LLMP_TYPE_STRING) {
            names[n++] = name;
        }
    }

    qsort(names, n, sizeof(llmp_doc_node_t *), llmp_load_models_name_cmp);

    for (i = 1; i < n; i++) {
        if (strcmp(names[i - 1]->string, names[i]->string) == 0) {
            llmp_doc_error(&loader->doc, names[i] - names[i]->parent,
                           "an entry before it has the name \"%s\"",
                           names[i]->string);
        }
    }

    llmp_pfree(loader->pool, names);
}


/* orders by name; equal ones in the order of the document */

static int
llmp_load_models_name_cmp(const void *one, const void *two)
{
    int                            rc;
    const llmp_doc_node_t *const  *a, *const  *b;

    a = one;
    b = two;

    rc = strcmp((*a)->string, (*b)->string);

    if (rc != 0) {
        return rc;
    }

    return ((*a)->start > (*b)->start) - ((*a)->start < (*b)->start);
}


/* sources of facts are for readers of the document */

static void
llmp_load_models_source(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    const llmp_doc_node_t  *child;

    llmp_doc_each(child, node) {
        (void) llmp_doc_is(&loader->doc, child, LLMP_TYPE_STRING);
    }
}
