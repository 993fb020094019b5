
/*
 * Copyright (C) llm-policy authors
 *
 * What the policy writes into a form.
 */


#include "form/llmp_form_state.h"
#include "form/llmp_form_write.h"
#include "json/llmp_json_string.h"


static llmp_uint_t llmp_form_delimits(const llmp_str_t *text,
    const llmp_str_t *boundary);
static u_char *llmp_form_append(u_char *p, const char *text);
static u_char *llmp_form_append_str(u_char *p, const llmp_str_t *text);


llmp_int_t
llmp_form_text(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *json, llmp_str_t *text)
{
    *text = *json;

    if (json->len != 0 && json->data[0] == '"') {

        text->data = llmp_palloc(pool, json->len);
        if (text->data == NULL) {
            return LLMP_ERROR;
        }

        text->len = llmp_unescape(text->data, json);
    }

    return llmp_form_delimits(text, boundary) ? LLMP_ERROR : LLMP_OK;
}


/* a client could guess what the policy writes */

static llmp_uint_t
llmp_form_delimits(const llmp_str_t *text, const llmp_str_t *boundary)
{
    u_char  delimiter[LLMP_DELIMITER_MAX];

    memcpy(delimiter, "--", 2);
    memcpy(delimiter + 2, boundary->data, boundary->len);

    return llmp_str_has(text, delimiter, 2 + boundary->len);
}


llmp_int_t
llmp_form_part(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *name, const llmp_str_t *json, llmp_str_t *part)
{
    size_t       len;
    u_char      *p;
    llmp_str_t   text;

    static const char  disposition[] =
        "\r\nContent-Disposition: form-data; name=\"";
    static const char  end[] = "\"\r\n\r\n";

    if (llmp_form_text(pool, boundary, json, &text) != LLMP_OK
        || llmp_form_delimits(name, boundary))
    {
        return LLMP_ERROR;
    }

    len = 2 + boundary->len + sizeof(disposition) + name->len + sizeof(end)
          + text.len + 2;

    p = llmp_palloc(pool, len);
    if (p == NULL) {
        return LLMP_ERROR;
    }

    part->data = p;

    p = llmp_form_append(p, "--");
    p = llmp_form_append_str(p, boundary);
    p = llmp_form_append(p, disposition);
    p = llmp_form_append_str(p, name);
    p = llmp_form_append(p, end);
    p = llmp_form_append_str(p, &text);
    p = llmp_form_append(p, "\r\n");

    part->len = p - part->data;

    return LLMP_OK;
}


static u_char *
llmp_form_append(u_char *p, const char *text)
{
    size_t  n;

    n = strlen(text);

    return (u_char *) memcpy(p, text, n) + n;
}


static u_char *
llmp_form_append_str(u_char *p, const llmp_str_t *text)
{
    if (text->len != 0) {
        memcpy(p, text->data, text->len);
    }

    return p + text->len;
}
