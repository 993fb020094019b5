
/*
 * Copyright (C) llm-policy authors
 *
 * Mistakes that limits make together: each request has room for so many.
 */


#ifndef LLMP_LOAD_LIMITS_CHECK_H_INCLUDED_
#define LLMP_LOAD_LIMITS_CHECK_H_INCLUDED_


#include "loader/llmp_loader.h"


/* checks the limits of a document that is read completely: their number, and
   that limits on costs have prices */
void llmp_load_limits_check(llmp_loader_t *loader);


#endif /* LLMP_LOAD_LIMITS_CHECK_H_INCLUDED_ */
