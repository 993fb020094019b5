
/*
 * Copyright (C) llm-policy authors
 *
 * Values and fields that the policy writes into a form.
 */


#ifndef LLMP_FORM_WRITE_H_INCLUDED_
#define LLMP_FORM_WRITE_H_INCLUDED_


#include "base/llmp.h"


/*
 * Converts a JSON text to the content of a form's field: a string loses its
 * quotes and escapes, other texts are unchanged.  The content is allocated from
 * pool, or is the JSON text itself.  Returns LLMP_OK, or LLMP_ERROR if there is
 * no memory or the content contains the delimiter.
 */
llmp_int_t llmp_form_write_value(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *json, llmp_str_t *text);

/*
 * Writes a whole field, from its delimiter to its last line end, with a JSON
 * text as its content; the field is allocated from pool.  Returns LLMP_OK, or
 * LLMP_ERROR as llmp_form_write_value() does, also for the name.
 */
llmp_int_t llmp_form_write_field(llmp_pool_t *pool, const llmp_str_t *boundary,
    const llmp_str_t *name, const llmp_str_t *json, llmp_str_t *part);


#endif /* LLMP_FORM_WRITE_H_INCLUDED_ */
