
/*
 * Copyright (C) llm-policy authors
 *
 * What the files of text share: llmp_text.c (the plain way, and which one is
 * taken), llmp_text_x86.c (by blocks, which llmp_text_block.h goes through),
 * llmp_text_rows.c (their tables).
 */


#ifndef LLMP_TEXT_STATE_H_INCLUDED_
#define LLMP_TEXT_STATE_H_INCLUDED_


#include "json/llmp_scan_state.h"
#include "json/llmp_text.h"


typedef enum {
    LLMP_ROW_SPACE = 0,
    LLMP_ROW_QUOTE,
    LLMP_ROW_BACKSLASH,
    LLMP_ROW_CONTROL,
    LLMP_ROW_NIBBLE,
    LLMP_ROW_80,
    LLMP_ROW_LEAD_3,
    LLMP_ROW_LEAD_4,
    LLMP_ROW_FIRST_HIGH,
    LLMP_ROW_FIRST_LOW,
    LLMP_ROW_SECOND_HIGH,
    LLMP_ROW_KIND_HIGH,
    LLMP_ROW_KIND_LOW,
    LLMP_ROWS
} llmp_text_row_e;


/* aligned to what is read of a row: 16, 32 or 64 bytes */
extern const u_char  llmp_text_rows[LLMP_ROWS][64];


/* the variants, for the files that make them up */

const u_char *llmp_text_scalar(const u_char *buf, const u_char *p,
    const u_char *end);
const u_char *llmp_text_sse2_text(const u_char *buf, const u_char *p,
    const u_char *end);
const u_char *llmp_text_avx2_text(const u_char *buf, const u_char *p,
    const u_char *end);
const u_char *llmp_text_avx512_text(const u_char *buf, const u_char *p,
    const u_char *end);

/* what they share: passes over one thing more, as above; returns p if what
   follows is none */
const u_char *llmp_text_step(const u_char *p, const u_char *end);


#endif /* LLMP_TEXT_STATE_H_INCLUDED_ */
