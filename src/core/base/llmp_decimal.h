
/*
 * Copyright (C) llm-policy authors
 *
 * JSON numbers as decimals: exact, without floating point.
 */


#ifndef LLMP_DECIMAL_H_INCLUDED_
#define LLMP_DECIMAL_H_INCLUDED_


#include "base/llmp.h"


/* the longest number that is read, in bytes */
#define LLMP_DECIMAL_MAX  64


/*
 * The value is 0.D1D2D3... * 10^exponent, negative if so said, with
 * D1 and the last digit not 0; zero has ndigits == 0 and is never negative.
 */

typedef struct {
    int32_t    exponent;
    uint8_t    negative;
    uint8_t    ndigits;
    u_char     digits[LLMP_DECIMAL_MAX];
} llmp_decimal_t;


/*
 * Reads a number of the RFC 8259, section 6 grammar.  Returns LLMP_OK, or
 * LLMP_ERROR if the text is no such number, is longer than LLMP_DECIMAL_MAX, or
 * is not below 10^308 (RFC 8259 expects readers to hold it in a double: beyond,
 * readers disagree between infinity and an error), or is so close to zero that
 * its exponent does not fit 32 bits.  An exponent of any length on a
 * zero is read as zero only if all its digits fit the limit above.
 */
llmp_int_t llmp_decimal_parse(llmp_decimal_t *d, const llmp_str_t *text);

/* compares: < 0, 0, > 0; exact for any two parsed values, at any exponent */
int llmp_decimal_cmp(const llmp_decimal_t *a, const llmp_decimal_t *b);

/* true if the value has no fraction */
llmp_int_t llmp_decimal_is_integer(const llmp_decimal_t *d);

/* the whole part, from 0 up to 10^18: what is below 0 is 0 */
uint64_t llmp_decimal_whole(const llmp_decimal_t *d);


#endif /* LLMP_DECIMAL_H_INCLUDED_ */
