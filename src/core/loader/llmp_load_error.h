
/*
 * Copyright (C) llm-policy authors
 *
 * Errors in a policy document.
 */


#ifndef LLMP_LOAD_ERROR_H_INCLUDED_
#define LLMP_LOAD_ERROR_H_INCLUDED_


#include "base/llmp.h"


/* Lines and columns are numbers from 1; columns count characters.  The path is
   a JSON Pointer, "" for the whole file.  Texts are followed by a NUL. */

typedef struct {
    llmp_str_t            file;     /* name of the document or part */
    llmp_uint_t           line;
    llmp_uint_t           column;
    llmp_str_t            path;
    llmp_str_t            message;
} llmp_load_error_t;


typedef struct {
    llmp_load_error_t  *elts;
    llmp_uint_t         nelts;

    /* the document's own file cannot be read; there are no errors then */

    const char         *failed;     /* system call that failed, or NULL */
    int                 err;        /* its errno */
    llmp_uint_t         too_large;  /* more than LLMP_POLICY_MAX */
} llmp_load_errors_t;


#endif /* LLMP_LOAD_ERROR_H_INCLUDED_ */
