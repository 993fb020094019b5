
/*
 * Copyright (C) llm-policy authors
 */


#include "llmp_decimal.h"


/* beyond it, an exponent is out of range whatever the digits are */
#define LLMP_EXPONENT_CAP  ((int64_t) 1 << 40)


static llmp_int_t llmp_decimal_set(llmp_decimal_t *d, int64_t exponent,
    const u_char *p, const u_char *last);
static const u_char *llmp_decimal_digits(const u_char *p, const u_char *last);
static const u_char *llmp_decimal_exponent(int64_t *exponent, const u_char *p,
    const u_char *last);
static void llmp_decimal_collect(llmp_decimal_t *d, const u_char *p,
    const u_char *last);


llmp_int_t
llmp_decimal_parse(llmp_decimal_t *d, const llmp_str_t *text)
{
    int64_t        exponent;
    const u_char  *p, *last, *integer, *fraction, *end;

    if (text->len > LLMP_NUMBER_MAX) {
        return LLMP_ERROR;
    }

    p = text->data;
    last = p + text->len;

    d->negative = (p < last && *p == '-');

    if (d->negative) {
        p++;
    }

    integer = p;
    p = llmp_decimal_digits(p, last);

    if (p == integer || (*integer == '0' && p - integer > 1)) {
        return LLMP_ERROR;
    }

    fraction = p;
    exponent = fraction - integer;

    if (p < last && *p == '.') {
        p = llmp_decimal_digits(p + 1, last);

        if (p - fraction == 1) {
            return LLMP_ERROR;
        }
    }

    end = p;

    if (p < last && (*p == 'e' || *p == 'E')) {
        p = llmp_decimal_exponent(&exponent, p + 1, last);
    }

    if (p != last) {
        return LLMP_ERROR;
    }

    return llmp_decimal_set(d, exponent, integer, end);
}


int
llmp_decimal_cmp(const llmp_decimal_t *a, const llmp_decimal_t *b)
{
    int     rc, sign;
    size_t  n;

    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }

    if (a->ndigits == 0 || b->ndigits == 0) {
        /* neither is negative, since zero never is */
        return (a->ndigits != 0) - (b->ndigits != 0);
    }

    sign = a->negative ? -1 : 1;

    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -sign : sign;
    }

    n = a->ndigits < b->ndigits ? a->ndigits : b->ndigits;

    rc = memcmp(a->digits, b->digits, n);

    if (rc == 0) {
        rc = (int) a->ndigits - (int) b->ndigits;
    }

    return rc < 0 ? -sign : rc > 0 ? sign : 0;
}


llmp_int_t
llmp_decimal_is_integer(const llmp_decimal_t *d)
{
    return d->ndigits == 0 || d->exponent >= d->ndigits;
}


uint64_t
llmp_decimal_whole(const llmp_decimal_t *d)
{
    int32_t   i;
    uint64_t  n;

    if (d->negative || d->ndigits == 0 || d->exponent <= 0) {
        return 0;
    }

    if (d->exponent > 18) {
        return 1000000000000000000;
    }

    n = 0;

    for (i = 0; i < d->exponent; i++) {
        n = n * 10 + (i < d->ndigits ? d->digits[i] - '0' : 0);
    }

    return n;
}


/* sets the value: the digits of [p, last), with the point after exponent */

static llmp_int_t
llmp_decimal_set(llmp_decimal_t *d, int64_t exponent, const u_char *p,
    const u_char *last)
{
    /* leading zeros do not count as digits, and each moves the point */

    for ( /* void */ ; p < last && (*p == '0' || *p == '.'); p++) {
        exponent -= (*p == '0');
    }

    llmp_decimal_collect(d, p, last);

    if (d->ndigits == 0) {
        d->negative = 0;
        d->exponent = 0;
        return LLMP_OK;
    }

    if (exponent > 308 || exponent < INT32_MIN) {
        return LLMP_ERROR;
    }

    d->exponent = (int32_t) exponent;

    return LLMP_OK;
}


static const u_char *
llmp_decimal_digits(const u_char *p, const u_char *last)
{
    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


/* adds what is written at p; returns its end, or NULL if nothing is */

static const u_char *
llmp_decimal_exponent(int64_t *exponent, const u_char *p, const u_char *last)
{
    int64_t        n, sign;
    const u_char  *end;

    sign = 1;

    if (p < last && (*p == '+' || *p == '-')) {
        sign = (*p == '-') ? -1 : 1;
        p++;
    }

    end = llmp_decimal_digits(p, last);

    if (end == p) {
        return NULL;
    }

    for (n = 0; p < end && n < LLMP_EXPONENT_CAP; p++) {
        n = n * 10 + (*p - '0');
    }

    *exponent += sign * n;

    return end;
}


/* keeps the digits of [p, last), which starts with none that is 0 */

static void
llmp_decimal_collect(llmp_decimal_t *d, const u_char *p, const u_char *last)
{
    size_t  i, n;

    n = 0;
    i = 0;

    for ( /* void */ ; p < last; p++) {

        if (*p == '.') {
            continue;
        }

        d->digits[i++] = *p;

        if (*p != '0') {
            n = i;
        }
    }

    d->ndigits = (uint8_t) n;
}
