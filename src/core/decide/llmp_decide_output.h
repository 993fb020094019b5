
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
 * decision.  If a parameter is present more than once, its largest value
 * counts, since upstreams differ in the one that they use.
 */
void llmp_decide_output(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_OUTPUT_H_INCLUDED_ */
