
/*
 * Copyright (C) llm-policy authors
 */


#ifndef LLMP_REQUEST_QUERY_H_INCLUDED_
#define LLMP_REQUEST_QUERY_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "watch/llmp_watch.h"


/*
 * Returns the watched member below root that is named by an argument in the
 * query of target, or by a word in the name of an argument; NULL if there is
 * none.  Some frameworks merge query arguments into the members of the body,
 * under names such as "temperature", "options[temperature]", or "max.tokens".
 */
const llmp_watch_t *llmp_request_query(const llmp_str_t *target,
    const llmp_watch_t *root);


#endif /* LLMP_REQUEST_QUERY_H_INCLUDED_ */
