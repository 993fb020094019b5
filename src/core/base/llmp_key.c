
/*
 * Copyright (C) llm-policy authors
 */


#include <openssl/evp.h>

#include "base/llmp_key.h"


#define LLMP_KEY_PREFIX  "sha256:"


static int llmp_key_hex(u_char c);


llmp_int_t
llmp_key_hash(u_char hash[LLMP_KEY_HASH], const llmp_str_t *key)
{
    unsigned int    len;
    static EVP_MD  *md;

    /* looking an algorithm up is much of the cost of hashing a key */

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
        high = llmp_key_hex(p[0]);
        low = llmp_key_hex(p[1]);

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
    char               *p;
    size_t              i;
    static const char   hex[] = "0123456789abcdef";

    memcpy(buf, LLMP_KEY_PREFIX, sizeof(LLMP_KEY_PREFIX) - 1);
    p = buf + sizeof(LLMP_KEY_PREFIX) - 1;

    for (i = 0; i < LLMP_KEY_HASH; i++) {
        *p++ = hex[hash[i] >> 4];
        *p++ = hex[hash[i] & 0x0f];
    }

    *p = '\0';
}


static int
llmp_key_hex(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return -1;
}
