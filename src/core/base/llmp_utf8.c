
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_utf8.h"


size_t
llmp_utf8_len(const u_char *p, const u_char *last)
{
    u_char  min, max;
    size_t  i, n;

    if (*p < 0x80) {
        return 1;
    }

    if (*p < 0xc2 || *p > 0xf4) {
        return 0;
    }

    /* the range of the second byte excludes overlong forms and surrogates */

    min = (*p == 0xe0) ? 0xa0 : (*p == 0xf0) ? 0x90 : 0x80;
    max = (*p == 0xed) ? 0x9f : (*p == 0xf4) ? 0x8f : 0xbf;

    n = (*p < 0xe0) ? 2 : (*p < 0xf0) ? 3 : 4;

    if ((size_t) (last - p) < n || p[1] < min || p[1] > max) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}


size_t
llmp_utf8_copy(char *dst, size_t size, const char *src)
{
    char          *start, *end;
    size_t         n;
    const u_char  *p, *last;

    start = dst;
    end = dst + size - 1;

    p = (const u_char *) src;
    last = p + strlen(src);

    while (p < last) {
        n = llmp_utf8_len(p, last);

        if ((size_t) (end - dst) < (n != 0 ? n : 1)) {
            break;
        }

        if (n == 0 || *p < 0x20 || *p == 0x7f) {
            *dst++ = '?';
            p++;
            continue;
        }

        memcpy(dst, p, n);
        dst += n;
        p += n;
    }

    *dst = '\0';

    return dst - start;
}
