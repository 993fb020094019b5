
/*
 * Copyright (C) llm-policy authors
 *
 * The reader of tokens that takes each one byte by byte.
 */


#ifndef LLMP_SCAN_BYTEWISE_H_INCLUDED_
#define LLMP_SCAN_BYTEWISE_H_INCLUDED_


#include "json/llmp_scan_state.h"


/* reads the structure of any document as llmp_scan_strict() does, up to the
   first token */
const u_char *llmp_scan_bytewise(llmp_scan_t *scan, const u_char *p,
    const u_char *end);


#endif /* LLMP_SCAN_BYTEWISE_H_INCLUDED_ */
