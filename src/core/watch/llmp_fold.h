
/*
 * Copyright (C) llm-policy authors
 *
 * Folding of member names.
 */


#ifndef LLMP_FOLD_H_INCLUDED_
#define LLMP_FOLD_H_INCLUDED_


#include "base/llmp.h"


/*
 * Folds a UTF-8 name as lax JSON readers do when they match member names: ASCII
 * letters to lower case, U+212A to k, U+017F to s (Go encoding/json,
 * bytes.EqualFold), U+0130 and U+0131 to i; "_" and "-" are removed, so that
 * max_tokens, maxTokens and max-tokens are equal (protobuf, naming strategies).
 * dst may be src and must have len bytes.  Returns the length of the result.
 */
size_t llmp_fold(u_char *dst, const u_char *src, size_t len);

/* folds one code point; the result is ASCII if it differs from code */
uint32_t llmp_fold_code(uint32_t code);


#endif /* LLMP_FOLD_H_INCLUDED_ */
