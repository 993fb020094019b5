
/*
 * Copyright (C) llm-policy authors
 *
 * API keys are known by their SHA-256 alone.
 */


#ifndef LLMP_KEY_H_INCLUDED_
#define LLMP_KEY_H_INCLUDED_


#include "base/llmp.h"


#define LLMP_KEY_HASH  32


/* hashes with OpenSSL; LLMP_OK, or LLMP_ERROR if OpenSSL cannot */
llmp_int_t llmp_key_hash(u_char hash[LLMP_KEY_HASH], const llmp_str_t *key);

/* "sha256:<64 hex digits>" -> hash; LLMP_OK or LLMP_ERROR (another form) */
llmp_int_t llmp_key_parse(u_char hash[LLMP_KEY_HASH], const llmp_str_t *text);

/* hash -> "sha256:<64 hex digits>", ended by NUL; buf has 72 bytes */
void llmp_key_format(char *buf, const u_char hash[LLMP_KEY_HASH]);


#endif /* LLMP_KEY_H_INCLUDED_ */
