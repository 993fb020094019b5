
/*
 * Copyright (C) llm-policy authors
 *
 * Limits compared with numbers by hand.
 */


#include "limit/llmp_lease.h"

#include "limit_values.h"
#include "test.h"


#define NOON   (20000 * (int64_t) 86400 + 43200)


/* a request, of one object of limits */

static llmp_limit_verdict_t  verdict;
static llmp_limit_entry_t    entry;
static llmp_limit_clock_t    clock;
static llmp_lease_t          lease;


static llmp_int_t
admit_at(llmp_limit_state_t *state, const llmp_limits_t *limits, int64_t tokens,
    int64_t now, int64_t time)
{
    llmp_limit_amounts_t  amounts;

    entry.state = state;
    entry.limits = limits;

    clock.now = now;
    clock.time = time;

    amounts = limit_values_tokens(tokens);

    memset(&lease, 0, sizeof(lease));

    return llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts, &clock,
                            &verdict);
}


static llmp_int_t
admit(llmp_limit_state_t *state, const llmp_limits_t *limits, int64_t tokens,
    int64_t now)
{
    return admit_at(state, limits, tokens, now, NOON + now / 1000);
}


static void
settle(int64_t tokens)
{
    llmp_limit_amounts_t  amounts;

    amounts = limit_values_tokens(tokens);

    llmp_lease_settle(&lease, &amounts);
}


static int64_t
remaining(llmp_limit_e limit)
{
    return llmp_limit_remaining(&entry, limit) / llmp_limits_unit(limit);
}


static int64_t
reset(llmp_limit_e limit)
{
    return llmp_limit_reset(&entry, limit, &clock);
}


static void
test_requests(void **state)
{
    int64_t             i, n, now;
    llmp_limits_t       limits;
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE, 60);

    /* the allowance of a minute at once, and not one more */

    for (i = 0; i < 60; i++) {
        assert_int_equal(admit(&s, &limits, 0, 1000), LLMP_OK);
        assert_int_equal(verdict.limit, LLMP_LIMIT_MAX);
        assert_int_equal(remaining(LLMP_LIMIT_REQUESTS_PER_MINUTE), 59 - i);
        assert_int_equal(reset(LLMP_LIMIT_REQUESTS_PER_MINUTE), (i + 1) * 1000);
    }

    assert_int_equal(admit(&s, &limits, 0, 1000), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_REQUESTS_PER_MINUTE);
    assert_int_equal(verdict.wait, 1000);

    /* the next request at the announced time, and not before */

    assert_int_equal(admit(&s, &limits, 0, 1999), LLMP_DECLINED);
    assert_int_equal(verdict.wait, 1);
    assert_int_equal(admit(&s, &limits, 0, 2000), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 0, 2000), LLMP_DECLINED);

    /* a clock that lags behind returns nothing */

    assert_int_equal(admit(&s, &limits, 0, 1500), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 0, 2999), LLMP_DECLINED);

    /* over ten minutes, at any rate: never twice the burst */

    memset(&s, 0, sizeof(s));

    for (n = 0, now = 0; now < 600000; now += 7) {
        if (admit(&s, &limits, 0, now) == LLMP_OK) {
            n++;
        }

        assert_true(n <= 60 + now / 1000);
        assert_true(n >= (now < 420 ? now / 7 : 60 + now / 1000 - 1));
    }
}


static void
test_tokens(void **state)
{
    llmp_lease_t          first;
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 600);

    assert_int_equal(admit(&s, &limits, 400, 0), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 200);
    first = lease;

    /* reserved tokens do not refill, at any time */

    assert_int_equal(admit(&s, &limits, 201, 600000), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(verdict.wait, 100);

    /* the difference is returned */

    lease = first;
    settle(100);
    assert_int_equal(admit(&s, &limits, 501, 600000), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 500, 600000), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 0);

    /* the excess over the reservation is owed */

    settle(1100);
    assert_int_equal(admit(&s, &limits, 1, 600000), LLMP_DECLINED);
    assert_int_equal(verdict.wait, 60100);
    assert_int_equal(admit(&s, &limits, 1, 660099), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 1, 660100), LLMP_OK);
    settle(0);

    /* a request that can never fit is reported as such */

    assert_int_equal(admit(&s, &limits, 601, 9000000), LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);
    assert_int_equal(admit(&s, &limits, 600, 9000000), LLMP_OK);

    /* also after it was admitted, before it was known */

    amounts = limit_values_tokens(601);

    assert_int_equal(llmp_lease_resize(&lease, &entry, 1, &amounts, &amounts,
                                       &clock, &verdict),
                     LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 0);

    /* a smaller amount is always admitted */

    amounts = limit_values_tokens(599);

    assert_int_equal(llmp_lease_resize(&lease, &entry, 1, &amounts, &amounts,
                                       &clock, &verdict),
                     LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 1);
}


