
/*
 * Copyright (C) llm-policy authors
 *
 * Tenants with rules of their own, and entries of models for some tiers.
 */


#include <stdio.h>
#include <stdlib.h>

#include "dialect/llmp_dialect_watch.h"

#include "policy_load.h"


typedef struct {
    llmp_arena_t    arena;
    llmp_policy_t  *policy;
} fixture_t;


static void open_text(fixture_t *f, const char *text);
static void close_text(fixture_t *f);
static const llmp_tenant_t *tenant(fixture_t *f, const char *name);
static void param_is(fixture_t *f, const char *name, llmp_param_e param,
    const char *place);
static void pointer_is(fixture_t *f, const char *name, const char *pointer,
    const char *place);
static void errors_are(const char *document, const char *wanted);


static void
test_rules(void **state)
{
    fixture_t           f;
    const llmp_tier_t  *t;

    (void) state;

    open_text(&f,
        "{'version':1,'default_tier':'a','unknown_members':'reject',"
        "'parameters':{'seed':{'deny':true},'/x':{'max':1}},"
        "'tiers':{'a':{'parameters':{'n':{'max':1},'top_p':{'max':0.9},"
                       "'max_tokens':{'max':9,'as':'max_completion_tokens'},"
                       "'/y':{'max':1},'/temperature':{'max':1}},"
                      "'models':{'allow':['x'],'deny':['y']},"
                      "'limits':{'requests_per_minute':5}},"
                 "'b':{'extends':'a'}},"
        "'tenants':{"
        "'none':{'tier':'b'},"
        "'some':{'tier':'b','parameters':{'n':{'max':4},'max_tokens':{},"
                 "'/y':{'max':2},'/z':{'max':3},'temperature':{'max':0.5}},"
                 "'models':{'deny':[]}},"
        "'list':{'tier':'b','models':{'allow':['~^z']}},"
        "'empty':{'tier':'b','parameters':{},'models':{}}}}");

    /* a tenant that has none costs nothing */

    assert_int_equal(f.policy->ntiers, 2);
    assert_int_equal(f.policy->nown, 3);
    assert_ptr_equal(tenant(&f, "none")->tier, &f.policy->tiers[1]);

    param_is(&f, "some", LLMP_N, "/tenants/some/parameters/n");
    param_is(&f, "some", LLMP_TOP_P, "/tiers/a/parameters/top_p");
    param_is(&f, "some", LLMP_SEED, "/parameters/seed");
    param_is(&f, "list", LLMP_N, "/tiers/a/parameters/n");
    param_is(&f, "empty", LLMP_N, "/tiers/a/parameters/n");

    pointer_is(&f, "some", "/x", "/parameters/~1x");
    pointer_is(&f, "some", "/y", "/tenants/some/parameters/~1y");
    pointer_is(&f, "some", "/z", "/tenants/some/parameters/~1z");
    pointer_is(&f, "list", "/y", "/tiers/a/parameters/~1y");
    pointer_is(&f, "list", "/z", NULL);

    /* the pointer would have precedence over the tenant's own rule */

    pointer_is(&f, "some", "/temperature", NULL);
    pointer_is(&f, "empty", "/temperature",
               "/tiers/a/parameters/~1temperature");

    t = tenant(&f, "some")->tier;

    assert_str_is(t->name, "b");
    assert_ptr_equal(t->named, &f.policy->tiers[1]);
    assert_int_equal(t->unknown_members, LLMP_UNKNOWN_REJECT);
    assert_int_equal(t->limits.elts->max[LLMP_LIMIT_REQUESTS_PER_MINUTE],
                     5);
    assert_true(t->allow_set);
    assert_int_equal(t->allow.nelts, 1);
    assert_int_equal(t->deny.nelts, 0);

    /* a fact that the tenant has not itself is that of the tier */

    assert_str_is(t->rules.facts[LLMP_MAX_TOKENS]->as,
                  "max_completion_tokens");
    assert_false(t->rules.bounded & llmp_mask(LLMP_MAX_TOKENS));
    assert_true(t->rules.bounded & llmp_mask(LLMP_TEMPERATURE));

    t = tenant(&f, "list")->tier;

    assert_int_equal(t->allow.nelts, 1);
    assert_str_is(t->allow.elts[0].text, "~^z");
    assert_int_equal(t->deny.nelts, 1);

    /* tenants that change no pointer share the table of their tier */

    assert_ptr_equal(t->rules.pointers, t->named->rules.pointers);

    close_text(&f);
}


