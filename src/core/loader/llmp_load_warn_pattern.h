
/*
 * Copyright (C) llm-policy authors
 *
 * Warnings about patterns that hardly match what they are for.
 */


#ifndef LLMP_LOAD_WARN_PATTERN_H_INCLUDED_
#define LLMP_LOAD_WARN_PATTERN_H_INCLUDED_


#include "loader/llmp_loader.h"


/* notes the warnings of a pattern; wild are the characters that are in no
   literal of its kind */
void llmp_load_warn_pattern(llmp_loader_t *loader, const llmp_doc_node_t *node,
    const char *wild);

/* notes those of an array of patterns for models; list may be NULL */
void llmp_load_warn_pattern_list(llmp_loader_t *loader,
    const llmp_doc_node_t *list);


#endif /* LLMP_LOAD_WARN_PATTERN_H_INCLUDED_ */
