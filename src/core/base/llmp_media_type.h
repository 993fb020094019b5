
/*
 * Copyright (C) llm-policy authors
 *
 * Media types of header fields.
 */


#ifndef LLMP_MEDIA_TYPE_H_INCLUDED_
#define LLMP_MEDIA_TYPE_H_INCLUDED_


#include "base/llmp.h"


/* RFC 2046, section 5.1.1 */
#define LLMP_BOUNDARY_MAX  70


/*
 * Whether a Content-Type is application/json, with no parameter but
 * charset=utf-8 (RFC 9110, section 8.3.1: names and the charset in any case,
 * the value quoted or not).
 */
llmp_uint_t llmp_media_type_is_json(const llmp_str_t *value);

/* the same of text/plain */
llmp_uint_t llmp_media_type_is_text(const llmp_str_t *value);

/*
 * Whether a Content-Type is multipart/form-data with one boundary and no
 * other parameter; boundary is then set, within value.  It is made of the
 * characters of RFC 2046, section 5.1.1, without the space, and quoted if it
 * has others than RFC 9110 has in a token.
 */
llmp_uint_t llmp_media_type_is_form(const llmp_str_t *value,
    llmp_str_t *boundary);


#endif /* LLMP_MEDIA_TYPE_H_INCLUDED_ */
