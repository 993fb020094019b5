
/*
 * Copyright (C) llm-policy authors
 *
 * Prices of models, and weights of tokens.
 */


#ifndef LLMP_LOAD_PRICE_H_INCLUDED_
#define LLMP_LOAD_PRICE_H_INCLUDED_


#include "loader/llmp_loader.h"


/* returns "price" of an entry of models, or NULL without memory */
const llmp_price_t *llmp_load_price(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* sets the weights of the policy: those of "weights", or equal ones if node is
   NULL */
void llmp_load_price_weights(llmp_loader_t *loader,
    const llmp_doc_node_t *node);


#endif /* LLMP_LOAD_PRICE_H_INCLUDED_ */
