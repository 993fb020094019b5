
/*
 * Copyright (C) llm-policy authors
 *
 * Properties of the policy for streamed requests: the number of bytes by which
 * a request may grow, since its length is announced first; the rules that
 * depend on the model; and the parameters that a later member may block.
 */


#ifndef LLMP_LOAD_STREAMING_H_INCLUDED_
#define LLMP_LOAD_STREAMING_H_INCLUDED_


#include "policy/llmp_policy.h"


/*
 * Sets growth, by_model, pointers_by_model and blocked_by of a policy whose
 * other members are set.  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_load_streaming(llmp_policy_t *policy, llmp_pool_t *pool);


#endif /* LLMP_LOAD_STREAMING_H_INCLUDED_ */
