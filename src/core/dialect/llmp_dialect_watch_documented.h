
/*
 * Copyright (C) llm-policy authors
 *
 * Trees of the names that an API documents in one object.
 */


#ifndef LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_
#define LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "watch/llmp_watch.h"


/* trees of names that are built: many objects have the same names */

typedef struct llmp_dialect_names_s  llmp_dialect_names_t;

/*
 * Returns a finished tree of names, in both spellings of each if the API has
 * two, or NULL if there is no memory.  names ends with NULL.  The tree is one
 * of those in the list *known, or is added to it.
 */
llmp_watch_t *llmp_dialect_watch_documented(llmp_dialect_names_t **known,
    llmp_pool_t *pool, const llmp_dialect_t *dialect,
    const char *const *names);


#endif /* LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_ */
