
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit.h"
#include "limit/llmp_limit_state.h"


/* a check of the entry of a request */

typedef struct {
    const llmp_limit_amounts_t  *amounts;
    const llmp_limit_amounts_t  *held;     /* or NULL */
    const llmp_limit_clock_t    *clock;
    llmp_limit_verdict_t        *verdict;
    const llmp_limits_t         *limits;
    llmp_uint_t                  entry;
} llmp_limit_check_t;


static void llmp_limit_check_slot(const llmp_limit_check_t *check,
    const llmp_limit_slot_t *slot, int64_t used);
static void llmp_limit_refuse(const llmp_limit_check_t *check,
    llmp_limit_e limit, int64_t wait);
static llmp_uint_t llmp_limit_is_near(const llmp_limits_t *limits,
    llmp_limit_e limit, int64_t used);
static void llmp_limit_count_request(llmp_limit_state_t *state, int64_t n);
static llmp_uint_t llmp_limit_number(const llmp_limits_t *limits,
    llmp_limit_e limit);
static int64_t llmp_limit_wait(int64_t excess, int64_t max, uint32_t rest,
    llmp_limit_window_e window);
static void llmp_limit_compare(llmp_limit_nearest_t *nearest,
    llmp_limit_e limit, int64_t used, int64_t max);


void
llmp_limit_verdict_init(llmp_limit_verdict_t *verdict)
{
    verdict->limit = LLMP_LIMIT_MAX;
    verdict->entry = 0;
    verdict->wait = 0;
    verdict->over = NULL;
    verdict->firm = 0;
    verdict->near = LLMP_LIMIT_MAX;
}


void
llmp_limit_check(llmp_limit_entry_t *entry, llmp_uint_t index,
    const llmp_limit_amounts_t *amounts, const llmp_limit_amounts_t *held,
    const llmp_limit_clock_t *clock, llmp_limit_verdict_t *verdict)
{
    uint32_t                  left;
    llmp_uint_t               n;
    llmp_limit_e              limit;
    llmp_limit_check_t        check;
    llmp_limit_state_t       *state;
    const llmp_limit_slot_t  *slot;

    check.amounts = amounts;
    check.held = held;
    check.clock = clock;
    check.verdict = verdict;
    check.limits = entry->limits;
    check.entry = index;

    state = entry->state;

    llmp_limit_state_update(state, entry->limits, clock);

    left = entry->limits->set;

    llmp_limit_state_each(n, limit, left) {

        if (limit == LLMP_LIMIT_CONCURRENT_REQUESTS) {
            entry->used[n] = state->active;

            if (held == NULL && state->active >= state->active_max) {
                llmp_limit_refuse(&check, limit, 1000);
            }

            continue;
        }

        slot = llmp_limit_state_slot(state, n, limit);

        entry->rest[n] = slot->rest;
        entry->used[n] =
            llmp_limit_state_add(slot->used,
                                 state->reserved.n[slot->kind]);

        llmp_limit_check_slot(&check, slot, entry->used[n]);
    }
}


/* used includes what is reserved */

static void
llmp_limit_check_slot(const llmp_limit_check_t *check,
    const llmp_limit_slot_t *slot, int64_t used)
{
    int64_t              amount, held, excess;
    llmp_limit_window_e  window;

    amount = check->amounts->n[slot->kind];
    window = (llmp_limit_window_e) slot->window;

    if (check->held != NULL) {
        held = check->held->n[slot->kind];

        if (amount <= held) {

            /* a smaller reservation is always admitted */

            return;
        }

        used -= held;
    }

    if (amount > slot->max) {
        llmp_limit_refuse(check, slot->limit, LLMP_LIMIT_NEVER);
        return;
    }

    excess = llmp_limit_state_add(used, amount) - slot->max;

    if (excess <= 0) {
        return;
    }

    if (window < LLMP_LIMIT_DAY) {
        llmp_limit_refuse(check, slot->limit,
                          llmp_limit_wait(excess, slot->max, slot->rest,
                                          window));
        return;
    }

    llmp_limit_refuse(check, slot->limit,
                      llmp_limit_clock_left(check->clock, window));
}


/* keeps the limit that refuses the request for the longest time */

