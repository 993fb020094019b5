
/*
 * Copyright (C) llm-policy authors
 *
 * Years are those of the Gregorian calendar, also before it was used, as in
 * RFC 3339.  Here a year begins in March, so that a leap day is its last day.
 */


#include "base/llmp_date.h"


#define LLMP_DATE_DAY   86400

/* days of 400 years, and from March 1 of the year 0 to January 1, 1970 */
#define LLMP_DATE_ERA   146097
#define LLMP_DATE_1970  719468

/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z */
#define LLMP_DATE_MIN   ((int64_t) -62167219200)
#define LLMP_DATE_MAX   ((int64_t) 253402300799)


/* fields, in the order of the text */

typedef enum {
    LLMP_DATE_YEAR = 0,
    LLMP_DATE_MONTH,
    LLMP_DATE_DAY_OF_MONTH,
    LLMP_DATE_HOUR,
    LLMP_DATE_MINUTE,
    LLMP_DATE_SECOND,
    LLMP_DATE_FIELDS
} llmp_date_field_e;


typedef struct {
    size_t       digits;
    char         end;     /* character behind the digits; 0: any */
    int          min;
    int          max;
    const char  *wrong;
} llmp_date_rule_t;


static const char *llmp_date_parse_fields(llmp_str_t *rest, int *fields);
static const char *llmp_date_parse_offset(llmp_str_t *rest, int64_t *offset);
static int llmp_date_digits(llmp_str_t *rest, size_t n);
static void llmp_date_skip_fraction(llmp_str_t *rest);
static int llmp_date_month_days(int year, int month);
static int64_t llmp_date_days(const int *fields);
static void llmp_date_from_days(int *fields, int64_t days);
static char *llmp_date_write_number(char *p, int64_t number, size_t n,
    char end);


static const char  llmp_date_form[] =
    "must be a date with a time and \"Z\" or an offset, such as "
    "\"2027-01-31T00:00:00Z\" or \"2027-01-31T00:00:00+01:00\"";


/* RFC 3339, section 5.6; index: llmp_date_field_e */

static const llmp_date_rule_t  llmp_date_rules[LLMP_DATE_FIELDS] = {
    { 4, '-', 0, 9999, llmp_date_form },
    { 2, '-', 1, 12, "must be a date whose month is 01 to 12" },
    { 2, 'T', 1, 31, "must be a date with a day that its month has" },
    { 2, ':', 0, 23, "must be a date whose hour is 00 to 23" },
    { 2, ':', 0, 59, "must be a date whose minute is 00 to 59" },
    { 2, 0, 0, 59, "must be a date whose second is 00 to 59" }
};


const char *
llmp_date_parse(int64_t *time, const llmp_str_t *text)
{
    int          fields[LLMP_DATE_FIELDS];
    int64_t      offset;
    llmp_str_t   rest;
    const char  *wrong;

    rest = *text;
    wrong = llmp_date_parse_fields(&rest, fields);

    if (wrong != NULL) {
        return wrong;
    }

    llmp_date_skip_fraction(&rest);

    wrong = llmp_date_parse_offset(&rest, &offset);

    if (wrong != NULL) {
        return wrong;
    }

    *time = llmp_date_days(fields) * LLMP_DATE_DAY
            + fields[LLMP_DATE_HOUR] * 3600 + fields[LLMP_DATE_MINUTE] * 60
            + fields[LLMP_DATE_SECOND] - offset;

    return NULL;
}


static const char *
llmp_date_parse_fields(llmp_str_t *rest, int *fields)
{
    u_char                   ch;
    const char              *wrong;
    llmp_uint_t              i;
    const llmp_date_rule_t  *rule;

    wrong = NULL;

    for (i = 0; i < LLMP_DATE_FIELDS; i++) {
        rule = &llmp_date_rules[i];
        fields[i] = llmp_date_digits(rest, rule->digits);

        if (fields[i] < 0) {
            return llmp_date_form;
        }

        if (wrong == NULL && (fields[i] < rule->min || fields[i] > rule->max)) {
            wrong = rule->wrong;
        }

        if (rule->end == 0) {
            continue;
        }

        ch = (rest->len != 0) ? rest->data[0] : 0;

        if (ch != rule->end && !(rule->end == 'T' && ch == 't')) {
            return llmp_date_form;
        }

        rest->data++;
        rest->len--;
    }

    if (wrong == NULL
        && fields[LLMP_DATE_DAY_OF_MONTH]
           > llmp_date_month_days(fields[LLMP_DATE_YEAR],
                                  fields[LLMP_DATE_MONTH]))
    {
        wrong = llmp_date_rules[LLMP_DATE_DAY_OF_MONTH].wrong;
    }

    return wrong;
}


/* returns the number of n digits, or -1 */

static int
llmp_date_digits(llmp_str_t *rest, size_t n)
{
    int     value;
    size_t  i;

    if (rest->len < n) {
        return -1;
    }

    value = 0;

    for (i = 0; i < n; i++) {

        if (rest->data[i] < '0' || rest->data[i] > '9') {
            return -1;
        }

        value = value * 10 + (rest->data[i] - '0');
    }

    rest->data += n;
    rest->len -= n;

    return value;
}


/* a "." without digits is left, and is no offset */

static void
llmp_date_skip_fraction(llmp_str_t *rest)
{
    if (rest->len < 2 || rest->data[0] != '.'
        || rest->data[1] < '0' || rest->data[1] > '9')
    {
        return;
    }

    do {
        rest->data++;
        rest->len--;
    } while (rest->len != 0 && rest->data[0] >= '0' && rest->data[0] <= '9');
}