/* numbers of input and output are limits of their own, and costs are exact */

static void
test_kinds(void **state)
{
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_INPUT_TOKENS_PER_HOUR, 1000);
    limit_values_add(&limits, LLMP_LIMIT_OUTPUT_TOKENS_PER_WEEK, 100);
    limit_values_add(&limits, LLMP_LIMIT_COST_PER_MONTH, 1);

    entry.state = &s;
    entry.limits = &limits;
    clock.now = 0;
    clock.time = NOON;

    amounts = limit_values_tokens(30);
    amounts.n[LLMP_LIMIT_INPUT] = 600;
    amounts.n[LLMP_LIMIT_COST] = 333333;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    llmp_lease_settle(&lease, &amounts);

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_INPUT_TOKENS_PER_HOUR);
    assert_int_equal(verdict.wait, 200 * 3600);

    amounts.n[LLMP_LIMIT_INPUT] = 400;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    llmp_lease_settle(&lease, &amounts);
    assert_int_equal(llmp_limit_remaining(&entry, LLMP_LIMIT_COST_PER_MONTH),
                     333334);

    /* the last part of the currency, and not one more */

    amounts.n[LLMP_LIMIT_INPUT] = 0;
    amounts.n[LLMP_LIMIT_COST] = 333335;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_COST_PER_MONTH);

    amounts.n[LLMP_LIMIT_COST] = 333334;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_OUTPUT_TOKENS_PER_WEEK), 10);
}


/* the largest limits and amounts, of weeks without a request */

static void
test_largest(void **state)
{
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE,
                     LLMP_LIMIT_VALUE_MAX);
    limit_values_add(&limits, LLMP_LIMIT_COST_PER_HOUR,
                     LLMP_LIMIT_COST_MAX * 1000000);

    entry.state = &s;
    entry.limits = &limits;
    clock.now = 0;
    clock.time = NOON;

    memset(&amounts, 0, sizeof(amounts));
    amounts.n[LLMP_LIMIT_TOKENS] = limits.max[LLMP_LIMIT_TOKENS_PER_MINUTE];
    amounts.n[LLMP_LIMIT_COST] = LLMP_LIMIT_AMOUNT_MAX - 1;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);

    amounts.n[LLMP_LIMIT_COST] = LLMP_LIMIT_AMOUNT_MAX;
    llmp_lease_settle(&lease, &amounts);
    llmp_limit_charge(&s, &amounts);

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);

    /* half an hour leaks half of it */

    memset(&amounts, 0, sizeof(amounts));
    amounts.n[LLMP_LIMIT_COST] = 1;
    clock.now = 1800000;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_COST_PER_HOUR);
    assert_int_equal(verdict.wait, 1800001);

    clock.now = (int64_t) 100 * 365 * 86400 * 1000;

    assert_int_equal(llmp_lease_admit(&lease, &entry, 1, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    assert_int_equal(llmp_limit_remaining(&entry, LLMP_LIMIT_COST_PER_HOUR),
                     LLMP_LIMIT_AMOUNT_MAX - 2);
}


/* the rest after a verdict, and the time until the largest limit is refilled */

static void
test_rest(void **state)
{
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 600);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_DAY, 1000);

    assert_int_equal(admit(&s, &limits, 150, 0), LLMP_OK);
    assert_int_equal(reset(LLMP_LIMIT_TOKENS_PER_MINUTE), 15000);

    settle(60);

    assert_int_equal(admit(&s, &limits, 300, 3000), LLMP_OK);
    assert_int_equal(reset(LLMP_LIMIT_TOKENS_PER_MINUTE), 33000);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 270);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_DAY), 640);
    assert_int_equal(reset(LLMP_LIMIT_TOKENS_PER_DAY), 43197000);
    assert_int_equal(reset(LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
    assert_int_equal(remaining(LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
    assert_int_equal(reset(LLMP_LIMIT_REQUESTS_PER_MINUTE), 0);

    /* a refused increase leaves the reservation unchanged */

    amounts = limit_values_tokens(601);

    assert_int_equal(llmp_lease_resize(&lease, &entry, 1, &amounts, &amounts,
                                       &clock, &verdict),
                     LLMP_DECLINED);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_MINUTE), 270);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_DAY), 640);
}


