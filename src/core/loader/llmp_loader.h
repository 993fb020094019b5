
/*
 * Copyright (C) llm-policy authors
 *
 * State of the loader, and helpers of its parts.
 *
 * No part stops at an error: it notes the error in the document, and returns
 * NULL, or treats the member as absent.  If memory runs out, doc.failed is set,
 * and the policy must not be used.  All memory is from the pool of the policy;
 * what grows with the tenants, and is not in the policy, is freed at the end.
 */


#ifndef LLMP_LOADER_H_INCLUDED_
#define LLMP_LOADER_H_INCLUDED_


#include <jansson.h>

#include "base/llmp_scratch.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_doc.h"
#include "loader/llmp_source.h"
#include "policy/llmp_policy.h"


typedef struct llmp_pointer_rule_s  llmp_pointer_rule_t;
typedef struct llmp_load_key_s      llmp_load_key_t;

struct llmp_pointer_rule_s {
    llmp_pointer_t        pointer;
    llmp_rule_t          *rule;
    llmp_rules_t         *rules;  /* rules of the tier or model entry */
    llmp_pointer_rule_t  *next;
};


/* elements of a list, or members of an object, in all texts of a document */

typedef struct {
    const llmp_doc_node_t  **elts;
    llmp_uint_t              nelts;
} llmp_loader_list_t;


/* a rule, and its node in the document */

typedef struct llmp_loader_rule_s  llmp_loader_rule_t;

struct llmp_loader_rule_s {
    const llmp_rule_t      *rule;
    const llmp_doc_node_t  *node;
    llmp_uint_t             wrong;   /* a value of it has an error */
    llmp_loader_rule_t     *next;
};


typedef struct {
    llmp_pool_t          *pool;
    llmp_doc_t            doc;
    llmp_policy_t        *policy;

    llmp_source_t        *source;  /* NULL: the text is in memory */
    llmp_source_file_t    file;    /* state of the document's own file */

    llmp_loader_list_t    tiers;
    llmp_loader_list_t    models;
    llmp_loader_list_t    tenants;
    llmp_loader_list_t    routes;

    /* by index of tier: "extends", or NULL, of those of the document; the tier
       from which it inherits, or NULL.  norder tiers, each behind that from
       which it inherits */

    const llmp_doc_node_t   **extends;
    llmp_tier_t             **bases;
    llmp_tier_t             **order;
    llmp_uint_t               norder;
    llmp_uint_t               nown;      /* tenants that may have rules */
    llmp_tier_t              *common;   /* has the rules for all tiers; NULL if
                                           there are none */

    llmp_load_key_t          *keys;     /* room for all keys of tenants;
                                           policy->nkeys are read */

    llmp_loader_rule_t       *rules;

    const llmp_doc_node_t    *limits;    /* "limits" of the document, or NULL */
    const llmp_doc_node_t    *cost;      /* the first limit on costs, or NULL */
    json_t                   *matchers;  /* index of each in the policy, by its
                                            text; or NULL */
    llmp_uint_t               nmatchers; /* room for them there */

    /* rules about pointers, until llmp_load_watch() assigns them */

    llmp_pointer_rule_t  *pointers;
    llmp_uint_t           npointers;

    llmp_unknown_e        unknown_members;  /* default of all tiers */
    llmp_uint_t           needs;   /* LLMP_DIALECT_WATCH_*, of any tier */

    llmp_scratch_t        watches;  /* memory of the policy's trees: thousands
                                       of small nodes */
    llmp_scratch_t        checks;   /* that of the trees in known */
    llmp_watch_t         *shared;   /* llmp_dialect_watch_shared(), or NULL */
    llmp_watch_t        **known;    /* trees without pointers, by
                                       llmp_dialect_index(); or NULL */
} llmp_loader_t;


/* returns cleared memory for count elements, or NULL */
void *llmp_loader_alloc(llmp_loader_t *loader, size_t count, size_t size);

/* returns a copy of a text, followed by a NUL; empty if there is no memory */
llmp_str_t llmp_loader_copy(llmp_loader_t *loader, const llmp_str_t *text);

/* returns a copy of the name of a node; notes an error if it is empty, or has
   characters that are not seen */
llmp_str_t llmp_loader_name(llmp_loader_t *loader, const llmp_doc_node_t *node);

/* does so with the string of a node */
llmp_str_t llmp_loader_name_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* returns the tier whose name is the string of a node, or NULL with an error
   noted */
llmp_tier_t *llmp_loader_tier(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* returns the place of a node, for an operator: its JSON Pointer in the
   document, or "models.json#/models/0" in a part */
llmp_str_t llmp_loader_place(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* keeps the node of a rule, for errors */
void llmp_loader_add_rule(llmp_loader_t *loader, const llmp_rule_t *rule,
    const llmp_doc_node_t *node);

/* compiles the string of a node as a pattern; notes an error of its syntax */
void llmp_loader_pattern(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_pattern_t *pattern);

/* does so with all strings of an array */
void llmp_loader_patterns(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_patterns_t *patterns);


#endif /* LLMP_LOADER_H_INCLUDED_ */
