
/*
 * Copyright (C) llm-policy authors
 */


#include "base/llmp_ascii.h"
#include "base/llmp_field.h"


llmp_uint_t
llmp_field_skip_token(llmp_str_t *rest, const char *token)
{
    size_t  i, len;

    len = strlen(token);

    if (rest->len < len) {
        return 0;
    }

    /* most tokens are in lower case already */

    if (memcmp(rest->data, token, len) != 0) {

        for (i = 0; i < len; i++) {
            if (llmp_ascii_lower(rest->data[i]) != (u_char) token[i]) {
                return 0;
            }
        }
    }

    rest->data += len;
    rest->len -= len;

    return 1;
}


void
llmp_field_skip_spaces(llmp_str_t *rest)
{
    while (rest->len != 0 && (*rest->data == ' ' || *rest->data == '\t')) {
        rest->data++;
        rest->len--;
    }
}
