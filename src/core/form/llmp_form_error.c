
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "form/llmp_form_error.h"


llmp_int_t
llmp_form_error_offset(llmp_form_t *form, uint64_t pos, const char *what)
{
    return llmp_refuse(&form->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                       "invalid form at byte %" PRIu64 ": %s", pos, what);
}


llmp_int_t
llmp_form_error_field(llmp_form_t *form, const char *what)
{
    size_t  n;

    /* nnames counts a field only when its content begins */

    n = form->nnames + (form->state != LLMP_FORM_CONTENT);

    return llmp_refuse(&form->refusal, LLMP_REFUSE_INVALID_FORM, NULL,
                       "invalid form, field %zu: %s", n, what);
}


llmp_int_t
llmp_form_error_nomem(llmp_form_t *form)
{
    return llmp_refuse(&form->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "no memory to read the form");
}
