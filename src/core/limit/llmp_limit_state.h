
/*
 * Copyright (C) llm-policy authors
 *
 * The use of limits, as time passes.  Private to the folder.
 */


#ifndef LLMP_LIMIT_STATE_H_INCLUDED_
#define LLMP_LIMIT_STATE_H_INCLUDED_


#include "limit/llmp_limit.h"


/*
 * Brings a state up to date: the buckets leak, what was charged since the last
 * update is added, and periods that have ended are forgotten.  All limits that
 * are set have a slot then, with their max.
 */
void llmp_limit_state_update(llmp_limit_state_t *state,
    const llmp_limits_t *limits, const llmp_limit_clock_t *clock);

/* brings a state up to date by its own limits and offset */
void llmp_limit_state_refresh(llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock);

/* returns the slot of a limit, or NULL */
llmp_limit_slot_t *llmp_limit_state_find(llmp_limit_state_t *state,
    llmp_limit_e limit);

/* brings one slot up to date; elapsed are milliseconds */
void llmp_limit_state_update_slot(llmp_limit_slot_t *slot,
    const llmp_limit_state_t *state, int64_t elapsed,
    const llmp_limit_clock_t *clock);

/* returns the time since the last update, in milliseconds */
int64_t llmp_limit_state_elapsed(const llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock);


static inline void
llmp_limit_state_name_slot(llmp_limit_slot_t *slot, llmp_limit_e limit)
{
    slot->limit = (uint8_t) limit;
    slot->kind = (uint8_t) llmp_limit_kind(limit);
    slot->window = (uint8_t) llmp_limit_window(limit);
}


/* returns the slot of a limit, which llmp_limit_state_update() has made; n is
   the number of its limit among those that are set */

static inline llmp_limit_slot_t *
llmp_limit_state_slot(llmp_limit_state_t *state, llmp_uint_t n,
    llmp_limit_e limit)
{
    /* limits that hold for the caller in all tiers may have others before */

    return (n < state->nslots && state->slots[n].limit == limit)
           ? &state->slots[n] : llmp_limit_state_find(state, limit);
}


/* adds two amounts that are not negative, up to INT64_MAX */

static inline int64_t
llmp_limit_state_add(int64_t a, int64_t b)
{
    int64_t  sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}


/* adds to what is reserved: a kind without a limit may exceed the range, and is
   never read then */

static inline void
llmp_limit_state_move(int64_t *reserved, int64_t amount)
{
    *reserved = (int64_t) ((uint64_t) *reserved + (uint64_t) amount);
}


/* executes the next statement for each limit that is set in order, n being its
   number among them */

#define llmp_limit_state_each(n, limit, left)                                 \
    for ((n) = 0;                                                             \
         (left) != 0 && ((limit) = (llmp_limit_e) __builtin_ctz(left), 1);    \
         (left) &= (left) - 1, (n)++)


#endif /* LLMP_LIMIT_STATE_H_INCLUDED_ */
