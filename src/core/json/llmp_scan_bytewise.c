
/*
 * Copyright (C) llm-policy authors
 *
 * Reads the structure of a document one byte at a time: for buffers of a few
 * bytes, and for machines without a fast way to find the end of text.  Each
 * token is entered at its first byte.
 */


#include "json/llmp_json_char.h"
#include "json/llmp_scan_bytewise.h"
#include "json/llmp_scan_container.h"
#include "json/llmp_scan_error.h"
#include "json/llmp_scan_name.h"
#include "json/llmp_scan_record.h"
#include "json/llmp_scan_token.h"


/* this reader has no state */
typedef u_char  llmp_scan_bytewise_t;


static inline llmp_uint_t llmp_scan_bytewise_string(const u_char *p,
    const u_char **next);


#define LLMP_GRAMMAR  llmp_scan_bytewise_tokens
#define LLMP_GRAMMAR_READER  llmp_scan_bytewise_t

#define LLMP_GRAMMAR_START(bytes, p, end, limit)  (void) (bytes)
#define LLMP_GRAMMAR_NAME_END(bytes, p, limit)  NULL
#define LLMP_GRAMMAR_NAME(scan, frame, p, n)  LLMP_OK
#define LLMP_GRAMMAR_HAS_COLON(p, limit)  0

#define LLMP_GRAMMAR_STRING(bytes, scan, p, end, limit, next)                 \
    llmp_scan_bytewise_string(p, next)

#define LLMP_GRAMMAR_SCALAR(p, end, next)  (*(next) = (end), 0)
#define LLMP_GRAMMAR_RECORD(scan, frame, type, p, next, zero)  LLMP_OK

#define LLMP_GRAMMAR_OPEN(scan, frame, p, zero)                               \
    llmp_scan_container_enter(scan, p)

#define LLMP_GRAMMAR_CLOSE(scan, frame, p, zero)                              \
    llmp_scan_container_leave(scan, p)

#include "json/llmp_scan_grammar.h"


const u_char *
llmp_scan_bytewise(llmp_scan_t *scan, const u_char *p, const u_char *end)
{
    return llmp_scan_bytewise_tokens(scan, p, end, end - 1);
}


static inline llmp_uint_t
llmp_scan_bytewise_string(const u_char *p, const u_char **next)
{
    *next = p + 1;

    return 0;
}
