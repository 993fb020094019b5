
/*
 * Copyright (C) llm-policy authors
 */


#include <openssl/evp.h>

#include "base/llmp_hex.h"
#include "base/llmp_key.h"


#define LLMP_KEY_PREFIX  "sha256:"


llmp_int_t
llmp_key_hash(u_char hash[LLMP_KEY_HASH], const llmp_str_t *key)
{
    unsigned int    len;
    static EVP_MD  *md;

    /* kept, since fetching it is much of the cost of hashing an API key */

    if (md == NULL) {
        md = EVP_MD_fetch(NULL, "SHA256", NULL);

        if (md == NULL) {
            return LLMP_ERROR;
        }
    }

    if (EVP_Digest(key->data, key->len, hash, &len, md, NULL) != 1
        || len != LLMP_KEY_HASH)
    {
        return LLMP_ERROR;
    }

    return LLMP_OK;
}


llmp_int_t
llmp_key_parse(u_char hash[LLMP_KEY_HASH], const llmp_str_t *text)
{
    int            high, low;
    size_t         i, prefix;
    const u_char  *p;

    prefix = sizeof(LLMP_KEY_PREFIX) - 1;

    if (text->len != prefix + 2 * LLMP_KEY_HASH
        || memcmp(text->data, LLMP_KEY_PREFIX, prefix) != 0)
    {
        return LLMP_ERROR;
    }

    p = text->data + prefix;

    for (i = 0; i < LLMP_KEY_HASH; i++, p += 2) {
        high = llmp_hex_value(p[0]);
        low = llmp_hex_value(p[1]);

        if (high < 0 || low < 0) {
            return LLMP_ERROR;
        }

        hash[i] = (u_char) (high << 4 | low);
    }

    return LLMP_OK;
}


void
llmp_key_format(char *buf, const u_char hash[LLMP_KEY_HASH])
{
    size_t   i;
    u_char  *p;

    memcpy(buf, LLMP_KEY_PREFIX, sizeof(LLMP_KEY_PREFIX) - 1);
    p = (u_char *) buf + sizeof(LLMP_KEY_PREFIX) - 1;

    for (i = 0; i < LLMP_KEY_HASH; i++) {
        p = llmp_hex_write(p, hash[i]);
    }

    *p = '\0';
}
