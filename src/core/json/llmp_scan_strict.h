
/*
 * Copyright (C) llm-policy authors
 *
 * The reader of documents that are held to a policy.
 */


#ifndef LLMP_SCAN_STRICT_H_INCLUDED_
#define LLMP_SCAN_STRICT_H_INCLUDED_


#include "json/llmp_scan_state.h"


/*
 * Reads tokens from p, between two tokens, as long as they are plain and
 * complete.  Returns the position where llmp_scan_run() continues, with
 * scan->state set, at least one byte behind p; or NULL after a refusal.
 */
const u_char *llmp_scan_strict(llmp_scan_t *scan, const u_char *p,
    const u_char *end);


#endif /* LLMP_SCAN_STRICT_H_INCLUDED_ */
