
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

/*
 * Finds the value that is written if a parameter is absent.  Returns LLMP_OK
 * with text (empty if the parameter is required, and no value is known), or
 * LLMP_DECLINED if it may be absent.
 */
llmp_int_t llmp_decide_absent_value(llmp_decider_t *dc, llmp_uint_t param,
    llmp_str_t *text, llmp_action_e *action);


#endif /* LLMP_DECIDE_ABSENT_H_INCLUDED_ */
