
/*
 * Copyright (C) llm-policy authors
 *
 * Refusals of forms.
 */


#ifndef LLMP_FORM_ERROR_H_INCLUDED_
#define LLMP_FORM_ERROR_H_INCLUDED_


#include "form/llmp_form_state.h"


/* each function sets form->refusal and returns LLMP_ERROR */

/* refuses the form for its byte at offset pos in the body */
llmp_int_t llmp_form_error_offset(llmp_form_t *form, uint64_t pos,
    const char *what);

/* refuses the form for the current field, which the message numbers from 1 */
llmp_int_t llmp_form_error_field(llmp_form_t *form, const char *what);

/* refuses the form because memory ran out */
llmp_int_t llmp_form_error_nomem(llmp_form_t *form);


#endif /* LLMP_FORM_ERROR_H_INCLUDED_ */
