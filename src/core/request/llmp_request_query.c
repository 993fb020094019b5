
/*
 * Copyright (C) llm-policy authors
 *
 * Finds policed members among the query arguments of a request.
 */


#include "base/llmp_hex.h"
#include "request/llmp_request_query.h"
#include "watch/llmp_watch_words.h"


static void llmp_request_query_decode(u_char *dst, const u_char **src,
    const u_char *end);
static llmp_int_t llmp_request_query_unescape(llmp_pool_t *pool,
    llmp_str_t *value);


const llmp_watch_t *
llmp_request_query(const llmp_str_t *target, const llmp_watch_t *root)
{
    u_char               ch;
    llmp_uint_t          in_name;
    const u_char        *p, *end;
    llmp_watch_words_t   words;
    const llmp_watch_t  *w;

    end = target->data + target->len;
    p = memchr(target->data, '?', target->len);

    if (p == NULL) {
        return NULL;
    }

    p++;
    in_name = 1;

    /* many APIs have a "stream" argument */

    llmp_watch_words_init(&words, root, llmp_mask(LLMP_STREAM));

    while (p <= end) {

        if (p == end || *p == '&' || *p == ';') {
            ch = 0;
            p++;

        } else if (*p == '=') {
            ch = '=';
            p++;

        } else {
            llmp_request_query_decode(&ch, &p, end);
        }

        if (in_name && ch != 0 && ch != '=') {
            w = llmp_watch_words_add(&words, ch);

        } else {
            w = in_name ? llmp_watch_words_end(&words) : NULL;
            in_name = (ch == 0);
        }

        if (w != NULL) {
            return w;
        }
    }

    return NULL;
}


static void
llmp_request_query_decode(u_char *dst, const u_char **src, const u_char *end)
{
    int            high, low;
    u_char         ch;
    const u_char  *p;

    p = *src;
    ch = *p++;
    *src = p;
    *dst = ch;

    if (ch != '%' || end - p < 2) {
        return;
    }

    high = llmp_hex_value(p[0]);
    low = llmp_hex_value(p[1]);

    if (high < 0 || low < 0) {
        return;
    }

    ch = (u_char) (high << 4 | low);

    /* an escaped separator is part of the name, but not of a word */

    *dst = (ch == 0 || ch == '=') ? '.' : ch;
    *src = p + 2;
}


llmp_int_t
llmp_request_query_key(const llmp_str_t *target, llmp_pool_t *pool,
    llmp_str_t *key)
{
    u_char  *p, *end, *next;

    key->len = 0;
    key->data = NULL;

    end = target->data + target->len;
    p = memchr(target->data, '?', target->len);

    while (p != NULL) {
        p++;
        next = memchr(p, '&', end - p);

        if (end - p >= 4 && memcmp(p, "key=", 4) == 0) {
            key->data = p + 4;
            key->len = ((next != NULL) ? next : end) - key->data;

            return llmp_request_query_unescape(pool, key);
        }

        p = next;
    }

    return LLMP_OK;
}


static llmp_int_t
llmp_request_query_unescape(llmp_pool_t *pool, llmp_str_t *value)
{
    int      high, low;
    u_char  *p, *end, *dst;

    p = value->data;
    end = p + value->len;

    if (memchr(p, '%', value->len) == NULL) {
        return LLMP_OK;
    }

    dst = llmp_palloc(pool, value->len);
    if (dst == NULL) {
        return LLMP_ERROR;
    }

    value->data = dst;

    while (p < end) {
        high = (*p == '%' && end - p > 2) ? llmp_hex_value(p[1]) : -1;
        low = (high >= 0) ? llmp_hex_value(p[2]) : -1;

        if (low < 0) {
            *dst++ = *p++;
            continue;
        }

        *dst++ = (u_char) (high << 4 | low);
        p += 3;
    }

    value->len = dst - value->data;

    return LLMP_OK;
}
