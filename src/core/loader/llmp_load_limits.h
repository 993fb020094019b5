
/*
 * Copyright (C) llm-policy authors
 *
 * The limits of a tier, a tenant, an API key, or the document: an object, or
 * an array of them.
 */


#ifndef LLMP_LOAD_LIMITS_H_INCLUDED_
#define LLMP_LOAD_LIMITS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* a part of the identity of limits: never to be changed */

typedef enum {
    LLMP_LOAD_LIMITS_TIER = 1,
    LLMP_LOAD_LIMITS_TENANT,
    LLMP_LOAD_LIMITS_KEY,
    LLMP_LOAD_LIMITS_TOP
} llmp_load_limits_scope_e;


/* types of a "limits" member */
#define LLMP_LOAD_LIMITS_TYPES  (LLMP_TYPE_OBJECT|LLMP_TYPE_ARRAY)


/*
 * Reads "limits" of a tier or tenant of a name, of an API key, or of the
 * document, whose name is empty.  The tiers must have their names already.
 */
void llmp_load_limits(llmp_loader_t *loader, const llmp_doc_node_t *node,
    llmp_load_limits_scope_e scope, const llmp_str_t *name,
    llmp_limits_list_t *list);

/* reads "utc_offset" of the document */
void llmp_load_limits_utc_offset(llmp_loader_t *loader,
    const llmp_doc_node_t *node);


#endif /* LLMP_LOAD_LIMITS_H_INCLUDED_ */
