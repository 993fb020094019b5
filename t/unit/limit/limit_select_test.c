
/*
 * Copyright (C) llm-policy authors
 *
 * The limits that count a request, by its model, and the price of that model.
 */


#include <stdio.h>

#include "limit/llmp_limit_select.h"
#include "request/llmp_request_caller.h"

#include "test.h"
#include "policy_load.h"


typedef struct {
    const char        *tier;
    const char        *model;
    const char        *places;     /* places of limits, after spaces */
    int                price;      /* thousandths for each request; 0: none */
    llmp_refusal_e     code;
    llmp_uint_t        differ;
} select_case_t;


static const char  document[] =
    "{'version':1,'default_tier':'plain','tiers':{"
    "'plain':{},"
    "'all':{'limits':{'requests_per_minute':1}},"
    "'some':{'limits':[{'models':['a','~^b'],'tokens_per_day':2},"
                      "{'requests_per_day':3},"
                      "{'models':['c'],'cost_per_day':4}]},"
    "'each':{'limits':[{'by':['model'],'requests_per_hour':5}]},"
    "'paid':{'limits':{'cost_per_month':6}}},"
    "'models':[{'match':['a'],'tiers':['paid'],"
               "'price':{'input':1,'output':1,'request':0.002}},"
              "{'match':['d'],'parameters':{'n':{'max':1}}},"
              "{'match':['a','~^d'],'price':{'input':1,'output':1,"
                                            "'request':0.001}}]%s}";

static const char  top[] = ",'limits':{'by':[],'requests_per_week':7}";


#define TOP  " /limits"


static const select_case_t  cases[] = {

    /* all requests, whatever the model is */
    { "plain", "a", TOP, 0, LLMP_REFUSE_NONE, 0 },
    { "all", "a", " /tiers/all/limits" TOP, 0, LLMP_REFUSE_NONE, 1 },

    /* some models: a literal, a regular expression, none of them */
    { "some", "a", " /tiers/some/limits/0 /tiers/some/limits/1" TOP, 1,
      LLMP_REFUSE_NONE, 0 },
    { "some", "bb", " /tiers/some/limits/0 /tiers/some/limits/1" TOP, 0,
      LLMP_REFUSE_NONE, 0 },
    { "some", "x", " /tiers/some/limits/1" TOP, 0, LLMP_REFUSE_NONE, 0 },
    { "some", "", " /tiers/some/limits/1" TOP, 0, LLMP_REFUSE_NONE, 0 },

    /* a batch for several models, where limits depend on them */
    { "some", "a", "", 0, LLMP_REFUSE_MODEL_NOT_ALLOWED, 1 },
    { "each", "a", "", 0, LLMP_REFUSE_MODEL_NOT_ALLOWED, 1 },
    { "paid", "a", "", 0, LLMP_REFUSE_MODEL_NOT_ALLOWED, 1 },
    { "each", "a", " /tiers/each/limits/0" TOP, 1, LLMP_REFUSE_NONE, 0 },

    /* prices: the first entry that has one, and holds for the tier; costs of
       other models are not limited */
    { "paid", "a", " /tiers/paid/limits" TOP, 2, LLMP_REFUSE_NONE, 0 },
    { "paid", "d", " /tiers/paid/limits" TOP, 1, LLMP_REFUSE_NONE, 0 },
    { "paid", "x", " /tiers/paid/limits" TOP, 0, LLMP_REFUSE_MODEL_NOT_PRICED,
      0 },
    { "some", "c", " /tiers/some/limits/1 /tiers/some/limits/2" TOP, 0,
      LLMP_REFUSE_MODEL_NOT_PRICED, 0 },

    { NULL, NULL, NULL, 0, LLMP_REFUSE_NONE, 0 }
};


