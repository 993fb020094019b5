
/*
 * Copyright (C) llm-policy authors
 *
 * Counts of requests, tokens and costs, held to limits.  The functions are pure
 * except for the state, which may be in memory that processes share: the caller
 * locks it.
 *
 * All values are integers, in the units of llmp_limits_unit().
 */


#ifndef LLMP_LIMIT_H_INCLUDED_
#define LLMP_LIMIT_H_INCLUDED_


#include "base/llmp.h"
#include "limit/llmp_limit_clock.h"
#include "policy/llmp_limits.h"


/* the wait of a request that will never be admitted */
#define LLMP_LIMIT_NEVER      (-1)

/* larger amounts are cut to it: more than any limit */
#define LLMP_LIMIT_AMOUNT_MAX                                                 \
    (LLMP_LIMIT_COST_MAX * LLMP_LIMIT_VALUE_MAX + 1)


/* index: llmp_limit_kind_e */

typedef struct {
    int64_t               n[LLMP_LIMIT_KINDS];
} llmp_limit_amounts_t;


/* the use of one limit */

typedef struct {
    uint32_t              limit;     /* llmp_limit_e */
    uint32_t              rest;      /* bucket: the part of a unit that has
                                        leaked in addition: 1 / milliseconds of
                                        the window; calendar: number of the
                                        period */
    int64_t               used;      /* without what is reserved */
    int64_t               max;       /* that of the last request */
} llmp_limit_slot_t;


/*
 * The use of an object of limits; initially all zeros.
 *
 * Limits per minute and hour are token buckets, counted from their other end:
 * use decreases evenly, by the limit in each window.  What is reserved does not
 * decrease: a pending request counts with its upper bound until it is settled.
 */

typedef struct {
    int64_t               last;        /* time of the last update, ms */
    uint64_t              recount;     /* last llmp_lease_recount_begin() */
    int64_t               active;      /* requests that are not settled */
    int64_t               active_max;  /* the last limit of them, or 0 */
    llmp_limit_amounts_t  reserved;    /* for active requests */
    llmp_limit_amounts_t  charged;     /* settled since the update */
    int32_t               offset;      /* clock's, of the update */
    uint32_t              nslots;
    llmp_limit_slot_t     slots[LLMP_LIMITS_VALUES];
} llmp_limit_state_t;


/* an object of limits that counts a request */

typedef struct {
    const llmp_limits_t  *limits;
    llmp_limit_state_t   *state;

    /* set by llmp_limit_check(), in the order of the bits of limits->set: use,
       including what is reserved, and llmp_limit_slot_t's rest */

    int64_t               used[LLMP_LIMITS_VALUES];
    uint32_t              rest[LLMP_LIMITS_VALUES];
} llmp_limit_entry_t;


/* the result for a request */

typedef struct {
    llmp_limit_e          limit;       /* that refused it; LLMP_LIMIT_MAX if
                                          it was admitted */
    llmp_uint_t           entry;       /* index of the entry with that limit */
    int64_t               wait;        /* ms until it may be admitted, or
                                          LLMP_LIMIT_NEVER */
    const llmp_tier_t    *over;        /* tier in which the request may be
                                          admitted instead; NULL if there is
                                          none, or a limit without one refuses
                                          it */
    llmp_uint_t           firm;        /* such a limit does */
    llmp_limit_e          near;        /* used to its warn_at; LLMP_LIMIT_MAX if
                                          none is */
} llmp_limit_verdict_t;


/*
 * Brings the entry of a request up to date, and checks whether the amounts fit
 * all of its limits.  With held, the state already has these amounts for the
 * request, which is active: it counts without them, and kinds that do not grow
 * are not checked.  verdict, which llmp_limit_verdict_init() has set, gets the
 * limit that refuses the request for the longest time; index is that of the
 * entry.
 */
void llmp_limit_check(llmp_limit_entry_t *entry, llmp_uint_t index,
    const llmp_limit_amounts_t *amounts, const llmp_limit_amounts_t *held,
    const llmp_limit_clock_t *clock, llmp_limit_verdict_t *verdict);

void llmp_limit_verdict_init(llmp_limit_verdict_t *verdict);

/*
 * Count a request of the last llmp_limit_check(), which is active from then on,
 * and replace what it has reserved.  Both set entry->used, and verdict->near if
 * the use has reached warn_at.
 */
void llmp_limit_take(llmp_limit_entry_t *entry,
    const llmp_limit_amounts_t *amounts, llmp_limit_verdict_t *verdict);
void llmp_limit_replace(llmp_limit_entry_t *entry,
    const llmp_limit_amounts_t *amounts, const llmp_limit_amounts_t *held,
    llmp_limit_verdict_t *verdict);

/*
 * Ends an active request: charges its amounts, which may be more than it had
 * reserved, and releases these.
 */
void llmp_limit_settle(llmp_limit_state_t *state,
    const llmp_limit_amounts_t *held, const llmp_limit_amounts_t *amounts);

/* ends an active request as if it had not been admitted */
void llmp_limit_return(llmp_limit_state_t *state,
    const llmp_limit_amounts_t *held);

/* charges amounts; requests are counted when they are admitted only */
void llmp_limit_charge(llmp_limit_state_t *state,
    const llmp_limit_amounts_t *amounts);

/*
 * Return the rest of a limit after llmp_limit_check(), and the time until it is
 * unused, in milliseconds, 0 for concurrent requests.  Both return 0 if the
 * entry does not have the limit.
 */
int64_t llmp_limit_remaining(const llmp_limit_entry_t *entry,
    llmp_limit_e limit);
int64_t llmp_limit_reset(const llmp_limit_entry_t *entry, llmp_limit_e limit,
    const llmp_limit_clock_t *clock);

/* the use of the limit that is nearest to its end */

typedef struct {
    llmp_uint_t           share;       /* thousandths; 0: nothing is used */
    llmp_limit_e          limit;
    int64_t               used;
    int64_t               max;
} llmp_limit_nearest_t;

/* finds it, by the limits and the offset of the last request; a state of share
   0 may be dropped */
void llmp_limit_nearest(const llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock, llmp_limit_nearest_t *nearest);


#endif /* LLMP_LIMIT_H_INCLUDED_ */
