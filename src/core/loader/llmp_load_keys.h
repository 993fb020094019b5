
/*
 * Copyright (C) llm-policy authors
 *
 * API keys of tenants in a document.
 */


#ifndef LLMP_LOAD_KEYS_H_INCLUDED_
#define LLMP_LOAD_KEYS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* an API key, and its node in the document */

struct llmp_load_key_s {
    llmp_tenant_key_t       key;
    const llmp_doc_node_t  *node;
};


/* reads "keys" of a tenant; adds them to loader->keys, which has room for all
   keys of the document */
void llmp_load_keys(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_tenant_t *tenant);

/* orders loader->keys by hash, and sets those of the policy; notes errors of
   keys that are listed twice, and of names that a tenant has twice */
void llmp_load_keys_finish(llmp_loader_t *loader);

/* notes a warning for each key that has expired at a time, in seconds since
   1970 */
void llmp_load_keys_warn(llmp_loader_t *loader, int64_t now);


#endif /* LLMP_LOAD_KEYS_H_INCLUDED_ */
