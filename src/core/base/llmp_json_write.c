
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_hex.h"
#include "base/llmp_json_write.h"


static size_t llmp_json_write_escape(u_char *escape, u_char ch);


void
llmp_json_write_string(llmp_buf_t *buf, const llmp_str_t *text)
{
    size_t  i, start, len;
    u_char  escape[6];

    llmp_buf_add_byte(buf, '"');

    for (i = 0, start = 0; i < text->len; i++) {
        len = llmp_json_write_escape(escape, text->data[i]);

        if (len != 0) {
            llmp_buf_add(buf, text->data + start, i - start);
            llmp_buf_add(buf, escape, len);
            start = i + 1;
        }
    }

    llmp_buf_add(buf, text->data + start, i - start);
    llmp_buf_add_byte(buf, '"');
}


/* writes the escape of a character; returns its length, 0 if ch needs none */

static size_t
llmp_json_write_escape(u_char *escape, u_char ch)
{
    if (ch == '"' || ch == '\\') {
        escape[0] = '\\';
        escape[1] = ch;
        return 2;
    }

    if (ch < 0x20) {
        memcpy(escape, "\\u00", 4);
        (void) llmp_hex_write(escape + 4, ch);
        return 6;
    }

    return 0;
}


void
llmp_json_write_name(llmp_buf_t *buf, const llmp_str_t *name)
{
    llmp_json_write_string(buf, name);
    llmp_buf_add_byte(buf, ':');
}
