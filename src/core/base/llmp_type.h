
/*
 * Copyright (C) llm-policy authors
 *
 * Names of JSON types, for messages.
 */


#ifndef LLMP_TYPE_H_INCLUDED_
#define LLMP_TYPE_H_INCLUDED_


#include "base/llmp.h"


/* size of the longest text of llmp_type_list() */
#define LLMP_TYPE_LIST  80


/* returns "a string" or the like, for one of LLMP_TYPE_* */
const char *llmp_type_name(llmp_uint_t type);

/* writes "a number", or "a string or an array"; returns buf */
const char *llmp_type_list(char buf[LLMP_TYPE_LIST], llmp_uint_t types);


#endif /* LLMP_TYPE_H_INCLUDED_ */
