
/*
 * Copyright (C) llm-policy authors
 *
 * The facts about a parameter, which stand among the verbs of its rule.
 */


#ifndef LLMP_LOAD_FACTS_H_INCLUDED_
#define LLMP_LOAD_FACTS_H_INCLUDED_


#include "loader/llmp_loader.h"


typedef struct {
    const llmp_doc_node_t  *as;          /* a string, or NULL */
    const llmp_doc_node_t  *takes;       /* an array, or NULL */
    const llmp_doc_node_t  *not_beside;  /* the same */
} llmp_load_facts_t;


/*
 * Reads the facts about a parameter, or notes errors if param is NULL: facts
 * are not for pointers.  Returns NULL if there are none.
 */
llmp_facts_t *llmp_load_facts(llmp_loader_t *loader,
    const llmp_load_facts_t *nodes, const llmp_param_t *param);


#endif /* LLMP_LOAD_FACTS_H_INCLUDED_ */
