
/*
 * Copyright (C) llm-policy authors
 *
 * Removes the usage report from a stream of OpenAI's API if only the gateway
 * has requested it.
 */


#ifndef LLMP_USAGE_STRIP_H_INCLUDED_
#define LLMP_USAGE_STRIP_H_INCLUDED_


#include "base/llmp.h"
#include "response/llmp_usage.h"


/* events that are longer, in bytes, are neither held nor changed */
#define LLMP_USAGE_STRIP_EVENT_MAX  65536


/*
 * Receives the remaining bytes of the stream, in order, valid during the call.
 * A return value other than LLMP_OK is returned by llmp_usage_strip_feed(),
 * and the handler is not called again.
 */
typedef llmp_int_t (*llmp_usage_strip_pt)(void *data, const u_char *buf,
    size_t len);


typedef struct {
    llmp_usage_settings_t   usage;
    llmp_usage_strip_pt     handler;
    void                   *data;     /* first argument of the handler */
} llmp_usage_strip_settings_t;


typedef struct llmp_usage_strip_s  llmp_usage_strip_t;


/*
 * Creates a filter that removes everything that stream_options.include_usage
 * adds to a stream: the event whose chunk has usage and no choices, and the
 * member "usage" of all other chunks.  All other bytes are passed unchanged.
 *
 * Returns as llmp_usage_create() does; LLMP_DECLINED also if the response is no
 * event stream.
 */
llmp_int_t llmp_usage_strip_create(llmp_usage_strip_t **strip,
    const llmp_usage_strip_settings_t *settings);

/*
 * Filters the next len bytes, split anywhere.  An event is passed as soon as
 * it has ended; until then up to LLMP_USAGE_STRIP_EVENT_MAX bytes of it are
 * held.  Returns LLMP_OK, or the result of the handler.
 */
llmp_int_t llmp_usage_strip_feed(llmp_usage_strip_t *strip, const u_char *buf,
    size_t len);

/* Ends the stream: passes the held bytes.  Returns as the feed does. */
llmp_int_t llmp_usage_strip_finish(llmp_usage_strip_t *strip);

/* returns the reader of the stream, for llmp_usage_result() only */
llmp_usage_t *llmp_usage_strip_usage(llmp_usage_strip_t *strip);


#endif /* LLMP_USAGE_STRIP_H_INCLUDED_ */
