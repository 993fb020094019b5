
/*
 * Copyright (C) llm-policy authors
 *
 * The limits of a tier for each prompt.
 */


#ifndef LLMP_LOAD_PROMPT_H_INCLUDED_
#define LLMP_LOAD_PROMPT_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads "prompt" of a tier; absent limits are not changed */
void llmp_load_prompt(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_prompt_t *limits);


#endif /* LLMP_LOAD_PROMPT_H_INCLUDED_ */
