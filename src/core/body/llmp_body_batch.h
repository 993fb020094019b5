
/*
 * Copyright (C) llm-policy authors
 *
 * Decisions on many requests in one body: each request is decided on when it
 * is complete, and only its edits are kept.
 */


#ifndef LLMP_BODY_BATCH_H_INCLUDED_
#define LLMP_BODY_BATCH_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_scratch.h"
#include "decide/llmp_decide.h"


/* maximum number of edits of a body with many requests */
#define LLMP_BODY_BATCH_EDITS_MAX  200000


typedef struct {
    llmp_decision_t  all;      /* edits of all requests; model and params of
                                  the first one */
    llmp_decision_t  one;      /* decision on the current request */
    llmp_uint_t      count;    /* decided requests */

    llmp_scratch_t   scratch;  /* memory of the current request */

    llmp_pool_t     *pool;     /* memory of all */
    llmp_uint_t      edits_size;
} llmp_body_batch_t;


/*
 * Prepares to decide on the terms of decision, whose first part is set as for
 * llmp_decide().  pool holds the kept edits.
 */
void llmp_body_batch_init(llmp_body_batch_t *batch,
    const llmp_decision_t *decision, llmp_pool_t *pool);

/* drops the current request and prepares batch->one for the next one */
void llmp_body_batch_next(llmp_body_batch_t *batch);

/*
 * Decides on the current request by its members.  offset is added to their
 * offsets for those in the body.  Returns LLMP_OK, or LLMP_ERROR with refusal
 * set.
 */
llmp_int_t llmp_body_batch_decide(llmp_body_batch_t *batch,
    const llmp_members_t *members, uint64_t offset, llmp_refusal_t *refusal);

/*
 * Adds the edits of all requests to decision, which was made on the members
 * around them, and sets its model and params for the log.  Returns LLMP_OK, or
 * LLMP_ERROR with decision->refusal set if there is no memory.
 */
llmp_int_t llmp_body_batch_join(llmp_body_batch_t *batch,
    llmp_decision_t *decision);

/* sets model and requested params of a refused decision for the log */
void llmp_body_batch_log_refused(llmp_body_batch_t *batch,
    llmp_decision_t *decision);


#endif /* LLMP_BODY_BATCH_H_INCLUDED_ */
