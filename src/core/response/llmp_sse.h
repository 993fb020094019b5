
/*
 * Copyright (C) llm-policy authors
 *
 * Server-sent events (HTML Living Standard, section 9.2.6), as they pass.
 */


#ifndef LLMP_SSE_H_INCLUDED_
#define LLMP_SSE_H_INCLUDED_


#include "base/llmp.h"


/*
 * data() takes a piece of the data of an event, with the space before it, which
 * is nothing to JSON.  A line feed joins its lines: it is not in the buffer.
 * end() is told of the empty line that ends
 * an event: it begins at line, and p is just behind it.  Where it was ended by
 * a carriage return, and the buffer with it, a line feed that follows belongs
 * to it, too: rest() is told of it, p being just behind.  rest may be NULL.
 */

typedef struct {
    void    (*data)(void *ctx, const u_char *p, size_t len);
    void    (*end)(void *ctx, const u_char *line, const u_char *p);
    void    (*rest)(void *ctx, const u_char *p);
    void     *ctx;

    uint8_t   state;
    uint8_t   name;      /* bytes of "data", or of the byte order mark */
    uint8_t   lines;     /* of data in the event: 0, 1, 2 or more */
    uint8_t   cr;        /* just behind a carriage return */
    uint8_t   blank;     /* which ended an event */
} llmp_events_t;


/* prepares to read a stream; the handlers and ctx are set by the caller */
void llmp_events_init(llmp_events_t *events);

/* takes the next len bytes, split anywhere */
void llmp_events_feed(llmp_events_t *events, const u_char *buf, size_t len);


#endif /* LLMP_SSE_H_INCLUDED_ */
