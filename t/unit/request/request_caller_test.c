
/*
 * Copyright (C) llm-policy authors
 *
 * The caller of a request: tenant, tier, limits.
 */


#include <stdio.h>

#include "policy/llmp_policy.h"
#include "request/llmp_request_caller.h"

#include "test.h"
#include "policy_load.h"


typedef struct {
    const char   *tenant;
    const char   *tier;
    const char   *key;

    /* results; NULL for the tier: the caller is refused */

    const char   *found_tenant;
    const char   *found_tier;
    int           per_minute;    /* limit of requests */
    int           per_day;       /* limit of tokens */
} caller_case_t;


/* the key of "acme" is "key-of-acme" */

static const char  document[] =
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{"
    "\"t\":{\"parameters\":{},\"limits\":{\"requests_per_minute\":5}},"
    "\"u\":{\"parameters\":{},\"limits\":{\"tokens_per_day\":7}},"
    "\"v\":{\"parameters\":{}}},"
    "\"tenants\":{"
    "\"zeta\":{\"tier\":\"v\"},"
    "\"acme\":{\"tier\":\"u\",\"limits\":{\"requests_per_minute\":9},"
    "\"keys\":[\"sha256:"
    "689febd264f8b977e29c0fdb75f839eb248ba07d1561b14f2b95f42756943245"
    "\"]},"
    "\"ac\":{\"tier\":\"v\",\"limits\":{\"tokens_per_day\":3}}}%s}";


#define KEY  "key-of-acme"


static const caller_case_t  accepted[] = {

    /* by the API key */
    { "", "", "", NULL, "t", 5, 0 },
    { "", "", "other", NULL, "t", 5, 0 },
    { "", "", KEY, "acme", "u", 9, 7 },

    /* the tier is given, and the tenant's limits hold in it */
    { "", "u", "", NULL, "u", 0, 7 },
    { "", "v", "other", NULL, "v", 0, 0 },
    { "", "v", KEY, "acme", "v", 9, 0 },
    { "", "t", KEY, "acme", "t", 9, 0 },

    /* the tenant is given, and the key does not matter */
    { "acme", "", "", "acme", "u", 9, 7 },
    { "zeta", "", KEY, "zeta", "v", 0, 0 },
    { "ac", "", "other", "ac", "v", 0, 3 },
    { "ac", "u", "", "ac", "u", 0, 3 },
    { "ac", "t", "", "ac", "t", 5, 3 },
    { NULL, NULL, NULL, NULL, NULL, 0, 0 }
};


/* not the names of tenants, and no API key that one has */

static const caller_case_t  unknown[] = {
    { "", "", "", NULL, NULL, 0, 0 },
    { "", "", "other", NULL, NULL, 0, 0 },
    { "", "u", "", NULL, NULL, 0, 0 },
    { "", "u", "other", NULL, NULL, 0, 0 },
    { "x", "", "", NULL, NULL, 0, 0 },
    { "x", "u", KEY, NULL, NULL, 0, 0 },
    { "acm", "", KEY, NULL, NULL, 0, 0 },
    { "acmee", "", KEY, NULL, NULL, 0, 0 },
    { "ACME", "", "", NULL, NULL, 0, 0 },
    { NULL, NULL, NULL, NULL, NULL, 0, 0 }
};


static llmp_str_t
str(const char *text)
{
    llmp_str_t  s;

    s.data = (u_char *) text;
    s.len = strlen(text);

    return s;
}


static llmp_int_t
find_caller(const llmp_policy_t *policy, llmp_caller_t *caller,
    const caller_case_t *c, llmp_refusal_t *refusal)
{
    llmp_identity_t  identity;

    memset(&identity, 0, sizeof(llmp_identity_t));

    identity.tenant = str(c->tenant);
    identity.tier = str(c->tier);
    identity.key = str(c->key);

    return llmp_request_caller(caller, policy, &identity, refusal);
}


static void
check(const llmp_policy_t *policy, const caller_case_t *cases)
{
    int                   per_minute, per_day;
    llmp_caller_t         caller;
    llmp_refusal_t        refusal;
    const llmp_limits_t  *limits;

    for ( /* void */ ; cases->tenant != NULL; cases++) {

        if (find_caller(policy, &caller, cases, &refusal) != LLMP_OK) {
            assert_int_equal(refusal.code, LLMP_REFUSE_UNKNOWN_KEY);
            assert_null(strstr(refusal.message, "other"));
            assert_null(caller.tenant);
            assert_null(cases->found_tier);
            continue;
        }

        assert_non_null(cases->found_tier);
        assert_str_is(caller.tier->name, cases->found_tier);

        if (cases->found_tenant == NULL) {
            assert_null(caller.tenant);

        } else {
            assert_str_is(caller.tenant->name, cases->found_tenant);
        }

        per_minute = 0;
        per_day = 0;

        if (caller.nlimits != 0) {
            limits = caller.limits[0];
            per_minute = (int) limits->max[LLMP_LIMIT_REQUESTS_PER_MINUTE];
            per_day = (int) (limits->max[LLMP_LIMIT_TOKENS_PER_DAY] / 1000);
        }

        assert_int_equal(per_minute, cases->per_minute);
        assert_int_equal(per_day, cases->per_day);
    }
}


static void
test_found(void **state)
{
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, document, "");
    check(policy, accepted);
    llmp_policy_free(policy);

    policy = load_policy(&arena, document, ",\"unknown_key\":\"reject\"");
    check(policy, unknown);
    llmp_policy_free(policy);

    llmp_arena_reset(&arena);
}


