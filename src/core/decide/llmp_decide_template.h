
/*
 * Copyright (C) llm-policy authors
 *
 * Values with variables, of "default_from" and "force_from".
 */


#ifndef LLMP_DECIDE_TEMPLATE_H_INCLUDED_
#define LLMP_DECIDE_TEMPLATE_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Replaces the rules about pointers that have such a value by rules with that
 * value as "default" or "force"; or without one, if all variables of
 * "default_from" are empty.  first and last are indexes of the members that the
 * rules are for; adds is set if absent members may be added.
 *
 * Refuses the request if a value that it needs cannot be written.
 */
llmp_int_t llmp_decide_template(llmp_decider_t *dc, uint32_t first,
    uint32_t last, llmp_uint_t adds);

/* does so with the rule about the model, before others, as they depend on it */
llmp_int_t llmp_decide_template_model(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_TEMPLATE_H_INCLUDED_ */
