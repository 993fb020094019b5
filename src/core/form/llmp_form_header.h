
/*
 * Copyright (C) llm-policy authors
 *
 * The header lines of a form's field.
 */


#ifndef LLMP_FORM_HEADER_H_INCLUDED_
#define LLMP_FORM_HEADER_H_INCLUDED_


#include "form/llmp_form_state.h"


/*
 * Reads one header line of the current field, given without its line end.
 * Returns LLMP_OK, or LLMP_ERROR with form->refusal set.
 */
llmp_int_t llmp_form_header_line(llmp_form_t *form, const llmp_str_t *line);

/*
 * Ends the header lines of the current field: checks its name and sets
 * form->watch, form->keep and form->wanted for its content.  Returns as
 * llmp_form_header_line() does.
 */
llmp_int_t llmp_form_header_end(llmp_form_t *form);


#endif /* LLMP_FORM_HEADER_H_INCLUDED_ */
