
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text in blocks of 64 bytes, see llmp_text_pt.  A file for each set of
 * instructions includes this one, and defines
 *
 *   LLMP_BLOCK(name)    the name of one of its functions
 *   LLMP_BLOCK_TARGET   the attribute of its functions
 *   LLMP_BLOCK_TEXT     the name of the function that is defined here
 *
 * and these types and functions, whose masks have a bit for each byte:
 *
 *   (t)                 a block of 64 bytes
 *   (error_t)           the errors of UTF-8 so far
 *   load(p)             reads the block at p
 *   special(b)          returns 1 if a byte is not plain text
 *   marked(b)           returns 1 if there is a quote, a backslash or a control
 *                       character
 *   stops(b, p)         returns 1 if a byte may be an unescaped quote, or is
 *                       a control character, or follows a single backslash and
 *                       is no simple escape, or follows two backslashes
 *   ascii(b)            returns 1 if all bytes are ASCII
 *   quote(b), backslash(b), control(b), letter_u(b), digit_d(b), hex(b)
 *                       masks of these characters
 *   simple(b)           mask of the last characters of two-byte escapes
 *   clear(e), utf8(e, b, p), failed(e)
 *                       check UTF-8: of the block at p; a character may begin
 *                       in the 3 bytes before it, or end after it
 *
 * The position of an error is not found here: after any error the scalar code
 * starts again from the beginning and finds it.  This happens once, since the
 * document is then refused.
 */


#ifndef LLMP_TEXT_BLOCK_H_INCLUDED_
#define LLMP_TEXT_BLOCK_H_INCLUDED_


#include "json/llmp_text_scalar.h"


/* number of blocks after an unusual byte in which its check is repeated */
#ifndef LLMP_BLOCK_MODE
#define LLMP_BLOCK_MODE 8
#endif

/* the even bits of a mask */
#define LLMP_BLOCK_EVEN  0x5555555555555555ull


/* returns a mask of the escaped bytes; *carry is 1 if the first byte of this
   block is escaped, and is set for the next block */

LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_block_escaped(uint64_t backslash, uint64_t *carry)
{
    uint64_t  first, after_even, after_odd, escaped, sum;

    /*
     * A byte after an odd number of backslashes is escaped.  Adding the bit of
     * the first backslash to the bits of all of them moves it to that byte, so
     * that pairs of backslashes need no check.
     */

    escaped = *carry & ~backslash;
    backslash &= ~*carry;

    first = backslash & ~(backslash << 1);

    after_even = backslash + (first & LLMP_BLOCK_EVEN);
    *carry = __builtin_add_overflow(backslash, first & ~LLMP_BLOCK_EVEN, &sum);
    after_odd = sum;

    return escaped | (~backslash & ((after_even & ~LLMP_BLOCK_EVEN)
                                    | (after_odd & LLMP_BLOCK_EVEN)));
}


/* returns 1 if the byte at p is escaped; at most two backslashes precede it */

LLMP_BLOCK_TARGET
static inline uint64_t
llmp_text_block_carry(const u_char *p)
{
    return p[-1] == '\\' && (p[-2] != '\\' || p[-3] == '\\');
}


/* returns the beginning of the character or escape that is incomplete at p */

LLMP_BLOCK_TARGET
static inline const u_char *
llmp_text_block_whole(const u_char *p, uint64_t carry, uint64_t digits,
    int mixed)
{
    if (carry != 0) {
        return p - 1;
    }

    if (digits != 0) {
        /* \uXXXX has 6 bytes; digits has a bit for each missing one */
        return p - 6 + __builtin_ctzll(~digits);
    }

    if (!mixed) {
        return p;
    }

    return (p[-1] >= 0xc0) ? p - 1 : (p[-2] >= 0xe0) ? p - 2
           : (p[-3] >= 0xf0) ? p - 3 : p;
}


/* see llmp_text_pt */

LLMP_BLOCK_TARGET
const u_char *
LLMP_BLOCK_TEXT(const u_char *buf, const u_char *p, const u_char *end)
{
    int                  n, mode, mixed, escapes, known;
    uint64_t             carry, digits, quote, stop, bad, escaped, u;
    const u_char        *start, *next;
    LLMP_BLOCK(t)        b;
    LLMP_BLOCK(error_t)  error;

    start = p;

    while (p - buf < 3 || p[-1] == '\\') {
        next = (p < end) ? llmp_text_scalar_step(p, end) : p;

        if (next == p) {
            return p;
        }

        p = next;
    }

    mode = 0;
    mixed = 0;
    escapes = 0;
    known = 0;
    carry = 0;
    digits = 0;

    LLMP_BLOCK(clear)(&error);

    for ( /* void */ ; end - p >= 64; p += 64) {
        b = LLMP_BLOCK(load)(p);

        if (mode == 0) {

            if (!LLMP_BLOCK(special)(&b)) {
                continue;
            }

            mode = LLMP_BLOCK_MODE;
        }

        mode--;

        if (!LLMP_BLOCK(ascii)(&b)) {
            mixed = LLMP_BLOCK_MODE;
        }

        if (mixed != 0) {
            LLMP_BLOCK(utf8)(&error, &b, p);
            mixed--;
        }

        if (escapes == 0 && LLMP_BLOCK(marked)(&b)) {
            escapes = LLMP_BLOCK_MODE;
        }

        if (escapes == 0 || (digits == 0 && !LLMP_BLOCK(stops)(&b, p))) {
            escapes -= (escapes != 0);
            known = 0;
            continue;
        }

        if (!known) {
            carry = llmp_text_block_carry(p);
            known = 1;
        }

        quote = LLMP_BLOCK(quote)(&b);
        stop = 0;
        bad = LLMP_BLOCK(control)(&b);
        escaped = LLMP_BLOCK(backslash)(&b);

        if ((escaped | carry | digits) != 0) {
            escaped = llmp_text_block_escaped(escaped, &carry);
            quote &= ~escaped;

            bad |= escaped & ~LLMP_BLOCK(simple)(&b, p, escaped);

            if ((bad | digits) != 0) {
                u = bad & LLMP_BLOCK(letter_u)(&b);
                bad &= ~u;
                stop = (u << 1 | digits >> 3) & LLMP_BLOCK(digit_d)(&b);
                digits |= u << 1 | u << 2 | u << 3 | u << 4;
                bad |= digits & ~LLMP_BLOCK(hex)(&b);
                digits = u >> 63 | u >> 62 | u >> 61 | u >> 60;
            }
        }

        stop |= quote | bad;

        if (stop == 0) {
            continue;
        }

        n = __builtin_ctzll(stop);

        if (LLMP_BLOCK(failed)(&error) || (bad >> n & 1)) {
            return llmp_text_scalar(buf, start, end);
        }

        if (quote >> n & 1) {
            return p + n;
        }

        /* the first digit of a possible surrogate */

        next = llmp_text_scalar_step(p + n - 2, end);

        if (next == p + n - 2) {
            return next;
        }

        p = next - 64;
        mixed = 0;
        known = 0;
        digits = 0;
    }

    if (LLMP_BLOCK(failed)(&error)) {
        return llmp_text_scalar(buf, start, end);
    }

    if (!known) {
        carry = llmp_text_block_carry(p);
    }

    p = llmp_text_block_whole(p, carry, digits, mixed);

    return llmp_text_scalar_rest(buf, p, end);
}


#endif /* LLMP_TEXT_BLOCK_H_INCLUDED_ */
