
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_buf.h"


void
llmp_buf_add(llmp_buf_t *buf, const void *data, size_t len)
{
    size_t  n;

    n = (buf->len < buf->size) ? buf->size - buf->len : 0;
    n = (n < len) ? n : len;

    if (n != 0) {
        memcpy(buf->data + buf->len, data, n);
    }

    buf->len += len;
}


void
llmp_buf_add_str(llmp_buf_t *buf, const llmp_str_t *str)
{
    llmp_buf_add(buf, str->data, str->len);
}


void
llmp_buf_add_text(llmp_buf_t *buf, const char *text)
{
    llmp_buf_add(buf, text, strlen(text));
}


void
llmp_buf_add_byte(llmp_buf_t *buf, u_char byte)
{
    llmp_buf_add(buf, &byte, 1);
}
