
/*
 * Copyright (C) llm-policy authors
 */


#ifndef LLMP_REQUEST_QUERY_H_INCLUDED_
#define LLMP_REQUEST_QUERY_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "watch/llmp_watch.h"


/*
 * Returns the watched member that the name of an argument, or a word in it,
 * names, or NULL.  Some frameworks mix the arguments of the query with the
 * members of the body, under names such as "temperature",
 * "options[temperature]", or "max.tokens".
 */
const llmp_watch_t *llmp_request_query(const llmp_str_t *target,
    const llmp_watch_t *root);


#endif /* LLMP_REQUEST_QUERY_H_INCLUDED_ */
