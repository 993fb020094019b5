
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>

#include "base/llmp_decimal.h"

#include "test.h"


/*
 * long enough for any number of the property test, with a digit before the
 * point
 */
#define PLACES  200


static llmp_decimal_t parse(const char *text);
static int sign(int n);
static uint32_t next(uint32_t *seed);
static void make(char *text, size_t size, u_char places[PLACES],
    uint32_t *seed);


static void
test_grammar(void **state)
{
    size_t          i;
    llmp_str_t      text;
    llmp_decimal_t  d;

    static const char *const  wrong[] = {
        "", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e",
        "1e+", "1e-", "1E", "e5", "1e5.0", "1.0.0", "0x1", "1_0", " 1", "1 ",
        "1a", "NaN", "Infinity", "-Infinity", "nan", "inf", "1e5e5", "--1",
        "1,5", "\"1\"", "true", "1e 5", "1e5-", "0e", "-e1"
    };

    static const char *const  right[] = {
        "0", "-0", "1", "-1", "10", "0.5", "-0.5", "1e5", "1E5", "1e+5",
        "1e-5", "1.25e10", "0e0", "0.0", "100000000000000000000000000000",
        "1e05", "1e-00"
    };

    (void) state;

    for (i = 0; i < test_nelts(wrong); i++) {
        text = test_cstr(wrong[i]);
        assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_ERROR);
    }

    for (i = 0; i < test_nelts(right); i++) {
        (void) parse(right[i]);
    }

    /* bytes after the text are not read */

    text.data = (u_char *) "15e3";
    text.len = 1;
    assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_OK);
    assert_int_equal(d.ndigits, 1);
    assert_int_equal(d.exponent, 1);
}


static void
test_value(void **state)
{
    size_t          i;
    llmp_decimal_t  d;

    static const struct {
        const char   *text;
        int           negative;
        const char   *digits;
        int32_t       exponent;
    } cases[] = {
        { "0", 0, "", 0 },
        { "-0", 0, "", 0 },
        { "-0.000e-7", 0, "", 0 },
        { "0e999999999999999999999999999999999999999999999999", 0, "", 0 },
        { "0e-999999999999999999999999999999999999999999999999", 0, "", 0 },
        { "1", 0, "1", 1 },
        { "10", 0, "1", 2 },
        { "100", 0, "1", 3 },
        { "0.10", 0, "1", 0 },
        { "1e-1", 0, "1", 0 },
        { "0.001", 0, "1", -2 },
        { "-12.50", 1, "125", 2 },
        { "0.0125e3", 0, "125", 2 },
        { "1005.00500", 0, "1005005", 4 },
        { "9007199254740993", 0, "9007199254740993", 16 },
        { "1e-2147483640", 0, "1", -2147483639 },
        { "123456789012345678901234567890123456789012345678901234567890.123",
          0, "123456789012345678901234567890123456789012345678901234567890123",
          60 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        d = parse(cases[i].text);

        assert_int_equal(d.negative, cases[i].negative);
        assert_int_equal(d.exponent, cases[i].exponent);
        assert_int_equal(d.ndigits, strlen(cases[i].digits));
        assert_memory_equal(d.digits, cases[i].digits, d.ndigits);
    }
}


static void
test_limits(void **state)
{
    char            buf[LLMP_DECIMAL_MAX + 2];
    size_t          i;
    llmp_str_t      text;
    llmp_decimal_t  d;

    static const char *const  beyond[] = {
        "1e308", "-1e308", "10e307", "0.1e309", "1.7976931348623157e308",
        "1e400", "1e2147483647", "1e2147483648", "1e4294967296",
        "1e18446744073709551616", "1e99999999999999999999999999999999999999",
        "1e-2147483650", "0.1e-2147483649", "1e-4294967296",
        "-1e-18446744073709551615",
        "1e-99999999999999999999999999999999999999999999"
    };

    static const char *const  within[] = {
        "9.99999999999999999999999999999e307", "-9.9e307", "0.00001e312",
        "1e-400", "1e-2147483649", "5e-324"
    };

    (void) state;

    for (i = 0; i < test_nelts(beyond); i++) {
        text = test_cstr(beyond[i]);
        assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_ERROR);
    }

    for (i = 0; i < test_nelts(within); i++) {
        (void) parse(within[i]);
    }

    memset(buf, '9', sizeof(buf));
    text.data = (u_char *) buf;

    text.len = LLMP_DECIMAL_MAX;
    assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_OK);
    assert_int_equal(d.ndigits, LLMP_DECIMAL_MAX);

    text.len = LLMP_DECIMAL_MAX + 1;
    assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_ERROR);

    memset(buf, '0', sizeof(buf));
    buf[1] = '.';
    assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_ERROR);
}


