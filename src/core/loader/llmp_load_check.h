
/*
 * Copyright (C) llm-policy authors
 *
 * Checks values of "default" and "force" against the rules about members inside
 * them (a default of "/metadata" against a rule of "/metadata/user"), once,
 * when the document is loaded.  Requests need no such check, and the author
 * sees the errors.
 */


#ifndef LLMP_LOAD_CHECK_H_INCLUDED_
#define LLMP_LOAD_CHECK_H_INCLUDED_


#include "loader/llmp_loader.h"


/* notes an error for each value that breaks another rule */
void llmp_load_check_values(llmp_loader_t *loader);


#endif /* LLMP_LOAD_CHECK_H_INCLUDED_ */
