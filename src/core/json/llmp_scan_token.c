
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the tokens of JSON byte by byte.  Each function reads the rest of a
 * token from the current buffer, and returns the position of the next byte, or
 * NULL after a refusal.
 */


#include <inttypes.h>

#include "base/llmp_hex.h"
#include "base/llmp_utf8.h"
#include "json/llmp_json_char.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_token.h"
#include "json/llmp_text_plain.h"


static llmp_uint_t llmp_scan_token_set_state(llmp_scan_t *scan, u_char ch);
static const u_char *llmp_scan_token_string(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_token_quote(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_token_utf8(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_token_escape(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_token_code(llmp_scan_t *scan, const u_char *p);
static const u_char *llmp_scan_token_end_escape(llmp_scan_t *scan,
    const u_char *p, uint32_t code);
static const u_char *llmp_scan_token_literal(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_token_number(llmp_scan_t *scan, const u_char *p,
    const u_char *end);
static const u_char *llmp_scan_token_end_scalar(llmp_scan_t *scan,
    const u_char *end);


const u_char *
llmp_scan_token_begin_scalar(llmp_scan_t *scan, const u_char *p)
{
    uint64_t     pos;
    llmp_uint_t  type;

    pos = llmp_scan_pos(scan, p);

    if (!llmp_scan_frame(scan)->object
        && llmp_scan_record_element(scan, pos) != LLMP_OK)
    {
        return NULL;
    }

    type = llmp_scan_token_set_state(scan, *p);
    if (type == 0) {
        return llmp_scan_error_unexpected(scan, p);
    }

    if (scan->watch != NULL
        && llmp_scan_record_scalar(scan, type, pos) != LLMP_OK)
    {
        return NULL;
    }

    return p + 1;
}


/* sets the state after the first byte of a number or literal; returns its type,
   or 0 if there is none */

static llmp_uint_t
llmp_scan_token_set_state(llmp_scan_t *scan, u_char ch)
{
    switch (ch) {

    case 't':
        scan->literal = "rue";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_BOOLEAN;

    case 'f':
        scan->literal = "alse";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_BOOLEAN;

    case 'n':
        scan->literal = "ull";
        scan->state = LLMP_SCAN_LITERAL;
        return LLMP_TYPE_NULL;

    case '-':
        scan->state = LLMP_SCAN_MINUS;
        return LLMP_TYPE_NUMBER;

    case '0':
        scan->state = LLMP_SCAN_ZERO;
        return LLMP_TYPE_NUMBER;
    }

    if (ch < '1' || ch > '9') {
        return 0;
    }

    scan->state = LLMP_SCAN_INTEGER;

    return LLMP_TYPE_NUMBER;
}


const u_char *
llmp_scan_token(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    switch (scan->state) {

    case LLMP_SCAN_STRING:
        return llmp_scan_token_string(scan, p, end);

    case LLMP_SCAN_UTF8:
        return llmp_scan_token_utf8(scan, p);

    case LLMP_SCAN_ESCAPE:
    case LLMP_SCAN_HEX:
    case LLMP_SCAN_LOW_ESCAPE:
    case LLMP_SCAN_LOW_U:
        return llmp_scan_token_escape(scan, p, end);

    case LLMP_SCAN_LITERAL:
        return llmp_scan_token_literal(scan, p, end);

    default:
        return llmp_scan_token_number(scan, p, end);
    }
}


static const u_char *
llmp_scan_token_string(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    const u_char  *start;

    start = p;

    if (scan->in_name) {

        while (p < end && llmp_text_is_plain(*p)) {
            p++;
        }

        llmp_scan_name_add_plain(scan, start, p);

    } else {
        p = scan->path->text(scan->buf, p, end);

        if (scan->media.kind != 0) {
            llmp_scan_media_add(scan, start, p);
        }
    }

    if (p == end) {
        return p;
    }

    if (*p >= 0x80) {
        scan->media.kind = 0;
        scan->utf8_len = 0;
        scan->state = LLMP_SCAN_UTF8;
        return p;
    }

    switch (*p) {

    case '"':
        return llmp_scan_token_quote(scan, p);

    case '\\':
        scan->escaped = 1;
        scan->state = LLMP_SCAN_ESCAPE;
        return p + 1;

    case '\0':
        return llmp_scan_error_at(scan, p, llmp_scan_error_nul);
    }

    return llmp_scan_error_at(scan, p, "a control character in a string");
}


static const u_char *
llmp_scan_token_quote(llmp_scan_t *scan, const u_char *p)
{
    p++;

    if (!scan->in_name) {

        if (scan->media.kind != 0) {
            llmp_scan_media_end(scan);
        }

        return llmp_scan_token_end_scalar(scan, p);
    }

    scan->state = LLMP_SCAN_COLON;

    return (llmp_scan_name_end(scan) == LLMP_OK) ? p : NULL;
}


/*
 * Reads one byte of a multibyte character, which may be split or not well
 * formed.  A malformed one is refused for the same byte wherever it is split.
 */

static const u_char *
llmp_scan_token_utf8(llmp_scan_t *scan, const u_char *p)
{
    size_t  n;

    scan->utf8[scan->utf8_len++] = *p++;

    n = llmp_utf8_len(scan->utf8, scan->utf8 + scan->utf8_len);

    if (n != 0) {
        scan->state = LLMP_SCAN_STRING;

        if (scan->in_name) {
            llmp_scan_name_add_char(scan, llmp_utf8_decode(scan->utf8, n));
        }

        return p;
    }

    if (scan->utf8_len == sizeof(scan->utf8)) {
        (void) llmp_scan_error_offset(scan, llmp_scan_pos(scan, p)
                                          - scan->utf8_len,
                                      llmp_scan_error_utf8);
        return NULL;
    }

    return p;
}


static const u_char *
llmp_scan_token_escape(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    int     digit;
    u_char  ch;

    for ( /* void */ ; p < end; p++) {

        switch (scan->state) {

        case LLMP_SCAN_ESCAPE:
            if (*p == 'u') {
                scan->hex = 4;
                scan->state = LLMP_SCAN_HEX;
                break;
            }

            ch = llmp_json_char_unescape(*p);
            if (ch == 0) {
                return llmp_scan_error_at(scan, p, "an invalid escape");
            }

            return llmp_scan_token_end_escape(scan, p, ch);

        case LLMP_SCAN_HEX:
            digit = llmp_hex_value(*p);
            if (digit < 0) {
                return llmp_scan_error_at(scan, p,
                                          "expected a hexadecimal digit");
            }

            scan->code = (scan->code << 4) | (uint32_t) digit;

            if (--scan->hex == 0) {
                return llmp_scan_token_code(scan, p);
            }

            break;

        case LLMP_SCAN_LOW_ESCAPE:
            if (*p != '\\') {
                return llmp_scan_error_unpaired(scan, p);
            }

            scan->state = LLMP_SCAN_LOW_U;
            break;

        default: /* LLMP_SCAN_LOW_U */
            if (*p != 'u') {
                return llmp_scan_error_unpaired(scan, p);
            }

            scan->hex = 4;
            scan->state = LLMP_SCAN_HEX;
        }
    }

    return p;
}


/* ends a \u escape; p is at its last digit */

static const u_char *
llmp_scan_token_code(llmp_scan_t *scan, const u_char *p)
{
    uint32_t  code, high;

    code = scan->code;
    scan->code = 0;

    if (scan->lax) {

        /* streams of some servers split surrogate pairs between events */

        return llmp_scan_token_end_escape(scan, p, code);
    }

    high = scan->surrogate;
    scan->surrogate = 0;

    if (high != 0) {

        if (!llmp_json_char_is_low(code)) {
            return llmp_scan_error_unpaired(scan, p);
        }

        return llmp_scan_token_end_escape(scan, p, llmp_json_char_pair(high,
                                                                       code));
    }

    if (llmp_json_char_is_low(code)) {
        return llmp_scan_error_unpaired(scan, p);
    }

    if (llmp_json_char_is_high(code)) {
        scan->surrogate = (uint16_t) code;
        scan->state = LLMP_SCAN_LOW_ESCAPE;
        return p + 1;
    }

    return llmp_scan_token_end_escape(scan, p, code);
}


/* ends the escape of a character; p is at its last byte */

static const u_char *
llmp_scan_token_end_escape(llmp_scan_t *scan, const u_char *p, uint32_t code)
{
    scan->state = LLMP_SCAN_STRING;

    if (!scan->in_name) {

        if (scan->media.kind != 0) {
            llmp_scan_media_add_escape(scan, *p);
        }

        return p + 1;
    }

    /* C strings end at NUL, and log lines at a line feed */

    if (code < 0x20 && !scan->lax) {
        (void) llmp_refuse(&scan->refusal, LLMP_REFUSE_AMBIGUOUS_MEMBER, NULL,
                           "a member name contains a control character, "
                           "at byte %" PRIu64, scan->key_start);
        return NULL;
    }

    llmp_scan_name_add_char(scan, code);

    return p + 1;
}


static const u_char *
llmp_scan_token_literal(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    for ( /* void */ ; p < end; p++) {

        if (*p != (u_char) *scan->literal) {
            return llmp_scan_error_at(scan, p, "expected true, false or null");
        }

        scan->literal++;

        if (*scan->literal == '\0') {
            return llmp_scan_token_end_scalar(scan, p + 1);
        }
    }

    return p;
}


static const u_char *
llmp_scan_token_number(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    llmp_int_t  digit;

    for ( /* void */ ; p < end; p++) {

        digit = (*p >= '0' && *p <= '9');

        switch (scan->state) {

        case LLMP_SCAN_MINUS:
            if (*p == '0') {
                scan->state = LLMP_SCAN_ZERO;
                continue;
            }

            scan->state = LLMP_SCAN_INTEGER;
            break;

        case LLMP_SCAN_ZERO:
            if (digit) {
                return llmp_scan_error_at(scan, p,
                                          "a number with a leading zero");
            }

            /* fall through */

        case LLMP_SCAN_INTEGER:
            if (digit) {
                continue;
            }

            if (*p == '.') {
                scan->state = LLMP_SCAN_POINT;
                continue;
            }

            /* fall through */

        case LLMP_SCAN_FRACTION:
            if (digit) {
                continue;
            }

            if (*p == 'e' || *p == 'E') {
                scan->state = LLMP_SCAN_EXPONENT;
                continue;
            }

            return llmp_scan_token_end_scalar(scan, p);

        case LLMP_SCAN_POINT:
            scan->state = LLMP_SCAN_FRACTION;
            break;

        case LLMP_SCAN_EXPONENT:
            scan->state = LLMP_SCAN_EXPONENT_SIGN;

            if (*p == '+' || *p == '-') {
                continue;
            }

            /* fall through */

        case LLMP_SCAN_EXPONENT_SIGN:
            scan->state = LLMP_SCAN_EXPONENT_DIGIT;
            break;

        default: /* LLMP_SCAN_EXPONENT_DIGIT */
            if (digit) {
                continue;
            }

            return llmp_scan_token_end_scalar(scan, p);
        }

        /* the part that begins here has at least one digit */

        if (!digit) {
            return llmp_scan_error_at(scan, p, "expected a digit");
        }
    }

    return p;
}


static const u_char *
llmp_scan_token_end_scalar(llmp_scan_t *scan, const u_char *end)
{
    llmp_scan_container_after(scan);

    if (scan->keep && llmp_scan_record_end_text(scan, end) != LLMP_OK) {
        return NULL;
    }

    return end;
}
