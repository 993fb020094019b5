
/*
 * Copyright (C) llm-policy authors
 *
 * What the parts of the loader share.  Private to it.
 *
 * None of them stops at an error: it is noted in the document, and what is
 * returned is NULL, or as if the member were not there.  If memory runs out,
 * doc.failed is set, and all that was made is of no use.
 */


#ifndef LLMP_LOADER_H_INCLUDED_
#define LLMP_LOADER_H_INCLUDED_


#include "base/llmp.h"
#include "policy/llmp_policy.h"
#include "loader/llmp_doc.h"


typedef struct llmp_pointer_rule_s  llmp_pointer_rule_t;

struct llmp_pointer_rule_s {
    llmp_pointer_t        pointer;
    llmp_rule_t          *rule;
    llmp_rules_t         *rules;     /* where it belongs */
    llmp_pointer_rule_t  *next;
};


typedef struct {
    llmp_pool_t          *pool;
    llmp_doc_t            doc;
    llmp_policy_t        *policy;

    /* set aside until all pointers are known */

    llmp_pointer_rule_t  *pointers;
    llmp_uint_t           npointers;

    llmp_watch_t         *shared;    /* llmp_dialect_shared(), or NULL */
    llmp_watch_t        **known;     /* by llmp_dialect_index(), or NULL */
} llmp_loader_t;


/* reads "parameters"; the rules about pointers are set aside */
void llmp_policy_load_rules(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_rules_t *rules);

/* reads the rule about a parameter, or about a pointer if param is NULL */
llmp_rule_t *llmp_policy_load_rule(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_param_t *param);

/* reads the name of a node as a JSON Pointer; LLMP_OK or LLMP_ERROR */
llmp_int_t llmp_policy_load_pointer(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_pointer_t *pointer);

/* notes an error if what a pointer's rule writes would hide parameters */
void llmp_policy_check_pointer(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer,
    const llmp_rule_t *rule);

/* numbers the pointers, puts their rules in place, makes the watch trees */
void llmp_policy_load_watch(llmp_loader_t *loader);

/* notes errors where what a rule writes breaks another's; all else is there */
void llmp_policy_check_constants(llmp_loader_t *loader);

/*
 * Sets growth, modelled and modelled_pointers of a policy that is whole but for
 * them.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_policy_flow(llmp_policy_t *policy, llmp_pool_t *pool);

/* reads "limits"; of those that it does not name, limits are left alone */
void llmp_policy_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits);

/* reads "tenants" and "routes" */
void llmp_policy_load_tenants(llmp_loader_t *loader,
    const llmp_doc_node_t *node);
void llmp_policy_load_routes(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* reads a string: a pattern, the name of a tier that is to exist */
void llmp_policy_load_pattern(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_pattern_t *pattern);
llmp_tier_t *llmp_policy_load_tier_name(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* copies the name of a node, which must not be empty */
llmp_str_t llmp_policy_load_name(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* cleared memory for count elements */
void *llmp_policy_alloc(llmp_loader_t *loader, size_t count, size_t size);

/* a copy of a text, ended by NUL as well; empty if there is no memory */
llmp_str_t llmp_policy_copy(llmp_loader_t *loader, const llmp_str_t *text);


#endif /* LLMP_LOADER_H_INCLUDED_ */
