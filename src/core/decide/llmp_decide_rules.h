
/*
 * Copyright (C) llm-policy authors
 *
 * Rules that apply to a request.
 */


#ifndef LLMP_DECIDE_RULES_H_INCLUDED_
#define LLMP_DECIDE_RULES_H_INCLUDED_


#include "decide/llmp_decider.h"


/* finds the rules of the current model and tier; those of models come first */
llmp_int_t llmp_decide_rules(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_RULES_H_INCLUDED_ */
