
/*
 * Copyright (C) llm-policy authors
 *
 * JSON Pointers of the policy (RFC 6901).
 */


#ifndef LLMP_LOAD_POINTER_H_INCLUDED_
#define LLMP_LOAD_POINTER_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads the name of a node as a JSON Pointer; returns LLMP_OK, or LLMP_ERROR
   with an error noted */
llmp_int_t llmp_load_pointer(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_pointer_t *pointer);

/*
 * Notes an error if a rule writes an object that contains parameters of an API:
 * required parameters would be lost.
 */
void llmp_load_pointer_check_value(llmp_loader_t *loader,
    const llmp_doc_node_t *node, const llmp_pointer_t *pointer,
    const llmp_rule_t *rule);


#endif /* LLMP_LOAD_POINTER_H_INCLUDED_ */
