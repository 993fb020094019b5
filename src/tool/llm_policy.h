
/*
 * Copyright (C) llm-policy authors
 *
 * The llm-policy command: declarations for its subcommands.
 */


#ifndef LLM_POLICY_H_INCLUDED_
#define LLM_POLICY_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_arena.h"
#include "policy/llmp_policy.h"


/* exit codes */

#define LLM_POLICY_OK       0
#define LLM_POLICY_ERROR    1
#define LLM_POLICY_REFUSED  2


/* Subcommands: argv[0] is the name; the result is an exit code. */

int check_run(int argc, char **argv);
int explain_run(int argc, char **argv);
int replay_run(int argc, char **argv);
int hash_key_run(int argc, char **argv);
int dialects_run(int argc, char **argv);

/* Prints the usage to standard error.  Returns LLM_POLICY_ERROR. */
int llm_policy_usage(void);

/*
 * Reads a file of at most max bytes, or standard input if name is NULL, into
 * memory of the arena.  Returns LLMP_OK, or LLMP_ERROR after printing why.
 */
llmp_int_t llm_policy_read_file(llmp_arena_t *arena, const char *name,
    size_t max, llmp_str_t *data);

/*
 * Loads a document.  Returns the policy, which the caller frees with
 * llmp_policy_free(), or NULL after printing every error.
 */
llmp_policy_t *llm_policy_load(llmp_arena_t *arena, const char *name);


#endif /* LLM_POLICY_H_INCLUDED_ */
