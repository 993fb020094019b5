
/*
 * Copyright (C) llm-policy authors
 *
 * Strings of JSON, decoded.
 */


#ifndef LLMP_JSON_STRING_H_INCLUDED_
#define LLMP_JSON_STRING_H_INCLUDED_


#include "base/llmp.h"


/*
 * Decodes a JSON string, with its quotes, that the scanner has accepted; dst
 * must have text->len bytes.  Returns the decoded length.  A text that was cut
 * is decoded up to the last complete character.
 */
size_t llmp_json_string_decode(u_char *dst, const llmp_str_t *text);

/*
 * The same for a text that was not cut.  The result is allocated from pool, or
 * is a part of the text if there are no escapes.  Returns LLMP_OK, or
 * LLMP_ERROR if there is no memory.
 */
llmp_int_t llmp_json_string(llmp_pool_t *pool, const llmp_str_t *text,
    llmp_str_t *string);


#endif /* LLMP_JSON_STRING_H_INCLUDED_ */
