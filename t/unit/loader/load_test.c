
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include <jansson.h>

#include "dialect/llmp_dialect.h"
#include "dialect/llmp_dialect_watch.h"
#include "loader/llmp_doc.h"
#include "watch/llmp_watch.h"

#include "test.h"
#include "policy_load.h"


static int set_up(void **state);
static void value_is(const llmp_value_t *value, llmp_uint_t type,
    const char *text);
static int pattern_matches(const llmp_pattern_t *pattern, const char *subject);
static void is_value(const llmp_doc_node_t *node, json_t *json);
static size_t bad_allocation(const char *document, size_t fail_after,
    int loads);


static const char  sample_text[] =
"{\n"
"  '$schema': 'llm-policy.schema.json',\n"
"  'version': 1,\n"
"  'default_tier': 'free',\n"
"  'unknown_key': 'reject',\n"
"  'unknown_members': 'remove',\n"
"  'tiers': {\n"
"    'free': {\n"
"      'parameters': {\n"
"        'temperature': { 'default': 0.70, 'min': 0, 'max': 1e0 },\n"
"        'top_p': { 'max': 0.95 },\n"
"        'max_tokens': { 'default': 512, 'max': 1024 },\n"
"        'n': { 'max': 1, 'on_violation': 'reject' },\n"
"        'presence_penalty': { 'min': -1, 'on_violation': 'clamp' },\n"
"        'seed': { 'force': 18446744073709551616 },\n"
"        'reasoning_effort': { 'allow': ['low', 'm\\u0065dium'] },\n"
"        'stop': { 'default': [ 'a' ,\n'b' ] },\n"
"        'stream': { 'require': true },\n"
"        'logit_bias': { 'deny': true },\n"
"        'verbosity': {},\n"
"        '/metadata/trace': { 'remove': true },\n"
"        '/a~1b/~0c/0': { 'force': {'x': [1, {}]} }\n"
"      },\n"
"      'models': { 'allow': ['gpt-4o-mini', '~^llama-3'] }\n"
"    },\n"
"    'pro': { 'parameters': {\n"
"      'temperature': { 'default': 0.7, 'max': 1.5 },\n"
"      '/metadata/trace': { 'require': true, 'max': 5 },\n"
"      '/aa': { 'default': null } },\n"
"      'limits': { 'requests_per_minute': 60, 'tokens_per_day': 1e6 } },\n"
"    'internal': { 'parameters': {},\n"
"      'models': { 'allow': [], 'deny': ['~*SECRET'] } },\n"
"    'bare': { 'unknown_members': 'reject' }\n"
"  },\n"
"  'models': [\n"
"    { 'match': ['~^o[134](-|$)', '~^gpt-5'],\n"
"      'parameters': { 'temperature': { 'remove': true } } },\n"
"    { 'match': ['x'], 'parameters': { '/aa': { 'deny': true } } }\n"
"  ],\n"
"  'tenants': {\n"
"    'acme': { 'tier': 'pro', 'keys': [\n"
"      'sha256:ffffffffffffffffffffffffffffffff"
                "ffffffffffffffffffffffffffffffff',\n"
"      'sha256:ba7816bf8f01cfea414140de5dae2223"
                "b00361a396177a9cb410ff61f20015ad' ],\n"
"      'limits': { 'tokens_per_day': 2000000, 'concurrent_requests': 4 } },\n"
"    'empty': { 'tier': 'free', 'keys': [] },\n"
"    'other': { 'tier': 'internal', 'keys': [\n"
"      'sha256:0000000000000000000000000000000000"
                "000000000000000000000000000000' ] }\n"
"  },\n"
"  'routes': [\n"
"    { 'path': '/chat', 'dialect': 'openai.chat' },\n"
"    { 'path': '~^/m/(?<model>[a-z]+)$', 'dialect': 'openai.responses' },\n"
"    { 'path': '/health', 'action': 'pass' },\n"
"    { 'action': 'reject', 'path': '~*^/admin' }\n"
"  ]\n"
"}\n";


