
/*
 * Copyright (C) llm-policy authors
 *
 * Upper bound of the output of a request: the tokens that are reserved.
 */


#ifndef LLMP_DECIDE_OUTPUT_H_INCLUDED_
#define LLMP_DECIDE_OUTPUT_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Adds the tokens that the current request may generate to the output of the
 * decision.  Of a parameter that is present more than once, the largest value
 * counts, since upstreams differ in which one they take.
 */
void llmp_decide_output(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_OUTPUT_H_INCLUDED_ */
