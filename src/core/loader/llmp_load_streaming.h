
/*
 * Copyright (C) llm-policy authors
 *
 * Facts about the policy for requests that are streamed: by how many bytes it
 * may lengthen them, since their length is announced; the rules that depend on
 * the model; and the parameters that any later member may keep from being
 * added.
 */


#ifndef LLMP_LOAD_STREAMING_H_INCLUDED_
#define LLMP_LOAD_STREAMING_H_INCLUDED_


#include "policy/llmp_policy.h"


/*
 * Sets growth, by_model, pointers_by_model and blocked_by of a policy that is
 * complete otherwise.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_load_streaming(llmp_policy_t *policy, llmp_pool_t *pool);


#endif /* LLMP_LOAD_STREAMING_H_INCLUDED_ */
