
/*
 * Copyright (C) llm-policy authors
 *
 * The llm-policy command: declarations for its subcommands.
 */


#ifndef LLM_POLICY_H_INCLUDED_
#define LLM_POLICY_H_INCLUDED_


/* exit codes */

#define LLM_POLICY_OK       0
#define LLM_POLICY_ERROR    1
#define LLM_POLICY_REFUSED  2


/* Subcommands: argv[0] is the name; the result is an exit code. */

int check_run(int argc, char **argv);
int explain_run(int argc, char **argv);
int replay_run(int argc, char **argv);
int diff_run(int argc, char **argv);
int hash_key_run(int argc, char **argv);
int dialects_run(int argc, char **argv);


#endif /* LLM_POLICY_H_INCLUDED_ */
