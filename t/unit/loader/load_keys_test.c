
/*
 * Copyright (C) llm-policy authors
 *
 * API keys of tenants: as strings, and as objects.
 */


#include <stdio.h>

#include "base/llmp_arena.h"
#include "loader/llmp_load.h"

#include "policy_load.h"


#define ZEROS  "00000000000000000000000000000000000000000000000000000000000000"

#define KEY(n)  "'sha256:" ZEROS n "'"

/* a document with the keys of tenants "a" and "b" */
#define KEYS(a, b)                                                            \
    "{'version':1,'default_tier':'t','tiers':{'t':{}},'tenants':{"            \
    "'a':{'tier':'t','keys':[" a "]},'b':{'tier':'t','keys':[" b "]}}}"


/* a document, and its errors; NULL: none */

static const char *const  wrong[][2] = {
    { KEYS("{'hash':" KEY("01") ",'name':'ci'},{'hash':" KEY("02")
           ",'name':'ci'}", ""),
      "/tenants/a/keys/1: another key of this tenant has the name \"ci\"" },
    { KEYS("{'hash':" KEY("02") ",'name':'ci'},{'hash':" KEY("01")
           ",'name':'ci'},{'hash':" KEY("03") ",'name':'ci'}", ""),
      "/tenants/a/keys/1: another key of this tenant has the name \"ci\"\n"
      "/tenants/a/keys/2: another key of this tenant has the name \"ci\"" },
    { KEYS("{'hash':" KEY("01") "}", KEY("01")),
      "/tenants/b/keys/0: this API key is already listed for tenant \"a\"" },
    { KEYS(KEY("01"), "{'hash':" KEY("01") ",'blocked':true}"),
      "/tenants/b/keys/0: this API key is already listed for tenant \"a\"" },
    { KEYS("{'name':'x'}", ""),
      "/tenants/a/keys/0: required member \"hash\" is missing" },
    { KEYS("{'hash':'secret'}", ""),
      "/tenants/a/keys/0/hash: must be \"sha256:\" and 64 hex digits, as "
      "\"llm-policy hash-key\" prints them" },
    { KEYS("{'hash':7}", ""),
      "/tenants/a/keys/0/hash: must be a string, not a number" },
    { KEYS("null", ""),
      "/tenants/a/keys/0: must be a string or an object, not null" },
    { KEYS("{'hash':" KEY("01") ",'blocked':'yes'}", ""),
      "/tenants/a/keys/0/blocked: must be a boolean, not a string" },
    { KEYS("{'hash':" KEY("01") ",'not_after':1801353600}", ""),
      "/tenants/a/keys/0/not_after: must be a string, not a number" },
    { KEYS("{'hash':" KEY("01") ",'not_after':'2027-02-29T00:00:00Z'}", ""),
      "/tenants/a/keys/0/not_after: must be a date with a day that its month "
      "has" },
    { KEYS("{'hash':" KEY("01") ",'not_after':'2027-01-31'}", ""),
      "/tenants/a/keys/0/not_after: must be a date with a time and \"Z\" or an "
      "offset, such as \"2027-01-31T00:00:00Z\" or "
      "\"2027-01-31T00:00:00+01:00\"" },
    { KEYS("{'hash':" KEY("01") ",'name':''}", ""),
      "/tenants/a/keys/0/name: must not be empty" },
    { KEYS("{'hash':" KEY("01") ",'name':'a\\nb'}", ""),
      "/tenants/a/keys/0/name: must have only visible characters, and no space "
      "at its start or end" },
    { KEYS("{'hash':" KEY("01") ",'name':' a'}", ""),
      "/tenants/a/keys/0/name: must have only visible characters, and no space "
      "at its start or end" },
    { KEYS("{'hash':" KEY("01") ",'not_before':'x'}", ""),
      "/tenants/a/keys/0/not_before: unknown member \"not_before\"; expected "
      "one of \"hash\", \"name\", \"not_after\", \"blocked\", "
      "\"limits\"" },
    { NULL, NULL }
};


