
/*
 * Copyright (C) llm-policy authors
 *
 * Applies a rule to a member that is present.
 */


#ifndef LLMP_DECIDE_VALUE_H_INCLUDED_
#define LLMP_DECIDE_VALUE_H_INCLUDED_


#include "decide/llmp_decider.h"


/* applies a rule to member i; param is LLMP_PARAM_MAX for a pointer */
llmp_int_t llmp_decide_value(llmp_decider_t *dc, const llmp_rule_t *rule,
    uint32_t i, llmp_uint_t param);

/* returns the bound of a rule that a number exceeds, or NULL; flags are those
   of its parameter */
const llmp_value_t *llmp_decide_value_exceeded(const llmp_rule_t *rule,
    llmp_uint_t flags, const llmp_decimal_t *number);


#endif /* LLMP_DECIDE_VALUE_H_INCLUDED_ */
