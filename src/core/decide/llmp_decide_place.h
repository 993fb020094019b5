
/*
 * Copyright (C) llm-policy authors
 *
 * Writes members at places that are absent from the request, or null.
 */


#ifndef LLMP_DECIDE_PLACE_H_INCLUDED_
#define LLMP_DECIDE_PLACE_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Follows the steps of a place as far as the members are present, and adds the
 * rest there.  Nothing is added to an array, or to a value that is no object.
 * If text is empty, no value is known: the member is required.
 */
llmp_int_t llmp_decide_place(llmp_decider_t *dc, const llmp_rule_t *rule,
    llmp_uint_t param, const llmp_decider_place_t *place,
    const llmp_str_t *text, llmp_action_e action);

/* writes a value in place of member i, which is null */
llmp_int_t llmp_decide_place_fill_null(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t param, uint32_t i,
    const llmp_str_t *text, llmp_action_e action);

/* refuses the request for a required member, unless more members may follow */
llmp_int_t llmp_decide_place_refuse(llmp_decider_t *dc,
    const llmp_rule_t *rule);

/* returns the node that steps from the request lead to, or NULL */
const llmp_watch_t *llmp_decide_place_watch(llmp_decider_t *dc,
    const llmp_step_t *steps, llmp_uint_t nsteps);

/*
 * Returns whether the pointer rule of a place permits the text that the rule of
 * a parameter writes there; a number is clamped to its bounds.
 */
llmp_uint_t llmp_decide_place_permits(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t param, llmp_str_t *text, llmp_action_e *action);


#endif /* LLMP_DECIDE_PLACE_H_INCLUDED_ */
