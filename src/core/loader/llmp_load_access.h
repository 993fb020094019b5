
/*
 * Copyright (C) llm-policy authors
 *
 * Reads "models" of a tier or a tenant: those that it may use.
 */


#ifndef LLMP_LOAD_ACCESS_H_INCLUDED_
#define LLMP_LOAD_ACCESS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads the lists that the node has into a tier */
void llmp_load_access(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tier_t *tier);


#endif /* LLMP_LOAD_ACCESS_H_INCLUDED_ */
