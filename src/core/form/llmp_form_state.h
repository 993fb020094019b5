
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of the form scanner share: llmp_form.c (the state machine and
 * the content of fields), llmp_form_field.c (the lines above a field).
 */


#ifndef LLMP_FORM_STATE_H_INCLUDED_
#define LLMP_FORM_STATE_H_INCLUDED_


#include <inttypes.h>

#include "form/llmp_form.h"


/*
 * Of n bytes of a text that were found, those that are the end of what was
 * read and can be followed by ch; 0 if none can, or ch must be the first.
 */

static inline size_t
llmp_form_back(const u_char *text, const uint8_t *fallback, size_t n,
    u_char ch)
{
    while (n != 0 && ch != text[n]) {
        n = fallback[n - 1];
    }

    return n;
}


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


#endif /* LLMP_FORM_STATE_H_INCLUDED_ */
