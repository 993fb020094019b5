
/*
 * Copyright (C) llm-policy authors
 *
 * The call that loads a policy document.
 */


#ifndef LLMP_LOAD_H_INCLUDED_
#define LLMP_LOAD_H_INCLUDED_


#include "loader/llmp_load_error.h"
#include "policy/llmp_policy.h"


/*
 * Loads a document of len bytes.  file is its name for messages.  Returns the
 * policy, in pool, or NULL with all errors in errors, in the order of the
 * document; errors->nelts is 0 if memory ran out.  The policy must be freed
 * with llmp_policy_free() before the pool is freed.
 */
llmp_policy_t *llmp_load_policy(llmp_pool_t *pool, const llmp_str_t *file,
    const u_char *data, size_t len, llmp_load_errors_t *errors);


#endif /* LLMP_LOAD_H_INCLUDED_ */
