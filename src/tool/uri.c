
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_hex.h"
#include "uri.h"


static llmp_uint_t uri_is_accepted(const llmp_str_t *target);
static int uri_next(const u_char **src, const u_char *end);
static llmp_int_t uri_end_segment(llmp_str_t *path);


llmp_int_t
uri_normalise(llmp_pool_t *pool, const llmp_str_t *target, llmp_str_t *path)
{
    int            ch;
    const u_char  *p, *end;

    path->len = 0;

    path->data = llmp_palloc(pool, target->len + 1);
    if (path->data == NULL) {
        return LLMP_ERROR;
    }

    if (!uri_is_accepted(target)) {
        return LLMP_DECLINED;
    }

    p = target->data;
    end = p + target->len;

    while (p < end && *p != '?' && *p != '#') {

        ch = uri_next(&p, end);

        if (ch <= 0) {
            return LLMP_DECLINED;
        }

        if (ch == '/') {

            if (uri_end_segment(path) != LLMP_OK) {
                return LLMP_DECLINED;
            }

            if (path->len != 0 && path->data[path->len - 1] == '/') {
                continue;
            }
        }

        path->data[path->len++] = (u_char) ch;
    }

    return (uri_end_segment(path) == LLMP_OK) ? LLMP_OK : LLMP_DECLINED;
}


/* spaces and control characters are refused, also in the query */

static llmp_uint_t
uri_is_accepted(const llmp_str_t *target)
{
    size_t  i;

    for (i = 0; i < target->len; i++) {
        if (target->data[i] <= 0x20 || target->data[i] == 0x7f) {
            return 0;
        }
    }

    return target->len != 0 && target->data[0] == '/';
}


/* returns the next character, decoded; 0 or -1 for a malformed escape */

static int
uri_next(const u_char **src, const u_char *end)
{
    int            high, low;
    const u_char  *p;

    p = *src;

    if (*p != '%') {
        *src = p + 1;
        return *p;
    }

    high = (end - p > 2) ? llmp_hex_value(p[1]) : -1;
    low = (high >= 0) ? llmp_hex_value(p[2]) : -1;

    *src = p + 3;

    return (low < 0) ? -1 : (high << 4 | low);
}


/* applies a dot segment at the end; LLMP_ERROR if it leads above the root */

static llmp_int_t
uri_end_segment(llmp_str_t *path)
{
    size_t  start, len;

    start = path->len;

    while (start > 0 && path->data[start - 1] != '/') {
        start--;
    }

    len = path->len - start;

    if (len == 0 || len > 2 || path->data[start] != '.'
        || path->data[path->len - 1] != '.')
    {
        return LLMP_OK;
    }

    path->len = start;

    if (len == 1) {
        return LLMP_OK;
    }

    if (start < 2) {
        return LLMP_ERROR;
    }

    path->len--;

    while (path->data[path->len - 1] != '/') {
        path->len--;
    }

    return LLMP_OK;
}
