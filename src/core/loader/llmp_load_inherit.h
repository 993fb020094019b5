
/*
 * Copyright (C) llm-policy authors
 *
 * Completes tiers by what they inherit: from the tier that "extends" names, or
 * else from "parameters" of the document; that of a tenant from the tenant's
 * tier.  A request finds all rules of its tier in one place, however deep they
 * were inherited.
 */


#ifndef LLMP_LOAD_INHERIT_H_INCLUDED_
#define LLMP_LOAD_INHERIT_H_INCLUDED_


#include "loader/llmp_loader.h"


/* completes parameters, models and limits, once all tiers are loaded; notes an
   error for a tier that is not defined, and for a loop */
void llmp_load_inherit(llmp_loader_t *loader);

/* completes the tier of a tenant with rules of its own by the tier that the
   tenant names, and replaces that one */
void llmp_load_inherit_own(llmp_loader_t *loader, llmp_tier_t *tier,
    llmp_tenant_t *tenant);

/* completes rules about pointers, once llmp_load_watch() has assigned them */
void llmp_load_inherit_pointers(llmp_loader_t *loader);


#endif /* LLMP_LOAD_INHERIT_H_INCLUDED_ */
