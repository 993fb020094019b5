
/*
 * Copyright (C) llm-policy authors
 *
 * JSON numbers as exact decimals, without floating point.
 */


#ifndef LLMP_DECIMAL_H_INCLUDED_
#define LLMP_DECIMAL_H_INCLUDED_


#include "base/llmp.h"


/* longest number that is parsed, in bytes */
#define LLMP_DECIMAL_MAX  64


/*
 * The value is 0.D1D2D3... * 10^exponent, less than 0 if negative is set.  D1
 * and the last digit are not 0.  Zero has ndigits == 0 and is never negative.
 */

typedef struct {
    int32_t    exponent;
    uint8_t    negative;
    uint8_t    ndigits;
    u_char     digits[LLMP_DECIMAL_MAX];
} llmp_decimal_t;


/*
 * Parses a JSON number (RFC 8259, section 6).  Returns LLMP_OK, or LLMP_ERROR
 * if the text
 *
 *   - is no number, or longer than LLMP_DECIMAL_MAX;
 *   - is 10^308 or more in magnitude: RFC 8259 expects readers to use doubles,
 *     and for larger numbers some return infinity and others an error;
 *   - is so close to zero that its exponent does not fit 32 bits.
 *
 * A zero may have any exponent within LLMP_DECIMAL_MAX bytes.
 */
llmp_int_t llmp_decimal_parse(llmp_decimal_t *d, const llmp_str_t *text);

/* compares two numbers exactly, at any exponents; returns < 0, 0 or > 0 */
int llmp_decimal_cmp(const llmp_decimal_t *a, const llmp_decimal_t *b);

/* returns 1 if the value has no fraction */
llmp_int_t llmp_decimal_is_integer(const llmp_decimal_t *d);

/* returns 1 if the value is 0, or may be 0 in 32 bits: below 1e-45 */
llmp_int_t llmp_decimal_is_tiny(const llmp_decimal_t *d);

/* returns the integer part; 0 if the value is negative, 10^18 if it is
   larger */
uint64_t llmp_decimal_whole(const llmp_decimal_t *d);

/* returns the value times 10^digits; -1 if the value is negative, if the result
   has a fraction, or if it is 10^18 or more */
int64_t llmp_decimal_scale(const llmp_decimal_t *d, llmp_uint_t digits);


#endif /* LLMP_DECIMAL_H_INCLUDED_ */
