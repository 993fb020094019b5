
/*
 * Copyright (C) llm-policy authors
 *
 * The rules of a tier or of a model entry.
 */


#ifndef LLMP_LOAD_RULES_H_INCLUDED_
#define LLMP_LOAD_RULES_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads "parameters" of a tier or model entry; adds rules about pointers to the
   loader, see llmp_load_watch() */
void llmp_load_rules(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_rules_t *rules);


#endif /* LLMP_LOAD_RULES_H_INCLUDED_ */
