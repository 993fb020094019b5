
/*
 * Copyright (C) llm-policy authors
 */


#include "dialect/llmp_dialect.h"
#include "loader/llmp_doc_hint.h"
#include "loader/llmp_load_pointer.h"
#include "loader/llmp_load_rule.h"
#include "loader/llmp_load_rules.h"
#include "policy/llmp_policy.h"


static void llmp_load_rules_pointer(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_doc_node_t *child,
    llmp_rules_t *rules);
static void llmp_load_rules_param(llmp_loader_t *loader,
    const llmp_doc_node_t *child, llmp_rules_t *rules);
static void llmp_load_rules_unknown(llmp_loader_t *loader,
    const llmp_doc_node_t *child);
static const llmp_param_t *llmp_load_rules_alias(const char *name);
static const llmp_param_t *llmp_load_rules_slot(const llmp_dialect_t *dialect,
    const char *name);


void
llmp_load_rules(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_rules_t *rules)
{
    const llmp_doc_node_t  *child;

    llmp_doc_each(child, node) {

        if (child->name[0] == '/') {
            llmp_load_rules_pointer(loader, node, child, rules);

        } else {
            llmp_load_rules_param(loader, child, rules);
        }
    }
}


static void
llmp_load_rules_pointer(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_doc_node_t *child, llmp_rules_t *rules)
{
    llmp_str_t            name;
    llmp_facts_t         *facts;
    llmp_pointer_rule_t  *pr;

    name.data = (u_char *) child->name + 1;
    name.len = strlen(child->name + 1);

    if (llmp_param_find(&name) != LLMP_PARAM_MAX
        && llmp_doc_member(node, child->name + 1) != NULL)
    {
        llmp_doc_error_at_name(&loader->doc, child, "\"%s\" is the parameter "
                               "\"%s\", which already has a rule here",
                               child->name, child->name + 1);
        return;
    }

    pr = llmp_loader_alloc(loader, 1, sizeof(llmp_pointer_rule_t));
    if (pr == NULL) {
        return;
    }

    if (llmp_load_pointer(loader, child, &pr->pointer) != LLMP_OK) {
        return;
    }

    pr->rule = llmp_load_rule(loader, child, NULL, &facts);

    if (pr->rule != NULL) {
        llmp_load_pointer_check_value(loader, child, &pr->pointer, pr->rule);
    }

    pr->rules = rules;
    pr->next = loader->pointers;

    loader->pointers = pr;
    loader->npointers++;
}


static void
llmp_load_rules_param(llmp_loader_t *loader, const llmp_doc_node_t *child,
    llmp_rules_t *rules)
{
    llmp_str_t     name;
    llmp_rule_t   *rule;
    llmp_facts_t  *facts;
    llmp_param_e   param;

    name.data = (u_char *) child->name;
    name.len = strlen(child->name);

    param = llmp_param_find(&name);

    if (param == LLMP_PARAM_MAX) {
        llmp_load_rules_unknown(loader, child);
        return;
    }

    rule = llmp_load_rule(loader, child, &llmp_params[param], &facts);

    llmp_rules_set(rules, param, rule);

    if (facts != NULL) {
        llmp_rules_set_facts(rules, param, facts);
    }
}


static void
llmp_load_rules_unknown(llmp_loader_t *loader, const llmp_doc_node_t *child)
{
    llmp_doc_hint_t      hint;
    llmp_uint_t          i;
    const llmp_param_t  *param;

    param = llmp_load_rules_alias(child->name);

    if (param != NULL) {
        llmp_doc_error_at_name(&loader->doc, child, "unknown parameter \"%s\"; "
                               "use \"%s\", which includes it",
                               child->name, (char *) param->name.data);
        return;
    }

    llmp_doc_hint_init(&hint, child->name);

    for (i = 0; i < LLMP_PARAM_MAX; i++) {
        llmp_doc_hint_add(&hint, (char *) llmp_params[i].name.data);
    }

    if (hint.near != NULL) {
        llmp_doc_error_at_name(&loader->doc, child,
                               "unknown parameter \"%s\"; %s", child->name,
                               llmp_doc_hint_text(&hint, ""));
        return;
    }

    llmp_doc_error_at_name(&loader->doc, child,
                           "unknown parameter \"%s\"; for a "
                           "member of the body write a JSON Pointer, \"/%s\"",
                           child->name, child->name);
}


/* returns the parameter with this name in a dialect or server, or NULL */

static const llmp_param_t *
llmp_load_rules_alias(const char *name)
{
    llmp_uint_t             i;
    const llmp_param_t     *param;
    const llmp_spelling_t  *spelling;

    for (i = 0; i < llmp_ndialects; i++) {
        param = llmp_load_rules_slot(llmp_dialects[i], name);

        if (param != NULL) {
            return param;
        }
    }

    for (spelling = llmp_spellings; spelling->path != NULL; spelling++) {
        if (strcmp(spelling->path, name) == 0) {
            return &llmp_params[spelling->param];
        }
    }

    return NULL;
}


static const llmp_param_t *
llmp_load_rules_slot(const llmp_dialect_t *dialect, const char *name)
{
    llmp_uint_t         i;
    const llmp_slot_t  *slot;

    for (slot = dialect->slots; slot->paths[0] != NULL; slot++) {

        for (i = 0; i < LLMP_SLOT_PATHS && slot->paths[i] != NULL; i++) {

            if (strcmp(slot->paths[i], name) == 0) {
                return &llmp_params[slot->param];
            }
        }
    }

    return NULL;
}
