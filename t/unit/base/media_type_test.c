
/*
 * Copyright (C) llm-policy authors
 *
 * Media types of bodies.
 */


#include "base/llmp_ascii.h"
#include "base/llmp_field.h"
#include "base/llmp_media_type.h"

#include "test.h"


#define SEVENTY  "0123456789012345678901234567890123456789"                   \
                 "012345678901234567890123456789"


/* the value is in its own block, so that a sanitizer knows its bounds */

static llmp_str_t
boxed(const char *value)
{
    llmp_str_t  s;

    s.len = strlen(value);
    s.data = malloc(s.len + (s.len == 0));
    assert_non_null(s.data);

    memcpy(s.data, value, s.len);

    return s;
}


static void
test_plain(void **state)
{
    size_t      i, j;
    char        text[128];
    llmp_str_t  value;

    static const char *const  types[] = { "application/json", "text/plain" };

    static const struct {
        const char   *format;
        llmp_uint_t   good;
    } values[] = {
        { "", 1 },
        { " ", 1 },
        { " ;charset=utf-8", 1 },
        { "; charset=utf-8", 1 },
        { ";\tCHARSET=UTF-8 ", 1 },
        { ";charset=\"utf-8\"", 1 },
        { ";charset=\"UTF-8\"\t", 1 },

        { ";", 0 },
        { "; ", 0 },
        { "; charset", 0 },
        { "; charset=", 0 },
        { "; charset=utf-7", 0 },
        { "; charset=utf-16", 0 },
        { "; charset=utf-8x", 0 },
        { "; charset=utf8", 1 },
        { "; charset=\"UTF8\"", 1 },
        { "; charset=utf88", 0 },
        { "; charset=utf8-8", 0 },
        { "; charset=utf_8", 0 },
        { "; charset=\"utf8", 0 },
        { "; charset=\"utf-7\"", 0 },
        { "; charset=utf7", 0 },
        { "; charset=\"utf-8", 0 },
        { "; charset=utf-8\"", 0 },
        { "; charset='utf-8'", 0 },
        { "; charset = utf-8", 0 },
        { "; charset=utf-8;", 0 },
        { "; charset=utf-8; charset=utf-8", 0 },
        { "; charset=utf-8, application/json", 0 },
        { "; boundary=x", 0 },
        { ", application/json", 0 },
        { "x", 0 },
        { "+json", 0 },
        { "-patch+json", 0 }
    };

    (void) state;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < test_nelts(values); j++) {
            strcpy(text, types[i]);
            strcat(text, values[j].format);

            value = boxed(text);

            if ((i ? llmp_media_type_is_text(&value)
                   : llmp_media_type_is_json(&value))
                != values[j].good)
            {
                fail_msg("%s", text);
            }

            assert_int_equal(i ? llmp_media_type_is_json(&value)
                               : llmp_media_type_is_text(&value), 0);

            free(value.data);
        }
    }

    for (i = 0; i < strlen(types[0]); i++) {
        strcpy(text, types[0]);
        text[i] = '\0';

        value = boxed(text);
        assert_int_equal(llmp_media_type_is_json(&value), 0);
        free(value.data);
    }

    value = boxed("\tAPPLICATION/Json");
    assert_int_equal(llmp_media_type_is_json(&value), 1);
    free(value.data);
}