static void
check_case(const llmp_policy_t *policy, const select_case_t *c)
{
    char                   places[256];
    llmp_str_t             model;
    llmp_uint_t            i;
    llmp_caller_t          caller;
    llmp_refusal_t         refusal;
    llmp_identity_t        identity;
    llmp_limit_entry_t     entries[LLMP_LIMITS_OBJECTS];
    llmp_limit_select_t    select;
    const llmp_limits_t   *limits;

    memset(&identity, 0, sizeof(identity));
    identity.tier = test_cstr(c->tier);

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_OK);

    model = test_cstr(c->model);

    select.policy = policy;
    select.tier = caller.tier;
    select.limits = caller.limits;
    select.nlimits = caller.nlimits;
    select.model = &model;
    select.models_differ = c->differ;
    select.entries = entries;

    refusal.code = LLMP_REFUSE_NONE;

    assert_int_equal(llmp_limit_select(&select, &refusal),
                     c->code == LLMP_REFUSE_NONE ? LLMP_OK : LLMP_ERROR);
    assert_int_equal(refusal.code, c->code);

    places[0] = '\0';

    for (i = 0; i < select.nentries; i++) {
        limits = entries[i].limits;

        strcat(places, " ");
        strcat(places, (char *) limits->place.data);
    }

    assert_string_equal(places, c->places);

    assert_int_equal(select.price ? select.price->request / 1000000000 : 0,
                     c->price);
    assert_int_equal(select.needs_model,
                     llmp_limit_select_needs_model(caller.limits,
                                                   caller.nlimits));
}


static void
test_cases(void **state)
{
    char                  text[2048], quoted[2048];
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    const select_case_t  *c;

    (void) state;

    snprintf(text, sizeof(text), document, top);
    quote(quoted, sizeof(quoted), text);

    llmp_arena_init(&arena);
    policy = load_policy(&arena, "%s", quoted);

    for (c = cases; c->tier != NULL; c++) {
        check_case(policy, c);
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* a document without a pattern of models */

static void
test_no_patterns(void **state)
{
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const select_case_t  each = {
        "t", "m", " /tiers/t/limits/0", 0, LLMP_REFUSE_NONE, 0
    };

    (void) state;

    llmp_arena_init(&arena);
    policy = load_quoted(&arena,
        "{'version':1,'default_tier':'t','tiers':{"
        "'t':{'limits':[{'by':['model'],'requests_per_day':1}]}}}");

    check_case(policy, &each);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* a model is needed for some kinds only: it may be NULL for the others */

static void
test_needs_model(void **state)
{
    llmp_limits_t         limits;
    llmp_refusal_t        refusal;
    llmp_limit_entry_t    entry;
    llmp_limit_select_t   select;
    const llmp_limits_t  *list;

    (void) state;

    list = &limits;

    memset(&limits, 0, sizeof(limits));
    memset(&select, 0, sizeof(select));

    limits.matcher = LLMP_LIMITS_ALL_MODELS;
    limits.by = LLMP_LIMITS_BY_CALLER|LLMP_LIMITS_BY_KEY;
    limits.set = ~llmp_limit_kind_bits(LLMP_LIMIT_COST);

    select.limits = &list;
    select.nlimits = 1;
    select.entries = &entry;

    assert_int_equal(llmp_limit_select(&select, &refusal), LLMP_OK);
    assert_int_equal(select.nentries, 1);
    assert_int_equal(select.needs_model, 0);
    assert_ptr_equal(entry.limits, &limits);
    assert_null(select.price);

    limits.by |= LLMP_LIMITS_BY_MODEL;
    assert_int_equal(llmp_limit_select_needs_model(&list, 1), 1);

    limits.by = 0;
    limits.matcher = 0;
    assert_int_equal(llmp_limit_select_needs_model(&list, 1), 1);

    limits.matcher = LLMP_LIMITS_ALL_MODELS;
    limits.set = llmp_limit_bit(LLMP_LIMIT_COST_PER_HOUR);
    assert_int_equal(llmp_limit_select_needs_model(&list, 1), 1);
    assert_int_equal(llmp_limit_select_needs_model(&list, 0), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_no_patterns),
        cmocka_unit_test(test_needs_model)
    };

    return cmocka_run_group_tests_name("limit_select", tests, NULL, NULL);
}
