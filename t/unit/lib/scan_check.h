
/*
 * Copyright (C) llm-policy authors
 *
 * Invariants of the scanner that hold for every document, for its unit tests
 * and its fuzzer.  The checks return NULL, or a description of the defect.
 */


#ifndef LLMP_TEST_SCAN_CHECK_H_INCLUDED_
#define LLMP_TEST_SCAN_CHECK_H_INCLUDED_


#include "json/llmp_scan.h"


/* Checks the result of a finished scan against the document and jansson. */
const char *scan_check(const llmp_scan_t *scan, const u_char *doc, size_t len);

/* Checks that two scans of one document have the same result. */
const char *scan_check_same(const llmp_scan_t *a, const llmp_scan_t *b);
const char *scan_check_same_refusal(const llmp_refusal_t *a,
    const llmp_refusal_t *b);
const char *scan_check_same_members(const llmp_members_t *a,
    const llmp_members_t *b);


#endif /* LLMP_TEST_SCAN_CHECK_H_INCLUDED_ */