static void
test_mistakes(void **state)
{
    (void) state;

#define TENANT(text)                                                          \
    "{'version':1,'default_tier':'t','tiers':{'t':{'parameters':{"            \
    "'n':{'max':4},'/m':{'default':{'u':1}}}},'s':{}},"                       \
    "'tenants':{'a':{'tier':'t'," text "}}}"

    errors_are(TENANT("'parameters':[]"),
               "/tenants/a/parameters: must be an object, not an array\n");

    errors_are(TENANT("'models':['a']"),
               "/tenants/a/models: must be an object, not an array\n");

    errors_are(TENANT("'parameters':{'n':{'max':0.5},'temprature':{}},"
                      "'models':{'deny':['~(']}"),
               "/tenants/a/parameters/n/max: 'n' takes a whole number\n"
               "/tenants/a/parameters/temprature: unknown parameter "
               "'temprature'; did you mean 'temperature'?\n"
               "/tenants/a/models/deny/0: pattern does not compile: missing "
               "closing parenthesis at offset 2\n");

    errors_are(TENANT("'parameters':{'n':{'default':5,'max':4}}"),
               "/tenants/a/parameters/n/default: default 5 is greater than "
               "max 4\n");

    errors_are(TENANT("'parameters':{'n':{},'/n':{}}"),
               "/tenants/a/parameters/~1n: '/n' is the parameter 'n', which "
               "already has a rule here\n");

    errors_are(TENANT("'unknown_members':'pass'"),
               "/tenants/a/unknown_members: unknown member 'unknown_members'; "
               "expected one of 'tier', 'keys', 'limits', 'parameters', "
               "'models'\n");

    /* values of the tier are checked with the tenant's rules, once, and those
       of the tenant */

    errors_are(TENANT("'parameters':{'/m/u':{'max':0}}},"
                      "'b':{'tier':'t','parameters':{'/m/u':{'max':0}}},"
                      "'c':{'tier':'s','parameters':{'/m/u':{'max':0}}},"
                      "'d':{'tier':'t','parameters':{"
                      "'/m':{'default':{'u':3}},'/m/u':{'max':2}}"),
               "/tiers/t/parameters/~1m/default: the default of /m breaks the "
               "rule of /m/u in tenant 'a', which would change it\n"
               "/tenants/d/parameters/~1m/default: the default of /m breaks "
               "the rule of /m/u in tenant 'd', which would change it\n");

    /* tiers are missing, which is the only mistake */

    errors_are("{'version':1,'default_tier':'t','tenants':{'a':{'tier':'t',"
               "'parameters':{'n':{'max':1}},'models':{'allow':['~a']}}}}",
               ": required member 'tiers' is missing\n");

    errors_are("{'version':1,'default_tier':'t','tiers':{'t':{}},"
               "'tenants':{'a':{'tier':'x','parameters':{'n':{'max':1}},"
               "'models':{'allow':['~a']}}}}",
               "/tenants/a/tier: tier 'x' is not defined; expected one of "
               "'t'\n");

#undef TENANT
}


static void
test_entries(void **state)
{
    fixture_t  f;

    (void) state;

#define ENTRIES(text)                                                         \
    "{'version':1,'default_tier':'a','tiers':{'a':{'parameters':{"            \
    "'/m/u':{'max':0}}},'b':{},'c':{'extends':'b'}},'models':[" text "]}"

#define ENTRY(tiers)                                                          \
    "{'match':['x'],'parameters':{'n':{}},'tiers':" tiers "}"

    errors_are(ENTRIES(ENTRY("[]")),
               "/models/0/tiers: must have at least one tier; an entry without "
               "'tiers' holds for all\n");

    errors_are(ENTRIES(ENTRY("['d','b',1,'b']") "," ENTRY("'b'")),
               "/models/0/tiers/0: tier 'd' is not defined; expected one of "
               "'a', 'b', 'c'\n"
               "/models/0/tiers/2: must be a string, not a number\n"
               "/models/0/tiers/3: tier 'b' is already in this list\n"
               "/models/1/tiers: must be an array, not a string\n");

    /* a value is checked with the rules that a request may have beside it */

    errors_are(ENTRIES("{'match':['x'],'tiers':['a'],'parameters':{"
                       "'/m':{'default':{'u':1}}}}"),
               "/models/0/parameters/~1m/default: the default of /m breaks "
               "the rule of /m/u in tier 'a', which would change it\n");

    errors_are(ENTRIES("{'match':['x'],'tiers':['b'],'parameters':{"
                       "'/m':{'default':{'u':1}}}},"
                       "{'match':['x'],'tiers':['b','c'],'parameters':{"
                       "'/m/u':{'max':0}}}"),
               "/models/0/parameters/~1m/default: the default of /m breaks "
               "the rule of /m/u in 'models', which would change it\n");

    open_text(&f, ENTRIES("{'match':['x'],'tiers':['b'],'parameters':{"
                          "'/m':{'default':{'u':1}}}},"
                          "{'match':['x'],'tiers':['c'],'parameters':{"
                          "'/m/u':{'max':0}}}"));
    close_text(&f);

    /* an entry hides others if it holds for all of their tiers */

#define HIDDEN                                                                \
    "/models/1/parameters/n: warning: this rule never holds: earlier entries "\
    "have one of 'n' for all of these models, and the first one wins\n"

    errors_are(ENTRIES(ENTRY("['a','b']") "," ENTRY("['b']")), HIDDEN);
    errors_are(ENTRIES(ENTRY("['c','b','a']") "," ENTRY("['b']") ","
                       "{'match':['x'],'parameters':{'top_p':{}}}"), HIDDEN);
    errors_are(ENTRIES("{'match':['x'],'parameters':{'n':{}}},"
                       ENTRY("['b']")), HIDDEN);

    errors_are(ENTRIES(ENTRY("['a']") "," ENTRY("['b']")), "");
    errors_are(ENTRIES(ENTRY("['a']") "," ENTRY("['a','b']")), "");
    errors_are(ENTRIES(ENTRY("['a']") ","
                       "{'match':['x'],'parameters':{'n':{}}}"), "");

#undef ENTRIES
#undef ENTRY
#undef HIDDEN
}


