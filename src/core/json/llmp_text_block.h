
/*
 * Copyright (C) llm-policy authors
 *
 * Text in blocks of 64 bytes; included once for each set of instructions, with
 * these defined:
 *
 *   LLMP_BLOCK(name)    a name of this set's own
 *   LLMP_BLOCK_TARGET   the attribute of functions that use it
 *
 * and, as such functions, with masks that have a bit for each byte:
 *
 *   (block)_t           64 bytes
 *   (error)_t           what is wrong with UTF-8, collected
 *   load(p)
 *   special(b)          whether a byte is no plain text
 *   marked(b)           whether there is a quote, a backslash, a control
 *                       character
 *   stops(b, p)         whether a byte may be a quote that is not escaped, a
 *                       control character, or behind a backslash that does
 *                       not follow another, what makes no simple escape; or is
 *                       behind two backslashes
 *   ascii(b)            whether all are of ASCII
 *   quote(b), backslash(b), control(b), letter_u(b), digit_d(b), hex(b)
 *   simple(b)           what an escape of one character ends with
 *   utf8(e, b, p)       checks the block at p; there are 3 bytes before it, and
 *                       a character may begin in them, or go on behind it
 *   failed(e)           whether anything was wrong
 *
 * Nothing here says where an error is: whatever is not as it should be, the
 * plain way is gone once more from the beginning, and it says where.  Then it
 * is the last time, since the document is refused.
 */


#ifndef LLMP_BLOCK_MODE
#define LLMP_BLOCK_MODE 8
#endif

#define llmp_even_bits  0x5555555555555555ull


LLMP_BLOCK_TARGET
static inline uint64_t
LLMP_BLOCK(escaped)(uint64_t backslash, uint64_t *carry)
{
    uint64_t  first, after_even, after_odd, escaped, sum;

    /*
     * What is behind an odd number of backslashes is escaped: adding the bit
     * of the first of them to all of them moves it there.  Those of the pairs
     * in between need no look.
     */

    escaped = *carry & ~backslash;
    backslash &= ~*carry;

    first = backslash & ~(backslash << 1);

    after_even = backslash + (first & llmp_even_bits);
    *carry = __builtin_add_overflow(backslash, first & ~llmp_even_bits, &sum);
    after_odd = sum;

    return escaped | (~backslash & ((after_even & ~llmp_even_bits)
                                    | (after_odd & llmp_even_bits)));
}


/*
 * Whether the byte at p is escaped, where no more than two backslashes in a row
 * were passed.
 */

LLMP_BLOCK_TARGET
static inline uint64_t
LLMP_BLOCK(carry)(const u_char *p)
{
    return p[-1] == '\\' && (p[-2] != '\\' || p[-3] == '\\');
}


/* where what is not yet whole at p begins */

LLMP_BLOCK_TARGET
static inline const u_char *
LLMP_BLOCK(whole)(const u_char *p, uint64_t carry, uint64_t digits, int mixed)
{
    if (carry != 0) {
        return p - 1;
    }

    if (digits != 0) {
        /* \uXXXX has 6 bytes; as many of them are to come as digits has bits */
        return p - 6 + __builtin_ctzll(~digits);
    }

    if (!mixed) {
        return p;
    }

    return (p[-1] >= 0xc0) ? p - 1 : (p[-2] >= 0xe0) ? p - 2
           : (p[-3] >= 0xf0) ? p - 3 : p;
}


LLMP_BLOCK_TARGET
const u_char *
LLMP_BLOCK(text)(const u_char *buf, const u_char *p, const u_char *end)
{
    int                  n, mode, mixed, escapes, known;
    uint64_t             carry, digits, quote, stop, bad, escaped, u;
    const u_char        *start, *next;
    LLMP_BLOCK(t)        b;
    LLMP_BLOCK(error_t)  error;

    start = p;

    while (p - buf < 3 || p[-1] == '\\') {
        next = (p < end) ? llmp_text_step(p, end) : p;

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
            carry = LLMP_BLOCK(carry)(p);
            known = 1;
        }

        quote = LLMP_BLOCK(quote)(&b);
        stop = 0;
        bad = LLMP_BLOCK(control)(&b);
        escaped = LLMP_BLOCK(backslash)(&b);

        if ((escaped | carry | digits) != 0) {
            escaped = LLMP_BLOCK(escaped)(escaped, &carry);
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

        /* the first digit of what may be a surrogate */

        next = llmp_text_step(p + n - 2, end);

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
        carry = LLMP_BLOCK(carry)(p);
    }

    return llmp_text_rest(buf, LLMP_BLOCK(whole)(p, carry, digits, mixed), end);
}
