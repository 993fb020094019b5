
/*
 * Copyright (C) llm-policy authors
 *
 * Limits compared with a simple bucket.
 */


#include "limit/llmp_limit.h"

#include "test.h"


#define NOON   (20000 * 86400 + 43200)


static llmp_int_t admit(llmp_limit_state_t *state, const llmp_limits_t *limits,
    int64_t tokens, int64_t now);


static llmp_limit_verdict_t  verdict;


static llmp_int_t
admit(llmp_limit_state_t *state, const llmp_limits_t *limits, int64_t tokens,
    int64_t now)
{
    return llmp_limit_admit(state, limits, tokens, now, NOON + now / 1000,
                            &verdict);
}


static int64_t
remaining(const llmp_limits_t *limits, llmp_limit_e limit)
{
    return llmp_limit_remaining(&verdict, limits, limit);
}


static int64_t
reset(const llmp_limits_t *limits, llmp_limit_e limit)
{
    return llmp_limit_reset(&verdict, limits, limit);
}


static void
test_requests(void **state)
{
    int64_t             i, n, now;
    llmp_limits_t       limits = { { 60, 0, 0, 0 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    /* the allowance of a minute at once, and not one more */

    for (i = 0; i < 60; i++) {
        assert_int_equal(admit(&s, &limits, 0, 1000), LLMP_OK);
        assert_int_equal(verdict.limit, LLMP_LIMIT_MAX);
        assert_int_equal(remaining(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE),
                         59 - i);
        assert_int_equal(reset(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE),
                         (i + 1) * 1000);
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
    llmp_limits_t       limits = { { 0, 600, 0, 0 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, 400, 0), LLMP_OK);
    assert_int_equal(verdict.reserved, 400);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 200);

    /* reserved tokens do not refill, at any time */

    assert_int_equal(admit(&s, &limits, 201, 600000), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(verdict.wait, 100);

    /* the difference is returned */

    llmp_limit_settle(&s, 400, 100);
    assert_int_equal(admit(&s, &limits, 501, 600000), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 500, 600000), LLMP_OK);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 0);

    /* the excess over the reservation is owed */

    llmp_limit_settle(&s, 500, 1100);
    assert_int_equal(admit(&s, &limits, 1, 600000), LLMP_DECLINED);
    assert_int_equal(verdict.wait, 60100);
    assert_int_equal(admit(&s, &limits, 1, 660099), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 1, 660100), LLMP_OK);
    llmp_limit_settle(&s, 1, 0);

    /* a request that can never fit is reported as such */

    assert_int_equal(admit(&s, &limits, 601, 9000000), LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);
    assert_int_equal(admit(&s, &limits, INT64_MAX, 9000000), LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);
    assert_int_equal(admit(&s, &limits, 600, 9000000), LLMP_OK);

    /*
     * the amount is reported for a request that was admitted before it was
     * known
     */

    assert_int_equal(llmp_limit_resize(&s, &limits, 601, 9000000,
                                       NOON + 9000, &verdict),
                     LLMP_DECLINED);
    assert_int_equal(verdict.wait, LLMP_LIMIT_NEVER);
    assert_int_equal(verdict.tokens, 601);
    assert_int_equal(verdict.reserved, 600);

    llmp_limit_settle(&s, 600, INT64_MAX);

    /* no tokens are reserved without a limit on them */

    memset(&limits, 0, sizeof(limits));
    limits.max[LLMP_LIMIT_CONCURRENT_REQUESTS] = 5;
    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, INT64_MAX, 0), LLMP_OK);
    assert_int_equal(verdict.reserved, 0);
}


/* the rest after a verdict, and the time until the largest limit is refilled */

static void
test_told(void **state)
{
    llmp_limits_t       limits = { { 0, 600, 1000, 0 } };
    llmp_limits_t       most = { { 0, LLMP_LIMIT_VALUE_MAX, 0, 0 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, 150, 0), LLMP_OK);
    assert_int_equal(reset(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 15000);

    llmp_limit_settle(&s, 150, 60);

    assert_int_equal(admit(&s, &limits, 300, 3000), LLMP_OK);
    assert_int_equal(reset(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 33000);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 270);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 640);
    assert_int_equal(reset(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 43197000);
    assert_int_equal(reset(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
    assert_int_equal(reset(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE), 0);

    /* a refused increase leaves the reservation unchanged */

    assert_int_equal(llmp_limit_resize(&s, &limits, 601, 3000, NOON + 3,
                                       &verdict),
                     LLMP_DECLINED);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_MINUTE), 270);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 640);

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &most, LLMP_LIMIT_VALUE_MAX, 0), LLMP_OK);
    llmp_limit_settle(&s, LLMP_LIMIT_VALUE_MAX, 1000000000);

    assert_int_equal(admit(&s, &most, 0, 14000000), LLMP_OK);
    assert_int_equal(remaining(&most, LLMP_LIMIT_TOKENS_PER_MINUTE),
                     LLMP_LIMIT_VALUE_MAX);
}