static char  sample[sizeof(sample_text)];


static llmp_tenant_t *
tenant_of(const llmp_policy_t *policy, const llmp_str_t *key)
{
    u_char                    hash[LLMP_KEY_HASH];
    const llmp_tenant_key_t  *found;

    assert_int_equal(llmp_key_hash(hash, key), LLMP_OK);

    found = llmp_policy_key(policy, hash);

    return (found != NULL) ? found->tenant : NULL;
}


static void
test_sample(void **state)
{
    llmp_tier_t         *free_tier, *pro, *internal;
    llmp_arena_t         arena;
    llmp_rule_t        **params;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    (void) state;

    policy = load_text(&arena, sample, strlen(sample), &errors);
    assert_non_null(policy);

    assert_str_is(policy->file, "policy.json");
    assert_int_equal(policy->reject_unknown_key, 1);
    assert_int_equal(policy->tiers[0].unknown_members, LLMP_UNKNOWN_REMOVE);
    assert_int_equal(policy->tiers[3].unknown_members, LLMP_UNKNOWN_REJECT);
    assert_int_equal(policy->ntiers, 4);
    assert_int_equal(policy->nmodels, 2);
    assert_int_equal(policy->ntenants, 3);
    assert_int_equal(policy->nkeys, 3);
    assert_int_equal(policy->nroutes, 4);

    free_tier = &policy->tiers[0];
    pro = &policy->tiers[1];
    internal = &policy->tiers[2];

    assert_str_is(free_tier->name, "free");
    assert_str_is(pro->name, "pro");
    assert_str_is(internal->name, "internal");
    assert_str_is(policy->tiers[3].name, "bare");
    assert_ptr_equal(policy->default_tier, free_tier);

    params = free_tier->rules.params;

    assert_str_is(params[LLMP_TEMPERATURE]->name, "temperature");
    value_is(params[LLMP_TEMPERATURE]->fallback, LLMP_TYPE_NUMBER, "0.70");
    value_is(params[LLMP_TEMPERATURE]->min, LLMP_TYPE_NUMBER, "0");
    value_is(params[LLMP_TEMPERATURE]->max, LLMP_TYPE_NUMBER, "1e0");
    assert_null(params[LLMP_TEMPERATURE]->force);
    assert_null(params[LLMP_TEMPERATURE]->allow);
    assert_false(params[LLMP_TEMPERATURE]->reject);

    assert_null(params[LLMP_TOP_P]->min);
    value_is(params[LLMP_TOP_P]->max, LLMP_TYPE_NUMBER, "0.95");
    assert_null(params[LLMP_TOP_K]);

    assert_true(params[LLMP_N]->reject);
    assert_false(params[LLMP_PRESENCE_PENALTY]->reject);
    value_is(params[LLMP_PRESENCE_PENALTY]->min, LLMP_TYPE_NUMBER, "-1");
    value_is(params[LLMP_SEED]->force, LLMP_TYPE_NUMBER,
             "18446744073709551616");

    assert_int_equal(params[LLMP_REASONING_EFFORT]->nallow, 2);
    value_is(&params[LLMP_REASONING_EFFORT]->allow[0], LLMP_TYPE_STRING,
             "\"low\"");
    value_is(&params[LLMP_REASONING_EFFORT]->allow[1], LLMP_TYPE_STRING,
             "\"m\\u0065dium\"");
    assert_str_is(params[LLMP_REASONING_EFFORT]->allow[1].string, "medium");

    value_is(params[LLMP_STOP]->fallback, LLMP_TYPE_ARRAY,
             "[ \"a\" ,\n\"b\" ]");
    assert_true(params[LLMP_STREAM]->require);
    assert_true(params[LLMP_LOGIT_BIAS]->deny);
    assert_false(params[LLMP_LOGIT_BIAS]->remove);

    /* a rule without a requirement exists, since it names the parameter */
    assert_non_null(params[LLMP_VERBOSITY]);
    assert_false(params[LLMP_VERBOSITY]->deny);

    assert_int_equal(free_tier->allow_set, 1);
    assert_int_equal(free_tier->allow.nelts, 2);
    assert_int_equal(free_tier->deny.nelts, 0);
    assert_true(pattern_matches(&free_tier->allow.elts[0], "gpt-4o-mini"));
    assert_true(pattern_matches(&free_tier->allow.elts[1], "llama-3-8b"));

    assert_int_equal(pro->allow_set, 0);

    assert_int_equal(internal->allow_set, 1);
    assert_int_equal(internal->allow.nelts, 0);
    assert_int_equal(internal->deny.nelts, 1);
    assert_true(pattern_matches(&internal->deny.elts[0], "a-secret-model"));

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_sample_pointers(void **state)
{
    llmp_int_t           folds;
    llmp_uint_t          i, a, aa, trace;
    llmp_rule_t        **rules;
    llmp_arena_t         arena;
    llmp_watch_t        *node;
    llmp_policy_t       *policy;
    llmp_pointer_t      *pointers;
    llmp_load_errors_t   errors;

    (void) state;

    policy = load_text(&arena, sample, strlen(sample), &errors);
    assert_non_null(policy);

    assert_int_equal(policy->npointers, 3);

    pointers = policy->pointers;
    a = aa = trace = 3;

    for (i = 0; i < 3; i++) {

        if (pointers[i].text.len == 3) {
            aa = i;

        } else if (pointers[i].text.data[1] == 'a') {
            a = i;

        } else {
            trace = i;
        }
    }

    assert_str_is(pointers[aa].text, "/aa");
    assert_int_equal(pointers[aa].nsteps, 1);

    assert_str_is(pointers[a].text, "/a~1b/~0c/0");
    assert_int_equal(pointers[a].nsteps, 3);
    assert_str_is(pointers[a].steps[0].name, "a/b");
    assert_str_is(pointers[a].steps[1].name, "~c");
    assert_str_is(pointers[a].steps[2].name, "0");
    assert_int_equal(pointers[a].steps[2].is_element, 0);

    assert_str_is(pointers[trace].text, "/metadata/trace");
    assert_int_equal(pointers[trace].nsteps, 2);

    rules = policy->tiers[0].rules.pointers;
    assert_true(rules[trace]->remove);
    assert_str_is(rules[trace]->name, "/metadata/trace");
    value_is(rules[a]->force, LLMP_TYPE_OBJECT, "{\"x\": [1, {}]}");
    assert_null(rules[aa]);

    rules = policy->tiers[1].rules.pointers;
    assert_true(rules[trace]->require);
    value_is(rules[trace]->max, LLMP_TYPE_NUMBER, "5");
    value_is(rules[aa]->fallback, LLMP_TYPE_NULL, "null");
    assert_null(rules[a]);

    assert_null(policy->tiers[2].rules.pointers);
    assert_null(policy->models[0].rules.pointers);
    assert_true(policy->models[1].rules.pointers[aa]->deny);

    /* every dialect watches them */

    for (i = 0; i < llmp_ndialects; i++) {
        node = llmp_dialect_watch_find_requests(policy->watch[i],
                                                llmp_dialects[i]);
        node = llmp_watch_find(node, &pointers[aa].steps[0].name, &folds);
        assert_non_null(node);
        assert_int_equal(node->rules.pointer, 1 + aa);
    }

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_sample_rest(void **state)
{
    llmp_str_t           key, name;
    llmp_uint_t          i;
    llmp_arena_t         arena;
    llmp_route_t        *routes;
    llmp_model_t        *models;
    llmp_policy_t       *policy;
    llmp_tenant_t       *tenant;
    const int64_t       *max;
    llmp_load_errors_t   errors;

    (void) state;

    policy = load_text(&arena, sample, strlen(sample), &errors);
    assert_non_null(policy);

    models = policy->models;
    assert_int_equal(models[0].match.nelts, 2);
    assert_true(pattern_matches(&models[0].match.elts[0], "o3-mini"));
    assert_true(pattern_matches(&models[0].match.elts[1], "gpt-5.1"));
    assert_true(models[0].rules.params[LLMP_TEMPERATURE]->remove);
    assert_null(models[1].rules.params[LLMP_TEMPERATURE]);

    routes = policy->routes;
    assert_str_is(routes[0].path.text, "/chat");
    assert_int_equal(routes[0].action, LLMP_ROUTE_POLICE);
    assert_str_is(routes[0].dialect->name, "openai.chat");
    assert_true(pattern_matches(&routes[1].path, "/m/x"));
    assert_str_is(routes[1].dialect->name, "openai.responses");
    assert_int_equal(routes[2].action, LLMP_ROUTE_PASS);
    assert_null(routes[2].dialect);
    assert_int_equal(routes[3].action, LLMP_ROUTE_REJECT);

    for (i = 1; i < policy->nkeys; i++) {
        assert_true(memcmp(policy->keys[i - 1].hash, policy->keys[i].hash,
                           LLMP_KEY_HASH) < 0);
    }

    key = test_str("abc");
    tenant = tenant_of(policy, &key);
    assert_non_null(tenant);
    assert_str_is(tenant->name, "acme");
    assert_str_is(tenant->tier->name, "pro");

    /* own limits only: a request's tier may be another one */

    max = tenant->limits.elts->max;
    assert_int_equal(max[LLMP_LIMIT_REQUESTS_PER_MINUTE], 0);
    assert_int_equal(max[LLMP_LIMIT_TOKENS_PER_MINUTE], 0);
    assert_int_equal(max[LLMP_LIMIT_TOKENS_PER_DAY], 2000000000);
    assert_int_equal(max[LLMP_LIMIT_CONCURRENT_REQUESTS], 4);

    max = tenant->tier->limits.elts->max;
    assert_int_equal(max[LLMP_LIMIT_REQUESTS_PER_MINUTE], 60);
    assert_int_equal(max[LLMP_LIMIT_TOKENS_PER_DAY], 1000000000);

    key = test_str("abd");
    assert_null(tenant_of(policy, &key));

    name = test_str("bare");
    assert_ptr_equal(llmp_policy_tier(policy, &name), &policy->tiers[3]);

    name = test_str("bar");
    assert_null(llmp_policy_tier(policy, &name));

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* nothing refers to the text or the name after loading */

static void
test_ownership(void **state)
{
    char                *copy;
    size_t               len;
    llmp_str_t           file, key;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    (void) state;

    len = strlen(sample);
    copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, sample, len);

    file = test_str("policy.json");
    llmp_arena_init(&arena);
    policy = llmp_load_policy(&arena.pool, &file, (u_char *) copy, len,
                              &errors);
    free(copy);

    assert_non_null(policy);
    value_is(policy->tiers[0].rules.params[LLMP_TEMPERATURE]->max,
             LLMP_TYPE_NUMBER, "1e0");

    key = test_str("abc");
    assert_str_is(tenant_of(policy, &key)->tier->name, "pro");

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


static void
test_least(void **state)
{
    llmp_str_t             key;
    llmp_arena_t           arena;
    llmp_policy_t         *policy;
    llmp_load_errors_t     errors;

    static const char  least[] =
        "{\"tiers\":{\"\xc3\xa9\":{}},\"version\":1,"
        "\"default_tier\":\"\\u00e9\"}";

    (void) state;

    policy = load_text(&arena, least, strlen(least), &errors);
    assert_non_null(policy);
    assert_ptr_equal(policy->default_tier, policy->tiers);
    assert_int_equal(policy->reject_unknown_key, 0);
    assert_int_equal(policy->npointers, 0);
    assert_null(policy->tiers[0].rules.pointers);

    key = test_str("abc");
    assert_null(tenant_of(policy, &key));

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* nested 2000 deep where any value is permitted; then deeper than is parsed */

static void
test_deep(void **state)
{
    char                  *document, *p;
    size_t                 i;
    llmp_arena_t           arena;
    llmp_value_t          *force;
    llmp_policy_t         *policy;
    llmp_load_errors_t     errors;

    static const char  head[] =
        "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":"
        "{\"parameters\":{\"/x\":{\"force\":";

    (void) state;

    document = malloc(300000);
    assert_non_null(document);

    p = document + sprintf(document, "%s", head);

    for (i = 0; i < 2000; i++) {
        *p++ = '[';
    }

    for (i = 0; i < 2000; i++) {
        *p++ = ']';
    }

    p += sprintf(p, "}}}}}");

    policy = load_text(&arena, document, p - document, &errors);
    assert_non_null(policy);

    force = policy->tiers[0].rules.pointers[0]->force;
    assert_int_equal(force->type, LLMP_TYPE_ARRAY);
    assert_int_equal(force->text.len, 4000);

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);

    memset(document, '[', 300000);

    assert_null(load_text(&arena, document, 300000, &errors));
    assert_int_equal(errors.nelts, 1);
    assert_str_is(errors.elts[0].message,
                  "the document is nested too deeply");
    llmp_arena_reset(&arena);

    free(document);
}


/* without memory there is no policy, no error, and no leak */

static void
test_no_memory(void **state)
{
    char    errors[1024];
    size_t  allocs, i;

    (void) state;

    quote(errors, sizeof(errors),
          "{'default_tier':'fre','tiers':{'free':{'parameters':{'tempratur':{},"
          "'/':{},'max_completion_tokens':{},'n':{'max':'a','force':0.5,'x':1,"
          "'allow':[1,1,'a']}},'models':{'allow':['~(','~a']}}},'models':[{}],"
          "'tenants':{'a':{'tier':'x','keys':['a']}},"
          "'routes':[{'path':'~[','dialect':'x'}]}");

    /* most allocations are for the watch trees, one like another */

    allocs = bad_allocation(sample, 0, 1);

    for (i = 1; i <= allocs; i += (i < 400) ? 1 : 41) {
        (void) bad_allocation(sample, i, 1);
    }

    allocs = bad_allocation(errors, 0, 0);

    for (i = 1; i <= allocs; i += (i < 400) ? 1 : 41) {
        (void) bad_allocation(errors, i, 0);
    }
}


/* the last step compares written values with the other rules */

static void
test_constants_no_memory(void **state)
{
    int     loads;
    char    text[256];
    size_t  allocs, i;

    (void) state;

    for (loads = 0; loads < 2; loads++) {
        quote(text, sizeof(text),
              loads ? "{'version':1,'default_tier':'t','tiers':{'t':{"
                      "'parameters':{'/m':{'default':{'u':1}},"
                      "'/m/u':{'max':1},'n':{'max':1,'require':true},"
                      "'/plugins':{'force':[{'n':1}]}}}}}"
                    : "{'version':1,'default_tier':'t','tiers':{'t':{"
                      "'parameters':{'/m':{'default':{'u':1}},"
                      "'/m/u':{'max':0}}}}}");

        allocs = bad_allocation(text, 0, loads);
        assert_true(allocs > 200);

        for (i = allocs - 200; i <= allocs; i++) {
            (void) bad_allocation(text, i, loads);
        }
    }
}


/* each value is at the position of its node */

static void
test_positions(void **state)
{
    json_t                 *json;
    uint32_t                i;
    const char             *text;
    llmp_doc_t              doc;
    llmp_str_t              name;
    llmp_arena_t            arena;
    llmp_doc_node_t        *node;
    llmp_load_errors_t      errors;

    static const char  document[] =
        " {\t\"a\\\"b\" :\r\n[ 1e5 , \"]\\\\\" ,[ ], { } ,null,true ] , "
        "\"c\":{\"d\":[[[[[[[[[1,{\"}\":\"\\\"{\"}]]]]]]]]], \"\":-0.5e+3}\n, "
        "\"\xc3\xa9\":false}\n ";

    (void) state;

    llmp_arena_init(&arena);

    llmp_doc_init(&doc, &arena.pool, &errors);
    name = test_str("policy.json");

    assert_int_equal(llmp_doc_parse(&doc, &name, (u_char *) document,
                                    sizeof(document) - 1, 0),
                     LLMP_OK);

    assert_int_equal(doc.files->nnodes, 18);

    for (i = 0; i < doc.files->nnodes; i++) {
        node = &doc.files->nodes[i];

        text = document + node->start;
        json = json_loadb(text, node->end - node->start,
                          JSON_DECODE_ANY|JSON_DECODE_INT_AS_REAL, NULL);
        assert_non_null(json);
        is_value(node, json);
        json_decref(json);

        /* without white space at its ends */
        assert_true(text[0] > ' ' && document[node->end - 1] > ' ');

        if (node->name != NULL) {
            assert_int_equal(document[node->name_start], '"');
            assert_true(node->name_start < node->start);
        }
    }

    llmp_doc_free(&doc);
    llmp_arena_reset(&arena);
}


static int
set_up(void **state)
{
    (void) state;

    quote(sample, sizeof(sample), sample_text);

    return 0;
}


static void
value_is(const llmp_value_t *value, llmp_uint_t type, const char *text)
{
    llmp_str_t      str;
    llmp_decimal_t  number;

    assert_non_null(value);
    assert_int_equal(value->type, type);
    assert_str_is(value->text, text);

    if (type == LLMP_TYPE_NUMBER) {
        str = test_cstr(text);
        assert_int_equal(llmp_decimal_parse(&number, &str), LLMP_OK);
        assert_int_equal(llmp_decimal_cmp(&value->number, &number), 0);
    }
}


static int
pattern_matches(const llmp_pattern_t *pattern, const char *subject)
{
    llmp_str_t  str;

    str = test_cstr(subject);

    return llmp_pattern_match(pattern, &str, NULL) == LLMP_OK;
}


/* the node has the type, and what the loader reads, of a value of jansson */

static void
is_value(const llmp_doc_node_t *node, json_t *json)
{
    const char  *string;

    static const llmp_uint_t  types[] = {
        LLMP_TYPE_OBJECT, LLMP_TYPE_ARRAY, LLMP_TYPE_STRING, LLMP_TYPE_NUMBER,
        LLMP_TYPE_NUMBER, LLMP_TYPE_BOOLEAN, LLMP_TYPE_BOOLEAN, LLMP_TYPE_NULL
    };

    assert_int_equal(llmp_doc_type(node), types[json_typeof(json)]);
    assert_int_equal(node->is_true, json_is_true(json));

    string = json_string_value(json);

    if (string == NULL) {
        assert_null(node->string);

    } else {
        assert_string_equal(node->string, string);
    }

    if (node->count > 1) {
        assert_int_equal(llmp_doc_size(node),
                         json_array_size(json) + json_object_size(json));
    }
}


/* Returns the number of allocations. */

static size_t
bad_allocation(const char *document, size_t fail_after, int loads)
{
    size_t               allocs;
    llmp_str_t           file;
    llmp_arena_t         arena;
    llmp_policy_t       *policy;
    llmp_load_errors_t   errors;

    llmp_arena_init(&arena);
    arena.fail_after = fail_after;

    file = test_str("policy.json");
    policy = llmp_load_policy(&arena.pool, &file, (const u_char *) document,
                              strlen(document), &errors);
    allocs = arena.allocs;

    if (fail_after != 0) {
        assert_null(policy);
        assert_int_equal(errors.nelts, 0);

    } else {
        assert_int_equal(policy != NULL, loads);
        assert_int_equal(errors.nelts == 0, loads);
    }

    if (policy != NULL) {
        llmp_policy_free(policy);
    }

    llmp_arena_reset(&arena);

    return allocs;
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_sample_pointers),
        cmocka_unit_test(test_sample_rest),
        cmocka_unit_test(test_ownership),
        cmocka_unit_test(test_least),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_constants_no_memory),
        cmocka_unit_test(test_positions)
    };

    return cmocka_run_group_tests_name("load", tests, set_up, NULL);
}
