
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text byte by byte: the reference for the faster implementations.
 */


#ifndef LLMP_TEXT_SCALAR_H_INCLUDED_
#define LLMP_TEXT_SCALAR_H_INCLUDED_


#include "base/llmp.h"


/* see llmp_text_pt */
const u_char *llmp_text_scalar(const u_char *buf, const u_char *p,
    const u_char *end);

/* returns as llmp_text_scalar() does, faster for texts of less than 64
   bytes that are mostly plain; the bytes from buf can be read */
const u_char *llmp_text_scalar_rest(const u_char *buf, const u_char *p,
    const u_char *end);

/* skips one character or escape of the list of llmp_text_pt; returns the
   position after it, or p if there is none */
const u_char *llmp_text_scalar_step(const u_char *p, const u_char *end);


#endif /* LLMP_TEXT_SCALAR_H_INCLUDED_ */