static void
test_form(void **state)
{
    size_t      i;
    llmp_str_t  value, boundary;

    static const struct {
        const char  *value;
        const char  *boundary;    /* NULL: another type */
    } values[] = {
        { "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
          "----WebKitFormBoundary7MA4YWxkTrZu0gW" },
        { "multipart/form-data; boundary=------------------------d74496d66958",
          "------------------------d74496d66958" },
        { "multipart/form-data;boundary=x", "x" },
        { " Multipart/Form-Data ;\tBoundary=X ", "X" },
        { "multipart/form-data; boundary=\"x\"", "x" },
        { "multipart/form-data; boundary=\"a'()+_,-./:=?b\" ",
          "a'()+_,-./:=?b" },
        { "multipart/form-data; boundary=a'+_-.b", "a'+_-.b" },
        { "multipart/form-data; boundary=-", "-" },
        { "multipart/form-data; boundary=" SEVENTY, SEVENTY },
        { "multipart/form-data; boundary=\"" SEVENTY "\"", SEVENTY },

        { "", NULL },
        { "multipart/form-data", NULL },
        { "multipart/form-data;", NULL },
        { "multipart/form-data; boundary", NULL },
        { "multipart/form-data; boundary=", NULL },
        { "multipart/form-data; boundary=\"\"", NULL },
        { "multipart/form-data; boundary=\"x", NULL },
        { "multipart/form-data; boundary=\"x\"y", NULL },
        { "multipart/form-data; boundary=\"\\x\"", NULL },
        { "multipart/form-data; boundary=\"x y\"", NULL },
        { "multipart/form-data; boundary=\"x \"", NULL },
        { "multipart/form-data; boundary=x\"", NULL },
        { "multipart/form-data; boundary='x'y\"", NULL },
        { "multipart/form-data; boundary =x", NULL },
        { "multipart/form-data; boundary= x", NULL },
        { "multipart/form-data; boundary=x y", NULL },
        { "multipart/form-data; boundary=x;", NULL },
        { "multipart/form-data; boundary=x; boundary=y", NULL },
        { "multipart/form-data; boundary=x, y", NULL },
        { "multipart/form-data; boundary=x; charset=utf-8", NULL },
        { "multipart/form-data; charset=utf-8; boundary=x", NULL },
        { "multipart/form-data; boundary*=utf-8''x", NULL },
        { "multipart/form-data; boundary*0=x", NULL },
        { "multipart/form-data; xboundary=x", NULL },
        { "multipart/form-data boundary=x", NULL },
        { "multipart/form-data, multipart/form-data; boundary=x", NULL },
        { "multipart/form-datax; boundary=x", NULL },
        { "multipart/mixed; boundary=x", NULL },
        { "multipart/form-data; boundary=a:b", NULL },
        { "multipart/form-data; boundary=a=b", NULL },
        { "multipart/form-data; boundary=a/b", NULL },
        { "multipart/form-data; boundary=a*b", NULL },
        { "multipart/form-data; boundary=a\xc3\xa4", NULL },
        { "multipart/form-data; boundary=a\tb", NULL },
        { "multipart/form-data; boundary=a\x01", NULL },
        { "multipart/form-data; boundary=" SEVENTY "0", NULL },
        { "multipart/form-data; boundary=\"" SEVENTY "0\"", NULL },
        { "application/x-www-form-urlencoded", NULL },
        { "application/json", NULL }
    };

    (void) state;

    for (i = 0; i < test_nelts(values); i++) {
        value = boxed(values[i].value);

        if (llmp_media_type_is_form(&value, &boundary)
            != (values[i].boundary != NULL))
        {
            fail_msg("%s", values[i].value);
        }

        if (values[i].boundary != NULL) {
            assert_str_is(boundary, values[i].boundary);
            assert_true(boundary.data > value.data);
        }

        free(value.data);
    }

    /* a NUL byte is not permitted */

    value = test_str("multipart/form-data; boundary=a\0b");
    assert_int_equal(llmp_media_type_is_form(&value, &boundary), 0);

    value = test_str("multipart/form-data; boundary=\"a\0b\"");
    assert_int_equal(llmp_media_type_is_form(&value, &boundary), 0);
}


static void
test_fields(void **state)
{
    int         ch;
    llmp_str_t  rest;

    (void) state;

    rest = test_str(" \t x ");
    llmp_field_skip_spaces(&rest);
    assert_str_is(rest, "x ");

    rest = test_str(" \t");
    llmp_field_skip_spaces(&rest);
    assert_str_is(rest, "");

    rest = test_str("Token=1");
    assert_int_equal(llmp_field_skip_token(&rest, "token-"), 0);
    assert_str_is(rest, "Token=1");
    assert_int_equal(llmp_field_skip_token(&rest, "token="), 1);
    assert_str_is(rest, "1");
    assert_int_equal(llmp_field_skip_token(&rest, "12"), 0);
    assert_str_is(rest, "1");
    assert_int_equal(llmp_field_skip_token(&rest, "1"), 1);
    assert_str_is(rest, "");

    for (ch = 0; ch < 256; ch++) {
        assert_int_equal(llmp_ascii_lower((u_char) ch),
                         ch >= 'A' && ch <= 'Z' ? ch + 'a' - 'A' : ch);

        assert_int_equal(llmp_ascii_is_alnum((u_char) ch),
                         ch != 0 && strchr("0123456789abcdefghijklmnopqrstuvwx"
                                           "yzABCDEFGHIJKLMNOPQRSTUVWXYZ", ch)
                                    != NULL);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_fields)
    };

    return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
