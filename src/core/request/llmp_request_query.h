
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

/*
 * Sets *key to the value of the first argument "key" of target, with its
 * escapes decoded, or to an empty string.  It points into target, or to memory
 * of pool.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_request_query_key(const llmp_str_t *target, llmp_pool_t *pool,
    llmp_str_t *key);


#endif /* LLMP_REQUEST_QUERY_H_INCLUDED_ */