static void
test_wrong(void **state)
{
    char                 text[4096], errors_text[4096], *p;
    llmp_arena_t         arena;
    llmp_uint_t          i, k;
    llmp_load_errors_t   errors;

    (void) state;

    for (i = 0; wrong[i][0] != NULL; i++) {
        quote(text, sizeof(text), wrong[i][0]);

        assert_null(load_text(&arena, text, strlen(text), &errors));

        p = errors_text;

        for (k = 0; k < errors.nelts; k++) {
            p += sprintf(p, "%s%s: %s", (k != 0) ? "\n" : "",
                         (char *) errors.elts[k].path.data,
                         (char *) errors.elts[k].message.data);
        }

        assert_string_equal(errors_text, wrong[i][1]);
        assert_null(strstr(errors_text, "secret"));

        llmp_arena_reset(&arena);
    }
}


static llmp_policy_t *
load(llmp_arena_t *arena, const char *document)
{
    char                 text[4096];
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    quote(text, sizeof(text), document);

    policy = load_text(arena, text, strlen(text), &errors);
    assert_non_null(policy);

    return policy;
}


static void
test_terms(void **state)
{
    llmp_arena_t              arena;
    llmp_policy_t            *policy;
    const llmp_tenant_key_t  *key;

    static const u_char  unknown[LLMP_KEY_HASH] = { 1 };

    (void) state;

    policy = load(&arena,
                  KEYS(KEY("02") ",{'hash':" KEY("01")
                       ",'name':'b \xc3\xa4','not_after':"
                       "'2027-01-31T01:00:00+01:00'},{'hash':" KEY("04")
                       ",'blocked':true}",
                       "{'hash':" KEY("03") ",'name':'b \xc3\xa4',"
                       "'blocked':false},{'hash':" KEY("05") "}"));

    assert_int_equal(policy->nkeys, 5);
    assert_int_equal(policy->judges_keys, 1);

    key = &policy->keys[0];
    assert_ptr_equal(key, llmp_policy_key(policy, key->hash));
    assert_str_is(key->tenant->name, "a");
    assert_str_is(key->terms->name, "b \xc3\xa4");
    assert_true(key->terms->not_after == 1801353600);
    assert_int_equal(key->terms->blocked, 0);

    /* a string, and an object that is no more than one, need no memory */

    assert_null(policy->keys[1].terms);
    assert_null(policy->keys[4].terms);

    key = &policy->keys[2];
    assert_str_is(key->tenant->name, "b");
    assert_str_is(key->terms->name, "b \xc3\xa4");
    assert_true(key->terms->not_after == INT64_MAX);

    key = &policy->keys[3];
    assert_int_equal(key->terms->blocked, 1);
    assert_int_equal(key->terms->name.len, 0);

    assert_null(llmp_policy_key(policy, unknown));

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* only keys that may be refused make requests without a body ask for one */

static void
test_judges(void **state)
{
    llmp_uint_t     i;
    llmp_arena_t    arena;
    llmp_policy_t  *policy;

    static const struct {
        const char   *document;
        llmp_uint_t   judges;
    } cases[] = {
        { KEYS("", ""), 0 },
        { KEYS(KEY("01"), ""), 0 },
        { KEYS("{'hash':" KEY("01") ",'name':'x'}", ""), 0 },
        { KEYS("{'hash':" KEY("01") ",'name':'x','blocked':false}", ""), 0 },
        { KEYS("{'hash':" KEY("01") ",'blocked':true}", KEY("02")), 1 },
        { KEYS(KEY("01"), "{'hash':" KEY("02")
               ",'not_after':'2027-01-31T00:00:00Z'}"), 1 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        policy = load(&arena, cases[i].document);

        assert_int_equal(policy->judges_keys, cases[i].judges);

        llmp_policy_free(policy);
        llmp_arena_reset(&arena);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_judges)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
