
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_hex.h"
#include "base/llmp_utf8.h"
#include "json/llmp_json_char.h"
#include "json/llmp_text_plain.h"
#include "json/llmp_text_scalar.h"


static const u_char *llmp_text_scalar_escape(const u_char *p,
    const u_char *end);
static int llmp_text_scalar_unit(const u_char *p, const u_char *end);


const u_char *
llmp_text_scalar(const u_char *buf, const u_char *p, const u_char *end)
{
    const u_char  *next;

    (void) buf;

    while (p < end) {

        if (llmp_text_is_plain(*p)) {
            p++;
            continue;
        }

        next = llmp_text_scalar_step(p, end);

        if (next == p) {
            break;
        }

        p = next;
    }

    return p;
}


const u_char *
llmp_text_scalar_rest(const u_char *buf, const u_char *p, const u_char *end)
{
    const u_char  *next;

    for ( ;; ) {
        p = llmp_text_plain(buf, p, end);

        if (p == end) {
            return p;
        }

        next = llmp_text_scalar_step(p, end);

        if (next == p) {
            return p;
        }

        p = next;
    }
}


const u_char *
llmp_text_scalar_step(const u_char *p, const u_char *end)
{
    if (*p >= 0x80) {
        return p + llmp_utf8_len(p, end);
    }

    if (*p == '\\') {
        return llmp_text_scalar_escape(p, end);
    }

    return (*p < 0x20 || *p == '"') ? p : p + 1;
}


static const u_char *
llmp_text_scalar_escape(const u_char *p, const u_char *end)
{
    int  code, low;

    if (end - p < 2) {
        return p;
    }

    if (llmp_json_char_unescape(p[1])) {
        return p + 2;
    }

    code = llmp_text_scalar_unit(p, end);

    if (code < 0 || llmp_json_char_is_low(code)) {
        return p;
    }

    if (!llmp_json_char_is_high(code)) {
        return p + 6;
    }

    low = llmp_text_scalar_unit(p + 6, end);

    return llmp_json_char_is_low(low) ? p + 12 : p;
}


/* returns the code of the \uXXXX at p, or -1 if there is none */

static int
llmp_text_scalar_unit(const u_char *p, const u_char *end)
{
    int     code, digit;
    size_t  i;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }

    code = 0;

    for (i = 2; i < 6; i++) {
        digit = llmp_hex_value(p[i]);

        if (digit < 0) {
            return -1;
        }

        code = code << 4 | digit;
    }

    return code;
}
