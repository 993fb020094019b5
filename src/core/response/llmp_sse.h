
/*
 * Copyright (C) llm-policy authors
 *
 * Incremental parser of server-sent events (HTML Living Standard, section
 * 9.2.6).
 */


#ifndef LLMP_SSE_H_INCLUDED_
#define LLMP_SSE_H_INCLUDED_


#include "base/llmp.h"


typedef struct {
    /*
     * Receives a piece of an event's data.  The space after "data:" is
     * included: JSON ignores it.  The line feed that joins two data lines is
     * passed as well; it does not point into the fed buffer.
     */
    void    (*data)(void *ctx, const u_char *p, size_t len);

    /*
     * Called at the empty line that ends an event: line points to the first
     * byte of that empty line, p to the byte after it.
     */
    void    (*end)(void *ctx, const u_char *line, const u_char *p);

    /*
     * Called if the buffer ended between CR and LF of that empty line: p
     * points to the byte after the LF.  May be NULL.
     */
    void    (*rest)(void *ctx, const u_char *p);

    void     *ctx;       /* first argument of the handlers */

    uint8_t   state;
    uint8_t   name;      /* matched bytes of "data" or the byte order mark */
    uint8_t   lines;     /* data lines of the event: 0, 1, 2 for more */
    uint8_t   cr;        /* the last byte was a carriage return */
    uint8_t   blank;     /* that carriage return ended an event */
} llmp_sse_t;


/* resets the parser; the caller sets the handlers and ctx */
void llmp_sse_init(llmp_sse_t *sse);

/* parses the next len bytes, split anywhere */
void llmp_sse_feed(llmp_sse_t *sse, const u_char *buf, size_t len);


#endif /* LLMP_SSE_H_INCLUDED_ */
