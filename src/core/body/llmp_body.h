
/*
 * Copyright (C) llm-policy authors
 *
 * The body of a request, in the media type of its dialect: read as it arrives,
 * then decided on.
 */


#ifndef LLMP_BODY_H_INCLUDED_
#define LLMP_BODY_H_INCLUDED_


#include "base/llmp.h"
#include "request/llmp_request.h"
#include "request/llmp_request_caller.h"


typedef struct llmp_body_s      llmp_body_t;
typedef struct llmp_decision_s  llmp_decision_t;


/* returns the size of llmp_body_t, for callers that reuse its memory */
size_t llmp_body_size(void);

/* allocates a body for llmp_body_init(), or returns NULL */
llmp_body_t *llmp_body_create(llmp_pool_t *pool);

/*
 * Prepares to read the body of a request that llmp_request_check() accepted,
 * for a caller that llmp_request_caller() found.  seed is that of
 * llmp_scan_init().  Returns LLMP_OK, or LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_body_init(llmp_body_t *body, const llmp_policy_t *policy,
    const llmp_request_t *request, const llmp_caller_t *caller,
    llmp_pool_t *pool, uint64_t seed);

/*
 * Returns the tier by which llmp_body_init() decides for a caller: rules of its
 * tenant hold in every tier, as its limits do.  Memory is from pool; NULL if
 * there is none.
 */
const llmp_tier_t *llmp_body_tier(const llmp_policy_t *policy,
    const llmp_caller_t *caller, llmp_pool_t *pool);

/*
 * Reads the next len bytes, split anywhere.  Returns LLMP_AGAIN, or LLMP_ERROR
 * if the body will be refused: llmp_body_decide() then sets the reason.
 */
llmp_int_t llmp_body_feed(llmp_body_t *body, const u_char *buf, size_t len);

/*
 * Decides after the complete body was fed.  Returns as llmp_decide() does, with
 * the result in llmp_body_decision(); or LLMP_DECLINED if the complete body
 * must be fed once more, after llmp_body_restart().
 */
llmp_int_t llmp_body_decide(llmp_body_t *body);

/* Prepares to read the same body again.  Returns as llmp_body_init() does. */
llmp_int_t llmp_body_restart(llmp_body_t *body);

/*
 * Returns whether llmp_body_decide_again() can decide on a body for a tier of
 * another policy: what is read of it has all that this decision needs.
 */
llmp_uint_t llmp_body_can_decide_again(const llmp_body_t *body,
    const llmp_policy_t *policy, const llmp_tier_t *tier);

/*
 * Decides on a body after llmp_body_decide(), for decision->tier of
 * decision->policy, which the caller sets; all other terms are those of the
 * body.  A body that could not be read is refused as there.  Returns as
 * llmp_decide() does; memory is from the body's pool.
 */
llmp_int_t llmp_body_decide_again(const llmp_body_t *body,
    llmp_decision_t *decision);

/*
 * Decides on a body once more, after llmp_body_decide(), for another tier of
 * its policy.  Returns as that one does; or LLMP_DECLINED if the body must be
 * read again, after llmp_body_init(), since its members are not kept.
 */
llmp_int_t llmp_body_decide_for(llmp_body_t *body, const llmp_tier_t *tier);

/* returns the decision of the body; its first part is set by the init */
llmp_decision_t *llmp_body_decision(llmp_body_t *body);


#endif /* LLMP_BODY_H_INCLUDED_ */
