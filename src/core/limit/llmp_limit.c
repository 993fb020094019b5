
/*
 * Copyright (C) llm-policy authors
 */


#include "limit/llmp_limit.h"


/* units of a request or token: a limit of n per minute frees n units per ms */
#define LLMP_LIMIT_UNITS  ((int64_t) 60000)

#define LLMP_LIMIT_DAY    ((int64_t) 86400)    /* seconds */

/* more tokens than any response has, so that sums never overflow */
#define LLMP_LIMIT_CHARGE_MAX  ((int64_t) 1000000000)


static int64_t llmp_limit_tokens_to_reserve(const llmp_limits_t *limits,
    int64_t tokens);
static void llmp_limit_read_levels(const llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t now, int64_t time,
    llmp_limit_levels_t *levels);
static int64_t llmp_limit_levels_used(const llmp_limit_levels_t *levels,
    llmp_limit_e limit);
static int64_t llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed);
static void llmp_limit_write_levels(llmp_limit_state_t *state,
    const llmp_limit_levels_t *levels, int64_t now);
static void llmp_limit_check(llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits);
static void llmp_limit_refuse(llmp_limit_verdict_t *verdict,
    llmp_limit_e limit, int64_t wait);
static int64_t llmp_limit_wait(int64_t excess, int64_t limit);


llmp_int_t
llmp_limit_admit(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    llmp_limit_levels_t  *levels;

    levels = &verdict->levels;

    tokens = llmp_limit_tokens_to_reserve(limits, tokens);
    verdict->tokens = tokens;
    verdict->reserved = tokens;

    llmp_limit_read_levels(state, limits, now, time, levels);
    llmp_limit_write_levels(state, levels, now);

    state->limits = *limits;

    llmp_limit_check(verdict, limits);

    if (verdict->limit != LLMP_LIMIT_MAX) {
        return LLMP_DECLINED;
    }

    state->requests += LLMP_LIMIT_UNITS;
    state->reserved += tokens;
    state->active++;

    levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_LIMIT_UNITS;
    levels->used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;
    levels->reserved += tokens;

    return LLMP_OK;
}


llmp_int_t
llmp_limit_resize(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now, int64_t time, llmp_limit_verdict_t *verdict)
{
    int64_t               reserved;
    llmp_limit_levels_t  *levels;

    levels = &verdict->levels;

    reserved = verdict->reserved;
    tokens = llmp_limit_tokens_to_reserve(limits, tokens);
    verdict->tokens = tokens;

    llmp_limit_read_levels(state, limits, now, time, levels);
    llmp_limit_write_levels(state, levels, now);

    /* check without the request itself, which is counted already */

    levels->reserved -= reserved;
    levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] -= LLMP_LIMIT_UNITS;
    levels->used[LLMP_LIMIT_CONCURRENT_REQUESTS]--;

    llmp_limit_check(verdict, limits);

    if (tokens <= reserved) {

        /* a smaller reservation is always admitted */

        verdict->limit = LLMP_LIMIT_MAX;
    }

    levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] += LLMP_LIMIT_UNITS;
    levels->used[LLMP_LIMIT_CONCURRENT_REQUESTS]++;

    if (verdict->limit != LLMP_LIMIT_MAX) {
        levels->reserved += reserved;
        return LLMP_DECLINED;
    }

    state->reserved += tokens - reserved;

    levels->reserved += tokens;
    verdict->reserved = tokens;

    return LLMP_OK;
}


int64_t
llmp_limit_remaining(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    int64_t  max, used;

    max = limits->max[limit];
    used = llmp_limit_levels_used(&verdict->levels, limit);

    return (max > used) ? max - used : 0;
}


int64_t
llmp_limit_reset(const llmp_limit_verdict_t *verdict,
    const llmp_limits_t *limits, llmp_limit_e limit)
{
    int64_t                     max;
    const llmp_limit_levels_t  *levels;

    levels = &verdict->levels;
    max = limits->max[limit];

    if (max == 0) {
        return 0;
    }

    switch (limit) {

    case LLMP_LIMIT_REQUESTS_PER_MINUTE:
        return llmp_limit_wait(levels->used[limit], max);

    case LLMP_LIMIT_TOKENS_PER_MINUTE:
        return llmp_limit_wait(levels->used[limit]
                               + levels->reserved * LLMP_LIMIT_UNITS,
                               max);

    case LLMP_LIMIT_TOKENS_PER_DAY:
        return levels->day_left * 1000;

    default: /* LLMP_LIMIT_CONCURRENT_REQUESTS */
        return 0;
    }
}


/* returns the tokens to reserve, 0 if tokens have no limit */

static int64_t
llmp_limit_tokens_to_reserve(const llmp_limits_t *limits, int64_t tokens)
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
    llmp_limit_charge(state, tokens);

    state->reserved -= reserved;
    state->active--;
}


void
llmp_limit_return(llmp_limit_state_t *state, int64_t reserved)
{
    state->requests = (state->requests > LLMP_LIMIT_UNITS)
                      ? state->requests - LLMP_LIMIT_UNITS : 0;

    llmp_limit_settle(state, reserved, 0);
}


void
llmp_limit_charge(llmp_limit_state_t *state, int64_t tokens)
{
    state->charged += (tokens < LLMP_LIMIT_CHARGE_MAX) ? tokens
                                                       : LLMP_LIMIT_CHARGE_MAX;
}


