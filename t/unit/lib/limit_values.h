
/*
 * Copyright (C) llm-policy authors
 *
 * Limits for tests.
 */


#ifndef LIMIT_VALUES_H_INCLUDED_
#define LIMIT_VALUES_H_INCLUDED_


#include "limit/llmp_limit.h"


/* adds a limit to an object, in the document's numbers; costs in millionths */
void limit_values_add(llmp_limits_t *limits, llmp_limit_e limit, int64_t max);

/* returns the amounts of a request with so many tokens of output, without
   weights and price */
llmp_limit_amounts_t limit_values_tokens(int64_t tokens);


#endif /* LIMIT_VALUES_H_INCLUDED_ */
