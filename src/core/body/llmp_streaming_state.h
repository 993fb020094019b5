
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of the flow share: llmp_flow.c (what goes on, what is held)
 * and llmp_flow_wait.c (what is settled).
 */


#ifndef LLMP_STREAMING_STATE_H_INCLUDED_
#define LLMP_STREAMING_STATE_H_INCLUDED_


#include "body/llmp_streaming.h"


/*
 * Up to where all that was fed is settled, which is before what flow->waiting
 * waits for.  Sets flow->due if a decision has to be made of that first.
 */
uint64_t llmp_flow_settled(llmp_flow_t *flow);


#endif /* LLMP_STREAMING_STATE_H_INCLUDED_ */
