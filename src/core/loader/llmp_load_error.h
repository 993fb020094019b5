
/*
 * Copyright (C) llm-policy authors
 *
 * Errors in a policy document.
 */


#ifndef LLMP_LOAD_ERROR_H_INCLUDED_
#define LLMP_LOAD_ERROR_H_INCLUDED_


#include "base/llmp.h"


/* Lines and columns are numbers from 1; columns count characters.  The path is
   a JSON Pointer, "" for the whole document.  Texts are followed by a NUL. */

typedef struct {
    llmp_uint_t           line;
    llmp_uint_t           column;
    llmp_str_t            path;
    llmp_str_t            message;
} llmp_load_error_t;


typedef struct {
    llmp_load_error_t  *elts;
    llmp_uint_t         nelts;
} llmp_load_errors_t;


#endif /* LLMP_LOAD_ERROR_H_INCLUDED_ */
