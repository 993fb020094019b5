
/*
 * Copyright (C) llm-policy authors
 *
 * Members that neither the API documents nor a rule names, in objects where
 * parameters are.
 */


#ifndef LLMP_DECIDE_UNKNOWN_H_INCLUDED_
#define LLMP_DECIDE_UNKNOWN_H_INCLUDED_


#include "decide/llmp_decider.h"


/*
 * Removes or refuses the unknown members from first to last, for a tier that
 * does, see llmp_tier_polices_unknown().  The rules must be set.  A refusal has
 * the position of the member: its name is the client's text.
 */
llmp_int_t llmp_decide_unknown(llmp_decider_t *dc, uint32_t first,
    uint32_t last);

/* returns whether the API documents objects such as that of member i, but not
   the name of the member there: it is unknown unless a rule names it */
llmp_uint_t llmp_decide_unknown_is_possible(const llmp_member_t *members,
    uint32_t i);


#endif /* LLMP_DECIDE_UNKNOWN_H_INCLUDED_ */
