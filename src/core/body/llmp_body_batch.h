
/*
 * Copyright (C) llm-policy authors
 *
 * Many requests in one body: each is decided on when it is complete, and all
 * that is kept of it is what has to change.
 */


#ifndef LLMP_BODY_BATCH_H_INCLUDED_
#define LLMP_BODY_BATCH_H_INCLUDED_


#include "base/llmp.h"
#include "decide/llmp_decide.h"
#include "base/llmp_scratch.h"


#define LLMP_EDITS_MAX  200000    /* changes of a body with many requests */


typedef struct {
    llmp_decision_t  all;      /* all changes; as of a batch, the model and
                                  params of the first request */
    llmp_decision_t  one;      /* on the request at hand */
    llmp_uint_t      count;    /* requests that were decided on */

    llmp_scratch_t   scratch;  /* for what only the request at hand needs */

    llmp_pool_t     *pool;
    llmp_uint_t      edits_size;
} llmp_decisions_t;


/*
 * Prepares to decide by what decision says, whose first part is set, as for
 * llmp_decide().  What is kept is in pool.
 */
void llmp_decisions_init(llmp_decisions_t *ds, const llmp_decision_t *decision,
    llmp_pool_t *pool);

/* forgets the request at hand, and prepares ds->one for the next */
void llmp_decisions_next(llmp_decisions_t *ds);

/*
 * Decides on the request at hand by its members, whose offsets count from
 * offset in the body.  Returns LLMP_OK, or LLMP_ERROR with refusal set.
 */
llmp_int_t llmp_decisions_make(llmp_decisions_t *ds,
    const llmp_members_t *members, uint64_t offset, llmp_refusal_t *refusal);

/* notes for the log what a request that is refused has asked for */
void llmp_decisions_seen(llmp_decisions_t *ds);

/*
 * Joins all changes with those of decision, which was made on what is beside
 * the requests, and gives it the model and params to log.  Returns LLMP_OK, or
 * LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_decisions_join(llmp_decisions_t *ds,
    llmp_decision_t *decision);

/* gives decision what was asked for alone: it is refused */
void llmp_decisions_log(llmp_decisions_t *ds, llmp_decision_t *decision);


#endif /* LLMP_BODY_BATCH_H_INCLUDED_ */
