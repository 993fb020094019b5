
/*
 * Copyright (C) llm-policy authors
 *
 * Rules of tenants.  Each tenant that has any gets a tier of its own, which
 * inherits from the tier that the tenant names, so that a request finds all
 * rules in one place.
 */


#ifndef LLMP_LOAD_OWN_H_INCLUDED_
#define LLMP_LOAD_OWN_H_INCLUDED_


#include "loader/llmp_loader.h"


/* returns the number of tenants that have "parameters" or "models" */
llmp_uint_t llmp_load_own_count(const llmp_loader_t *loader);

/*
 * Reads the rules of a tenant, whose name and tier are set, and replaces its
 * tier.  The nodes are "parameters" and "models", or NULL; one must be there.
 */
void llmp_load_own(llmp_loader_t *loader, llmp_tenant_t *tenant,
    const llmp_doc_node_t *parameters, const llmp_doc_node_t *models);


#endif /* LLMP_LOAD_OWN_H_INCLUDED_ */
