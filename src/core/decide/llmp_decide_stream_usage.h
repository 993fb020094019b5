
/*
 * Copyright (C) llm-policy authors
 *
 * Requests the usage of a stream if the client does not.  Such an edit is no
 * change by the policy: it is not recorded, and rules have precedence.
 */


#ifndef LLMP_DECIDE_STREAM_USAGE_H_INCLUDED_
#define LLMP_DECIDE_STREAM_USAGE_H_INCLUDED_


#include "decide/llmp_decider.h"


/* adds the request for usage if the current request is for a stream */
llmp_int_t llmp_decide_stream_usage(llmp_decider_t *dc);


#endif /* LLMP_DECIDE_STREAM_USAGE_H_INCLUDED_ */
