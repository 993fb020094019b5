
/*
 * Copyright (C) llm-policy authors
 *
 * The model of a request, and whether its caller may use it.
 */


#ifndef LLMP_DECIDE_MODEL_H_INCLUDED_
#define LLMP_DECIDE_MODEL_H_INCLUDED_


#include "decide/llmp_decider.h"


/* finds the model of all requests: in the path, or next to the requests of a
   batch */
llmp_int_t llmp_decide_model_of_all(llmp_decider_t *dc);

/* finds the model that is sent for the current request, and checks that it is
   permitted; a rule about the member with the model is applied first, once */
llmp_int_t llmp_decide_model(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_MODEL_H_INCLUDED_ */
