
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit_state.h"


static void llmp_limit_state_add_slots(llmp_limit_state_t *state,
    const llmp_limits_t *limits, const llmp_limit_clock_t *clock);
static llmp_limit_slot_t *llmp_limit_state_add_slot(llmp_limit_state_t *state,
    const llmp_limits_t *limits, llmp_limit_e limit);
static llmp_limit_slot_t *llmp_limit_state_least(llmp_limit_state_t *state,
    const llmp_limits_t *limits);
static void llmp_limit_state_leak(llmp_limit_slot_t *slot, int64_t elapsed);


void
llmp_limit_state_update(llmp_limit_state_t *state, const llmp_limits_t *limits,
    const llmp_limit_clock_t *clock)
{
    int64_t             elapsed;
    llmp_uint_t         i;
    llmp_limit_slot_t  *slot;

    elapsed = llmp_limit_state_elapsed(state, clock);

    for (i = 0; i < state->nslots; i++) {
        slot = &state->slots[i];

        if (limits->set & llmp_limit_bit(slot->limit)) {
            slot->max = limits->max[slot->limit];
        }

        llmp_limit_state_update_slot(slot, state, elapsed, clock);
    }

    state->last += elapsed;
    state->offset = (int32_t) clock->offset;
    state->active_max = limits->max[LLMP_LIMIT_CONCURRENT_REQUESTS];

    memset(&state->charged, 0, sizeof(llmp_limit_amounts_t));

    if (limits->set & ~state->set
        & ~llmp_limit_bit(LLMP_LIMIT_CONCURRENT_REQUESTS))
    {
        llmp_limit_state_add_slots(state, limits, clock);
    }
}


static void
llmp_limit_state_add_slots(llmp_limit_state_t *state,
    const llmp_limits_t *limits, const llmp_limit_clock_t *clock)
{
    uint32_t            left;
    llmp_uint_t         n;
    llmp_limit_e        limit;
    llmp_limit_slot_t  *slot;

    left = limits->set & ~state->set
           & ~llmp_limit_bit(LLMP_LIMIT_CONCURRENT_REQUESTS);

    llmp_limit_state_each(n, limit, left) {
        slot = llmp_limit_state_add_slot(state, limits, limit);

        llmp_limit_state_update_slot(slot, state, 0, clock);
    }
}


void
llmp_limit_state_refresh(llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock)
{
    int64_t             elapsed;
    llmp_uint_t         i;
    llmp_limit_clock_t  own;

    own = *clock;
    own.offset = state->offset;

    elapsed = llmp_limit_state_elapsed(state, clock);

    for (i = 0; i < state->nslots; i++) {
        llmp_limit_state_update_slot(&state->slots[i], state, elapsed, &own);
    }

    state->last += elapsed;

    memset(&state->charged, 0, sizeof(llmp_limit_amounts_t));
}


llmp_limit_slot_t *
llmp_limit_state_find(llmp_limit_state_t *state, llmp_limit_e limit)
{
    llmp_uint_t  i;

    for (i = 0; i < state->nslots; i++) {
        if (state->slots[i].limit == limit) {
            return &state->slots[i];
        }
    }

    return NULL;
}


static llmp_limit_slot_t *
llmp_limit_state_add_slot(llmp_limit_state_t *state,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    llmp_limit_slot_t  *slot;

    if (state->nslots < LLMP_LIMITS_VALUES) {
        slot = &state->slots[state->nslots++];

    } else {
        slot = llmp_limit_state_least(state, limits);
        state->set &= ~llmp_limit_bit(slot->limit);
    }

    memset(slot, 0, sizeof(llmp_limit_slot_t));

    llmp_limit_state_name_slot(slot, limit);

    slot->max = limits->max[limit];

    state->set |= llmp_limit_bit(limit);

    return slot;
}


/* returns the slot with the least use among those of other limits: there is
   one, as an object has no more limits than a state has slots */

static llmp_limit_slot_t *
llmp_limit_state_least(llmp_limit_state_t *state, const llmp_limits_t *limits)
{
    double              share, least;
    llmp_uint_t         i;
    llmp_limit_slot_t  *slot, *found;

    found = &state->slots[0];
    least = -1;

    for (i = 0; i < state->nslots; i++) {
        slot = &state->slots[i];

        if (limits->set & llmp_limit_bit(slot->limit)) {
            continue;
        }

        share = (double) slot->used / (double) slot->max;

        if (least < 0 || share < least) {
            least = share;
            found = slot;
        }
    }

    return found;
}


int64_t
llmp_limit_state_elapsed(const llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock)
{
    /* the clocks of processes may differ by a few milliseconds */

    return (clock->now > state->last) ? clock->now - state->last : 0;
}


void
llmp_limit_state_update_slot(llmp_limit_slot_t *slot,
    const llmp_limit_state_t *state, int64_t elapsed,
    const llmp_limit_clock_t *clock)
{
    uint32_t  period;

    if (slot->window >= LLMP_LIMIT_DAY) {
        period = llmp_limit_clock_period(clock, slot->window);

        if (period != slot->rest) {
            slot->used = 0;
            slot->rest = period;
        }
    }

    /* tokens charged since then were reserved at the last admission */

    slot->used = llmp_limit_state_add(slot->used,
                                      state->charged.n[slot->kind]);

    if (slot->window < LLMP_LIMIT_DAY && slot->used != 0 && elapsed != 0) {
        llmp_limit_state_leak(slot, elapsed);
    }
}


/* the bucket leaks max in each window, evenly and exactly */

static void
llmp_limit_state_leak(llmp_limit_slot_t *slot, int64_t elapsed)
{
    int64_t         product;
    uint64_t        window;
    llmp_uint128_t  leaked;

    window = (uint64_t) llmp_limit_clock_bucket(slot->window);

    if (!__builtin_mul_overflow(slot->max, elapsed, &product)
        && !__builtin_add_overflow(product, slot->rest, &product))
    {
        leaked = (uint64_t) product / window;
        slot->rest = (uint32_t) ((uint64_t) product % window);

    } else {
        leaked = (llmp_uint128_t) slot->max * (uint64_t) elapsed + slot->rest;
        slot->rest = (uint32_t) (leaked % window);
        leaked /= window;
    }

    if (leaked < (uint64_t) slot->used) {
        slot->used -= (int64_t) leaked;

    } else {
        slot->used = 0;
        slot->rest = 0;
    }
}
