
/*
 * Copyright (C) llm-policy authors
 *
 * Thinking whose tokens are part of max_tokens, see llmp_thinking[]: its budget
 * is brought below max_tokens, or thinking is turned off.
 */


#ifndef LLMP_DECIDE_THINKING_H_INCLUDED_
#define LLMP_DECIDE_THINKING_H_INCLUDED_


#include "decide/llmp_decider.h"


/* marks the budgets to be lowered and the objects to be turned off; the rules
   of the request must be known, and the members that pointer rules replace */
void llmp_decide_thinking_find(llmp_decider_t *dc);

/* replaces object i, which is marked LLMP_DECIDER_OFF */
llmp_int_t llmp_decide_thinking_turn_off(llmp_decider_t *dc, uint32_t i);

/* replaces budget i, which is marked LLMP_DECIDER_LOWERED */
llmp_int_t llmp_decide_thinking_lower(llmp_decider_t *dc, uint32_t i);

/*
 * Returns those of a set of bounded parameters that the type of thinking in m
 * evades: not with a budget next to it, which is policed instead, and not
 * with "adaptive" if that leaves the decision to an effort with a rule.
 */
uint64_t llmp_decide_thinking_evades(llmp_decider_t *dc, const llmp_member_t *m,
    uint64_t params);

/* Anthropic's effort if it is absent (the API's documentation, "Effort",
   2026-11) */
#define LLMP_DECIDE_THINKING_EFFORT  "high"

/* returns the index of the type with which the effort of a request decides on
   its thinking, "adaptive" of Anthropic, or 0 */
uint32_t llmp_decide_thinking_adaptive(llmp_decider_t *dc);

/*
 * Refuses such thinking if there is no effort, and none is written, under a
 * bound on the budget, or one on the effort that the dialect has no place for.
 * Members must be complete.
 */
llmp_int_t llmp_decide_thinking_check_adaptive(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_THINKING_H_INCLUDED_ */
