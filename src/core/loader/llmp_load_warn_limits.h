
/*
 * Copyright (C) llm-policy authors
 *
 * Warnings about limits that refuse more than they are for.
 */


#ifndef LLMP_LOAD_WARN_LIMITS_H_INCLUDED_
#define LLMP_LOAD_WARN_LIMITS_H_INCLUDED_


#include "loader/llmp_loader.h"


/* notes the warnings of all limits of a document */
void llmp_load_warn_limits(llmp_loader_t *loader);


#endif /* LLMP_LOAD_WARN_LIMITS_H_INCLUDED_ */
