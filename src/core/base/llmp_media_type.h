
/*
 * Copyright (C) llm-policy authors
 *
 * Media types of header fields.
 */


#ifndef LLMP_MEDIA_TYPE_H_INCLUDED_
#define LLMP_MEDIA_TYPE_H_INCLUDED_


#include "base/llmp.h"


/* length of a boundary in bytes (RFC 2046, section 5.1.1) */
#define LLMP_BOUNDARY_MAX  70


/*
 * Returns 1 if a Content-Type is application/json, with no parameter except
 * charset=utf-8, also written utf8 (RFC 9110, section 8.3.1: names and the
 * charset are compared without case, the value may be quoted).
 */
llmp_uint_t llmp_media_type_is_json(const llmp_str_t *value);

/* returns 1 if a Content-Type is text/plain, with the same parameter */
llmp_uint_t llmp_media_type_is_text(const llmp_str_t *value);

/*
 * Returns 1 if a Content-Type is multipart/form-data with a boundary and no
 * other parameter, and sets *boundary to a part of value.  A boundary consists
 * of the characters of RFC 2046, section 5.1.1, except the space, and must be
 * quoted if it has characters that no token has (RFC 9110, section 5.6.2).
 */
llmp_uint_t llmp_media_type_is_form(const llmp_str_t *value,
    llmp_str_t *boundary);


#endif /* LLMP_MEDIA_TYPE_H_INCLUDED_ */
