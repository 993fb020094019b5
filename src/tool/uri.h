
/*
 * Copyright (C) llm-policy authors
 *
 * Normalises the target of a request as nginx does.
 */


#ifndef URI_H_INCLUDED_
#define URI_H_INCLUDED_


#include "base/llmp.h"


/*
 * Sets *path to the normalised path of a target, in memory of the pool: without
 * query and fragment, decoded once, without dot segments, slashes merged
 * (merge_slashes is on).  Returns LLMP_OK, LLMP_DECLINED if nginx responds with
 * 400, or LLMP_ERROR if there is no memory.
 */
llmp_int_t uri_normalise(llmp_pool_t *pool, const llmp_str_t *target,
    llmp_str_t *path);


#endif /* URI_H_INCLUDED_ */
