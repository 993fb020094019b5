
/*
 * Copyright (C) llm-policy authors
 *
 * The tenants of the policy, and their API keys.
 */


#ifndef LLMP_LOAD_TENANTS_H_INCLUDED_
#define LLMP_LOAD_TENANTS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads "tenants" */
void llmp_load_tenants(llmp_loader_t *loader);


#endif /* LLMP_LOAD_TENANTS_H_INCLUDED_ */
