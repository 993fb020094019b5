
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_hex.h"
#include "base/llmp_utf8.h"
#include "json/llmp_json_char.h"
#include "json/llmp_json_string.h"


static const u_char *llmp_json_string_char(const u_char *p, const u_char *end,
    uint32_t *code);
static const u_char *llmp_json_string_unit(const u_char *p, const u_char *end,
    uint32_t *code);


size_t
llmp_json_string_decode(u_char *dst, const llmp_str_t *text)
{
    uint32_t       code;
    u_char        *start;
    const u_char  *p, *end;

    start = dst;
    p = text->data + 1;
    end = text->data + text->len;

    while (p < end && *p != '"') {
        p = llmp_json_string_char(p, end, &code);

        if (p == NULL) {
            break;
        }

        dst += llmp_utf8_encode(dst, code);
    }

    return dst - start;
}


/* decodes the character at p; returns the position after it, or NULL if the
   character is cut */

static const u_char *
llmp_json_string_char(const u_char *p, const u_char *end, uint32_t *code)
{
    size_t    n;
    uint32_t  low;

    if (*p != '\\') {
        n = llmp_utf8_len(p, end);
        *code = llmp_utf8_decode(p, n);

        return (n != 0) ? p + n : NULL;
    }

    p = llmp_json_string_unit(p, end, code);

    if (p == NULL || !llmp_json_char_is_high(*code)) {
        return p;
    }

    p = llmp_json_string_unit(p, end, &low);

    *code = llmp_json_char_pair(*code, low);

    return p;
}


/* decodes the escape at p, which may be half a surrogate pair; returns the
   position after it, or NULL if the escape is cut */

static const u_char *
llmp_json_string_unit(const u_char *p, const u_char *end, uint32_t *code)
{
    size_t  i;

    *code = 0;

    if (end - p < 2) {
        return NULL;
    }

    if (p[1] != 'u') {
        *code = llmp_json_char_unescape(p[1]);
        return p + 2;
    }

    if (end - p < 6) {
        return NULL;
    }

    for (i = 2; i < 6; i++) {
        *code = (*code << 4) | (uint32_t) llmp_hex_value(p[i]);
    }

    return p + 6;
}


llmp_int_t
llmp_json_string(llmp_pool_t *pool, const llmp_str_t *text,
    llmp_str_t *string)
{
    u_char  *p;

    if (memchr(text->data, '\\', text->len) == NULL) {
        string->data = text->data + 1;
        string->len = text->len - 2;
        return LLMP_OK;
    }

    p = llmp_palloc(pool, text->len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    string->data = p;
    string->len = llmp_json_string_decode(p, text);

    return LLMP_OK;
}
