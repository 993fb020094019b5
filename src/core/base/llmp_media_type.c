
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "base/llmp_field.h"
#include "base/llmp_media_type.h"


static llmp_uint_t llmp_media_type_is_utf8(const llmp_str_t *value,
    const char *type);
static llmp_uint_t llmp_media_type_is_boundary(u_char ch, llmp_uint_t quoted);


llmp_uint_t
llmp_media_type_is_json(const llmp_str_t *value)
{
    return llmp_media_type_is_utf8(value, "application/json");
}


llmp_uint_t
llmp_media_type_is_text(const llmp_str_t *value)
{
    return llmp_media_type_is_utf8(value, "text/plain");
}


static llmp_uint_t
llmp_media_type_is_utf8(const llmp_str_t *value, const char *type)
{
    llmp_str_t   rest;
    llmp_uint_t  quoted;

    if (llmp_str_is(value, type)) {
        return 1;
    }

    rest = *value;
    llmp_field_skip_spaces(&rest);

    if (!llmp_field_skip_token(&rest, type)) {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    if (rest.len == 0) {
        return 1;
    }

    if (!llmp_field_skip_token(&rest, ";")) {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    if (!llmp_field_skip_token(&rest, "charset=")) {
        return 0;
    }

    quoted = llmp_field_skip_token(&rest, "\"");

    /*
     * "utf8" is a label of UTF-8 in the WHATWG Encoding Standard (section 4.2),
     * and in the codecs of Python, Java and Node; no reader has another charset
     * of this name
     */

    if ((!llmp_field_skip_token(&rest, "utf-8")
         && !llmp_field_skip_token(&rest, "utf8"))
        || (quoted && !llmp_field_skip_token(&rest, "\"")))
    {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    return rest.len == 0;
}


llmp_uint_t
llmp_media_type_is_form(const llmp_str_t *value, llmp_str_t *boundary)
{
    llmp_str_t   rest;
    llmp_uint_t  quoted;

    rest = *value;
    llmp_field_skip_spaces(&rest);

    if (!llmp_field_skip_token(&rest, "multipart/form-data")) {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    if (!llmp_field_skip_token(&rest, ";")) {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    if (!llmp_field_skip_token(&rest, "boundary=")) {
        return 0;
    }

    quoted = llmp_field_skip_token(&rest, "\"");
    *boundary = rest;

    while (rest.len != 0 && llmp_media_type_is_boundary(*rest.data, quoted)) {
        rest.data++;
        rest.len--;
    }

    boundary->len -= rest.len;

    if (boundary->len == 0 || boundary->len > LLMP_BOUNDARY_MAX
        || (quoted && !llmp_field_skip_token(&rest, "\"")))
    {
        return 0;
    }

    llmp_field_skip_spaces(&rest);

    return rest.len == 0;
}


static llmp_uint_t
llmp_media_type_is_boundary(u_char ch, llmp_uint_t quoted)
{
    if (llmp_ascii_is_alnum(ch)) {
        return 1;
    }

    if (ch == '\0') {
        return 0;
    }

    return strchr(quoted ? "'()+_,-./:=?" : "'+_-.", ch) != NULL;
}
