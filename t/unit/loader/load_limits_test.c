
/*
 * Copyright (C) llm-policy authors
 *
 * Limits in a document: their values, objects and lists, what inherits them,
 * and the mistakes in them.
 */


#include <stdio.h>

#include "policy_load.h"


#define TIER(text)                                                            \
    "{'version':1,'default_tier':'t','tiers':{'t':\n" text "},\n"             \
    "'models':[{'match':['a'],'price':{'input':1,'output':2}}]}"

#define LIMITS(text)  TIER("{'limits':" text "}")

#define TOP(text)                                                             \
    "{'version':1,'default_tier':'t','tiers':{'t':{}},\n" text "}"

#define HASH(digits)                                                          \
    "'hash':'sha256:" digits "00000000000000000000000000000000"               \
    "000000000000000000000000000000'"

#define WHOLE  "must be a whole number from 1 to 1000000000000\n"

#define COST                                                                  \
    "must be a number above 0 and up to 1000000, with at most 6 digits "      \
    "behind the point\n"

#define SHARE                                                                 \
    "must be a number above 0 and up to 1, with at most 3 digits behind the " \
    "point\n"

#define ONE_OBJECT  "{'requests_per_day':1},"
#define FOUR        ONE_OBJECT ONE_OBJECT ONE_OBJECT ONE_OBJECT
#define THREE       ONE_OBJECT ONE_OBJECT "{'requests_per_day':1}"


static const llmp_tier_t *tier(const llmp_policy_t *policy, const char *name);
static const llmp_limits_t *limits(const llmp_policy_t *policy,
    const char *name, llmp_uint_t i);
static uint64_t identity(const char *document, const char *name,
    llmp_uint_t i);


