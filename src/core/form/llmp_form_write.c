
/*
 * Copyright (C) llm-policy authors
 *
 * Values and fields that the policy writes into a form.
 */


#include "base/llmp_buf.h"
#include "form/llmp_form_state.h"
#include "form/llmp_form_write.h"
#include "json/llmp_json_string.h"


static llmp_uint_t llmp_form_write_has_boundary(const llmp_str_t *text,
    const llmp_str_t *boundary);


llmp_int_t
llmp_form_write_value(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *json, llmp_str_t *text)
{
    *text = *json;

    if (json->len != 0 && json->data[0] == '"') {

        text->data = llmp_palloc(pool, json->len);
        if (text->data == NULL) {
            return LLMP_ERROR;
        }

        text->len = llmp_json_string_decode(text->data, json);
    }

    return llmp_form_write_has_boundary(text, boundary) ? LLMP_ERROR : LLMP_OK;
}


/* returns 1 if a text contains the delimiter: a client may guess values of the
   policy and choose its boundary from them */

static llmp_uint_t
llmp_form_write_has_boundary(const llmp_str_t *text, const llmp_str_t *boundary)
{
    u_char  delimiter[LLMP_FORM_DELIMITER_MAX];

    memcpy(delimiter, "--", 2);
    memcpy(delimiter + 2, boundary->data, boundary->len);

    return llmp_str_has(text, delimiter, 2 + boundary->len);
}


llmp_int_t
llmp_form_write_field(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *name, const llmp_str_t *json, llmp_str_t *part)
{
    size_t      size;
    llmp_str_t  text;
    llmp_buf_t  buf;

    static const char  disposition[] =
        "\r\nContent-Disposition: form-data; name=\"";
    static const char  end[] = "\"\r\n\r\n";

    if (llmp_form_write_value(pool, boundary, json, &text) != LLMP_OK
        || llmp_form_write_has_boundary(name, boundary))
    {
        return LLMP_ERROR;
    }

    size = 2 + boundary->len + sizeof(disposition) + name->len + sizeof(end)
           + text.len + 2;

    part->data = llmp_palloc(pool, size);
    if (part->data == NULL) {
        return LLMP_ERROR;
    }

    llmp_buf_init(&buf, part->data, size);

    llmp_buf_add_text(&buf, "--");
    llmp_buf_add_str(&buf, boundary);
    llmp_buf_add_text(&buf, disposition);
    llmp_buf_add_str(&buf, name);
    llmp_buf_add_text(&buf, end);
    llmp_buf_add_str(&buf, &text);
    llmp_buf_add_text(&buf, "\r\n");

    part->len = buf.len;

    return LLMP_OK;
}
