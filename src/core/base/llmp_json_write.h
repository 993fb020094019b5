
/*
 * Copyright (C) llm-policy authors
 *
 * Strings of JSON, encoded.
 */


#ifndef LLMP_JSON_WRITE_H_INCLUDED_
#define LLMP_JSON_WRITE_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_buf.h"


/* the most bytes that a text of len bytes takes as a string */
#define llmp_json_write_size(len)  (6 * (len) + 2)


/*
 * Adds a text in UTF-8 as a JSON string: in quotes, with escapes for quotes,
 * backslashes and control characters.
 */
void llmp_json_write_string(llmp_buf_t *buf, const llmp_str_t *text);

/* adds the name of a member and the colon after it */
void llmp_json_write_name(llmp_buf_t *buf, const llmp_str_t *name);


#endif /* LLMP_JSON_WRITE_H_INCLUDED_ */