static void
test_mistakes(void **state)
{
    static const errors_case_t  cases[] = {

        { LIMITS("'x'"),
          "2:11: /tiers/t/limits: must be an array or an object, not a "
            "string\n" },

        { LIMITS("[]"),
          "2:11: /tiers/t/limits: must have at least one object\n" },

        { LIMITS("[{'requests_per_day':1},[]]"),
          "2:35: /tiers/t/limits/1: must be an object, not an array\n" },

        { LIMITS("{}"),
          "2:11: /tiers/t/limits: must have a limit, such as "
            "'requests_per_minute'\n" },

        { LIMITS("[{'by':[],'models':['a'],'warn_at':1}]"),
          "2:12: /tiers/t/limits/0: must have a limit, such as "
            "'requests_per_minute'\n" },

        { LIMITS("{'requests_per_our':1}"),
          "2:12: /tiers/t/limits/requests_per_our: unknown member "
            "'requests_per_our'; did you mean 'requests_per_hour'?\n" },

        /* a limit that is no number is a limit */

        { LIMITS("{'requests_per_hour':'1'}"),
          "2:32: /tiers/t/limits/requests_per_hour: must be a number, not a "
            "string\n" },

        { LIMITS("{'tokens_per_week':1.5,'input_tokens_per_hour':0,\n"
                 "'output_tokens_per_month':1000000000001,\n"
                 "'requests_per_month':1.0000000000000000000001,\n"
                 "'concurrent_requests':-1}"),
          "2:30: /tiers/t/limits/tokens_per_week: " WHOLE
          "2:58: /tiers/t/limits/input_tokens_per_hour: " WHOLE
          "3:27: /tiers/t/limits/output_tokens_per_month: " WHOLE
          "4:22: /tiers/t/limits/requests_per_month: " WHOLE
          "5:23: /tiers/t/limits/concurrent_requests: " WHOLE },

        { LIMITS("{'cost_per_minute':0,'cost_per_hour':1000000.000001,\n"
                 "'cost_per_day':0.0000001,'cost_per_week':-1,\n"
                 "'cost_per_month':1e-7}"),
          "2:30: /tiers/t/limits/cost_per_minute: " COST
          "2:48: /tiers/t/limits/cost_per_hour: " COST
          "3:16: /tiers/t/limits/cost_per_day: " COST
          "3:42: /tiers/t/limits/cost_per_week: " COST
          "4:18: /tiers/t/limits/cost_per_month: " COST },

        { LIMITS("{'requests_per_day':1,'warn_at':0}"),
          "2:43: /tiers/t/limits/warn_at: " SHARE },

        { LIMITS("{'requests_per_day':1,'warn_at':1.001}"),
          "2:43: /tiers/t/limits/warn_at: " SHARE },

        { LIMITS("{'requests_per_day':1,'warn_at':0.8125}"),
          "2:43: /tiers/t/limits/warn_at: " SHARE },

        { LIMITS("{'requests_per_day':1,'by':'key'}"),
          "2:38: /tiers/t/limits/by: must be an array, not a string\n" },

        { LIMITS("{'requests_per_day':1,'by':['model','models',1,'model']}"),
          "2:47: /tiers/t/limits/by/1: unknown value 'models'; did you mean "
            "'model'?\n"
          "2:56: /tiers/t/limits/by/2: must be a string, not a number\n"
          "2:58: /tiers/t/limits/by/3: 'model' is already in this list\n" },

        { LIMITS("{'requests_per_day':1,'models':[]}"),
          "2:42: /tiers/t/limits/models: must have at least one pattern; "
            "limits without 'models' count all of them\n" },

        { LIMITS("{'requests_per_day':1,'models':['a','~(',1]}"),
          "2:47: /tiers/t/limits/models/1: pattern does not compile: missing "
            "closing parenthesis at offset 2\n"
          "2:52: /tiers/t/limits/models/2: must be a string, not a number\n" },

        { LIMITS("{'requests_per_day':1,'over':'t'}"),
          "2:40: /tiers/t/limits/over: must be an object, not a string\n" },

        { LIMITS("{'requests_per_day':1,'over':{}}"),
          "2:40: /tiers/t/limits/over: required member 'tier' is missing\n" },

        { LIMITS("{'requests_per_day':1,'over':{'tier':'u'}}"),
          "2:48: /tiers/t/limits/over/tier: tier 'u' is not defined; expected "
            "one of 't'\n" },

        { LIMITS("{'requests_per_day':1,'over':{'tier':'t'}}"),
          "2:48: /tiers/t/limits/over/tier: must be another tier than the one "
            "that has these limits\n" },

        { LIMITS("{'concurrent_requests':1,'over':{'tier':'u'}}},'u':{"),
          "2:36: /tiers/t/limits/over: 'concurrent_requests' refuses in any "
            "case: 'over' must be beside another limit\n" },

        { LIMITS("{'requests_per_minute':1,'requests_per_hour':1,"
                 "'requests_per_day':1,'requests_per_week':1,"
                 "'requests_per_month':1,'tokens_per_minute':1,"
                 "'tokens_per_hour':1,'tokens_per_day':1,"
                 "'tokens_per_week':1,'tokens_per_month':1,"
                 "'concurrent_requests':1}"),
          "2:11: /tiers/t/limits: has 11 limits; an object has 10 at most, and "
            "an array may have several objects\n" },

        /* one cause is one error */

        { TOP("'limits':{'requests_per_day':1,'concurrent_requests':2,"
              "'over':{'tier':'t'}}"),
          "2:56: /limits/over: does not hold for 'concurrent_requests': put "
            "that limit into an object of its own\n" },

        { TOP("'limits':[{'cost_per_day':1},{'cost_per_week':1}]"),
          "2:27: /limits/0/cost_per_day: no entry of 'models' has a price, so "
            "that all requests would be refused: add entries such as { "
            "'match': ['~^gpt-5'], 'price': { 'input': 1.25, 'output': 10 } "
            "}\n" },

        { TOP("'utc_offset':2"),
          "2:14: /utc_offset: must be a string, not a number\n" },

        { TOP("'tenants':{'a':{'tier':'t','keys':[{" HASH("01") ",'limits':[{"
              "'by':['keys'],'requests_per_day':1}]}]}}"),
          "2:135: /tenants/a/keys/0/limits/0/by/0: unknown value 'keys'; did "
            "you mean 'key'?\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* more objects than a request has room for */

static void
test_objects(void **state)
{
    static const errors_case_t  cases[] = {

        { LIMITS("[" FOUR FOUR FOUR ONE_OBJECT THREE "]"),
          "" },

        { LIMITS("[" FOUR FOUR FOUR FOUR "{'requests_per_day':1}]"),
          "2:11: /tiers/t/limits: a request could have 17 objects of limits, "
            "and has 16 at most: 17 of its tier and tenant, 0 of its API key, "
            "0 of the document\n" },

        /* a tenant's object is beside the list of any tier, its list in place
           of it */

        { LIMITS("[" FOUR FOUR FOUR ONE_OBJECT THREE "]}},'tenants':{'a':{"
                 "'tier':'t','limits':{'requests_per_day':2}"),
          "2:11: /tiers/t/limits: a request could have 17 objects of limits, "
            "and has 16 at most: 17 of its tier and tenant, 0 of its API key, "
            "0 of the document\n" },

        { LIMITS("[" FOUR FOUR FOUR ONE_OBJECT THREE "]}},'tenants':{'a':{"
                 "'tier':'t','limits':[{'requests_per_day':2}]"),
          "" },

        /* and beside the object of a tier that extends one with a list */

        { LIMITS("[" FOUR FOUR FOUR THREE "]},'u':{'extends':'t','limits':"
                 "{'requests_per_day':1}}},'tenants':{'a':{"
                 "'tier':'t','limits':{'requests_per_day':2}"),
          "" },

        { LIMITS("[" FOUR THREE "]}},\n'limits':[" FOUR FOUR "{"
                 "'requests_per_day':1}],'tenants':{'a':{'tier':'t','keys':[{"
                 HASH("01") ",'limits':{'requests_per_day':1}}]"),
          "3:10: /limits: a request could have 17 objects of limits, and has "
            "16 at most: 7 of its tier and tenant, 1 of its API key, 9 of the "
            "document\n" },

        { TOP("'tenants':{'a':{'tier':'t','keys':[{" HASH("01")
              ",\n'limits':[" FOUR FOUR FOUR FOUR THREE "]}]}}"),
          "3:10: /tenants/a/keys/0/limits: a request could have 19 objects of "
            "limits, and has 16 at most: 0 of its tier and tenant, 19 of its "
            "API key, 0 of the document\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* more limits in an object that two are joined to */

static void
test_joined(void **state)
{

#define SIX                                                                   \
    "{'requests_per_minute':1,'requests_per_hour':1,'requests_per_day':1,"    \
    "'requests_per_week':1,'requests_per_month':1,'tokens_per_minute':1}"
#define FIVE                                                                  \
    "{'input_tokens_per_minute':1,'input_tokens_per_hour':1,"                 \
    "'input_tokens_per_day':1,'input_tokens_per_week':1,"                     \
    "'input_tokens_per_month':1}"
#define OTHER                                                                 \
    "{'requests_per_minute':1,'input_tokens_per_hour':1,"                     \
    "'input_tokens_per_day':1,'input_tokens_per_week':1,"                     \
    "'input_tokens_per_month':1}"

    static const errors_case_t  cases[] = {

        { TIER("{'limits':" SIX "},\n'u':{'extends':'t','limits':" FIVE "}"),
          "3:5: /tiers/u: has 11 limits with those that it inherits from tier "
            "'t'; an object has 10 at most\n" },

        { TIER("{'limits':" SIX "},\n'u':{'extends':'t','limits':[" FIVE "]}"),
          "" },

        { TIER("{'limits':" SIX "},\n'u':{'extends':'t','limits':" OTHER "}"),
          "" },

        /* the caller of both tiers has one state */

        { TIER("{'limits':{'requests_per_minute':1,'requests_per_hour':1,"
               "'requests_per_day':1,'requests_per_week':1,"
               "'requests_per_month':1,'tokens_per_minute':1,"
               "'over':{'tier':'u'}}},'u':{'limits':" FIVE "}"),
          "2:1: /tiers/t: has 11 limits with those of tier 'u', to which "
            "'over' moves a request; objects that count a caller in both have "
            "10 at most: write one of them as a list\n" },

        { TIER("{'limits':{'requests_per_minute':1,'requests_per_hour':1,"
               "'requests_per_day':1,'requests_per_week':1,"
               "'requests_per_month':1,'tokens_per_minute':1,"
               "'over':{'tier':'u'}}},'u':{'limits':[" FIVE "]}"),
          "" },

        /* llm_policy_tier may assign any tier */

        { TIER("{'limits':" SIX "},'u':{}},\n'tenants':{'a':{'tier':'u',"
               "'limits':" FIVE "}"),
          "3:37: /tenants/a/limits: has 11 limits with those of tier 't'; an "
            "object has 10 at most, and an array is in place of the tier`s "
            "limits\n" },

        { TIER("{'limits':" SIX "},'u':{}},\n'tenants':{'a':{'tier':'u',"
               "'limits':" OTHER "}"),
          "" },

        { TIER("{'limits':" SIX "}},\n'tenants':{'a':{'tier':'t',"
               "'limits':[" FIVE "]}"),
          "" },

        { TIER("{'limits':[" SIX "]}},\n'tenants':{'a':{'tier':'t',"
               "'limits':" FIVE "}"),
          "" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


static void
test_values(void **state)
{
    size_t                i;
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    const llmp_limits_t  *l;

    static const struct {
        llmp_limit_e      limit;
        int64_t           max;
    } cases[] = {
        { LLMP_LIMIT_REQUESTS_PER_HOUR, 1000 },
        { LLMP_LIMIT_TOKENS_PER_WEEK, 1000000000000000 },
        { LLMP_LIMIT_INPUT_TOKENS_PER_MONTH, 1000000000000 },
        { LLMP_LIMIT_OUTPUT_TOKENS_PER_MINUTE, 7 },
        { LLMP_LIMIT_COST_PER_DAY, 350000000000 },
        { LLMP_LIMIT_COST_PER_WEEK, 1000000 },
        { LLMP_LIMIT_COST_PER_MONTH, 1000000000000000000 },
        { LLMP_LIMIT_CONCURRENT_REQUESTS, 4 }
    };

    (void) state;

    policy = load_quoted(&arena, LIMITS(
        "{'requests_per_hour':1e3,'tokens_per_week':1000000000000,"
        "'input_tokens_per_month':1e12,'output_tokens_per_minute':7.0,"
        "'cost_per_day':0.35,'cost_per_week':0.000001,"
        "'cost_per_month':1e6,'concurrent_requests':4,'warn_at':0.125}"));

    l = limits(policy, "t", 0);

    assert_int_equal(llmp_limits_count(l->set), test_nelts(cases));

    for (i = 0; i < test_nelts(cases); i++) {
        assert_true(l->set & llmp_limit_bit(cases[i].limit));
        assert_true(l->max[cases[i].limit] == cases[i].max);
    }

    assert_int_equal(l->warn_at, 125);
    assert_int_equal(l->by, LLMP_LIMITS_BY_CALLER);
    assert_true(l->matcher == LLMP_LIMITS_ALL_MODELS);
    assert_null(l->over);
    assert_true(l->id == 0);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_members(void **state)
{
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    const llmp_limits_t  *l;

    (void) state;

    policy = load_quoted(&arena,
        "{'version':1,'default_tier':'t','tiers':{'t':{'limits':["
        "{'requests_per_day':1,'by':[],'models':['~^a','b']},"
        "{'requests_per_day':1,'by':['model','key','caller'],'models':['c']},"
        "{'requests_per_day':1,'by':['key'],'models':['~^a', 'b'],"
        "'over':{'tier':'u'}}]},'u':{}},"
        "'limits':{'requests_per_day':9,'warn_at':1},"
        "'tenants':{'a':{'tier':'t'},'b':{'tier':'t','keys':[{" HASH("01")
        ",'limits':[{'requests_per_day':1},{'requests_per_day':1,'by':[]}]},{"
        HASH("02") "}]}}}");

    l = limits(policy, "t", 0);
    assert_int_equal(l->by, 0);
    assert_int_equal(policy->matchers[l->matcher].nelts, 2);
    assert_str_is(policy->matchers[l->matcher].elts[0].text, "~^a");
    assert_true(limits(policy, "t", 2)->matcher == l->matcher);

    l = limits(policy, "t", 1);
    assert_int_equal(l->by, LLMP_LIMITS_BY_CALLER|LLMP_LIMITS_BY_KEY
                            |LLMP_LIMITS_BY_MODEL);
    assert_str_is(policy->matchers[l->matcher].elts[0].text, "c");

    l = limits(policy, "t", 2);
    assert_int_equal(l->by, LLMP_LIMITS_BY_KEY);
    assert_ptr_equal(l->over, tier(policy, "u"));

    assert_int_equal(policy->nmatchers, 2);
    assert_true(policy->limits_by_model);

    assert_int_equal(policy->limits.nelts, 1);
    assert_true(policy->limits.elts->id != 0);
    assert_int_equal(policy->limits.elts->warn_at, 1000);

    assert_int_equal(policy->tenants[0].limits.nelts, 0);
    assert_null(policy->tenants[0].limits.elts);

    /* limits of a key count that key alone */

    l = policy->keys[0].terms->limits.elts;
    assert_int_equal(policy->keys[0].terms->limits.nelts, 2);
    assert_int_equal(l[0].by, LLMP_LIMITS_BY_CALLER|LLMP_LIMITS_BY_KEY);
    assert_int_equal(l[1].by, LLMP_LIMITS_BY_KEY);
    assert_true(l[0].id != 0 && l[1].id != 0 && l[0].id != l[1].id);
    assert_null(policy->keys[1].terms);
    assert_false(policy->judges_keys);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_by_model(void **state)
{
    size_t          i;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const struct {
        const char   *document;
        llmp_uint_t   by_model;
    } cases[] = {
        { TIER("{}"), 0 },
        { LIMITS("{'requests_per_day':1,'by':['caller','key']}"), 0 },
        { LIMITS("{'requests_per_day':1,'by':['model']}"), 1 },
        { LIMITS("{'requests_per_day':1,'models':['a']}"), 1 },
        { LIMITS("{'cost_per_day':1}"), 1 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        policy = load_quoted(&arena, cases[i].document);

        assert_int_equal(policy->limits_by_model, cases[i].by_model);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


/* counts survive what does not change whose they are */

static void
test_identity(void **state)
{
    uint64_t  id;

    (void) state;

#define IDENTITY(name, text)                                                  \
    identity("{'version':1,'default_tier':'t','tiers':{'t':{" text "}}",      \
             name, 0)

    id = IDENTITY("t", "'limits':[{'requests_per_day':1}]}");

    /* that of another machine, and of another year */

    assert_true(id == UINT64_C(0x505323e6ca157646));

    assert_true(IDENTITY("t", "'limits':[{'tokens_per_day':7,'warn_at':1}]}")
                == id);
    assert_true(IDENTITY("t", "'limits':[{'tokens_per_day':1,"
                         "'by':['caller']},{'tokens_per_week':1}]}")
                == id);
    assert_true(IDENTITY("u", "'limits':[{'requests_per_day':1}]},"
                         "'u':{'extends':'t'}")
                == id);

    assert_true(IDENTITY("t", "'limits':[{'requests_per_day':1,'by':[]}]}")
                != id);
    assert_true(IDENTITY("u", "},'u':{'limits':[{'requests_per_day':1}]}")
                != id);

    /* an object without "by" and "models" is the caller's in all tiers, unless
       it is in a list */

    assert_true(IDENTITY("t", "'limits':{'requests_per_day':1}}") == 0);
    assert_true(IDENTITY("t", "'limits':{'requests_per_day':1,'warn_at':1}}")
                == 0);
    assert_true(IDENTITY("t", "'limits':{'requests_per_day':1,"
                         "'by':['caller']}}")
                == id);
    assert_true(IDENTITY("t", "'limits':{'requests_per_day':1,"
                         "'models':['a']}}")
                == id);
}


static void
test_inherited(void **state)
{
    llmp_arena_t          arena;
    llmp_policy_t        *policy;
    const llmp_tier_t    *t;
    const llmp_limits_t  *l;

    (void) state;

    policy = load_quoted(&arena,
        "{'version':1,'default_tier':'none','tiers':{"
        "'third':{'extends':'second','limits':{'requests_per_day':5,"
        "'over':{'tier':'none'}}},"
        "'second':{'extends':'list','limits':{'requests_per_day':3,"
        "'tokens_per_day':4,'warn_at':0.5}},"
        "'list':{'extends':'plain','limits':["
        "{'requests_per_minute':1},{'requests_per_minute':2,'by':[]}]},"
        "'plain':{'limits':{'concurrent_requests':9}},"
        "'same':{'extends':'list'},"
        "'none':{}}}");

    assert_int_equal(tier(policy, "none")->limits.nelts, 0);
    assert_int_equal(tier(policy, "plain")->limits.nelts, 1);

    /* a list is in place of what it would inherit */

    t = tier(policy, "list");
    assert_int_equal(t->limits.nelts, 2);
    assert_int_equal(limits(policy, "list", 0)->set,
                     llmp_limit_bit(LLMP_LIMIT_REQUESTS_PER_MINUTE));

    assert_ptr_equal(tier(policy, "same")->limits.elts, t->limits.elts);

    /* an object is behind an inherited list */

    assert_int_equal(tier(policy, "second")->limits.nelts, 3);
    assert_true(limits(policy, "second", 0)->id
                == limits(policy, "list", 0)->id);
    assert_true(limits(policy, "second", 1)->id
                == limits(policy, "list", 1)->id);

    l = limits(policy, "second", 2);
    assert_ptr_equal(llmp_limits_plain(&tier(policy, "second")->limits), l);
    assert_int_equal(l->max[LLMP_LIMIT_REQUESTS_PER_DAY], 3);
    assert_null(l->over);

    /* and joined with an inherited object there */

    assert_int_equal(tier(policy, "third")->limits.nelts, 3);

    l = limits(policy, "third", 2);
    assert_true(l->id == 0);
    assert_int_equal(l->max[LLMP_LIMIT_REQUESTS_PER_DAY], 5);
    assert_int_equal(l->max[LLMP_LIMIT_TOKENS_PER_DAY], 4000);
    assert_int_equal(l->warn_at, 500);
    assert_ptr_equal(l->over, tier(policy, "none"));

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_utc_offset(void **state)
{
    size_t          i;
    char            document[256];
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const struct {
        const char  *text;
        int64_t      seconds;
    } valid[] = {
        { "+00:00", 0 }, { "-00:00", 0 }, { "+02:00", 7200 },
        { "-03:30", -12600 }, { "+14:00", 50400 }, { "-14:00", -50400 }
    };

    static const char *const  wrong[] = {
        "", "Z", "z", "+", "02:00", "+2:00", "+0200", "+02:0", "+02:60",
        "+14:01", "-14:01", "+24:00", "+02:00 ", " +02:00", "UTC"
    };

    (void) state;

    for (i = 0; i < test_nelts(valid); i++) {
        snprintf(document, sizeof(document), TOP("'utc_offset':'%s'"),
                 valid[i].text);

        policy = load_quoted(&arena, document);
        assert_int_equal(policy->utc_offset, valid[i].seconds);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }

    for (i = 0; i < test_nelts(wrong); i++) {
        snprintf(document, sizeof(document), TOP("'utc_offset':'%s'"),
                 wrong[i]);

        check_errors(&(errors_case_t) { document,
                     "2:14: /utc_offset: must be an offset from UTC, "
                     "'-14:00' to '+14:00', such as '+02:00'\n" }, 1);
    }
}


/* limits that refuse more than they are for */

static void
test_warnings(void **state)
{

#define RESERVED                                                              \
    "warning: a request without max_tokens reserves 100 tokens and its "      \
    "prompt, so that it is always refused\n"
#define OUTPUT                                                                \
    "warning: a request without max_tokens reserves 100 tokens of output, so " \
    "that it is always refused\n"
#define MAX(text)                                                             \
    TIER("{'parameters':{'max_tokens':{'max':50},"                            \
         "'n':{'default':2,'max':2}},\n"                                      \
         "'limits':" text "}")

    static const errors_case_t  cases[] = {

        { MAX("{'tokens_per_week':100,'input_tokens_per_hour':1}"),
          "3:29: /tiers/t/limits/tokens_per_week: " RESERVED },

        { MAX("[{'tokens_per_day':101},{'requests_per_day':1,"
              "'tokens_per_month':100}]"),
          "3:75: /tiers/t/limits/1/tokens_per_month: " RESERVED },

        { MAX("{'output_tokens_per_minute':99,'output_tokens_per_day':100}"),
          "3:38: /tiers/t/limits/output_tokens_per_minute: " OUTPUT },

        /* tokens count by their weights */

        { MAX("{'tokens_per_day':10,'tokens_per_hour':11}},'u':{}},"
              "'weights':{'output':0.1,'reasoning':0.05},"
              "'tenants':{'z':{'tier':'t'"),
          "3:28: /tiers/t/limits/tokens_per_day: " RESERVED },

        { MAX("{'tokens_per_day':1}},'u':{}},"
              "'weights':{'output':0,'reasoning':0},"
              "'tenants':{'z':{'tier':'t'"),
          "" },

        { MAX("{'tokens_per_day':101}},'u':{}},'weights':{'reasoning':1.02},"
              "'tenants':{'z':{'tier':'t'"),
          "3:28: /tiers/t/limits/tokens_per_day: " RESERVED },

        /* limits of tenants, keys and the document, by the rules of the tier */

        { MAX("{'tokens_per_day':101}}},'limits':[{'tokens_per_day':3}],\n"
              "'tenants':{'a':{'tier':'t','limits':{'tokens_per_day':4},\n"
              "'keys':[{" HASH("01") ",'limits':{'tokens_per_day':5}}]"),
          "3:63: /limits/0/tokens_per_day: " RESERVED
          "4:55: /tenants/a/limits/tokens_per_day: " RESERVED
          "5:118: /tenants/a/keys/0/limits/tokens_per_day: " RESERVED },

        { LIMITS("[{'requests_per_day':1,'models':['gpt-*']}]"),
          "2:44: /tiers/t/limits/0/models/0: warning: this is no pattern, but "
            "a name with '*'; a regular expression begins with '~', as "
            "'~^gpt-'\n" }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* costs are limited, and the tier has no price */

static void
test_unpriced(void **state)
{

#define PRICED(tiers, rest)                                                   \
    "{'version':1,'default_tier':'t','tiers':{'t':\n" tiers "},\n"           \
    "'models':[{'match':['a'],'price':{'input':1,'output':2},"                \
    "'tiers':['t']}]" rest "}"
#define REFUSED                                                               \
    "warning: costs are limited, and no entry of 'models' with a price holds " \
    "for tier 'u': all requests are refused\n"

    static const errors_case_t  cases[] = {

        { PRICED("{'limits':{'cost_per_day':1}},'u':{}", ""), "" },

        { PRICED("{},'u':{'limits':[{'requests_per_day':1},"
                 "{'cost_per_day':1}]}", ""),
          "2:8: /tiers/u: " REFUSED },

        { PRICED("{},'u':{'extends':'t'}", ",'limits':{'cost_per_day':1}"),
          "2:8: /tiers/u: " REFUSED },

        { PRICED("{},'u':{}", ",\n'tenants':{'a':{'tier':'u','limits':"
                 "{'cost_per_day':1}},'b':{'tier':'u','keys':[{" HASH("01")
                 ",\n'limits':{'cost_per_day':1}}]}}"),
          "4:16: /tenants/a: " REFUSED
          "4:81: /tenants/b/keys/0: " REFUSED }
    };

    (void) state;

    check_errors(cases, test_nelts(cases));
}


/* memory runs out while the document is read, before its trees are built */

static void
test_no_memory(void **state)
{
    char                 document[2048];
    size_t               n, reading;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;
    const llmp_str_t     file = llmp_string("f");

    (void) state;

    quote(document, sizeof(document),
        "{'version':1,'default_tier':'t','tiers':{'u':{'extends':'t',"
        "'limits':{'requests_per_day':1}},'t':{'limits':["
        "{'requests_per_day':1,'models':['~a']},"
        "{'cost_per_day':1,'models':['~b']}]}},"
        "'limits':{'requests_per_day':1,'over':{'tier':'u'}},"
        "'weights':{'input':2},"
        "'models':[{'match':['~'],'price':{'input':1,'output':2}}],"
        "'tenants':{'a':{'tier':'t','limits':{'requests_per_day':1}}}}");

    /* an unknown member ends the loading there */

    document[strlen(document) - 1] = ',';
    strcat(document, "\"x\":1}");

    assert_null(load_text(&arena, document, strlen(document), &errors));
    assert_int_equal(errors.nelts, 1);

    reading = arena.allocs;
    llmp_arena_reset(&arena);

    for (n = 1; n < reading; n++) {
        llmp_arena_init(&arena);
        arena.fail_after = n;

        policy = llmp_load_policy(&arena.pool, &file, (u_char *) document,
                                  strlen(document), &errors);

        assert_null(policy);
        assert_int_equal(errors.nelts, 0);
        llmp_arena_reset(&arena);
    }
}


static const llmp_tier_t *
tier(const llmp_policy_t *policy, const char *name)
{
    llmp_str_t          text;
    const llmp_tier_t  *found;

    text = test_cstr(name);
    found = llmp_policy_tier(policy, &text);

    assert_non_null(found);

    return found;
}


/* Returns the i-th object of limits of a tier. */

static const llmp_limits_t *
limits(const llmp_policy_t *policy, const char *name, llmp_uint_t i)
{
    const llmp_tier_t  *t;

    t = tier(policy, name);
    assert_true(i < t->limits.nelts);

    return &t->limits.elts[i];
}


static uint64_t
identity(const char *document, const char *name, llmp_uint_t i)
{
    uint64_t        id;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    policy = load_quoted(&arena, document);
    id = limits(policy, name, i)->id;

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);

    return id;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_by_model),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_inherited),
        cmocka_unit_test(test_utc_offset),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_unpriced),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("load_limits", tests, NULL, NULL);
}
