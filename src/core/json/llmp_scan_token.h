
/*
 * Copyright (C) llm-policy authors
 *
 * Tokens of JSON: strings, numbers, literals.
 */


#ifndef LLMP_SCAN_TOKEN_H_INCLUDED_
#define LLMP_SCAN_TOKEN_H_INCLUDED_


#include "json/llmp_scan_media.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_state.h"


/*
 * Continues at p, inside a token, up to its end or the end of the buffer.
 * Returns the position after the token, or end, or NULL after a refusal.
 */
const u_char *llmp_scan_token(llmp_scan_t *scan, const u_char *p,
    const u_char *end);

/*
 * Enters the number or literal that begins at p.  Returns p + 1, or NULL after
 * a refusal: if none begins there, of the byte that scan->state does not allow.
 */
const u_char *llmp_scan_token_begin_scalar(llmp_scan_t *scan, const u_char *p);


/* enters the string that begins at p and was read up to next; returns next, or
   NULL after a refusal */

static inline const u_char *
llmp_scan_token_enter_string(llmp_scan_t *scan, const u_char *p,
    const u_char *next)
{
    scan->state = LLMP_SCAN_STRING;

    llmp_scan_media_begin(scan);

    if (scan->media.kind != 0) {
        llmp_scan_media_add(scan, p + 1, next);
    }

    if (scan->watch != NULL
        && llmp_scan_record_scalar(scan, LLMP_TYPE_STRING,
                                   llmp_scan_pos(scan, p)) != LLMP_OK)
    {
        return NULL;
    }

    return next;
}


/* returns the end of the number at p, or NULL if it may be incomplete, is
   invalid or has an exponent */

static inline const u_char *
llmp_scan_token_find_number(const u_char *p, const u_char *end)
{
    const u_char  *start;

    p += (*p == '-');

    start = p;

    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }

    if (p == start || (*start == '0' && p - start > 1)) {
        return NULL;
    }

    if (p < end && *p == '.') {
        start = ++p;

        while (p < end && *p >= '0' && *p <= '9') {
            p++;
        }

        if (p == start) {
            return NULL;
        }
    }

    /* exponents are rare; the end of a number is known from the byte after
       it */

    return (p < end && *p != 'e' && *p != 'E') ? p : NULL;
}


#define LLMP_SCAN_LITERAL_MAX  5


/*
 * Returns the type of the literal or number at p and sets *next to the byte
 * after it; returns 0 if it may be incomplete or invalid.
 * LLMP_SCAN_LITERAL_MAX bytes from p can be read, or one if it is a number.
 */

static inline llmp_uint_t
llmp_scan_token_find_scalar(const u_char *p, const u_char *end,
    const u_char **next)
{
    switch (*p) {

    case 't':
        *next = p + 4;
        return (memcmp(p, "true", 4) == 0) ? LLMP_TYPE_BOOLEAN : 0;

    case 'f':
        *next = p + 5;
        return (memcmp(p, "false", 5) == 0) ? LLMP_TYPE_BOOLEAN : 0;

    case 'n':
        *next = p + 4;
        return (memcmp(p, "null", 4) == 0) ? LLMP_TYPE_NULL : 0;
    }

    *next = llmp_scan_token_find_number(p, end);

    return (*next != NULL) ? LLMP_TYPE_NUMBER : 0;
}


#endif /* LLMP_SCAN_TOKEN_H_INCLUDED_ */
