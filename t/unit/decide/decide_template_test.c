
/*
 * Copyright (C) llm-policy authors
 *
 * Values with variables.  Each decision is repeated while the body passes.
 */


#include <jansson.h>

#include "dialect/llmp_dialect.h"

#include "decide_run.h"
#include "policy_load.h"
#include "test.h"


#define CHAT   "openai.chat"
#define EMB    "openai.embeddings"
#define FORM   "openai.transcriptions"
#define BATCH  "anthropic.batches"

#define FIELD(name)                                                           \
    "--b\r\nContent-Disposition: form-data; name='" name "'\r\n\r\n"


/* a decision on a request of the tenant "acme", with $x, $y and $z */

typedef struct {
    const char  *rules;
    const char  *body;
    const char  *expected;  /* the sent body; or the cause of a refusal */
} case_t;


typedef struct {
    const llmp_policy_t  *policy;
    const char           *x;
    size_t                len;     /* length of x, with NULs */
    llmp_uint_t           calls;
    llmp_uint_t           fails;   /* they cannot be evaluated */
} values_t;


static llmp_int_t get(void *data, llmp_uint_t i, llmp_str_t *value);
static llmp_policy_t *load(llmp_arena_t *arena, const char *rules);
static void decide(const char *rules, const char *dialect, const char *body,
    values_t *values, const char *expected);
static void is_value(const char *x, size_t len, const char *json);
static void is_refused(const char *x, size_t len, const char *why);


static const case_t  cases[] = {

    /* forced: absent, null, other values, the same value */

    { "'/user':{'force_from':'$llm_tenant'}", "{}", "{'user':'acme'}" },
    { "'/user':{'force_from':'$llm_tenant'}", "{'user':null}",
      "{'user':'acme'}" },
    { "'/user':{'force_from':'$llm_tenant'}", "{'user':'eve','a':1}",
      "{'user':'acme','a':1}" },
    { "'/user':{'force_from':'$llm_tenant'}", "{'user':{'a':[1]}}",
      "{'user':'acme'}" },
    { "'/user':{'force_from':'$llm_tenant'}", "{'user':'\\u0061cme'}",
      "{'user':'\\u0061cme'}" },

    /* a default */

    { "'/user':{'default_from':'$llm_tenant'}", "{}", "{'user':'acme'}" },
    { "'/user':{'default_from':'$llm_tenant'}", "{'user':null}",
      "{'user':'acme'}" },
    { "'/user':{'default_from':'$llm_tenant'}", "{'user':5}", "{'user':5}" },

    /* several variables, and text around them */

    { "'/user':{'force_from':'t-${llm_tenant}-$llm_tier.$x/$y'}", "{}",
      "{'user':'t-acme-t.X/'}" },
    { "'/user':{'force_from':'$LLM_dialect:$X'}", "{}",
      "{'user':'openai.chat:X'}" },
    { "'/a/b/c':{'force_from':'$x'}", "{'a':{'d':1}}",
      "{'a':{'d':1,'b':{'c':'X'}}}" },
    { "'/a/b':{'force_from':'$x'},'/a/c':{'default_from':'$x$x'}", "{}",
      "{'a':{'b':'X','c':'XX'}}" },

    /* empty */

    { "'/user':{'default_from':'$y'}", "{'a':1}", "{'a':1}" },
    { "'/user':{'default_from':'t-$y'}", "{'user':null}", "{'user':null}" },
    { "'/user':{'default_from':'$y','allow':['a','b']}", "{}", "{}" },
    { "'/user':{'default_from':'$y','allow':['a','b']}", "{'user':'a'}",
      "{'user':'a'}" },
    { "'/user':{'force_from':'$y'}", "{}",
      "'$y' is empty: /tiers/t/parameters/~1user" },
    { "'/user':{'force_from':'t-${y}-$y'}", "{'user':'eve'}",
      "'t-${y}-$y' is empty: /tiers/t/parameters/~1user" },

    /* with "allow" */

    { "'/user':{'default_from':'$x','allow':['X','b']}", "{}", "{'user':'X'}" },
    { "'/user':{'default_from':'$x','allow':['b']}", "{'user':'b'}",
      "{'user':'b'}" },
    { "'/user':{'default_from':'$x','allow':['b',1]}", "{}",
      "'$x' is not among the values of 'allow': /tiers/t/parameters/~1user" },

    /* the model, wherever it is in the body */

    { "'/m/a':{'force_from':'$llm_model'}", "{'m':{'a':1},'z':1,'model':'g'}",
      "{'m':{'a':'g'},'z':1,'model':'g'}" },
    { "'/m/a':{'force_from':'$llm_model'}", "{'m':{},'z':1,'model':'g'}",
      "{'m':{'a':'g'},'z':1,'model':'g'}" },
    { "'/m':{'default_from':'$llm_model'}", "{'m':null,'z':1,'model':'g'}",
      "{'m':'g','z':1,'model':'g'}" },
    { "'/m':{'force_from':'$llm_model'}", "{'z':1}",
      "'$llm_model' is empty: /tiers/t/parameters/~1m" },
    { "'/m':{'force_from':'$llm_model'},'/model':{'force':'sent'}",
      "{'m':1,'model':'g'}", "{'m':'sent','model':'sent'}" },
    { "'/m':{'force_from':'$llm_model'},'/model':{'default':'sent'}",
      "{'m':1,'z':1}", "{'m':'sent','z':1,'model':'sent'}" },

    /* a model from a variable: what follows goes by it */

    { "'/model':{'force_from':'$z'},'/m':{'force_from':'$llm_model'}",
      "{'m':1,'model':'g'}", "{'m':'o3','model':'o3'}" },
    { "'/model':{'default_from':'$z'},'/m':{'force_from':'$llm_model'}",
      "{'m':1,'model':'g'}", "{'m':'g','model':'g'}" },
    { "'/model':{'default_from':'$z'},'/m':{'force_from':'$llm_model'}",
      "{'m':1}", "{'m':'o3','model':'o3'}" },
    { "'/model':{'force_from':'$y'}", "{'model':'g'}",
      "'$y' is empty: /tiers/t/parameters/~1model" },
    { "'/model':{'default_from':'$y'}", "{'z':1}", "{'z':1}" }
};


