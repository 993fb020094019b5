
/*
 * Copyright (C) llm-policy authors
 *
 * Parsing of header field values.
 */


#ifndef LLMP_FIELD_H_INCLUDED_
#define LLMP_FIELD_H_INCLUDED_


#include "base/llmp.h"


/* removes a token, given in lower case, from the front of *rest, ignoring case;
   returns 1 if it was there */
llmp_uint_t llmp_field_skip_token(llmp_str_t *rest, const char *token);

/* removes spaces and tabs from the front of *rest */
void llmp_field_skip_spaces(llmp_str_t *rest);


#endif /* LLMP_FIELD_H_INCLUDED_ */
