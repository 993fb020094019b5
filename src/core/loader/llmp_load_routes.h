
/*
 * Copyright (C) llm-policy authors
 *
 * The routes of the policy.
 */


#ifndef LLMP_LOAD_ROUTES_H_INCLUDED_
#define LLMP_LOAD_ROUTES_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads "routes" */
void llmp_load_routes(llmp_loader_t *loader);


#endif /* LLMP_LOAD_ROUTES_H_INCLUDED_ */
