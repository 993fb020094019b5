
/*
 * Copyright (C) llm-policy authors
 *
 * The reader of documents that are not held to a policy: responses.
 */


#ifndef LLMP_SCAN_LAX_H_INCLUDED_
#define LLMP_SCAN_LAX_H_INCLUDED_


#include "json/llmp_scan_state.h"


/* reads tokens as llmp_scan_strict() does */
const u_char *llmp_scan_lax(llmp_scan_t *scan, const u_char *p,
    const u_char *end);


#endif /* LLMP_SCAN_LAX_H_INCLUDED_ */
