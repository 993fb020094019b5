
/*
 * Copyright (C) llm-policy authors
 *
 * Text byte by byte: the reference for the faster ways.
 */


#ifndef LLMP_TEXT_SCALAR_H_INCLUDED_
#define LLMP_TEXT_SCALAR_H_INCLUDED_


#include "base/llmp.h"


/* see llmp_text_pt */
const u_char *llmp_text_scalar(const u_char *buf, const u_char *p,
    const u_char *end);

/* the same, in less time for texts of less than 64 bytes that are mostly plain;
   the bytes from buf on can be read */
const u_char *llmp_text_scalar_rest(const u_char *buf, const u_char *p,
    const u_char *end);

/* passes over one character or escape; returns p if there is none of those that
   llmp_text_pt lists */
const u_char *llmp_text_scalar_step(const u_char *p, const u_char *end);


#endif /* LLMP_TEXT_SCALAR_H_INCLUDED_ */
