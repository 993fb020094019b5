
/*
 * Copyright (C) llm-policy authors
 *
 * The call that loads a policy document.
 */


#ifndef LLMP_LOAD_H_INCLUDED_
#define LLMP_LOAD_H_INCLUDED_


#include "loader/llmp_load_error.h"
#include "loader/llmp_source.h"
#include "policy/llmp_policy.h"


/*
 * Loads a document of len bytes, which has no parts.  file is its name for
 * messages.  Returns the policy, in pool, or NULL with all errors in errors, in
 * the order of the document; there is none if memory ran out.  The policy must
 * be freed with llmp_policy_free() before the pool is freed.
 */
llmp_policy_t *llmp_load_policy(llmp_pool_t *pool, const llmp_str_t *file,
    const u_char *data, size_t len, llmp_load_errors_t *errors);

/*
 * Loads the document in the file source->name, with its parts, and returns as
 * llmp_load_policy() does.  Sets the other members of source, in pool; without
 * memory, source->identity is not set.  The document's own file may be a pipe
 * if pipes is set.  May run in a thread.
 */
llmp_policy_t *llmp_load_file(llmp_pool_t *pool, llmp_source_t *source,
    llmp_uint_t pipes, llmp_load_errors_t *errors);


#endif /* LLMP_LOAD_H_INCLUDED_ */
