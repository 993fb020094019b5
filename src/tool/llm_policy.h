
/*
 * Copyright (C) llm-policy authors
 *
 * The llm-policy command: what its files share.
 */


#ifndef LLM_POLICY_H_INCLUDED_
#define LLM_POLICY_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_arena.h"
#include "policy/llmp_policy.h"


/* the exit codes */

#define LLM_POLICY_OK       0
#define LLM_POLICY_ERROR    1
#define LLM_POLICY_REFUSED  2


/* the subcommands; argv[0] is the subcommand's name; they return exit codes */

int llm_policy_check(int argc, char **argv);
int llm_policy_explain(int argc, char **argv);
int llm_policy_replay(int argc, char **argv);
int llm_policy_hash_key(int argc, char **argv);
int llm_policy_dialects(int argc, char **argv);

/* prints how the command is used to standard error; returns LLM_POLICY_ERROR */
int llm_policy_usage(void);

/*
 * Reads all of a file, or of standard input if name is NULL, up to max bytes.
 * Returns LLMP_OK, or LLMP_ERROR after printing why.  The memory is of the
 * arena.
 */
llmp_int_t llm_policy_read(llmp_arena_t *arena, const char *name, size_t max,
    llmp_str_t *data);

/*
 * Loads a document.  Returns the policy, to be freed by llmp_policy_free(), or
 * NULL after printing every error.
 */
llmp_policy_t *llm_policy_load(llmp_arena_t *arena, const char *name);


#endif /* LLM_POLICY_H_INCLUDED_ */
