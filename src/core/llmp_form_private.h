
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of the form scanner share: llmp_form.c (the state machine and
 * the content of fields), llmp_form_field.c (the lines above a field).
 */


#ifndef LLMP_FORM_PRIVATE_H_INCLUDED_
#define LLMP_FORM_PRIVATE_H_INCLUDED_


#include <inttypes.h>

#include "llmp_form.h"


/* begins a field, behind the line of its delimiter */
llmp_int_t llmp_form_field_start(llmp_form_t *form);

/* takes a line above a field, without its end */
llmp_int_t llmp_form_header(llmp_form_t *form, const llmp_str_t *line);

/* all lines above the field are there; its content follows */
llmp_int_t llmp_form_field(llmp_form_t *form);


/* these refuse, and return LLMP_ERROR; irregular() is about the field */
llmp_int_t llmp_form_invalid(llmp_form_t *form, uint64_t pos,
    const char *what);
llmp_int_t llmp_form_irregular(llmp_form_t *form, const char *what);
llmp_int_t llmp_form_nomem(llmp_form_t *form);


#endif /* LLMP_FORM_PRIVATE_H_INCLUDED_ */
