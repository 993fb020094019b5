
/*
 * Copyright (C) llm-policy authors
 *
 * The fast path through a document that is held to a policy.
 */


#ifndef LLMP_SCAN_STRICT_H_INCLUDED_
#define LLMP_SCAN_STRICT_H_INCLUDED_


#include "json/llmp_scan_state.h"


/*
 * Reads tokens from p, where white space may precede a token, as long as they
 * are plain, complete, and not near the end.  Returns where the state machine
 * continues, which may be p, or NULL after a refusal.
 */
const u_char *llmp_scan_strict(llmp_scan_t *scan, const u_char *p,
    const u_char *end);


#endif /* LLMP_SCAN_STRICT_H_INCLUDED_ */
