
/*
 * Copyright (C) llm-policy authors
 */


#include <jansson.h>

#include "dialect/llmp_error_body.h"
#include "base/llmp_utf8.h"

#include "test.h"


#define GUARD  0xa5


static void body_is(const llmp_refusal_t *refusal, llmp_shape_e shape,
    const char *expected);
static json_t *body_json(const llmp_refusal_t *refusal, llmp_shape_e shape);
static const char *member(json_t *json, const char *name);


static const struct {
    llmp_refusal_e   code;
    const char      *name;
    llmp_uint_t      status;
} codes[] = {
    { LLMP_REFUSE_INVALID_JSON, "invalid_json", 400 },
    { LLMP_REFUSE_INVALID_FORM, "invalid_form", 400 },
    { LLMP_REFUSE_DUPLICATE_MEMBER, "duplicate_member", 400 },
    { LLMP_REFUSE_AMBIGUOUS_MEMBER, "ambiguous_member", 400 },
    { LLMP_REFUSE_INVALID_TYPE, "invalid_type", 400 },
    { LLMP_REFUSE_VALUE_NOT_ALLOWED, "value_not_allowed", 400 },
    { LLMP_REFUSE_PARAMETER_DENIED, "parameter_denied", 400 },
    { LLMP_REFUSE_PARAMETER_REQUIRED, "parameter_required", 400 },
    { LLMP_REFUSE_UNDERMINES_POLICY, "undermines_policy", 400 },
    { LLMP_REFUSE_AMBIGUOUS_PATH, "ambiguous_path", 400 },
    { LLMP_REFUSE_UNKNOWN_KEY, "unknown_key", 401 },
    { LLMP_REFUSE_MODEL_NOT_ALLOWED, "model_not_allowed", 403 },
    { LLMP_REFUSE_UNKNOWN_ROUTE, "unknown_route", 403 },
    { LLMP_REFUSE_CONTENT_TYPE, "unsupported_content_type", 415 },
    { LLMP_REFUSE_CONTENT_ENCODING, "unsupported_content_encoding", 415 },
    { LLMP_REFUSE_HOLD, "hold_exceeded", 413 },
    { LLMP_REFUSE_RATE_LIMIT, "rate_limit_exceeded", 429 },
    { LLMP_REFUSE_INTERNAL, "internal_error", 500 }
};


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
    { 429, "rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED" },
    { 500, "server_error", "api_error", "INTERNAL" }
};


static void
test_codes(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < test_nelts(codes); i++) {
        assert_string_equal(llmp_refusal_name(codes[i].code), codes[i].name);
        assert_int_equal(llmp_refusal_status(codes[i].code), codes[i].status);
    }

    /* every code except LLMP_REFUSE_NONE */
    assert_int_equal(test_nelts(codes), LLMP_REFUSE_INTERNAL);
}


static void
test_refuse(void **state)
{
    llmp_refusal_t  refusal;

    (void) state;

    assert_int_equal(llmp_refuse(&refusal, LLMP_REFUSE_VALUE_NOT_ALLOWED,
                                 "temperature", "%s is above %d", "1.9", 1),
                     LLMP_ERROR);

    assert_int_equal(refusal.code, LLMP_REFUSE_VALUE_NOT_ALLOWED);
    assert_string_equal(refusal.param, "temperature");
    assert_string_equal(refusal.message, "1.9 is above 1");

    (void) llmp_refuse(&refusal, LLMP_REFUSE_INTERNAL, NULL, "no memory");

    assert_string_equal(refusal.param, "");
}


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


static void
test_types(void **state)
{
    size_t           i, j;
    json_t          *json, *error;
    llmp_refusal_t   refusal;

    (void) state;

    for (i = 0; i < test_nelts(codes); i++) {

        for (j = 0; types[j].status != codes[i].status; j++) { /* void */ }

        (void) llmp_refuse(&refusal, codes[i].code, "n", "m");

        json = body_json(&refusal, LLMP_SHAPE_OPENAI);
        error = json_object_get(json, "error");
        assert_string_equal(member(error, "message"), "m");
        assert_string_equal(member(error, "type"), types[j].openai);
        assert_string_equal(member(error, "param"), "n");
        assert_string_equal(member(error, "code"), codes[i].name);
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
test_control_and_invalid(void **state)
{
    size_t  i;

    static const struct {
        const char  *text;
        const char  *expected;
    } cases[] = {
        { "a\nb\x1b[0m\x7f", "a?b?[0m?" },
        { "\xc3\xa9", "\xc3\xa9" },
        { "\xc3(", "?(" },
        { "\xff\xfe", "??" },
        { "\xc0\xaf", "??" },
        { "\xed\xa0\x80", "???" },
        { "\xed\x9f\xbf", "\xed\x9f\xbf" },
        { "\xe0\x9f\x80", "???" },
        { "\xe0\xa0\x80", "\xe0\xa0\x80" },
        { "\xf0\x8f\x80\x80", "????" },
        { "\xf0\x90\x80\x80", "\xf0\x90\x80\x80" },
        { "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
        { "\xf4\x90\x80\x80", "????" },
        { "\xf5\x80\x80\x80", "????" },
        { "\xe2\x82", "??" },
        { "\xe2\x82x", "??x" },
        { "\x80", "?" }
    };

    llmp_refusal_t  refusal;

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        (void) llmp_refuse(&refusal, LLMP_REFUSE_INVALID_JSON, cases[i].text,
                           "%s", cases[i].text);

        assert_string_equal(refusal.message, cases[i].expected);
        assert_string_equal(refusal.param, cases[i].expected);
    }
}


/* characters of every length, at every distance from the end */

static void
test_cut(void **state)
{
    char             text[2 * LLMP_MESSAGE_MAX];
    size_t           i, len, room, whole;
    const char      *c;
    llmp_uint_t      n, pad;
    llmp_refusal_t   refusal;

    static const char *const  characters[] = {
        "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"
    };

    (void) state;

    for (n = 0; n < test_nelts(characters); n++) {
        c = characters[n];
        len = strlen(c);

        for (pad = 0; pad < 5; pad++) {
            memset(text, 'p', pad);

            for (i = pad; i + len < sizeof(text); i += len) {
                memcpy(text + i, c, len);
            }

            text[i] = '\0';

            (void) llmp_refuse(&refusal, LLMP_REFUSE_INVALID_JSON, text,
                               "%s", text);

            room = LLMP_MESSAGE_MAX - 1 - pad;
            whole = pad + room - room % len;
            assert_int_equal(strlen(refusal.message), whole);
            assert_memory_equal(refusal.message, text, whole);

            room = LLMP_PARAM_NAME - 1 - pad;
            whole = pad + room - room % len;
            assert_int_equal(strlen(refusal.param), whole);
            assert_memory_equal(refusal.param, text, whole);
        }
    }
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
    u_char  buf[LLMP_REFUSAL_BODY_MAX + 1];

    memset(buf, GUARD, sizeof(buf));

    len = llmp_refusal_body(refusal, shape, buf);

    assert_true(len < sizeof(buf));
    assert_int_equal(buf[len], GUARD);

    buf[len] = '\0';
    assert_string_equal((char *) buf, expected);
}


static json_t *
body_json(const llmp_refusal_t *refusal, llmp_shape_e shape)
{
    size_t   len;
    u_char   buf[LLMP_REFUSAL_BODY_MAX + 1];
    json_t  *json;

    memset(buf, GUARD, sizeof(buf));

    len = llmp_refusal_body(refusal, shape, buf);

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
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_control_and_invalid),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_largest)
    };

    return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
