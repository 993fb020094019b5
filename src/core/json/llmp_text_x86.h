
/*
 * Copyright (C) llm-policy authors
 *
 * Text by blocks, with the instructions of x86-64; see llmp_text_pt.
 */


#ifndef LLMP_TEXT_X86_H_INCLUDED_
#define LLMP_TEXT_X86_H_INCLUDED_


#include "base/llmp.h"


#if (__x86_64__)

const u_char *llmp_text_sse2_text(const u_char *buf, const u_char *p,
    const u_char *end);
const u_char *llmp_text_avx2_text(const u_char *buf, const u_char *p,
    const u_char *end);
const u_char *llmp_text_avx512_text(const u_char *buf, const u_char *p,
    const u_char *end);

#endif


#endif /* LLMP_TEXT_X86_H_INCLUDED_ */
