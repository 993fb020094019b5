
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit.h"


#define LLMP_MINUTE  ((int64_t) 60000)       /* in milliseconds */
#define LLMP_DAY     ((int64_t) 86400)       /* in seconds */

/* no answer has so many: what is charged must never overflow */
#define LLMP_LIMIT_CHARGE_MAX  ((int64_t) 1000000000)


static int64_t llmp_limit_tokens(const llmp_limits_t *limits, int64_t tokens);
static void llmp_limit_at(const llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t now, int64_t time,
    llmp_limit_now_t *at);
static int64_t llmp_limit_count(const llmp_limit_now_t *at,
    llmp_limit_e limit);
static int64_t llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed);
static void llmp_limit_update(llmp_limit_state_t *state,
    const llmp_limit_now_t *at, int64_t now);
static void llmp_limit_check(llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits);
static void llmp_limit_refuse(llmp_limit_verdict_t *verdict,
    llmp_limit_e limit, int64_t wait);
static int64_t llmp_limit_wait(int64_t excess, int64_t limit);


llmp_int_t
llmp_limit_admit(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    llmp_limit_now_t  *at;

    at = &verdict->at;

    tokens = llmp_limit_tokens(limits, tokens);
    verdict->tokens = tokens;
    verdict->reserved = tokens;

    llmp_limit_at(state, limits, now, time, at);
    llmp_limit_update(state, at, now);

    state->limits = *limits;

    llmp_limit_check(verdict, limits);

    if (verdict->limit != LLMP_LIMIT_MAX) {
        return LLMP_DECLINED;
    }

    state->requests += LLMP_MINUTE;
    atomic_fetch_add(&state->reserved, tokens);
    atomic_fetch_add(&state->active, 1);

    at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_MINUTE;
    at->used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;
    at->reserved += tokens;

    return LLMP_OK;
}


llmp_int_t
llmp_limit_resize(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    int64_t            reserved;
    llmp_limit_now_t  *at;

    at = &verdict->at;

    reserved = verdict->reserved;
    tokens = llmp_limit_tokens(limits, tokens);
    verdict->tokens = tokens;

    llmp_limit_at(state, limits, now, time, at);
    llmp_limit_update(state, at, now);

    /* without the request itself, which is not to be counted twice */

    at->reserved -= reserved;
    at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] -= LLMP_MINUTE;
    at->used[LLMP_LIMIT_CONCURRENT_REQUESTS]--;

    llmp_limit_check(verdict, limits);

    if (tokens <= reserved) {

        /* whatever others have taken since, this one takes less */

        verdict->limit = LLMP_LIMIT_MAX;
    }

    at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_MINUTE;
    at->used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;

    if (verdict->limit != LLMP_LIMIT_MAX) {
        at->reserved += reserved;
        return LLMP_DECLINED;
    }

    atomic_fetch_add(&state->reserved, tokens - reserved);

    at->reserved += tokens;
    verdict->reserved = tokens;

    return LLMP_OK;
}


int64_t
llmp_limit_remaining(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    int64_t  max, used;

    max = limits->max[limit];
    used = llmp_limit_count(&verdict->at, limit);

    return (max > used) ? max - used : 0;
}


int64_t
llmp_limit_reset(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    int64_t                  max;
    const llmp_limit_now_t  *at;

    at = &verdict->at;
    max = limits->max[limit];

    if (max == 0) {
        return 0;
    }

    switch (limit) {

    case LLMP_LIMIT_REQUESTS_PER_MINUTE:
        return llmp_limit_wait(at->used[limit], max);

    case LLMP_LIMIT_TOKENS_PER_MINUTE:
        return llmp_limit_wait(at->used[limit] + at->reserved * LLMP_MINUTE,
                               max);

    case LLMP_LIMIT_TOKENS_PER_DAY:
        return at->rest * 1000;

    default: /* LLMP_LIMIT_CONCURRENT_REQUESTS */
        return 0;
    }
}


/* what is to be reserved: nothing where tokens have no limit */

static int64_t
llmp_limit_tokens(const llmp_limits_t *limits, int64_t tokens)
{
    if (limits->max[LLMP_LIMIT_TOKENS_PER_MINUTE] == 0
        && limits->max[LLMP_LIMIT_TOKENS_PER_DAY] == 0)
    {
        return 0;
    }

    return (tokens > LLMP_LIMIT_VALUE_MAX) ? LLMP_LIMIT_VALUE_MAX + 1 : tokens;
}


void
llmp_limit_settle(llmp_limit_state_t *state, int64_t reserved, int64_t tokens)
{
    if (tokens > LLMP_LIMIT_CHARGE_MAX) {
        tokens = LLMP_LIMIT_CHARGE_MAX;
    }

    atomic_fetch_add(&state->charged, tokens);
    atomic_fetch_sub(&state->reserved, reserved);
    atomic_fetch_sub(&state->active, 1);
}


llmp_uint_t
llmp_limit_taken(const llmp_limit_state_t *state, int64_t now, int64_t time,
    llmp_limit_e *limit)
{
    int64_t       used, max;
    llmp_uint_t   taken, most;
    llmp_limit_e  i, nearest;

    most = 0;
    nearest = LLMP_LIMIT_REQUESTS_PER_MINUTE;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        max = state->limits.max[i];

        if (max == 0) {
            continue;
        }

        used = llmp_limit_used(state, i, now, time);

        if (used <= 0) {
            continue;
        }

        /* whatever is taken, is more than nothing */

        taken = (used >= max) ? 1000 : 1 + (llmp_uint_t) (used * 999 / max);

        if (taken > most) {
            most = taken;
            nearest = i;
        }
    }

    if (limit != NULL) {
        *limit = nearest;
    }

    return most;
}


