
/*
 * Copyright (C) llm-policy authors
 *
 * Prices of models, and weights of tokens, in a document.
 */


#include "policy_load.h"


#define DOCUMENT(models, rest)                                                \
    "{'version':1,'default_tier':'t','tiers':{'t':{}},\n'models':[" models "]" \
    rest "}"

#define MODEL(price)  DOCUMENT("{'match':['a'],'price':" price "}", "")
#define WEIGHTS(text)  DOCUMENT("", ",\n'weights':" text)

#define PRICE                                                                 \
    "must be a number from 0 to 1000000, with at most 6 digits behind the " \
    "point\n"
#define WEIGHT                                                                \
    "must be a number from 0 to 1000, with at most 3 digits behind the point\n"


static void
test_mistakes(void **state)
{
    static const errors_case_t  cases[] = {

        { MODEL("1"),
          "2:34: /models/0/price: must be an object, not a number\n" },

        { MODEL("{}"),
          "2:34: /models/0/price: required member 'input' is missing\n"
          "2:34: /models/0/price: required member 'output' is missing\n" },

        { MODEL("{'input':1,'output':'2'}"),
          "2:54: /models/0/price/output: must be a number, not a string\n" },

        { MODEL("{'input':1,'output':2,'input_cached':1}"),
          "2:56: /models/0/price/input_cached: unknown member "
            "'input_cached'; expected one of 'input', 'output', "
            "'cached_input', 'cache_write', 'request'\n" },

        { MODEL("{'input':-1,'output':0.0000001,'request':1000000.1,"
                "'cached_input':1000001,'cache_write':1e-7}"),
          "2:43: /models/0/price/input: " PRICE
          "2:55: /models/0/price/output: " PRICE
          "2:75: /models/0/price/request: " PRICE
          "2:100: /models/0/price/cached_input: " PRICE
          "2:122: /models/0/price/cache_write: " PRICE },

        /* an entry has a price, rules, or both */

        { DOCUMENT("{'match':['a']}", ""),
          "2:11: /models/0: required member 'parameters' or 'price' is "
            "missing\n" },

        { WEIGHTS("1"),
          "3:11: /weights: must be an object, not a number\n" },

        { WEIGHTS("{'inputs':1}"),
          "3:12: /weights/inputs: unknown member 'inputs'; did you mean "
            "'input'?\n" },

        { WEIGHTS("{'input':1000.001,'cached_input':0.0001,'output':-1}"),
          "3:20: /weights/input: " WEIGHT
          "3:44: /weights/cached_input: " WEIGHT
          "3:60: /weights/output: " WEIGHT },

        /* prices that the first match takes */

        { DOCUMENT("{'match':['~'],'price':{'input':1,'output':1}},"
                   "{'match':['a'],'parameters':{'n':{'max':1}},\n"
                   "'price':{'input':1,'output':1}}", ""),
          "3:9: /models/1/price: warning: this price is never used: earlier "
            "entries have one for all of these models, and the first one "
            "wins\n" },

        { DOCUMENT("{'match':['a'],'parameters':{'n':{'max':1}}},"
                   "{'match':['a'],'price':{'input':1,'output':1}}", ""),
          "" },

        { DOCUMENT("{'match':['a'],'parameters':{'/model':{'force':'b'}},\n"
                   "'price':{'input':1,'output':1}}", ""),
          "3:9: /models/0/price: warning: this price is not that of what "
            "'/model' sends: put it into an entry that matches 'b'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* 10^-12 of the currency, for each token and each request */

static void
test_prices(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const struct {
        const char    *document;
        llmp_price_t   price;
    } cases[] = {
        { MODEL("{'input':2.5,'output':10}"),
          { 2500000, 2500000, 2500000, 10000000, 0 } },
        { MODEL("{'input':0,'output':0}"),
          { 0, 0, 0, 0, 0 } },
        { MODEL("{'input':1e0,'cached_input':0.000001,'cache_write':1.250,"
                "'output':1000000,'request':0.003}"),
          { 1000000, 1, 1250000, 1000000000000, 3000000000 } },
        { MODEL("{'input':1,'cached_input':0,'output':2,'request':1000000}"),
          { 1000000, 0, 1000000, 2000000, 1000000000000000000 } }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        policy = load_quoted(&arena, cases[i].document);

        assert_memory_equal(policy->models[0].price, &cases[i].price,
                            sizeof(llmp_price_t));

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }

    policy = load_quoted(&arena, DOCUMENT("{'match':['a'],'parameters':{}}",
                                          ""));
    assert_null(policy->models[0].price);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* thousandths: input, cached input, output, reasoning */

static void
test_weights(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const struct {
        const char      *document;
        llmp_weights_t   weights;
    } cases[] = {
        { DOCUMENT("", ""), { 1000, 1000, 1000, 1000 } },
        { WEIGHTS("{}"), { 1000, 1000, 1000, 1000 } },
        { WEIGHTS("{'input':0.5,'output':4}"), { 500, 500, 4000, 4000 } },
        { WEIGHTS("{'cached_input':0.125,'reasoning':0}"),
          { 1000, 125, 1000, 0 } },
        { WEIGHTS("{'input':1000,'cached_input':0,'output':1e-3}"),
          { 1000000, 0, 1, 1 } }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        policy = load_quoted(&arena, cases[i].document);

        assert_memory_equal(&policy->weights, &cases[i].weights,
                            sizeof(llmp_weights_t));

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_prices),
        cmocka_unit_test(test_weights)
    };

    return cmocka_run_group_tests_name("load_price", tests, NULL, NULL);
}
