
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_refusal.h"

#include "test.h"


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
    { LLMP_REFUSE_UNKNOWN_MEMBER, "unknown_member", 400 },
    { LLMP_REFUSE_VALUE_NOT_ALLOWED, "value_not_allowed", 400 },
    { LLMP_REFUSE_PARAMETER_DENIED, "parameter_denied", 400 },
    { LLMP_REFUSE_PARAMETER_REQUIRED, "parameter_required", 400 },
    { LLMP_REFUSE_UNDERMINES_POLICY, "undermines_policy", 400 },
    { LLMP_REFUSE_AMBIGUOUS_PATH, "ambiguous_path", 400 },
    { LLMP_REFUSE_UNKNOWN_KEY, "unknown_key", 401 },
    { LLMP_REFUSE_KEY_EXPIRED, "key_expired", 401 },
    { LLMP_REFUSE_KEY_BLOCKED, "key_blocked", 401 },
    { LLMP_REFUSE_MODEL_NOT_ALLOWED, "model_not_allowed", 403 },
    { LLMP_REFUSE_MODEL_NOT_PRICED, "model_not_priced", 403 },
    { LLMP_REFUSE_UNKNOWN_ROUTE, "unknown_route", 403 },
    { LLMP_REFUSE_CONTENT_TYPE, "unsupported_content_type", 415 },
    { LLMP_REFUSE_CONTENT_ENCODING, "unsupported_content_encoding", 415 },
    { LLMP_REFUSE_PROMPT, "prompt_too_large", 413 },
    { LLMP_REFUSE_HOLD, "hold_exceeded", 413 },
    { LLMP_REFUSE_UPGRADE, "upgrade_refused", 426 },
    { LLMP_REFUSE_RATE_LIMIT, "rate_limit_exceeded", 429 },
    { LLMP_REFUSE_QUOTA, "quota_exceeded", 429 },
    { LLMP_REFUSE_INTERNAL, "internal_error", 500 }
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


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_refuse),
        cmocka_unit_test(test_control_and_invalid),
        cmocka_unit_test(test_cut)
    };

    return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
