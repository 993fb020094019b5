
/*
 * Copyright (C) llm-policy authors
 */


#include <inttypes.h>

#include "json/llmp_scan_error.h"


const char  llmp_scan_error_nul[] = "a NUL byte, the body must be UTF-8";
const char  llmp_scan_error_utf8[] = "malformed UTF-8";


/* indexed by llmp_scan_state_e, up to LLMP_SCAN_DONE */

static const char *const  llmp_scan_error_expected[] = {
    "the body must be an object",
    "expected a member name or \"}\"",
    "expected a member name",
    "expected a colon",
    "expected a value or \"]\"",
    "expected a value",
    "expected a comma or \"}\"",
    "expected a comma or \"]\"",
    "only white space may follow the object"
};


const u_char *
llmp_scan_error_unexpected(llmp_scan_t *scan, const u_char *p)
{
    if (*p == '\0') {
        return llmp_scan_error_at(scan, p, llmp_scan_error_nul);
    }

    if (scan->state == LLMP_SCAN_START && *p >= 0xef) {
        return llmp_scan_error_at(scan, p, "the body must be an object, "
                                          "without a byte order mark");
    }

    return llmp_scan_error_at(scan, p, llmp_scan_error_expected[scan->state]);
}


const u_char *
llmp_scan_error_unpaired(llmp_scan_t *scan, const u_char *p)
{
    return llmp_scan_error_at(scan, p, "an unpaired surrogate");
}


const u_char *
llmp_scan_error_at(llmp_scan_t *scan, const u_char *p, const char *what)
{
    (void) llmp_scan_error_offset(scan, llmp_scan_pos(scan, p), what);

    return NULL;
}


llmp_int_t
llmp_scan_error_offset(llmp_scan_t *scan, uint64_t pos, const char *what)
{
    return llmp_refuse(&scan->refusal, LLMP_REFUSE_INVALID_JSON, NULL,
                       "invalid JSON at byte %" PRIu64 ": %s", pos, what);
}


llmp_int_t
llmp_scan_error_nomem(llmp_scan_t *scan)
{
    return llmp_refuse(&scan->refusal, LLMP_REFUSE_INTERNAL, NULL,
                       "no memory to read the request");
}
