
/*
 * Copyright (C) llm-policy authors
 *
 * Names of JSON types, for messages.
 */


#ifndef LLMP_TYPE_H_INCLUDED_
#define LLMP_TYPE_H_INCLUDED_


#include "base/llmp.h"


/* size in bytes of the longest text of llmp_type_list(), with its NUL */
#define LLMP_TYPE_LIST  80


/* returns the name of one of LLMP_TYPE_* with its article, such as "a
   string" */
const char *llmp_type_name(llmp_uint_t type);

/* writes the names of a set of types, such as "a string or an array"; returns
   buf */
const char *llmp_type_list(char buf[LLMP_TYPE_LIST], llmp_uint_t types);


#endif /* LLMP_TYPE_H_INCLUDED_ */