/* $y is empty, $z is "o3" */

static llmp_int_t
get(void *data, llmp_uint_t i, llmp_str_t *value)
{
    values_t    *values;
    const char  *name;

    values = data;
    values->calls++;

    name = (char *) values->policy->variables[i].name.data;

    if (values->fails) {
        return LLMP_ERROR;
    }

    *value = test_cstr("");

    if (strcmp(name, "x") == 0) {
        value->data = (u_char *) values->x;
        value->len = values->len;

    } else if (strcmp(name, "z") == 0) {
        *value = test_cstr("o3");
    }

    return LLMP_OK;
}


static llmp_policy_t *
load(llmp_arena_t *arena, const char *rules)
{
    char  text[1024];

    quote(text, sizeof(text), rules);

    return load_policy(arena,
        "{\"version\":1,\"default_tier\":\"t\",\"tiers\":{\"t\":"
        "{\"parameters\":{%s}}},\"tenants\":{\"acme\":{\"tier\":\"t\"}}}",
        text);
}


static void
decide(const char *rules, const char *dialect, const char *body,
    values_t *values, const char *expected)
{
    char              text[256];
    llmp_str_t        in, sent, name;
    llmp_arena_t      arena;
    llmp_request_t    request;
    llmp_decision_t   d;
    llmp_variables_t  variables;

    llmp_arena_init(&arena);

    values->policy = load(&arena, rules);
    variables.get = get;
    variables.data = values;

    quote(text, sizeof(text), body);

    in = test_cstr(text);
    name = test_cstr(dialect);

    llmp_request_init(&request);

    request.dialect = llmp_dialect_find(&name);
    request.variables = &variables;

    if (request.dialect->form) {
        request.boundary = test_cstr("b");
    }

    if (decide_request(&arena, (llmp_policy_t *) values->policy, &request, &in,
                       &d, &sent)
        == LLMP_OK)
    {
        text_is(&sent, expected, text);
        assert_int_equal(d.cause.len, 0);

    } else {
        assert_int_equal(d.refusal.code, LLMP_REFUSE_INTERNAL);
        text_is(&d.cause, expected, text);

        /* the client does not get the variables */

        assert_null(strchr(d.refusal.message, '$'));
    }

    llmp_policy_free((llmp_policy_t *) values->policy);
    llmp_arena_reset(&arena);
}


