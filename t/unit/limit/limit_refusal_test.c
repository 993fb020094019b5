
/*
 * Copyright (C) llm-policy authors
 *
 * Messages of refusals by limits.
 */


#include "limit/llmp_limit_refusal.h"

#include "limit_values.h"
#include "test.h"


typedef struct {
    llmp_limit_e      limit;
    int64_t           max;       /* costs in millionths */
    int64_t           wait;
    int64_t           offset;
    int64_t           amount;    /* units of the kind */
    llmp_refusal_e    code;
    const char       *message;
} refusal_case_t;


static const refusal_case_t  cases[] = {

    { LLMP_LIMIT_REQUESTS_PER_MINUTE, 20, 2001, 0, 1, LLMP_REFUSE_RATE_LIMIT,
      "rate limit reached: 20 (requests_per_minute); try again in 3 s" },
    { LLMP_LIMIT_COST_PER_HOUR, 350000, 1000, 0, 1, LLMP_REFUSE_RATE_LIMIT,
      "rate limit reached: 0.35 (cost_per_hour); try again in 1 s" },
    { LLMP_LIMIT_CONCURRENT_REQUESTS, 4, 1000, 0, 1, LLMP_REFUSE_RATE_LIMIT,
      "rate limit reached: 4 requests at a time (concurrent_requests)" },

    { LLMP_LIMIT_TOKENS_PER_DAY, 9, 3600000, 0, 1, LLMP_REFUSE_QUOTA,
      "quota reached: 9 (tokens_per_day); try again in 3600 s, when the next "
      "day begins (UTC)" },
    { LLMP_LIMIT_INPUT_TOKENS_PER_WEEK, 9, 1, 7200, 1, LLMP_REFUSE_QUOTA,
      "quota reached: 9 (input_tokens_per_week); try again in 1 s, when the "
      "next week begins (UTC+02:00)" },
    { LLMP_LIMIT_OUTPUT_TOKENS_PER_MONTH, 9, 1, -12600, 1, LLMP_REFUSE_QUOTA,
      "quota reached: 9 (output_tokens_per_month); try again in 1 s, when the "
      "next month begins (UTC-03:30)" },

    { LLMP_LIMIT_TOKENS_PER_MONTH, 9, LLMP_LIMIT_NEVER, 0, 10999,
      LLMP_REFUSE_RATE_LIMIT, "the request may take 10 tokens (estimated), but "
      "the limit (tokens_per_month) is 9: ask for less in one request" },
    { LLMP_LIMIT_COST_PER_DAY, 50000, LLMP_LIMIT_NEVER, 0, 60000000001,
      LLMP_REFUSE_RATE_LIMIT, "the request may cost 0.060000000001 (estimated),"
      " but the limit (cost_per_day) is 0.05: ask for less in one request" },

    { LLMP_LIMIT_MAX, 0, 0, 0, 0, LLMP_REFUSE_NONE, NULL }
};


static void
test_messages(void **state)
{
    llmp_limits_t          limits;
    llmp_refusal_t         refusal;
    llmp_limit_clock_t     clock;
    llmp_limit_amounts_t   amounts;
    llmp_limit_verdict_t   verdict;
    const refusal_case_t  *c;

    (void) state;

    for (c = cases; c->message != NULL; c++) {
        memset(&limits, 0, sizeof(limits));
        memset(&clock, 0, sizeof(clock));
        memset(&amounts, 0, sizeof(amounts));

        limit_values_add(&limits, c->limit, c->max);
        llmp_limit_verdict_init(&verdict);

        verdict.limit = c->limit;
        verdict.wait = c->wait;
        clock.offset = c->offset;

        if (c->limit != LLMP_LIMIT_CONCURRENT_REQUESTS) {
            amounts.n[llmp_limit_kind(c->limit)] = c->amount;
        }

        assert_int_equal(llmp_limit_refusal_set(&refusal, &verdict, &limits,
                                                &amounts, &clock),
                         LLMP_ERROR);
        assert_string_equal(refusal.message, c->message);
        assert_int_equal(refusal.code, c->code);
        assert_string_equal(refusal.param, "");
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_messages)
    };

    return cmocka_run_group_tests_name("limit_refusal", tests, NULL, NULL);
}