static void
test_day(void **state)
{
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_nearest_t  nearest;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_DAY, 1000);

    assert_int_equal(admit_at(&s, &limits, 700, 0, NOON), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_DAY), 300);
    assert_int_equal(reset(LLMP_LIMIT_TOKENS_PER_DAY), 43200000);
    settle(600);

    assert_int_equal(admit_at(&s, &limits, 401, 1000, NOON + 43199),
                     LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_DAY);
    assert_int_equal(verdict.wait, 1000);

    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 600);

    clock.time++;
    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 0);

    /* the day begins at midnight; running requests count for the new day */

    assert_int_equal(admit_at(&s, &limits, 100, 1000, NOON + 43199), LLMP_OK);
    {
        llmp_lease_t  first = lease;

        assert_int_equal(admit_at(&s, &limits, 901, 1000, NOON + 43200),
                         LLMP_DECLINED);
        lease = first;
    }
    settle(50);
    assert_int_equal(admit_at(&s, &limits, 950, 1000, NOON + 43200), LLMP_OK);
}


/* the day begins when it does where the operator is */

static void
test_offset(void **state)
{
    llmp_limits_t       limits;
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_DAY, 10);

    clock.offset = 2 * 3600;

    assert_int_equal(admit_at(&s, &limits, 10, 0, NOON), LLMP_OK);
    assert_int_equal(reset(LLMP_LIMIT_TOKENS_PER_DAY), 36000000);
    settle(10);

    assert_int_equal(admit_at(&s, &limits, 1, 0, NOON + 35999), LLMP_DECLINED);
    assert_int_equal(admit_at(&s, &limits, 1, 0, NOON + 36000), LLMP_OK);

    clock.offset = 0;
}


static void
test_concurrent(void **state)
{
    llmp_lease_t        first;
    llmp_limits_t       limits;
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS, 2);

    assert_int_equal(admit(&s, &limits, 0, 0), LLMP_OK);
    first = lease;
    assert_int_equal(admit(&s, &limits, 0, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 0, 100000), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_CONCURRENT_REQUESTS);
    assert_true(verdict.wait > 0);

    lease = first;
    settle(0);
    assert_int_equal(admit(&s, &limits, 0, 100000), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
}


/* a request that is returned counts for nothing, also after a while */

static void
test_return(void **state)
{
    llmp_lease_t        first;
    llmp_limits_t       limits;
    llmp_limit_state_t  s, before;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE, 3);
    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_DAY, 9);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 1000);
    limit_values_add(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS, 2);

    assert_int_equal(admit(&s, &limits, 400, 0), LLMP_OK);
    before = s;
    first = lease;

    assert_int_equal(admit(&s, &limits, 500, 0), LLMP_OK);
    llmp_lease_return(&lease);

    assert_memory_equal(&s, &before, sizeof(s));

    /* the other one has left the bucket meanwhile, not the day */

    assert_int_equal(admit(&s, &limits, 0, 60000), LLMP_OK);
    llmp_lease_return(&lease);

    lease = first;
    llmp_lease_return(&lease);

    assert_int_equal(admit(&s, &limits, 0, 60000), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_REQUESTS_PER_MINUTE), 2);
    assert_int_equal(remaining(LLMP_LIMIT_REQUESTS_PER_DAY), 8);
    assert_int_equal(remaining(LLMP_LIMIT_CONCURRENT_REQUESTS), 1);
}


/*
 * with several limits, the one with the longest wait is reported; a request
 * that one limit refuses counts for none
 */

static void
test_several(void **state)
{
    llmp_limits_t       limits;
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE, 2);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 100);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_DAY, 1000);
    limit_values_add(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS, 5);

    assert_int_equal(admit(&s, &limits, 101, 0), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(remaining(LLMP_LIMIT_REQUESTS_PER_MINUTE), 2);
    assert_int_equal(remaining(LLMP_LIMIT_TOKENS_PER_DAY), 1000);

    assert_int_equal(admit(&s, &limits, 10, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 90, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 1, 0), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_REQUESTS_PER_MINUTE);
    assert_int_equal(verdict.wait, 30000);

    /* changed limits apply to usage that is already counted */

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE, 4);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 150);

    assert_int_equal(admit(&s, &limits, 51, 0), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 50, 0), LLMP_OK);
    assert_int_equal(remaining(LLMP_LIMIT_REQUESTS_PER_MINUTE), 1);
}


/* limits of several tiers count the same caller; none is forgotten as long as
   there is room, and then the one with the least use is */