int64_t
llmp_limit_used(const llmp_limit_state_t *state, llmp_limit_e limit,
    int64_t now, int64_t time)
{
    llmp_limit_now_t  at;

    llmp_limit_at(state, &state->limits, now, time, &at);

    return llmp_limit_count(&at, limit);
}


/* what is taken of a limit, in its own unit */

static int64_t
llmp_limit_count(const llmp_limit_now_t *at, llmp_limit_e limit)
{
    switch (limit) {

    case LLMP_LIMIT_REQUESTS_PER_MINUTE:
        return (at->used[limit] + LLMP_MINUTE - 1) / LLMP_MINUTE;

    case LLMP_LIMIT_TOKENS_PER_MINUTE:
        return (at->used[limit] + LLMP_MINUTE - 1) / LLMP_MINUTE
               + at->reserved;

    case LLMP_LIMIT_TOKENS_PER_DAY:
        return at->used[limit] + at->reserved;

    default: /* LLMP_LIMIT_CONCURRENT_REQUESTS */
        return at->used[limit];
    }
}


static void
llmp_limit_at(const llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t now, int64_t time, llmp_limit_now_t *at)
{
    int64_t  elapsed;

    /* the clocks of processes may differ by a few milliseconds */

    elapsed = (now > state->last) ? now - state->last : 0;

    /*
     * A settlement adds to what is charged before it takes from what is
     * reserved: read in the other order, it is seen in one of them at least.
     */

    at->used[LLMP_LIMIT_CONCURRENT_REQUESTS] = atomic_load(&state->active);
    at->reserved = atomic_load(&state->reserved);
    at->charged = atomic_load(&state->charged);

    at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] =
        llmp_limit_leak(state->requests,
                        limits->max[LLMP_LIMIT_REQUESTS_PER_MINUTE], elapsed);

    /* what is charged was reserved at the time of the last admission */

    at->used[LLMP_LIMIT_TOKENS_PER_MINUTE] =
        llmp_limit_leak(state->tokens + at->charged * LLMP_MINUTE,
                        limits->max[LLMP_LIMIT_TOKENS_PER_MINUTE], elapsed);

    at->used[LLMP_LIMIT_TOKENS_PER_DAY] = at->charged;

    at->day = time / LLMP_DAY;
    at->rest = (at->day + 1) * LLMP_DAY - time;

    if (state->day == at->day) {
        at->used[LLMP_LIMIT_TOKENS_PER_DAY] += state->day_tokens;
    }
}


/* a limit gives back its own number of sixty-thousandths in a millisecond */

static int64_t
llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed)
{
    int64_t  leaked;

    /* after years, it is more than there can be */

    if (limit == 0 || __builtin_mul_overflow(limit, elapsed, &leaked)) {
        return 0;
    }

    return (used > leaked) ? used - leaked : 0;
}


static void
llmp_limit_update(llmp_limit_state_t *state, const llmp_limit_now_t *at,
    int64_t now)
{
    /* what was charged since it was read stays for the next one */

    atomic_fetch_sub(&state->charged, at->charged);

    state->requests = at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE];
    state->tokens = at->used[LLMP_LIMIT_TOKENS_PER_MINUTE];
    state->day_tokens = at->used[LLMP_LIMIT_TOKENS_PER_DAY];
    state->day = at->day;

    if (now > state->last) {
        state->last = now;
    }
}


/* of the limits that refuse, that counts which does so for longest */

static void
llmp_limit_check(llmp_limit_verdict_t *verdict, const llmp_limits_t *limits)
{
    int64_t                  max, over, tokens;
    const llmp_limit_now_t  *at;

    at = &verdict->at;
    tokens = verdict->tokens;

    verdict->limit = LLMP_LIMIT_MAX;
    verdict->wait = 0;

    max = limits->max[LLMP_LIMIT_CONCURRENT_REQUESTS];

    if (max != 0 && at->used[LLMP_LIMIT_CONCURRENT_REQUESTS] >= max) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_CONCURRENT_REQUESTS, 1000);
    }

    max = limits->max[LLMP_LIMIT_REQUESTS_PER_MINUTE];
    over = at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] - (max - 1) * LLMP_MINUTE;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_REQUESTS_PER_MINUTE,
                          llmp_limit_wait(over, max));
    }

    max = limits->max[LLMP_LIMIT_TOKENS_PER_MINUTE];
    over = at->used[LLMP_LIMIT_TOKENS_PER_MINUTE]
           + (at->reserved + tokens - max) * LLMP_MINUTE;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_TOKENS_PER_MINUTE,
                          tokens > max ? LLMP_LIMIT_NEVER
                                       : llmp_limit_wait(over, max));
    }

    max = limits->max[LLMP_LIMIT_TOKENS_PER_DAY];
    over = at->used[LLMP_LIMIT_TOKENS_PER_DAY] + at->reserved + tokens - max;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_TOKENS_PER_DAY,
                          tokens > max ? LLMP_LIMIT_NEVER
                                       : at->rest * 1000);
    }
}


static void
llmp_limit_refuse(llmp_limit_verdict_t *verdict, llmp_limit_e limit,
    int64_t wait)
{
    if (verdict->limit == LLMP_LIMIT_MAX
        || (verdict->wait != LLMP_LIMIT_NEVER
            && (wait == LLMP_LIMIT_NEVER || wait > verdict->wait)))
    {
        verdict->limit = limit;
        verdict->wait = wait;
    }
}


static int64_t
llmp_limit_wait(int64_t excess, int64_t limit)
{
    return (excess + limit - 1) / limit;
}