static void
test_cases(void **state)
{
    char      expected[256];
    size_t    i;
    values_t  values = { NULL, "X", 1, 0, 0 };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        quote(expected, sizeof(expected), cases[i].expected);
        decide(cases[i].rules, CHAT, cases[i].body, &values, expected);
    }
}


/* checks what is written for a value of $x */

static void
is_value(const char *x, size_t len, const char *json)
{
    char          expected[8192];
    json_t       *root;
    json_error_t  error;
    values_t      values = { NULL, x, len, 0, 0 };

    (void) snprintf(expected, sizeof(expected), "{\"user\":%s}", json);

    decide("'/user':{'force_from':'$x'}", CHAT, "{'user':'eve'}", &values,
           expected);
    decide("'/user':{'default_from':'$x'}", CHAT, "{}", &values, expected);

    root = json_loads(expected, 0, &error);

    assert_non_null(root);
    assert_int_equal(json_string_length(json_object_get(root, "user")), len);
    assert_memory_equal(json_string_value(json_object_get(root, "user")), x,
                        len);

    json_decref(root);
}


static void
is_refused(const char *x, size_t len, const char *why)
{
    char      expected[256];
    values_t  values = { NULL, x, len, 0, 0 };

    (void) snprintf(expected, sizeof(expected),
                    "\"$x\" %s: /tiers/t/parameters/~1user", why);

    decide("'/user':{'force_from':'$x'}", CHAT, "{'user':'eve'}", &values,
           expected);
    decide("'/user':{'default_from':'$x'}", CHAT, "{}", &values, expected);
}