static void
llmp_limit_refuse(const llmp_limit_check_t *check, llmp_limit_e limit,
    int64_t wait)
{
    llmp_limit_verdict_t  *verdict;

    verdict = check->verdict;

    if (verdict->limit == LLMP_LIMIT_MAX
        || (verdict->wait != LLMP_LIMIT_NEVER
            && (wait == LLMP_LIMIT_NEVER || wait > verdict->wait)))
    {
        verdict->limit = limit;
        verdict->entry = check->entry;
        verdict->wait = wait;
    }

    if (check->limits->over == NULL || limit == LLMP_LIMIT_CONCURRENT_REQUESTS)
    {
        verdict->firm = 1;
        verdict->over = NULL;

    } else if (verdict->over == NULL && !verdict->firm) {
        verdict->over = check->limits->over;
    }
}


void
llmp_limit_take(llmp_limit_entry_t *entry, const llmp_limit_amounts_t *amounts,
    llmp_limit_verdict_t *verdict)
{
    static const llmp_limit_amounts_t  nothing;

    entry->state->active++;

    llmp_limit_count_request(entry->state, 1);
    llmp_limit_replace(entry, amounts, &nothing, verdict);
}


void
llmp_limit_replace(llmp_limit_entry_t *entry,
    const llmp_limit_amounts_t *amounts, const llmp_limit_amounts_t *held,
    llmp_limit_verdict_t *verdict)
{
    uint32_t              left;
    llmp_uint_t           n;
    llmp_limit_e          limit;
    llmp_limit_kind_e     kind;
    llmp_limit_state_t   *state;
    const llmp_limits_t  *limits;

    state = entry->state;
    limits = entry->limits;
    left = limits->set;

    llmp_limit_state_each(n, limit, left) {
        kind = llmp_limit_kind(limit);

        entry->used[n] += (limit == LLMP_LIMIT_CONCURRENT_REQUESTS)
                          ? 1 - held->n[LLMP_LIMIT_REQUESTS]
                          : amounts->n[kind] - held->n[kind];

        if (limits->warn_at != 0
            && llmp_limit_is_near(limits, limit, entry->used[n]))
        {
            verdict->near = limit;
        }
    }

    /* requests are in their slots, and not reserved */

    for (kind = LLMP_LIMIT_TOKENS; kind < LLMP_LIMIT_KINDS; kind++) {
        llmp_limit_state_move(&state->reserved.n[kind],
                              amounts->n[kind] - held->n[kind]);
    }
}


static llmp_uint_t
llmp_limit_is_near(const llmp_limits_t *limits, llmp_limit_e limit,
    int64_t used)
{
    return (llmp_uint128_t) used * 1000
           >= (llmp_uint128_t) limits->max[limit] * limits->warn_at;
}


/* counts a request, or returns one: less may be left of it in a bucket */

static void
llmp_limit_count_request(llmp_limit_state_t *state, int64_t n)
{
    llmp_uint_t         i;
    llmp_limit_slot_t  *slot;

    for (i = 0; i < state->nslots; i++) {
        slot = &state->slots[i];

        if (slot->kind != LLMP_LIMIT_REQUESTS) {
            continue;
        }

        slot->used = llmp_limit_state_add(slot->used, n);

        if (slot->used <= 0) {
            slot->used = 0;

            if (slot->window < LLMP_LIMIT_DAY) {
                slot->rest = 0;
            }
        }
    }
}


void
llmp_limit_settle(llmp_limit_state_t *state, const llmp_limit_amounts_t *held,
    const llmp_limit_amounts_t *amounts)
{
    llmp_limit_kind_e  kind;

    llmp_limit_charge(state, amounts);

    for (kind = LLMP_LIMIT_TOKENS; kind < LLMP_LIMIT_KINDS; kind++) {
        llmp_limit_state_move(&state->reserved.n[kind], -held->n[kind]);
    }

    state->active--;
}


void
llmp_limit_return(llmp_limit_state_t *state, const llmp_limit_amounts_t *held)
{
    static const llmp_limit_amounts_t  nothing;

    llmp_limit_count_request(state, -1);
    llmp_limit_settle(state, held, &nothing);
}


