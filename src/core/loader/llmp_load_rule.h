
/*
 * Copyright (C) llm-policy authors
 *
 * The rule about one parameter: its verbs and their values.
 */


#ifndef LLMP_LOAD_RULE_H_INCLUDED_
#define LLMP_LOAD_RULE_H_INCLUDED_


#include "loader/llmp_loader.h"


/*
 * Reads the rule about a parameter, or about a pointer if param is NULL.
 * Returns the rule, or NULL with an error noted.  Sets *facts to the facts
 * among its verbs, or to NULL; returns NULL if there are facts alone.
 */
llmp_rule_t *llmp_load_rule(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const llmp_param_t *param, llmp_facts_t **facts);


#endif /* LLMP_LOAD_RULE_H_INCLUDED_ */
