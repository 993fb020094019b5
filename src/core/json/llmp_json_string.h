
/*
 * Copyright (C) llm-policy authors
 *
 * Decoding of JSON strings.
 */


#ifndef LLMP_JSON_STRING_H_INCLUDED_
#define LLMP_JSON_STRING_H_INCLUDED_


#include "base/llmp.h"


/*
 * Decodes a JSON string, given with its quotes, that the scanner has accepted;
 * dst must have text->len bytes.  Returns the decoded length in bytes.  A text
 * that is cut is decoded up to its last complete character.
 */
size_t llmp_json_string_decode(u_char *dst, const llmp_str_t *text);

/*
 * Decodes a JSON string that is not cut.  *string is allocated from pool, or is
 * a part of text if there are no escapes.  Returns LLMP_OK, or LLMP_ERROR if
 * there is no memory.
 */
llmp_int_t llmp_json_string(llmp_pool_t *pool, const llmp_str_t *text,
    llmp_str_t *string);


#endif /* LLMP_JSON_STRING_H_INCLUDED_ */