void
llmp_limit_charge(llmp_limit_state_t *state,
    const llmp_limit_amounts_t *amounts)
{
    llmp_limit_kind_e  kind;

    for (kind = LLMP_LIMIT_TOKENS; kind < LLMP_LIMIT_KINDS; kind++) {
        state->charged.n[kind] = llmp_limit_state_add(state->charged.n[kind],
                                                      amounts->n[kind]);
    }
}


int64_t
llmp_limit_remaining(const llmp_limit_entry_t *entry, llmp_limit_e limit)
{
    int64_t  max, used;

    if (!(entry->limits->set & llmp_limit_bit(limit))) {
        return 0;
    }

    max = entry->limits->max[limit];
    used = entry->used[llmp_limit_number(entry->limits, limit)];

    return (max > used) ? max - used : 0;
}


int64_t
llmp_limit_reset(const llmp_limit_entry_t *entry, llmp_limit_e limit,
    const llmp_limit_clock_t *clock)
{
    llmp_uint_t          n;
    llmp_limit_window_e  window;

    if (!(entry->limits->set & llmp_limit_bit(limit))
        || limit == LLMP_LIMIT_CONCURRENT_REQUESTS)
    {
        return 0;
    }

    window = (llmp_limit_window_e) llmp_limit_window(limit);

    if (window < LLMP_LIMIT_DAY) {
        n = llmp_limit_number(entry->limits, limit);

        return llmp_limit_wait(entry->used[n], entry->limits->max[limit],
                               entry->rest[n], window);
    }

    return llmp_limit_clock_left(clock, window);
}


/* returns the number of a limit among those that are set */

static llmp_uint_t
llmp_limit_number(const llmp_limits_t *limits, llmp_limit_e limit)
{
    return (llmp_uint_t) __builtin_popcount(limits->set
                                            & (llmp_limit_bit(limit) - 1));
}


/* returns the time in which a bucket leaks excess, in milliseconds, rounded
   up */

static int64_t
llmp_limit_wait(int64_t excess, int64_t max, uint32_t rest,
    llmp_limit_window_e window)
{
    llmp_uint128_t  need;

    need = (llmp_uint128_t) excess * (uint64_t) llmp_limit_clock_bucket(window);

    if (need <= rest) {
        return 0;
    }

    need = (need - rest + (uint64_t) max - 1) / (uint64_t) max;

    return (need < INT64_MAX) ? (int64_t) need : INT64_MAX;
}


void
llmp_limit_nearest(const llmp_limit_state_t *state,
    const llmp_limit_clock_t *clock, llmp_limit_nearest_t *nearest)
{
    int64_t             elapsed;
    llmp_uint_t         i;
    llmp_limit_e        limit;
    llmp_limit_slot_t   slot;
    llmp_limit_clock_t  own;

    own = *clock;
    own.offset = state->offset;

    nearest->share = 0;
    nearest->limit = LLMP_LIMIT_REQUESTS_PER_MINUTE;
    nearest->used = 0;
    nearest->max = 0;

    elapsed = llmp_limit_state_elapsed(state, clock);

    for (i = 0; i < state->nslots; i++) {
        slot = state->slots[i];
        limit = (llmp_limit_e) slot.limit;

        llmp_limit_state_update_slot(&slot, state, elapsed, &own);

        llmp_limit_compare(nearest, limit,
                           llmp_limit_state_add(slot.used,
                               state->reserved.n[slot.kind]),
                           slot.max);
    }

    if (state->active_max != 0) {
        llmp_limit_compare(nearest, LLMP_LIMIT_CONCURRENT_REQUESTS,
                           state->active, state->active_max);
    }
}


static void
llmp_limit_compare(llmp_limit_nearest_t *nearest, llmp_limit_e limit,
    int64_t used, int64_t max)
{
    llmp_uint_t  share;

    if (used <= 0) {
        return;
    }

    /* any use is more than 0 */

    share = (used >= max)
            ? 1000
            : 1 + (llmp_uint_t) ((llmp_uint128_t) used * 999
                                 / (llmp_uint128_t) max);

    if (share > nearest->share) {
        nearest->share = share;
        nearest->limit = limit;
        nearest->used = used;
        nearest->max = max;
    }
}
