
/*
 * Copyright (C) llm-policy authors
 *
 * What the subcommands print for machines.
 */


#ifndef LLM_POLICY_JSON_H_INCLUDED_
#define LLM_POLICY_JSON_H_INCLUDED_


#include <jansson.h>

#include "llm_policy.h"


/* prints a document, and frees it; LLMP_ERROR if it is NULL, or cannot */
llmp_int_t llm_policy_json_print(json_t *root);


#endif /* LLM_POLICY_JSON_H_INCLUDED_ */
