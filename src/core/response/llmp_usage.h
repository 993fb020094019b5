
/*
 * Copyright (C) llm-policy authors
 *
 * How many tokens a response has cost, read from it as it passes.
 */


#ifndef LLMP_USAGE_H_INCLUDED_
#define LLMP_USAGE_H_INCLUDED_


#include "base/llmp.h"
#include "dialect/llmp_dialect.h"
#include "response/llmp_documents.h"
#include "response/llmp_sse.h"
#include "response/llmp_eventstream.h"
#include "policy/llmp_policy.h"


typedef struct llmp_usage_s  llmp_usage_t;


struct llmp_usage_s {
    /* the result; right whenever a call has returned, but for text, which has
       a document that has not ended only after llmp_usage_finish() */

    int64_t        prompt;      /* tokens, -1: not reported; with those that
                                   came from a cache or went to one */
    int64_t        completion;  /* with those of thinking */
    int64_t        total;
    uint64_t       text;        /* bytes of text that the model gave, as they
                                   stand in JSON: for an estimate */
    llmp_uint_t    partial;     /* completion is what a stream has begun with,
                                   and nothing came after it: too low */

    /* the rest is private */

    void         (*feed)(llmp_usage_t *usage, const u_char *buf, size_t len);

    /* told of each document, before it is forgotten; or NULL */

    void         (*seen)(void *data, const llmp_members_t *members);
    void          *data;

    llmp_uint_t    generates;   /* there are completions, see llmp_dialect_t */
    uint64_t       whole;       /* the longest text that was given in whole, */
    uint64_t       given;       /* and that of the document at hand */
    int64_t        counts[LLMP_SOURCE_MAX][LLMP_USAGE_COUNTS];

    union {
        llmp_events_t  events;
        llmp_frames_t  frames;
    };

    llmp_docs_t    docs;
};


/*
 * Prepares to read a response of a dialect, whose Content-Type is as given.
 * policy and pool must outlive usage, which need not be cleared, and must not
 * be moved.
 *
 * Returns LLMP_OK; LLMP_DECLINED if nothing can be read in such a response, no
 * more is to be called then; or LLMP_ERROR if there is no memory.  The
 * counts are set in any case.
 */
llmp_int_t llmp_usage_init(llmp_usage_t *usage, const llmp_policy_t *policy,
    const llmp_dialect_t *dialect, const llmp_str_t *content_type,
    llmp_pool_t *pool);

/*
 * Takes the next len bytes of the body, decoded, split anywhere.  They are not
 * kept.  What cannot be read is not reported.  Memory does not grow with
 * the documents of a stream.
 */
void llmp_usage_feed(llmp_usage_t *usage, const u_char *buf, size_t len);

/* the events of a response that is a stream of them, or NULL; for whoever takes
   its bytes first, see llmp_stream_usage.h */
llmp_events_t *llmp_usage_stream(llmp_usage_t *usage);

/* no more comes, whether the response has ended or was cut short */
void llmp_usage_finish(llmp_usage_t *usage);


#endif /* LLMP_USAGE_H_INCLUDED_ */
