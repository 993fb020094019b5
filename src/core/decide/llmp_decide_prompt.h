
/*
 * Copyright (C) llm-policy authors
 */


#ifndef LLMP_DECIDE_PROMPT_H_INCLUDED_
#define LLMP_DECIDE_PROMPT_H_INCLUDED_


#include "decide/llmp_decider.h"


/* refuses a request whose prompt is larger than the tier permits, with
   LLMP_ERROR; returns LLMP_OK otherwise */
llmp_int_t llmp_decide_prompt(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_PROMPT_H_INCLUDED_ */
