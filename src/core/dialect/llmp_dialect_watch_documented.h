
/*
 * Copyright (C) llm-policy authors
 *
 * Trees of the names that an API documents in one object.
 */


#ifndef LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_
#define LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "watch/llmp_watch.h"


/*
 * Returns a finished tree of names, in both spellings of each if the API has
 * two, or NULL if there is no memory.  names ends with NULL.
 */
llmp_watch_t *llmp_dialect_watch_documented(llmp_pool_t *pool,
    const llmp_dialect_t *dialect, const char *const *names);


#endif /* LLMP_DIALECT_WATCH_DOCUMENTED_H_INCLUDED_ */
