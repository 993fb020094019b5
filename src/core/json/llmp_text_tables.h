
/*
 * Copyright (C) llm-policy authors
 *
 * Constants and tables for blocks of text, a row each.
 */


#ifndef LLMP_TEXT_TABLES_H_INCLUDED_
#define LLMP_TEXT_TABLES_H_INCLUDED_


#include "base/llmp.h"


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


/* rows are aligned for reads of 16, 32 or 64 bytes */
extern const u_char  llmp_text_rows[LLMP_ROWS][64];


#endif /* LLMP_TEXT_TABLES_H_INCLUDED_ */