/* "Z", "+01:00" or "-01:00", to the end of the text */

static const char *
llmp_date_parse_offset(llmp_str_t *rest, int64_t *offset)
{
    int     hours, minutes;
    u_char  sign;

    if (rest->len == 1 && (rest->data[0] == 'Z' || rest->data[0] == 'z')) {
        *offset = 0;
        return NULL;
    }

    if (rest->len != sizeof("+01:00") - 1
        || (rest->data[0] != '+' && rest->data[0] != '-'))
    {
        return llmp_date_form;
    }

    sign = rest->data[0];
    rest->data++;
    rest->len--;

    hours = llmp_date_digits(rest, 2);

    if (hours < 0 || rest->data[0] != ':') {
        return llmp_date_form;
    }

    rest->data++;
    rest->len--;

    minutes = llmp_date_digits(rest, 2);

    if (minutes < 0) {
        return llmp_date_form;
    }

    if (hours > 23 || minutes > 59) {
        return "must be a date whose offset is -23:59 to +23:59";
    }

    *offset = hours * 3600 + minutes * 60;

    if (sign == '-') {
        *offset = -*offset;
    }

    return NULL;
}


llmp_int_t
llmp_date_parse_zone(int64_t *offset, const llmp_str_t *text)
{
    llmp_str_t  rest;

    rest = *text;

    if (rest.len == 0 || (rest.data[0] != '+' && rest.data[0] != '-')) {
        return LLMP_ERROR;
    }

    return (llmp_date_parse_offset(&rest, offset) == NULL) ? LLMP_OK
                                                            : LLMP_ERROR;
}


static int
llmp_date_month_days(int year, int month)
{
    static const int  days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (month == 2
        && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
    {
        return 29;
    }

    return days[month - 1];
}


/* returns the days from 1970 to a date */

static int64_t
llmp_date_days(const int *fields)
{
    int64_t  year, month, day;

    year = fields[LLMP_DATE_YEAR];
    month = fields[LLMP_DATE_MONTH] - 3;

    if (month < 0) {
        month += 12;
        year--;
    }

    /* 400 years are added, as January of the year 0 is in the year -1 */

    year += 400;

    /* five months from March on, or from August on, have 153 days */

    day = (153 * month + 2) / 5 + fields[LLMP_DATE_DAY_OF_MONTH] - 1;

    return year * 365 + year / 4 - year / 100 + year / 400 + day
           - LLMP_DATE_ERA - LLMP_DATE_1970;
}


void
llmp_date_write(char buf[LLMP_DATE_TEXT], int64_t time)
{
    int      fields[LLMP_DATE_FIELDS];
    int64_t  seconds;

    if (time < LLMP_DATE_MIN) {
        time = LLMP_DATE_MIN;
    }

    if (time > LLMP_DATE_MAX) {
        time = LLMP_DATE_MAX;
    }

    time += (int64_t) (LLMP_DATE_1970 + LLMP_DATE_ERA) * LLMP_DATE_DAY;

    seconds = time % LLMP_DATE_DAY;

    llmp_date_from_days(fields, time / LLMP_DATE_DAY);

    buf = llmp_date_write_number(buf, fields[LLMP_DATE_YEAR], 4, '-');
    buf = llmp_date_write_number(buf, fields[LLMP_DATE_MONTH], 2, '-');
    buf = llmp_date_write_number(buf, fields[LLMP_DATE_DAY_OF_MONTH], 2, 'T');
    buf = llmp_date_write_number(buf, seconds / 3600, 2, ':');
    buf = llmp_date_write_number(buf, seconds / 60 % 60, 2, ':');
    buf = llmp_date_write_number(buf, seconds % 60, 2, 'Z');

    *buf = '\0';
}


int64_t
llmp_date_month(int64_t days, int64_t *next)
{
    int  fields[LLMP_DATE_FIELDS], length;

    llmp_date_from_days(fields, days + LLMP_DATE_1970 + LLMP_DATE_ERA);

    length = llmp_date_month_days(fields[LLMP_DATE_YEAR],
                                  fields[LLMP_DATE_MONTH]);

    *next = days - fields[LLMP_DATE_DAY_OF_MONTH] + 1 + length;

    return (int64_t) (fields[LLMP_DATE_YEAR] - 1970) * 12
           + fields[LLMP_DATE_MONTH] - 1;
}


/* sets year, month and day of the month; days are from March 1 of the year
   -400, as in llmp_date_days() */

static void
llmp_date_from_days(int *fields, int64_t days)
{
    int64_t  era, year, month, day;

    era = days / LLMP_DATE_ERA;
    day = days % LLMP_DATE_ERA;

    /* the leap days of 4, 100 and 400 years are taken out */

    year = (day - day / 1460 + day / 36524 - day / (LLMP_DATE_ERA - 1)) / 365;
    day -= year * 365 + year / 4 - year / 100;
    year += (era - 1) * 400;

    month = (5 * day + 2) / 153;
    day -= (153 * month + 2) / 5;
    month += 3;

    if (month > 12) {
        month -= 12;
        year++;
    }

    fields[LLMP_DATE_YEAR] = (int) year;
    fields[LLMP_DATE_MONTH] = (int) month;
    fields[LLMP_DATE_DAY_OF_MONTH] = (int) day + 1;
}


/* writes n digits of a number, and the character behind them */

static char *
llmp_date_write_number(char *p, int64_t number, size_t n, char end)
{
    size_t  i;

    for (i = n; i > 0; i--) {
        p[i - 1] = (char) ('0' + number % 10);
        number /= 10;
    }

    p[n] = end;

    return p + n + 1;
}
