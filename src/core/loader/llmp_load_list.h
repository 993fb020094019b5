
/*
 * Copyright (C) llm-policy authors
 *
 * Lists of what the document and its parts define.
 */


#ifndef LLMP_LOAD_LIST_H_INCLUDED_
#define LLMP_LOAD_LIST_H_INCLUDED_


#include "loader/llmp_loader.h"


/* sets a list to the elements or members of nodes[0], nodes[step], ..., one for
   each text of the document; NULL has none */
void llmp_load_list(llmp_loader_t *loader, llmp_loader_list_t *list,
    const llmp_doc_node_t **nodes, llmp_uint_t step);

/* notes an error for each name that is in a list twice; what is a noun, such as
   "tier" */
void llmp_load_list_check_names(llmp_loader_t *loader,
    const llmp_loader_list_t *list, const char *what);


#endif /* LLMP_LOAD_LIST_H_INCLUDED_ */
