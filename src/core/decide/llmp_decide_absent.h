
/*
 * Copyright (C) llm-policy authors
 *
 * Adds members that are absent, or null, and must be present: defaults, forced
 * values, and bounds that the default of the upstream exceeds.
 */


#ifndef LLMP_DECIDE_ABSENT_H_INCLUDED_
#define LLMP_DECIDE_ABSENT_H_INCLUDED_


#include "decide/llmp_decider.h"


/* adds the absent members of the current request */
llmp_int_t llmp_decide_absent(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_ABSENT_H_INCLUDED_ */
