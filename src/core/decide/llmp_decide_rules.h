
/*
 * Copyright (C) llm-policy authors
 *
 * Rules that apply to a request.
 */


#ifndef LLMP_DECIDE_RULES_H_INCLUDED_
#define LLMP_DECIDE_RULES_H_INCLUDED_


#include "decide/llmp_decider.h"


/* finds the rules for the current model and tier; a rule of a model entry has
   precedence, and the first entry with a rule */
llmp_int_t llmp_decide_rules(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_RULES_H_INCLUDED_ */
