
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_decimal.h"


/* a larger exponent is out of range for any digits */
#define LLMP_DECIMAL_EXPONENT_MAX  ((int64_t) 1 << 40)


static const u_char *llmp_decimal_read_digits(llmp_decimal_t *d, llmp_uint_t *n,
    const u_char *p, const u_char *last);
static const u_char *llmp_decimal_read_exponent(int64_t *exponent,
    const u_char *p, const u_char *last);


llmp_int_t
llmp_decimal_parse(llmp_decimal_t *d, const llmp_str_t *text)
{
    int64_t        exponent;
    llmp_uint_t    n, whole;
    const u_char  *p, *last, *start;

    if (text->len == 0 || text->len > LLMP_DECIMAL_MAX) {
        return LLMP_ERROR;
    }

    p = text->data;
    last = p + text->len;

    n = 0;
    d->ndigits = 0;
    d->negative = (p < last && *p == '-');

    if (d->negative) {
        p++;
    }

    start = p;
    p = llmp_decimal_read_digits(d, &n, p, last);

    if (p == start || (*start == '0' && p - start > 1)) {
        return LLMP_ERROR;
    }

    exponent = (int64_t) n;

    if (p < last && *p == '.') {
        whole = n;
        start = p + 1;
        p = llmp_decimal_read_digits(d, &n, start, last);

        if (p == start) {
            return LLMP_ERROR;
        }

        /* each leading zero, which is not copied, moves the point */

        exponent -= (p - start) - (int64_t) (n - whole);
    }

    if (p < last && (*p == 'e' || *p == 'E')) {
        p = llmp_decimal_read_exponent(&exponent, p + 1, last);
    }

    if (p != last) {
        return LLMP_ERROR;
    }

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


int
llmp_decimal_cmp(const llmp_decimal_t *a, const llmp_decimal_t *b)
{
    int     rc, sign;
    size_t  i, n;

    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }

    if (a->ndigits == 0 || b->ndigits == 0) {
        /* both are positive or zero, since zero is never negative */
        return (a->ndigits != 0) - (b->ndigits != 0);
    }

    sign = a->negative ? -1 : 1;

    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -sign : sign;
    }

    n = a->ndigits < b->ndigits ? a->ndigits : b->ndigits;

    /* most numbers have few digits: a loop is faster than memcmp() */

    for (i = 0; i < n && a->digits[i] == b->digits[i]; i++) { /* void */ }

    rc = (i < n) ? a->digits[i] - b->digits[i]
                 : (int) a->ndigits - (int) b->ndigits;

    return rc < 0 ? -sign : rc > 0 ? sign : 0;
}


llmp_int_t
llmp_decimal_is_integer(const llmp_decimal_t *d)
{
    return d->ndigits == 0 || d->exponent >= d->ndigits;
}


llmp_int_t
llmp_decimal_is_tiny(const llmp_decimal_t *d)
{
    /* 0.1e-44 is 1e-45: the least number of 32 bits is 1.4e-45 */

    return d->ndigits == 0 || d->exponent < -44;
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


int64_t
llmp_decimal_scale(const llmp_decimal_t *d, llmp_uint_t digits)
{
    llmp_decimal_t  scaled;

    if (d->ndigits == 0) {
        return 0;
    }

    if (d->negative || d->exponent > 18 || digits > 18) {
        return -1;
    }

    scaled = *d;
    scaled.exponent += (int32_t) digits;

    if (scaled.exponent > 18 || !llmp_decimal_is_integer(&scaled)) {
        return -1;
    }

    return (int64_t) llmp_decimal_whole(&scaled);
}


/*
 * Copies the digits at p to d->digits, without leading zeros.  *n is the number
 * of digits copied, d->ndigits the same without trailing zeros.  Returns the
 * end of the digits at p.
 */

static const u_char *
llmp_decimal_read_digits(llmp_decimal_t *d, llmp_uint_t *n, const u_char *p,
    const u_char *last)
{
    for ( /* void */ ; p < last && *p >= '0' && *p <= '9'; p++) {

        if (*p == '0' && *n == 0) {
            continue;
        }

        d->digits[(*n)++] = *p;

        if (*p != '0') {
            d->ndigits = (uint8_t) *n;
        }
    }

    return p;
}


/* adds the exponent at p to *exponent; returns its end, or NULL if there is no
   digit */

static const u_char *
llmp_decimal_read_exponent(int64_t *exponent, const u_char *p,
    const u_char *last)
{
    int64_t        n, sign;
    const u_char  *end;

    sign = 1;

    if (p < last && (*p == '+' || *p == '-')) {
        sign = (*p == '-') ? -1 : 1;
        p++;
    }

    for (end = p; end < last && *end >= '0' && *end <= '9'; end++) {
        /* void */
    }

    if (end == p) {
        return NULL;
    }

    for (n = 0; p < end && n < LLMP_DECIMAL_EXPONENT_MAX; p++) {
        n = n * 10 + (*p - '0');
    }

    *exponent += sign * n;

    return end;
}