static void
test_cmp(void **state)
{
    size_t          i, j;
    llmp_decimal_t  a, b;

    /* ascending; numbers in one row are equal */

    static const char *const  order[][4] = {
        { "-9e307", "-90e306", "-0.9e308", "-9.0e307" },
        { "-1e2", "-100", "-100.0", "-0.1e3" },
        { "-99.99", "-9999e-2", "-99.990", "-0.9999e2" },
        { "-1.1", "-11e-1", "-1.10", "-0.11E1" },
        { "-1", "-1.0", "-10e-1", "-1e0" },
        { "-1e-400", "-0.1e-399", "-10e-401", "-1.0e-400" },
        { "0", "-0", "0.0", "-0e5" },
        { "1e-2147483647", "10e-2147483648", "0.1e-2147483646",
          "1.0e-2147483647" },
        { "1e-2147483646", "10e-2147483647", "0.1e-2147483645",
          "1.0e-2147483646" },
        { "0.1", "0.10", "1e-1", "1E-01" },
        { "0.10000000000000000000000000001", "0.100000000000000000000000000010",
          "10000000000000000000000000001e-29",
          "1.0000000000000000000000000001e-1" },
        { "0.7", "0.70", "7e-1", "70E-2" },
        { "0.70000000000000001", "7.0000000000000001e-1",
          "70000000000000001e-17", "0.700000000000000010" },
        { "1", "1.0", "1e0", "10e-1" },
        { "1.9", "19e-1", "0.19e1", "1.90" },
        { "2", "2.000", "0.2e+1", "20e-1" },
        { "10", "1e1", "10.0", "1E+1" },
        { "9007199254740992", "9007199254740992.0", "9.007199254740992e15",
          "90071992547409920e-1" },
        { "9007199254740993", "9007199254740993.0", "9.007199254740993e15",
          "90071992547409930e-1" },
        { "9223372036854775807", "9223372036854775807.0",
          "9.223372036854775807e18", "92233720368547758070e-1" },
        { "9223372036854775808", "9223372036854775808.0",
          "9.223372036854775808e18", "92233720368547758080e-1" },
        { "1e307", "10e306", "0.1e308", "1.0e+307" }
    };

    (void) state;

    for (i = 0; i < test_nelts(order) * 4; i++) {
        a = parse(order[i / 4][i % 4]);

        for (j = 0; j < test_nelts(order) * 4; j++) {
            b = parse(order[j / 4][j % 4]);

            assert_int_equal(sign(llmp_decimal_cmp(&a, &b)),
                             (i / 4 > j / 4) - (i / 4 < j / 4));
        }
    }
}


static void
test_is_integer(void **state)
{
    size_t          i;
    llmp_decimal_t  d;

    static const char *const  whole[] = {
        "0", "-0", "0.0", "0e-5", "1", "-1", "1.0", "10", "1e1", "100e-2",
        "1.5e1", "12.50e1", "1e300", "9007199254740993"
    };

    static const char *const  parts[] = {
        "0.5", "-0.5", "1.5", "1e-1", "10e-2", "1e-400", "12.5e0", "1.25e1",
        "9007199254740993.5", "0.1", "99.99"
    };

    (void) state;

    for (i = 0; i < test_nelts(whole); i++) {
        d = parse(whole[i]);
        assert_true(llmp_decimal_is_integer(&d));
    }

    for (i = 0; i < test_nelts(parts); i++) {
        d = parse(parts[i]);
        assert_false(llmp_decimal_is_integer(&d));
    }
}


/* numbers that are 0, or less than half of the least one in 32 bits, which is
   1.4e-45 */

static void
test_is_tiny(void **state)
{
    size_t          i;
    llmp_decimal_t  d;

    static const char *const  tiny[] = {
        "0", "-0", "0.0", "0e99", "1e-46", "-1e-50", "0.7e-45", "1e-400",
        "0.0000000000000000000000000000000000000000000001"
    };

    static const char *const  others[] = {
        "1", "-1", "0.1", "1e-44", "1.4e-45", "0.000001", "1e300"
    };

    (void) state;

    for (i = 0; i < test_nelts(tiny); i++) {
        d = parse(tiny[i]);
        assert_true(llmp_decimal_is_tiny(&d));
    }

    for (i = 0; i < test_nelts(others); i++) {
        d = parse(others[i]);
        assert_false(llmp_decimal_is_tiny(&d));
    }
}


