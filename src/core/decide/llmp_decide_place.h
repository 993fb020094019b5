
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
 * rest there.  Adds nothing to an array, or to a value that is no object.
 * Refuses the request if text is empty: the member is required then, and has no
 * value.  param is LLMP_PARAM_MAX for a pointer.
 */
llmp_int_t llmp_decide_place_write(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t param,
    const llmp_decider_place_t *place, const llmp_str_t *text,
    llmp_action_e action);

/* replaces member i, which is null, by a value */
llmp_int_t llmp_decide_place_fill_null(llmp_decider_t *dc,
    const llmp_rule_t *rule, llmp_uint_t param, uint32_t i,
    const llmp_str_t *text, llmp_action_e action);

/* refuses a request without a required member, unless more members may follow
   */
llmp_int_t llmp_decide_place_require(llmp_decider_t *dc,
    const llmp_rule_t *rule);

/* returns the node at the end of steps from the request, or NULL */
const llmp_watch_t *llmp_decide_place_watch(llmp_decider_t *dc,
    const llmp_step_t *steps, llmp_uint_t nsteps);

/*
 * Returns whether the pointer rule of node w, if it has one, permits the text
 * that the rule of a parameter writes there.  Clamps a number to the bounds of
 * the pointer rule, and sets *action then.  w may be NULL.
 */
llmp_uint_t llmp_decide_place_permits(llmp_decider_t *dc, const llmp_watch_t *w,
    llmp_uint_t param, llmp_str_t *text, llmp_action_e *action);


#endif /* LLMP_DECIDE_PLACE_H_INCLUDED_ */