/* names that the document does not have */

static void
test_unknown_names(void **state)
{
    llmp_arena_t    arena;
    llmp_caller_t   caller;
    llmp_policy_t  *policy;
    llmp_refusal_t  refusal;

    static const caller_case_t  tier = { "", "x", KEY, NULL, NULL, 0, 0 };
    static const caller_case_t  tenant = { "x", "", KEY, NULL, NULL, 0, 0 };

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, document, "");

    assert_int_equal(find_caller(policy, &caller, &tier, &refusal), LLMP_OK);
    assert_int_equal(caller.unknown_tier, 1);
    assert_str_is(caller.tier->name, "t");
    assert_str_is(caller.tenant->name, "acme");

    assert_int_equal(find_caller(policy, &caller, &tenant, &refusal), LLMP_OK);
    assert_int_equal(caller.unknown_tier, 0);
    assert_int_equal(caller.unknown_tenant, 1);
    assert_str_is(caller.tier->name, "t");
    assert_null(caller.tenant);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* a hash that was computed before replaces that of the key, also one of the
   same caller */

static void
test_hashed(void **state)
{
    u_char           hash[LLMP_KEY_HASH];
    llmp_str_t       key;
    llmp_arena_t     arena;
    llmp_caller_t    caller;
    llmp_policy_t   *policy;
    llmp_refusal_t   refusal;
    llmp_identity_t  identity;

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, document, "");

    key = str(KEY);
    assert_int_equal(llmp_key_hash(hash, &key), LLMP_OK);

    memset(&identity, 0, sizeof(llmp_identity_t));
    identity.key = str("other");

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_OK);
    assert_null(caller.tenant);
    assert_true(caller.hashed);

    identity.hash = hash;

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_OK);
    assert_str_is(caller.tenant->name, "acme");
    assert_true(caller.hashed);
    assert_memory_equal(caller.hash, hash, LLMP_KEY_HASH);

    identity.hash = caller.hash;

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_OK);
    assert_str_is(caller.tenant->name, "acme");
    assert_memory_equal(caller.hash, hash, LLMP_KEY_HASH);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_messages(void **state)
{
    llmp_uint_t      i;
    llmp_arena_t     arena;
    llmp_caller_t    caller;
    llmp_policy_t   *policy;
    llmp_refusal_t   refusal;
    llmp_identity_t  identity;

    static const struct {
        const char   *tenant;
        const char   *key;
        llmp_uint_t   no_bearer;
        const char   *message;    /* part of it */
    } cases[] = {
        { "", "", 0, "an API key is required" },
        { "", "", 1, "must be \"Bearer\", a space and the API key" },
        { "", "other", 1, "the API key is not known" },
        { "x", KEY, 0, "the tenant is not known" }
    };

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, document, ",\"unknown_key\":\"reject\"");

    for (i = 0; i < test_nelts(cases); i++) {
        memset(&identity, 0, sizeof(llmp_identity_t));

        identity.tenant = str(cases[i].tenant);
        identity.key = str(cases[i].key);
        identity.no_bearer = cases[i].no_bearer;

        assert_int_equal(llmp_request_caller(&caller, policy, &identity,
                                             &refusal), LLMP_ERROR);
        assert_non_null(strstr(refusal.message, cases[i].message));
    }

    /* the tool can try a tier without a key, but not with a wrong one */

    memset(&identity, 0, sizeof(llmp_identity_t));

    identity.tier = str("u");
    identity.no_key = 1;

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_OK);
    assert_str_is(caller.tier->name, "u");

    identity.key = str("other");

    assert_int_equal(llmp_request_caller(&caller, policy, &identity, &refusal),
                     LLMP_ERROR);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* keys that are objects: "first" ends, "second" is blocked, "third" is named */

