
/*
 * Copyright (C) llm-policy authors
 *
 * Trees of the members that requests and responses are read for.
 */


#ifndef LLMP_LOAD_WATCH_H_INCLUDED_
#define LLMP_LOAD_WATCH_H_INCLUDED_


#include "loader/llmp_loader.h"


/* numbers the pointers, assigns their rules, and makes the trees */
void llmp_load_watch(llmp_loader_t *loader);

/* makes loader->known, unless it exists; returns LLMP_OK or LLMP_ERROR */
llmp_int_t llmp_load_watch_known(llmp_loader_t *loader);


#endif /* LLMP_LOAD_WATCH_H_INCLUDED_ */
