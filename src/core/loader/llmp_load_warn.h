
/*
 * Copyright (C) llm-policy authors
 *
 * Warnings: what a document may say, but hardly means.
 */


#ifndef LLMP_LOAD_WARN_H_INCLUDED_
#define LLMP_LOAD_WARN_H_INCLUDED_


#include "loader/llmp_loader.h"


/* notes the warnings of a document without errors */
void llmp_load_warn(llmp_loader_t *loader);


#endif /* LLMP_LOAD_WARN_H_INCLUDED_ */
