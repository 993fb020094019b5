
/*
 * Copyright (C) llm-policy authors
 *
 * Reading files and documents, with errors on standard error.
 */


#ifndef READ_H_INCLUDED_
#define READ_H_INCLUDED_


#include "base/llmp_arena.h"
#include "policy/llmp_policy.h"


/*
 * Reads a file of at most max bytes, or standard input if name is NULL, into
 * memory of the arena.  Returns LLMP_OK, or LLMP_ERROR after printing why.
 */
llmp_int_t read_file(llmp_arena_t *arena, const char *name, size_t max,
    llmp_str_t *data);

/*
 * Loads a document with its parts.  Returns the policy, which the caller frees
 * with llmp_policy_free(), or NULL after printing every error.
 */
llmp_policy_t *read_policy(llmp_arena_t *arena, const char *name);


#endif /* READ_H_INCLUDED_ */
