
/*
 * Copyright (C) llm-policy authors
 *
 * SHA-256 hashes of API keys; API keys themselves are not stored.
 */


#ifndef LLMP_KEY_H_INCLUDED_
#define LLMP_KEY_H_INCLUDED_


#include "base/llmp.h"


#define LLMP_KEY_HASH  32


/* hashes an API key; returns LLMP_OK, or LLMP_ERROR if OpenSSL fails */
llmp_int_t llmp_key_hash(u_char hash[LLMP_KEY_HASH], const llmp_str_t *key);

/* parses "sha256:<64 hex digits>"; returns LLMP_OK, or LLMP_ERROR for any other
   text */
llmp_int_t llmp_key_parse(u_char hash[LLMP_KEY_HASH], const llmp_str_t *text);

/* writes "sha256:<64 hex digits>" and a NUL to buf, which has 72 bytes */
void llmp_key_format(char *buf, const u_char hash[LLMP_KEY_HASH]);


#endif /* LLMP_KEY_H_INCLUDED_ */
