
/*
 * Copyright (C) llm-policy authors
 *
 * The limits of a tier or tenant.
 */


#ifndef LLMP_LOAD_LIMITS_H_INCLUDED_
#define LLMP_LOAD_LIMITS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads "limits" of a tier or tenant; absent limits are not changed */
void llmp_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_limits_t *limits);

/* reads "prompt" of a tier; absent limits are not changed */
void llmp_load_limits_prompt(llmp_loader_t *loader,
    const llmp_doc_node_t *node, llmp_prompt_t *limits);


#endif /* LLMP_LOAD_LIMITS_H_INCLUDED_ */
