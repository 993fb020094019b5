
/*
 * Copyright (C) llm-policy authors
 *
 * Rules that a tenant has itself, in its tier and in another one.
 */


#include "dialect/llmp_dialect_watch.h"
#include "policy/llmp_tier.h"

#include "test.h"
#include "policy_load.h"


static const char  document[] =
    "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{"
    "\"t\":{\"parameters\":{\"n\":{\"max\":1},\"temperature\":{\"max\":1},"
           "\"/x\":{\"max\":1},\"/y\":{\"max\":1}},"
          "\"models\":{\"allow\":[\"a\"],\"deny\":[\"b\"]}},"
    "\"u\":{\"unknown_members\":\"reject\",\"parameters\":{\"n\":{\"max\":2},"
           "\"seed\":{\"max\":2},\"/x\":{\"max\":2},\"/z\":{\"max\":2},"
           "\"/temperature\":{\"max\":2}},"
          "\"models\":{\"allow\":[\"c\"],\"deny\":[\"d\"]}},"
    "\"v\":{}},"
    "\"tenants\":{\"none\":{\"tier\":\"t\"},"
    "\"some\":{\"tier\":\"t\",\"parameters\":{\"temperature\":{\"max\":3},"
              "\"max_tokens\":{\"as\":\"max_tokens\"},"
              "\"/x\":{\"max\":3}},\"models\":{\"deny\":[\"e\"]}},"
    "\"list\":{\"tier\":\"t\",\"models\":{\"allow\":[\"f\"]}}}}";


static const char *place(const llmp_rule_t *rule);
static const llmp_rule_t *pointer(const llmp_policy_t *policy,
    const llmp_tier_t *tier, const char *text);


static void
test_own(void **state)
{
    llmp_tier_t     own;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, "%s", document);

    assert_int_equal(llmp_tier_own(policy->tenants[1].tier, &own,
                                   policy->npointers, &arena.pool),
                     LLMP_OK);

    assert_true(own.rules.ruled == (llmp_mask(LLMP_TEMPERATURE)));
    assert_true(own.rules.known == llmp_mask(LLMP_MAX_TOKENS));
    assert_string_equal(place(pointer(policy, &own, "/x")),
                        "/tenants/some/parameters/~1x");
    assert_null(pointer(policy, &own, "/y"));
    assert_false(own.allow_set);
    assert_true(own.deny_set);

    /* a tenant that has a list only shares the table of its tier */

    assert_int_equal(llmp_tier_own(policy->tenants[2].tier, &own,
                                   policy->npointers, &arena.pool),
                     LLMP_OK);
    assert_int_equal(own.rules.ruled, 0);
    assert_null(own.rules.pointers);
    assert_true(own.allow_set);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_of_tenant(void **state)
{
    llmp_arena_t        arena;
    llmp_policy_t      *policy;
    const llmp_tier_t  *t, *u, *v, *tier, *some;

    (void) state;

    llmp_arena_init(&arena);
    policy = load_policy(&arena, "%s", document);

    t = &policy->tiers[0];
    u = &policy->tiers[1];
    v = &policy->tiers[2];
    some = policy->tenants[1].tier;

    /* nothing is created for others, and in the tenant's tier */

    arena.fail_after = 1;

    assert_ptr_equal(llmp_tier_of_tenant(policy->tenants[0].tier, u,
                                         policy->npointers, &arena.pool), u);
    assert_ptr_equal(llmp_tier_of_tenant(some, t, policy->npointers,
                                         &arena.pool), some);

    assert_null(llmp_tier_of_tenant(some, u, policy->npointers, &arena.pool));

    arena.fail_after = 0;

    tier = llmp_tier_of_tenant(some, u, policy->npointers, &arena.pool);
    assert_non_null(tier);

    assert_str_is(tier->name, "u");
    assert_ptr_equal(tier->named, u);
    assert_str_is(*llmp_tier_owner(tier), "some");
    assert_int_equal(tier->unknown_members, LLMP_UNKNOWN_REJECT);

    assert_string_equal(place(tier->rules.params[LLMP_TEMPERATURE]),
                        "/tenants/some/parameters/temperature");
    assert_string_equal(place(tier->rules.params[LLMP_N]),
                        "/tiers/u/parameters/n");
    assert_string_equal(place(tier->rules.params[LLMP_SEED]),
                        "/tiers/u/parameters/seed");
    assert_true(tier->rules.known & llmp_mask(LLMP_MAX_TOKENS));

    assert_string_equal(place(pointer(policy, tier, "/x")),
                        "/tenants/some/parameters/~1x");
    assert_string_equal(place(pointer(policy, tier, "/z")),
                        "/tiers/u/parameters/~1z");
    assert_null(pointer(policy, tier, "/y"));

    /* the pointer would go before the tenant's rule about the parameter */

    assert_null(pointer(policy, tier, "/temperature"));

    assert_str_is(tier->allow.elts[0].text, "c");
    assert_str_is(tier->deny.elts[0].text, "e");

    tier = llmp_tier_of_tenant(some, v, policy->npointers, &arena.pool);

    assert_true(tier->rules.ruled == llmp_mask(LLMP_TEMPERATURE));
    assert_false(tier->allow_set);

    tier = llmp_tier_of_tenant(policy->tenants[2].tier, u, policy->npointers,
                               &arena.pool);

    assert_str_is(tier->allow.elts[0].text, "f");
    assert_str_is(tier->deny.elts[0].text, "d");
    assert_ptr_equal(tier->rules.pointers, u->rules.pointers);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static const char *
place(const llmp_rule_t *rule)
{
    return (rule != NULL) ? (char *) rule->place.data : "";
}


static const llmp_rule_t *
pointer(const llmp_policy_t *policy, const llmp_tier_t *tier, const char *text)
{
    llmp_uint_t  i;

    for (i = 0; i < policy->npointers; i++) {
        if (llmp_str_is(&policy->pointers[i].text, text)) {
            break;
        }
    }

    assert_true(i < policy->npointers);

    return (tier->rules.pointers != NULL) ? tier->rules.pointers[i] : NULL;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_of_tenant)
    };

    return cmocka_run_group_tests_name("tier", tests, NULL, NULL);
}