/* 3,000 tenants with the same pointers, of which one is inside the other */

static void
test_many(void **state)
{
    char                *text, *p;
    size_t               i, n;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    (void) state;

    n = 3000;
    text = malloc(n * 128 + 256);
    assert_non_null(text);

    p = text + sprintf(text, "{\"version\":1,\"default_tier\":\"t\",\"tiers\":"
                       "{\"t\":{\"parameters\":{\"/m\":{\"default\":{\"u\":1}},"
                       "\"/w\":{\"force\":1}}}},\"tenants\":{");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s\"%zu\":{\"tier\":\"t\",\"parameters\":{\"/m/u\":"
                     "{\"max\":%zu},\"/w\":{\"force\":%zu}}}", i ? "," : "", i,
                     i + 1, i);
    }

    p += sprintf(p, "}}");

    policy = load_text(&arena, text, p - text, &errors);
    assert_non_null(policy);
    assert_int_equal(policy->npointers, 3);

    for (i = 0; i < n; i++) {
        assert_int_equal(llmp_decimal_whole(&policy->tenants[i].tier->rules
                                            .pointers[2]->force->number), i);
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);

    /* a mistake of each of them is reported, as far as it goes */

    p = text + sprintf(text, "{\"version\":1,\"default_tier\":\"t\",\"tiers\":"
                       "{\"t\":{}},\"tenants\":{");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s\"%zu\":{\"tier\":\"t\",\"parameters\":{\"/m\":"
                     "{\"default\":{\"u\":1}},\"/m/u\":{\"max\":0}}}",
                     i ? "," : "", i);
    }

    p += sprintf(p, "}}");

    assert_null(load_text(&arena, text, p - text, &errors));
    assert_in_range(errors.nelts, 100, 101);

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


static const llmp_tenant_t *
tenant(fixture_t *f, const char *name)
{
    llmp_str_t  str;

    str = test_cstr(name);

    return llmp_policy_tenant(f->policy, &str);
}


static void
param_is(fixture_t *f, const char *name, llmp_param_e param, const char *place)
{
    const llmp_rule_t  *rule;

    rule = tenant(f, name)->tier->rules.params[param];

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
            rule = tenant(f, name)->tier->rules.pointers[i];
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


/* loads a document with the errors or warnings; "" if it has none */

static void
errors_are(const char *document, const char *wanted)
{
    char                 quoted[2048], text[4096], expected[4096], *p;
    llmp_uint_t          n;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    quote(quoted, sizeof(quoted), document);
    quote(expected, sizeof(expected), wanted);

    policy = load_text(&arena, quoted, strlen(quoted), &errors);

    p = text;
    *p = '\0';

    for (n = 0; n < errors.nelts; n++) {
        p += snprintf(p, text + sizeof(text) - p, "%s: %s\n",
                      (char *) errors.elts[n].path.data,
                      (char *) errors.elts[n].message.data);
    }

    assert_string_equal(text, expected);

    if (policy != NULL) {
        llmp_policy_free(policy);
    }

    llmp_arena_reset(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_many)
    };

    return cmocka_run_group_tests_name("load_own", tests, NULL, NULL);
}
