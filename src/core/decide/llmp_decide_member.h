
/*
 * Copyright (C) llm-policy authors
 *
 * Members that are present: checks them, and applies their rules.
 */


#ifndef LLMP_DECIDE_MEMBER_H_INCLUDED_
#define LLMP_DECIDE_MEMBER_H_INCLUDED_


#include "decide/llmp_decider.h"


/* decides on all members of the current request */
llmp_int_t llmp_decide_members(llmp_decider_t *dc);

/* decides on member i */
llmp_int_t llmp_decide_member(llmp_decider_t *dc, uint32_t i);


#endif /* LLMP_DECIDE_MEMBER_H_INCLUDED_ */
