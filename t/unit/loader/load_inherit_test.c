
/*
 * Copyright (C) llm-policy authors
 *
 * Rules that a tier inherits: from a tier that it extends, and from those for
 * all tiers; its own are kept, one by one.
 */


#include <stdio.h>

#include "dialect/llmp_dialect_watch.h"

#include "policy_load.h"


typedef struct {
    llmp_arena_t    arena;
    llmp_policy_t  *policy;
} fixture_t;


static void open_text(fixture_t *f, const char *text);
static void close_text(fixture_t *f);
static const llmp_tier_t *tier(fixture_t *f, const char *name);
static void param_is(fixture_t *f, const char *name, llmp_param_e param,
    const char *place);
static void pointer_is(fixture_t *f, const char *name, const char *pointer,
    const char *place);


static void
test_params(void **state)
{
    fixture_t  f;

    (void) state;

    /* the order of tiers is of no interest */

    open_text(&f,
        "{'version':1,'default_tier':'a','parameters':"
        "{'n':{'max':4},'seed':{'deny':true},'top_p':{'max':0.9}},"
        "'tiers':{"
        "'d':{'extends':'c','parameters':{'n':{'max':1},'min_p':{}}},"
        "'c':{'extends':'b','parameters':{'temperature':{'max':1}}},"
        "'b':{'parameters':{'n':{'max':2},'temperature':{'max':2},"
                           "'min_p':{'max':0.5}}},"
        "'a':{}}}");

    param_is(&f, "a", LLMP_N, "/parameters/n");
    param_is(&f, "a", LLMP_SEED, "/parameters/seed");
    param_is(&f, "a", LLMP_TEMPERATURE, NULL);

    param_is(&f, "b", LLMP_N, "/tiers/b/parameters/n");
    param_is(&f, "b", LLMP_TOP_P, "/parameters/top_p");

    param_is(&f, "c", LLMP_N, "/tiers/b/parameters/n");
    param_is(&f, "c", LLMP_TEMPERATURE, "/tiers/c/parameters/temperature");
    param_is(&f, "c", LLMP_SEED, "/parameters/seed");

    param_is(&f, "d", LLMP_N, "/tiers/d/parameters/n");
    param_is(&f, "d", LLMP_TEMPERATURE, "/tiers/c/parameters/temperature");

    /* a rule without verbs is a rule, too */

    param_is(&f, "d", LLMP_MIN_P, "/tiers/d/parameters/min_p");
    assert_false(tier(&f, "d")->rules.bounded & llmp_mask(LLMP_MIN_P));

    /* the sets follow */

    assert_true(tier(&f, "a")->rules.bounded & llmp_mask(LLMP_SEED));
    assert_true(tier(&f, "d")->rules.ruled & llmp_mask(LLMP_TOP_P));

    close_text(&f);
}


static void
test_pointers(void **state)
{
    fixture_t  f;

    (void) state;

    open_text(&f,
        "{'version':1,'default_tier':'a','parameters':"
        "{'/x':{'max':1},'/y':{'max':1},'/temperature':{'max':1}},"
        "'tiers':{"
        "'a':{},"
        "'b':{'extends':'a','parameters':{'/y':{'max':2},'/z':{'max':2}}},"
        "'c':{'extends':'b','parameters':{'temperature':{'max':0.5}}},"
        "'d':{'extends':'c'}}}");

    pointer_is(&f, "a", "/x", "/parameters/~1x");
    pointer_is(&f, "a", "/z", NULL);
    pointer_is(&f, "b", "/x", "/parameters/~1x");
    pointer_is(&f, "b", "/y", "/tiers/b/parameters/~1y");
    pointer_is(&f, "b", "/temperature", "/parameters/~1temperature");
    pointer_is(&f, "c", "/z", "/tiers/b/parameters/~1z");

    /* "/temperature" would have precedence over the tier's own rule */

    pointer_is(&f, "c", "/temperature", NULL);
    param_is(&f, "c", LLMP_TEMPERATURE, "/tiers/c/parameters/temperature");
    pointer_is(&f, "d", "/temperature", NULL);
    param_is(&f, "d", LLMP_TEMPERATURE, "/tiers/c/parameters/temperature");

    close_text(&f);
}


static void
test_rest(void **state)
{
    fixture_t           f;
    const llmp_tier_t  *t;

    (void) state;

    open_text(&f,
        "{'version':1,'default_tier':'a','tiers':{"
        "'a':{'models':{'allow':['x','~^y'],'deny':['yz','~w']},"
             "'limits':{'requests_per_minute':1,'tokens_per_day':2},"
             "'prompt':{'max_bytes':1,'max_tokens':2}},"
        "'b':{'extends':'a','models':{'deny':[]},"
             "'limits':{'tokens_per_day':3},"
             "'prompt':{'max_tokens':4,'max_messages':5}},"
        "'c':{'extends':'b','models':{'allow':[]}}}}");

    t = tier(&f, "b");
    assert_true(t->allow_set);
    assert_int_equal(t->allow.nelts, 2);
    assert_int_equal(t->deny.nelts, 0);
    assert_int_equal(t->limits.elts->max[LLMP_LIMIT_REQUESTS_PER_MINUTE],
                     1);
    assert_int_equal(t->limits.elts->max[LLMP_LIMIT_TOKENS_PER_DAY], 3000);
    assert_int_equal(t->prompt.n[LLMP_PROMPT_BYTES], 1);
    assert_int_equal(t->prompt.n[LLMP_PROMPT_TOKENS], 4);
    assert_int_equal(t->prompt.n[LLMP_PROMPT_MESSAGES], 5);

    t = tier(&f, "a");
    assert_int_equal(t->prompt.n[LLMP_PROMPT_TOKENS], 2);
    assert_int_equal(t->prompt.n[LLMP_PROMPT_MESSAGES], 0);

    t = tier(&f, "c");
    assert_int_equal(t->prompt.n[LLMP_PROMPT_TOKENS], 4);
    assert_true(t->allow_set);
    assert_int_equal(t->allow.nelts, 0);
    assert_int_equal(t->limits.elts->max[LLMP_LIMIT_REQUESTS_PER_MINUTE],
                     1);

    close_text(&f);
}


