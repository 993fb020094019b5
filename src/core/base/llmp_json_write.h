
/*
 * Copyright (C) llm-policy authors
 *
 * Encoding of JSON strings.
 */


#ifndef LLMP_JSON_WRITE_H_INCLUDED_
#define LLMP_JSON_WRITE_H_INCLUDED_


#include "base/llmp.h"
#include "base/llmp_buf.h"


/* largest size in bytes of a text of len bytes as a JSON string */
#define llmp_json_write_size(len)  (6 * (len) + 2)


/*
 * Appends a UTF-8 text as a JSON string: in quotes, with escapes for quotes,
 * backslashes and control characters.
 */
void llmp_json_write_string(llmp_buf_t *buf, const llmp_str_t *text);

/* appends the name of a member and a colon */
void llmp_json_write_name(llmp_buf_t *buf, const llmp_str_t *name);


#endif /* LLMP_JSON_WRITE_H_INCLUDED_ */
