
/*
 * Copyright (C) llm-policy authors
 */


#include <stdio.h>
#include <time.h>

#include "base/llmp_date.h"
#include "test.h"


typedef struct {
    const char  *text;
    int64_t      time;
    const char  *written;  /* NULL: as text */
} date_case_t;


/* times as "date -u -d TEXT +%s" of GNU coreutils prints them */

static const date_case_t  dates[] = {
    { "1970-01-01T00:00:00Z", 0, NULL },
    { "1969-12-31T23:59:59Z", -1, NULL },
    { "2027-01-31T00:00:00Z", 1801353600, NULL },
    { "2027-01-31t00:00:00z", 1801353600, "2027-01-31T00:00:00Z" },
    { "2027-01-31T00:00:00.999999999999Z", 1801353600,
      "2027-01-31T00:00:00Z" },
    { "2027-01-31T01:00:00+01:00", 1801353600, "2027-01-31T00:00:00Z" },
    { "2027-01-30T18:30:00-05:30", 1801353600, "2027-01-31T00:00:00Z" },
    { "2027-01-31T00:00:00-00:00", 1801353600, "2027-01-31T00:00:00Z" },
    { "2027-01-31T00:00:00.5+00:00", 1801353600, "2027-01-31T00:00:00Z" },
    { "2000-02-29T12:34:56Z", 951827696, NULL },
    { "2024-02-29T23:59:59Z", 1709251199, NULL },
    { "2024-03-01T00:00:00Z", 1709251200, NULL },
    { "2024-12-31T23:59:59Z", 1735689599, NULL },
    { "2038-01-19T03:14:08Z", 2147483648, NULL },
    { "9999-12-31T23:59:59Z", 253402300799, NULL },
    { "9999-12-31T23:59:59-23:59", 253402387139, "9999-12-31T23:59:59Z" },
    { "0000-01-01T00:00:00Z", -62167219200, NULL },
    { "0000-02-29T00:00:00Z", -62162121600, NULL },
    { "0000-01-01T00:00:00+23:59", -62167305540, "0000-01-01T00:00:00Z" },
    { NULL, 0, NULL }
};


/* each text with a part of what the message has to contain */

static const char *const  wrong[][2] = {
    { "", "such as \"2027-01-31T00:00:00Z\"" },
    { "2027-01-31", "such as" },
    { "2027-01-31T00:00:00", "such as" },
    { "2027-01-31 00:00:00Z", "such as" },
    { "2027-01-31T00:00Z", "such as" },
    { "2027-1-31T00:00:00Z", "such as" },
    { "27-01-31T00:00:00Z", "such as" },
    { "+027-01-31T00:00:00Z", "such as" },
    { "2027/01/31T00:00:00Z", "such as" },
    { "2027-01-31T00:00:00ZZ", "such as" },
    { " 2027-01-31T00:00:00Z", "such as" },
    { "2027-01-31T00:00:00Z ", "such as" },
    { "2027-01-31T00:00:00.Z", "such as" },
    { "2027-01-31T00:00:00,5Z", "such as" },
    { "2027-01-31T00:00:00+0100", "such as" },
    { "2027-01-31T00:00:00+01", "such as" },
    { "2027-01-31T00:00:00+01:0", "such as" },
    { "2027-01-31T00:00:00*01:00", "such as" },
    { "2027-01-31T00:00:00+1a:00", "such as" },
    { "2027-01-31T00:00:00UTC", "such as" },
    { "tomorrow", "such as" },
    { "1801353600", "such as" },
    { "2027-00-10T00:00:00Z", "month is 01 to 12" },
    { "2027-13-10T00:00:00Z", "month is 01 to 12" },
    { "2027-01-00T00:00:00Z", "day that its month has" },
    { "2027-01-32T00:00:00Z", "day that its month has" },
    { "2027-04-31T00:00:00Z", "day that its month has" },
    { "2027-02-29T00:00:00Z", "day that its month has" },
    { "2100-02-29T00:00:00Z", "day that its month has" },
    { "1900-02-29T00:00:00Z", "day that its month has" },
    { "2027-01-31T24:00:00Z", "hour is 00 to 23" },
    { "2027-01-31T00:60:00Z", "minute is 00 to 59" },
    { "2026-12-31T23:59:60Z", "second is 00 to 59" },
    { "2027-01-31T00:00:61Z", "second is 00 to 59" },
    { "2027-01-31T00:00:00+24:00", "offset is -23:59 to +23:59" },
    { "2027-01-31T00:00:00+01:60", "offset is -23:59 to +23:59" },
    { NULL, NULL }
};


static llmp_str_t
str(const char *text)
{
    llmp_str_t  s;

    s.data = (u_char *) text;
    s.len = strlen(text);

    return s;
}


static void
test_dates(void **state)
{
    char                buf[LLMP_DATE_TEXT];
    int64_t             time;
    llmp_str_t          text;
    const date_case_t  *c;

    (void) state;

    for (c = dates; c->text != NULL; c++) {
        text = str(c->text);

        assert_null(llmp_date_parse(&time, &text));
        assert_true(time == c->time);

        llmp_date_write(buf, time);
        assert_string_equal(buf, c->written ? c->written : c->text);
    }
}


static void
test_wrong(void **state)
{
    int64_t             time;
    llmp_str_t          text;
    llmp_uint_t         i;
    const char         *message;

    (void) state;

    for (i = 0; wrong[i][0] != NULL; i++) {
        text = str(wrong[i][0]);
        message = llmp_date_parse(&time, &text);

        if (message == NULL || strstr(message, wrong[i][1]) == NULL) {
            fail_msg("\"%s\": %s", wrong[i][0], message ? message : "valid");
        }

        assert_int_equal(strncmp(message, "must be ", 8), 0);
    }
}


/* every day of 2400 years against the C library */

static void
test_calendar(void **state)
{
    char        buf[LLMP_DATE_TEXT], expected[64];
    int64_t     time, parsed;
    time_t      t;
    struct tm   tm;
    llmp_str_t  text;

    (void) state;

    for (time = -62167219200; time < 13569465600; time += 86399) {
        t = (time_t) time;

        assert_non_null(gmtime_r(&t, &tm));

        (void) snprintf(expected, sizeof(expected),
                        "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                        tm.tm_sec);

        llmp_date_write(buf, time);
        assert_string_equal(buf, expected);

        text = str(buf);
        assert_null(llmp_date_parse(&parsed, &text));
        assert_true(parsed == time);
    }
}


static void
test_zone(void **state)
{
    size_t      i;
    int64_t     offset;
    llmp_str_t  text;

    static const struct {
        const char  *text;
        int64_t      offset;
    } valid[] = {
        { "+00:00", 0 }, { "+23:59", 86340 }, { "-09:30", -34200 }
    };

    static const char *const  wrong[] = {
        "", "Z", "+24:00", "+1:00", "01:00", "+01:60", "+01:00:00", "+0a:00"
    };

    (void) state;

    for (i = 0; i < test_nelts(valid); i++) {
        text = test_cstr(valid[i].text);
        assert_int_equal(llmp_date_parse_zone(&offset, &text), LLMP_OK);
        assert_int_equal(offset, valid[i].offset);
    }

    for (i = 0; i < test_nelts(wrong); i++) {
        text = test_cstr(wrong[i]);
        assert_int_equal(llmp_date_parse_zone(&offset, &text), LLMP_ERROR);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_zone),
        cmocka_unit_test(test_calendar)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