/* compares with digits written out by place */

static void
test_property(void **state)
{
    int             want;
    char            x[80], y[80];
    u_char          p[PLACES], q[PLACES];
    uint32_t        seed;
    llmp_uint_t     i, minus;
    llmp_decimal_t  a, b;

    (void) state;

    seed = 20240917;

    for (i = 0; i < 20000; i++) {
        make(x + 1, sizeof(x) - 1, p, &seed);
        make(y + 1, sizeof(y) - 1, q, &seed);

        want = sign(memcmp(p, q, PLACES));

        a = parse(x + 1);
        b = parse(y + 1);
        assert_int_equal(sign(llmp_decimal_cmp(&a, &b)), want);
        assert_int_equal(sign(llmp_decimal_cmp(&b, &a)), -want);

        x[0] = '-';
        y[0] = '-';
        a = parse(x);
        b = parse(y);
        assert_int_equal(sign(llmp_decimal_cmp(&a, &b)), -want);

        /* different signs, unless both are zero */

        minus = next(&seed) % 2;
        a = parse(x + minus);
        b = parse(y + 1 - minus);
        want = (a.ndigits || b.ndigits) ? (minus ? 1 : -1) : 0;
        assert_int_equal(sign(llmp_decimal_cmp(&a, &b)), want);
    }
}


/*
 * Writes a number of few different digits and places, so that many numbers are
 * equal or close.  The point is at any place, and an exponent compensates for
 * it.
 */

static void
make(char *text, size_t size, u_char places[PLACES], uint32_t *seed)
{
    int     exponent, point, zeros;
    char    digits[16];
    size_t  i, n;

    memset(places, 0, PLACES);

    n = 1 + next(seed) % 4;
    exponent = (int) (next(seed) % 6) - 3;

    for (i = 0; i < n; i++) {
        digits[i] = "0019"[next(seed) % 4];

        /* 0.D1D2D3 * 10^exponent, from the place of 10^9 down */
        places[10 - exponent + i] = digits[i] - '0';
    }

    digits[n] = '\0';

    point = next(seed) % (n + 1);

    if (point == 0) {
        zeros = next(seed) % 3;
        (void) snprintf(text, size, "0.%.*s%se%d", zeros, "00", digits,
                        exponent + zeros);
        return;
    }

    if (digits[0] == '0') {
        (void) snprintf(text, size, "0.0%se%d", digits, exponent + 1);
        return;
    }

    (void) snprintf(text, size, "%.*s.%s0e%+d", point, digits, digits + point,
                    exponent - point);
}


static llmp_decimal_t
parse(const char *string)
{
    llmp_str_t      text;
    llmp_decimal_t  d;

    /* the bytes of a decimal that parsing does not set must not matter */
    memset(&d, 0xa5, sizeof(llmp_decimal_t));

    text = test_cstr(string);
    assert_int_equal(llmp_decimal_parse(&d, &text), LLMP_OK);

    return d;
}


static int
sign(int n)
{
    return (n > 0) - (n < 0);
}


static uint32_t
next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;

    return *seed >> 16;
}


static void
test_scale(void **state)
{
    size_t          i;
    llmp_decimal_t  d;

    static const struct {
        const char    *text;
        llmp_uint_t    digits;
        int64_t        scaled;
    } cases[] = {
        { "0", 6, 0 }, { "-0.0", 0, 0 }, { "1", 0, 1 }, { "1", 6, 1000000 },
        { "2.5", 6, 2500000 }, { "0.000001", 6, 1 }, { "0.0000001", 6, -1 },
        { "1.0000001", 6, -1 }, { "1.5", 0, -1 }, { "-1", 3, -1 },
        { "1e3", 3, 1000000 }, { "1e-3", 3, 1 }, { "1.250", 2, 125 },
        { "999999999999999999", 0, 999999999999999999 },
        { "1e18", 0, -1 }, { "1e17", 1, -1 }, { "1e300", 6, -1 },
        { "1e-300", 6, -1 }, { "99999999999999999.9", 1, 999999999999999999 },
        { "1e-2147483640", 18, -1 }
    };

    (void) state;

    for (i = 0; i < test_nelts(cases); i++) {
        d = parse(cases[i].text);
        assert_true(llmp_decimal_scale(&d, cases[i].digits)
                    == cases[i].scaled);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_cmp),
        cmocka_unit_test(test_is_integer),
        cmocka_unit_test(test_is_tiny),
        cmocka_unit_test(test_property)
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