static void
test_day(void **state)
{
    llmp_limits_t       limits = { { 0, 0, 1000, 0 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(llmp_limit_admit(&s, &limits, 700, 0, NOON, &verdict),
                     LLMP_OK);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 300);
    assert_int_equal(reset(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 43200000);
    llmp_limit_settle(&s, 700, 600);

    assert_int_equal(llmp_limit_admit(&s, &limits, 401, 1000, NOON + 43199,
                                      &verdict), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_DAY);
    assert_int_equal(verdict.wait, 1000);

    assert_int_equal(llmp_limit_share(&s, 1000, NOON + 43199, NULL), 600);
    assert_int_equal(llmp_limit_share(&s, 1000, NOON + 43200, NULL), 0);

    /* the day begins at midnight; running requests count for the new day */

    assert_int_equal(llmp_limit_admit(&s, &limits, 100, 1000, NOON + 43199,
                                      &verdict), LLMP_OK);
    assert_int_equal(llmp_limit_admit(&s, &limits, 901, 1000, NOON + 43200,
                                      &verdict), LLMP_DECLINED);
    llmp_limit_settle(&s, 100, 50);
    assert_int_equal(llmp_limit_admit(&s, &limits, 950, 1000, NOON + 43200,
                                      &verdict), LLMP_OK);
}


static void
test_concurrent(void **state)
{
    llmp_limits_t       limits = { { 0, 0, 0, 2 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, 0, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 0, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 0, 100000), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_CONCURRENT_REQUESTS);
    assert_true(verdict.wait > 0);

    llmp_limit_settle(&s, 0, 0);
    assert_int_equal(admit(&s, &limits, 0, 100000), LLMP_OK);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_CONCURRENT_REQUESTS), 0);
}


/* a request that is returned counts for nothing, also after a while */

static void
test_return(void **state)
{
    llmp_limits_t        limits = { { 3, 1000, 5000, 2 } };
    llmp_limit_levels_t  before;
    llmp_limit_state_t   s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, 400, 0), LLMP_OK);
    before = verdict.levels;

    assert_int_equal(admit(&s, &limits, 500, 0), LLMP_OK);
    llmp_limit_return(&s, 500);

    assert_int_equal(s.active, 1);
    assert_int_equal(s.reserved, 400);
    assert_int_equal(s.charged, 0);
    assert_int_equal(s.requests,
                     before.used[LLMP_LIMIT_REQUESTS_PER_MINUTE]);

    /* the other one has left the bucket meanwhile */

    s.requests = 10;
    llmp_limit_return(&s, 400);

    assert_int_equal(s.requests, 0);
    assert_int_equal(s.active, 0);
    assert_int_equal(s.reserved, 0);
}


/*
 * with several limits, the one with the longest wait is reported; a request
 * that one limit refuses counts for none
 */

static void
test_several(void **state)
{
    llmp_limits_t       limits = { { 2, 100, 1000, 5 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(admit(&s, &limits, 101, 0), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE), 2);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_TOKENS_PER_DAY), 1000);

    assert_int_equal(admit(&s, &limits, 10, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 90, 0), LLMP_OK);
    assert_int_equal(admit(&s, &limits, 1, 0), LLMP_DECLINED);
    assert_int_equal(verdict.limit, LLMP_LIMIT_REQUESTS_PER_MINUTE);
    assert_int_equal(verdict.wait, 30000);

    /* changed limits apply to usage that is already counted */

    limits.max[LLMP_LIMIT_REQUESTS_PER_MINUTE] = 4;
    limits.max[LLMP_LIMIT_TOKENS_PER_MINUTE] = 150;

    assert_int_equal(admit(&s, &limits, 51, 0), LLMP_DECLINED);
    assert_int_equal(admit(&s, &limits, 50, 0), LLMP_OK);
    assert_int_equal(remaining(&limits, LLMP_LIMIT_REQUESTS_PER_MINUTE), 1);
}


static void
test_taken(void **state)
{
    llmp_limit_e        limit;
    llmp_limits_t       limits = { { 100, 1000, 0, 0 } };
    llmp_limit_state_t  s;

    (void) state;

    memset(&s, 0, sizeof(s));

    assert_int_equal(llmp_limit_share(&s, 0, NOON, NULL), 0);
    assert_int_equal(admit(&s, &limits, 500, 0), LLMP_OK);
    llmp_limit_settle(&s, 500, 500);

    assert_int_equal(llmp_limit_share(&s, 0, NOON, &limit), 500);
    assert_int_equal(limit, LLMP_LIMIT_TOKENS_PER_MINUTE);
    assert_int_equal(llmp_limit_used(&s, limit, 0, NOON), 500);
    assert_int_equal(llmp_limit_used(&s, limit, 15000, NOON), 250);

    /* the last unit counts */

    assert_int_equal(llmp_limit_share(&s, 29999, NOON, &limit), 1);
    assert_int_equal(llmp_limit_share(&s, 30000, NOON, &limit), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_told),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_concurrent),
        cmocka_unit_test(test_return),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_taken)
    };

    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