static void
test_hostile(void **state)
{
    int   i;
    char  text[LLMP_TEMPLATE_MAX + 1], json[LLMP_TEMPLATE_MAX + 3], byte;

    (void) state;

    is_value("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    is_value("\r\n\t\x1f\x7f", 5, "\"\\u000d\\u000a\\u0009\\u001f\x7f\"");
    is_value("\",\"temperature\":2,\"a\":\"", 23,
             "\"\\\",\\\"temperature\\\":2,\\\"a\\\":\\\"\"");
    is_value("\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"");
    is_value("$llm_tenant", 11, "\"$llm_tenant\"");

    is_refused("a\0b", 3, "has a NUL");

    for (i = 0x80; i <= 0xff; i++) {
        byte = (char) i;
        is_refused(&byte, 1, "is not UTF-8");
    }

    is_refused("\xc0\x80", 2, "is not UTF-8");
    is_refused("\xed\xa0\x80", 3, "is not UTF-8");
    is_refused("a\xf0\x9f\x98", 4, "is not UTF-8");

    /* the limit is that of the JSON, with its quotes and escapes */

    memset(text, 'a', sizeof(text));
    memset(json, 'a', sizeof(json));

    json[0] = '"';
    json[LLMP_TEMPLATE_MAX - 1] = '"';
    json[LLMP_TEMPLATE_MAX] = '\0';

    is_value(text, LLMP_TEMPLATE_MAX - 2, json);
    is_refused(text, LLMP_TEMPLATE_MAX - 1, "is too long");
    is_refused(text, LLMP_TEMPLATE_MAX + 1, "is too long");

    memset(text, '\n', sizeof(text));
    is_refused(text, LLMP_TEMPLATE_MAX / 2, "is too long");
}


/* values that no request needs are not evaluated, and refuse nothing */

static void
test_unneeded(void **state)
{
    values_t  values = { NULL, "X", 1, 0, 1 };

    (void) state;

    decide("'/user':{'force_from':'$x'}", EMB, "{\"input\":\"a\"}", &values,
           "{\"input\":\"a\"}");
    decide("'/user':{'default_from':'$x'}", CHAT, "{\"user\":\"eve\"}",
           &values, "{\"user\":\"eve\"}");

    assert_int_equal(values.calls, 0);

    decide("'/user':{'force_from':'$x'}", EMB, "{\"user\":\"eve\"}", &values,
           "\"$x\" cannot be evaluated: /tiers/t/parameters/~1user");
    decide("'/user':{'default_from':'$x'}", CHAT, "{\"user\":null}", &values,
           "\"$x\" cannot be evaluated: /tiers/t/parameters/~1user");
}


/* nginx's variables are not logged: a client may have written them */

static void
test_log(void **state)
{
    llmp_str_t        in, sent, name, line;
    llmp_arena_t      arena;
    llmp_policy_t    *policy;
    llmp_request_t    request;
    llmp_decision_t   d;
    llmp_variables_t  variables;
    values_t          values = { NULL, "X", 1, 0, 0 };

    (void) state;

    llmp_arena_init(&arena);

    policy = load(&arena, "'/a':{'force_from':'$llm_tenant'},"
                          "'/b':{'force_from':'$x'},"
                          "'/c':{'force_from':'$x'}");

    values.policy = policy;
    variables.get = get;
    variables.data = &values;

    in = test_cstr("{\"b\":null}");
    name = test_cstr(CHAT);

    llmp_request_init(&request);

    request.dialect = llmp_dialect_find(&name);
    request.variables = &variables;

    assert_int_equal(decide_request(&arena, policy, &request, &in, &d, &sent),
                     LLMP_OK);

    assert_str_is(sent, "{\"b\":\"X\",\"a\":\"acme\",\"c\":\"X\"}");

    line = llmp_decision_changes_line(&d, &arena.pool);
    assert_str_is(line,
                  "/a=->\"acme\" (force), /b=null->\"...\" (force), "
                  "/c=->\"...\" (force)");

    line = llmp_decision_changes_sentence(&d, &arena.pool);
    assert_str_is(line,
                  "/a \"acme\" added (force), /b null changed to \"...\" "
                  "(force), /c \"...\" added (force)");

    llmp_policy_free(policy);
    llmp_arena_reset(&arena);
}


/* each request of a batch has its own model */

static void
test_batches(void **state)
{
    values_t  values = { NULL, "X", 1, 0, 0 };

    (void) state;

    decide("'/m':{'force_from':'$llm_model-$x'}", BATCH,
           "{'requests':[{'params':{'model':'a'}},{'params':{'m':1,'model':'b'}"
           "}]}", &values,
           "{\"requests\":[{\"params\":{\"model\":\"a\",\"m\":\"a-X\"}},"
           "{\"params\":{\"m\":\"b-X\",\"model\":\"b\"}}]}");
}


static void
test_forms(void **state)
{
    values_t  values = { NULL, "X\r\n\"Y", 5, 0, 0 };

    (void) state;

    decide("'/user':{'force_from':'$x'}", FORM,
           FIELD("user") "eve\r\n--b--\r\n", &values,
           "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n"
           "X\r\n\"Y\r\n--b--\r\n");

    decide("'/prompt':{'default_from':'$x'}", FORM,
           FIELD("user") "eve\r\n--b--\r\n", &values,
           "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n"
           "eve\r\n"
           "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n"
           "X\r\n\"Y\r\n--b--\r\n");

    /* a form has no objects */

    values.fails = 1;

    decide("'/a/b':{'force_from':'$x'}", FORM,
           FIELD("user") "eve\r\n--b--\r\n", &values,
           "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\n"
           "eve\r\n--b--\r\n");

    /* the client's boundary must not end the field */

    values.fails = 0;
    values.x = "X\r\n--b\r\n";
    values.len = strlen(values.x);

    decide("'/user':{'force_from':'$x'}", FORM,
           FIELD("user") "eve\r\n--b--\r\n", &values, "");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_unneeded),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_forms)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