static void
test_mistakes(void **state)
{
    char                 document[1024], text[2048], wanted[1024], *p;
    size_t               i, n;
    llmp_arena_t         arena;
    llmp_load_errors_t   errors;

    static const char *const  cases[][2] = {

        { "{'a':{'extends':'b'}}",
          "/tiers/a/extends: tier 'b' is not defined; expected one of 'a'\n" },

        { "{'a':{'extends':'a'}}",
          "/tiers/a/extends: a tier must not extend itself\n" },

        { "{'a':{'extends':'b'},'b':{'extends':'c'},'c':{'extends':'b'},"
          "'d':{'extends':'c'}}",
          "/tiers/b/extends: tier 'b' extends 'c', which leads back to 'b'\n" },

        { "{'a':{'extends':['a']}}",
          "/tiers/a/extends: must be a string, not an array\n" },

        /* a value is checked with the rules of each tier that inherits it, and
           is wrong once */

        { "{'a':{'parameters':{'/m':{'default':{'u':1}}}},"
          "'b':{'extends':'a','parameters':{'/m/u':{'max':0}}},"
          "'c':{'parameters':{'/w':{'default':{'u':1}},'/w/u':{'max':0}}},"
          "'d':{'extends':'b'},'e':{'extends':'c'}}",
          "/tiers/a/parameters/~1m/default: the default of /m breaks the rule "
            "of /m/u in tier 'b', which would change it\n"
          "/tiers/c/parameters/~1w/default: the default of /w breaks the rule "
            "of /w/u, which would change it\n" }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        snprintf(text, sizeof(text), "{'version':1,'default_tier':'a',"
                 "'tiers':%s}", cases[i][0]);
        quote(document, sizeof(document), text);
        quote(wanted, sizeof(wanted), cases[i][1]);

        assert_null(load_text(&arena, document, strlen(document), &errors));

        p = text;

        for (n = 0; n < errors.nelts; n++) {
            p += snprintf(p, text + sizeof(text) - p, "%s: %s\n",
                          (char *) errors.elts[n].path.data,
                          (char *) errors.elts[n].message.data);
        }

        assert_string_equal(text, wanted);
        llmp_arena_reset(&arena);
    }
}


/* a chain of 5,000 tiers */

static void
test_deep(void **state)
{
    char                *text, *p;
    size_t               i, n;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    (void) state;

    n = 5000;
    text = malloc(n * 64);
    assert_non_null(text);

    p = text + sprintf(text, "{\"version\":1,\"default_tier\":\"0\","
                       "\"tiers\":{\"%zu\":{\"parameters\":{\"n\":"
                       "{\"max\":1}}}", n);

    for (i = 0; i < n; i++) {
        p += sprintf(p, ",\"%zu\":{\"extends\":\"%zu\"}", i, i + 1);
    }

    p += sprintf(p, "}}");

    policy = load_text(&arena, text, p - text, &errors);
    assert_non_null(policy);
    assert_non_null(policy->default_tier->rules.params[LLMP_N]);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
    free(text);
}


static void
open_text(fixture_t *f, const char *text)
{
    f->policy = load_quoted(&f->arena, text);
}


static void
close_text(fixture_t *f)
{
    llmp_policy_free(f->policy);
    llmp_arena_reset(&f->arena);
}


static const llmp_tier_t *
tier(fixture_t *f, const char *name)
{
    llmp_str_t  str;

    str = test_cstr(name);

    return llmp_policy_tier(f->policy, &str);
}


static void
param_is(fixture_t *f, const char *name, llmp_param_e param, const char *place)
{
    const llmp_rule_t  *rule;

    rule = tier(f, name)->rules.params[param];

    if (place == NULL) {
        assert_null(rule);
        return;
    }

    assert_non_null(rule);
    assert_str_is(rule->place, place);
}


static void
pointer_is(fixture_t *f, const char *name, const char *pointer,
    const char *place)
{
    llmp_uint_t         i;
    const llmp_rule_t  *rule;

    rule = NULL;

    for (i = 0; i < f->policy->npointers; i++) {
        if (llmp_str_is(&f->policy->pointers[i].text, pointer)) {
            rule = tier(f, name)->rules.pointers[i];
            break;
        }
    }

    if (place == NULL) {
        assert_null(rule);
        return;
    }

    assert_non_null(rule);
    assert_str_is(rule->place, place);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_params),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_rest),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_deep)
    };

    return cmocka_run_group_tests_name("load_inherit", tests, NULL, NULL);
}
