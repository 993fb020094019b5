
/*
 * Copyright (C) llm-policy authors
 *
 * Loads the entries of "models".
 */


#ifndef LLMP_LOAD_MODELS_H_INCLUDED_
#define LLMP_LOAD_MODELS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* loads the entries of all parts, loader->models, into the policy */
void llmp_load_models(llmp_loader_t *loader);


#endif /* LLMP_LOAD_MODELS_H_INCLUDED_ */
