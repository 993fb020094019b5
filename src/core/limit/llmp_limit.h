
/*
 * Copyright (C) llm-policy authors
 *
 * Limits of a caller's requests and tokens.  The functions are pure except for
 * the state, which may be in memory that processes share: the caller locks it.
 */


#ifndef LLMP_LIMIT_H_INCLUDED_
#define LLMP_LIMIT_H_INCLUDED_


#include "base/llmp.h"
#include "policy/llmp_limits.h"


/* the wait of a request that will never be admitted */
#define LLMP_LIMIT_NEVER      (-1)


/*
 * The use of a caller; initially all zeros.
 *
 * Limits per minute are token buckets, counted from their other end: use
 * decreases evenly, by the limit in each minute.  Reserved tokens do not
 * decrease: a pending request counts with its upper bound until it is settled.
 */

typedef struct {
    int64_t               last;        /* time of the last update, ms */
    int64_t               day;         /* day of the update, since 1970, UTC */
    int64_t               requests;    /* per minute, in 60000ths */
    int64_t               tokens;      /* per minute, in 60000ths */
    int64_t               day_tokens;
    int64_t               active;      /* requests that are not settled */
    int64_t               reserved;    /* tokens of active requests */
    int64_t               charged;     /* tokens settled since the update */
    uint64_t              recount;     /* last llmp_lease_recount_begin() */
    llmp_limits_t         limits;      /* limits of the last request */
} llmp_limit_state_t;


/* the use at a point of time, including charged tokens */

typedef struct {
    int64_t               used[LLMP_LIMIT_MAX];  /* per minute: in 60000ths */
    int64_t               reserved;    /* tokens */
    int64_t               charged;     /* tokens that the state lacks */
    int64_t               day;         /* since 1970, UTC */
    int64_t               day_left;    /* seconds until the end of the day */
} llmp_limit_levels_t;


/* the result for a request */

typedef struct {
    llmp_limit_e          limit;       /* that refused it; LLMP_LIMIT_MAX if
                                          it was admitted */
    int64_t               wait;        /* ms until it may be admitted, or
                                          LLMP_LIMIT_NEVER */
    int64_t               tokens;      /* requested, at most */
    int64_t               reserved;    /* tokens, 0 if tokens have no limit */

    llmp_limit_levels_t   levels;      /* including the request if admitted */
} llmp_limit_verdict_t;


/*
 * Admits or refuses a request of at most so many tokens.  limits are those of
 * the caller; at least one is set.  now is a clock that never goes back, the
 * same for all processes, in milliseconds; time is UTC, in seconds since 1970.
 *
 * Returns LLMP_OK: the request counts and is active, and its tokens are
 * reserved until llmp_limit_settle(); or LLMP_DECLINED: the request does not
 * count, and verdict contains the limit and the wait.
 */
llmp_int_t llmp_limit_admit(llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict);

/*
 * Changes the reservation of an admitted request from verdict->reserved to so
 * many tokens.  Called as llmp_limit_admit() is.
 *
 * Returns LLMP_OK, or LLMP_DECLINED if a limit does not admit the additional
 * tokens: the reservation is unchanged, and verdict contains the limit.
 */
llmp_int_t llmp_limit_resize(llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t tokens, int64_t now, int64_t time,
    llmp_limit_verdict_t *verdict);

/*
 * Return the rest of a limit after the verdict, in its own unit; and the time
 * until the limit is unused, in milliseconds, 0 for concurrent requests.
 * limits are those of the verdict; both return 0 if this one is not set.
 */
int64_t llmp_limit_remaining(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit);
int64_t llmp_limit_reset(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit);

/*
 * Ends an admitted request: charges its tokens, which may be more than its
 * reservation, and releases the reservation.
 */
void llmp_limit_settle(llmp_limit_state_t *state, int64_t reserved,
    int64_t tokens);

/* ends an admitted request as if it had not been admitted */
void llmp_limit_return(llmp_limit_state_t *state, int64_t reserved);

/* charges tokens */
void llmp_limit_charge(llmp_limit_state_t *state, int64_t tokens);

/*
 * Returns the used share of the limit that is nearest to its end, in
 * thousandths; 0 if nothing is used, so that the state may be dropped.  Sets
 * *limit to that limit unless it is NULL.
 */
llmp_uint_t llmp_limit_share(const llmp_limit_state_t *state, int64_t now,
    int64_t time, llmp_limit_e *limit);

/* returns the use of one limit, in its own unit */
int64_t llmp_limit_used(const llmp_limit_state_t *state, llmp_limit_e limit,
    int64_t now, int64_t time);


#endif /* LLMP_LIMIT_H_INCLUDED_ */
