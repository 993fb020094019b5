
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_utf8.h"


typedef struct {
    uint32_t  first;
    uint32_t  last;
} llmp_utf8_range_t;


/*
 * Characters that are not seen: the categories Cc, Cf, Zl and Zp of Unicode
 * 15.1 (UnicodeData.txt, 2023-09-12), without format characters that are drawn.
 */

static const llmp_utf8_range_t  llmp_utf8_invisible[] = {
    { 0x0000, 0x001f },
    { 0x007f, 0x009f },
    { 0x00ad, 0x00ad },    /* soft hyphen */
    { 0x061c, 0x061c },    /* Arabic letter mark */
    { 0x180e, 0x180e },    /* Mongolian vowel separator */
    { 0x200b, 0x200f },    /* without width, direction marks */
    { 0x2028, 0x202e },    /* separators, embedded directions */
    { 0x2060, 0x206f },    /* word joiner to isolated directions */
    { 0xfeff, 0xfeff },    /* byte order mark */
    { 0xfff9, 0xfffb },    /* annotations */
    { 0xe0000, 0xe007f }   /* tags */
};


#define LLMP_UTF8_INVISIBLE                                                   \
    (sizeof(llmp_utf8_invisible) / sizeof(llmp_utf8_invisible[0]))


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


llmp_uint_t
llmp_utf8_is_visible(const llmp_str_t *text)
{
    size_t         n;
    uint32_t       code;
    llmp_uint_t    i;
    const u_char  *p, *last;

    p = text->data;
    last = p + text->len;

    for ( /* void */ ; p < last; p += n) {

        n = llmp_utf8_len(p, last);

        if (n == 0) {
            return 0;
        }

        code = llmp_utf8_decode(p, n);

        for (i = 0; i < LLMP_UTF8_INVISIBLE; i++) {
            if (code >= llmp_utf8_invisible[i].first
                && code <= llmp_utf8_invisible[i].last)
            {
                return 0;
            }
        }
    }

    return 1;
}
