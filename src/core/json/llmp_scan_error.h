
/*
 * Copyright (C) llm-policy authors
 *
 * Refusals of JSON texts.
 */


#ifndef LLMP_SCAN_ERROR_H_INCLUDED_
#define LLMP_SCAN_ERROR_H_INCLUDED_


#include "json/llmp_scan_state.h"


/* descriptions of errors, for llmp_scan_error_at() and _offset() */
extern const char  llmp_scan_error_nul[];
extern const char  llmp_scan_error_utf8[];


/* refuses the byte at p, which the state does not allow; returns NULL */
const u_char *llmp_scan_error_unexpected(llmp_scan_t *scan, const u_char *p);

/* refuses half a surrogate pair, which ends before p; returns NULL */
const u_char *llmp_scan_error_unpaired(llmp_scan_t *scan, const u_char *p);

/* refuses the byte at p; what describes the error; returns NULL */
const u_char *llmp_scan_error_at(llmp_scan_t *scan, const u_char *p,
    const char *what);

/* refuses the byte at offset pos of the document; returns LLMP_ERROR */
llmp_int_t llmp_scan_error_offset(llmp_scan_t *scan, uint64_t pos,
    const char *what);

/* refuses the document because memory ran out; returns LLMP_ERROR */
llmp_int_t llmp_scan_error_nomem(llmp_scan_t *scan);


#endif /* LLMP_SCAN_ERROR_H_INCLUDED_ */
