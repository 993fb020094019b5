
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the files of a policy document.
 */


#ifndef LLMP_LOAD_INCLUDE_H_INCLUDED_
#define LLMP_LOAD_INCLUDE_H_INCLUDED_


#include "loader/llmp_loader.h"


/* reads and parses the document's own file, of loader->source; returns LLMP_OK,
   or LLMP_ERROR with an error noted */
llmp_int_t llmp_load_include_own(llmp_loader_t *loader, llmp_uint_t pipes);

/*
 * Reads and parses the parts that "include" names; without loader->source, it
 * is an error.  Returns LLMP_OK, or LLMP_ERROR with errors noted if one of the
 * parts could not be read: names that it defines may be missing.
 */
llmp_int_t llmp_load_include(llmp_loader_t *loader,
    const llmp_doc_node_t *node);

/* sets the hash of all texts; returns LLMP_OK, or LLMP_ERROR if there is no
   memory */
llmp_int_t llmp_load_include_hash(llmp_loader_t *loader);


#endif /* LLMP_LOAD_INCLUDE_H_INCLUDED_ */
