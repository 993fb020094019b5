
/*
 * Copyright (C) llm-policy authors
 *
 * Functions shared by llmp_streaming.c (which bytes are forwarded or held) and
 * llmp_streaming_wait.c (which members are final).
 */


#ifndef LLMP_STREAMING_STATE_H_INCLUDED_
#define LLMP_STREAMING_STATE_H_INCLUDED_


#include "body/llmp_body_state.h"
#include "body/llmp_streaming.h"


/*
 * Returns the offset up to which the body is final; the member after it is
 * st->waiting.  Marks a decision as due if members became final.
 */
uint64_t llmp_streaming_wait_offset(llmp_streaming_t *st);


static inline void
llmp_streaming_set_due(llmp_streaming_t *st)
{
    if (st->state == LLMP_STREAMING_CURRENT) {
        st->state = LLMP_STREAMING_DUE;
    }
}


/* refuses a body as soon as its prompt is larger than the tier permits, with
   LLMP_ERROR; returns LLMP_OK otherwise */
llmp_int_t llmp_streaming_prompt(llmp_streaming_t *st);


#endif /* LLMP_STREAMING_STATE_H_INCLUDED_ */
