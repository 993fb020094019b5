
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "base/llmp_utf8.h"
#include "watch/llmp_fold.h"


size_t
llmp_fold(u_char *dst, const u_char *src, size_t len)
{
    size_t         n;
    u_char        *start;
    uint32_t       code;
    const u_char  *end;

    start = dst;
    end = src + len;

    for ( /* void */ ; src < end; src += n) {

        if (*src < 0x80) {
            n = 1;

            if (*src != '_' && *src != '-') {
                *dst++ = llmp_ascii_lower(*src);
            }

            continue;
        }

        n = llmp_utf8_len(src, end);

        if (n == 0) {
            n = 1;
            *dst++ = *src;
            continue;
        }

        code = llmp_fold_code(llmp_utf8_decode(src, n));

        if (code < 0x80) {
            *dst++ = (u_char) code;

        } else {
            memmove(dst, src, n);
            dst += n;
        }
    }

    return dst - start;
}


uint32_t
llmp_fold_code(uint32_t code)
{
    if (code >= 'A' && code <= 'Z') {
        return code | 0x20;
    }

    switch (code) {

    case 0x0130:                /* capital I with dot above */
    case 0x0131:                /* small dotless i */
        return 'i';

    case 0x017f:                /* small long s */
        return 's';

    case 0x212a:                /* Kelvin sign */
        return 'k';
    }

    return code;
}
