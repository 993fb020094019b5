
/*
 * Copyright (C) llm-policy authors
 *
 * A stream of OpenAI's whose usage the gateway asked for, made what the client
 * asked for.
 */


#ifndef LLMP_USAGE_STRIP_H_INCLUDED_
#define LLMP_USAGE_STRIP_H_INCLUDED_


#include "base/llmp.h"
#include "response/llmp_usage.h"


/* the longest event that is held, in bytes; a longer one is not changed */
#define LLMP_EVENT_MAX  65536


/*
 * Takes bytes that go on, in order; they are valid during the call only.  What
 * it returns unless it is LLMP_OK, the feed returns, and calls it no more.
 */
typedef llmp_int_t (*llmp_stream_usage_pt)(void *data, const u_char *buf,
    size_t len);


typedef struct {
    /* the result; to be read, not to be called */

    llmp_usage_t           usage;

    /* the rest is private */

    llmp_stream_usage_pt   handler;
    void                  *data;
    llmp_pool_t           *pool;
    llmp_int_t             rc;       /* of the handler */

    u_char                *held;     /* the start of the event at hand, from */
    size_t                 nheld;    /* buffers of before */
    size_t                 size;

    const u_char          *out;      /* in the buffer: what is to go on, */
    const u_char          *start;    /* and the rest of the event at hand */

    size_t                 line;     /* its data, counted from its start, */
    size_t                 from;     /* and what is to be removed */
    size_t                 to;

    unsigned               seen:1;   /* it has a document */
    unsigned               plain:1;  /* it is not to be changed */
    unsigned               drop:1;   /* it is to be left out */
    unsigned               dropped:1;  /* the one before was */
    unsigned               passing:1;  /* it is too long: it goes on as it
                                          comes */
} llmp_stream_usage_t;


/*
 * Prepares to take out of a stream what stream_options.include_usage adds to
 * it: the event whose chunk has usage and no choices, and the member "usage" of
 * all others.  The rest stays as it is, byte by byte.  For the parameters see
 * llmp_usage_init(); stream need not be cleared, and must not be moved.
 *
 * Returns LLMP_OK; LLMP_DECLINED if the response is no event stream, no more
 * is to be called then.
 */
llmp_int_t llmp_stream_usage_init(llmp_stream_usage_t *stream,
    const llmp_policy_t *policy, const llmp_dialect_t *dialect,
    const llmp_str_t *content_type, llmp_pool_t *pool,
    llmp_stream_usage_pt handler, void *data);

/*
 * Takes the next len bytes, split anywhere.  An event goes on as soon as it has
 * ended; until then it is held, in up to LLMP_EVENT_MAX bytes.  Returns LLMP_OK
 * or what the handler has returned.
 */
llmp_int_t llmp_stream_usage_feed(llmp_stream_usage_t *stream,
    const u_char *buf, size_t len);

/* no more comes: what is held goes on; returns as the feed does */
llmp_int_t llmp_stream_usage_finish(llmp_stream_usage_t *stream);


#endif /* LLMP_USAGE_STRIP_H_INCLUDED_ */