static void
test_tiers(void **state)
{
    llmp_limit_e        i;
    llmp_limits_t       one, two, many;
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&one, 0, sizeof(one));
    memset(&two, 0, sizeof(two));
    memset(&many, 0, sizeof(many));

    limit_values_add(&one, LLMP_LIMIT_TOKENS_PER_DAY, 100);
    limit_values_add(&two, LLMP_LIMIT_REQUESTS_PER_MINUTE, 2);

    assert_int_equal(admit(&s, &one, 60, 0), LLMP_OK);
    settle(60);
    assert_int_equal(admit(&s, &two, 30, 0), LLMP_OK);
    settle(30);
    assert_int_equal(admit(&s, &one, 11, 0), LLMP_DECLINED);
    assert_int_equal(admit(&s, &one, 10, 0), LLMP_OK);
    assert_int_equal(admit(&s, &two, 0, 0), LLMP_DECLINED);

    for (i = 0; i < LLMP_LIMITS_VALUES - 1; i++) {
        limit_values_add(&many, LLMP_LIMIT_INPUT_TOKENS_PER_MINUTE + i, 1000);
    }

    assert_int_equal(admit(&s, &many, 0, 60000), LLMP_OK);

    /* the day's limit was nearly used, and the bucket of requests was not */

    assert_int_equal(admit(&s, &one, 10, 60000), LLMP_DECLINED);
}


/* by all of several objects, or by none */

static void
test_objects(void **state)
{
    llmp_limits_t         limits[2];
    llmp_limit_entry_t    entries[2];
    llmp_limit_state_t    states[2], before;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(states, 0, sizeof(states));
    memset(limits, 0, sizeof(limits));

    limit_values_add(&limits[0], LLMP_LIMIT_REQUESTS_PER_MINUTE, 10);
    limit_values_add(&limits[1], LLMP_LIMIT_TOKENS_PER_DAY, 10);
    limits[1].warn_at = 800;

    entries[0].limits = &limits[0];
    entries[0].state = &states[0];
    entries[1].limits = &limits[1];
    entries[1].state = &states[1];

    clock.now = 1;
    clock.time = NOON;
    amounts = limit_values_tokens(7);

    assert_int_equal(llmp_lease_admit(&lease, entries, 2, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    assert_int_equal(verdict.near, LLMP_LIMIT_MAX);
    llmp_lease_settle(&lease, &amounts);

    before = states[0];

    assert_int_equal(llmp_lease_admit(&lease, entries, 2, &amounts, &amounts,
                                      &clock, &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_DAY);
    assert_int_equal(verdict.entry, 1);
    assert_memory_equal(&states[0].slots, &before.slots, sizeof(before.slots));
    assert_int_equal(states[0].active, 0);

    amounts = limit_values_tokens(1);

    assert_int_equal(llmp_lease_admit(&lease, entries, 2, &amounts, &amounts,
                                      &clock, &verdict), LLMP_OK);
    assert_int_equal(verdict.near, LLMP_LIMIT_TOKENS_PER_DAY);
}


/* requests whose costs are absurd, and not limited */

static void
test_unlimited(void **state)
{
    int                   i;
    llmp_lease_t          leases[20];
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_amounts_t  amounts;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));
    memset(leases, 0, sizeof(leases));

    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_DAY, 100);

    amounts = limit_values_tokens(1);
    amounts.n[LLMP_LIMIT_COST] = LLMP_LIMIT_AMOUNT_MAX;

    entry.limits = &limits;
    entry.state = &s;

    for (i = 0; i < (int) test_nelts(leases); i++) {
        assert_int_equal(llmp_lease_admit(&leases[i], &entry, 1, &amounts,
                                          &amounts, &clock, &verdict),
                         LLMP_OK);
    }

    for (i = 0; i < (int) test_nelts(leases); i++) {
        llmp_lease_settle(&leases[i], &amounts);
    }

    assert_int_equal(s.reserved.n[LLMP_LIMIT_COST], 0);
    assert_int_equal(s.active, 0);
}


static void
test_nearest(void **state)
{
    llmp_limits_t         limits;
    llmp_limit_state_t    s;
    llmp_limit_nearest_t  nearest;

    (void) state;

    memset(&s, 0, sizeof(s));
    memset(&limits, 0, sizeof(limits));

    limit_values_add(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE, 100);
    limit_values_add(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE, 1000);

    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 0);

    assert_int_equal(admit(&s, &limits, 500, 0), LLMP_OK);
    settle(500);

    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 500);
    assert_int_equal(nearest.limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(nearest.used, 500000);
    assert_int_equal(nearest.max, 1000000);

    clock.now = 15000;
    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.used, 250000);

    /* the last unit counts */

    clock.now = 29999;
    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 1);

    clock.now = 30000;
    llmp_limit_nearest(&s, &clock, &nearest);
    assert_int_equal(nearest.share, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_rest),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_concurrent),
        cmocka_unit_test(test_return),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_unlimited),
        cmocka_unit_test(test_nearest)
    };

    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