static const char  judged[] =
    "{'version':1,'default_tier':'t','tiers':{'t':{},"
    "'u':{'limits':{'requests_per_minute':7}}},'tenants':{'acme':{'tier':'u',"
    "'keys':[{'hash':'%s','name':'ci','not_after':'2027-01-31T00:00:00Z'},"
    "{'hash':'%s','blocked':true,'not_after':'2027-01-31T00:00:00Z'},"
    "{'hash':'%s','name':'plain'},'%s']}}%s}";


#define LAST  1801353600  /* 2027-01-31T00:00:00Z */


static void
test_judged(void **state)
{
    char             hashes[4][72], text[1024], quoted[1024];
    u_char           hash[LLMP_KEY_HASH];
    llmp_uint_t      i, reject;
    llmp_str_t       key;
    llmp_arena_t     arena;
    llmp_caller_t    caller;
    llmp_policy_t   *policy;
    llmp_refusal_t   refusal;
    llmp_identity_t  identity;

    static const char *const  keys[] = { "first", "second", "third", "fourth" };

    static const struct {
        const char      *tenant;
        const char      *tier;
        const char      *key;
        int64_t          now;
        llmp_refusal_e   code;
        const char      *name;       /* name of the key; NULL: no terms */
        const char      *found;      /* name of the tier */
    } cases[] = {
        { "", "", "first", 0, LLMP_REFUSE_NONE, "ci", "u" },
        { "", "", "first", LAST - 1, LLMP_REFUSE_NONE, "ci", "u" },
        { "", "", "first", LAST, LLMP_REFUSE_NONE, "ci", "u" },
        { "", "", "first", LAST + 1, LLMP_REFUSE_KEY_EXPIRED, "ci", "u" },
        { "", "t", "first", LAST + 1, LLMP_REFUSE_KEY_EXPIRED, "ci", "t" },
        { "", "x", "first", LAST + 1, LLMP_REFUSE_KEY_EXPIRED, "ci", "t" },
        { "", "", "second", 0, LLMP_REFUSE_KEY_BLOCKED, "", "u" },
        { "", "", "second", LAST + 1, LLMP_REFUSE_KEY_BLOCKED, "", "u" },
        { "", "", "third", LAST + 1, LLMP_REFUSE_NONE, "plain", "u" },
        { "", "", "fourth", LAST + 1, LLMP_REFUSE_NONE, NULL, "u" },

        /* the key is not looked at if the tenant is given */
        { "acme", "", "first", LAST + 1, LLMP_REFUSE_NONE, NULL, "u" },
        { "acme", "", "second", 0, LLMP_REFUSE_NONE, NULL, "u" }
    };

    (void) state;

    for (i = 0; i < 4; i++) {
        key = str(keys[i]);
        assert_int_equal(llmp_key_hash(hash, &key), LLMP_OK);
        llmp_key_format(hashes[i], hash);
    }

    for (reject = 0; reject < 2; reject++) {
        llmp_arena_init(&arena);

        (void) snprintf(text, sizeof(text), judged, hashes[0], hashes[1],
                        hashes[2], hashes[3],
                        reject ? ",'unknown_key':'reject'" : "");

        quote(quoted, sizeof(quoted), text);
        policy = load_policy(&arena, "%s", quoted);

        for (i = 0; i < test_nelts(cases); i++) {
            memset(&identity, 0, sizeof(llmp_identity_t));
            llmp_refusal_clear(&refusal);

            identity.tenant = str(cases[i].tenant);
            identity.tier = str(cases[i].tier);
            identity.key = str(cases[i].key);
            identity.now = cases[i].now;

            (void) llmp_request_caller(&caller, policy, &identity, &refusal);

            assert_int_equal(refusal.code, cases[i].code);
            assert_str_is(caller.tier->name, cases[i].found);
            assert_str_is(caller.tenant->name, "acme");
            assert_null(strstr(refusal.message, cases[i].key));

            if (cases[i].name == NULL) {
                assert_null(caller.terms);

            } else {
                assert_str_is(caller.terms->name, cases[i].name);
            }

            if (cases[i].code == LLMP_REFUSE_KEY_EXPIRED) {
                assert_non_null(strstr(refusal.message,
                                       "was valid until 2027-01-31T00:00:00Z"));
            }
        }

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_hashed),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_judged)
    };

    return cmocka_run_group_tests_name("request_caller", tests, NULL, NULL);
}
