
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_type.h"
#include "dialect/llmp_dialect.h"
#include "loader/llmp_load_facts.h"


static void llmp_load_facts_refuse(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
static llmp_str_t llmp_load_facts_as(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_param_t *param);
static llmp_uint_t llmp_load_facts_is_name(llmp_param_e param,
    const char *name);
static void llmp_load_facts_takes(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_param_t *param,
    llmp_facts_t *facts);
static llmp_str_t llmp_load_facts_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_param_t *param);
static uint64_t llmp_load_facts_not_beside(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_param_t *param);


llmp_facts_t *
llmp_load_facts(llmp_loader_t *loader, const llmp_load_facts_t *nodes,
    const llmp_param_t *param)
{
    llmp_facts_t  *facts;

    if (nodes->as == NULL && nodes->takes == NULL
        && nodes->not_beside == NULL)
    {
        return NULL;
    }

    if (param == NULL) {
        llmp_load_facts_refuse(loader, nodes->as);
        llmp_load_facts_refuse(loader, nodes->takes);
        llmp_load_facts_refuse(loader, nodes->not_beside);
        return NULL;
    }

    facts = llmp_loader_alloc(loader, 1, sizeof(llmp_facts_t));
    if (facts == NULL) {
        return NULL;
    }

    if (nodes->as != NULL) {
        facts->as = llmp_load_facts_as(loader, nodes->as, param);
    }

    if (nodes->takes != NULL) {
        llmp_load_facts_takes(loader, nodes->takes, param, facts);
    }

    if (nodes->not_beside != NULL) {
        facts->not_beside = llmp_load_facts_not_beside(loader,
                                                       nodes->not_beside,
                                                       param);
    }

    return facts;
}


static void
llmp_load_facts_refuse(llmp_loader_t *loader, const llmp_doc_node_t *node)
{
    if (node != NULL) {
        llmp_doc_error_at_name(&loader->doc, node, "\"%s\" is for parameters, "
                               "not for a JSON Pointer", node->name);
    }
}


static llmp_str_t
llmp_load_facts_as(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param)
{
    uint64_t      renamed;
    llmp_str_t    name = llmp_null_string;
    llmp_uint_t   i;
    llmp_param_e  p;

    p = (llmp_param_e) (param - llmp_params);
    renamed = 0;

    for (i = 0; i < llmp_ndialects; i++) {
        renamed |= llmp_dialects[i]->renamed;
    }

    if (!(renamed & llmp_mask(p))) {
        llmp_doc_error_at_name(&loader->doc, node, "\"as\" is for \"%s\", "
                               "which has two names in one API",
                               (char *) llmp_params[llmp_param_lowest(renamed)]
                               .name.data);
        return name;
    }

    name = llmp_doc_string(node);

    if (!llmp_load_facts_is_name(p, (char *) name.data)) {
        llmp_doc_error(&loader->doc, node, "\"%s\" is no name of \"%s\" in any "
                       "API; write \"max_completion_tokens\", or \"%s\"",
                       (char *) name.data, (char *) param->name.data,
                       (char *) param->name.data);
    }

    return llmp_loader_copy(loader, &name);
}


/* returns whether an API has a member of this name for a parameter */

static llmp_uint_t
llmp_load_facts_is_name(llmp_param_e param, const char *name)
{
    llmp_uint_t         i, j;
    const llmp_slot_t  *slot;

    for (i = 0; i < llmp_ndialects; i++) {
        slot = llmp_dialect_slot(llmp_dialects[i], param);

        for (j = 0; slot && j < LLMP_SLOT_PATHS && slot->paths[j]; j++) {
            if (strcmp(slot->paths[j], name) == 0) {
                return 1;
            }
        }
    }

    return 0;
}


static void
llmp_load_facts_takes(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param, llmp_facts_t *facts)
{
    llmp_str_t             *values;
    const llmp_doc_node_t  *child;

    /* one more: a list without values differs from no list */

    values = llmp_loader_alloc(loader, llmp_doc_size(node) + 1,
                               sizeof(llmp_str_t));
    if (values == NULL) {
        return;
    }

    facts->takes = values;

    llmp_doc_each(child, node) {
        values[facts->ntakes++] = llmp_load_facts_value(loader, child, param);
    }
}


/* returns the JSON text of a value, without escapes if it is a string */

static llmp_str_t
llmp_load_facts_value(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param)
{
    char         wanted[LLMP_TYPE_LIST], got[LLMP_TYPE_LIST];
    llmp_str_t   text;
    llmp_doc_t  *doc;

    doc = &loader->doc;
    text = llmp_doc_text(doc, node);

    if (!(llmp_doc_type(node) & param->types & LLMP_TYPE_SCALAR)) {
        llmp_doc_error(doc, node, "\"%s\" takes %s, not %s",
                       (char *) param->name.data,
                       llmp_type_list(wanted, param->types),
                       llmp_type_list(got, llmp_doc_type(node)));

    } else if (memchr(text.data, '\\', text.len) != NULL) {
        llmp_doc_error(doc, node, "must be written without \"\\\"");
    }

    return llmp_loader_copy(loader, &text);
}


static uint64_t
llmp_load_facts_not_beside(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param)
{
    uint64_t                params;
    llmp_str_t              name;
    llmp_doc_t             *doc;
    llmp_param_e            other;
    const llmp_doc_node_t  *child;

    doc = &loader->doc;
    params = 0;

    llmp_doc_each(child, node) {

        if (!llmp_doc_is(doc, child, LLMP_TYPE_STRING)) {
            continue;
        }

        name = llmp_doc_string(child);
        other = llmp_param_find(&name);

        if (other == LLMP_PARAM_MAX || &llmp_params[other] == param) {
            llmp_doc_error(doc, child, "must be the name of another parameter, "
                           "such as \"%s\"",
                           param == &llmp_params[LLMP_TOP_P] ? "temperature"
                                                             : "top_p");
            continue;
        }

        params |= llmp_mask(other);
    }

    return params;
}