llmp_uint_t
llmp_limit_share(const llmp_limit_state_t *state, int64_t now, int64_t time,
    llmp_limit_e *limit)
{
    int64_t       used, max;
    llmp_uint_t   share, most;
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

        /* any use is more than 0 */

        share = (used >= max) ? 1000 : 1 + (llmp_uint_t) (used * 999 / max);

        if (share > most) {
            most = share;
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
    llmp_limit_levels_t  levels;

    llmp_limit_read_levels(state, &state->limits, now, time, &levels);

    return llmp_limit_levels_used(&levels, limit);
}


/* returns the use of a limit in its own unit */

static int64_t
llmp_limit_levels_used(const llmp_limit_levels_t *levels, llmp_limit_e limit)
{
    switch (limit) {

    case LLMP_LIMIT_REQUESTS_PER_MINUTE:
        return (levels->used[limit] + LLMP_LIMIT_UNITS - 1) / LLMP_LIMIT_UNITS;

    case LLMP_LIMIT_TOKENS_PER_MINUTE:
        return (levels->used[limit] + LLMP_LIMIT_UNITS - 1) / LLMP_LIMIT_UNITS
               + levels->reserved;

    case LLMP_LIMIT_TOKENS_PER_DAY:
        return levels->used[limit] + levels->reserved;

    default: /* LLMP_LIMIT_CONCURRENT_REQUESTS */
        return levels->used[limit];
    }
}


static void
llmp_limit_read_levels(const llmp_limit_state_t *state,
    const llmp_limits_t *limits, int64_t now, int64_t time,
    llmp_limit_levels_t *levels)
{
    int64_t  elapsed;

    /* the clocks of processes may differ by a few milliseconds */

    elapsed = (now > state->last) ? now - state->last : 0;

    levels->used[LLMP_LIMIT_CONCURRENT_REQUESTS] = state->active;
    levels->reserved = state->reserved;
    levels->charged = state->charged;

    levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE] =
        llmp_limit_leak(state->requests,
                        limits->max[LLMP_LIMIT_REQUESTS_PER_MINUTE], elapsed);

    /* tokens charged since then were reserved at the last admission */

    levels->used[LLMP_LIMIT_TOKENS_PER_MINUTE] =
        llmp_limit_leak(state->tokens + levels->charged * LLMP_LIMIT_UNITS,
                        limits->max[LLMP_LIMIT_TOKENS_PER_MINUTE], elapsed);

    levels->used[LLMP_LIMIT_TOKENS_PER_DAY] = levels->charged;

    levels->day = time / LLMP_LIMIT_DAY;
    levels->day_left = (levels->day + 1) * LLMP_LIMIT_DAY - time;

    if (state->day == levels->day) {
        levels->used[LLMP_LIMIT_TOKENS_PER_DAY] += state->day_tokens;
    }
}


/* per millisecond, a limit of n refills n of its 60000ths */

static int64_t
llmp_limit_leak(int64_t used, int64_t limit, int64_t elapsed)
{
    int64_t  leaked;

    /* an overflow, after years, refills everything */

    if (limit == 0 || __builtin_mul_overflow(limit, elapsed, &leaked)) {
        return 0;
    }

    return (used > leaked) ? used - leaked : 0;
}


static void
llmp_limit_write_levels(llmp_limit_state_t *state,
    const llmp_limit_levels_t *levels, int64_t now)
{
    state->requests = levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE];
    state->tokens = levels->used[LLMP_LIMIT_TOKENS_PER_MINUTE];
    state->day_tokens = levels->used[LLMP_LIMIT_TOKENS_PER_DAY];
    state->day = levels->day;

    if (now > state->last) {
        state->last = now;
    }

    state->charged = 0;
}


/* finds the limit that refuses the request for the longest time */

static void
llmp_limit_check(llmp_limit_verdict_t *verdict, const llmp_limits_t *limits)
{
    int64_t                     max, over, tokens;
    const llmp_limit_levels_t  *levels;

    levels = &verdict->levels;
    tokens = verdict->tokens;

    verdict->limit = LLMP_LIMIT_MAX;
    verdict->wait = 0;

    max = limits->max[LLMP_LIMIT_CONCURRENT_REQUESTS];

    if (max != 0 && levels->used[LLMP_LIMIT_CONCURRENT_REQUESTS] >= max) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_CONCURRENT_REQUESTS, 1000);
    }

    max = limits->max[LLMP_LIMIT_REQUESTS_PER_MINUTE];
    over = levels->used[LLMP_LIMIT_REQUESTS_PER_MINUTE]
           - (max - 1) * LLMP_LIMIT_UNITS;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_REQUESTS_PER_MINUTE,
                          llmp_limit_wait(over, max));
    }

    max = limits->max[LLMP_LIMIT_TOKENS_PER_MINUTE];
    over = levels->used[LLMP_LIMIT_TOKENS_PER_MINUTE]
           + (levels->reserved + tokens - max) * LLMP_LIMIT_UNITS;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_TOKENS_PER_MINUTE,
                          tokens > max ? LLMP_LIMIT_NEVER
                                       : llmp_limit_wait(over, max));
    }

    max = limits->max[LLMP_LIMIT_TOKENS_PER_DAY];
    over = levels->used[LLMP_LIMIT_TOKENS_PER_DAY] + levels->reserved + tokens
           - max;

    if (max != 0 && over > 0) {
        llmp_limit_refuse(verdict, LLMP_LIMIT_TOKENS_PER_DAY,
                          tokens > max ? LLMP_LIMIT_NEVER
                                       : levels->day_left * 1000);
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
