
/*
 * Copyright (C) llm-policy authors
 *
 * Kept results are those of the patterns, whatever names come between.
 */


#include <stdio.h>
#include <stdlib.h>

#include "policy/llmp_models.h"

#include "test.h"
#include "policy_load.h"


#define ENTRIES  150


static llmp_policy_t *load(llmp_arena_t *arena);
static void check(const llmp_policy_t *policy, const char *name);


/* literals and ends of names; sets of more than one word */

static void
test_results(void **state)
{
    char            name[256];
    size_t          i, n;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    llmp_arena_init(&arena);

    policy = load(&arena);

    /* more names than results, each twice, and once more after the others */

    for (n = 0; n < 3; n++) {
        for (i = 0; i < 500; i++) {
            snprintf(name, sizeof(name), "m%zu", i);
            check(policy, name);
            check(policy, n == 1 ? name : "m7");
        }
    }

    /* the longest name that is kept, and longer ones with the same start */

    for (i = 95; i < 130; i++) {
        memset(name, 'a', i);
        name[i - 1] = 'm';
        name[i] = '\0';

        check(policy, name);
        check(policy, name);
        name[i - 1] = '7';
        check(policy, name);
    }

    check(policy, "");
    check(policy, "m7");

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* PCRE2 gives up: nothing is kept, and the next name is matched */

static void
test_give_up(void **state)
{
    size_t          i;
    llmp_str_t      name, other = llmp_string("b");
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    (void) state;

    llmp_arena_init(&arena);

    policy = load_policy(&arena, "%s", "{\"version\":1,\"default_tier\":\"t\","
                         "\"tiers\":{\"t\":{}},\"models\":[{\"match\":"
                         "[\"b\",\"~^(a+)+$\"],\"parameters\":{}}]}");

    name.data = (u_char *) "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    name.len = strlen((char *) name.data);

    for (i = 0; i < 3; i++) {
        assert_null(llmp_models_match(policy, &name));
        assert_int_equal(llmp_models_match(policy, &other)[0], 1);
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* entries of some tiers: 150 of them, each for one tier, two, or all */

static void
test_tiers(void **state)
{
    char                *text, *p;
    size_t               i;
    llmp_str_t           model = llmp_string("m");
    llmp_uint_t          n;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    const uint64_t      *set;
    const llmp_tier_t   *a, *b, *c, *own;
    llmp_load_errors_t   errors;

    static const char *const  tiers[] = {
        ",\"tiers\":[\"a\"]", ",\"tiers\":[\"b\",\"a\"]", ""
    };

    (void) state;

    text = malloc(ENTRIES * 64 + 256);
    assert_non_null(text);

    p = text + sprintf(text, "{\"version\":1,\"default_tier\":\"a\","
                       "\"tiers\":{\"a\":{},\"b\":{},\"c\":{\"extends\":\"a\"}"
                       "},\"tenants\":{\"x\":{\"tier\":\"b\",\"models\":{}}},"
                       "\"models\":[");

    for (i = 0; i < ENTRIES; i++) {
        p += sprintf(p, "%s{\"match\":[\"m\"],\"parameters\":{}%s}",
                     i ? "," : "", tiers[i % 3]);
    }

    p += sprintf(p, "]}");

    policy = load_text(&arena, text, p - text, &errors);
    assert_non_null(policy);

    a = &policy->tiers[0];
    b = &policy->tiers[1];
    c = &policy->tiers[2];
    own = policy->tenants[0].tier;

    set = llmp_models_match(policy, &model);

    for (i = 0; i < ENTRIES; i++) {
        assert_true(llmp_models_holds(a, i));
        assert_int_equal(llmp_models_holds(b, i), i % 3 != 0);

        /* tiers are meant by name; a tenant is in its tier */

        assert_int_equal(llmp_models_holds(c, i), i % 3 == 2);
        assert_int_equal(llmp_models_holds(own, i), i % 3 != 0);
    }

    i = 1;

    llmp_models_for_each(n, policy, set, own) {
        assert_int_equal(n, i);
        i += (i % 3 == 1) ? 1 : 2;
    }

    assert_int_equal(i, ENTRIES + 1);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
    free(text);
}


static llmp_policy_t *
load(llmp_arena_t *arena)
{
    char                *p;
    size_t               i;
    llmp_load_errors_t   errors;
    llmp_policy_t       *policy;
    static char          text[ENTRIES * 64 + 128];

    p = text + sprintf(text, "{\"version\":1,\"default_tier\":\"t\","
                       "\"tiers\":{\"t\":{}},\"models\":[");

    for (i = 0; i < ENTRIES; i++) {
        p += sprintf(p, "%s{\"match\":[\"m%zu\",\"~%zu$\"],"
                     "\"parameters\":{}}", i ? "," : "", i * 3, i);
    }

    strcpy(p, "]}");

    policy = load_text(arena, text, strlen(text), &errors);
    assert_non_null(policy);

    return policy;
}


/* fails if the result differs from that of the patterns */

static void
check(const llmp_policy_t *policy, const char *name)
{
    llmp_str_t       model;
    llmp_uint_t      i, next;
    const uint64_t  *set, *all;

    model.data = (u_char *) name;
    model.len = strlen(name);

    set = llmp_models_match(policy, &model);
    assert_non_null(set);

    all = policy->tiers[0].entries;
    next = llmp_models_next(policy, set, all, 0);

    for (i = 0; i < policy->nmodels; i++) {

        if (llmp_policy_match(&policy->models[i].match, &model) == LLMP_OK) {
            assert_int_equal(next, i);
            next = llmp_models_next(policy, set, all, i + 1);
        }
    }

    assert_int_equal(next, policy->nmodels);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_give_up),
        cmocka_unit_test(test_tiers)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
