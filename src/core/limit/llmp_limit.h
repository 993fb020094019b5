
/*
 * Copyright (C) llm-policy authors
 *
 * Limits: how much a caller may ask for, and how much of that is taken.  Pure
 * but for the state, which may be in memory that processes share.
 */


#ifndef LLMP_LIMIT_H_INCLUDED_
#define LLMP_LIMIT_H_INCLUDED_


#include <stdatomic.h>

#include "base/llmp.h"
#include "policy/llmp_policy.h"


/* the longest time to wait for what never comes, in milliseconds */
#define LLMP_LIMIT_NEVER      (-1)


/*
 * What a caller has taken.  All zeros is the state of one who has taken
 * nothing.
 *
 * What is taken of a minute's allowance is given back evenly, over that minute:
 * it is a token bucket, seen from its other end.  What is reserved is not given
 * back with time, so that what is asked for and not yet known never counts for
 * less than it may come to.
 */

typedef struct {
    /* llmp_limit_admit() alone changes these, called by one at a time */

    int64_t           last;        /* when they were brought up to date, ms */
    int64_t           day;         /* since 1970, UTC */
    int64_t           requests;    /* of the minute, in 1/60000 of each */
    int64_t           tokens;      /* the same */
    int64_t           day_tokens;
    llmp_limits_t     limits;      /* those of the last request */

    /* these anybody changes, at any time */

    _Atomic int64_t   active;      /* requests that are not settled yet */
    _Atomic int64_t   reserved;    /* tokens of those */
    _Atomic int64_t   charged;     /* tokens that are not yet in the others */
} llmp_limit_state_t;


/* a state as it is at some time, with all that was charged in its place */

typedef struct {
    int64_t           used[LLMP_LIMIT_MAX];     /* of minutes: in 1/60000 */
    int64_t           reserved;
    int64_t           charged;     /* is in used, but not in the state */
    int64_t           day;         /* since 1970, UTC, */
    int64_t           rest;        /* and seconds until it ends */
} llmp_limit_now_t;


/* what a request is told */

typedef struct {
    llmp_limit_e      limit;       /* that refused it; LLMP_LIMIT_MAX: none */
    int64_t           wait;        /* until it may be admitted, in
                                      milliseconds; or LLMP_LIMIT_NEVER */
    int64_t           tokens;      /* that it may come to, */
    int64_t           reserved;    /* and those that it has; 0 if tokens have
                                      no limit */

    /* for the functions below: after the request if it was admitted */

    llmp_limit_now_t  at;
} llmp_limit_verdict_t;


/*
 * Admits a request that may come to so many tokens, or refuses it.  limits are
 * the caller's; at least one is set.  now is any clock that does not go back,
 * in milliseconds, the same for all processes; time is UTC, in seconds since
 * 1970.  The caller sees to it that nobody else is in here with the same state.
 *
 * Returns LLMP_OK: the request counts, is active, and its tokens are reserved
 * until llmp_limit_settle(); or LLMP_DECLINED: it does not count, and verdict
 * says why and for how long.
 */
llmp_int_t llmp_limit_admit(llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict);

/*
 * Reserves so many tokens for an admitted request instead of those that it has
 * so far, which verdict->reserved says.  Called as llmp_limit_admit() is.
 *
 * Returns LLMP_OK, or LLMP_DECLINED if limits leave no room for what is more:
 * the request has what it had then, and verdict says why.
 */
llmp_int_t llmp_limit_resize(llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict);

/*
 * What a verdict leaves of a limit, in its own unit; and until all of it is
 * there again, in milliseconds, which is 0 for concurrent requests.  limits are
 * those that it was made by; both are 0 if this one is not set.
 */
int64_t llmp_limit_remaining(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit);
int64_t llmp_limit_reset(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit);

/*
 * Ends an admitted request: of the tokens that were reserved by the verdict,
 * those that it came to are charged, which may be more.  May be called at any
 * time, also while others are in llmp_limit_admit(); no memory of the state
 * is touched after it is no longer active.
 */
void llmp_limit_settle(llmp_limit_state_t *state, int64_t reserved,
    int64_t tokens);

/*
 * How much of its limits a caller has taken at now and time: 0 is nothing, so
 * that the state may be forgotten, 1000 is all of the one that is nearest,
 * which *limit is set to.  limit may be NULL.
 */
llmp_uint_t llmp_limit_taken(const llmp_limit_state_t *state, int64_t now,
    int64_t time, llmp_limit_e *limit);

/* what is taken of one limit at now and time, in its own unit */
int64_t llmp_limit_used(const llmp_limit_state_t *state, llmp_limit_e limit,
    int64_t now, int64_t time);


#endif /* LLMP_LIMIT_H_INCLUDED_ */
