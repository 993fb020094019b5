
/*
 * Copyright (C) llm-policy authors
 *
 * The documents of refusals, in the shape of each API.
 */


#include <jansson.h>

#include "dialect/llmp_error_body.h"

#include "test.h"


#define GUARD  0xa5


static void body_is(const llmp_refusal_t *refusal, llmp_shape_e shape,
    const char *expected);
static json_t *body_json(const llmp_refusal_t *refusal, llmp_shape_e shape);
static const char *member(json_t *json, const char *name);


static const struct {
    llmp_uint_t      status;
    const char      *openai;
    const char      *anthropic;
    const char      *google;
} types[] = {
    { 400, "invalid_request_error", "invalid_request_error",
      "INVALID_ARGUMENT" },
    { 401, "authentication_error", "authentication_error",
      "UNAUTHENTICATED" },
    { 403, "permission_error", "permission_error", "PERMISSION_DENIED" },
    { 413, "invalid_request_error", "request_too_large",
      "INVALID_ARGUMENT" },
    { 415, "invalid_request_error", "invalid_request_error",
      "INVALID_ARGUMENT" },
    { 426, "invalid_request_error", "invalid_request_error",
      "FAILED_PRECONDITION" },
    { 429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED" },
    { 500, "server_error", "api_error", "INTERNAL" }
};


static void
test_bodies(void **state)
{
    llmp_refusal_t  refusal;

    (void) state;

    (void) llmp_refuse(&refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED, "temperature",
                       "temperature 1.9 is above 1");

    body_is(&refusal, LLMP_SHAPE_OPENAI,
            "{\"error\":{\"message\":\"temperature 1.9 is above 1\","
            "\"type\":\"invalid_request_error\",\"param\":\"temperature\","
            "\"code\":\"value_not_allowed\"}}");

    body_is(&refusal, LLMP_SHAPE_ANTHROPIC,
            "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\","
            "\"message\":\"temperature 1.9 is above 1\"}}");

    body_is(&refusal, LLMP_SHAPE_GOOGLE,
            "{\"error\":{\"code\":400,"
            "\"message\":\"temperature 1.9 is above 1\","
            "\"status\":\"INVALID_ARGUMENT\"}}");

    body_is(&refusal, LLMP_SHAPE_OLLAMA,
            "{\"error\":\"temperature 1.9 is above 1\"}");

    (void) llmp_refuse(&refusal, LLMP_REFUSE_UNKNOWN_ROUTE, NULL, "no");

    body_is(&refusal, LLMP_SHAPE_OPENAI,
            "{\"error\":{\"message\":\"no\",\"type\":\"permission_error\","
            "\"param\":null,\"code\":\"unknown_route\"}}");
}


/* refusal_test.c has the names and statuses of the codes */

static void
test_types(void **state)
{
    size_t           j;
    json_t          *json, *error;
    llmp_uint_t      code, status;
    llmp_refusal_t   refusal;

    (void) state;

    for (code = LLMP_REFUSE_NONE + 1; code <= LLMP_REFUSE_INTERNAL; code++) {

        status = llmp_refusal_status(code);

        for (j = 0; types[j].status != status; j++) {
            assert_in_range(j, 0, test_nelts(types) - 2);
        }

        (void) llmp_refuse(&refusal, code, "n", "m");

        json = body_json(&refusal, LLMP_SHAPE_OPENAI);
        error = json_object_get(json, "error");
        assert_string_equal(member(error, "message"), "m");
        assert_string_equal(member(error, "type"), types[j].openai);
        assert_string_equal(member(error, "param"), "n");
        assert_string_equal(member(error, "code"), llmp_refusal_name(code));
        json_decref(json);

        json = body_json(&refusal, LLMP_SHAPE_ANTHROPIC);
        error = json_object_get(json, "error");
        assert_string_equal(member(json, "type"), "error");
        assert_string_equal(member(error, "type"), types[j].anthropic);
        assert_string_equal(member(error, "message"), "m");
        json_decref(json);

        json = body_json(&refusal, LLMP_SHAPE_GOOGLE);
        error = json_object_get(json, "error");
        assert_int_equal(json_integer_value(json_object_get(error, "code")),
                         types[j].status);
        assert_string_equal(member(error, "status"), types[j].google);
        json_decref(json);
    }
}


static void
test_escapes(void **state)
{
    json_t          *json;
    llmp_refusal_t   refusal;

    (void) state;

    (void) llmp_refuse(&refusal, LLMP_REFUSE_INVALID_TYPE, "a\"b",
                       "say \"\\\" / \xc3\xa9 \xf0\x9f\x98\x80");

    body_is(&refusal, LLMP_SHAPE_OLLAMA,
            "{\"error\":\"say \\\"\\\\\\\" / "
            "\xc3\xa9 \xf0\x9f\x98\x80\"}");

    json = body_json(&refusal, LLMP_SHAPE_OPENAI);
    assert_string_equal(member(json_object_get(json, "error"), "param"),
                        "a\"b");
    json_decref(json);

    /*
     * a refusal made by hand may contain bytes that llmp_refuse() never permits
     */

    memcpy(refusal.message, "\x01\n\x1f!", 5);

    body_is(&refusal, LLMP_SHAPE_OLLAMA,
            "{\"error\":\"\\u0001\\u000a\\u001f!\"}");
}


static void
test_largest(void **state)
{
    json_t          *json;
    llmp_uint_t      shape;
    llmp_refusal_t   refusal;

    (void) state;

    memset(&refusal, 0, sizeof(llmp_refusal_t));
    memset(refusal.message, '\x01', LLMP_MESSAGE_MAX - 1);
    memset(refusal.param, '\x02', LLMP_PARAM_NAME - 1);

    refusal.code = LLMP_REFUSE_CONTENT_ENCODING;

    for (shape = LLMP_SHAPE_OPENAI; shape <= LLMP_SHAPE_OLLAMA; shape++) {
        json = body_json(&refusal, shape);
        json_decref(json);
    }
}


static void
body_is(const llmp_refusal_t *refusal, llmp_shape_e shape,
    const char *expected)
{
    size_t  len;
    u_char  buf[LLMP_ERROR_BODY_MAX + 1];

    memset(buf, GUARD, sizeof(buf));

    len = llmp_error_body(refusal, shape, buf);

    assert_true(len < sizeof(buf));
    assert_int_equal(buf[len], GUARD);

    buf[len] = '\0';
    assert_string_equal((char *) buf, expected);
}


static json_t *
body_json(const llmp_refusal_t *refusal, llmp_shape_e shape)
{
    size_t   len;
    u_char   buf[LLMP_ERROR_BODY_MAX + 1];
    json_t  *json;

    memset(buf, GUARD, sizeof(buf));

    len = llmp_error_body(refusal, shape, buf);

    assert_true(len < sizeof(buf));
    assert_int_equal(buf[len], GUARD);

    json = json_loadb((char *) buf, len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);

    return json;
}


static const char *
member(json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_largest)
    };

    return cmocka_run_group_tests_name("error_body", tests, NULL, NULL);
}
