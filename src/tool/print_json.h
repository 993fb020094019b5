
/*
 * Copyright (C) llm-policy authors
 *
 * Output of the subcommands in JSON.
 */


#ifndef PRINT_JSON_H_INCLUDED_
#define PRINT_JSON_H_INCLUDED_


#include <jansson.h>

#include "base/llmp.h"


/*
 * Prints a document and frees it.  Returns LLMP_OK, or LLMP_ERROR if the
 * document is NULL or cannot be printed.
 */
llmp_int_t print_json(json_t *root);


#endif /* PRINT_JSON_H_INCLUDED_ */
