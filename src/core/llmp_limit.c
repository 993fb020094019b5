
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_limit.h"


#define LLMP_MINUTE  ((int64_t) 60000)       /* in milliseconds */
#define LLMP_DAY     ((int64_t) 86400)       /* in seconds */

/* no answer has so many: what is charged must never overflow */
#define LLMP_LIMIT_CHARGE_MAX  ((int64_t) 1000000000)


/* a state as it is at some time, with all that was charged in its place */

typedef struct {
    int64_t  used[LLMP_LIMIT_MAX];     /* of minutes: in 1/60000 */
    int64_t  reserved;
    int64_t  charged;                  /* is in used, but not in the state */
} llmp_limit_now_t;


static int64_t llmp_limit_tokens(const llmp_limits_t *limits, int64_t tokens);
static void llmp_limit_at(const llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t now, int64_t time,
    llmp_limit_now_t *at);
static int64_t llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed);
static void llmp_limit_update(llmp_limit_state_t *state,
    const llmp_limit_now_t *at, int64_t now, int64_t time);
static void llmp_limit_check(const llmp_limit_now_t *at,
    const llmp_limits_t *limits, int64_t tokens, int64_t time,
    llmp_limit_verdict_t *verdict);
static void llmp_limit_refuse(llmp_limit_verdict_t *verdict,
    llmp_limit_e limit, int64_t wait);
static int64_t llmp_limit_wait(int64_t excess, int64_t limit);
static void llmp_limit_report(const llmp_limit_now_t *at,
    const llmp_limits_t *limits, int64_t time, llmp_limit_verdict_t *verdict);


llmp_int_t
llmp_limit_admit(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    llmp_limit_now_t  at;

    tokens = llmp_limit_tokens(limits, tokens);
    verdict->tokens = tokens;
    verdict->reserved = tokens;

    llmp_limit_at(state, limits, now, time, &at);
    llmp_limit_update(state, &at, now, time);

    state->limits = *limits;

    llmp_limit_check(&at, limits, tokens, time, verdict);

    if (verdict->limit != LLMP_LIMIT_MAX) {
        llmp_limit_report(&at, limits, time, verdict);
        return LLMP_DECLINED;
    }

    state->requests += LLMP_MINUTE;
    atomic_fetch_add(&state->reserved, tokens);
    atomic_fetch_add(&state->active, 1);

    at.used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_MINUTE;
    at.used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;
    at.reserved += tokens;

    llmp_limit_report(&at, limits, time, verdict);

    return LLMP_OK;
}


llmp_int_t
llmp_limit_resize(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    int64_t           reserved;
    llmp_limit_now_t  at;

    reserved = verdict->reserved;
    tokens = llmp_limit_tokens(limits, tokens);
    verdict->tokens = tokens;

    llmp_limit_at(state, limits, now, time, &at);
    llmp_limit_update(state, &at, now, time);

    /* without the request itself, which is not to be counted twice */

    at.reserved -= reserved;
    at.used[LLMP_LIMIT_REQUESTS_PER_MINUTE] -= LLMP_MINUTE;
    at.used[LLMP_LIMIT_CONCURRENT_REQUESTS]--;

    llmp_limit_check(&at, limits, tokens, time, verdict);

    if (tokens <= reserved) {

        /* whatever others have taken since, this one takes less */

        verdict->limit = LLMP_LIMIT_MAX;
    }

    at.used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_MINUTE;
    at.used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;

    if (verdict->limit != LLMP_LIMIT_MAX) {
        at.reserved += reserved;
        llmp_limit_report(&at, limits, time, verdict);
        return LLMP_DECLINED;
    }

    atomic_fetch_add(&state->reserved, tokens - reserved);

    at.reserved += tokens;
    verdict->reserved = tokens;

    llmp_limit_report(&at, limits, time, verdict);

    return LLMP_OK;
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

    switch (limit) {

    case LLMP_LIMIT_REQUESTS_PER_MINUTE:
        return (at.used[limit] + LLMP_MINUTE - 1) / LLMP_MINUTE;

    case LLMP_LIMIT_TOKENS_PER_MINUTE:
        return (at.used[limit] + LLMP_MINUTE - 1) / LLMP_MINUTE + at.reserved;

    case LLMP_LIMIT_TOKENS_PER_DAY:
        return at.used[limit] + at.reserved;

    default: /* LLMP_LIMIT_CONCURRENT_REQUESTS */
        return at.used[limit];
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

    if (state->day == time / LLMP_DAY) {
        at->used[LLMP_LIMIT_TOKENS_PER_DAY] += state->day_tokens;
    }
}


/* a limit gives back its own number of sixty-thousandths in a millisecond */

static int64_t
llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed)
{
    if (limit == 0 || elapsed >= used / limit + 1) {
        return 0;
    }

    return (used > limit * elapsed) ? used - limit * elapsed : 0;
}


static void
llmp_limit_update(llmp_limit_state_t *state, const llmp_limit_now_t *at,
    int64_t now, int64_t time)
{
    /* what was charged since it was read stays for the next one */

    atomic_fetch_sub(&state->charged, at->charged);

    state->requests = at->used[LLMP_LIMIT_REQUESTS_PER_MINUTE];
    state->tokens = at->used[LLMP_LIMIT_TOKENS_PER_MINUTE];
    state->day_tokens = at->used[LLMP_LIMIT_TOKENS_PER_DAY];
    state->day = time / LLMP_DAY;

    if (now > state->last) {
        state->last = now;
    }
}


/* of the limits that refuse, that counts which does so for longest */

static void
llmp_limit_check(const llmp_limit_now_t *at, const llmp_limits_t *limits,
    int64_t tokens, int64_t time, llmp_limit_verdict_t *verdict)
{
    int64_t  max, over;

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
                                       : (LLMP_DAY - time % LLMP_DAY) * 1000);
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


static void
llmp_limit_report(const llmp_limit_now_t *at, const llmp_limits_t *limits,
    int64_t time, llmp_limit_verdict_t *verdict)
{
    int64_t       max, used;
    llmp_limit_e  i;

    for (i = 0; i < LLMP_LIMIT_MAX; i++) {
        max = limits->max[i];
        used = at->used[i];

        verdict->remaining[i] = 0;
        verdict->reset[i] = 0;

        if (max == 0) {
            continue;
        }

        if (i == LLMP_LIMIT_TOKENS_PER_MINUTE) {
            used += at->reserved * LLMP_MINUTE;
        }

        if (i == LLMP_LIMIT_TOKENS_PER_DAY) {
            used += at->reserved;
            verdict->reset[i] = (LLMP_DAY - time % LLMP_DAY) * 1000;
        }

        if (i == LLMP_LIMIT_REQUESTS_PER_MINUTE
            || i == LLMP_LIMIT_TOKENS_PER_MINUTE)
        {
            verdict->reset[i] = llmp_limit_wait(used, max);
            used = (used + LLMP_MINUTE - 1) / LLMP_MINUTE;
        }

        if (max > used) {
            verdict->remaining[i] = max - used;
        }
    }
}
