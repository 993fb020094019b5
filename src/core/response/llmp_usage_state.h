
/*
 * Copyright (C) llm-policy authors
 *
 * State of a usage reader, shared by llmp_usage.c and llmp_usage_strip.c.
 */


#ifndef LLMP_USAGE_STATE_H_INCLUDED_
#define LLMP_USAGE_STATE_H_INCLUDED_


#include "dialect/llmp_dialect.h"
#include "response/llmp_documents.h"
#include "response/llmp_eventstream.h"
#include "response/llmp_sse.h"
#include "response/llmp_usage.h"
#include "response/llmp_usage_counts.h"


struct llmp_usage_s {
    llmp_usage_result_t    result;

    void                 (*feed)(llmp_usage_t *usage, const u_char *buf,
                               size_t len);

    /* called at the end of each document, if not NULL */

    void                 (*seen)(void *data, const llmp_members_t *members);
    void                  *data;

    llmp_uint_t            generates;  /* see llmp_dialect_t */
    uint64_t               whole;      /* bytes of the longest complete text */
    uint64_t               given;      /* the same, of the current document */
    llmp_usage_counts_t    counts;

    union {
        llmp_sse_t          sse;
        llmp_eventstream_t  eventstream;
    };

    llmp_documents_t       docs;
};


/* initializes a reader; usage need not be cleared, and must not be moved */
llmp_int_t llmp_usage_init(llmp_usage_t *usage,
    const llmp_usage_settings_t *settings);

/* returns the parser of server-sent events, or NULL for other responses */
llmp_sse_t *llmp_usage_sse(llmp_usage_t *usage);


#endif /* LLMP_USAGE_STATE_H_INCLUDED_ */
