
/*
 * Copyright (C) llm-policy authors
 *
 * Skips text in blocks, with AVX-512.
 */


#ifndef LLMP_TEXT_AVX512_H_INCLUDED_
#define LLMP_TEXT_AVX512_H_INCLUDED_


#include "base/llmp.h"


#if (__x86_64__)

/* see llmp_text_pt */
const u_char *llmp_text_avx512(const u_char *buf, const u_char *p,
    const u_char *end);

#endif


#endif /* LLMP_TEXT_AVX512_H_INCLUDED_ */
