
/*
 * Copyright (C) llm-policy authors
 *
 * Trees of watched members, for the scanners of requests and responses.
 */


#ifndef LLMP_LOAD_WATCH_H_INCLUDED_
#define LLMP_LOAD_WATCH_H_INCLUDED_


#include "loader/llmp_loader.h"


/* sets pointers, watch, lines and responses of the policy, and assigns the
   pointer rules */
void llmp_load_watch(llmp_loader_t *loader);

/* creates loader->known, unless it exists; returns LLMP_OK, or LLMP_ERROR if
   there is no memory */
llmp_int_t llmp_load_watch_known(llmp_loader_t *loader);


#endif /* LLMP_LOAD_WATCH_H_INCLUDED_ */
