
/*
 * Copyright (C) llm-policy authors
 *
 * Refusals by limits.
 */


#ifndef LLMP_LIMIT_REFUSAL_H_INCLUDED_
#define LLMP_LIMIT_REFUSAL_H_INCLUDED_


#include "base/llmp_refusal.h"
#include "limit/llmp_limit.h"


/*
 * Sets the refusal of a request with these amounts, by the limit of a verdict;
 * limits are those of its entry.  Returns LLMP_ERROR.
 */
llmp_int_t llmp_limit_refusal_set(llmp_refusal_t *refusal,
    const llmp_limit_verdict_t *verdict, const llmp_limits_t *limits,
    const llmp_limit_amounts_t *amounts, const llmp_limit_clock_t *clock);


#endif /* LLMP_LIMIT_REFUSAL_H_INCLUDED_ */
